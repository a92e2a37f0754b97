"""One reading of a text: which of its words the tagger must see, and what the decoder made of them.

Only damaged regions are read, with some words around them for context; a text with nothing open
costs nothing. ``Casing`` and ``Punctuation`` share one reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import regex
from numpy.typing import NDArray

from cleantext.diagnosis import Diagnosis
from cleantext.lexicon import Lexicon
from cleantext.tagger.decode import Decision, decode
from cleantext.tagger.evidence import (
    BLANK,
    BREAKABLE,
    BROKEN,
    CLAMPED,
    FIRST,
    LAST,
    Evidence,
)
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.grammar import CLOSED, QUOTE, open_after
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.memory import Job, Memory
from cleantext.tagger.onnx import Scores, Tagger
from cleantext.tagger.parts import Part, find_parts, shaped
from cleantext.words import LINE_END, Words, lower_word

__all__ = ["Reading", "Region", "plan", "read_parts", "settle"]

Bools = NDArray[np.bool_]

#: Words read on each side of a damaged region.
CONTEXT = 40
#: Damaged stretches with fewer sound words between them are read as one region.
BRIDGE = 20
#: Words decided in one search; longer regions are cut, so that memory stays bounded.
LONGEST = 20_000
#: Words over which an open quotation is looked for.
REACH = 400

_SENTENCE_END = regex.compile(r"[.?!…][\"'”’)\]]*+\s++[\"'“‘(\[]*+$")


@dataclass(frozen=True, slots=True)
class Region:
    """A range of words of which something is open.

    Attributes:
        start, stop: the words decided on; gaps ``start .. stop`` belong to them.
        read_start, read_stop: the words read, context included.
        evidence: of the words decided on.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int
    evidence: Evidence


@dataclass(frozen=True, slots=True)
class Reading:
    """What was decided for a text: regions, a decision for each, the labels they speak in."""

    regions: tuple[Region, ...] = ()
    decisions: tuple[Decision, ...] = ()
    table: LabelTable | None = None

    @property
    def open(self) -> int:
        """How many gaps and cases were open to decision."""
        return sum(
            int((r.evidence.kinds != CLAMPED).sum() + r.evidence.case.sum()) for r in self.regions
        )

    @property
    def unsure(self) -> int:
        """How many of them were decided below their threshold."""
        return sum(
            int(d.unsure.sum()) + int((r.evidence.case & (d.case_confidence < 0.5)).sum())
            for r, d in zip(self.regions, self.decisions, strict=True)
        )


def plan(words: Words, diagnosis: Diagnosis, *, gaps: bool) -> tuple[Region, ...]:
    """The regions of a text that must be read.

    Args:
        words: the words of the text.
        diagnosis: what is damaged in it.
        gaps: whether gaps may be set; else they all stay as they stand.
    """
    n = len(words)
    lost = {damage.dimension for damage in diagnosis.damages}
    if not n or not lost & {"case", "marks", "layout"}:
        return ()
    masks = diagnosis.masks(words)
    apart = np.zeros(n + 1, bool)
    apart[:-1] |= masks.closed
    apart[1:] |= masks.closed
    stands = _plain(words.gaps, masks.layout)
    kinds = _kinds(stands, masks.marks, masks.layout) if gaps else np.zeros(n + 1, np.int8)
    if _is_cut(words.words[-2:]):
        kinds[n] = CLAMPED
    touched = masks.case.copy()
    touched |= kinds[:-1] != CLAMPED
    touched |= kinds[1:] != CLAMPED
    regions: list[Region] = []
    for start, stop in _pieces(_runs(touched, bridge=BRIDGE)):
        own = kinds[start : stop + 1].copy()
        if regions and regions[-1].stop == start:
            own[0] = CLAMPED  # the piece before decides the gap they share
        evidence = Evidence(
            words=words.words[start:stop],
            gaps=stands[start : stop + 1],
            kinds=own,
            layout=masks.layout[start : stop + 1] | (own == BROKEN),
            case=masks.case[start:stop],
            apart=apart[start : stop + 1],
            state=_state_before(stands, start),
            final=None if stop == n else _state_wanted(stands, stop),
            begins=start == 0,
        )
        read = max(0, start - CONTEXT), min(n, stop + CONTEXT)
        regions.append(Region(start, stop, *read, evidence))
    return tuple(regions)


def settle(
    plans: Sequence[tuple[Words, tuple[Region, ...]]],
    tagger: Tagger,
    *,
    memory: Memory,
    numbers: Sequence[int],
    thresholds: Thresholds,
    lexicon: Lexicon,
) -> list[Reading]:
    """Read the regions of several texts and decide each.

    Args:
        plans: the words of each text and its regions.
        tagger: the model.
        memory: what was read before in this run.
        numbers: of each text, in the memory.
        thresholds: the least probability of each facet.
        lexicon: for mixed case.
    """
    read = memory.read(tagger, _jobs(plans, numbers))
    readings: list[Reading] = []
    for words, regions in plans:
        decisions: list[Decision] = []
        for region in regions:
            evidence = region.evidence
            if decisions and evidence.kinds[0] == CLAMPED and decisions[-1].ends_sentence:
                evidence = replace(evidence, begins=True)
            scores = _trim(next(read), region)
            if evidence.layout.any():
                parts = find_parts(scores, tagger.table, begins=_begins(words, region))
                scores = shaped(scores, parts, evidence.words, tagger.table)
            decisions.append(
                decode(scores, evidence, tagger.table, thresholds=thresholds, lexicon=lexicon)
            )
        readings.append(Reading(regions, tuple(decisions), tagger.table))
    return readings


def read_parts(
    plans: Sequence[tuple[Words, tuple[Region, ...]]],
    tagger: Tagger,
    *,
    memory: Memory,
    numbers: Sequence[int],
) -> list[tuple[Part, ...]]:
    """The parts of the regions of several texts, by the words of each text; body is left out.

    Args:
        plans: the words of each text and those of its regions that lost their layout.
        tagger: the model.
        memory: what was read before in this run.
        numbers: of each text, in the memory.
    """
    read = memory.read(tagger, _jobs(plans, numbers))
    found: list[tuple[Part, ...]] = []
    for words, regions in plans:
        parts: list[Part] = []
        for region in regions:
            scores = _trim(next(read), region)
            for part in find_parts(scores, tagger.table, begins=_begins(words, region)):
                if part.name != "body":
                    start, stop = part.start + region.start, part.stop + region.start
                    parts.append(replace(part, start=start, stop=stop))
        found.append(tuple(parts))
    return found


def _jobs(
    plans: Sequence[tuple[Words, tuple[Region, ...]]], numbers: Sequence[int]
) -> Iterator[Job]:
    for number, (words, regions) in zip(numbers, plans, strict=True):
        for region in regions:
            read = words.words[region.read_start : region.read_stop]
            yield number, tuple(map(lower_word, read))


def _begins(words: Words, region: Region) -> bool:
    """Whether a region begins where its text or a paragraph does."""
    return region.start == 0 or "\n" in words.gaps[region.start]


def _trim(scores: Scores, region: Region) -> Scores:
    first = region.start - region.read_start
    last = region.stop - region.read_start
    return Scores(scores.gaps[first : last + 1], scores.cases[first:last], scores.parts[first:last])


def _runs(touched: Bools, *, bridge: int) -> list[tuple[int, int]]:
    """Ranges of touched words; those closer than ``bridge`` words are one."""
    places = np.flatnonzero(touched)
    if not len(places):
        return []
    cuts = np.flatnonzero(np.diff(places) > bridge)
    starts = [int(places[0]), *(int(places[c + 1]) for c in cuts)]
    stops = [*(int(places[c]) + 1 for c in cuts), int(places[-1]) + 1]
    return list(zip(starts, stops, strict=True))


def _pieces(runs: list[tuple[int, int]]) -> list[tuple[int, int]]:
    """Runs cut into even pieces of at most :data:`LONGEST` words."""
    pieces: list[tuple[int, int]] = []
    for start, stop in runs:
        count = -(-(stop - start) // LONGEST)
        cuts = [start + (stop - start) * k // count for k in range(count + 1)]
        pieces += pairwise(cuts)
    return pieces


def _plain(gaps: Sequence[str], layout: Bools) -> tuple[str, ...]:
    """Gaps with one form of line end; those of hard-wrapped lines, which end nothing, blank."""
    return tuple(
        gap if gap == " " else LINE_END.sub(" " if soft else "\n", gap)
        for gap, soft in zip(gaps, layout.tolist(), strict=True)
    )


def _is_cut(last: Sequence[str]) -> bool:
    """Whether a text ends in one letter that is no word and no initial: no stop goes there."""
    word = last[-1]
    initials = len(last) > 1 and len(last[0]) == 1
    return len(word) == 1 and word.isalpha() and word.lower() not in "aidmst" and not initials


def _kinds(gaps: Sequence[str], marks: Bools, layout: Bools) -> NDArray[np.int8]:
    """What may become of each gap."""
    n = len(gaps) - 1
    kinds = np.full(n + 1, CLAMPED, np.int8)
    lines = np.fromiter(("\n" in gap for gap in gaps), bool, n + 1)
    kinds[marks] = BLANK
    kinds[marks & lines] = BROKEN
    for i in np.flatnonzero(layout & ~marks & ~lines).tolist():
        if 0 < i < n and _SENTENCE_END.search(gaps[i]):
            kinds[i] = BREAKABLE
    for end, kind in ((0, FIRST), (n, LAST)):
        blank = not gaps[end] or gaps[end].isspace()
        kinds[end] = kind if marks[end] and blank else CLAMPED
    return kinds


def _state_before(gaps: Sequence[str], start: int) -> int:
    """What is open before gap ``start``, from the marks of the same paragraph."""
    first = start
    while first > 0 and "\n" not in gaps[first] and start - first < REACH:
        first -= 1
    state = CLOSED
    for gap in gaps[first:start]:
        state = open_after(state, gap)
    return state


def _state_wanted(gaps: Sequence[str], stop: int) -> int:
    """What must be open after gap ``stop``, from the marks that follow in the same paragraph."""
    for gap in gaps[stop + 1 : stop + REACH]:
        left = gap.split("\n")[0].rstrip() if "\n" in gap else gap
        head = left[: len(left) - len(left.lstrip("\"'”’)].,;:?!"))]
        if "”" in head or ('"' in head and not gap.startswith((" ", "\n"))):
            return QUOTE
        if any(mark in gap for mark in '"“”\n'):
            return CLOSED
    return CLOSED
