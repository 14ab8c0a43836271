"""The captions of MSR-VTT, as its makers and those who use it have published them.

References
----------
J. Xu, T. Mei, T. Yao and Y. Rui, MSR-VTT: A large video description dataset for bridging video and language, CVPR 2016.
Y. Yu, J. Kim and G. Kim, A joint sequence fusion model for video question answering and retrieval, ECCV 2018, for the
test list of 1,000 videos ("JSFUSION", "1k-A").
"""

import re

from toolkit.corpus import captions as caption_files
from toolkit.corpus.files import check_folder, files_in, paths_by_id
from toolkit.errors import DataError, ParameterError
from toolkit.tables import decode_text, read_cells

# the files of MSR-VTT, of its makers and of those who have put it together anew, the first that is there is read
MSRVTT = (
    re.compile(r"(train_val_|train_|val_|test_)?videodatainfo(_\d+)?\.json", re.IGNORECASE),
    re.compile(r"msr-?_?vtt_data\.json", re.IGNORECASE),
    re.compile(r"msr-?_?vtt\.json", re.IGNORECASE),
)
SPLITS = ("train", "validate", "test")
# lists of one cut of MSR-VTT, such as MSRVTT_train.9k.csv, train_list_jsfusion.txt, msrvtt_ret_test1k.json
LIST = re.compile(r"(msr-?_?vtt.*|(train|val|test)_list.*)\.(csv|json|txt)", re.IGNORECASE)


def load_msrvtt(folder, *, split=None, videos=None) -> dict[str, list[str]]:
    """Return the captions of MSR-VTT, from its files as published.

    They are sought in a folder and the folders in it: ``train_val_videodatainfo.json`` and
    ``test_videodatainfo.json`` (or those of 2017), else ``MSRVTT_data.json``, else ``MSR_VTT.json``, which have all
    captions; beside them may be lists of one cut, such as ``MSRVTT_train.9k.csv``, ``MSRVTT_JSFUSION_test.csv``,
    ``train_list_jsfusion.txt`` or ``msrvtt_ret_test1k.json``. Where there are only lists with captions, those are read.

    Parameters
    ----------
    folder : path
    split : str, optional
        "train", "validate" or "test", as the videos themselves tell; or the name of a list, with or without its
        ending. Of a list that has captions (MSRVTT_JSFUSION_test.csv has one a video) these are returned, else all
        captions of the videos that it lists. None for all.
    videos : table, Series or dict of paths by video_id; optional
        As in `load_captions`: the captions of these videos alone are returned, by the ids that they have there.

    Returns
    -------
    dict of str to list of str
        By video_id, such as "video0". A caption that several people wrote is there as often; empty ones are left out,
        with a warning that counts them.

    Raises
    ------
    ParameterError
        If there is no such folder or split, or videos are of the wrong kind.
    DataError
        If the folder has none of these files, one is broken, or a list names no video that has captions.
    """
    check_folder(folder, "that of MSR-VTT's files")
    videos = None if videos is None else paths_by_id("videos", videos)
    files = sorted(files_in(folder))
    whole = next((paths for form in MSRVTT if (paths := [file for file in files if form.fullmatch(file.name)])), [])
    lists = [file for file in files if LIST.fullmatch(file.name) and file not in whole]
    if not whole and not lists:
        raise DataError(
            f"{folder} holds no captions of MSR-VTT; expected train_val_videodatainfo.json and "
            "test_videodatainfo.json, or MSRVTT_data.json"
        )
    captions, splits = {}, {}
    for file in whole:
        table = caption_files.read_json(file)
        own = caption_files.gather_captions(caption_files.pairs_of_json(table, file), file, once=False)
        # a video's captions are those of one file: the whole may be there beside its parts
        captions = caption_files.by_id(own) | captions
        splits |= _splits(table)
    if split is None:
        captions = captions or _captions_of_lists(lists)
    else:
        captions = _cut(split, captions, splits, lists, folder)
    return captions if videos is None else caption_files.of_videos(captions, videos, folder)


def _cut(split, captions, splits, lists, folder):
    """Return the captions of the videos of a split."""
    if split in SPLITS and split in splits.values():
        return {name: own for name, own in captions.items() if splits.get(name) == split}
    chosen = [file for file in lists if split in (file.name, file.stem)]
    if not chosen:
        choices = [name for name in SPLITS if name in splits.values()] + [file.stem for file in lists]
        raise ParameterError(
            f"split must be one of {', '.join(map(repr, choices)) or 'none'} in {folder}; got {split!r}"
        )
    names, own = _list(chosen[0])
    if own:
        return own
    listed = {name: captions[name] for name in names if name in captions}
    if not listed:
        raise DataError(
            f"{chosen[0]} must list videos that have captions; got {', '.join(map(repr, names[:3])) or 'none'}, and "
            f"captions of {', '.join(map(repr, list(captions)[:3])) or 'none'}"
        )
    return listed


def _captions_of_lists(lists):
    captions = {}
    for file in lists:
        captions = _list(file)[1] | captions
    if not captions:
        raise DataError(f"{lists[0]} lists videos without captions; expected MSRVTT_data.json beside it")
    return captions


def _list(file):
    """Return the videos that a list names, and their captions if it has any."""
    names = None
    if file.suffix.lower() == ".txt":
        names = [line.strip() for line in decode_text(file.read_bytes()).splitlines()]
    elif file.suffix.lower() == ".csv" and not caption_files.caption_columns(cells := read_cells(file)[0]):
        video, _ = caption_files.keys_of(cells, file, "its first line", captions=list(cells))
        names = cells[video]
    if names is not None:
        return caption_files.video_ids_of(dict.fromkeys(filter(None, names))), {}
    captions = caption_files.by_id(caption_files.gather_captions(caption_files.pairs_of(file), file, once=False))
    return list(captions), captions


def _splits(table):
    """Return the split of each video of a JSON of MSR-VTT."""
    videos = table.get("videos") if isinstance(table, dict) else None
    if not isinstance(videos, list):
        return {}
    rows = [row for row in videos if isinstance(row, dict) and isinstance(row.get("video_id"), str)]
    return {row["video_id"]: row["split"] for row in rows if isinstance(row.get("split"), str)}
