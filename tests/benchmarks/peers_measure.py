"""Measuring the rows of ``peers.py``: each in processes of its own, by turns, over the same copy.

Every round sends the next few articles to one row after the other. What is compared are the rows
within a round, and the median over the rounds is reported: a machine that others use as well is
slow for a while, and then for all rows alike.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager, suppress
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean, median
from time import perf_counter
from typing import Any, Literal

from cleantext.canon.check import check
from cleantext.canon.score import Count
from cleantext.words import split

ROOT = Path(__file__).parents[2]
TOOLS = Path(__file__).with_name("peers_tools.py")
#: Code points of the text that a tool is started with.
FIRST = 600


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table.

    Attributes:
        key: its name on the command line and in saved results.
        label: its name in the table and the chart.
        tool: what of ``peers_tools.py`` runs, with which settings.
        beside: key of the row that its speed is compared with.
        articles: how many articles of a round it reads; all if None.
        workers: processes that do the same at once.
        reads: texts; pairs of a restored text and its canonical version; or the windows of the
            texts, so that the time of the network alone is what counts.
        scored: whether the casing of its texts is scored.
        isolated: whether its interpreter sees none of the packages that are installed here.
    """

    key: str
    label: str
    tool: str
    settings: Mapping[str, object] = field(default_factory=dict)
    beside: str = "int8"
    articles: int | None = None
    workers: int = 1
    reads: Literal["texts", "pairs", "windows"] = "texts"
    scored: bool = False
    isolated: bool = False


@dataclass(frozen=True, slots=True)
class Story:
    """An article as published and as it was degraded."""

    source: str
    canonical: str
    text: str


@dataclass(frozen=True, slots=True)
class Measured:
    """What was found of a row.

    Attributes:
        start: seconds until a fresh process has done its first short text, the median.
        rounds: microseconds a word, for each round; the same round of two rows may be compared.
        words: words it read in all.
        subwords: for each word, those read twice included; None where there is no network.
        network: subwords a second through the network alone; None where there is none.
        casing: F1 (0..1) of words with a capital, the mean over outlets; None if not scored.
    """

    key: str
    label: str
    beside: str
    reads: str
    start: float
    rounds: list[float]
    words: int
    subwords: float | None = None
    network: float | None = None
    casing: float | None = None

    @property
    def microseconds(self) -> float:
        """A word, the median over the rounds."""
        return median(self.rounds)

    def times_as_fast(self, other: Measured) -> float:
        """How many words it reads while ``other`` reads one: the median over the rounds."""
        return median(b / a for a, b in zip(self.rounds, other.rounds, strict=True))


class Child:
    """A process that has one tool."""

    def __init__(self, row: Row) -> None:
        self.row = row
        self._errors = tempfile.TemporaryFile("w+")  # noqa: SIM115
        settings = [f"{name}={value}" for name, value in row.settings.items()]
        paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
        self._process = subprocess.Popen(
            [sys.executable, *(("-I", "-S") if row.isolated else ()), TOOLS, row.tool, *settings],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
            encoding="utf-8",
            env={**os.environ, "PYTHONPATH": paths},
        )

    def send(self, items: Sequence[Any]) -> None:
        """Have it begin with these."""
        assert self._process.stdin is not None
        request = json.dumps({"items": items, "wanted": self.row.scored})
        try:
            print(request, file=self._process.stdin, flush=True)
        except BrokenPipeError:
            raise self._failure() from None

    def receive(self) -> dict[str, Any]:
        """Its answer to what was sent last."""
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        if not line:
            raise self._failure()
        answer: dict[str, Any] = json.loads(line)
        return answer

    def close(self) -> None:
        """End it."""
        self._process.kill()
        self._process.wait()
        for stream in (self._process.stdin, self._process.stdout, self._errors):
            with suppress(BrokenPipeError):  # what was not read is lost
                stream.close()  # type: ignore[union-attr]

    def _failure(self) -> RuntimeError:
        self._process.wait()
        self._errors.seek(0)
        return RuntimeError(f"{self.row.label} failed:\n{self._errors.read()[-4000:]}")


@dataclass(slots=True)
class _Tally:
    """What piles up for a row while the rounds go on."""

    starts: list[float] = field(default_factory=list)
    rounds: list[float] = field(default_factory=list)
    words: int = 0
    subwords: int = 0
    network: float = 0.0
    texts: list[str] = field(default_factory=list)


def measure(
    rows: Sequence[Row], stories: Sequence[Story], *, rounds: int, starts: int
) -> list[Measured]:
    """Start every row so many times, then go round.

    Args:
        rows: the first of them restores; what it makes of the copy is what others compare.
        stories: dealt out over the rounds, in order.
        rounds: how often each row has its turn.
        starts: processes of each row that are started.

    Raises:
        RuntimeError: with what it printed, if a process fails.
    """
    tallies = {row.key: _Tally() for row in rows}
    for _ in range(starts - 1):
        for row in rows:
            with _started(row, stories[0], tallies[row.key]):
                pass
    size = len(stories) // rounds
    with ExitStack() as stack:
        children = {
            row.key: [
                stack.enter_context(_started(row, stories[0], tallies[row.key]))
                for _ in range(row.workers)
            ]
            for row in rows
        }
        for turn in range(rounds):
            part = stories[turn * size : (turn + 1) * size]
            for row in (rows[0], *_turned(rows[1:], turn)):
                restored = tallies[rows[0].key].texts[-size:]
                _take_turn(children[row.key], part, restored, tallies[row.key])
    return [_measured(row, tallies[row.key], stories) for row in rows]


def _turned(rows: Sequence[Row], turn: int) -> list[Row]:
    at = turn % len(rows) if rows else 0
    return [*rows[at:], *rows[:at]]


@contextmanager
def _started(row: Row, story: Story, tally: _Tally) -> Iterator[Child]:
    """A process that has done its first text."""
    first = story.text[:FIRST]
    start = perf_counter()
    child = Child(row)
    try:
        child.send([(first, story.canonical[:FIRST]) if row.reads == "pairs" else first])
        child.receive()
        tally.starts.append(perf_counter() - start)
        yield child
    finally:
        child.close()


def _take_turn(
    children: Sequence[Child], part: Sequence[Story], restored: Sequence[str], tally: _Tally
) -> None:
    """The row's share of one round, by all its workers at once."""
    row = children[0].row
    texts = [story.text for story in part[: row.articles]]
    items: list[Any] = list(texts)
    if row.reads == "pairs":
        texts = list(restored)
        items = [(text, story.canonical) for text, story in zip(texts, part, strict=True)]
    for child in children:
        child.send(items)
    answers = [child.receive() for child in children]
    words = sum(len(split(text)) for text in texts)
    seconds = max(answer["network" if row.reads == "windows" else "seconds"] for answer in answers)
    tally.rounds.append(1e6 * seconds / words / len(children))
    tally.words += words * len(children)
    for answer in answers:
        tally.subwords += answer["subwords"]
        tally.network += answer["network"]
    tally.texts += answers[0]["texts"]


def _measured(row: Row, tally: _Tally, stories: Sequence[Story]) -> Measured:
    return Measured(
        key=row.key,
        label=row.label,
        beside=row.beside,
        reads=row.reads,
        start=median(tally.starts),
        rounds=tally.rounds,
        words=tally.words,
        subwords=tally.subwords / tally.words if tally.subwords else None,
        network=tally.subwords / tally.network if tally.subwords else None,
        casing=_casing(tally.texts, stories) if row.scored else None,
    )


def _casing(texts: Sequence[str], stories: Sequence[Story]) -> float:
    """F1 of words with a capital, the mean over outlets."""
    found: dict[str, Count] = {}
    for text, story in zip(texts, stories, strict=False):  # the last stories fill no round
        count = check(text, story.canonical).counts["case"]
        found[story.source] = found.get(story.source, Count()) + count
    return fmean(count.score.f1 or 0.0 for count in found.values())
