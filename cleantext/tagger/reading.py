"""One reading of a text: which of its words the tagger must see, and what the decoder made of them.

Only damaged regions are read, with some words around them for context; a text with nothing open
costs nothing. ``Casing`` and ``Punctuation`` share one reading.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleantext.diagnosis import Diagnosis
from cleantext.lexicon import Lexicon
from cleantext.tagger.calibration import Calibration
from cleantext.tagger.decode import Decision, decode
from cleantext.tagger.evidence import BREAKABLE, BROKEN, CLAMPED, Evidence
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.grammar import CLOSED, QUOTE, open_after
from cleantext.tagger.known import Known, Leaning
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.memory import Job, Memory
from cleantext.tagger.onnx import Scores, Tagger
from cleantext.tagger.openings import open_gaps
from cleantext.tagger.parts import Part, Stretch, find_parts, shaped
from cleantext.words import Words, lower_words

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


@dataclass(frozen=True, slots=True)
class Region:
    """A range of words of which something is open.

    Attributes:
        start, stop: the words decided on; gaps ``start .. stop`` belong to them.
        read_start, read_stop: the words read, context included.
        evidence: of the words decided on.
        leaning: what is to be expected of them.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int
    evidence: Evidence
    leaning: Leaning = field(default_factory=Leaning)


@dataclass(frozen=True, slots=True)
class Reading:
    """What was decided for a text: regions, a decision for each, the labels they speak in.

    ``calibration`` says what the confidence of the edits that come of it is worth.
    """

    regions: tuple[Region, ...] = ()
    decisions: tuple[Decision, ...] = ()
    table: LabelTable | None = None
    calibration: Calibration = field(default_factory=Calibration)

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


def plan(
    words: Words, diagnosis: Diagnosis, *, gaps: bool, known: Known | None = None
) -> tuple[Region, ...]:
    """The regions of a text that must be read.

    Args:
        words: the words of the text.
        diagnosis: what is damaged in it.
        gaps: whether gaps may be set; else they all stay as they stand.
        known: what a canonical version settles; it stands as if it had survived.
    """
    n = len(words)
    lost = {damage.dimension for damage in diagnosis.damages}
    if not n or not lost & {"case", "marks", "layout"}:
        return ()
    masks = diagnosis.masks(words)
    apart = np.zeros(n + 1, bool)
    apart[:-1] |= masks.closed
    apart[1:] |= masks.closed
    stands, kinds = open_gaps(words, masks)
    if not gaps:
        kinds[:] = CLAMPED
    touched = masks.case.copy()
    touched |= kinds[:-1] != CLAMPED
    touched |= kinds[1:] != CLAMPED
    forms, case = words.words, _without_scraps(words, masks.case)
    if known is not None:
        forms, stands = known.cased(forms), known.standing(stands)
        kinds[known.settled], kinds[list(known.breakable)] = CLAMPED, BREAKABLE
        case = known.open_case(case)
    regions: list[Region] = []
    for start, stop in _pieces(_runs(touched, bridge=BRIDGE)):
        own = kinds[start : stop + 1].copy()
        if regions and regions[-1].stop == start:
            own[0] = CLAMPED  # the piece before decides the gap they share
        if not (case[start:stop].any() or (own != CLAMPED).any()):
            continue
        evidence = Evidence(
            words=forms[start:stop],
            gaps=stands[start : stop + 1],
            kinds=own,
            layout=masks.layout[start : stop + 1] | (own == BROKEN),
            case=case[start:stop],
            apart=apart[start : stop + 1],
            state=_state_before(stands, start),
            final=None if stop == n else _state_wanted(stands, stop),
            begins=start == 0,
        )
        read = max(0, start - CONTEXT), min(n, stop + CONTEXT)
        leaning = Leaning() if known is None else known.leaning(start, stop)
        regions.append(Region(start, stop, *read, evidence, leaning))
    return tuple(regions)


def _without_scraps(words: Words, case: Bools) -> Bools:
    """Which cases are open but for one or two letters of a cut word: they say nothing of it."""
    case = case.copy()
    for word, cut in ((0, words.gaps[0].endswith("...")), (-1, words.gaps[-1].startswith("..."))):
        if cut and len(words.words[word]) <= 2:
            case[word] = False
    return case


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
        stop = -1
        for region in regions:
            evidence = region.evidence
            if (
                stop == region.start
                and evidence.kinds[0] == CLAMPED
                and decisions[-1].ends_sentence
            ):
                evidence = replace(evidence, begins=True)
            stop = region.stop
            scores = _trim(next(read), region)
            parts = _parts(scores, tagger.table, words, region)
            apart = bool(evidence.layout.any())
            scores = shaped(scores, parts, evidence.words, tagger.table, apart=apart)
            scores = region.leaning.applied(scores, tagger.table)
            decisions.append(
                decode(scores, evidence, tagger.table, thresholds=thresholds, lexicon=lexicon)
            )
        readings.append(Reading(regions, tuple(decisions), tagger.table, tagger.calibration))
    return readings


def read_parts(
    plans: Sequence[tuple[Words, tuple[Region | Stretch, ...]]],
    tagger: Tagger,
    *,
    memory: Memory,
    numbers: Sequence[int],
) -> list[tuple[Part, ...]]:
    """The parts of stretches of several texts, by the words of each text; body is left out.

    Args:
        plans: the words of each text and the stretches of it to look at, by place.
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
            for part in _parts(scores, tagger.table, words, region):
                if part.name != "body":
                    start, stop = part.start + region.start, part.stop + region.start
                    parts.append(replace(part, start=start, stop=stop))
        found.append(tuple(parts))
    return found


def _jobs(
    plans: Sequence[tuple[Words, tuple[Region | Stretch, ...]]], numbers: Sequence[int]
) -> Iterator[Job]:
    for number, (words, regions) in zip(numbers, plans, strict=True):
        for region in regions:
            read = words.words[region.read_start : region.read_stop]
            yield number, lower_words(read)


def _parts(scores: Scores, table: LabelTable, words: Words, region: Region | Stretch) -> list[Part]:
    """The parts of a region."""
    own = words.words[region.start : region.stop]
    return find_parts(scores, table, begins=_begins(words, region), words=own)


def _begins(words: Words, region: Region | Stretch) -> bool:
    """Whether a region begins where its text or a paragraph does."""
    return region.start == 0 or "\n" in words.gaps[region.start]


def _trim(scores: Scores, region: Region | Stretch) -> Scores:
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
