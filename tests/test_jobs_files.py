"""Files of jobs: formats, folders, streams, side files, reading from any record on."""

import gzip
import io
import json
import os
import pickle
import sys
from pathlib import Path
from typing import Any

import pytest
from job_files import (
    PACKED,
    all_inputs,
    content,
    convert,
    file,
    lines_of,
    read,
    texts,
    unpack,
)

from cleantext.cli import files as cli_files
from cleantext.cli.messages import InputError
from cleantext.jobs.formats import (
    Format,
    detect_format,
    open_lines,
    open_sink,
    open_source,
)
from cleantext.jobs.records import JobError, Record, Reject

# --- formats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("a.jsonl", Format("jsonl")),
        ("a.NDJSON.gz", Format("jsonl", "gzip")),
        ("a.json", Format("jsonl")),
        ("a.b.csv.zst", Format("csv", "zstd")),
        ("a.tsv", Format("tsv")),
        ("a.pq", Format("parquet")),
        ("a.txt", None),
        ("jsonl", None),
        ("-", None),
    ],
)
def test_format_by_name(name: str, expected: Format | None) -> None:
    assert detect_format(name) == expected


def test_a_folder_is_a_folder_whatever_its_name(tmp_path: Path) -> None:
    (tmp_path / "stories.csv").mkdir()
    assert detect_format(tmp_path / "stories.csv") == Format("folder")


def test_a_format_can_be_named(tmp_path: Path) -> None:
    path = file(tmp_path, "export", gzip.compress(b'body\n"a, b"\n'))
    assert texts(path, format="csv.gz") == ["a, b"]
    with pytest.raises(JobError, match=r"no format 'xml'.*jsonl"):
        open_source(path, field="body", format="xml")


def test_input_that_is_missing_or_unreadable(tmp_path: Path) -> None:
    with pytest.raises(JobError, match=r"none\.jsonl cannot be read: No such file"):
        open_source(tmp_path / "none.jsonl", field="body")


@pytest.mark.parametrize(
    ("head", "told"),
    [
        ('{"body": "x"}\n'.encode("utf-16"), "UTF-16; convert it: iconv"),
        (gzip.compress(b"{}"), "packed with gzip; name it .gz"),
        (b"PAR1rest", "a Parquet file"),
        (b"PK\x03\x04rest", "a zip archive"),
    ],
)
def test_input_that_is_something_else(tmp_path: Path, head: bytes, told: str) -> None:
    with pytest.raises(JobError, match=told):
        read(file(tmp_path, "a.jsonl", head))


def test_one_list_in_a_json_file_is_no_lines(tmp_path: Path) -> None:
    for name in ("a.json", "a.JSON", "a.json.gz"):
        with pytest.raises(JobError, match="jq -c"):
            read(file(tmp_path, name, b'[{"body": "a"}]'))
    # as a line among others it is a reject
    assert texts(file(tmp_path, "a.jsonl", b'[{"body": "a"}]\n{"body": "b"}')) == [None, "b"]


# --- folders --------------------------------------------------------------------------------------


def test_folders(tmp_path: Path) -> None:
    for name, data in {
        "b.txt": b"\xef\xbb\xbfline\r\n",
        "a/z.txt": b"deep",
        "a/y.txt.gz": b"packed",
        "a.txt": b"",
        "a/notes.md": b"no record",
        "c.TXT": "é".encode(),
    }.items():
        file(tmp_path, f"in/{name}", data)
    source = open_source(tmp_path / "in", field="body")
    found = list(source.records(0))
    assert [(item.place, item.text, item.id) for item in found if isinstance(item, Record)] == [
        ("a.txt", "", "a.txt"),
        ("a/y.txt.gz", "packed", "a/y.txt.gz"),
        ("a/z.txt", "deep", "a/z.txt"),
        ("b.txt", "line\r\n", "b.txt"),
        ("c.TXT", "é", "c.TXT"),
    ]
    convert(source, str(tmp_path / "out"))
    made = content(tmp_path / "out")
    assert gzip.decompress(made.pop("a/y.txt.gz")) == b"PACKED"
    assert made == {
        "a.txt": b"",
        "a/z.txt": b"DEEP",
        "b.txt": b"\xef\xbb\xbfLINE\r\n",
        "c.TXT": "É".encode(),
    }


def test_folder_rejects(tmp_path: Path) -> None:
    root = tmp_path / "in"
    file(root, "a.txt", b"fine")
    file(root, "b.txt", b"caf\xe9")
    file(root, "c.txt", b"x" * 11)
    (root / "d.txt").symlink_to(root / "none")
    (root / "e.txt").symlink_to(root / "e.txt")
    (root / "f.txt.gz").write_bytes(gzip.compress(b"text")[:-3])
    (root / "loop").symlink_to(root)
    os.mkfifo(root / "g.txt")
    file(root, "h.txt", "text".encode("utf-16"))
    file(root, "i.txt", b"x" * 17_000_000)
    found = list(open_source(root, field="body", max_chars=10).records(0))
    assert isinstance(found[0], Record)
    rejected = [(item.place, item.reason) for item in found if isinstance(item, Reject)]
    assert rejected == [
        ("b.txt", "the file is not UTF-8"),
        ("c.txt", "the text has more than 10 characters"),
        ("d.txt", "the file cannot be read: No such file or directory"),
        ("e.txt", "the file cannot be read: Too many levels of symbolic links"),
        ("f.txt.gz", "the file cannot be unpacked to its end"),
        ("g.txt", "it is no regular file"),
        ("h.txt", "the file is UTF-16; convert it: iconv -f UTF-16 -t UTF-8"),
        ("i.txt", "the file has more than 16,777,216 bytes"),
    ]


def test_folders_that_cannot_be_used(tmp_path: Path) -> None:
    file(tmp_path, "in/a.txt", b"x")
    (tmp_path / "empty").mkdir()
    with pytest.raises(JobError, match=r"has no \.txt file"):
        open_source(tmp_path / "empty", field="body")
    with pytest.raises(JobError, match="no fields"):
        open_source(tmp_path / "in", field="body", id_field="id")
    source = open_source(tmp_path / "in", field="body")
    with pytest.raises(JobError, match="lie in each other"):
        open_sink(tmp_path / "in" / "out", source)
    with pytest.raises(JobError, match="no output field"):
        open_sink(tmp_path / "out", source, output_field="new")
    with pytest.raises(JobError, match=r"out\.jsonl names a file"):
        open_sink(tmp_path / "out.jsonl", source)
    convert(source, str(tmp_path / "empty"))  # an empty folder is taken
    assert content(tmp_path / "empty") == {"a.txt": b"X"}


# --- standard input and output --------------------------------------------------------------------


class _Standard:
    def __init__(self, data: bytes = b"") -> None:
        self.buffer = io.BufferedReader(io.BytesIO(data)) if data else io.BytesIO()  # type: ignore


@pytest.mark.parametrize(
    ("format", "data", "expected"),
    [
        (None, b'{"body": "x"}\n', b'{"body": "X"}\n'),
        ("csv", b'id,body\n1,"x"\n', b'id,body\n1,"X"\n'),
        ("csv.gz", gzip.compress(b"body\nx\n"), b"body\nX\n"),
    ],
)
def test_standard_input_and_output(
    monkeypatch: Any, format: str | None, data: bytes, expected: bytes
) -> None:
    monkeypatch.setattr(sys, "stdin", _Standard(data))
    monkeypatch.setattr(sys, "stdout", out := _Standard())
    source = open_source("-", field="body", format=format)
    assert (source.resumable, source.size(), source.fingerprint()) == (False, None, {})
    assert convert(source, "-") == [{}, {}]
    assert out.buffer.getvalue() == expected  # type: ignore[attr-defined]
    with pytest.raises(JobError, match="cannot be gone on with"):
        open_sink("-", source).restore({"bytes": 5})


def test_standard_input_or_output_that_is_closed(tmp_path: Path, monkeypatch: Any) -> None:
    source = open_source(file(tmp_path, "a.jsonl", lines_of(1)), field="body")
    monkeypatch.setattr(sys, "stdin", None)
    monkeypatch.setattr(sys, "stdout", None)
    with pytest.raises(JobError, match="standard input is closed"):
        read("-")
    with pytest.raises(JobError, match="standard output is closed"):
        convert(source, "-")
    with pytest.raises(InputError, match="standard input is closed"):
        cli_files.read("-")
    with pytest.raises(InputError, match="standard output is closed"):
        cli_files.print_text("x")


def test_a_broken_pipe_passes(monkeypatch: Any, tmp_path: Path) -> None:
    class Gone(io.BytesIO):
        def write(self, data: Any) -> int:
            raise BrokenPipeError

    monkeypatch.setattr(sys, "stdout", out := _Standard())
    out.buffer = Gone()
    source = open_source(file(tmp_path, "a.jsonl", lines_of(1)), field="body")
    with pytest.raises(BrokenPipeError):
        convert(source, "-")


def test_what_cannot_be_a_stream(tmp_path: Path) -> None:
    inputs = all_inputs(tmp_path)
    for path in inputs[-2:]:
        with pytest.raises(JobError, match="standard output"):
            open_sink("-", open_source(path, field="body"))
    with pytest.raises(JobError, match="standard input"):
        open_source("-", field="body", format="parquet")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="needs named pipes")
def test_devices_and_pipes_are_streams(tmp_path: Path) -> None:
    source = open_source(file(tmp_path, "a.jsonl", lines_of(3)), field="body")
    assert convert(source, os.devnull) == [{}, {}]
    os.mkfifo(tmp_path / "pipe.jsonl")
    if not (child := os.fork()):
        (tmp_path / "pipe.jsonl").write_bytes(lines_of(3))
        os._exit(0)
    piped = open_source(tmp_path / "pipe.jsonl", field="body")
    assert (piped.resumable, piped.size()) == (False, None)
    assert len(list(piped.records(0))) == 3
    os.waitpid(child, 0)


# --- side files -----------------------------------------------------------------------------------


@pytest.mark.parametrize("suffix", PACKED)
def test_side_files(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"rejects.jsonl{suffix}"
    lines = open_lines(path)
    lines.write({"raw": "caf\udce9 é\n", "number": 0})
    state = lines.checkpoint()
    lines.write({"raw": "lost"})
    lines.checkpoint()
    lines.abandon()
    again = open_lines(path)
    again.restore(state)
    again.write({"raw": "kept"})
    again.finish()
    assert unpack(path) == b'{"raw": "caf\\udce9 \xc3\xa9\\n", "number": 0}\n{"raw": "kept"}\n'
    with pytest.raises(JobError, match="exists"):
        open_lines(path).write({})
    open_lines(path, overwrite=True).finish()
    assert unpack(path) == b""


# --- reading from a record on, fingerprints, progress ---------------------------------------------


@pytest.mark.parametrize("kind", range(8))
def test_reading_from_any_record_on(tmp_path: Path, kind: int) -> None:
    source = open_source(all_inputs(tmp_path)[kind], field="body")
    whole = list(source.records(0))
    assert len(whole) == 11
    assert [item.number for item in whole] == list(range(11))
    assert sum(isinstance(item, Reject) for item in whole) == 1
    for start in range(13):
        assert list(source.records(start)) == whole[start:]
    assert source.position() == source.size()
    assert source.resumable
    assert [pickle.loads(pickle.dumps(item)) for item in whole] == whole


@pytest.mark.parametrize("kind", range(8))
def test_fingerprints(tmp_path: Path, kind: int) -> None:
    path = all_inputs(tmp_path)[kind]
    source = open_source(path, field="body")
    before = source.fingerprint()
    assert json.loads(json.dumps(before)) == before == open_source(path, field="body").fingerprint()
    changed = path if os.path.isfile(path) else os.path.join(path, "0", "3.txt")
    status = os.stat(changed)
    os.utime(changed, ns=(status.st_atime_ns, status.st_mtime_ns + 10**9))
    assert source.fingerprint() != before


def test_a_parquet_input_that_changed_is_told_at_the_end(tmp_path: Path) -> None:
    path = all_inputs(tmp_path)[-1]
    source = open_source(path, field="body")
    sink = open_sink(tmp_path / "out.parquet", source)
    for item in source.records(0):
        if isinstance(item, Record):
            sink.write(item, item.text)
    os.utime(path, (0, 0))
    with pytest.raises(JobError, match="has changed"):
        sink.finish()
