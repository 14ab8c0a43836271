"""Checks of the arguments of `keywords`: captions, clusters, words with scores, tables of spans."""

from collections.abc import Mapping

import numpy as np

from toolkit.checks import check_captions, check_count, check_number
from toolkit.clustering import VideoClusters
from toolkit.errors import ParameterError
from toolkit.keywords.phrases import stop_set

# names in a message
MAX_LISTED_NAMES = 5


def word_options(top_n, score_threshold, diversity, stop_words):
    """Return what `key_phrases` takes, checked."""
    return {
        "top_n": check_count("top_n", top_n, at_least=1),
        "score_threshold": check_number("score_threshold", score_threshold, at_least=-1),
        "diversity": check_number("diversity", diversity, at_least=0, at_most=1),
        "stop": stop_set(stop_words),
    }


def nearest_captions(clusters, captions, k_nearest):
    """Return for each cluster the captions of the videos nearest its centre, nearest first, as dicts by video_id."""
    k_nearest = check_count("k_nearest", k_nearest, at_least=1)
    if not isinstance(clusters, VideoClusters):
        raise ParameterError(
            f"clusters must be VideoClusters, as clustering.cluster_videos gives it; got {type(clusters).__name__}"
        )
    if not isinstance(captions, Mapping):
        raise ParameterError(f"captions must be a dict of video_id to list of captions; got {type(captions).__name__}")
    ids = np.array(clusters.video_ids, dtype=object)
    texts_by_id = {name: texts for name in ids if name in captions and (texts := check_captions(captions[name], name))}
    if not texts_by_id:
        some = next(iter(captions), None)
        raise ParameterError(
            "captions must be of the videos in the clusters, and none of these has any; the clusters are of "
            f"{list_names('video', ids)}, the captions of "
            f"{'none' if some is None else f'videos such as {some!r:.80}'}"
        )
    nearest = []
    for cluster in range(len(clusters.centers)):
        members = np.flatnonzero(clusters.labels == cluster)
        members = members[np.argsort(clusters.distances[members, cluster], kind="stable")]
        names = [name for name in ids[members] if name in texts_by_id][:k_nearest]
        nearest.append({name: texts_by_id[name] for name in names})
    return nearest


def list_names(noun, names):
    """Return names as words of a message: no more than some of them."""
    names = list(names)
    some = ", ".join(f"{name!r:.80}" for name in names[:MAX_LISTED_NAMES])
    more = f" and {len(names) - MAX_LISTED_NAMES} more" if len(names) > MAX_LISTED_NAMES else ""
    return f"{noun}{'s' if len(names) > 1 else ''} {some}{more}"


def check_descriptions(descriptions):
    """Return words and scores by cluster, of plain numbers and texts."""
    wanted = "descriptions must be a dict of cluster to list of (words, score), as describe_clusters gives it"
    if not isinstance(descriptions, Mapping):
        raise ParameterError(f"{wanted}; got {type(descriptions).__name__}")
    try:
        return {
            int(cluster): [(str(word), float(score)) for word, score in pairs]
            for cluster, pairs in descriptions.items()
        }
    except (TypeError, ValueError):
        raise ParameterError(f"{wanted}; got something else in it") from None


def texts_of(subtitles):
    """Return the texts of a table of subtitles; "" for what is missing."""
    if "text" not in subtitles.columns:
        raise ParameterError("subtitles must have a column text, as subtitles.read_subtitles gives it")
    texts = list(subtitles["text"].fillna(""))
    if not all(isinstance(text, str) for text in texts):
        raise ParameterError("subtitles must have texts in the column text; got something else in it")
    return texts


def labels_of(column):
    """Return labels as int or str."""
    if column.isna().any():
        raise ParameterError("spans must have a label in every row; drop those that have none first")
    if all(isinstance(label, str) for label in column):
        return list(column)
    if column.dtype.kind in "iu":
        return [int(label) for label in column]
    raise ParameterError(f"the column label of spans must hold whole numbers, or names; got dtype {column.dtype}")
