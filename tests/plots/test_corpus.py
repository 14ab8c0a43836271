"""Pictures of many videos: what is drawn, where, and what is refused."""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from plotted_clusters import POINTS, TABLE, VIDEOS, picture, texts

from toolkit import ParameterError, clustering, plots
from toolkit.clustering import VideoClusters
from toolkit.plots.style import CLUSTER_COLORS
from toolkit.records import Frames

CLUSTERS = clustering.cluster_videos(TABLE, 3)
WORDS = {0: [("sea", 0.6), ("blue $x$ sea", 0.5), ("sand", 0.4), ("never", 0.3)], 2: "road"}


def sheet(ax):
    return np.asarray(ax.images[0].get_array())


def drawn(ax):
    """Return the values of the pictures in a grid, in the order of reading."""
    found, pixels = [], sheet(ax)
    for row in range(0, pixels.shape[0], 4):
        for value in pixels[row, ::4, 0]:
            if value != 255 and value not in found:
                found.append(int(value))
    return found


# a grid


def test_a_grid_has_videos_in_their_order_with_captions():
    captions = ["a man", ["two", "three"], [], "$5 a day_", " d\n d ", "f"]
    ax = plots.plot_video_grid(VIDEOS, captions, columns=3)
    assert drawn(ax) == [20, 50, 80, 110, 140, 170]
    assert texts(ax) == ["a man", "two", "$5 a day_", "d d", "f"]
    height, width = sheet(ax).shape[:2]
    assert width == 3 * 240 + 2 * 8
    assert height > 2 * 180
    assert ax.figure.get_figwidth() == pytest.approx(0.9 * 11)
    ax.figure.canvas.draw()


def test_a_grid_takes_some_by_chance_and_in_their_order():
    videos = np.stack([picture(value) for value in range(200)])
    once = drawn(plots.plot_video_grid(videos, number=5, seed=1))
    assert once == sorted(once)
    assert len(once) == 5
    assert drawn(plots.plot_video_grid(videos, number=5, seed=1)) == once
    assert drawn(plots.plot_video_grid(videos, number=5, seed=2)) != once


def test_a_grid_is_as_wide_as_is_asked_for_or_drawn_where_it_is_told():
    assert plots.plot_video_grid(VIDEOS, width=4).figure.get_figwidth() == 4
    before = len(plt.get_fignums())
    _, own = plt.subplots()
    assert plots.plot_video_grid(VIDEOS, ax=own) is own
    assert len(plt.get_fignums()) == before + 1


def test_a_long_caption_ends_after_three_lines():
    ax = plots.plot_video_grid(VIDEOS[:1], ["word " * 90])
    (told,) = texts(ax)
    assert told.count("\n") == 2
    assert told.endswith("…")


def test_only_what_is_drawn_is_read_and_what_cannot_be_is_told(tmp_path):
    (tmp_path / "no film.mp4").write_bytes(b"none")
    ax = plots.plot_video_grid([tmp_path / "no film.mp4", VIDEOS[0]])
    assert texts(ax) == ["cannot be read:\nno film.mp4"]
    assert drawn(ax) == [225, 20]
    assert len(drawn(plots.plot_video_grid(Frames(np.stack(VIDEOS), range(6)), number=1))) == 1


def test_the_long_name_of_a_file_that_cannot_be_read_is_shortened_in_its_middle():
    name = f"nofile_with_{'a_very_' * 20}long_name_7.mp4"
    (told,) = texts(plots.plot_video_grid([f"/none/{name}", VIDEOS[0]]))
    first, short = told.split("\n")
    head, tail = short.split("…")
    assert first == "cannot be read:"
    assert name.startswith(head)
    assert name.endswith(tail)
    assert len(tail) > 10
    assert 24 < len(short) < 60


def test_pictures_of_any_size_fit_their_cells():
    ax = plots.plot_video_grid([picture(100, 90, 160), picture(60, 90, 160), picture(10, 400, 100)], columns=3)
    pixels = sheet(ax)
    assert pixels.shape[0] == 135
    third = pixels[67, 2 * 248 :, 0]
    assert set(third) == {235, 10}
    assert (third == 10).sum() == 34


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"videos": []}, "videos must hold at least one video to draw; got none"),
        ({"videos": "film.mp4"}, "videos must be a sequence of paths or images; got str"),
        ({"videos": [3]}, "videos must be paths or images; got int"),
        ({"videos": [np.zeros((4, 4, 3))]}, "got dtype float64"),
        ({"captions": ["a"]}, "one for each of the 6 videos; got 1"),
        ({"captions": {"a": ["b"]}}, "captions must be in the order of the videos"),
        ({"number": 0}, "number must be a whole number of at least 1"),
        ({"columns": 1.5}, "columns must be a whole number of at least 1"),
        ({"width": 0}, r"width must be a finite number above 0 \(inches\)"),
        ({"seed": -1}, "seed must be a whole number"),
    ],
)
def test_what_cannot_be_drawn_as_a_grid_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        plots.plot_video_grid(**{"videos": VIDEOS, **given})


# examples


def test_examples_are_the_nearest_and_beyond_a_gap_the_farthest():
    # of the first cluster, 0, 1 and 4, whose centre is 5/3: 1, 0, 4
    ax = plots.plot_cluster_examples(CLUSTERS, VIDEOS, nearest=1, farthest=1)
    pixels = sheet(ax)
    row = pixels[10, :, 0]
    left, gap = row.tolist().index(80), row.tolist().index(140)
    assert (left, gap) == (round(0.75 * 248), round(2 * 248))
    assert texts(ax) == ["0", "3 videos", "1", "2 videos", "2", "1 video"]
    assert [to_hex(patch.get_facecolor()) for patch in ax.patches] == list(CLUSTER_COLORS[:3])


def test_no_video_is_drawn_twice():
    ax = plots.plot_cluster_examples(CLUSTERS, VIDEOS, nearest=2, farthest=2)
    assert drawn(ax) == [80, 20, 140, 50, 110, 170]


def test_examples_have_captions_by_name_and_the_words_of_the_cluster():
    captions = {"a": ["first", "second"], "c": "third"}
    ax = plots.plot_cluster_examples(CLUSTERS, VIDEOS, captions, words=WORDS, rows=1)
    assert texts(ax) == ["third", "first", "0", "3 videos\nsea\nblue $x$ sea\nsand\nnever"]
    ax.figure.canvas.draw()


def test_a_cluster_without_videos_has_no_row():
    clusters = VideoClusters(["a", "b"], [2, 0], [[0.0], [1], [2]], np.ones((2, 3)))
    ax = plots.plot_cluster_examples(clusters, VIDEOS[:2], farthest=0)
    assert texts(ax) == ["0", "1 video", "2", "1 video"]
    assert drawn(ax) == [50, 20]


@pytest.mark.parametrize(
    ("given", "message"),
    [
        ({"clusters": TABLE}, "clusters must be VideoClusters, of clustering.cluster_videos; got DataFrame"),
        ({"videos": VIDEOS[:2]}, "videos must be one for each of the 6 videos of the clusters; got 2"),
        ({"captions": 7}, "captions must be a sequence of texts"),
        ({"words": {0: [3]}}, "words must be a dict by cluster of texts"),
        ({"nearest": 0}, "nearest must be a whole number of at least 1"),
        ({"farthest": -1}, "farthest must be a whole number of at least 0"),
        ({"clusters": VideoClusters([], [], [[0.0]], np.zeros((0, 1))), "videos": []}, "at least one video to draw"),
    ],
)
def test_what_cannot_be_drawn_as_examples_is_refused(given, message):
    with pytest.raises(ParameterError, match=message):
        plots.plot_cluster_examples(**{"clusters": CLUSTERS, "videos": VIDEOS, **given})


# the map


def test_a_map_has_dots_in_their_clusters_colours_and_words_at_the_centres():
    ax = plots.plot_cluster_map(POINTS, CLUSTERS.labels, centers=[[0, 0.5], [10, 0.5], [5, 9]], words=WORDS)
    dots, crosses = ax.collections
    np.testing.assert_array_equal(dots.get_offsets(), POINTS)
    assert [to_hex(color) for color in dots.get_facecolors()] == [CLUSTER_COLORS[k] for k in CLUSTERS.labels]
    np.testing.assert_array_equal(crosses.get_offsets(), [[0, 0.5], [10, 0.5], [5, 9]])
    assert texts(ax) == ["0  sea, blue $x$ sea, sand", "1", "2  road"]
    assert ax.get_aspect() == 1


def test_centres_that_are_not_given_are_medians():
    ax = plots.plot_cluster_map(POINTS, CLUSTERS.labels)
    np.testing.assert_array_equal(ax.collections[1].get_offsets(), [[0, 0], [10, 0.5], [5, 9]])
    assert texts(ax) == ["0", "1", "2"]


@pytest.mark.parametrize(
    ("points", "labels", "given", "message"),
    [
        (POINTS[:0], [], {}, "points must be of at least one video; got none"),
        (POINTS[:, :1], [0] * 6, {}, r"points must be finite numbers, \(n, 2\); got shape \(6, 1\)"),
        (POINTS, [0] * 5, {}, "labels must be whole numbers, one for each of the 6 points"),
        (POINTS, [0, 0, 0, 0, 0, -1], {}, "labels must be clusters, from 0; got -1"),
        (POINTS, [0, 0, 0, 0, 0, 2], {}, "where no centers are given; there is no 1"),
        (POINTS, [0, 0, 0, 0, 0, 2], {"centers": POINTS[:2]}, "below the number of centers, 2; got 2"),
        (POINTS, [0] * 6, {"centers": [[0, np.nan]]}, "centers must be finite numbers.*; got NaN"),
        (POINTS * 1e307, [0] * 6, {}, r"finite numbers, \(n, 2\), none beyond 1e\+100; got 1e\+308"),
        (POINTS, [0] * 6, {"words": []}, "words must be a dict by cluster"),
    ],
)
def test_what_cannot_be_drawn_as_a_map_is_refused(points, labels, given, message):
    with pytest.raises(ParameterError, match=message):
        plots.plot_cluster_map(points, labels, **given)


# measures


def test_sizes_are_bars_with_numbers_and_words():
    ax = plots.plot_cluster_sizes(CLUSTERS, words=WORDS)
    assert [bar.get_width() for bar in ax.patches] == [3, 2, 1]
    assert [to_hex(bar.get_facecolor()) for bar in ax.patches] == list(CLUSTER_COLORS[:3])
    assert texts(ax) == ["3  sea, blue $x$ sea, sand", "2", "1  road"]
    ax.figure.canvas.draw()
    none = VideoClusters([], [], [[0.0]], np.zeros((0, 1)))
    assert texts(plots.plot_cluster_sizes(none)) == ["0"]


@pytest.mark.parametrize("own", [False, True])
def test_the_words_of_a_bar_end_within_the_picture(own):
    words = {0: ["word" * 30, "sea"], 1: ["sea", "word" * 40], 2: ["running water", "green meadow", "old houses"]}
    ax = plots.plot_cluster_sizes(CLUSTERS, words=words, ax=plt.subplots(figsize=(7, 3))[1] if own else None)
    ax.figure.canvas.draw()
    long, two, three = texts(ax)
    assert long.startswith("3  wordword")
    assert "…" in long
    assert two == "2  sea"
    assert three == "1  running water, green meadow, old houses"
    for dpi in (100, 72, 200):
        ax.figure.set_dpi(dpi)
        ax.figure.canvas.draw()
        assert max(text.get_window_extent().x1 for text in ax.texts) < ax.figure.bbox.x1
    assert ax.bbox.width > 0.7 * ax.figure.bbox.width


def test_silhouettes_fall_within_each_cluster():
    ax = plots.plot_silhouettes(CLUSTERS)
    assert len(ax.collections) == 3
    for k, blade in enumerate(ax.collections):
        right = blade.get_paths()[0].vertices[:, 0].max()
        own = CLUSTERS.video_silhouettes[CLUSTERS.labels == k]
        assert right == pytest.approx(own.max())
        assert to_hex(blade.get_facecolor()[0]) == CLUSTER_COLORS[k]
    means = [f"{value:.2f}" for value in CLUSTERS.cluster_silhouettes]
    assert texts(ax) == [*means, f"mean {CLUSTERS.silhouette:.2f}"]


def test_silhouettes_that_are_not_known_are_not_drawn():
    with pytest.raises(ParameterError, match="at least two clusters, fewer than videos"):
        plots.plot_silhouettes(clustering.cluster_videos(TABLE, 1))


def test_measures_are_drawn_by_number_with_the_best_marked():
    table = pd.DataFrame(
        {
            "k": [2, 4, 8],
            "inertia": [9.0, 5, 4],
            "silhouette": [0.1, 0.5, 0.3],
            "davies_bouldin": [2.0, 1.5, 1.0],
            "calinski_harabasz": [9.0, 8, np.inf],
        }
    )
    ax = plots.plot_choose_k(table.replace(np.inf, 7.0), k=4)
    parts = ax.child_axes
    assert [part.get_title(loc="left").split(":")[0] for part in parts] == [
        "silhouette",
        "Davies-Bouldin",
        "Calinski-Harabasz",
        "inertia",
    ]
    assert [texts(part) for part in parts] == [["4"], ["8"], ["2"], []]
    assert parts[0].lines[0].get_ydata().tolist() == [0.1, 0.5, 0.3]
    ax.figure.canvas.draw()
    # where every video is at its centre
    plots.plot_choose_k(table).figure.canvas.draw()


def test_a_single_number_of_clusters_is_a_single_tick():
    measures = ("inertia", "silhouette", "davies_bouldin", "calinski_harabasz")
    ax = plots.plot_choose_k(pd.DataFrame({"k": [2], **dict.fromkeys(measures, [1.0])}))
    ax.figure.canvas.draw()
    low, high = ax.child_axes[-1].get_xlim()
    assert [tick for tick in ax.child_axes[-1].get_xticks() if low <= tick <= high] == [2]


@pytest.mark.parametrize("table", [None, TABLE, pd.DataFrame(columns=["k", "inertia"])])
def test_what_is_no_table_of_measures_is_refused(table):
    with pytest.raises(ParameterError, match="table must be a table with k, .*as clustering.choose_k gives it"):
        plots.plot_choose_k(table)


def stats(**columns):
    n = len(columns["duration"])
    told = {"width": [160] * n, "height": [120] * n, "fps": [25.0] * n, "captions": [5] * n, "error": [""] * n}
    return pd.DataFrame({**told, **columns})


def test_what_files_hold_is_counted_and_the_unreadable_are_told():
    table = stats(duration=[2.0, 3.0, np.nan], width=[160, 320, np.nan], error=["", "", "broken"])
    ax = plots.plot_video_stats(table)
    assert ax.get_title(loc="left") == "3 videos, 1 cannot be read"
    seconds, sizes, rates, captions = ax.child_axes
    assert sum(bar.get_height() for bar in seconds.patches) == 2
    assert sorted(label.get_text() for label in sizes.get_yticklabels()) == ["160x120", "320x120"]
    assert [label.get_text() for label in rates.get_yticklabels()] == ["25"]
    assert [bar.get_width() for bar in captions.patches] == [2]


def test_many_sizes_are_counted_together():
    ax = plots.plot_video_stats(stats(duration=np.arange(1.0, 10.0), width=[100] * 2 + list(range(101, 108))))
    sizes = ax.child_axes[1]
    assert [label.get_text() for label in sizes.get_yticklabels()][::5] == ["100x120", "others"]
    assert [bar.get_width() for bar in sizes.patches] == [2, 1, 1, 1, 1, 3]


@pytest.mark.parametrize(
    ("table", "empty"),
    [
        (stats(duration=[np.nan] * 2, captions=[np.nan] * 2, error=["broken", "text"]), [True] * 4),
        (stats(duration=[2.0, 3.0], captions=[np.nan] * 2), [False, False, False, True]),
    ],
)
def test_where_there_is_nothing_to_count_the_picture_says_so(table, empty):
    parts = plots.plot_video_stats(table).child_axes
    assert [texts(part) == ["none"] for part in parts] == empty
    assert [len(part.get_xticks()) == len(part.get_yticks()) == 0 for part in parts] == empty
    parts[0].figure.canvas.draw()


def test_a_table_of_something_else_is_refused():
    with pytest.raises(ParameterError, match=r"stats must be a table with duration, .*as corpus\.video_stats gives it"):
        plots.plot_video_stats(pd.DataFrame({"duration": [1.0]}))
    with pytest.raises(ParameterError, match="of at least one video"):
        plots.plot_video_stats(stats(duration=[]))
