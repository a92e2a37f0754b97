"""What the tests of files of jobs share: inputs of all kinds, and running them through."""

import gzip
import os
import tracemalloc
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from cleantext.jobs.compression import packer, unpacked
from cleantext.jobs.formats import (
    FileSource,
    open_sink,
    open_source,
)
from cleantext.jobs.records import JobError, Record, Reject

PACKED = ["", ".gz", ".zst"]


def raised(text: str) -> str:
    return text.upper()


def file(folder: Path, name: str, data: bytes) -> str:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed(data, name))
    return str(path)


def packed(data: bytes, name: str) -> bytes:
    match os.path.splitext(name)[1]:
        case ".gz":
            return gzip.compress(data)
        case ".zst":
            pytest.importorskip("zstandard")
            zst = packer("zstd")
            return zst.pack(data) + zst.end()
    return data


def unpack(path: str | Path) -> bytes:
    compression = {".gz": "gzip", ".zst": "zstd"}.get(os.path.splitext(path)[1], "")
    return b"".join(unpacked(iter([Path(path).read_bytes()]), compression))  # type: ignore[arg-type]


def read(path: str, start: int = 0, **options: Any) -> list[Record | Reject]:
    return list(open_source(path, **{"field": "body", **options}).records(start))


def texts(path: str, **options: Any) -> list[str | None]:
    """The texts; None for a reject."""
    return [r.text if isinstance(r, Record) else None for r in read(path, **options)]


def reasons(path: str, **options: Any) -> list[str]:
    return [item.reason for item in read(path, **options) if isinstance(item, Reject)]


def convert(
    source: FileSource,
    output: str,
    change: Callable[[str], str] = raised,
    *,
    every: int = 0,
    **options: Any,
) -> list[dict[str, Any]]:
    """Run all records to an output; the states of the checkpoints, one each ``every`` records."""
    sink = open_sink(output, source, **options)
    states = [dict(sink.checkpoint())]
    for count, item in enumerate(source.records(0), 1):
        if isinstance(item, Record):
            sink.write(item, change(item.text))
        if every and count % every == 0:
            states.append(dict(sink.checkpoint()))
    states.append(dict(sink.checkpoint()))
    sink.finish()
    return states


def converted(folder: Path, name: str, data: bytes, **options: Any) -> bytes:
    """What becomes of a file of that name with its texts in capitals."""
    field = options.pop("field", "body")
    out = folder / "out" / name
    out.parent.mkdir(exist_ok=True)
    convert(open_source(file(folder, name, data), field=field), str(out), **options)
    return unpack(out)


@contextmanager
def peak_of_memory() -> Iterator[Callable[[], int]]:
    """Bytes that Python objects took at most inside."""
    peak = 0
    tracemalloc.start()
    try:
        yield lambda: peak
    finally:
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()


def read_until_broken(path: str | Path) -> tuple[list[Any], str]:
    """What comes before the error, and the error."""
    found = []
    try:
        for item in open_source(path, field="body").records(0):
            found.append(item)
    except JobError as error:
        return found, str(error)
    raise AssertionError("it can be read to its end")


def lines_of(count: int, start: int = 0) -> bytes:
    return b"".join(b'{"body": "text %d"}\n' % number for number in range(start, start + count))


def all_inputs(folder: Path) -> list[str]:
    """An input of each kind with 10 records and some rejects."""
    rows = b"".join(b'%d,"text %d"\n' % (n, n) for n in range(10))
    found = [
        file(folder, f"in{kind}{suffix}", data)
        for kind, data in (
            (".jsonl", lines_of(10) + b"no\n"),
            (".csv", b"id,body\n" + rows + b"no\n"),
        )
        for suffix in PACKED
    ]
    for number in range(10):
        file(folder, f"stories/{number % 3}/{number}.txt", b"text %d" % number)
    file(folder, "stories/1/5b.txt", b"\xff")
    found.append(str(folder / "stories"))
    pyarrow = pytest.importorskip("pyarrow")
    bodies = [*(f"text {n}" for n in range(5)), None, *(f"text {n}" for n in range(5, 10))]
    table = pyarrow.table({"n": range(11), "body": bodies})
    found.append(parquet(folder / "in.parquet", table, row_group_size=4))
    return found


def content(path: Path) -> dict[str, bytes]:
    if path.is_file():
        return {"": path.read_bytes()}
    return {str(p.relative_to(path)): p.read_bytes() for p in path.rglob("*") if p.is_file()}


def parquet(path: Path, table: Any, **options: Any) -> str:
    import pyarrow.parquet

    pyarrow.parquet.write_table(table, path, **options)
    return str(path)


ODD = (
    b'\xef\xbb\xbf{"id":7, "n": 1.0, "big": 12345678901234567890.50, "body" : "a caf\xc3\xa9", "z":[1,2 ]}\r\n'
    b"  \n"
    b' { "body":"one", "body":"two","t":"\\/", "e":1E5 } \n'
    b'{"body":"last \\u00e9"}'
)


TABLE = (
    b'\xef\xbb\xbf"id",body,note\r\n'
    b'1,plain,"as ""is"""\r\n'
    b"\r\n"
    b'"2","two\r\nlines, ""quoted""", spaced \r\n'
    b"3,,\r\n"
    b'4,a "b" c,"x"y'
)
