"""What was read of a text in one run, so that a later pass reads only what changed."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import numpy as np

from cleantext.tagger.onnx import Scores, Tagger

__all__ = ["Memory"]

#: Words on each side of a change that are read anew, and as many beyond them for context.
MARGIN = 40
#: Words of the longest stretch that is kept; by stretch and not by run, so that what stands beside
#: a text decides nothing.
LONGEST = 20_000
#: Words of one text that are kept in all, so that memory stays bounded.
MOST = 60_000
#: Words that a stretch must share with another, at its start or its end, and how many are compared.
_SHARED, _TRIED = 8, 4

Job = tuple[int, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class _Patch:
    """Old scores that hold for the first and the last words, and what must be read between."""

    old: Scores
    head: int
    tail: int
    read_start: int
    read_stop: int


@dataclass
class Memory:
    """Scores by text and words. One for a run; not shared between threads.

    Attributes:
        patched: numbers of the texts of which scores were pieced together.
    """

    patched: set[int] = field(default_factory=set)
    _known: dict[Job, Scores] = field(default_factory=dict)
    _kept: dict[int, int] = field(default_factory=lambda: defaultdict(int))
    _alike: dict[tuple[int, tuple[str, ...], bool], list[tuple[str, ...]]] = field(
        default_factory=lambda: defaultdict(list)
    )

    def read(self, tagger: Tagger, jobs: Iterable[Job]) -> Iterator[Scores]:
        """The scores of each job, a number of a text and lowered words of it, in order.

        Words read before come from memory. Where some were taken out or put in since, only their
        neighbourhood is read.
        """
        listed = list(jobs)
        plans = [self._plan(*job) for job in listed]
        read = tagger.stream(
            words if plan is None else words[plan.read_start : plan.read_stop]
            for (_, words), plan in zip(listed, plans, strict=True)
            if not isinstance(plan, Scores)
        )
        for (number, words), plan in zip(listed, plans, strict=True):
            if isinstance(plan, Scores):
                yield plan
                continue
            scores = next(read) if plan is None else _patched(plan, next(read), len(words))
            if plan is not None:
                self.patched.add(number)
            self._kept[number] += len(words)
            if len(words) <= LONGEST and self._kept[number] <= MOST:
                self._known[number, words] = scores
                for key in _ends(number, words):
                    self._alike[key].append(words)
            yield scores

    def _plan(self, number: int, words: tuple[str, ...]) -> Scores | _Patch | None:
        """What is known of these words: all of it, a part, or nothing."""
        if (number, words) in self._known:
            return self._known[number, words]
        alike = [known for key in _ends(number, words) for known in self._alike[key][-_TRIED:]]
        patches = [_compare(known, words, self._known[number, known]) for known in alike]
        return min(filter(None, patches), key=_size, default=None)


def _ends(number: int, words: tuple[str, ...]) -> tuple[tuple[int, tuple[str, ...], bool], ...]:
    """Keys under which stretches stand that begin or end as this one does."""
    return (number, words[:_SHARED], True), (number, words[-_SHARED:], False)


def _size(patch: _Patch) -> int:
    return patch.read_stop - patch.read_start


def _compare(known: tuple[str, ...], words: tuple[str, ...], scores: Scores) -> _Patch | None:
    """How much of the words begins and ends as what is known; None if too little to pay."""
    shorter = min(len(known), len(words))
    head = next((i for i in range(shorter) if known[i] != words[i]), shorter)
    rest = shorter - head
    tail = next((i for i in range(rest) if known[-1 - i] != words[-1 - i]), rest)
    head, tail = max(0, head - MARGIN), max(0, tail - MARGIN)
    start = max(0, head - MARGIN)
    stop = min(len(words), len(words) - tail + MARGIN)
    if stop - start > 0.8 * len(words):
        return None
    return _Patch(scores, head, tail, start, stop)


def _patched(patch: _Patch, read: Scores, size: int) -> Scores:
    """Old rows in front and behind, new ones between."""
    first, last = patch.head, size - patch.tail
    new = slice(first - patch.read_start, last - patch.read_start)
    gaps = read.gaps[new.start : new.stop + 1]
    old = patch.old
    behind = len(old.cases) - patch.tail
    return Scores(
        np.concatenate((old.gaps[:first], gaps, old.gaps[behind + 1 :])),
        np.concatenate((old.cases[:first], read.cases[new], old.cases[behind:])),
        np.concatenate((old.parts[:first], read.parts[new], old.parts[behind:])),
    )
