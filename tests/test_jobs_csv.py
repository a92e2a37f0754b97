"""CSV: what is read, what is rejected, what stays byte for byte."""

import csv
import io
from pathlib import Path
from typing import Any

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st
from job_files import (
    TABLE,
    convert,
    converted,
    file,
    read,
    read_until_broken,
)

from cleantext.jobs import csv_cells
from cleantext.jobs.formats import (
    open_source,
)
from cleantext.jobs.records import JobError, Record, Reject


def test_csv_keeps_all_but_the_text(tmp_path: Path) -> None:
    assert converted(tmp_path, "a.csv", TABLE) == (
        b'\xef\xbb\xbf"id",body,note\r\n'
        b'1,PLAIN,"as ""is"""\r\n'
        b'"2","TWO\r\nLINES, ""QUOTED""", spaced \r\n'
        b"3,,\r\n"
        b'4,"A ""B"" C","x"y'
    )


def test_csv_records(tmp_path: Path) -> None:
    found = read(file(tmp_path, "a.csv", TABLE), id_field="id", canonical_field="note")
    assert [(r.number, r.place, r.id, r.text, r.canonical) for r in found] == [  # type: ignore[union-attr]
        (0, "line 2", "1", "plain", 'as "is"'),
        (1, "line 4", "2", 'two\r\nlines, "quoted"', " spaced "),
        (2, "line 6", "3", "", None),
        (3, "line 7", "4", 'a "b" c', "xy"),
    ]


@pytest.mark.parametrize(
    ("name", "data", "expected"),
    [
        ("a.csv", b"id;body\n1;x,y\n", b"id;body\n1;X,Y\n"),
        ("a.csv", b"id|body\n1|x;y\n", b"id|body\n1|X;Y\n"),
        ("a.csv", b"id\tbody\n1\tx,y\n", b"id\tbody\n1\tX,Y\n"),
        ("a.csv", b"body\nx;y\n", b"body\nX;Y\n"),
        ("a.csv", b"a,b;body\n1;x\n", b"a,b;body\n1;X\n"),
        ("a.tsv", b"id,n\tbody\n1\tx,y\n", b"id,n\tbody\n1\tX,Y\n"),
    ],
)
def test_csv_delimiters(tmp_path: Path, name: str, data: bytes, expected: bytes) -> None:
    assert converted(tmp_path, name, data) == expected


def test_csv_from_and_to_tabs(tmp_path: Path) -> None:
    rows = open_source(file(tmp_path, "a.csv", b'id,body\n"1, 2","x\ty"\n3,"z"'), field="body")
    convert(rows, str(tmp_path / "b.tsv"))
    assert (tmp_path / "b.tsv").read_bytes() == b'id\tbody\n1, 2\t"X\tY"\n3\tZ'
    convert(open_source(tmp_path / "b.tsv", field="body"), str(tmp_path / "c.csv"))
    assert (tmp_path / "c.csv").read_bytes() == b'id,body\n"1, 2",X\tY\n3,Z'


def test_csv_output_column(tmp_path: Path) -> None:
    data = b'id,body,new\n1,"x",2\n3,"a, b",'
    assert converted(tmp_path, "a.csv", data, output_field="new") == (
        b'id,body,new\n1,"x",X\n3,"a, b","A, B"'
    )
    assert converted(tmp_path, "a.csv", data, output_field="n, m", overwrite=True) == (
        b'id,body,new,"n, m"\n1,"x",2,X\n3,"a, b",,"A, B"'
    )


def test_csv_of_one_column_has_no_blank_rows(tmp_path: Path) -> None:
    made = converted(tmp_path, "a.csv", b"body\nx\ny\n", change=lambda text: text.strip("x"))
    assert made == b'body\n""\ny\n'
    source = open_source(file(tmp_path, "a.tsv", b'body\n""\ny\n'), field="body")
    convert(source, str(tmp_path / "b.csv"))
    assert (tmp_path / "b.csv").read_bytes() == b'body\n""\nY\n'
    # an empty cell among others needs no quotes
    source = open_source(file(tmp_path, "c.tsv", b'id\tbody\n""\tx\n'), field="body")
    convert(source, str(tmp_path / "d.csv"))
    assert (tmp_path / "d.csv").read_bytes() == b"id,body\n,X\n"


def test_csv_whose_canonical_version_is_too_long_says_so(tmp_path: Path) -> None:
    path = file(tmp_path, "a.csv", b"body,good\nx," + b"y" * 11 + b"\n")
    (found,) = read(path, canonical_field="good", max_chars=10)
    assert isinstance(found, Reject)
    assert found.reason == "the canonical version has more than 10 characters"


@pytest.mark.parametrize("name", ["a.csv", "a.tsv"])
def test_csv_whose_header_has_a_lone_quote(tmp_path: Path, name: str) -> None:
    delimiter = b"," if name == "a.csv" else b"\t"
    data = b'id,size 5",body\n1,2,x\n'.replace(b",", delimiter)
    assert converted(tmp_path, name, data) == data.replace(b"x\n", b"X\n")


def test_csv_whose_header_has_a_line_end_in_a_name(tmp_path: Path) -> None:
    assert converted(tmp_path, "a.csv", b'"the\nid",body\n1,x\n') == b'"the\nid",body\n1,X\n'


@pytest.mark.parametrize(
    ("row", "reason"),
    [
        (b"1", "fewer cells than the header"),
        (b"1,x,2", "more cells than the header"),
        (b"1,caf\xe9", "not UTF-8"),
        (b"1," + b"x" * 11, "more than 10 characters"),
        (b'1,"no," he', "goes on behind its closing quote"),
    ],
)
def test_csv_rejects(tmp_path: Path, row: bytes, reason: str) -> None:
    path = file(tmp_path, "a.csv", b"id,body\n0,xxxxxxxxxx\n" + row + b"\n2,b\x00c\n")
    _, found, after = read(path, max_chars=10)
    assert isinstance(found, Reject)
    assert reason in found.reason
    assert (found.number, found.place) == (1, "line 3")
    assert isinstance(after, Record)
    assert (after.number, after.text) == (2, "b\x00c")


def test_csv_quote_that_is_never_closed_swallows_no_rows(tmp_path: Path) -> None:
    rows = b"".join(b"%d,text\n" % number for number in range(2000))
    data = b"id,body\n" + rows.replace(b"2,text", b'2,"text', 1)
    for kind in ("a.csv", "a.csv.gz"):
        found, told = read_until_broken(file(tmp_path, kind, data))
        assert [item.text for item in found] == ["text", "text"]
        assert "begins on line 4: it takes in all 1,998 lines" in told
        assert "mend it" in told
        assert "--overwrite" in told
    # also behind closed ones, in a row over the limit, and where a job goes on
    read_until_broken(file(tmp_path, "b.csv", b'id,body\n1,"x\ny"\n"2\n3","z\n4,z\n'))
    read_until_broken(file(tmp_path, "c.csv", b'id,body\n1,"' + b"x\n" * 9_000_000))
    with pytest.raises(JobError, match="never closed"):
        read(file(tmp_path, "a.csv", data), 2)


@pytest.mark.parametrize("end", [b"", b"\n", b"\r\n"])
def test_csv_quote_that_is_not_closed_on_the_last_line_is_a_reject(
    tmp_path: Path, end: bytes
) -> None:
    kept, found = read(file(tmp_path, "a.csv", b'id,body\n1,"x\ny"\n2,"z' + end))
    assert isinstance(kept, Record)
    assert isinstance(found, Reject)
    assert "never closed" in found.reason
    assert (found.place, found.raw) == ("line 4", '2,"z')


def test_a_monstrous_cell_is_rejected(tmp_path: Path) -> None:
    cell = b'"' + (b'x, ""y"" ' * 8 + b"\n") * 300_000 + b'"'
    path = file(tmp_path, "a.csv.gz", b"id,body\n1," + cell + b'\n2,"fine"\n')
    found, after = read(path)
    assert isinstance(found, Reject)
    assert found.reason == "the row has more than 16,777,216 bytes"
    assert isinstance(after, Record)
    assert (after.text, after.place) == ("fine", "line 300003")


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\n\n", "is empty"),
        (b"id,text\n1,x\n", "no column 'body'; its header names 'id', 'text'"),
        (b"body,body\n", "2 columns 'body'"),
        (b'"id,body\n1,x\n', "no header"),
    ],
)
def test_csv_without_such_a_column(tmp_path: Path, data: bytes, told: str) -> None:
    with pytest.raises(JobError, match=told):
        open_source(file(tmp_path, "a.csv", data), field="body")
    with pytest.raises(JobError, match="no column 'key'"):
        open_source(file(tmp_path, "b.csv", b"body\nx\n"), field="body", id_field="key")


CELLS = st.text(st.sampled_from('a,"\n é;')) | st.text(st.characters(codec="utf-8"))


@given(
    st.lists(st.lists(CELLS, min_size=2, max_size=4), min_size=1),
    st.sampled_from([",", ";", "\t"]),
    st.sampled_from([csv.QUOTE_MINIMAL, csv.QUOTE_ALL]),
    st.sampled_from(["\n", "\r\n"]),
    st.integers(1, 9),
)
def test_csv_cells_are_those_of_the_csv_module(
    table: list[list[str]], delimiter: str, quoting: Any, end: str, step: int
) -> None:
    if end == "\n" and quoting == csv.QUOTE_MINIMAL:  # it leaves a carriage return bare
        assume(not any(row[-1].endswith("\r") for row in table))
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter, quoting=quoting, lineterminator=end).writerows(table)
    data, mark = text.getvalue().encode(), delimiter.encode()
    chunks = (data[at : at + step] for at in range(0, len(data), step))
    rows = list(csv_cells.rows(chunks, mark, 10_000_000))
    assert b"".join(row.raw for row in rows) == data
    assert [
        [csv_cells.value(row.raw[a:b]).decode() for a, b in csv_cells.cells(row.raw, mark)]
        for row in rows
    ] == table


@given(st.text(st.sampled_from('a,"" \n'), max_size=40))
def test_csv_of_any_quotes_is_read_as_the_csv_module_does(text: str) -> None:
    rows = list(csv_cells.rows(iter([text.encode()]), b",", 1000))
    found = [
        [csv_cells.value(row.raw[a:b]).decode() for a, b in csv_cells.cells(row.raw, b",")]
        for row in rows
        if row.closed and row.raw.strip(b"\n")
    ]
    expected = [row for row in csv.reader(io.StringIO(text, newline="")) if row]
    assert found == expected[: len(found)]
    assert len(expected) - len(found) == sum(not row.closed for row in rows)
