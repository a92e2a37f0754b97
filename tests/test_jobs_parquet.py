"""Parquet: all columns but the text stay as they are."""

import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job_files import convert, file, parquet, raised, read, read_until_broken

from cleantext.jobs.formats import (
    open_sink,
    open_source,
)
from cleantext.jobs.records import JobError, Record, Reject


def rows_table() -> Any:
    """A table with columns of many types; the text stands among them."""
    import datetime
    from decimal import Decimal

    import pyarrow as pa

    day = datetime.datetime(2020, 1, 2, 3, 4, 5, 678901)
    columns = {
        "id": pa.array([1, 2, None, 4], pa.int64()),
        "small": pa.array([1, 2, 3, None], pa.uint8()),
        "real": pa.array([1.5, None, 2.5, float("inf")], pa.float32()),
        "money": pa.array([Decimal("1.50"), None, Decimal("2.00"), None], pa.decimal128(9, 2)),
        "when": pa.array([day, None, day, day], pa.timestamp("us", "Europe/Berlin")),
        "day": pa.array([day.date(), None, day.date(), None], pa.date32()),
        "flag": pa.array([True, None, False, True]),
        "raw": pa.array([b"\xff", None, b"", b"a"], pa.binary()),
        "body": pa.array(["one", "two", None, "four é"], pa.string()),
        "list": pa.array([["a"], None, [], ["b", None]], pa.list_(pa.string())),
        "struct": pa.array([{"a": 1, "b": "x"}, None, {"a": None, "b": "y"}, {"a": 2, "b": None}]),
        "map": pa.array([[("k", 1)], [], None, [("m", 2)]], pa.map_(pa.string(), pa.int32())),
        "large": pa.array(["a", None, "c", "d"], pa.large_string()),
        "cat": pa.array(["b", "a", None, "b"]).dictionary_encode(),
        "ordered": pa.DictionaryArray.from_arrays(
            pa.array([2, 0, None, 1], pa.int8()), pa.array(["low", "mid", "high"]), ordered=True
        ),
    }
    table = pa.table(columns).replace_schema_metadata({"team": "news"})
    described = table.schema.field("id").with_metadata({"unit": "one"})
    needed = pa.field("needed", pa.int32(), nullable=False)
    table = table.set_column(0, described, table.column(0))
    return table.append_column(needed, pa.array([1, 2, 3, 4], pa.int32()))


@pytest.mark.parametrize("group", [1, 2, 100])
@pytest.mark.parametrize("codec", ["snappy", "zstd", "none"])
def test_parquet_keeps_all_but_the_text(tmp_path: Path, group: int, codec: str) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = parquet(tmp_path / "a.parquet", rows_table(), row_group_size=group, compression=codec)
    source = open_source(path, field="body", id_field="id")
    assert [getattr(item, "id", "") for item in source.records(0)] == ["1", "2", "", "4"]
    convert(source, str(tmp_path / "b.parquet"))
    before, after = pq.read_table(path), pq.read_table(tmp_path / "b.parquet")
    assert after.schema.equals(before.schema, check_metadata=True)
    assert after.column("body").to_pylist() == ["ONE", "TWO", "FOUR É"]
    kept = before.take(pa.array([0, 1, 3]))
    for name in before.schema.names:
        if name != "body":
            assert after.column(name).to_pylist() == kept.column(name).to_pylist()
    old, new = pq.read_metadata(path), pq.read_metadata(tmp_path / "b.parquet")
    assert new.schema.equals(old.schema)
    assert new.row_group(0).column(0).compression == old.row_group(0).column(0).compression
    assert [new.row_group(0).column(n).has_dictionary_page for n in range(new.num_columns)] == [
        old.row_group(0).column(n).has_dictionary_page for n in range(old.num_columns)
    ]


def test_parquet_ordered_categories_keep_their_order(tmp_path: Path) -> None:
    pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    path = parquet(tmp_path / "a.parquet", rows_table())
    convert(open_source(path, field="body"), str(tmp_path / "b.parquet"))
    column = pq.read_table(tmp_path / "b.parquet").column("ordered")
    assert column.chunk(0).dictionary.to_pylist() == ["low", "mid", "high"]


@pytest.mark.parametrize(
    "kind", ["string", "large_string", "string_view", "dictionary", "large_dictionary"]
)
@pytest.mark.parametrize("output_field", [None, "new"])
def test_parquet_text_columns(tmp_path: Path, kind: str, output_field: str | None) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    types = {
        "dictionary": pa.dictionary(pa.int8(), pa.string()),
        "large_dictionary": pa.dictionary(pa.int32(), pa.large_string()),
    }
    type = types.get(kind) or getattr(pa, kind)()
    texts = [f"text {n % 7}" for n in range(500)]
    body = pa.array(texts, pa.string()).cast(type.value_type if kind in types else type)
    body = body.dictionary_encode().cast(type) if kind in types else body
    path = parquet(tmp_path / "a.parquet", pa.table({"n": range(500), "body": body}))
    source = open_source(path, field="body")
    numbers = iter(range(500))
    # more different texts than the old dictionary has room for
    convert(
        source,
        str(tmp_path / "b.parquet"),
        change=lambda text: f"{text} {next(numbers)}",
        output_field=output_field,
    )
    after = pq.read_table(tmp_path / "b.parquet")
    expected = [f"{text} {n}" for n, text in enumerate(texts)]
    assert after.column(output_field or "body").to_pylist() == expected
    if output_field:
        assert after.column("body").to_pylist() == texts
        assert after.schema.names == ["n", "body", "new"]
    elif kind not in types:
        assert after.schema.field("body").type == type
    else:
        value_type = pq.read_schema(path).field("body").type.value_type
        assert after.schema.field("body").type == pa.dictionary(pa.int32(), value_type)


def test_parquet_output_column_that_is_there(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table({"new": ["old"], "body": ["x"], "n": [1]})
    source = open_source(parquet(tmp_path / "a.parquet", table), field="body")
    convert(source, str(tmp_path / "b.parquet"), output_field="new")
    assert pq.read_table(tmp_path / "b.parquet").to_pylist() == [{"new": "X", "body": "x", "n": 1}]
    with pytest.raises(JobError, match="cannot go to the column 'n'"):
        open_sink(tmp_path / "c.parquet", source, output_field="n")


def test_parquet_rejects(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    broken = pa.Array.from_buffers(
        pa.string(), 1, [None, pa.py_buffer(b"\0\0\0\0\4\0\0\0"), pa.py_buffer(b"caf\xe9")]
    )
    body = pa.chunked_array([["fine"], pa.array([None], pa.string()), ["x" * 11], broken])
    path = parquet(tmp_path / "a.parquet", pa.table({"body": body, "id": list("abcd")}))
    found = read(path, max_chars=10, id_field="id")
    assert isinstance(found[0], Record)
    assert [(item.place, item.reason) for item in found if isinstance(item, Reject)] == [
        ("row 2", "the column 'body' holds null, not a text"),
        ("row 3", "the text has more than 10 characters"),
        ("row 4", "the text is not UTF-8"),
    ]
    assert isinstance(found[2], Reject)
    assert "id: c" in found[2].raw


def test_parquet_that_cannot_be_used(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    path = parquet(tmp_path / "a.parquet", pa.table({"body": ["x"], "n": [1], "o": [{"t": "x"}]}))
    with pytest.raises(JobError, match="no column 'text'; among its columns are 'body', 'n'"):
        open_source(path, field="text")
    with pytest.raises(JobError, match=r"'n' of .* holds int64, not texts"):
        open_source(path, field="n")
    with pytest.raises(JobError, match=r"no column 'o\.t'"):
        open_source(path, field="o.t")
    with pytest.raises(JobError, match="cannot be read as Parquet"):
        open_source(file(tmp_path, "b.parquet", Path(path).read_bytes()[:-20]), field="body")
    with pytest.raises(JobError, match="packed inside"):
        open_source(file(tmp_path, "b.parquet.gz", b""), field="body")


def test_parquet_with_broken_pages_stops_behind_what_is_whole(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table({"body": [f"text {n}" for n in range(2000)]})
    path = parquet(tmp_path / "a.parquet", table, row_group_size=1000)
    place = pq.read_metadata(path).row_group(1).column(0).data_page_offset
    data = bytearray(Path(path).read_bytes())
    data[place : place + 40] = b"\xff" * 40
    Path(path).write_bytes(data)
    found, told = read_until_broken(path)
    assert len(found) == 1000
    assert "broken after row 1,000" in told
    assert "start afresh with --overwrite" in told


def test_parquet_of_old_forms_and_no_rows(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    table = pa.table(
        {"t": pa.array([1, 2], pa.timestamp("ns")), "l": [["a"], []], "body": ["x", "y"]}
    )
    path = parquet(
        tmp_path / "a.parquet",
        table.replace_schema_metadata({"org.apache.spark.sql.parquet.row.metadata": "{}"}),
        use_deprecated_int96_timestamps=True,
        use_compliant_nested_type=False,
        store_schema=False,
    )
    convert(open_source(path, field="body"), str(tmp_path / "b.parquet"))
    old, new = pq.read_metadata(path), pq.read_metadata(tmp_path / "b.parquet")
    assert new.schema.equals(old.schema)
    assert new.metadata == old.metadata
    # Spark takes the columns from its own metadata, in which an added one is missing
    source = open_source(path, field="body")
    convert(source, str(tmp_path / "c.parquet"), output_field="new")
    assert pq.read_metadata(tmp_path / "c.parquet").metadata is None
    empty = parquet(tmp_path / "e.parquet", table.slice(0, 0))
    convert(open_source(empty, field="body"), str(tmp_path / "f.parquet"))
    assert pq.read_table(tmp_path / "f.parquet").schema.equals(table.schema)


@settings(max_examples=25, deadline=None)
@given(st.data())
def test_parquet_of_any_columns(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    pa = pytest.importorskip("pyarrow")
    import pyarrow.parquet as pq

    folder = tmp_path_factory.mktemp("table")
    rows = data.draw(st.integers(0, 12))
    kinds = {
        pa.int16(): st.integers(-(2**15), 2**15 - 1),
        pa.float64(): st.floats(allow_nan=False),
        pa.string(): st.text(st.characters(codec="utf-8"), max_size=5),
        pa.binary(): st.binary(max_size=5),
        pa.list_(pa.int8()): st.lists(st.integers(-9, 9), max_size=3),
        pa.dictionary(pa.int32(), pa.string()): st.sampled_from(["a", "b", "c"]),
    }
    columns = {}
    for number, type in enumerate(data.draw(st.lists(st.sampled_from(list(kinds)), max_size=4))):
        cells = data.draw(st.lists(st.none() | kinds[type], min_size=rows, max_size=rows))
        columns[f"c{number}"] = pa.array(cells, type)
    bodies = data.draw(
        st.lists(
            st.none() | st.text(st.sampled_from("abé "), max_size=4), min_size=rows, max_size=rows
        )
    )
    columns["body"] = pa.array(bodies, pa.string())
    table = pa.table(columns)
    path = parquet(folder / "a.parquet", table, row_group_size=data.draw(st.integers(1, 13)))
    convert(open_source(path, field="body"), str(folder / "b.parquet"))
    before, after = pq.read_table(path), pq.read_table(folder / "b.parquet")
    assert after.schema.equals(before.schema, check_metadata=True)
    kept = [
        {**row, "body": raised(row["body"])}
        for row in before.to_pylist()
        if row["body"] is not None
    ]
    assert after.to_pylist() == kept


def test_parquet_bytes_do_not_depend_on_checkpoints(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    table = pa.table({"body": [f"text {n}" for n in range(3000)], "c": ["a", "b", "c"] * 1000})
    source = open_source(parquet(tmp_path / "a.parquet", table, row_group_size=700), field="body")
    convert(source, str(tmp_path / "b.parquet"), every=7)
    convert(source, str(tmp_path / "c.parquet"), every=1000)
    assert (tmp_path / "b.parquet").read_bytes() == (tmp_path / "c.parquet").read_bytes()


def test_missing_pyarrow_names_the_command(tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(JobError, match=r'pip install "cleantext-news\[parquet\]"'):
        open_source(file(tmp_path, "a.parquet", b"PAR1"), field="body")
