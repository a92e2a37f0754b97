"""Speed of alignment and check beside jiwer at word level, as ratios within one run.

    python tests/benchmarks/check.py [--repeat N] [--words N ...] [--json]

jiwer reads two strings, so alignment is timed from two strings as well: split at white space,
then aligned. Below 1 ours is the faster one. Times are the best of the repeats. The words are made
up, with frequencies that fall as those of English do.
"""

from __future__ import annotations

import argparse
import json
import random
from collections.abc import Callable, Iterator
from dataclasses import asdict, dataclass
from time import perf_counter

import jiwer

from cleantext.canon.align import align
from cleantext.canon.check import check

#: Distinct words of the texts.
VOCABULARY = 30_000
#: Share of words dropped, put in or replaced, each a third.
EDITED = 0.1
#: Words of the longest text of which every pair is repeated as often as asked.
SHORT = 5_000


@dataclass(frozen=True, slots=True)
class Timing:
    """Seconds of one case, the best of the repeats."""

    case: str
    words: int
    jiwer: float
    align: float
    check: float
    differences: float

    def __str__(self) -> str:
        shares = (self.align, self.check, self.differences)
        return f"{self.case:<26}{self.words:>9,}{1000 * self.jiwer:>11,.2f}" + "".join(
            f"{seconds / self.jiwer:>13.2f}" for seconds in shares
        )


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--words", type=int, nargs="+", default=[2_000, 100_000])
    parser.add_argument("--repeat", type=int, default=7)
    parser.add_argument("--json", action="store_true")
    options = parser.parse_args()
    if not options.json:
        heads = ("align", "check", "differences")
        print(f"{'':<26}{'words':>9}{'jiwer, ms':>11}" + "".join(f"{h:>13}" for h in heads))
    timings: list[Timing] = []
    for words in options.words:
        for case, (text, canonical) in _pairs(words):
            repeat = options.repeat if words <= SHORT else max(1, options.repeat // 3)
            timings.append(_timed(case, words, text, canonical, repeat))
            if not options.json:
                print(timings[-1], flush=True)
    if options.json:
        print(json.dumps([asdict(timing) for timing in timings], indent=2))


def _pairs(words: int) -> Iterator[tuple[str, tuple[str, str]]]:
    chance = random.Random(words)
    weights = [1 / rank for rank in range(1, VOCABULARY + 1)]

    def text(letter: str) -> list[str]:
        return [f"{letter}{n}" for n in chance.choices(range(VOCABULARY), weights, k=words)]

    ours = text("w")
    yield "the same", (" ".join(ours), " ".join(ours))
    yield "one word in ten differs", (" ".join(ours), " ".join(_edited(ours, chance)))
    half = words // 2
    yield "halves changed over", (" ".join(ours), " ".join(ours[half:] + ours[:half]))
    yield "nothing shared", (" ".join(text("a")), " ".join(text("b")))
    yield "two stories, one language", (" ".join(ours), " ".join(text("w")))


def _edited(words: list[str], chance: random.Random) -> list[str]:
    edited: list[str] = []
    for word in words:
        what = chance.random() * 3 / EDITED
        if what < 1:
            continue
        edited.append(f"w{chance.randrange(VOCABULARY)}" if what < 2 else word)
        if 2 <= what < 3:
            edited.append(f"w{chance.randrange(VOCABULARY)}")
    return edited


def _timed(case: str, words: int, text: str, canonical: str, repeat: int) -> Timing:
    """The four take turns, so that a machine that others use too is as slow for each."""
    runs: tuple[Callable[[], object], ...] = (
        lambda: jiwer.process_words(canonical, text),
        lambda: align(text.split(), canonical.split()),
        lambda: check(text, canonical),
        lambda: check(text, canonical).differences,
    )
    best = [float("inf")] * len(runs)
    for _ in range(repeat):
        for at, run in enumerate(runs):
            start = perf_counter()
            run()
            best[at] = min(best[at], perf_counter() - start)
    return Timing(case, words, *best)


if __name__ == "__main__":
    main()
