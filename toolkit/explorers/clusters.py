"""Videos in clusters by hand: how many, how well they lie in them, and what each is about."""

import warnings

import ipywidgets
import numpy as np
import pandas as pd

from toolkit import clustering, keywords
from toolkit.checks import check_choice, check_count, check_seed
from toolkit.clustering.cards import captions_of, check_videos, picture_of
from toolkit.errors import ParameterError
from toolkit.explorers.explorer import SlowExplorer
from toolkit.explorers.pictures import Picture, new_figure
from toolkit.plots import plot_choose_k, plot_cluster_examples, plot_cluster_sizes, plot_silhouettes

# of so many videos numbers of clusters are compared without being asked for
AUTO_VIDEOS = 2000
MOST_COMPARED, MOST_CLUSTERS = 30, 40
# of the examples: clusters, videos of each, the farthest one among them
ROWS, NEAREST, FARTHEST = 8, 4, 2
# inches of the figures and below the examples, and pixels of a picture that is kept
WIDTH, MARGIN, PICTURE_WIDTH = 10.4, 0.1, 320


class ClusterExplorer(SlowExplorer):
    """Videos in clusters, with a control for how many: their silhouettes, their key words, and examples of each.

    Clusters and words are computed in another process, a moment after the last change, and that can be stopped. What
    was found once is kept, and so are the pictures that were read from files.

    Parameters
    ----------
    vectors : DataFrame of numbers, indexed by video_id; or ndarray of numbers, (n, d)
        As for `clustering.cluster_videos`.
    captions : dict of video_id to list of str, optional
        For key words, and under the examples.
    videos : sequence of paths or images, or Frames; optional
        One for each video, of which examples are drawn; else a chart shows how many videos each cluster has.
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

    Attributes
    ----------
    result : VideoClusters
        What `clustering.cluster_videos` returns.
    key_words : dict or None
        The words of each cluster.
    table : DataFrame or None
        That of `clustering.choose_k`.

    Raises
    ------
    ParameterError
        If an argument is of the wrong kind, or does not fit the others.
    """

    texts = {
        "n_clusters": ("clusters", "how many clusters the videos are put into"),
        "words": ("key words", "find what each cluster is about in the captions of its videos"),
        "curve": (
            "compare numbers of clusters",
            "cluster the videos into 2, 3 and so on, once, and draw how good that is",
        ),
    }

    def __init__(
        self,
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
        n_clusters, self._seed = check_count("n_clusters", n_clusters, at_least=1), check_seed(seed)
        for name, value in (("words", words), ("curve", False if curve is None else curve)):
            if not isinstance(value, bool):
                raise ParameterError(f"{name} must be True or False; got {value!r}")
        # what is wrong with vectors is reported when they are clustered
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", UserWarning)
            names = clustering.cluster_videos(vectors, 1).video_ids
        n = len(names)
        self._vectors, self._videos = vectors, None if videos is None else check_videos(videos, n)
        self._captions = None if captions is None else _check_captions(captions, names)
        self._word_options = _check_word_options({} if word_options is None else word_options)
        if table is not None and (not isinstance(table, pd.DataFrame) or not {"k", "silhouette"} <= set(table.columns)):
            raise ParameterError("table must be that of clustering.choose_k")
        curve = (n <= AUTO_VIDEOS or table is not None) if curve is None else curve
        self.table, self.key_words, self._notes = table, None, []
        # what was computed, by the controls, and pictures of videos by their places
        self._results, self._pictures = {}, {}
        most, narrow = max(n_clusters, min(n, MOST_CLUSTERS)), {"width": "auto"}
        controls = {
            "n_clusters": ipywidgets.IntSlider(n_clusters, 1, most, layout={"width": "380px"}),
            "words": ipywidgets.Checkbox(words, indent=False, layout=narrow),
            "curve": ipywidgets.Checkbox(curve, indent=False, layout=narrow),
        }
        super().__init__(controls, [Picture(), Picture()])

    def wanted(self):
        """Return the values of the controls, and the seed, which has none."""
        return super().wanted() | {"seed": self._seed}

    def task(self, *, n_clusters, words, curve, seed):
        """Return the function that clusters, and its arguments."""
        captions = self._captions if words else None
        return _compute, self._vectors, n_clusters, seed, captions, self._word_options, curve and self.table is None

    def take(self, parameters, result):
        """Show clusters, and keep what was computed."""
        clusters, self.key_words, table, self._notes = result
        self.table = self.table if table is None else table
        self._results[parameters["n_clusters"], parameters["words"]] = clusters, self.key_words, None, self._notes
        super().take(parameters, clusters)

    def draw(self):
        """Draw how good the clusters are, and videos of each."""
        clusters, table = self.result, self.table if self.parameters["curve"] else None
        comparable = clusters.n_clusters > 1 and np.isfinite(clusters.silhouette)
        high = float(np.clip(1.2 + 0.2 * clusters.n_clusters, 3 if table is None else 6, 9))
        figure = new_figure(WIDTH, high)
        left, right = ((x, 0.48 / high, wide, 1 - 0.85 / high) for x, wide in ((0.05, 0.4), (0.55, 0.43)))
        if comparable:
            plot_silhouettes(clusters, ax=figure.add_axes(left))
        else:
            text = "Silhouettes compare clusters:\nthere must be at least two, and fewer than videos."
            figure.text(0.25, 0.5, text, ha="center", va="center")
        if table is not None and len(table):
            plot_choose_k(table, k=clusters.n_clusters, ax=figure.add_axes(right))
        elif table is not None:
            text = "There are too few different videos\nto compare numbers of clusters."
            figure.text(0.76, 0.5, text, ha="center")
        self.pictures[0].show(figure, f"silhouettes of {clusters.n_clusters} clusters")
        self._draw_members(clusters)
        parts = [f"{clusters.n_clusters} clusters of {len(clusters.video_ids)} videos"]
        parts += [f"silhouette {clusters.silhouette:.2f}"] if comparable else []
        parts += ["no captions, and so no words"] if self.parameters["words"] and self._captions is None else []
        if self._videos is not None:
            of = f"the first {ROWS} clusters" if clusters.n_clusters > ROWS else "each cluster"
            parts.append(f"of {of} the {NEAREST} videos nearest its centre, and the {FARTHEST} farthest from it")
        return "; ".join([*parts, *self._notes])

    def _draw_members(self, clusters):
        """Draw videos of each cluster, or where none were passed how many it has, and its words."""
        k = clusters.n_clusters
        if self._videos is None:
            high = 0.8 + 0.25 * k
            figure = new_figure(7.5, high)
            ax = figure.add_axes((0.08, 0.5 / high, 0.9, 1 - 0.6 / high))
            plot_cluster_sizes(clusters, words=self.key_words, ax=ax)
            self.pictures[1].show(figure, f"how many videos are in each of {k} clusters")
            return
        videos = list(self._videos)
        for cluster in range(min(ROWS, k)):
            members = clusters.members(cluster)
            for place in {*members[:NEAREST].tolist(), *members[NEAREST:][-FARTHEST:].tolist()}:
                if place not in self._pictures:
                    self._pictures[place] = picture_of(videos[place], PICTURE_WIDTH)
                if self._pictures[place] is not None:
                    videos[place] = self._pictures[place]
        # how high it is shows only when it is drawn
        figure = new_figure(WIDTH, WIDTH)
        options = {"nearest": NEAREST, "farthest": FARTHEST, "rows": ROWS, "words": self.key_words}
        ax = plot_cluster_examples(clusters, videos, self._captions, **options, ax=figure.add_axes((0, 0, 1, 1)))
        sheet = ax.images[0].get_array()
        high = WIDTH * sheet.shape[0] / sheet.shape[1]
        figure.set_size_inches(WIDTH, high + MARGIN)
        ax.set_position((0, 0, 1, high / (high + MARGIN)))
        self.pictures[1].show(figure, "videos of each cluster", photo=True)

    def call(self, *, n_clusters, words, curve, seed):
        """Return the line that clusters, and where words are shown the one that finds them."""
        code = f"clustering.cluster_videos(vectors, n_clusters={n_clusters}, seed={seed})"
        if words and self._captions is not None:
            options = "".join(f", {name}={value!r}" for name, value in self._word_options.items())
            code = f"clusters = {code}\nwords = keywords.describe_clusters(clusters, captions{options})"
        return code

    def _on_change(self, change):
        parameters = self.wanted()
        result = self._results.get((parameters["n_clusters"], parameters["words"]))
        if result is None or (parameters["curve"] and self.table is None):
            super()._on_change(change)
            return
        self._end()
        self._rest()
        self.take(parameters, result)


explore_clusters = ClusterExplorer


def _check_captions(captions, names):
    """Return the captions of the videos that have any; None if no video has."""
    if not isinstance(captions, dict):
        raise ParameterError(f"captions must be a dict of video_id to list of captions; got {type(captions).__name__}")
    for name in captions:
        if not isinstance(name, str):
            raise ParameterError(f"captions must be by the ids of the videos, such as {names[0]!r}; got {name!r}")
    texts_of_videos = captions_of(captions, len(names), names)
    return {name: captions[name] for name, texts in zip(names, texts_of_videos, strict=True) if texts} or None


def _check_word_options(options):
    if not isinstance(options, dict):
        raise ParameterError(f"word_options must be a dict of keyword arguments; got {type(options).__name__}")
    for name in options:
        wanted = "each name in word_options, keyword arguments of keywords.describe_clusters,"
        check_choice(wanted, name, tuple(keywords.describe_clusters.__kwdefaults__))
    return options


def _compute(vectors, n_clusters, seed, captions, options, curve):
    """Return clusters, their words, the table of numbers of clusters, and texts of warnings."""
    words = table = None
    with warnings.catch_warnings(record=True) as notes:
        warnings.simplefilter("always", UserWarning)
        clusters = clustering.cluster_videos(vectors, n_clusters, seed=seed)
        if captions is not None:
            words = keywords.describe_clusters(clusters, captions, **{**options, "progress": False})
    if curve:
        ks = range(2, min(MOST_COMPARED, len(vectors) - 1) + 1)
        try:
            table = clustering.choose_k(vectors, ks, seed=seed, progress=False)
        except ParameterError:
            # of videos that are too similar, or too few
            table = pd.DataFrame({"k": []})
    return clusters, words, table, [str(note.message) for note in notes]
