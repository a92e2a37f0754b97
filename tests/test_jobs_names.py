"""The names of jobs: which of them stand in each other's way, and what must not be lost."""

from __future__ import annotations

import sqlite3
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import job_runs
import pytest
from job_runs import CHEAP, content, posix, read, records, write

import cleantext
from cleantext import jobs
from cleantext.jobs import JobError, StoppedError, engine
from cleantext.jobs.checkpoint import described, locked
from cleantext.jobs.chunks import CHUNK_CARRIED, CHUNK_RECORDS, in_chunks
from cleantext.jobs.names import Names
from cleantext.jobs.records import Record
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline

BESIDE = [".partial", ".partial.json", ".partial.json.tmp", ".partial.lock", ".partial.parquet"]


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder to work in, and checkpoints at every second chunk."""
    monkeypatch.setattr(engine, "CHECKPOINT_RECORDS", 2 * CHUNK_RECORDS)
    monkeypatch.chdir(tmp_path)


def job(input: str = "in.jsonl", output: str = "out.jsonl", **options: Any) -> jobs.Summary:
    return jobs.run(input, output, **{"pipeline": CHEAP, **options})


# --- what lies where unfinished outputs do --------------------------------------------------------


@pytest.mark.parametrize("suffix", BESIDE)
@pytest.mark.parametrize("of", ["out.jsonl", "edits.jsonl", "out.jsonl.rejects.jsonl"])
@pytest.mark.parametrize("overwrite", [False, True])
def test_an_input_named_like_an_unfinished_output_is_kept(
    of: str, suffix: str, overwrite: bool
) -> None:
    source = write(Path(of + suffix), records(3))
    before = source.read_bytes()
    with pytest.raises(JobError, match=r"cannot be the input of this job"):
        job(str(source), format="jsonl", edits="edits.jsonl", overwrite=overwrite)
    assert content(Path()) == {source.name: before}


@pytest.mark.parametrize("option", ["output", "edits", "rejects"])
def test_the_library_is_not_written_over(option: str) -> None:
    write(Path("in.jsonl"), records(3))
    library = Path("stories.jsonl")
    library.write_bytes(b"a library")
    options = {"output": "out.jsonl", option: "stories.jsonl"}
    with pytest.raises(JobError, match=rf"cannot be both library and {option} of a job"):
        job(**options, pipeline=replace(CHEAP, library=library), overwrite=True)
    assert library.read_bytes() == b"a library"
    assert not Path("out.jsonl").exists()


@posix
def test_links_to_an_input_and_inputs_in_a_folder_are_kept_too() -> None:
    write(Path("in.jsonl"), records(3))
    Path("out.jsonl.partial").symlink_to("in.jsonl")
    Path("f.partial").mkdir()
    Path("f.partial/a.txt").write_text("one")
    for source, output in (("out.jsonl.partial", "out.jsonl"), ("f.partial", "f")):
        with pytest.raises(JobError, match=r"cannot be the input"):
            job(source, output, format=None if output == "f" else "jsonl", overwrite=True)
    assert Path("out.jsonl.partial").is_symlink()
    assert Path("f.partial/a.txt").read_text() == "one"


@pytest.mark.parametrize("suffix", BESIDE)
def test_side_files_named_like_an_unfinished_output_are_refused(suffix: str) -> None:
    write(Path("in.jsonl"), records(3))
    for name in ("edits", "rejects"):
        with pytest.raises(JobError, match=rf"cannot be the {name} of this job"):
            job(**{name: f"out.jsonl{suffix}"})
    assert content(Path()) == {}
    assert job(edits=f"other{suffix}").written == 3  # one of another name is free to be called so


@pytest.mark.parametrize("name", ["out.jsonl", "edits.jsonl", "out.jsonl.rejects.jsonl"])
def test_a_file_that_only_looks_unfinished_is_kept(name: str) -> None:
    write(Path("in.jsonl"), records(3))
    Path(f"{name}.partial").write_text("precious")
    with pytest.raises(JobError, match=rf"{name}.partial is there.*--overwrite"):
        job(edits="edits.jsonl")
    assert content(Path()) == {f"{name}.partial": b"precious"}
    assert job(edits="edits.jsonl", overwrite=True).written == 3


def test_what_was_killed_before_its_journal_is_gone_on_with() -> None:
    write(Path("in.jsonl"), records(3))
    Path("out.jsonl.partial").write_text("half")
    assert job(resume=True).written == 3
    assert content(Path()).keys() == {"out.jsonl"}


@pytest.mark.parametrize("path", [".", "", "/", ".."])
def test_files_without_a_name_are_refused(path: str) -> None:
    write(Path("in.jsonl"), records(3))
    with pytest.raises(JobError, match="is no name for the output"):
        job(output=path)
    with pytest.raises(JobError, match="is no name for the edits"):
        job(edits=path)
    assert not jobs.resumable(path)


# --- files of several jobs ------------------------------------------------------------------------


@pytest.mark.parametrize("held", ["edits.jsonl", "bad.jsonl", "out.jsonl"])
def test_two_jobs_cannot_write_one_file(held: str) -> None:
    write(Path("in.jsonl"), records(3))
    Path("here").symlink_to(".")
    with locked(Path("here") / held), pytest.raises(JobError, match=f"another job .*{held}"):
        job(edits="edits.jsonl", rejects="bad.jsonl")
    assert {path.name for path in Path().iterdir()} == {"here", "in.jsonl"}
    assert job(edits="edits.jsonl", rejects="bad.jsonl").written == 3


def test_files_are_locked_in_one_order() -> None:
    one = Names("in", "a.jsonl", "b.jsonl", "c.jsonl").files
    assert one == Names("in", "c.jsonl", "a.jsonl", "b.jsonl").files
    with ExitStack() as stack:
        for path in one:
            stack.enter_context(locked(path))


@posix
def test_several_side_files_may_go_nowhere() -> None:
    write(Path("in.jsonl"), [*records(3), "no JSON"])
    assert job(edits="/dev/null", rejects="/dev/null").rejected == 1
    assert content(Path()).keys() == {"out.jsonl"}


# --- folders --------------------------------------------------------------------------------------


def test_an_empty_folder_is_no_output_yet() -> None:
    for folder in ("fin", "fout"):
        Path(folder).mkdir()
    Path("fin/a.txt").write_text("one")
    assert job("fin", "fout", resume=True).written == 1
    assert Path("fout/a.txt").read_text() == "one."
    assert job("fin", "fout", resume=True).already_complete


@pytest.mark.parametrize("resume", [False, True])
def test_a_file_does_not_go_into_a_folder(resume: bool) -> None:
    write(Path("in.jsonl"), records(3))
    Path("fout").mkdir()
    Path("fout/a.txt").write_text("one")
    with pytest.raises(JobError, match="fout is a folder"):
        job(output="fout", resume=resume)
    with pytest.raises(JobError, match=r"in.jsonl is a file and the input a folder"):
        job("fout", "in.jsonl", resume=resume)


# --- a job that failed before it had done anything ------------------------------------------------


def test_a_wrong_input_leaves_nothing_in_the_way_of_the_right_one() -> None:
    Path("in.jsonl").write_bytes(b"\x1f\x8b of gzip")
    with pytest.raises(JobError, match="packed with gzip") as caught:
        job(edits="edits.jsonl")
    assert not isinstance(caught.value, StoppedError)
    assert content(Path()) == {}
    write(Path("in.jsonl"), records(3))
    assert job().written == 3


def test_a_folder_of_which_nothing_could_be_done_leaves_nothing() -> None:
    Path("fin").mkdir()
    Path("fin/a.txt").write_text("the mayor said on monday that we would leave")
    with pytest.raises(JobError, match=r"model.json is missing"):
        job("fin", "fout", pipeline=replace(Pipeline.default(), model=Path("none")))
    assert [path.name for path in Path().iterdir()] == ["fin"]
    assert job("fin", "fout").written == 1


# --- pipelines ------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Calling(job_runs.Marking):
    """Holds a function, which pickle knows by its name alone."""

    call: Any = None


NAMELESS = lambda: None  # noqa: E731


def test_a_function_without_a_name_cannot_go_to_workers() -> None:
    write(Path("in.jsonl"), records(3))
    with pytest.raises(JobError, match=r"cannot be sent .*use one worker"):
        job(pipeline=Pipeline((Encoding(), Calling(call=NAMELESS))), workers=2)
    assert job(pipeline=Pipeline((Encoding(), Calling(call=NAMELESS)))).written == 3


def test_stories_that_are_in_the_log_of_a_library_count() -> None:
    with cleantext.Library("stories.db", mode="a") as library:
        library.add("a", "The mayor said on Monday that the bridge would stay closed.")
        pipeline = replace(CHEAP, library=Path("stories.db"))
        size = Path("stories.db").stat()
        before = described(pipeline)
        assert described(pipeline) == before
        library.add("b", "The trains to the north ran on time, a spokeswoman said.")
        found = Path("stories.db").stat()
        assert (found.st_size, found.st_mtime_ns) == (size.st_size, size.st_mtime_ns)
        assert described(pipeline) != before
    with sqlite3.connect("stories.db") as connection:  # with nothing in it, it does not count
        closed = described(pipeline)
        Path("stories.db-wal").unlink(missing_ok=True)
        Path("stories.db-wal").touch()
        assert described(pipeline) == closed
    connection.close()


# --- chunks ---------------------------------------------------------------------------------------


def test_large_other_fields_make_small_chunks() -> None:
    def lengths(line: int, good: int) -> list[int]:
        given = [Record(n, f"line {n}", "short", None, "x" * good, b"x" * line) for n in range(64)]
        return [len(chunk.items) for chunk in in_chunks(given)]

    assert lengths(4_000, 0) == [32, 32]
    assert lengths(CHUNK_CARRIED, 0) == [1] * 64
    assert lengths(CHUNK_CARRIED // 4, 0) == [4] * 16
    assert lengths(4_000, 60_000) == [2] * 32


def test_a_large_other_field_comes_out_as_it_was() -> None:
    given = [{**each, "html": "<p>" * 400_000} for each in records(5)]
    write(Path("in.jsonl"), given)
    job(workers=2)
    assert [each["html"] for each in read("out.jsonl")] == [each["html"] for each in given]
