"""How far a job is: for a caller, as a bar on a terminal, as a line now and then in a log."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from time import monotonic
from typing import TextIO

from cleantext.jobs.summary import duration

__all__ = ["Progress", "Report", "Watch", "reporting"]

#: Seconds between two lines in a log.
EVERY = 30.0


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is.

    Attributes:
        records: done so far, those of earlier parts of a resumed job counted in.
        rejected: of these, the ones that were not taken.
        rate: records a second, of this part.
        words_per_second: of this part.
        share: of the input that was read (0..1); None if its size is not known.
        left: seconds until the end at this rate; None if that cannot be told.

    >>> print(Progress(12_000, 34, 16.5, 5020.0, 0.34, 1400.0))
    12,000 records (34 rejected), 16.5 records/s, 5,020 words/s, 34.0 % read, 23 min 20 s left
    """

    records: int
    rejected: int
    rate: float
    words_per_second: float
    share: float | None = None
    left: float | None = None

    def __str__(self) -> str:
        parts = [
            f"{self.records:,} records ({self.rejected:,} rejected)",
            f"{self.rate:,.1f} records/s",
            f"{self.words_per_second:,.0f} words/s",
        ]
        if self.share is not None:
            parts.append(f"{self.share:.1%} read".replace("%", " %"))
        if self.left is not None:
            parts.append(f"{duration(self.left)} left")
        return ", ".join(parts)


Report = Callable[[Progress], object]


class Watch:
    """Turns counts into progress.

    Args:
        records: done when this part of the job began.
        words: the same of words.
    """

    def __init__(self, records: int, words: int) -> None:
        self._records, self._words = records, words
        self._started = self._lap = monotonic()

    def lap(self) -> float:
        """Seconds since this was asked last, or since this part of the job began."""
        last, self._lap = self._lap, monotonic()
        return self._lap - last

    def progress(
        self, *, records: int, rejected: int, words: int, position: int, size: int | None
    ) -> Progress:
        """The progress at these counts.

        Args:
            position, size: of the input, in any unit; the size is None if nobody knows it.
        """
        seconds = max(monotonic() - self._started, 1e-6)
        rate = (records - self._records) / seconds
        share = min(1.0, position / size) if size else None
        left = (records / share - records) / rate if share and rate else None
        words_per_second = (words - self._words) / seconds
        return Progress(records, rejected, rate, words_per_second, share, left)


@contextmanager
def reporting(stream: TextIO | None = None) -> Iterator[Report]:
    """Show progress on standard error: a bar on a terminal, else a line every half minute."""
    stream = stream or sys.stderr
    if stream.isatty():
        with _bar(stream) as report:
            yield report
    else:
        yield _lines(stream)


def _lines(stream: TextIO) -> Report:
    last = monotonic()

    def report(progress: Progress) -> None:
        nonlocal last
        if monotonic() - last >= EVERY:
            last = monotonic()
            print(f"cleantext: {progress}", file=stream, flush=True)

    return report


@contextmanager
def _bar(stream: TextIO) -> Iterator[Report]:
    from rich.console import Console
    from rich.progress import BarColumn, SpinnerColumn, TextColumn
    from rich.progress import Progress as Bar

    columns = SpinnerColumn(), BarColumn(), TextColumn("{task.description}", markup=False)
    with Bar(*columns, console=Console(file=stream), transient=True) as bar:
        task = bar.add_task("", total=None)

        def report(progress: Progress) -> None:
            total = None if progress.share is None else 1.0
            bar.update(task, total=total, completed=progress.share or 0, description=str(progress))

        yield report
