import itertools
import json
import os
import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit import ParameterError, samples
from toolkit.dialogue import alternation_table, alternations, at_cuts, close_up_shares, find_dialogues, name_speakers
from toolkit.shots import labels_at

FRAMES = ["anchor_start_frame", "anchor_end_frame", "start_frame", "end_frame"]
REAL = os.environ.get("TOOLKIT_REAL_DATA")

# frames 6687 to 6776 of Parasite (2019) at one a second: (cluster, frames), with the counter for memory 1 and 2
PARASITE = [(1, 6), (2, 19), (4, 4), (0, 4), (4, 12), (0, 6), (4, 2), (1, 3), (0, 4), (4, 2), (0, 4), (3, 12), (0, 2)]
PARASITE += [(3, 6), (0, 4)]
COUNTERS = {1: [1, 1, 1, 1, 2, 3, 4, 1, 1, 1, 2, 1, 2, 3, 4], 2: [1, 1, 1, 1, 2, 3, 4, 1, 2, 3, 4, 1, 2, 3, 4]}

film_labels = st.lists(st.tuples(st.integers(0, 4), st.integers(1, 4)), max_size=40).map(
    lambda runs: np.repeat([cluster for cluster, _ in runs], [length for _, length in runs]).astype(int)
)
# frames without a cluster among them
any_labels = st.lists(st.tuples(st.integers(-1, 4), st.integers(1, 4)), max_size=40).map(
    lambda runs: np.repeat([cluster for cluster, _ in runs], [length for _, length in runs]).astype(int)
)
options = st.fixed_dictionaries({"inserts": st.integers(0, 2), "max_gap": st.integers(0, 30)})


def spell(text, length=1):
    """Return labels from letters, a run each, or a run where letters repeat."""
    return np.repeat([ord(letter) - ord("A") for letter in text.replace(" ", "")], length).astype(int)


def pairs(table):
    return list(zip(table["speaker_a"], table["speaker_b"], strict=True))


def spans(table, prefix=""):
    return list(zip(table[f"{prefix}start_frame"], table[f"{prefix}end_frame"], strict=True))


def naive_alternations(labels, memory):
    runs = [labels[0]] if len(labels) else []
    counter, counters = 1, [1] if len(labels) else []
    for before, label in zip(labels, labels[1:], strict=False):
        if label != before:
            counter = counter + 1 if label in runs[-1 - memory : -1] else 1
            runs.append(label)
        counters.append(counter)
    return counters


# alternations


@pytest.mark.parametrize("memory", [1, 2])
def test_parasite_counts_as_was_published(memory):
    clusters, lengths = zip(*PARASITE, strict=True)
    labels = np.repeat(clusters, lengths)
    assert len(labels) == 90
    assert alternations(labels, memory).tolist() == np.repeat(COUNTERS[memory], lengths).tolist()


@pytest.mark.skipif(not REAL, reason="TOOLKIT_REAL_DATA is not set")
@pytest.mark.parametrize("memory", [1, 2])
def test_the_whole_published_table_is_reproduced(memory):
    truth = json.loads(Path(REAL, "truth", "parasite_alternation.json").read_text())
    assert alternations(truth["cluster"], memory).tolist() == truth[f"alternations_memory_{memory}"]


def test_the_counter_stays_while_the_cluster_stays():
    assert alternations(spell("AABBBAAB")).tolist() == [1, 1, 1, 1, 1, 2, 2, 3]


def test_insert_within_memory_keeps_the_alternation():
    assert alternations(spell("ABAB C ABAB"), 1).tolist() == [1, 1, 2, 3, 1, 1, 1, 2, 3]
    # A and B were last seen two runs before the one that is left
    assert alternations(spell("ABAB C ABAB"), 2).tolist() == [1, 1, 2, 3, 1, 2, 3, 4, 5]


def test_the_run_being_left_is_no_memory():
    assert alternations(spell("ABC"), 9).tolist() == [1, 1, 1]


def test_no_frames_have_no_counter():
    assert alternations([]).shape == (0,)
    assert alternations([7]).tolist() == [1]
    assert alternations([7] * 5, 3).tolist() == [1] * 5


@given(film_labels, st.integers(1, 4))
def test_counters_are_those_of_a_plain_loop(labels, memory):
    assert alternations(labels, memory).tolist() == naive_alternations(labels.tolist(), memory)


@given(film_labels, st.permutations(range(5)), st.integers(1, 3))
def test_names_of_clusters_do_not_count(labels, names, memory):
    renamed = np.array(names)[labels] * 5 - 3
    assert np.array_equal(alternations(labels, memory), alternations(renamed, memory))


@given(film_labels, st.integers(1, 4), st.integers(1, 3))
def test_repeated_frames_have_the_counters_of_their_runs(labels, times, memory):
    repeated = alternations(np.repeat(labels, times), memory)
    assert np.array_equal(repeated, np.repeat(alternations(labels, memory), times))


# find_dialogues


@pytest.fixture(scope="module")
def hustle():
    if not REAL:
        pytest.skip("TOOLKIT_REAL_DATA is not set")
    return json.loads(Path(REAL, "truth", "hustle_dialogue.json").read_text())


def test_hustle_has_its_four_alternating_pairs(hustle):
    assert pairs(find_dialogues(hustle["labels"])) == [tuple(pair) for pair in hustle["alternating_pairs"]]


def test_hustle_has_its_speakers_anchor_cutaways_and_scene(hustle):
    shares = {int(cluster): percent / 100 for cluster, (_, percent) in hustle["mcu_percent"].items()}
    table = find_dialogues(hustle["labels"], [shares.get(label, 0.0) for label in hustle["labels"]])
    assert pairs(table) == [tuple(pair) for pair in hustle["speaker_pairs"]]
    first = hustle["first_frame"]
    row = table.iloc[0]
    # theirs are the last frames, ours the ones after
    assert [first + row.anchor_start_frame, first + row.anchor_end_frame - 1] == hustle["anchor_30_35"]
    assert [first + row.start_frame, first + row.end_frame - 1] == hustle["expanded_30_35"]
    assert row.cutaways == hustle["cutaways_30_35"]


def test_four_turns_make_a_dialogue_and_three_none():
    assert pairs(find_dialogues(spell("CABAB"))) == [(0, 1)]
    assert pairs(find_dialogues(spell("CABA"))) == []
    assert find_dialogues(spell("ABABA"))["alternations"].tolist() == [4]


def test_the_scene_grows_over_cutaways_only():
    table = find_dialogues(spell("DCC ABAB C A CC E CF"))
    assert spans(table, "anchor_") == [(3, 9)]
    assert spans(table) == [(1, 11)]
    assert table["cutaways"].tolist() == [[2]]


def test_cutaways_come_in_order_of_first_sight():
    assert find_dialogues(spell("ABAB E C E D A"))["cutaways"].tolist() == [[4, 2, 3]]


def test_frames_without_a_cluster_neither_speak_nor_belong_to_the_scene():
    labels = spell("Z ABABZA Z CZCZ")
    labels[labels == 25] = -1
    table = find_dialogues(labels)
    assert pairs(table) == [(0, 1)]
    assert spans(table) == [(1, 7)]
    assert table["cutaways"].tolist() == [[]]


def test_inserts_may_come_between_turns():
    labels = spell("A C B A D B")
    assert pairs(find_dialogues(labels)) == []
    assert pairs(find_dialogues(labels, inserts=1)) == [(0, 1)]
    labels = spell("A CD B A B")
    assert pairs(find_dialogues(labels, inserts=1)) == []
    assert pairs(find_dialogues(labels, inserts=2)) == [(0, 1)]


def test_a_speaker_on_both_sides_of_an_insert_has_one_turn():
    assert (0, 1) not in pairs(find_dialogues(spell("A C A B A"), inserts=1))
    table = find_dialogues(spell("A B C B A B"), inserts=1)
    assert table.loc[table["speaker_b"] == 1, "alternations"].tolist() == [3]


def test_a_speaker_away_for_more_than_max_gap_ends_it():
    # in the middle A is away for 2 + 3 frames, and B for 3 + 2
    labels = spell("ABAB CCC ABAB".replace("A", "AA").replace("B", "BB"))
    assert spans(find_dialogues(labels, max_gap=5)) == [(0, 19)]
    assert spans(find_dialogues(labels, max_gap=4)) == [(0, 8), (11, 19)]


def test_one_speaker_alone_stays_for_max_gap():
    # the last A begins six frames after B has left
    labels = spell("ABAB CCCCCC AAA")
    assert spans(find_dialogues(labels, max_gap=6), "anchor_") == [(0, 4)]
    labels = spell("ABABA CCCCC AAA")
    assert spans(find_dialogues(labels, max_gap=6), "anchor_") == [(0, 13)]
    assert spans(find_dialogues(labels, max_gap=5), "anchor_") == [(0, 5)]


def test_both_speakers_must_be_mostly_close():
    labels = spell("ABAB CACA")
    close = np.isin(labels, [0, 2])
    assert pairs(find_dialogues(labels)) == [(0, 1), (0, 2)]
    assert pairs(find_dialogues(labels, close)) == [(0, 2)]
    assert pairs(find_dialogues(labels, close, min_close_up=0.0)) == [(0, 1), (0, 2)]
    assert pairs(find_dialogues(labels, close, min_close_up=1.0)) == [(0, 2)]


def test_the_least_share_is_enough_though_its_floats_are_rounded():
    labels = spell("ABABABABAB")
    assert pairs(find_dialogues(labels, np.full(10, 0.1), min_close_up=0.1)) == [(0, 1)]


def test_seconds_are_those_of_the_frames():
    table = find_dialogues(spell("CABABD"), times=[5, 6, 7, 8, 9, 11])
    assert table[["start", "end"]].to_numpy().tolist() == [[6, 11]]
    table = find_dialogues(spell("CABAB"), times=[5, 6, 7, 8, 9.5])
    assert table[["start", "end"]].to_numpy().tolist() == [[6, 11]]
    assert find_dialogues(spell("CABAB"))[["start", "end"]].isna().all(axis=None)


def test_of_overlapping_scenes_the_longest_can_be_kept():
    labels = spell("ABAB CBCBCB DEDE")
    table = find_dialogues(labels, max_gap=3)
    assert pairs(table) == [(0, 1), (1, 2), (3, 4)]
    assert spans(table) == [(0, 7), (0, 10), (10, 14)]
    assert pairs(find_dialogues(labels, max_gap=3, overlaps="longest")) == [(1, 2), (3, 4)]


@pytest.mark.parametrize("labels", [[], [3], [3] * 40, [1, 2], np.zeros(0, bool)])
def test_too_little_to_alternate_gives_a_table_without_rows(labels):
    table = find_dialogues(labels, np.ones(len(labels)), times=np.arange(len(labels)))
    assert len(table) == 0
    assert table.dtypes.equals(find_dialogues(spell("ABAB")).dtypes)


def comparable(table, names=None):
    """Return rows without the pair's order, clusters renamed back."""
    back = {} if names is None else {new: old for old, new in enumerate(names)}
    rows = table.to_dict("records")
    for row in rows:
        row["pair"] = frozenset(back.get(row.pop(name), -1) if back else row.pop(name) for name in COLUMNS_OF_PAIR)
        row["cutaways"] = [back[c] if back else c for c in row["cutaways"]]
        del row["start"], row["end"]
    return rows


COLUMNS_OF_PAIR = ("speaker_a", "speaker_b")


@settings(max_examples=200)
@given(film_labels, st.permutations([10, -7, 3, 99, 0]), options, st.sampled_from(["keep", "longest"]))
def test_renaming_clusters_changes_nothing_but_names(labels, names, options, overlaps):
    close = np.arange(len(labels)) % 3 > 0
    plain = find_dialogues(labels, close, overlaps=overlaps, **options)
    renamed = find_dialogues(np.array(names)[labels], close, overlaps=overlaps, **options)
    assert comparable(plain) == comparable(renamed, names)


@settings(max_examples=200)
@given(any_labels, options)
def test_reversing_time_keeps_the_pairs_and_mirrors_their_spans(labels, options):
    close = np.arange(len(labels)) % 3 > 0
    forth = find_dialogues(labels, close, **options)
    back = find_dialogues(labels[::-1], close[::-1], **options)

    def told(table, place):
        return sorted(
            (
                *(row.speaker_a, row.speaker_b, row.alternations, sorted(row.cutaways)),
                *sorted([place(row.anchor_start_frame), place(row.anchor_end_frame)]),
                *sorted([place(row.start_frame), place(row.end_frame)]),
            )
            for row in table.itertuples()
        )

    assert told(back, lambda frame: len(labels) - frame) == told(forth, lambda frame: frame)


@settings(max_examples=200)
@given(any_labels, st.integers(1, 4), options, st.sampled_from(["keep", "longest"]))
def test_repeating_every_frame_keeps_the_dialogues(labels, times, options, overlaps):
    close = np.arange(len(labels)) % 3 > 0
    plain = find_dialogues(labels, close, overlaps=overlaps, **options)
    options = options | {"max_gap": options["max_gap"] * times, "overlaps": overlaps}
    repeated = find_dialogues(np.repeat(labels, times), np.repeat(close, times), **options)
    frames = [name for name in plain.columns if name.endswith("_frame")]
    assert (repeated[frames] == plain[frames] * times).all(axis=None)
    names = ["speaker_a", "speaker_b", "alternations"]
    assert repeated[names].equals(plain[names])
    assert repeated["cutaways"].tolist() == plain["cutaways"].tolist()


@settings(max_examples=200)
@given(film_labels)
def test_without_inserts_the_counter_tells_who_alternates(labels):
    counters = alternations(labels)
    starts = np.flatnonzero(np.diff(labels, prepend=-1))
    clusters = labels[starts]
    expected = {
        frozenset(clusters[run - 1 : run + 1].tolist()) for run in range(len(starts)) if counters[starts[run]] >= 3
    }
    table = find_dialogues(labels, max_gap=1000)
    assert set(map(frozenset, pairs(table))) == expected


@settings(max_examples=200)
@given(any_labels, st.integers(0, 3))
def test_with_inserts_the_pairs_are_those_that_a_pattern_of_letters_finds(labels, inserts):
    runs = labels[np.flatnonzero(np.diff(labels, prepend=-9))].tolist()
    expected = set()
    for pair in itertools.combinations(sorted(set(runs) - {-1}), 2):
        spelled = "".join("x" if run not in pair else "AB"[pair.index(run)] for run in runs)
        between = f"x{{0,{inserts}}}"
        turns = [f"{letter}(?:{between}{letter})*" for letter in "ABABA"]
        if any(re.search(between.join(turns[first : first + 4]), spelled) for first in (0, 1)):
            expected.add(pair)
    assert set(pairs(find_dialogues(labels, inserts=inserts, max_gap=1000))) == expected


@settings(max_examples=200)
@given(film_labels, options)
def test_no_speaker_is_away_for_longer_than_max_gap(labels, options):
    table = find_dialogues(labels, **options)
    for row in table.itertuples():
        inside = labels[row.anchor_start_frame : row.anchor_end_frame]
        assert inside[0] in (row.speaker_a, row.speaker_b)
        assert inside[-1] in (row.speaker_a, row.speaker_b)
        for speaker in (row.speaker_a, row.speaker_b):
            assert np.diff(np.flatnonzero(inside == speaker)).max() - 1 <= options["max_gap"]


def test_dialogues_of_sample_films_are_found_from_their_true_setups():
    for seed in range(3):
        film = samples.sample_film(seed)
        frames = film.shots["end_frame"] - film.shots["start_frame"]
        labels = np.repeat(film.setups, frames)
        close = np.repeat(film.close_up, frames)
        table = find_dialogues(labels, close, inserts=1, max_gap=60 * 24, overlaps="longest")
        for truth in film.dialogues.itertuples():
            first = np.minimum(table["end_frame"], truth.end_frame)
            shared = first - np.maximum(table["start_frame"], truth.start_frame)
            union = table["end_frame"] - table["start_frame"] + truth.end_frame - truth.start_frame - shared
            best = (shared / union).idxmax()
            assert (shared / union)[best] >= 0.5
            assert pairs(table)[best] == (truth.speaker_a, truth.speaker_b)


# the tables of the notebook


def test_shares_of_close_ups_are_means_over_clusters():
    table = close_up_shares([3, 3, 1, 3], [True, False, True, True])
    assert table.to_dict("list") == {"label": [1, 3], "frames": [1, 3], "close_up": [1.0, pytest.approx(2 / 3)]}
    assert len(close_up_shares([], [])) == 0


def test_the_table_of_frames_has_both_counters():
    table = alternation_table(spell("ABCA"), [True, False, True, True], times=[0, 1, 2, 3])
    assert table.columns.tolist() == ["frame", "time", "label", "close_up", "alternations_1", "alternations_2"]
    assert table["alternations_1"].tolist() == [1, 1, 1, 1]
    assert table["alternations_2"].tolist() == [1, 1, 1, 2]
    assert table["close_up"].dtype == bool
    assert alternation_table([1]).columns.tolist() == ["frame", "label", "alternations_1", "alternations_2"]


# what is refused


@pytest.mark.parametrize(
    ("labels", "message"),
    [
        ([0.0, 1.0], r"labels must be whole numbers.*got .* of dtype float64; were frames without a cluster"),
        ([0, None], r"got list of dtype object; number names"),
        (["gate", "rider"], r"number names with pandas.factorize"),
        ([[0, 1], [1, 0]], r"got shape \(2, 2\)"),
        ([[0, 1], [1]], r"rows of different lengths"),
        (3, r"got shape \(\)"),
        ([True, False], r"got list of dtype bool"),
        (np.array([2**63], np.uint64), r"which is too large"),
        (pd.Series([1.0, np.nan]), r"Drop them"),
        (iter([1, 2]), r"got list_iterator of dtype object"),
    ],
)
def test_labels_that_are_no_clusters_are_refused(labels, message):
    for function in (alternations, find_dialogues):
        with pytest.raises(ParameterError, match=message):
            function(labels)


@pytest.mark.parametrize(
    ("close_up", "message"),
    [
        ([True], r"one for each of the 4 labels; got shape \(1,\). Are both of the same frames"),
        ([0.1, np.nan, 0.5, np.nan], r"got NaN at 1. Give frames without a number 0"),
        ([10.0, 20.0, 88.0, 0.0], r"values from 0 to 88. Were they percent"),
        ([-1, 0, 0, 1], r"values from -1 to 1$"),
        ([np.inf, 0, 0, 1], r"got infinity at 0"),
        (["yes", "no", "no", "no"], r"got list of dtype <U3"),
        ([[True] * 4], r"got shape \(1, 4\)"),
    ],
)
def test_close_ups_that_are_no_probabilities_are_refused(close_up, message):
    for function in (find_dialogues, close_up_shares):
        with pytest.raises(ParameterError, match=message):
            function([0, 1, 0, 1], close_up)


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (
            {"times": [0, 1]},
            r"times must be finite seconds, ascending, one for each of the 4 labels; got list of shape \(2,\)",
        ),
        ({"times": [0, 2, 1, 3]}, r"got 1 after 2"),
        ({"times": [0, 1, np.nan, 3]}, r"got nan"),
        ({"times": ["a"] * 4}, r"got list with what is not a number"),
        ({"min_close_up": 50}, r"min_close_up must be .* at least 0 and at most 1; got 50. 0.5 is 50 percent"),
        ({"min_close_up": -0.1}, r"min_close_up must be a finite number of at least 0"),
        ({"inserts": -1}, r"inserts must be a whole number of at least 0"),
        ({"inserts": 0.5}, r"inserts must be a whole number"),
        ({"max_gap": -1}, r"max_gap must be a whole number"),
        ({"overlaps": "all"}, r"overlaps must be one of 'keep', 'longest'; got 'all'"),
    ],
)
def test_options_out_of_range_are_refused(arguments, message):
    with pytest.raises(ParameterError, match=message):
        find_dialogues([0, 1, 0, 1], **arguments)


@pytest.mark.parametrize("memory", [0, -1, 1.0, True, None])
def test_memory_is_a_whole_number_from_one(memory):
    with pytest.raises(ParameterError, match="memory must be a whole number of at least 1"):
        alternations([0, 1], memory)


def test_many_inserts_are_no_more_than_the_runs_there_are():
    assert pairs(find_dialogues(spell("ACBADBA"), inserts=10**12, max_gap=10**12))[0] == (0, 1)


def test_dialogues_begin_and_end_with_their_shots():
    # 24 pictures a second, looked at ten times a second
    frames = np.array([0, 11, 23, 35, 47, 58])
    cuts = pd.DataFrame({"start": frames[:-1] / 24, "end": frames[1:] / 24})
    times = np.arange(0, 2.4, 0.1)
    for setups, first, last in (([2, 0, 1, 0, 1], 1, 5), ([0, 1, 0, 1, 2], 0, 4)):
        found = find_dialogues(labels_at(cuts, setups, times), times=times)
        moved = at_cuts(found, cuts, times)
        assert moved[["start", "end"]].to_numpy().tolist() == [[frames[first] / 24, frames[last] / 24]]
        assert moved[["anchor_start", "anchor_end"]].to_numpy().tolist() == moved[["start", "end"]].to_numpy().tolist()
        assert not set(FRAMES) & set(moved.columns)
        same = ["speaker_a", "speaker_b", "cutaways", "alternations"]
        pd.testing.assert_frame_equal(moved[same], found[same])
    assert len(at_cuts(found[:0], cuts, times)) == 0


def test_speakers_and_cutaways_are_called_by_their_names():
    found = find_dialogues(np.repeat([0, 1, 0, 2, 1, 0], 2), inserts=1)
    named = name_speakers(found, {0: "Anna", 2: "a letter"})
    assert named[["speaker_a", "speaker_b"]].to_numpy().tolist() == [["Anna", 1]]
    assert named["cutaways"].tolist() == [["a letter"]]
    assert found["cutaways"].tolist() == [[2]]
    assert len(name_speakers(found[:0], {0: "Anna"})) == 0
