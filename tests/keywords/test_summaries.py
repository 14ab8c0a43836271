"""Summaries of captions: the most central, or those that a small BART with random weights writes."""

import json
import shutil
from pathlib import Path

import numpy as np
import pytest
from small_models import put_into_hub
from word_vectors import WordVectors

from toolkit.errors import DataError, ParameterError
from toolkit.keywords import summaries, summarize, summarize_all

CAPTIONS = ["a man is cooking pasta", "a chef is cooking in a kitchen", "someone talks about food"]


def by_bart(captions, folder, **options):
    return summarize_all(captions, "bart", summarizer=folder, **{"cache": False, "progress": False} | options)


def central(captions, n_sentences=3, encoder=None):
    return summarize(captions, n_sentences=n_sentences, encoder=encoder or WordVectors(), cache=False, progress=False)


@pytest.fixture(scope="session")
def small_bart(tmp_path_factory):
    """Write a BART of one small layer with random weights, and a tokenizer of bytes."""
    import torch
    import transformers
    from tokenizers import Tokenizer, decoders, models, pre_tokenizers, processors

    folder = tmp_path_factory.mktemp("bart") / "model"
    special = ["<s>", "<pad>", "</s>", "<unk>"]
    letters = {text: at for at, text in enumerate(special + sorted(pre_tokenizers.ByteLevel.alphabet()))}
    bytewise = Tokenizer(models.BPE(vocab=letters, merges=[], unk_token="<unk>"))
    bytewise.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    bytewise.decoder = decoders.ByteLevel()
    bytewise.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    names = dict(zip(["bos_token", "pad_token", "eos_token", "unk_token"], special, strict=True))
    tokenizer = transformers.PreTrainedTokenizerFast(tokenizer_object=bytewise, **names)
    sizes = {
        f"{side}_{name}": value
        for side in ("encoder", "decoder")
        for name, value in [("layers", 1), ("attention_heads", 2), ("ffn_dim", 32)]
    }
    config = transformers.BartConfig(
        vocab_size=len(letters),
        d_model=16,
        max_position_embeddings=128,
        init_std=1.0,
        bos_token_id=0,
        pad_token_id=1,
        eos_token_id=2,
        decoder_start_token_id=2,
        forced_eos_token_id=2,
        **sizes,
    )
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = transformers.BartForConditionalGeneration(config)
    model.generation_config.num_beams = 4
    model.generation_config.early_stopping = True
    _save(tokenizer, model, folder)
    return folder


def _save(tokenizer, model, folder):
    import transformers

    from toolkit import networks

    with networks.quiet_transformers(transformers):
        tokenizer.save_pretrained(folder)
        model.save_pretrained(folder)


@pytest.fixture
def copied(small_bart, tmp_path):
    return Path(shutil.copytree(small_bart, tmp_path / "copied"))


@pytest.fixture(autouse=True)
def one_thread():
    """Keep threads from waiting for each other over a network that is so small."""
    import torch

    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


# the most central


def test_the_most_central_captions_come_first():
    captions = ["dogs bark loudly", "planes fly", "dogs bark", "dogs run"]
    vectors = np.stack([vector / np.linalg.norm(vector) for vector in WordVectors()(captions)])
    means = [np.mean([one @ other for other in vectors]) for one in vectors]
    order = sorted(range(4), key=lambda at: -means[at])
    assert central(captions, n_sentences=4) == " ".join(f"{captions[at]}." for at in order)
    assert central(captions, n_sentences=1) == f"{captions[order[0]]}."


def test_a_wrong_caption_is_left_out():
    assert "plane" not in central(["dogs bark", "dogs bark loudly", "a plane flies", "dogs bark at men"])


def test_captions_that_say_the_same_are_taken_once():
    assert central(["dogs bark", "dogs  bark", "bark dogs", "cats sleep"]) == "dogs bark. cats sleep."


def test_a_caption_said_often_is_central():
    assert central(["cats", "dogs", "birds", "birds"], n_sentences=1) == "birds."


def test_of_equals_the_first_comes_first():
    # each is as far from the others as they from it
    assert central(["cats", "dogs", "birds"]) == "cats. dogs. birds."
    assert central(["birds", "dogs", "cats"]) == "birds. dogs. cats."


def test_sentences_end_as_they_do():
    assert central(["Dogs!", "Cats?", "Birds"]) == "Dogs! Cats? Birds."


def test_the_batch_decides_nothing():
    groups = {f"video {n}": [f"a dog number {n}", f"cats in room {n}", "a man is talking"] for n in range(40)}
    together = summarize_all(groups, cache=False, progress=False)
    alone = {name: summarize(groups[name], cache=False, progress=False) for name in list(groups)[::13]}
    assert alone == {name: together[name] for name in alone}


# BART


def test_bart_writes_what_the_model_alone_writes(small_bart):
    import torch
    import transformers

    tokenizer = transformers.AutoTokenizer.from_pretrained(small_bart)
    model = transformers.AutoModelForSeq2SeqLM.from_pretrained(small_bart).eval()
    groups = {"long": CAPTIONS, "short": ["a dog"], "other": ["cats sleep", "rain"]}
    expected = {}
    for name, captions in groups.items():
        read = tokenizer(". ".join(captions) + ".", return_tensors="pt", return_token_type_ids=False)
        with torch.inference_mode():
            (tokens,) = model.generate(**read, max_length=100, min_length=20, do_sample=False)
        # what no padding of a batch has changed
        assert 20 <= len(tokens) <= 100
        expected[name] = " ".join(tokenizer.decode(tokens, skip_special_tokens=True).split())
    found = by_bart(groups, small_bart, batch_size=3)
    assert list(found) == ["long", "short", "other"]
    assert found == expected
    assert len(set(found.values())) > 1
    assert by_bart(groups, small_bart, batch_size=1) == expected


def test_bart_reads_no_more_than_it_can(small_bart):
    assert by_bart([["dogs bark " * 200]], small_bart) == by_bart([["dogs bark " * 300]], small_bart)


def test_bart_reads_a_caption_once(small_bart):
    assert by_bart([["Dogs bark", "dogs  bark", "cats"]], small_bart) == by_bart([["Dogs bark", "cats"]], small_bart)


def test_videos_without_captions_have_no_summary(small_bart):
    captions = {"none": [], "empty": ["", "  ", None, float("nan")], "one": ["dogs"]}
    assert by_bart(captions, small_bart).keys() == captions.keys()
    assert [bool(text) for text in by_bart(captions, small_bart).values()] == [False, False, True]
    assert summarize_all(captions, encoder=WordVectors(), cache=False, progress=False) == {
        "none": "",
        "empty": "",
        "one": "dogs.",
    }


def test_without_any_caption_no_model_is_needed():
    assert by_bart([[], [""]], "no/such-model") == ["", ""]
    assert summarize([], cache=False) == ""


def test_summaries_are_written_once(small_bart, tmp_path, monkeypatch):
    groups = [[f"dog {n}"] for n in range(5)]
    given = []
    written = summaries._written

    def counting(folder, texts):
        if len(given) >= 4:
            raise KeyboardInterrupt
        given.extend(texts)
        return written(folder, texts)

    monkeypatch.setattr(summaries, "_written", counting)
    with pytest.raises(KeyboardInterrupt):
        by_bart(groups, small_bart, batch_size=2, cache=tmp_path)
    monkeypatch.setattr(summaries, "_written", lambda folder, texts: [f"about {text}" for text in texts])
    found = by_bart(groups, small_bart, batch_size=2, cache=tmp_path)
    assert [text.startswith("about") for text in found] == [False, False, False, False, True]


def test_bart_from_the_cache_of_the_hub(hub, small_bart):  # noqa: F811
    with pytest.raises(ParameterError, match=r"the model facebook/bart-large-cnn \(summarizer\) is not in") as raised:
        by_bart([["dogs"]], "facebook/bart-large-cnn")
    assert "hf download facebook/bart-large-cnn --include '*.json' --include '*.safetensors'" in str(raised.value)
    assert 'method="extractive" needs no such model' in str(raised.value)
    put_into_hub(hub, "facebook/bart-large-cnn", small_bart)
    assert summarize(["dogs"], "bart", cache=False, progress=False) == by_bart([["dogs"]], small_bart)[0]


@pytest.mark.parametrize("name", ["model.safetensors", "config.json"])
def test_a_folder_that_lacks_a_file(name, copied):
    (copied / name).unlink()
    with pytest.raises(ParameterError, match=f"summarizer names the folder .*copied, in which there is no {name}"):
        by_bart([["dogs"]], copied)


@pytest.mark.parametrize("name", ["model.safetensors", "config.json", "tokenizer.json"])
def test_broken_files_are_data_errors(name, copied):
    path = copied / name
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(DataError, match="does not hold a model that writes summaries, .* or a file there is broken"):
        by_bart([["dogs"]], copied)


def test_another_kind_of_model_is_a_data_error(copied):
    config = json.loads((copied / "config.json").read_text())
    (copied / "config.json").write_text(json.dumps(config | {"model_type": "bert"}))
    with pytest.raises(DataError, match="does not hold a model that writes summaries"):
        by_bart([["dogs"]], copied)


def test_weights_that_lack_some_are_not_filled_up_with_chance(copied):
    import safetensors.numpy

    path = copied / "model.safetensors"
    weights = safetensors.numpy.load_file(path)
    kept = {name: value for name, value in weights.items() if "fc1" not in name}
    safetensors.numpy.save_file(kept, path, {"format": "pt"})
    with pytest.raises(DataError, match=r'holds no weights for \["model\.decoder\.layers\.0\.fc1\.bias'):
        by_bart([["dogs"]], copied)


def test_writing_is_quiet(small_bart, capfd):
    summaries._load.cache_clear()
    by_bart([["dogs"], ["cats and dogs"]], small_bart)
    assert capfd.readouterr() == ("", "")


# what is asked of arguments


def test_the_method_is_one_of_two():
    with pytest.raises(ParameterError, match="method must be one of 'extractive', 'bart'; got 'textrank'"):
        summarize(CAPTIONS, "textrank")


@pytest.mark.parametrize("name", ["n_sentences", "batch_size"])
def test_numbers_are_counts(name):
    with pytest.raises(ParameterError, match=f"{name} must be a whole number of at least 1; got 0"):
        summarize(CAPTIONS, **{name: 0})


@pytest.mark.parametrize("captions", ["a man", None, 3, b"a man"])
def test_captions_of_a_video_are_a_list(captions):
    with pytest.raises(ParameterError, match="captions of 'video1' must be a list of texts; got"):
        summarize_all({"video1": captions})


def test_a_caption_alone_goes_into_a_list():
    with pytest.raises(ParameterError, match=r"got str\. A single one goes into a list: \[caption\]"):
        summarize("a man is cooking")


def test_captions_are_texts():
    with pytest.raises(ParameterError, match="captions of 'video1' must be a list of texts; got int among them"):
        summarize_all({"video1": ["a man", 3]})


@pytest.mark.parametrize("captions", ["text", None, {"a", "b"}, 3])
def test_captions_of_videos_are_a_dict_or_a_list(captions):
    with pytest.raises(
        ParameterError, match="captions must be a dict of video_id to list of captions, or a list of such"
    ):
        summarize_all(captions)
