"""What `toolkit.embeddings` promises of its networks' speed, beside plain torch in the same run.

    python -m benchmarks.speed.networks [--quick]

VGG16 with random weights, the same on both sides, on frames of 320x240: ours is embed(), from the frames to the
vectors, with nothing kept on disk; the peer is VGG16 written out in torch, channels last, as torchvision has it, on
frames prepared before the clock starts. They run in turn. The ratio is that of the processor's time, least against
least of the rounds, since other work on the machine lengthens wall clock by chance; wall clock is shown beside it.
Keras's own model, as keras runs it, and CLIP ViT-B/32 with random weights are shown for orientation.
"""

import sys
import tempfile
from pathlib import Path

import h5py
import numpy as np

from benchmarks.shared import best_of, finish, heading, in_turns, machine, parser_of, report
from toolkit import networks
from toolkit.embeddings import embed, vgg16

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


def per_frame(run, count, digits=0):
    """Return the two columns of a row: milliseconds of a frame by wall clock, and by the processor's time."""
    wall, processor = (f"{1e3 * seconds / count:.{digits}f} ms" for seconds in (run.seconds, run.processor))
    return {"value": wall, "peer": processor}


def vgg16_frames(folder, count, rounds):
    import torch

    """Yield whether VGG16 is as fast as promised, and gives the same vectors."""
    weights = random_weights()
    path = Path(folder, "vgg16.h5")
    write_weights(path, weights)
    images = np.random.default_rng(0).integers(0, 256, (count, 240, 320, 3), np.uint8)
    options = {"model": "vgg16", "weights": path, "batch_size": BATCH, "progress": False}

    prepared = vgg16.prepare_pixels(images)
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
    best = in_turns(rounds, {"ours": run_ours, "plain": run_plain, "stock": run_stock})
    of_plain = {name: run.processor / best["plain"].processor for name, run in best.items()}

    report("VGG16, a frame: plain torch, channels last", **per_frame(best["plain"], count))
    report("    keras's own, as keras runs it", **per_frame(best["stock"], count), ratio=f"{of_plain['stock']:.2f}")
    row = {**per_frame(best["ours"], count), "ratio": f"{of_plain['ours']:.2f}"}
    yield report("    embed(images, 'vgg16'), frames to vectors", wanted="<= 1.2", kept=of_plain["ours"] <= 1.2, **row)
    yield report("    largest difference / largest value", f"{difference:.1g}", "< 1e-5", difference < 1e-5)

    cache = Path(folder, "cache")
    embed(images, cache=cache, **options)
    second = best_of(rounds, lambda: embed(images, cache=cache, **options))
    ratio = second.seconds / best["ours"].seconds
    row = {**per_frame(second, count, 2), "ratio": f"{ratio:.3f}"}
    yield report("    second run, from the cache (peer: the first)", wanted="<= 0.05", kept=ratio <= 0.05, **row)


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
    run = best_of(2, lambda: embed(images, **options))
    report("CLIP ViT-B/32, a frame: embed(images, 'clip')", **per_frame(run, count))


def main():
    quick = parser_of(__doc__, "two rounds of fewer frames").parse_args().quick
    count, rounds = (BATCH, 2) if quick else (2 * BATCH, 3)
    print(f"{count} frames of 320x240, {BATCH} at a time; the least of {rounds} rounds; {machine()}\n")
    heading(value="wall clock", peer="processor")
    with tempfile.TemporaryDirectory() as folder:
        kept = [*vgg16_frames(folder, count, rounds)]
        clip(folder, count)
    return finish(kept)


if __name__ == "__main__":
    sys.exit(main())
