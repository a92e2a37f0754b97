"""One reading of a text: which of its words the tagger must see, and what the decoder made of them.

Only damaged regions are read, with some words around them for context; a text with nothing open
costs nothing. ``Casing`` and ``Punctuation`` share one reading.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice, pairwise

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
from cleantext.tagger.grammar import CLOSED, open_after
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.onnx import Scores, Tagger
from cleantext.words import Words

__all__ = ["Reading", "Region", "plan", "settle"]

Bools = NDArray[np.bool_]

#: Words read on each side of a damaged region.
CONTEXT = 40
#: Damaged stretches with fewer sound words between them are read as one region.
BRIDGE = 20
#: Words decided in one search; longer regions are cut, so that memory stays bounded.
LONGEST = 10_000

_SENTENCE_END = regex.compile(r"[.?!…][\"'”’)\]]* $")
_ADDRESS = regex.compile(
    r"(?:https?://|www\.)\S+|[\w.+-]+@[\w-]+\.\w+|(?<![\p{L}\p{N}])[@#][\p{L}\p{N}_]+"
    r"|(?<![\p{L}\p{N}])[\p{L}\p{N}-]+\.(?:com|org|net|gov|edu|co\.uk)(?![\p{L}\p{N}])\S*",
    regex.IGNORECASE,
)
#: The last word of a flattened address.
_DOMAINS = frozenset(("com", "org", "net", "gov", "edu", "uk", "co", "info", "io", "tv"))


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


def plan(text: str, words: Words, diagnosis: Diagnosis, *, gaps: bool) -> tuple[Region, ...]:
    """The regions of a text that must be read.

    Args:
        text: the text.
        words: its words.
        diagnosis: what is damaged in it.
        gaps: whether gaps may be set; else they all stay as they stand.
    """
    n = len(words)
    lost = {damage.dimension for damage in diagnosis.damages}
    if not n or not lost & {"case", "marks", "layout"}:
        return ()
    masks = diagnosis.masks(words)
    frozen = _frozen(text, words)
    case = masks.case & ~frozen
    apart = np.zeros(n + 1, bool)
    apart[:-1] |= frozen
    apart[1:] |= frozen
    kinds = _kinds(words, masks.marks, masks.layout, frozen) if gaps else np.zeros(n + 1, np.int8)
    touched = case.copy()
    touched |= kinds[:-1] != CLAMPED
    touched |= kinds[1:] != CLAMPED
    regions: list[Region] = []
    for start, stop in _pieces(_runs(touched, bridge=BRIDGE)):
        evidence = Evidence(
            words=words.words[start:stop],
            gaps=words.gaps[start : stop + 1],
            kinds=kinds[start : stop + 1],
            layout=masks.layout[start : stop + 1] | (kinds[start : stop + 1] == BROKEN),
            case=case[start:stop],
            apart=apart[start : stop + 1],
            state=_state_before(words, start),
            final=None if stop == n else _state_wanted(words, stop),
            begins=start == 0,
        )
        read = max(0, start - CONTEXT), min(n, stop + CONTEXT)
        regions.append(Region(start, stop, *read, evidence))
    return tuple(regions)


def settle(
    plans: Sequence[tuple[Words, tuple[Region, ...]]],
    tagger: Tagger,
    *,
    thresholds: Thresholds,
    lexicon: Lexicon,
) -> list[Reading]:
    """Read the regions of several texts and decide each."""
    jobs = [(words, region) for words, regions in plans for region in regions]
    decided = (
        decode(
            _trim(scores, region),
            region.evidence,
            tagger.table,
            thresholds=thresholds,
            lexicon=lexicon,
        )
        for (_, region), scores in zip(
            jobs, tagger.stream(w.words[r.read_start : r.read_stop] for w, r in jobs), strict=True
        )
    )
    return [
        Reading(regions, tuple(islice(decided, len(regions))), tagger.table) for _, regions in plans
    ]


def _trim(scores: Scores, region: Region) -> Scores:
    first = region.start - region.read_start
    last = region.stop - region.read_start
    return Scores(scores.gaps[first : last + 1], scores.cases[first:last])


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


def _kinds(words: Words, marks: Bools, layout: Bools, frozen: Bools) -> NDArray[np.int8]:
    """What may become of each gap."""
    n = len(words)
    kinds = np.full(n + 1, CLAMPED, np.int8)
    inside = np.zeros(n + 1, bool)
    inside[1:-1] = frozen[:-1] & frozen[1:]
    lines = np.fromiter(("\n" in gap or "\r" in gap for gap in words.gaps), bool, n + 1)
    open_ = marks & ~inside
    kinds[open_ & ~lines] = BLANK
    kinds[open_ & lines & ~layout] = BROKEN
    kinds[open_ & lines & layout] = BLANK  # hard-wrapped: the line end stands for a blank
    for i in np.flatnonzero(layout & ~marks & ~inside & ~lines).tolist():
        if 0 < i < n and _SENTENCE_END.search(words.gaps[i]):
            kinds[i] = BREAKABLE
    for end, kind in ((0, FIRST), (n, LAST)):
        blank = not words.gaps[end] or words.gaps[end].isspace()
        kinds[end] = kind if open_[end] and blank else CLAMPED
    return kinds


def _frozen(text: str, words: Words) -> Bools:
    """Words of addresses, handles and hashtags, flattened addresses included."""
    n = len(words)
    frozen = np.zeros(n, bool)
    starts = np.asarray(words.starts)
    if "@" in text or "#" in text or "." in text:
        for match in _ADDRESS.finditer(text):
            first, behind = np.searchsorted(starts, match.span())
            frozen[first:behind] = True
    for i, word in enumerate(words.words):
        if word in ("www", "http", "https") or word.lower() in ("www", "http", "https"):
            for j in range(i + 1, min(i + 6, n)):
                if words.words[j].lower() in _DOMAINS:
                    frozen[i : j + 1] = True
        elif word == "com" and i:
            frozen[i - 1 : i + 1] = True
    return frozen


def _state_before(words: Words, start: int) -> int:
    """What is open before gap ``start``, from the marks of the same paragraph."""
    first = start
    while first > 0 and "\n" not in words.gaps[first] and start - first < 400:
        first -= 1
    state = CLOSED
    for gap in words.gaps[first:start]:
        state = open_after(state, gap)
    return state


def _state_wanted(words: Words, stop: int) -> int:
    """What must be open after gap ``stop``, from the marks that follow in the same paragraph."""
    for i in range(stop + 1, min(stop + 400, len(words) + 1)):
        gap = words.gaps[i]
        left = gap.split("\n")[0].rstrip() if "\n" in gap else gap
        head = left[: len(left) - len(left.lstrip("\"'”’)].,;:?!"))]
        if "”" in head or ('"' in head and not gap.startswith((" ", "\n"))):
            return 1
        if any(mark in gap for mark in '"“”\n'):
            return CLOSED
    return CLOSED
