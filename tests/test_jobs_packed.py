"""Packed files: members one after another, broken ones, bombs."""

import gzip
import os
import sys
import zlib
from pathlib import Path
from typing import Any

import pytest
from job_files import (
    ODD,
    PACKED,
    TABLE,
    converted,
    file,
    lines_of,
    packed,
    peak_of_memory,
    read,
    read_until_broken,
    texts,
)

from cleantext.jobs.records import JobError


@pytest.mark.parametrize("suffix", PACKED)
@pytest.mark.parametrize("name", ["a.jsonl", "a.csv"])
def test_packed_files(tmp_path: Path, name: str, suffix: str) -> None:
    data = TABLE if name == "a.csv" else ODD
    (tmp_path / "plain").mkdir()
    plain = converted(tmp_path / "plain", name, data)
    assert converted(tmp_path, name + suffix, data) == plain


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_members_one_after_another(tmp_path: Path, suffix: str) -> None:
    parts = [lines_of(5), b"", lines_of(3000, 5), b'{"body": ', b'"split"}\n']
    data = b"".join(packed(part, f"x{suffix}") for part in parts)
    padding = bytes(100) if suffix == ".gz" else b""
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(data + padding)
    assert texts(str(path)) == [f"text {n}" for n in range(3005)] + ["split"]


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_truncated_member_gives_what_is_before(tmp_path: Path, suffix: str) -> None:
    data = packed(lines_of(1000), f"x{suffix}") + packed(lines_of(1000, 1000), f"x{suffix}")
    path = tmp_path / f"a.jsonl{suffix}"
    path.write_bytes(data[:-20])
    found, told = read_until_broken(path)
    assert len(found) >= 1000
    assert [item.text for item in found] == [f"text {n}" for n in range(len(found))]
    assert f"breaks off after {len(found):,} records: it ends inside a" in told
    assert f"byte {len(data) - 20:,};" in told
    assert told.endswith("mend it or get it anew, then start afresh with --overwrite")


def test_a_broken_gzip_member_gives_what_is_before(tmp_path: Path) -> None:
    first = gzip.compress(lines_of(1000))
    broken = bytearray(gzip.compress(lines_of(1000, 1000)))
    broken[-8] ^= 1  # the checksum
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(first + broken)
    found, told = read_until_broken(path)
    assert len(found) == 2000
    assert "after 2,000 records: a gzip member is broken at byte" in told


def test_broken_deflate_data_gives_what_is_before(tmp_path: Path) -> None:
    stream = zlib.compressobj(wbits=31)
    good = stream.compress(lines_of(1000)) + stream.flush(zlib.Z_FULL_FLUSH)
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(good + b"\xff" * 100)
    found, told = read_until_broken(path)
    assert len(found) == 1000
    assert f"a gzip member is broken at byte {len(good):,};" in told


def test_garbage_behind_members(tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl.gz"
    path.write_bytes(gzip.compress(lines_of(3)) + b"garbage")
    with pytest.raises(JobError, match="after 3 records: a gzip member is broken"):
        read(str(path))


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_bomb_is_one_long_line(tmp_path: Path, suffix: str) -> None:
    path = file(tmp_path, f"a.jsonl{suffix}", bytes(300_000_000) + b'\n{"body": "after"}\n')
    assert os.path.getsize(path) < 500_000
    with peak_of_memory() as peak:
        assert texts(path) == [None, "after"]
    assert peak() < 120_000_000


def test_no_records_make_files_that_can_be_unpacked(tmp_path: Path) -> None:
    for suffix in PACKED:
        made = converted(tmp_path, f"a.jsonl{suffix}", b"\n")
        assert made == b""
        assert (os.path.getsize(tmp_path / "out" / f"a.jsonl{suffix}") > 0) == bool(suffix)


@pytest.mark.parametrize("suffix", [".gz", ".zst"])
def test_a_packed_file_of_no_bytes_is_broken(tmp_path: Path, suffix: str) -> None:
    path = tmp_path / f"a.jsonl{suffix}"
    path.touch()
    found, told = read_until_broken(path)
    assert not found
    assert "it is empty, without a single" in told
    table = path.rename(tmp_path / f"a.csv{suffix}")
    with pytest.raises(JobError, match="breaks off in its header: it is empty, without"):
        read(str(table))


def test_missing_zstandard_names_the_command(tmp_path: Path, monkeypatch: Any) -> None:
    path = file(tmp_path, "a.jsonl.zst", b'{"body": "x"}')
    monkeypatch.setitem(sys.modules, "zstandard", None)
    with pytest.raises(JobError, match=r'pip install "cleantext-news\[zstd\]"'):
        read(path)
    assert texts(file(tmp_path, "a.jsonl.gz", b'{"body": "x"}')) == ["x"]
