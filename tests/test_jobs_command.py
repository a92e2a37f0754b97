"""Jobs from the command line, in a process of their own."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from job_runs import FLAT, content, posix, read, records, write

import cleantext
from cleantext import jobs
from cleantext.cli import main


@pytest.fixture(autouse=True)
def empty_folder(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """A folder to work in."""
    monkeypatch.chdir(tmp_path)


@dataclass(frozen=True, slots=True)
class Ran:
    """What a command left behind."""

    status: int
    out: str
    err: str


def cli(*arguments: str, stdin: bytes = b"", stdout: Any = subprocess.PIPE) -> Ran:
    """The real command in a process of its own."""
    done = subprocess.run(
        [sys.executable, "-m", "cleantext", "run", *arguments],
        input=stdin,
        stdout=stdout,
        stderr=subprocess.PIPE,
        timeout=60,
    )
    return Ran(done.returncode, (done.stdout or b"").decode(), done.stderr.decode())


def test_the_command_restores_and_tells_what_it_did() -> None:
    write(Path("in.jsonl"), [FLAT, {"id": 8, "text": None}])
    ran = cli("in.jsonl", "out.jsonl", "--edits", "edits.jsonl", "--id-field", "id", "--json")
    assert (ran.status, ran.err) == (0, "")
    assert json.loads(ran.out)["written"] == json.loads(ran.out)["rejected"] == 1
    assert read("out.jsonl")[0]["text"] == cleantext.restore(FLAT["text"]).text
    assert read("edits.jsonl")[0]["number"] == 0
    ran = cli("in.jsonl", "out.jsonl", "--resume")
    assert (ran.status, ran.out) == (0, "nothing to do: the output is there and whole\n")
    ran = cli("in.jsonl", "out.jsonl")
    assert ran.status == 1
    assert (
        ran.err == "cleantext: out.jsonl exists; replace it with --overwrite, or write elsewhere\n"
    )
    ran = cli("in.jsonl", "out.jsonl", "--overwrite", "--edits", "edits.jsonl", "--quiet")
    assert (ran.status, ran.out, ran.err) == (0, "", "")


def test_a_job_that_takes_no_record_fails() -> None:
    write(Path("in.jsonl"), [{"body": FLAT["text"]}, {"body": None}])
    ran = cli("in.jsonl", "out.jsonl")
    assert (ran.status, ran.out.splitlines()[-2]) == (1, "rejected: 2 there is no field 'text'")
    assert ran.err == "cleantext: no record was taken; why stands in out.jsonl.rejects.jsonl\n"
    assert len(read("out.jsonl.rejects.jsonl")) == 2
    ran = cli("in.jsonl", "-")
    assert ran.err.splitlines()[-1] == "cleantext: no record was taken; why stands above"
    write(Path("in.jsonl"), [])
    assert cli("in.jsonl", "empty.jsonl").status == 0


def test_a_folder_that_is_missing_is_named_for_the_output() -> None:
    write(Path("in.jsonl"), [FLAT])
    ran = cli("in.jsonl", "no/out.jsonl")
    assert ran.status == 1
    assert ran.err.startswith("cleantext: no/out.jsonl cannot be written")


def test_workers_look_canonical_versions_up() -> None:
    folder = Path(__file__).parents[1] / "fixtures" / "wire-river-accord"
    good, raw = ((folder / f"{name}.txt").read_text("utf-8") for name in ("canonical", "scraped"))
    expected = cleantext.restore(raw, canonical=good).text
    assert expected != cleantext.restore(raw).text
    with cleantext.Library("stories.db", mode="a") as library:
        library.add("good", good)
    write(Path("in.jsonl"), [{"text": raw, "good": None}] * 2)
    command = ["in.jsonl", "out.jsonl", "--library", "stories.db", "--edits", "edits.jsonl"]
    assert cli(*command, "--workers", "2").status == 0
    assert [each["text"] for each in read("out.jsonl")] == [expected] * 2
    assert [line["canonical_id"] for line in read("edits.jsonl")] == ["good"] * 2
    write(Path("in.jsonl"), [{"text": raw, "good": good}])
    assert cli("in.jsonl", "other.jsonl", "--canonical-field", "good").status == 0
    assert read("other.jsonl")[0]["text"] == expected
    ran = cli("in.jsonl", "third.jsonl", "--library", "none.db")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "there is no library none.db" in ran.err


def test_the_command_reads_and_writes_streams() -> None:
    given = (json.dumps(FLAT) + "\nno JSON\n").encode()
    ran = cli("-", "-", "--format", "jsonl", "--json", stdin=given)
    assert ran.status == 0
    assert json.loads(ran.out)["text"] == cleantext.restore(FLAT["text"]).text
    reject, summary = map(json.loads, ran.err.splitlines())
    assert (reject["number"], summary["written"], summary["rejected"]) == (1, 1, 1)
    ran = cli("-", "out.jsonl", stdin=given)
    assert ran.status == 0
    assert "1 written (1 changed), 1 rejected" in ran.out
    assert content(Path()).keys() == {"out.jsonl", "out.jsonl.rejects.jsonl"}
    ran = cli("-", "out.jsonl", "--resume", stdin=given)
    assert (ran.status, ran.err.count("\n")) == (2, 1)
    assert "--resume needs files" in ran.err


@posix
def test_a_full_device_is_named() -> None:
    write(Path("in.jsonl"), [FLAT])
    with open("/dev/full", "wb") as full:
        ran = cli("in.jsonl", "-", stdout=full)
    assert ran.status == 1
    assert ran.err == "cleantext: - cannot be written: No space left on device\n"


@posix
def test_a_reader_that_goes_away_is_no_error() -> None:
    write(Path("in.jsonl"), records(200))
    command = [sys.executable, "-m", "cleantext", "run", "in.jsonl", "-", "--quiet"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as started:
        assert started.stdout
        assert started.stderr
        started.stdout.close()
        assert started.stderr.read() == b""
        assert started.wait() == 141


@posix
@pytest.mark.parametrize(("sent", "status"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
def test_a_stopped_command_says_how_to_go_on(sent: signal.Signals, status: int) -> None:
    write(Path("in.jsonl"), [FLAT] * 400)
    command = ["in.jsonl", "out 1.jsonl", "--overwrite", "--workers", "2"]
    started = subprocess.Popen(
        [sys.executable, "-m", "cleantext", "run", *command],
        stderr=subprocess.PIPE,
        start_new_session=True,
    )
    until(lambda: jobs.resumable("out 1.jsonl"))
    time.sleep(0.5)
    os.killpg(started.pid, sent)  # as a terminal does: to the workers as well
    said = started.communicate(timeout=30)[1].decode()
    assert started.returncode == status
    assert said.count("\n") == 1
    resume = "-m cleantext run in.jsonl 'out 1.jsonl' --workers 2 --resume\n"
    assert said.startswith("cleantext: stopped; go on with: ")
    assert said.endswith(resume)
    assert not Path("out 1.jsonl").exists()
    (journal,) = (json.loads(path.read_text()) for path in Path().glob("*.partial.json"))
    assert journal["records"] == 0
    write(Path("in2.jsonl"), [FLAT])
    assert "another" not in cli("in2.jsonl", "out 1.jsonl").err  # the lock is gone


def until(happens: Callable[[], bool], seconds: float = 30.0) -> None:
    """Wait for something."""
    end = time.monotonic() + seconds
    while not happens():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_the_command_line_is_reached_from_this_process_too(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr("sys.argv", ["cleantext", "run", "missing.jsonl", "out.jsonl"])
    assert main() == 1
    assert "missing.jsonl" in capfd.readouterr().err


@posix
@pytest.mark.parametrize("output", ["-", "/dev/stdout", "/dev/stderr"])
def test_the_summary_never_stands_among_the_records(output: str) -> None:
    write(Path("in.jsonl"), [FLAT])
    ran = cli("in.jsonl", output, "--format", "jsonl", "--json")
    assert ran.status == 0
    assert len(ran.out.splitlines()) == (output != "/dev/stderr")
    assert json.loads(ran.err.splitlines()[-1])["written"] == 1
