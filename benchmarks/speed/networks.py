"""What `toolkit.embeddings` promises of its networks' speed, beside plain torch in the same run.

    python -m benchmarks.speed.networks [--quick]

VGG16 with random weights, the same on both sides, on frames of 320x240: ours is embed(), from the frames to the
vectors, with nothing kept on disk; the peer is VGG16 written out in torch, channels last, as torchvision has it, on
frames prepared before the clock starts. They run in turn. The ratio is that of the processor's time, least against
least of the rounds, since other work on the machine lengthens wall clock by chance; wall clock is shown beside it.
Keras's own model, as keras runs it, and CLIP ViT-B/32 with random weights are shown for orientation.
"""

import argparse
import os
import sys
import tempfile
import time
from pathlib import Path

import h5py
import numpy as np

from toolkit import networks
from toolkit.embeddings import embed
from toolkit.embeddings import vgg16 as embedding_vgg16

BATCH = 32
CHANNELS = (64, 64, "pool", 128, 128, "pool", 256, 256, 256, "pool", 512, 512, 512, "pool", 512, 512, 512, "pool")


def random_weights():
    """Return kernels (3, 3, in, out) and biases, of He's variance, for each convolution of VGG16."""
    rng = np.random.default_rng(0)
    weights, inputs = [], 3
    for outputs in CHANNELS:
        if outputs != "pool":
            kernel = rng.standard_normal((3, 3, inputs, outputs), np.float32) * np.float32(np.sqrt(2 / (9 * inputs)))
            weights.append((kernel, rng.standard_normal(outputs, np.float32) / 10))
            inputs = outputs
    return weights


def write_weights(path, weights):
    """Write weights in the form of the published file."""
    with h5py.File(path, "w") as file:
        names = [f"convolution_{i}" for i in range(len(weights))]
        file.attrs["layer_names"] = [name.encode() for name in names]
        for name, (kernel, bias) in zip(names, weights, strict=True):
            group = file.create_group(name)
            group.attrs["weight_names"] = [b"kernel", b"bias"]
            group["kernel"], group["bias"] = kernel, bias


def plain_vgg16(weights):
    """Return VGG16 as torchvision has it, in torch's channels-last memory format."""
    import torch

    layers, given = [], iter(weights)
    for outputs in CHANNELS:
        if outputs == "pool":
            layers.append(torch.nn.MaxPool2d(2, 2))
            continue
        kernel, bias = next(given)
        layer = torch.nn.Conv2d(kernel.shape[2], outputs, 3, padding=1)
        layer.weight.data = torch.from_numpy(kernel.transpose(3, 2, 0, 1).copy())
        layer.bias.data = torch.from_numpy(bias)
        layers += [layer, torch.nn.ReLU(inplace=True)]
    return torch.nn.Sequential(*layers).eval().to(memory_format=torch.channels_last)


def measured(rounds, works):
    """Return the least wall clock and the least processor's time of each work, in seconds, the works done in turn."""
    best = dict.fromkeys(works, (np.inf, np.inf))
    for _ in range(rounds):
        for name, work in works.items():
            wall, cpu = time.perf_counter(), time.process_time()
            work()
            spent = time.perf_counter() - wall, time.process_time() - cpu
            best[name] = tuple(np.minimum(best[name], spent))
    return best


def report(title, wall="", cpu="", ratio="", promise="", kept=None):
    """Print a row, and return whether its promise is kept."""
    verdict = {None: "", True: "kept", False: "NOT KEPT"}[kept]
    print(f"{title:<52}{wall:>12}{cpu:>12}{ratio:>8}   {promise:<12}{verdict}".rstrip(), flush=True)
    return kept


def vgg16(folder, count, rounds):
    import torch

    weights = random_weights()
    path = Path(folder, "vgg16.h5")
    write_weights(path, weights)
    images = np.random.default_rng(0).integers(0, 256, (count, 240, 320, 3), np.uint8)
    options = {"model": "vgg16", "weights": path, "batch_size": BATCH, "progress": False}

    prepared = embedding_vgg16.prepare_pixels(images)
    planes = torch.from_numpy(prepared.transpose(0, 3, 1, 2).copy()).contiguous(memory_format=torch.channels_last)
    plain = plain_vgg16(weights)
    keras = networks.import_keras()
    stock = keras.applications.VGG16(include_top=False, weights=str(path), input_shape=(224, 224, 3))

    def run_plain():
        with torch.inference_mode():
            parts = [plain(part).permute(0, 2, 3, 1).flatten(1) for part in planes.split(BATCH)]
            return torch.cat(parts).numpy()

    def run_stock():
        with torch.inference_mode():
            return np.concatenate([stock(part, training=False).numpy() for part in np.split(prepared, count // BATCH)])

    def run_ours():
        return embed(images, cache=False, **options)

    ours, peer = run_ours(), run_plain()
    difference = float(np.abs(ours - peer).max() / peer.max())
    best = measured(rounds, {"ours": run_ours, "plain": run_plain, "stock": run_stock})
    rows = {name: [f"{seconds / count * 1e3:.0f} ms" for seconds in spent] for name, spent in best.items()}

    report("VGG16, a frame: plain torch, channels last", *rows["plain"])
    report("    keras's own, as keras runs it", *rows["stock"], f"{best['stock'][1] / best['plain'][1]:.2f}")
    ratio = best["ours"][1] / best["plain"][1]
    row = "    embed(images, 'vgg16'), frames to vectors", *rows["ours"]
    kept = [report(*row, f"{ratio:.2f}", "<= 1.2", ratio <= 1.2)]
    same = difference < 1e-5
    kept.append(report("    largest difference / largest value", f"{difference:.1g}", promise="< 1e-5", kept=same))

    cache = Path(folder, "cache")
    embed(images, cache=cache, **options)
    second = measured(rounds, {"second": lambda: embed(images, cache=cache, **options)})["second"]
    ratio = second[0] / best["ours"][0]
    row = "    second run, from the cache (peer: the first)", *(f"{seconds / count * 1e3:.2f} ms" for seconds in second)
    kept.append(report(*row, f"{ratio:.3f}", "<= 0.05", ratio <= 0.05))
    return kept


def clip(folder, count):
    import torch
    import transformers

    path = Path(folder, "clip")
    # the settings of openai/clip-vit-base-patch32
    with torch.random.fork_rng():
        torch.manual_seed(0)
        encoder = transformers.CLIPVisionModelWithProjection(transformers.CLIPVisionConfig())
    transformers.logging.disable_progress_bar()
    encoder.save_pretrained(path)
    transformers.CLIPImageProcessorPil().save_pretrained(path)
    images = np.random.default_rng(0).integers(0, 256, (count, 240, 320, 3), np.uint8)
    options = {"model": "clip", "model_id": path, "cache": False, "progress": False}
    embed(images, **options)
    wall, cpu = measured(2, {"ours": lambda: embed(images, **options)})["ours"]
    report(
        "CLIP ViT-B/32, a frame: embed(images, 'clip')", f"{wall / count * 1e3:.0f} ms", f"{cpu / count * 1e3:.0f} ms"
    )


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--quick", action="store_true", help="two rounds of fewer frames")
    quick = parser.parse_args().quick
    count, rounds = (BATCH, 2) if quick else (2 * BATCH, 3)
    print(f"{count} frames of 320x240, {BATCH} at a time; {os.cpu_count()} cores, the least of {rounds} rounds")
    print(f"load average at the start: {os.getloadavg()[0]:.1f}\n")
    report("", "wall clock", "processor", "ratio", "promise     verdict")
    with tempfile.TemporaryDirectory() as folder:
        kept = vgg16(folder, count, rounds)
        clip(folder, count)
    print(f"\n{sum(kept)} of {len(kept)} promises kept")
    return 0 if all(kept) else 1


if __name__ == "__main__":
    sys.exit(main())
