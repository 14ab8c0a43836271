"""Rows written as a line of text, and read from one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from toolkit.tables.lines import read_line, write_line


@pytest.mark.parametrize(
    "row",
    [
        {"b": [1, "a]b"]},
        {"a": [["]; c=1"], ["["]], "c": 'x"]'},
        {"a": ['\\"]', "\\"], "b": "]"},
        {"a": "1e999", "b": "[1e999]", "c": [1.5, None, True]},
        {"a": [["=;"], []], "d e": "[1] y"},
    ],
)
def test_lists_of_any_text_come_back_from_a_line(row):
    assert read_line(write_line(row)) == row


@pytest.mark.parametrize(
    ("line", "columns"),
    [
        (" a = 1 ;b=two words;", {"a": 1, "b": "two words"}),
        ("a=[1] y; b=[x", {"a": "[1] y", "b": "[x"}),
        ("a=[x, y]; b=", {"a": "[x, y]", "b": ""}),
        ('a="C:\\x"; b=1', {"a": '"C:\\x"', "b": 1}),
        ("", {}),
        *((line, {"text": line}) for line in ("a", "=1", "a=1; b", "a=b=c", 'a="x" y', 'a"=1', "a=1;; b=2", "end=3")),
    ],
)
def test_a_line_is_columns_where_all_of_it_is(line, columns):
    assert read_line(line) == columns


@settings(max_examples=300)
@given(st.text(st.sampled_from('ab1 =;"[],\\\n'), max_size=30))
def test_a_line_tells_columns_or_its_text(line):
    columns = read_line(line)
    assert columns == {"text": line} or read_line(write_line(columns)) == columns


@pytest.mark.parametrize(
    "line",
    [
        " " * 20_000 + "a b" * 3000,
        "a" + " " * 200_000 + "=" + " " * 200_000 + "b" + " " * 200_000 + '"',
        "a=[1;" * 50_000,
        "a=[" * 50_000,
        'a=["' * 50_000,
        'a="' + "\\" * 200_001,
        "a=" + "[" * 100_000,
    ],
)
def test_a_line_of_any_form_is_read(line):
    # these took hours where a pattern went back over what it had read
    assert list(read_line(line)) in (["a"], ["text"])
