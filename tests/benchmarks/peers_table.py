"""The table of ``peers.py``: a line for each row, then casing, then what was asked and reached."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from peers_measure import Measured

#: Words of the job whose whole process is reported.
JOB = 100_000
NOTES = (
    "",
    "start: a fresh process until its first short text is done, import and model included.",
    f"{JOB:,}, s: the whole process for so many words, from start and words a second.",
    "ours/its: words that cleantext with int8 reads while the row reads one, in the same rounds; for",
    "bare sessions and the comparison of two texts beside the first row of the two.",
    "subw./word: subwords that the network read for each word, those in two windows twice.",
    "Published shapes have random weights, no padding mask, and a tokenizer trained on such news, which",
    "cuts fewer words than their own; their decoding back to text is left out. All of it is in their",
    "favour. truecase cuts words with NLTK's tokenizer without punkt's sentences, which no copy without",
    "marks has.",
    "",
)


@dataclass(frozen=True, slots=True)
class Goal:
    """What the project asks of two rows: ``row`` so many times as fast as ``beside``."""

    row: str
    beside: str
    least: float
    aim: float | None = None


GOALS = (
    Goal("int8", "pcs-fp32", 4, 6),
    Goal("int8", "fullstop-fp32", 55, 80),
    Goal("workers", "one-thread", 1.7),
)


def table(result: Mapping[str, Any]) -> Iterator[str]:
    """The lines of the table, then casing, then what was asked and reached."""
    found = {row["key"]: Measured(**row) for row in result["rows"]}
    yield f"{result['machine']}; {result['versions']}; {result['threads']} threads"
    yield (
        f"{result['articles']} degraded articles, {result['words']:,} words, in {result['rounds']}"
        " rounds; medians over the rounds"
    )
    yield ""
    heads = ("start, s", "µs a word", "words/s", "ours/its", f"{JOB:,}, s", "subw./word", "subw./s")
    yield f"{'':<41}" + "".join(f"{head:>12}" for head in heads)
    for row in found.values():
        yield f"{row.label:<41}" + "".join(f"{cell:>12}" for cell in _cells(row, found))
    yield from NOTES
    scored = [row for row in found.values() if row.casing is not None]
    for row in scored:
        yield f"casing, F1 of words with a capital, mean over outlets: {row.label}: {row.casing:.3f}"
    yield ""
    for goal in GOALS:
        if goal.row in found and goal.beside in found:
            yield _reached(goal, found[goal.row], found[goal.beside])


def _cells(row: Measured, found: Mapping[str, Measured]) -> Iterator[str]:
    base = found.get(row.beside)
    yield f"{row.start:.2f}"
    yield f"{row.microseconds:,.2f}"
    yield f"{1e6 / row.microseconds:,.0f}"
    yield f"{base.times_as_fast(row):,.3g}" if base else ""
    yield f"{row.start + JOB * row.microseconds / 1e6:,.1f}"
    yield f"{row.subwords:.2f}" if row.subwords else ""
    yield f"{row.network:,.0f}" if row.network else ""


def _reached(goal: Goal, row: Measured, beside: Measured) -> str:
    ratio = row.times_as_fast(beside)
    aim = f", aim {goal.aim:g}" if goal.aim else ""
    verdict = "reached" if ratio >= goal.least else "NOT reached"
    if goal.aim and ratio >= goal.aim:
        verdict = "aim reached"
    return f"{row.label} / {beside.label}: {ratio:.3g} times (asked {goal.least:g}{aim}): {verdict}"
