"""Jobs that are killed at any moment, gone on with, and end as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with POSIX signals")

#: A process that begins a job in a process group of its own for each line it reads. With its
#: imports made once, the kills fall into the work.
NURSERY = """
import json, os, sys
from contextlib import suppress
from cleantext.jobs import engine
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline

def work(options):
    engine.CHECKPOINT_RECORDS = 32
    real = options.pop("real")
    pipeline = Pipeline.default() if real else Pipeline((Encoding(),), threads=1)
    summary = engine.run("in.jsonl", pipeline=pipeline, resume=True, id_field="id", **options)
    print(json.dumps(summary.to_dict()), flush=True)

if __name__ == "__main__":
    for line in sys.stdin:
        child = os.fork()
        if not child:
            with suppress(BaseException):
                os.setpgid(0, 0)
                work(json.loads(line))
            os._exit(0)
        with suppress(OSError):
            os.setpgid(child, child)
        print(child, flush=True)
        os.waitpid(child, 0)
        print("ended", flush=True)
"""
SENTENCES = (
    "the mayor\u00e2\u20ac\u2122s office said on monday that bridge {n} would stay closed",
    "The trains to platform {n} ran on time &amp; the buses did not, a spokeswoman said.",
    "u s officials said {n} of the 800 000 letters had come back",
    "Nothing is wrong with letter {n}.",
)


@dataclass(frozen=True)
class Nursery:
    """Where jobs are begun and killed.

    Attributes:
        folder: where they work.
        process: what begins them.
    """

    folder: Path
    process: subprocess.Popen[str]

    def job(self, *, kill_after: float | None = None, **options: Any) -> dict[str, Any] | None:
        """Begin a job or go on with it; its summary, or None if it was killed before its end."""
        assert self.process.stdin
        assert self.process.stdout
        self.process.stdin.write(json.dumps(options) + "\n")
        self.process.stdin.flush()
        group = int(self.process.stdout.readline())
        if kill_after is not None:
            time.sleep(kill_after)
            with suppress(ProcessLookupError):
                os.killpg(group, signal.SIGKILL)
        said = self.process.stdout.readline()
        if said == "ended\n":
            return None
        assert self.process.stdout.readline() == "ended\n"
        found: dict[str, Any] = json.loads(said)
        return {**found, "seconds": 0, "words_per_second": 0}

    def taken(self) -> dict[str, bytes]:
        """What a job left behind, whole or not; it is taken away."""
        found = {}
        for path in sorted(self.folder.glob("out.*")):
            found[path.name] = path.read_bytes()
            path.unlink()
        return found

    def done(self) -> int:
        """How many records the journal of an unfinished job tells; -1 if there is none."""
        with suppress(FileNotFoundError):
            for journal in self.folder.glob("out.*.partial.json"):
                state: dict[str, int] = json.loads(journal.read_text("utf-8"))
                return state["records"]
        return -1


@contextmanager
def nursery(folder: Path, count: int) -> Iterator[Nursery]:
    """A place for jobs over so many records of several kinds, of which every ninth is none."""
    with (folder / "in.jsonl").open("w", encoding="utf-8") as lines:
        for n in range(count):
            text = SENTENCES[n % len(SENTENCES)].format(n=n)
            record = {"id": f"r{n}", "text": text, "of": {"n": n}}
            lines.write("{broken\n" if n % 9 == 5 else json.dumps(record) + "\n")
    (folder / "nursery.py").write_text(NURSERY)
    with subprocess.Popen(
        [sys.executable, "nursery.py"],
        cwd=folder,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env={
            **os.environ,
            "PYTHONPATH": os.pathsep.join((str(Path(__file__).parents[1]), *sys.path)),
        },
    ) as process:
        yield Nursery(folder, process)
        assert process.stdin
        process.stdin.close()


@pytest.mark.parametrize("output", ["out.jsonl", "out.jsonl.gz"])  # fifteen kills each
def test_thirty_kills_change_no_byte(output: str, tmp_path: Path) -> None:
    options = {"real": False, "output": output, "edits": "out.edits.jsonl"}
    with nursery(tmp_path, 540) as jobs:
        told = jobs.job(**options)
        whole = jobs.taken()
        assert whole.keys() == {output, "out.edits.jsonl", f"{output}.rejects.jsonl"}
        assert told is not None
        assert (told["written"], told["rejected"]) == (480, 60)
        began = time.monotonic()
        jobs.job(**options)
        seconds = time.monotonic() - began
        assert jobs.taken() == whole
        delays = random.Random(output)
        places = []
        while len(places) < 15:
            found = jobs.job(kill_after=delays.uniform(0, 0.7 * seconds), **options)
            if found is None:
                places.append(jobs.done())
                assert not (tmp_path / output).exists() or places[-1] in (-1, 540)
            else:
                assert found["already_complete"] or found == told
                assert jobs.taken() == whole
        found = jobs.job(**options)
        assert found
        assert found["already_complete"] or found == told
        assert jobs.taken() == whole
    assert len(set(places)) >= 4  # kills have met the job in many places


def test_kills_of_the_real_pipeline_and_its_workers_change_no_byte(tmp_path: Path) -> None:
    options = {"real": True, "output": "out.jsonl", "edits": "out.edits.jsonl"}
    with nursery(tmp_path, 200) as jobs:
        began = time.monotonic()
        told = jobs.job(**options)
        seconds = time.monotonic() - began
        whole = jobs.taken()
        delays = random.Random(3)
        kills = 0
        while kills < 3:
            found = jobs.job(kill_after=delays.uniform(0.2, 0.9) * seconds, workers=2, **options)
            kills += found is None
            if found is not None:
                assert jobs.taken() == whole
        found = jobs.job(workers=2, **options)
        assert found
        assert found["already_complete"] or found == told
        assert jobs.taken() == whole


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="needs /proc")
def test_workers_go_when_their_job_was_killed_alone(tmp_path: Path) -> None:
    (tmp_path / "in.jsonl").write_text(json.dumps({"text": SENTENCES[0]}) + "\n")
    fifo = tmp_path / "pipe"
    os.mkfifo(fifo)  # the job waits for the rest of its input
    command = [sys.executable, "-m", "cleantext", "run", str(fifo), "out.jsonl", "--workers", "2"]
    started = subprocess.Popen(command, cwd=tmp_path)
    with fifo.open("w") as given:
        given.write((tmp_path / "in.jsonl").read_text())
        given.flush()
        workers: list[str] = []
        until = time.monotonic() + 30
        while len(workers) < 3 and time.monotonic() < until:  # two, and the tracker of resources
            children = Path(f"/proc/{started.pid}/task").glob("*/children")
            workers = [pid for each in children for pid in each.read_text().split()]
        assert len(workers) == 3
        started.kill()
        started.wait()
    while any(map(_runs, workers)):
        assert time.monotonic() < until
        time.sleep(0.05)


def _runs(pid: str) -> bool:
    """Whether a process is at work; one that has ended may still be listed."""
    try:
        return bool(Path(f"/proc/{pid}/cmdline").read_bytes())
    except (FileNotFoundError, ProcessLookupError):
        return False
