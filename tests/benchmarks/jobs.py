"""Speed and memory of jobs: words a second, peak memory of all processes, two workers beside one.

    python tests/benchmarks/jobs.py [--records N] [--words N] [--ratio-words N] [--json]

Writes that many short records, cut from the stories of the fixtures, runs a job of two workers over
them, and adds up the resident memory of the job's processes as it goes (twice: as RSS, where what
processes share counts for each, and as PSS, where it counts once). The ratio of two workers to one,
each with one thread, is taken from jobs over whole stories, by turns, whole processes with their
starting. Needs /proc.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import cycle
from pathlib import Path
from time import perf_counter, sleep
from typing import Any

ROOT = Path(__file__).parents[2]
#: Seconds between two looks at the memory.
EVERY = 0.25

JOB = """
import json, sys
from cleantext import jobs
from cleantext.pipeline import Pipeline

if __name__ == "__main__":
    pipeline = Pipeline.default(threads=1)
    print(json.dumps(jobs.run(*sys.argv[1:3], workers=int(sys.argv[3]), pipeline=pipeline).to_dict()))
"""


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and what is asked of it if anything is."""

    name: str
    value: float
    unit: str
    wanted: str = ""

    def __str__(self) -> str:
        wanted = f"   (wanted: {self.wanted})" if self.wanted else ""
        return f"{self.name:<52}{self.value:>12,.4g} {self.unit}{wanted}"


@dataclass(frozen=True, slots=True)
class Ran:
    """A job that was run in a process of its own: its summary, wall time, peak memory in MB."""

    summary: dict[str, Any]
    seconds: float
    rss: float
    pss: float

    @property
    def words_a_second(self) -> float:
        """Of the whole process."""
        return float(self.summary["words"] / self.seconds)


def main() -> None:
    """Measure and print."""
    options = _options()
    with tempfile.TemporaryDirectory() as folder:
        figures = [*_memory(Path(folder), options), *_ratio(Path(folder), options)]
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))
    else:
        print(*figures, sep="\n")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--records", type=int, default=200_000, help="records of the long job")
    parser.add_argument("--words", type=int, default=40, help="words of each of them")
    parser.add_argument("--ratio-words", type=int, default=100_000, help="words of the short jobs")
    parser.add_argument("--repeat", type=int, default=2, help="how often the short jobs are run")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _stories() -> list[list[str]]:
    files = sorted((ROOT / "fixtures").glob("*/scraped.txt"))
    return [file.read_text("utf-8").split(" ") for file in files]


def _short(records: int, words: int) -> Iterator[str]:
    """Pieces of stories, each beginning at another word."""
    for number, story in zip(range(records), cycle(_stories()), strict=False):
        start = number * 7 % max(1, len(story) - words)
        yield " ".join(story[start : start + words])


def _whole(words: int) -> Iterator[str]:
    for story in cycle(_stories()):
        yield " ".join(story)
        words -= len(story)
        if words <= 0:
            return


def _write(path: Path, texts: Iterator[str]) -> None:
    with path.open("w", encoding="utf-8") as lines:
        for number, text in enumerate(texts):
            lines.write(json.dumps({"id": number, "text": text}) + "\n")


def _memory(folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    _write(folder / "long.jsonl", _short(options.records, options.words))
    ran = _run(folder, "long.jsonl", workers=2)
    name = f"{options.records:,} records, two workers: "
    yield Figure(name + "peak RSS", ran.rss, "MB", "under 600")
    yield Figure(name + "peak PSS", ran.pss, "MB")
    yield Figure(name + "speed", ran.words_a_second, "words/s")
    yield Figure(name + "speed", ran.summary["records"] / ran.seconds, "records/s")


def _ratio(folder: Path, options: argparse.Namespace) -> Iterator[Figure]:
    _write(folder / "short.jsonl", _whole(options.ratio_words))
    best = {1: 0.0, 2: 0.0}
    for _ in range(options.repeat):  # by turns, so that both meet the same machine
        for workers in best:
            ran = _run(folder, "short.jsonl", workers=workers)
            best[workers] = max(best[workers], ran.words_a_second)
    yield Figure("one worker", best[1], "words/s")
    yield Figure("two workers", best[2], "words/s")
    yield Figure("two workers / one worker", best[2] / best[1], "", "1.7 or more")


def _run(folder: Path, name: str, *, workers: int) -> Ran:
    """A job in a process of its own, watched."""
    (folder / "job.py").write_text(JOB)
    (folder / "out.jsonl").unlink(missing_ok=True)
    began = perf_counter()
    with subprocess.Popen(
        [sys.executable, "job.py", name, "out.jsonl", str(workers)],
        cwd=folder,
        stdout=subprocess.PIPE,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))},
    ) as process:
        peaks = [0.0, 0.0]
        while process.poll() is None:
            tree = _tree(process.pid)
            for place, field in enumerate(("Rss", "Pss")):
                peaks[place] = max(peaks[place], sum(_held(pid, field) for pid in tree))
            sleep(EVERY)
        seconds = perf_counter() - began
        assert process.stdout
        said = process.stdout.read()
    if process.returncode:
        raise SystemExit(f"the job ended with status {process.returncode}")
    return Ran(json.loads(said), seconds, *peaks)


def _tree(pid: int) -> Sequence[int]:
    """A process and all below it."""
    found = [pid]
    for parent in found:
        for children in Path("/proc").glob(f"{parent}/task/*/children"):
            try:
                found += map(int, children.read_text().split())
            except OSError:  # it has ended meanwhile
                continue
    return found


def _held(pid: int, field: str) -> float:
    """Memory of a process in MB; none once it has ended."""
    try:
        held = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0.0
    match = re.search(rf"^{field}:\s+(\d+) kB", held, re.MULTILINE)
    return int(match[1]) / 1024 if match else 0.0


if __name__ == "__main__":
    main()
