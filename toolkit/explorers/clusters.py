"""Videos in clusters by hand: how many, how well they lie in them, and what each is about."""

import warnings

import ipywidgets
import numpy as np
import pandas as pd

from toolkit import clustering, keywords
from toolkit.checks import check_count, check_seed
from toolkit.clustering.cards import captions_of, check_videos, picture_of
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.plots import plot_choose_k, plot_cluster_examples, plot_cluster_sizes, plot_silhouettes

# of so many videos numbers of clusters are compared without being asked for
QUICK = 2000
MOST_COMPARED, MOST_CLUSTERS = 30, 40
# of the examples: clusters, videos of each, the farthest one among them, inches, and pixels of a picture that is kept
ROWS, NEAREST, FARTHEST, WIDTH, MARGIN, KEPT = 8, 4, 2, 10.4, 0.1, 320


class ClusterExplorer(SlowExplorer):
    """Videos in clusters; see `explorers.explore_clusters`.

    `result` is what `clustering.cluster_videos` returns, `key_words` the words of each cluster or None, `table` that of
    `clustering.choose_k` or None.
    """

    def __init__(self, vectors, *, captions, videos, n_clusters, seed, words, curve, table, options):
        self._vectors, self._captions, self._videos = vectors, captions, videos
        self._seed, self._options = seed, options
        self.table, self.key_words, self._notes = table, None, []
        self._kept, self._pictures = {}, {}
        n = len(vectors)
        controls = {
            "n_clusters": ipywidgets.IntSlider(
                value=n_clusters, min=1, max=max(n_clusters, min(n, MOST_CLUSTERS)), description="clusters",
                layout={"width": "380px"}, tooltip="how many clusters the videos are put into",
            ),
            "words": ipywidgets.Checkbox(
                value=words, description="key words", indent=False, layout={"width": "auto"},
                tooltip="find what each cluster is about in the captions of its videos",
            ),
            "curve": ipywidgets.Checkbox(
                value=curve, description="compare numbers of clusters", indent=False, layout={"width": "auto"},
                tooltip="cluster the videos into 2, 3 and so on, once, and draw how good that is",
            ),
        }  # fmt: skip
        super().__init__(controls, [Picture(), Picture()])

    def wanted(self):
        """Return the values of the controls, and the seed, which has none."""
        return {**super().wanted(), "seed": self._seed}

    def task(self, *, n_clusters, words, curve, seed):
        """Return the function that clusters, and its arguments."""
        captions = self._captions if words else None
        return _found, self._vectors, n_clusters, seed, captions, self._options, curve and self.table is None

    def take(self, parameters, result):
        """Show clusters; what was found is kept."""
        clusters, self.key_words, table, self._notes = result
        self.table = self.table if table is None else table
        self._kept[parameters["n_clusters"], parameters["words"]] = clusters, self.key_words, None, self._notes
        super().take(parameters, clusters)

    def draw(self):
        """Draw how good the clusters are, and videos of each; return what is to be told in a line."""
        clusters, shown = self.result, self.table if self.parameters["curve"] else None
        known = clusters.n_clusters > 1 and np.isfinite(clusters.silhouette)
        high = float(np.clip(1.2 + 0.2 * clusters.n_clusters, 3 if shown is None else 6, 9))
        figure = new_figure(10.4, high)
        left, right = ((x, 0.48 / high, wide, 1 - 0.85 / high) for x, wide in ((0.05, 0.4), (0.55, 0.43)))
        # a letter that no font has is told of
        with warnings.catch_warnings(record=True) as noted:
            warnings.simplefilter("always", UserWarning)
            if known:
                plot_silhouettes(clusters, ax=figure.add_axes(left))
            else:
                told = "Silhouettes compare clusters:\nthere must be at least two, and fewer than videos."
                figure.text(0.25, 0.5, told, ha="center", va="center")
            if shown is not None and len(shown):
                plot_choose_k(shown, k=clusters.n_clusters, ax=figure.add_axes(right))
            elif shown is not None:
                figure.text(
                    0.76, 0.5, "There are too few different videos\nto compare numbers of clusters.", ha="center"
                )
            self.pictures[0].show(figure, f"silhouettes of {clusters.n_clusters} clusters")
            self._draw_members(clusters)
        parts = [f"{clusters.n_clusters} clusters of {len(clusters.video_ids)} videos"]
        parts += [f"silhouette {clusters.silhouette:.2f}"] if known else []
        parts += ["no captions, and so no words"] if self.parameters["words"] and self._captions is None else []
        if self._videos is not None:
            of = f"the first {ROWS} clusters" if clusters.n_clusters > ROWS else "each cluster"
            parts.append(f"of {of} the {NEAREST} videos nearest its centre, and the {FARTHEST} farthest from it")
        return "; ".join([*parts, *self._notes, *(str(note.message) for note in noted)])

    def _draw_members(self, clusters):
        """Draw videos of each cluster, or where there are none to see how many it has, and its words."""
        if self._videos is None:
            k = clusters.n_clusters
            figure = new_figure(7.5, 0.8 + 0.25 * k)
            high = 0.8 + 0.25 * k
            plot_cluster_sizes(
                clusters, words=self.key_words, ax=figure.add_axes((0.08, 0.5 / high, 0.9, 1 - 0.6 / high))
            )
            self.pictures[1].show(figure, f"how many videos are in each of {k} clusters")
            return
        videos = list(self._videos)
        for cluster in range(min(ROWS, clusters.n_clusters)):
            members = clusters.members(cluster)
            for place in {*members[:NEAREST].tolist(), *members[NEAREST:][-FARTHEST:].tolist()}:
                if place not in self._pictures:
                    self._pictures[place] = picture_of(videos[place], KEPT)
                if self._pictures[place] is not None:
                    videos[place] = self._pictures[place]
        # how high it is shows only when it is drawn
        figure = new_figure(WIDTH, WIDTH)
        ax = plot_cluster_examples(
            clusters, videos, self._captions, nearest=NEAREST, farthest=FARTHEST, rows=ROWS, words=self.key_words,
            ax=figure.add_axes((0, 0, 1, 1)),
        )  # fmt: skip
        sheet = ax.images[0].get_array()
        high = WIDTH * sheet.shape[0] / sheet.shape[1]
        figure.set_size_inches(WIDTH, high + MARGIN)
        ax.set_position((0, 0, 1, high / (high + MARGIN)))
        figure.canvas.draw()
        self.pictures[1].show(np.asarray(figure.canvas.buffer_rgba())[..., :3], "videos of each cluster")

    def call(self, *, n_clusters, words, curve, seed):
        """Return the line that clusters, and where words are shown the one that finds them."""
        code = f"clustering.cluster_videos(vectors, n_clusters={n_clusters}, seed={seed})"
        if words and self._captions is not None:
            options = "".join(f", {name}={value!r}" for name, value in self._options.items())
            code = f"clusters = {code}\nwords = keywords.describe_clusters(clusters, captions{options})"
        return code

    def _on_change(self, change):
        with self._lock:
            parameters = self.wanted()
            kept = self._kept.get((parameters["n_clusters"], parameters["words"]))
            if kept is None or (parameters["curve"] and self.table is None):
                super()._on_change(change)
                return
            self._end()
            self._rest()
            self.take(parameters, kept)


def explore_clusters(
    vectors,
    *,
    captions=None,
    videos=None,
    n_clusters=20,
    seed=28,
    words=True,
    curve=None,
    table=None,
    word_options=None,
):
    """Show videos in clusters with a control for how many: their silhouettes, their key words, and examples of each.

    Clusters and words are looked for in another process, a moment after the last change, and that can be stopped. What
    was found once is kept, and so are the pictures that were read from files.

    Parameters
    ----------
    vectors : DataFrame of numbers, indexed by video_id; or ndarray of numbers, (n, d)
        As for `clustering.cluster_videos`.
    captions : dict of video_id to list of str, optional
        For key words, and under the examples.
    videos : sequence of paths or images, or Frames; optional
        One for each video, of which examples are drawn; else it is drawn how many videos each cluster has.
    n_clusters, seed : int
        As for `clustering.cluster_videos`. The seed has no control.
    words : bool
        Whether to find key words, by `keywords.describe_clusters`.
    curve : bool, optional
        Whether to compare numbers of clusters, by `clustering.choose_k`: once. By default if there are at most 2,000
        videos.
    table : DataFrame, optional
        What `clustering.choose_k` gave for these vectors, if that is known already.
    word_options : dict, optional
        Keyword arguments of `keywords.describe_clusters`, such as {"k_nearest": 10}.

    Returns
    -------
    ClusterExplorer
        Its `result` is VideoClusters.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or does not fit the others.
    """
    n_clusters, seed = check_count("n_clusters", n_clusters, at_least=1), check_seed(seed)
    for name, value in (("words", words), ("curve", curve)):
        if not isinstance(value, bool) and not (value is None and name == "curve"):
            raise ParameterError(f"{name} must be True or False; got {value!r}")
    # what is wrong with vectors is told by who clusters them
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", UserWarning)
        names = clustering.cluster_videos(vectors, 1).video_ids
    videos = None if videos is None else check_videos(videos, len(names))
    if captions is not None:
        if not isinstance(captions, dict):
            raise ParameterError(
                f"captions must be a dict of video_id to list of captions; got {type(captions).__name__}"
            )
        for name in captions:
            if not isinstance(name, str):
                raise ParameterError(f"captions must be by the ids of the videos, such as {names[0]!r}; got {name!r}")
        told = captions_of(captions, len(names), names)
        captions = {name: captions[name] for name, texts in zip(names, told, strict=True) if texts} or None
    if word_options is not None and not isinstance(word_options, dict):
        raise ParameterError(f"word_options must be a dict of keyword arguments; got {type(word_options).__name__}")
    known = keywords.describe_clusters.__kwdefaults__
    for name in word_options or ():
        if name not in known:
            raise ParameterError(
                f"word_options must be of the keyword arguments of keywords.describe_clusters, {', '.join(known)}; "
                f"got {name!r}"
            )
    if table is not None and (not isinstance(table, pd.DataFrame) or not {"k", "silhouette"} <= set(table.columns)):
        raise ParameterError("table must be that of clustering.choose_k")
    return ClusterExplorer(
        vectors,
        captions=captions,
        videos=videos,
        n_clusters=n_clusters,
        seed=seed,
        words=words,
        curve=(len(names) <= QUICK or table is not None) if curve is None else curve,
        table=table,
        options=word_options or {},
    )


def _found(vectors, n_clusters, seed, captions, options, curve):
    """Return clusters, their words, the table of numbers of clusters, and what was warned of."""
    words = table = None
    with warnings.catch_warnings(record=True) as noted:
        warnings.simplefilter("always", UserWarning)
        clusters = clustering.cluster_videos(vectors, n_clusters, seed=seed)
        if captions is not None:
            words = keywords.describe_clusters(clusters, captions, **{**options, "progress": False})
    if curve:
        ks = range(2, min(MOST_COMPARED, len(vectors) - 1) + 1)
        try:
            table = clustering.choose_k(vectors, ks, seed=seed, progress=False)
        except ParameterError:
            # of videos that are too alike, or too few
            table = pd.DataFrame({"k": []})
    return clusters, words, table, [str(note.message) for note in noted]
