"""A corrected table of a folder in one session: what it writes over, what it keeps, and what it takes back."""

import numpy as np
import pandas as pd
import pytest

from toolkit import DataError, ParameterError, exports, tables
from toolkit.exports.corrections import CorrectedTable, notes_of, with_notes

ONE, TWO, THREE = (pd.DataFrame({"start": np.arange(n) * 1.5, "end": np.arange(n) * 1.5 + 1.5}) for n in (1, 2, 3))
HAND = "start;who\n0:00;Ann\n"


@pytest.fixture
def path(tmp_path):
    """Return where shots of a film are corrected; the folder is there, the file is not."""
    exports.write_table(tmp_path / "film", "shots", THREE)
    return tmp_path / "film" / "shots.corrected.csv"


def begun(path):
    """Return the shots' table of a session that begins as the explorers do."""
    file = CorrectedTable(path.parent, "shots")
    file.begin(file.read())
    return file


def names(path):
    return sorted(found.name for found in path.parent.iterdir())


def holds(path, table):
    pd.testing.assert_frame_equal(exports.read_table(path.parent, "shots"), table)
    return True


def test_nothing_is_written_before_something_changes(path):
    file = begun(path)
    assert not file.is_there
    assert file.read() is None
    file.save(None)
    assert names(path) == ["shots.csv"]
    path.write_text(HAND)
    file = begun(path)
    assert file.is_there
    assert file.read().to_dict("list") == {"start": [0.0], "who": ["Ann"]}
    file.save(file.read())
    assert path.read_text() == HAND
    assert names(path) == ["shots.corrected.csv", "shots.csv"]


def test_the_first_change_keeps_the_file_of_another_hand(path):
    path.write_text(HAND)
    file = begun(path)
    file.save(ONE)
    assert path.with_name("shots.corrected-1.csv").read_text() == HAND
    assert holds(path, ONE)


def test_of_a_sessions_own_steps_no_copies_are_kept(path):
    file = begun(path)
    for table in (ONE, TWO, THREE, ONE):
        file.save(table)
        assert holds(path, table)
        assert names(path) == ["shots.corrected.csv", "shots.csv"]


def test_a_second_session_keeps_what_the_first_wrote(path):
    begun(path).save(ONE)
    second = begun(path)
    second.save(TWO)
    second.save(THREE)
    assert names(path) == ["shots.corrected-1.csv", "shots.corrected.csv", "shots.csv"]
    pd.testing.assert_frame_equal(tables.read_csv(path.with_name("shots.corrected-1.csv")), ONE)


@pytest.mark.parametrize(("there", "mine"), [(None, ONE), ("start\n0\n", None), ("start\n0\n", ONE)])
@pytest.mark.parametrize("step", [lambda file: file.save(TWO), lambda file: file.save(None), CorrectedTable.set_aside])
def test_what_another_hand_saved_meanwhile_is_noticed_and_left(path, there, mine, step):
    if there is not None:
        path.write_text(there)
    file = begun(path)
    if mine is not None:
        file.save(mine)
    path.write_text(HAND)
    before = names(path)
    for _ in range(2):
        with pytest.raises(DataError, match=r"shots.corrected.csv was saved meanwhile .*; run the cell again"):
            step(file)
    assert path.read_text() == HAND
    assert names(path) == before
    # a session that begins now goes on from it
    begun(path).save(TWO)
    assert holds(path, TWO)


def test_a_table_that_did_not_change_is_not_written_over_another_programs(path):
    file = begun(path)
    file.save(ONE)
    path.write_text(HAND)
    file.save(ONE.copy())
    assert path.read_text() == HAND


def test_a_file_that_is_gone_is_written_again(path):
    file = begun(path)
    file.save(ONE)
    path.unlink()
    file.save(TWO)
    assert holds(path, TWO)
    path.unlink()
    file.save(None)
    assert names(path) == ["shots.csv"]


def test_undoing_everything_removes_what_was_not_there(path):
    file = begun(path)
    file.save(ONE)
    file.save(TWO)
    file.save(ONE)
    file.save(None)
    assert names(path) == ["shots.csv"]
    file.save(TWO)
    assert holds(path, TWO)
    assert names(path) == ["shots.corrected.csv", "shots.csv"]


def test_undoing_everything_leaves_what_was_there(path):
    path.write_text("start,end\n0,1.5\n")
    file = begun(path)
    file.save(TWO)
    file.save(ONE)
    assert holds(path, ONE)
    assert path.with_name("shots.corrected-1.csv").read_text() == "start,end\n0,1.5\n"


def test_what_is_set_aside_is_kept_and_read_no_more(path):
    file = begun(path)
    file.set_aside()
    assert names(path) == ["shots.csv"]
    file.save(ONE)
    file.set_aside()
    assert names(path) == ["shots.corrected-1.csv", "shots.csv"]
    assert holds(path, THREE)
    # the same table as before, which is not there any more
    file.save(ONE)
    assert holds(path, ONE)
    assert names(path) == ["shots.corrected-1.csv", "shots.corrected.csv", "shots.csv"]


def test_a_column_that_would_not_come_back_is_refused_and_what_was_saved_stays(path):
    file = begun(path)
    file.save(ONE)
    with pytest.raises(ParameterError, match="without ; in their names"):
        file.save(TWO.assign(**{"a;b": 1}))
    assert holds(path, ONE)
    file.save(TWO)
    assert names(path) == ["shots.corrected.csv", "shots.csv"]


def test_without_a_folder_nothing_is_saved():
    file = CorrectedTable(None, "shots")
    file.begin(None)
    file.save(ONE)
    file.save(None)
    file.set_aside()
    assert file.folder is None
    assert not file.is_there
    assert file.read() is None


def test_what_is_no_folder_or_no_table_is_refused(path):
    with pytest.raises(ParameterError, match="folder must be the path of a folder, or None; got 3"):
        CorrectedTable(3, "shots")
    path.write_text("begin\n0\n")
    with pytest.raises(DataError, match="shots.corrected.csv lacks the column start"):
        CorrectedTable(str(path.parent), "shots").read()


def test_what_was_typed_into_other_columns_goes_with_the_rows_and_comes_back(path):
    path.write_text("start;end;who;age;faces\n0;1;Ann;41;[1, 2]\n1;2;;;\n")
    notes = notes_of(begun(path).read(), ("start", "end", "start_frame"))
    assert [list(note) for note in notes] == [["who", "age", "faces"]] * 2
    file = begun(path)
    file.save(with_notes(THREE, [notes[1], {}, notes[0]]))
    back = exports.read_table(path.parent, "shots")
    assert back["who"].fillna("").tolist() == ["", "", "Ann"]
    assert back["age"].fillna(0).tolist() == [0, 0, 41]
    assert back["faces"].tolist() == [[], [], [1, 2]]
    # a table without notes is as it was
    pd.testing.assert_frame_equal(with_notes(THREE, [{}, {}, {}]), THREE)
