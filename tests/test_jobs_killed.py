"""Jobs that are killed at any moment, gone on with, and end as if nothing had happened."""

from __future__ import annotations

import json
import os
import random
import signal
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleantext import jobs
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline

pytestmark = pytest.mark.skipif(os.name != "posix", reason="kills with POSIX signals")

#: A job in a process of its own; it says when its imports are over and the work begins.
JOB = """
import json, sys
from cleantext import jobs
from cleantext.jobs import engine
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline

if __name__ == "__main__":
    options = json.loads(sys.argv[1])
    engine.CHECKPOINT_RECORDS = 64
    pipeline = Pipeline.default() if options.pop("real") else Pipeline((Encoding(),), threads=1)
    pipeline.without()
    print("begun", flush=True)
    summary = jobs.run(pipeline=pipeline, resume=True, **options)
    print(json.dumps({**summary.to_dict(), "seconds": 0, "words_per_second": 0}))
"""
SENTENCES = (
    "the mayor\u00e2\u20ac\u2122s office said on monday that bridge {n} would stay closed",
    "The trains to platform {n} ran on time &amp; the buses did not, a spokeswoman said.",
    "u s officials said {n} of the 800 000 letters had come back",
    "Nothing is wrong with letter {n}.",
)


def write_records(path: Path, count: int) -> None:
    """Records of several kinds; every ninth line is none."""
    with path.open("w", encoding="utf-8") as lines:
        for n in range(count):
            text = SENTENCES[n % len(SENTENCES)].format(n=n)
            record = {"id": f"r{n}", "text": text, "of": {"n": n}}
            lines.write("{broken\n" if n % 9 == 5 else json.dumps(record) + "\n")


@dataclass(frozen=True)
class Killing:
    """A job that can be run and killed.

    Attributes:
        folder: with the script and ``in.jsonl``; each run works in it.
        options: of :func:`cleantext.jobs.run`.
    """

    folder: Path
    options: dict[str, Any]

    def start(self) -> subprocess.Popen[bytes]:
        """Begin, or go on; the work has begun when this returns."""
        process = subprocess.Popen(
            [sys.executable, "job.py", json.dumps(self.options)],
            cwd=self.folder,
            stdout=subprocess.PIPE,
            start_new_session=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)},
        )
        assert process.stdout
        assert process.stdout.readline() == b"begun\n"
        return process

    def run(self, kill_after: float | None = None) -> dict[str, Any] | None:
        """The summary; None if the job and its workers were killed before they were done."""
        with self.start() as process:
            try:
                out = process.communicate(timeout=kill_after)[0]
            except subprocess.TimeoutExpired:
                os.killpg(process.pid, signal.SIGKILL)
                return None
        assert process.returncode == 0
        found: dict[str, Any] = json.loads(out)
        return found

    def outputs(self) -> dict[str, bytes]:
        """What the job has left behind, whole or not; they are taken away."""
        found = {}
        for path in sorted(self.folder.iterdir()):
            if path.name not in ("job.py", "in.jsonl"):
                found[path.name] = path.read_bytes()
                path.unlink()
        return found


def killing(folder: Path, count: int, **options: Any) -> Killing:
    (folder / "job.py").write_text(JOB)
    write_records(folder / "in.jsonl", count)
    names = {"input": "in.jsonl", "output": "out.jsonl.gz", "edits": "edits.jsonl"}
    return Killing(folder, {**names, "id_field": "id", **options})


def test_thirty_kills_change_no_byte(tmp_path: Path) -> None:
    job = killing(tmp_path, 700, real=False)
    began = time.monotonic()
    told = job.run()
    expected = job.outputs()
    assert told is not None
    assert (told["records"], told["rejected"]) == (700, 78)
    with job.start() as process:  # how long the work takes, without the imports
        began = time.monotonic()
        process.wait()
        seconds = time.monotonic() - began
    assert job.outputs() == expected
    delays = random.Random(5)
    kills = ends = 0
    parts: set[int] = set()
    while kills < 30:
        found = job.run(kill_after=delays.uniform(0, 0.8 * seconds))
        if found is None:
            kills += 1
            if jobs.resumable(tmp_path / "out.jsonl.gz"):
                assert not (tmp_path / "out.jsonl.gz").exists() or parts
                journal = json.loads((tmp_path / "out.jsonl.gz.partial.json").read_text())
                parts.add(journal["records"])
        else:
            ends += 1
            assert found in (told, {**told, **ALREADY})
            assert job.outputs() == expected
    found = job.run()
    assert found is not None
    assert job.outputs() == expected
    assert len(parts) > 3  # they were killed in many places


ALREADY: dict[str, Any] = {}


def test_kills_of_a_real_pipeline_with_workers_change_no_byte(tmp_path: Path) -> None:
    job = killing(tmp_path, 220, real=True, workers=2)
    job.options["workers"] = 1
    told = job.run()
