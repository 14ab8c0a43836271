"""Which video is in which cluster, as a CSV file, and back."""

import os
import warnings
from pathlib import Path

import numpy as np
import pandas as pd

from toolkit.checks import check_video_ids
from toolkit.clustering.cards import check_clusters
from toolkit.errors import DataError, ParameterError
from toolkit.storage import write_whole

COLUMNS = ["video_id", "cluster_id"]


def write_mapping(path, clusters) -> Path:
    """Write which video is in which cluster as CSV, UTF-8, with the columns video_id and cluster_id.

    What is no Unicode in a name of a file, as the byte FF, is written as ``\\udcff``.

    Parameters
    ----------
    path : path
        Of the ``.csv`` file, or of a folder, in which it is named `video_cluster_mapping.csv`. A file that is there is
        replaced.
    clusters : VideoClusters

    Returns
    -------
    Path
        Of the file.

    Raises
    ------
    ParameterError
        If the path is another's, its folder does not exist, or it cannot be written there.
    """
    check_clusters(clusters)
    path = _mapping_path(path)
    # texts as Python has them: pandas' own refuse what is no Unicode
    table = pd.DataFrame({"video_id": pd.Series(clusters.video_ids, dtype=object), "cluster_id": clusters.labels})
    if "\0" in str(path):
        raise ParameterError(f"path must be that of a .csv file, without NUL in it; got {str(path)!r}")
    try:
        with write_whole(path) as partial:
            # with these ends of lines, any line break in a name is in quotes
            table.to_csv(partial, index=False, encoding="utf-8", errors="backslashreplace", lineterminator="\r\n")
    except OSError as error:
        raise ParameterError(f"cannot write {path}: {error.strerror or error}. Name another file") from error
    return path


def read_mapping(path) -> pd.DataFrame:
    """Return what `write_mapping` wrote: video_id, text, and cluster_id, int64.

    Parameters
    ----------
    path : path
        As for `write_mapping`.

    Raises
    ------
    DataError
        If the file is missing, or is not such a table.
    """
    path = _mapping_path(path)
    try:
        with warnings.catch_warnings():
            # a row that is longer than the first line would be cut
            warnings.simplefilter("error", pd.errors.ParserWarning)
            table = pd.read_csv(path, dtype=str, keep_default_na=False, encoding="utf-8-sig", index_col=False)
    except pd.errors.ParserWarning:
        raise DataError(f"{path} must have a value for each column in each row; got a row with more") from None
    except OSError as error:
        raise DataError(f"cannot read the clusters of videos in {path}: {error.strerror or error}") from None
    except ValueError as error:
        raise DataError(f"cannot read the clusters of videos in {path}: it is no CSV in UTF-8 ({error})") from None
    if not set(COLUMNS) <= set(table.columns):
        raise DataError(f"{path} must have the columns video_id and cluster_id; got {', '.join(table.columns)}")
    whole = table["cluster_id"].str.fullmatch(r"\s*\d{1,9}\s*")
    if not whole.all():
        raise DataError(f"{path} must have whole numbers as cluster_id; got {table['cluster_id'][~whole].iloc[0]!r}")
    try:
        check_video_ids(table["video_id"])
    except ParameterError as error:
        raise DataError(f"cannot read the clusters of videos in {path}: {error}") from None
    return table[COLUMNS].astype({"cluster_id": np.int64})


def _mapping_path(path):
    if not isinstance(path, (str, os.PathLike)):
        raise ParameterError(f"path must be that of a .csv file, or of a folder for it; got {path!r}")
    path = Path(path)
    if os.path.isdir(path):
        return path / "video_cluster_mapping.csv"
    if path.suffix.lower() != ".csv":
        raise ParameterError(f"path must be that of a .csv file, or of a folder that exists; got {path}")
    return path
