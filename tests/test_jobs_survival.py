"""Outputs of jobs: what is left after a crash or on a full disk, and going on from there."""

import csv
import errno
import io
import json
import os
from pathlib import Path
from signal import SIGKILL
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from job_files import (
    PACKED,
    all_inputs,
    content,
    convert,
    file,
    lines_of,
    parquet,
    raised,
    unpack,
)

from cleantext.jobs import parquet_sink
from cleantext.jobs.compression import unpacked
from cleantext.jobs.formats import (
    open_lines,
    open_sink,
    open_source,
)
from cleantext.jobs.partial import PartialFile
from cleantext.jobs.records import JobError, Record


@settings(max_examples=15, deadline=None)
@given(
    st.lists(st.text(st.characters(codec="utf-8"), max_size=50), min_size=1, max_size=12),
    st.integers(1, 4),
    st.sampled_from([f"{kind}{suffix}" for kind in (".jsonl", ".csv") for suffix in PACKED]),
)
def test_every_checkpoint_is_a_valid_prefix(
    tmp_path_factory: pytest.TempPathFactory, bodies: list[str], every: int, suffix: str
) -> None:
    folder = tmp_path_factory.mktemp("job")
    data = b"".join(json.dumps({"body": body}).encode() + b"\n" for body in bodies)
    if suffix.startswith(".csv"):
        text = io.StringIO()
        csv.writer(text, quoting=csv.QUOTE_ALL).writerows(
            [["n", "body"], *([0, b] for b in bodies)]
        )
        data = text.getvalue().encode()
    path = file(folder, f"a{suffix}", data)
    source = open_source(path, field="body")
    states = convert(source, str(folder / f"whole{suffix}"), every=every)
    whole = (folder / f"whole{suffix}").read_bytes()
    for state in states:
        if not state["bytes"]:
            continue  # packed files have at least one member
        cut = file(folder, "cut", whole[: state["bytes"]])
        (folder / f"cut{suffix}").write_bytes(Path(cut).read_bytes())
        assert unpack(folder / f"whole{suffix}").startswith(unpack(folder / f"cut{suffix}"))
    assert states[-1]["bytes"] == len(whole) or not unpack(folder / f"whole{suffix}")
    assert convert(source, str(folder / f"again{suffix}"), every=every) == states
    assert (folder / f"again{suffix}").read_bytes() == whole


@pytest.mark.parametrize("kind", range(8))
def test_a_killed_run_goes_on_at_its_checkpoint(tmp_path: Path, kind: int) -> None:
    path = all_inputs(tmp_path)[kind]
    suffix = "".join(Path(path).suffixes)
    source = open_source(path, field="body")
    every, whole = 2, tmp_path / f"whole{suffix}"
    convert(source, str(whole), every=every)
    for killed in range(12):
        output = tmp_path / f"out{suffix}"
        sink = open_sink(output, source, overwrite=True)
        sink.restore({})
        state, at = dict(sink.checkpoint()), 0
        for item in source.records(0):
            if item.number == killed:
                break
            if isinstance(item, Record):
                sink.write(item, raised(item.text))
            if (item.number + 1) % every == 0:
                state, at = dict(sink.checkpoint()), item.number + 1
        sink.abandon()
        assert not output.exists()
        if output.with_name(f"{output.name}.partial").is_file():  # what a dying writer left
            with output.with_name(f"{output.name}.partial").open("ab") as stream:
                stream.write(b"half a li")
        again = open_sink(output, open_source(path, field="body"))
        again.restore(json.loads(json.dumps(state)))
        for item in source.records(at):
            if isinstance(item, Record):
                again.write(item, raised(item.text))
            if (item.number + 1) % every == 0:
                again.checkpoint()
        last = again.checkpoint()
        again.finish()
        assert content(output) == content(whole)
        assert not list(tmp_path.glob("out*.partial*"))
        # killed behind the renaming, before anybody took note of it
        after = open_sink(output, source)
        after.restore(last)
        assert after.checkpoint() == last
        after.finish()
        assert content(output) == content(whole)
        with pytest.raises(JobError, match="is whole"):
            after.write(next(r for r in source.records(0) if isinstance(r, Record)), "more")
        if output.is_dir():
            for each in sorted(output.rglob("*"), reverse=True):
                each.rmdir() if each.is_dir() else each.unlink()
            output.rmdir()
        else:
            output.unlink()


@pytest.mark.parametrize("kind", range(8))
def test_a_partial_that_is_gone_or_shorter_is_told(tmp_path: Path, kind: int) -> None:
    path = all_inputs(tmp_path)[kind]
    source = open_source(path, field="body")
    output = tmp_path / f"out{''.join(Path(path).suffixes)}"
    sink = open_sink(output, source)
    for item in source.records(0):
        if isinstance(item, Record):
            sink.write(item, item.text)
    state = dict(sink.checkpoint())
    sink.abandon()
    partial = sink.partial
    assert partial is not None
    if partial.is_dir():
        (partial / "1" / "4.txt").unlink()
    else:
        os.truncate(partial, partial.stat().st_size - 1)
    with pytest.raises(JobError, match="start afresh"):
        open_sink(output, source).restore(state)
    partial.rename(tmp_path / "elsewhere")
    with pytest.raises(JobError, match="start afresh"):
        open_sink(output, source).restore(state)


@pytest.mark.parametrize("kind", range(8))
def test_outputs_that_exist(tmp_path: Path, kind: int) -> None:
    path = all_inputs(tmp_path)[kind]
    source = open_source(path, field="body")
    output = tmp_path / f"out{''.join(Path(path).suffixes)}"
    convert(source, str(output))
    made = content(output)
    with pytest.raises(JobError, match=r"out.* exists"):
        open_sink(output, source).checkpoint()
    if output.is_dir():
        with pytest.raises(JobError, match="not empty; it is not replaced"):
            open_sink(output, source, overwrite=True).checkpoint()
    else:
        convert(source, str(output), change=str, overwrite=True)
        assert content(output) != made
    unfinished = open_sink(tmp_path / f"b{output.suffix}", source, overwrite=True)
    unfinished.checkpoint()
    unfinished.abandon()
    with pytest.raises(JobError, match=r"\.partial is there from a run that was not finished"):
        open_sink(tmp_path / f"b{output.suffix}", source).checkpoint()
    convert(source, str(tmp_path / f"b{output.suffix}"), overwrite=True)


@pytest.mark.parametrize("kind", range(8))
def test_the_output_is_not_the_input(tmp_path: Path, kind: int) -> None:
    path = all_inputs(tmp_path)[kind]
    source = open_source(path, field="body")
    link = tmp_path / f"link{''.join(Path(path).suffixes)}"
    link.symlink_to(path)
    for same in (path, link):
        with pytest.raises(JobError, match="is the input as well"):
            open_sink(same, source, overwrite=True)


def test_an_output_that_is_another_format_or_nowhere(tmp_path: Path) -> None:
    source = open_source(file(tmp_path, "a.jsonl", lines_of(1)), field="body")
    with pytest.raises(JobError, match="would be csv, but the input is jsonl"):
        open_sink(tmp_path / "b.csv", source)
    with pytest.raises(JobError, match="there is no folder"):
        open_sink(tmp_path / "none" / "b.jsonl", source)
    with pytest.raises(JobError, match="is a folder"):
        open_sink(tmp_path, source)
    convert(source, str(tmp_path / "b.out"))
    assert (tmp_path / "b.out").read_bytes() == b'{"body": "TEXT 0"}\n'


def test_an_output_through_a_link_keeps_the_link(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "out.jsonl").symlink_to(tmp_path / "real" / "kept.jsonl")
    source = open_source(file(tmp_path, "a.jsonl", lines_of(1)), field="body")
    convert(source, str(tmp_path / "out.jsonl"))
    assert (tmp_path / "out.jsonl").is_symlink()
    assert (tmp_path / "real" / "kept.jsonl").read_bytes() == b'{"body": "TEXT 0"}\n'


def test_an_output_that_comes_to_be_meanwhile_stays(tmp_path: Path) -> None:
    lines = open_lines(tmp_path / "out.jsonl")
    lines.write({"a": 1})
    (tmp_path / "out.jsonl").write_text("mine")
    with pytest.raises(JobError, match="meanwhile"):
        lines.finish()
    assert (tmp_path / "out.jsonl").read_text() == "mine"


@pytest.mark.skipif(not hasattr(os, "fork"), reason="kills a child")
@pytest.mark.parametrize("overwrite", [False, True])
def test_parquet_killed_behind_the_renaming(
    tmp_path: Path, overwrite: bool, monkeypatch: Any
) -> None:
    source = open_source(all_inputs(tmp_path)[-1], field="body")
    output = tmp_path / "out.parquet"
    if overwrite:
        convert(source, str(output), change=str)
    sink = open_sink(output, source, overwrite=overwrite)
    for item in source.records(0):
        if isinstance(item, Record):
            sink.write(item, raised(item.text))
    state = dict(sink.checkpoint())
    monkeypatch.setattr(parquet_sink, "sync_folder", lambda _: os.kill(os.getpid(), SIGKILL))
    if not (child := os.fork()):
        sink.finish()
        os._exit(0)
    assert os.WTERMSIG(os.waitpid(child, 0)[1]) == SIGKILL
    monkeypatch.undo()
    sink.abandon()
    assert output.exists()
    assert sink.partial
    assert sink.partial.exists()
    again = open_sink(output, source, overwrite=overwrite)
    again.restore(state)
    again.finish()
    convert(source, str(tmp_path / "whole.parquet"))
    assert content(output) == content(tmp_path / "whole.parquet")
    assert not list(tmp_path.glob("out*.partial*"))


def test_another_table_of_as_many_rows_is_not_taken_for_the_output(tmp_path: Path) -> None:
    pa = pytest.importorskip("pyarrow")
    source = open_source(all_inputs(tmp_path)[-1], field="body")
    output = tmp_path / "out.parquet"

    def unfinished() -> tuple[Any, dict[str, Any]]:
        sink = open_sink(output, source, overwrite=True)
        for item in source.records(0):
            if isinstance(item, Record):
                sink.write(item, item.text)
        state = dict(sink.checkpoint())
        sink.abandon()
        return sink.partial, state

    _, state = unfinished()
    parquet(output, pa.table({"n": range(10), "body": ["mine"] * 10}))
    again = open_sink(output, source)
    again.restore(state)
    with pytest.raises(JobError, match="meanwhile"):
        again.finish()
    partial, state = unfinished()
    partial.unlink()
    parquet(output, pa.table({"other": range(10)}))
    with pytest.raises(JobError, match="start afresh"):
        open_sink(output, source).restore(state)


class _Full:
    """A file on a disk that is full after so many bytes."""

    def __init__(self, stream: Any, room: int) -> None:
        self._stream, self._room = stream, room

    def write(self, data: Any) -> int:
        if not self._room:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        written: int = self._stream.write(bytes(data[: self._room]))
        self._room -= written
        return written

    def __getattr__(self, name: str) -> Any:
        return getattr(self._stream, name)


@pytest.mark.parametrize("compression", ["", "gzip", "zstd"])
@pytest.mark.parametrize("room", [0, 1, 100])
def test_a_full_disk_leaves_the_last_checkpoint(
    tmp_path: Path, compression: Any, room: int, monkeypatch: Any
) -> None:
    path = str(tmp_path / "out")
    noise = bytes(range(256)) * 4

    def begun() -> PartialFile:
        output = PartialFile(path, compression)
        output.write(b"first\n")
        return output

    output = begun()
    state = output.checkpoint()
    output._file = _Full(output._file, room)  # type: ignore[assignment]
    output.write(noise)
    with pytest.raises(OSError, match="No space"):
        output.checkpoint()
    for again in (output.checkpoint, output.finish, lambda: output.write(b"x")):
        with pytest.raises(OSError, match="given up"):
            again()
    output.abandon()
    resumed = PartialFile(path, compression)
    resumed.restore(state)
    resumed.write(noise)
    resumed.checkpoint()
    resumed.finish()
    assert b"".join(unpacked(iter([Path(path).read_bytes()]), compression)) == b"first\n" + noise


@pytest.mark.parametrize("kind", ["parquet", "folder"])
def test_a_full_disk_at_the_end_can_be_gone_on_from(
    tmp_path: Path, kind: str, monkeypatch: Any
) -> None:
    path = all_inputs(tmp_path)[-1 if kind == "parquet" else -2]
    source = open_source(path, field="body")
    output = tmp_path / ("out.parquet" if kind == "parquet" else "out")
    sink = open_sink(output, source)
    for item in source.records(0):
        if isinstance(item, Record):
            sink.write(item, raised(item.text))
    state = sink.checkpoint()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(os, "replace" if kind == "folder" else "fsync", full)
        with pytest.raises(OSError, match="No space"):
            sink.finish()
        sink.abandon()
    assert not output.exists()
    assert not list(tmp_path.glob("*.partial.parquet"))
    again = open_sink(output, source)
    again.restore(state)
    again.finish()
    convert(source, str(tmp_path / f"plain{output.suffix}"))
    assert content(output) == content(tmp_path / f"plain{output.suffix}")


def test_a_file_that_is_half_written_is_no_output(tmp_path: Path, monkeypatch: Any) -> None:
    source = open_source(all_inputs(tmp_path)[-2], field="body")
    first, second = list(source.records(0))[:2]
    assert isinstance(first, Record)
    assert isinstance(second, Record)
    sink = open_sink(tmp_path / "out", source)
    sink.write(first, "whole")
    state = sink.checkpoint()

    def half(path: Path, data: bytes) -> int:
        with path.open("wb") as stream:
            stream.write(data[:2])
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with monkeypatch.context() as broken:
        broken.setattr(Path, "write_bytes", half)
        with pytest.raises(OSError, match="No space"):
            sink.write(second, "whole too")
    for again in (sink.checkpoint, sink.finish, lambda: sink.write(second, "more")):
        with pytest.raises(OSError, match="given up"):
            again()
    resumed = open_sink(tmp_path / "out", source)
    resumed.restore(state)
    resumed.finish()
    assert content(tmp_path / "out") == {"0/0.txt": b"whole"}


def test_after_abandon_nothing_is_lost_by_writing_on(tmp_path: Path) -> None:
    output = PartialFile(str(tmp_path / "out"), overwrite=True)
    output.write(b"kept")
    output.checkpoint()
    output.abandon()
    with pytest.raises(OSError, match="given up"):
        output.write(b"more")
    assert (tmp_path / "out.partial").read_bytes() == b"kept"
