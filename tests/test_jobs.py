"""Jobs: every record once and in order, side files, what stops them and how they go on."""

from __future__ import annotations

import errno
import io
import json
import os
import re
import stat
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_runs import CHEAP, FLAT, Marking, content, posix, read, records, texts, write

import cleantext
from cleantext import jobs
from cleantext.document import Document
from cleantext.edits import Edit
from cleantext.jobs import JobError, StoppedError, engine, outputs, progress
from cleantext.jobs.checkpoint import locked
from cleantext.jobs.chunks import CHUNK_RECORDS, in_chunks
from cleantext.jobs.progress import Progress, Watch, reporting
from cleantext.jobs.records import Record, Reject
from cleantext.jobs.summary import NAMES, OTHER, Summary, Tally
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline


@pytest.fixture(autouse=True)
def small_steps(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Checkpoints at every second chunk, and an empty folder to work in."""
    monkeypatch.setattr(engine, "CHECKPOINT_RECORDS", 2 * CHUNK_RECORDS)
    monkeypatch.chdir(tmp_path)


def job(**options: Any) -> Summary:
    """A job with the cheap pipeline on ``in.jsonl``."""
    return jobs.run("in.jsonl", "out.jsonl", **{"pipeline": CHEAP, **options})


# --- every record, once, in order -----------------------------------------------------------------


def test_every_record_comes_out_in_order_and_only_its_text_changes() -> None:
    given = records(200)
    write(Path("in.jsonl"), given)
    summary = job()
    assert (summary.written, summary.rejected, summary.records) == (200, 0, 200)
    made = read("out.jsonl")
    assert [list(each) for each in made] == [list(each) for each in given]
    assert [{**each, "text": ""} for each in made] == [{**each, "text": ""} for each in given]
    assert [each["text"] for each in made] == [CHEAP(each["text"]).text for each in given]
    assert content(Path()).keys() == {"out.jsonl"}  # no journal, no lock, no rejects


def test_an_output_field_of_its_own_keeps_the_old_text() -> None:
    write(Path("in.jsonl"), records(3))
    job(output_field="restored")
    assert [each["text"] for each in read("out.jsonl")] == texts(3)
    assert all(each["restored"].endswith(".") for each in read("out.jsonl"))


def test_a_job_without_records_gives_an_empty_output() -> None:
    write(Path("in.jsonl"), [])
    assert job(edits="edits.jsonl").records == 0
    assert content(Path()) == {"out.jsonl": b"", "edits.jsonl": b""}


def test_two_workers_write_what_one_writes() -> None:
    write(Path("in.jsonl"), [*records(130), "no JSON", {"text": "refused"}, *records(50)])
    found = []
    for workers in (1, 2):
        summary = job(workers=workers, edits="edits.jsonl", id_field="id", overwrite=True)
        found.append((content(Path()), replace(summary, seconds=0)))
    assert found[0] == found[1]
    assert found[0][1].written == 180


# --- rejects --------------------------------------------------------------------------------------


def test_what_is_not_taken_is_told_with_its_reason() -> None:
    write(Path("in.jsonl"), [{"text": "one"}, "no JSON", {"text": "refused"}, {"text": "two"}])
    summary = job()
    assert [each["text"] for each in read("out.jsonl")] == ["one.", "two."]
    first, second = read("out.jsonl.rejects.jsonl")
    assert [list(each) for each in (first, second)] == [["number", "place", "reason", "raw"]] * 2
    assert (first["number"], second["number"]) == (1, 2)
    assert "no JSON" in first["raw"]
    assert second["reason"] == "there is 'refused' in it"
    assert second["raw"] == '{"text": "refused"}'
    assert summary.rejected == sum(summary.rejects.values()) == 2
    assert summary.rejects["there is … in it"] == 1


def test_rejects_that_were_asked_for_are_there_even_if_empty() -> None:
    write(Path("in.jsonl"), records(2))
    job(rejects="bad.jsonl")
    assert content(Path()).keys() == {"out.jsonl", "bad.jsonl"}
    assert Path("bad.jsonl").read_bytes() == b""


def test_rejects_of_an_earlier_job_do_not_stay_beside_a_new_output() -> None:
    write(Path("in.jsonl"), ["no JSON"])
    job()
    assert Path("out.jsonl.rejects.jsonl").exists()
    write(Path("in.jsonl"), records(2))
    job(overwrite=True)
    assert content(Path()).keys() == {"out.jsonl"}


# --- edits ----------------------------------------------------------------------------------------


def test_edits_lead_from_the_new_text_back_to_the_old_one() -> None:
    given = records(40)
    write(Path("in.jsonl"), given)
    job(edits="edits.jsonl", id_field="id")
    made, lines = read("out.jsonl"), read("edits.jsonl")
    assert [line["id"] for line in lines] == [each["id"] for i, each in enumerate(given) if i % 3]
    for line in lines:
        document = jobs.document_from(made[line["number"]]["text"], line)
        assert document == CHEAP(given[line["number"]]["text"])
        assert document.undo() == given[line["number"]]["text"]
        assert line["id"] == given[line["number"]]["id"]


def test_edits_of_another_text_are_refused() -> None:
    line = {"passes": [[Edit(0, "i", "I", "case", "pronoun").to_dict()]]}
    with pytest.raises(cleantext.EditError):
        jobs.document_from("We see", line)


# --- stopping and going on ------------------------------------------------------------------------


EDITS: dict[str, Any] = {"edits": "edits.jsonl", "id_field": "id"}


def whole(**options: Any) -> tuple[dict[str, bytes], Summary]:
    """What an uninterrupted job writes and tells; it leaves nothing behind."""
    Path("cure").touch()
    summary, made = job(**EDITS, **options), content(Path())
    for name in ("cure", *made):
        Path(name).unlink()
    return made, replace(summary, seconds=0)


def gone_on(**options: Any) -> tuple[dict[str, bytes], Summary]:
    """What a job has written and tells that was resumed once nothing stumbles any more."""
    Path("cure").touch()
    summary = job(**EDITS, resume=True, **options)
    return content(Path()), replace(summary, seconds=0)


@pytest.mark.parametrize(
    ("word", "workers", "error", "said"),
    [
        ("failing", 1, StoppedError, r"does not answer; 128 records are done and kept"),
        ("stopped", 1, KeyboardInterrupt, None),
        pytest.param(
            "deadly", 2, StoppedError,
            r"a worker .* SIGKILL .* records 448 to 479 \(line 449 to line 480\) .*memory",
            marks=posix,
        ),
    ],
)  # fmt: skip
def test_a_job_that_stopped_goes_on_and_ends_as_if_nothing_had_happened(
    word: str, workers: int, error: type[BaseException], said: str | None
) -> None:
    before = 150 if workers == 1 else 450  # more than are on their way at once
    write(Path("in.jsonl"), [*records(before), "no JSON", {"id": "x", "text": word}, *records(150)])
    expected = whole()
    with pytest.raises(error, match=said):
        job(**EDITS, workers=workers)
    assert not Path("out.jsonl").exists()
    assert jobs.resumable("out.jsonl")
    assert gone_on() == expected


def test_a_full_disk_stops_a_job_and_loses_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    write(Path("in.jsonl"), [*records(70), "no JSON", *records(50)])
    expected = whole()
    sync, room, left = os.fsync, 0, 0
    named: set[str] = set()

    def scarce(handle: int) -> None:
        nonlocal left
        left -= not stat.S_ISDIR(os.fstat(handle).st_mode)
        if left < 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        sync(handle)

    while True:
        left = room
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", scarce)
            try:
                job(**EDITS)
                break
            except JobError as error:
                said = str(error)
        assert re.search(r"(out|edits).jsonl.* cannot be written: No space left", said)
        named.add(said.split()[0])
        assert not Path("out.jsonl").exists()
        # until a checkpoint tells of records there is nothing to go on with
        assert jobs.resumable("out.jsonl") == ("are done and kept" in said) == (room > 5)
        assert room > 5 or content(Path()) == {}
        assert gone_on() == expected
        for name in ("cure", *expected[0]):
            Path(name).unlink()
        room += 1
    # output, edits and journal at the start and after 64 records; with the rejects at the end;
    # and the three outputs once more when they get their names
    assert room == 3 + 3 + 4 + 3
    assert {Path(each).name for each in named} == {"out.jsonl", *expected[0]}


@pytest.mark.parametrize("names", [0, 1, 2, 3])
def test_outputs_get_their_names_although_the_job_is_killed_between_two(
    names: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(Path("in.jsonl"), [*records(100), "no JSON"])
    expected = whole()
    for old in ("out.jsonl", "edits.jsonl", "out.jsonl.rejects.jsonl"):
        Path(old).write_text("of an earlier job")

    def killed(made: outputs.Outputs) -> None:
        for sink in list(made._sinks.values())[:names]:
            sink.finish()
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(outputs.Outputs, "finish", killed)
        with pytest.raises(KeyboardInterrupt):
            job(**EDITS, overwrite=True)
    assert (Path("out.jsonl").read_text() == "of an earlier job") == (names < 3)
    assert gone_on() == expected
    assert not jobs.resumable("out.jsonl")


def test_a_job_that_is_complete_is_left_alone() -> None:
    write(Path("in.jsonl"), records(3))
    job()
    before = Path("out.jsonl").stat().st_mtime_ns
    summary = job(resume=True)
    assert summary.already_complete
    assert str(summary) == "nothing to do: the output is there and whole"
    assert Path("out.jsonl").stat().st_mtime_ns == before


def test_resuming_what_was_never_begun_begins_it() -> None:
    write(Path("in.jsonl"), records(3))
    assert job(resume=True).written == 3


def interrupted(**options: Any) -> None:
    """A job that stopped on its way."""
    write(Path("in.jsonl"), [*records(100), {"text": "stopped"}])
    with pytest.raises(KeyboardInterrupt):
        job(**options)


def test_an_unfinished_job_is_not_started_over_by_mistake() -> None:
    interrupted()
    with pytest.raises(JobError, match=r"out.jsonl was begun .*--resume.*--overwrite"):
        job()
    Path("cure").touch()
    assert job(overwrite=True).written == 101
    assert len(read("out.jsonl")) == 101


def test_an_output_is_replaced_only_where_that_is_asked_for() -> None:
    write(Path("in.jsonl"), records(3))
    for name in ("out.jsonl", "edits.jsonl", "out.jsonl.rejects.jsonl"):
        Path(name).write_text("precious")
        with pytest.raises(JobError, match=rf"{name} exists.*--overwrite"):
            job(edits="edits.jsonl")
        assert Path(name).read_text() == "precious"
        Path(name).unlink()
    assert job(edits="edits.jsonl").written == 3


@pytest.mark.parametrize(
    ("options", "named"),
    [
        ({"field": "id"}, r'field was "text", is "id"'),
        ({"output_field": "new"}, r'output_field was null, is "new"'),
        ({"pipeline": replace(CHEAP, min_confidence=0.5)}, r"min_confidence was 0.0, is 0.5"),
        ({"pipeline": Pipeline((Encoding(), Marking("other")))}, r'normalizers.1.name was "mark'),
        ({"edits": "edits.jsonl"}, r'edits was null, is "edits.jsonl"'),
    ],
)
def test_a_job_is_resumed_with_its_own_settings_only(options: dict[str, Any], named: str) -> None:
    interrupted()
    with pytest.raises(JobError, match=rf"begun with other settings \({named}"):
        job(resume=True, **options)
    Path("cure").touch()
    # what changes no byte may change
    threads = replace(CHEAP, threads=2)
    assert job(resume=True, workers=2, pipeline=threads).written == 101


def test_a_job_is_resumed_with_its_own_input_only() -> None:
    interrupted()
    write(Path("in.jsonl"), [*records(100), {"text": "cured"}])
    with pytest.raises(JobError, match=r"input has changed \("):
        job(resume=True)


def test_a_journal_that_cannot_be_read_is_named() -> None:
    interrupted()
    Path("out.jsonl.partial.json").write_text("{")
    with pytest.raises(JobError, match=r"out.jsonl.partial.json cannot be read.*--overwrite"):
        job(resume=True)


@pytest.mark.parametrize("name", ["in.csv", "in.jsonl.zst", "in.parquet", "folder"])
def test_every_format_is_gone_on_with(name: str) -> None:
    given = [*texts(100), "stopped", *texts(100)]
    source = Path(name)
    match source.suffix:
        case ".csv":
            source.write_text(
                "n,text\n" + "".join(f"{n},{t}\n" for n, t in enumerate(given)), "utf-8"
            )
        case ".zst":
            zstandard = pytest.importorskip("zstandard")
            write(Path("in.jsonl"), [{"text": text} for text in given])
            source.write_bytes(zstandard.compress(Path("in.jsonl").read_bytes()))
        case ".parquet":
            arrow, parquet = map(pytest.importorskip, ("pyarrow", "pyarrow.parquet"))
            parquet.write_table(arrow.table({"text": given}), source)
        case _:
            source.mkdir()
            for n, text in enumerate(given):
                (source / f"{n:04}.txt").write_text(text, "utf-8")
    parts, whole = (f"{stem}{''.join(source.suffixes)}" for stem in ("parts", "whole"))
    with pytest.raises(KeyboardInterrupt):
        jobs.run(source, parts, pipeline=CHEAP)
    Path("cure").touch()
    told = jobs.run(source, parts, pipeline=CHEAP, resume=True)
    assert (told.written, told.rejected) == (201, 0)
    assert replace(jobs.run(source, whole, pipeline=CHEAP), seconds=told.seconds) == told
    made = [
        {str(path.relative_to(name)): path.read_bytes() for path in sorted(Path(name).rglob("*"))}
        if Path(name).is_dir() else Path(name).read_bytes()
        for name in (parts, whole)
    ]  # fmt: skip
    assert made[0] == made[1]


def test_an_output_that_is_a_link_is_one_output() -> None:
    write(Path("in.jsonl"), records(3))
    Path("folder").mkdir()
    Path("out.jsonl").symlink_to("folder/real.jsonl")
    with locked(Path("folder/real.jsonl")), pytest.raises(JobError, match="another job"):
        job()
    assert job().written == 3
    assert content(Path("folder")).keys() == {"real.jsonl"}
    assert Path("out.jsonl").is_symlink()


# --- what cannot be done --------------------------------------------------------------------------


def test_two_jobs_cannot_write_one_output() -> None:
    write(Path("in.jsonl"), records(3))
    with locked(Path("out.jsonl")):
        for resume in (False, True):
            with pytest.raises(JobError, match=r"another job is writing out.jsonl"):
                job(resume=resume)
        assert jobs.run("in.jsonl", "other.jsonl", pipeline=CHEAP).written == 3
    assert job().written == 3


@posix
def test_the_lock_goes_with_its_process() -> None:
    write(Path("in.jsonl"), records(3))
    code = (
        "import pathlib, sys\nfrom cleantext.jobs.checkpoint import locked\n"
        "with locked(pathlib.Path('out.jsonl')): print('held', flush=True); sys.stdin.read()"
    )
    holder = subprocess.Popen(
        [sys.executable, "-c", code], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    )
    with holder:
        assert holder.stdout
        assert holder.stdout.readline() == b"held\n"
        with pytest.raises(JobError, match="another job"):
            job()
        holder.kill()
        holder.wait()
        assert job().written == 3


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"output": "in.jsonl"}, r"in.jsonl cannot be both input and output"),
        ({"edits": "out.jsonl"}, r"out.jsonl cannot be both"),
        ({"edits": "-"}, r"the edits need a file"),
        ({"output": "no/such/folder.jsonl"}, r"no/such/.* there is no folder .*; make it"),
        ({"edits": "none/edits.jsonl"}, r"none/edits.jsonl.* there is no folder"),
        ({"input": "missing.jsonl"}, r"missing.jsonl"),
        ({"workers": 0}, r"at least one worker"),
        ({"resume": True, "overwrite": True}, r"--resume cannot go with --overwrite"),
        ({"resume": True, "output": "-"}, r"--resume needs files"),
        ({"pipeline": replace(Pipeline.default(), model=Path("none"))}, r"model.json is missing"),
        ({"pipeline": replace(CHEAP, library="none.db")}, r"none.db"),
    ],
)
def test_what_cannot_be_done_is_said(options: dict[str, Any], said: str) -> None:
    write(Path("in.jsonl"), [FLAT])
    names = {"input": "in.jsonl", "output": "out.jsonl", "pipeline": CHEAP, **options}
    with pytest.raises(JobError, match=said):
        jobs.run(**names)
    assert not Path("out.jsonl").exists()


def test_a_pipeline_that_workers_cannot_have_is_named() -> None:
    class Local(Marking):
        pass

    write(Path("in.jsonl"), records(3))
    pipeline = Pipeline((Local(),))
    with pytest.raises(JobError, match=r"cannot be sent .*use one worker"):
        job(pipeline=pipeline, workers=2)
    assert job(pipeline=pipeline, overwrite=True).written == 3


# --- chunks, counts, progress ---------------------------------------------------------------------

items = st.lists(st.integers(0, 60_000), max_size=120).map(
    lambda sizes: [
        Record(n, f"line {n + 1}", "x" * size, None, None, None) if size % 5 else
        Reject(n, f"line {n + 1}", "why", "x" * size)
        for n, size in enumerate(sizes)
    ]
)  # fmt: skip


@given(items)
def test_chunks_hold_everything_and_are_cut_alike_from_every_border(given: list[Any]) -> None:
    chunks = list(in_chunks(given))
    assert [item for chunk in chunks for item in chunk.items] == given
    done = 0
    for number, chunk in enumerate(chunks):
        assert list(in_chunks(given[done:])) == chunks[number:]
        done += len(chunk.items)


def test_counts_are_the_same_in_parts() -> None:
    documents = [CHEAP(text) for text in texts(30)]
    together, parts = Tally(), Tally()
    for document in documents:
        part = Tally()
        for tally in (together, part):
            tally.document(document, cleantext.diagnose(document.raw))
        parts.add(Tally(json.loads(json.dumps(part.to_dict()))))
    assert parts.summary(1.0) == together.summary(1.0)
    assert together.summary(1.0).written == 30


def test_a_summary_counts_what_documents_tell() -> None:
    tally = Tally()
    raw = "i saw mr smi\n\nRead more: nine lives"
    document = Document.start(raw).after_pass(
        [
            Edit(0, "i", "I", "case", "pronoun"),
            Edit(9, "smi", "smith", "complete", "cut"),
            Edit(12, raw[12:], "", "drop", "a teaser"),
        ]
    )
    document = replace(document, quality=0.25, warnings=("4 words of 17 were 'odd'",))
    tally.document(document, cleantext.diagnose(raw))
    tally.document(Document.start("1 2 3"), cleantext.diagnose("1 2 3"))
    tally.reject("line 9 is no JSON")
    summary = tally.summary(2.0)
    assert (summary.written, summary.changed, summary.rejected) == (2, 1, 1)
    assert summary.edits == {"case": 1, "complete": 1, "drop": 1}
    assert (summary.dropped_spans, summary.dropped_words, summary.completed) == (1, 4, 1)
    assert summary.quality == (1, 0, 1, 0, 0, 0, 0, 0, 0, 0)
    assert summary.warnings == {"N words of N were …": 1}
    assert summary.rejects == {"line N is no JSON": 1}
    assert summary.words == 11
    assert summary.words_per_second == 5.5
    assert sum(summary.diagnosis.values()) >= 2
    assert json.loads(json.dumps(summary.to_dict()))["completed"] == 1


def test_counts_do_not_grow_with_the_input() -> None:
    tally = Tally()
    for number in range(3 * NAMES):
        tally.count("rejects", chr(0x4E00 + number))
    found = tally.summary(1.0).rejects
    assert len(found) == NAMES + 1
    assert found[OTHER] == 2 * NAMES


def test_progress_tells_rate_and_time_left(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 100.0
    monkeypatch.setattr(progress, "monotonic", lambda: clock)
    watch = Watch(records=1000, words=50_000)
    clock = 110.0
    counts = {"records": 1500, "rejected": 3, "words": 60_000}
    found = watch.progress(**counts, position=30, size=40)
    assert found == Progress(1500, 3, 50.0, 1000.0, 0.75, 10.0)
    assert watch.progress(**counts, position=30, size=None).left is None
    assert (watch.lap(), watch.lap()) == (10.0, 0.0)


def test_a_log_gets_a_line_every_half_minute(monkeypatch: pytest.MonkeyPatch) -> None:
    clock = 0.0
    monkeypatch.setattr(progress, "monotonic", lambda: clock)
    log = io.StringIO()
    with reporting(log) as report:
        for clock in range(0, 100, 10):
            report(Progress(clock, 0, 1.0, 1.0))
    assert [line.split()[1] for line in log.getvalue().splitlines()] == ["30", "60", "90"]


def test_a_terminal_gets_a_bar() -> None:
    class Terminal(io.StringIO):
        def isatty(self) -> bool:
            return True

    terminal = Terminal()
    with reporting(terminal) as report:
        report(Progress(12, 0, 1.0, 1.0, 0.5, 9.0))
    assert "12 records (0 rejected)" in terminal.getvalue()


def test_the_caller_hears_how_far_a_job_is() -> None:
    write(Path("in.jsonl"), [*records(100), "no JSON"])
    heard: list[Progress] = []
    job(progress=heard.append)
    assert [each.records for each in heard] == [32, 64, 96, 101]
    assert (heard[-1].share, heard[-1].rejected) == (1.0, 1)
