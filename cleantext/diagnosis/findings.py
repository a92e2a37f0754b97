"""What a diagnosis is: damaged spans, spans to leave alone, and the masks the decoder reads."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from cleantext.words import LINE_END, Words

Dimension = Literal["encoding", "case", "marks", "layout", "edges"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]
Floats = NDArray[np.float64]
Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class Damage:
    """One damaged span of a text.

    Attributes:
        dimension: what is lost there.
        form: how; ``lower``, ``upper``, ``title`` (case), ``lost`` (marks), ``flat``, ``wrapped``
            (layout), ``mojibake``, ``entities``, ``control``, ``spaces`` (encoding), ``start``,
            ``end`` (edges).
        start: first code point.
        end: behind the last code point.
        confidence: 0..1.
        reason: why, in a few words for a person.
    """

    dimension: Dimension
    form: str
    start: int
    end: int
    confidence: float
    reason: str


@dataclass(frozen=True, slots=True)
class LeftAlone:
    """A span, in code points, that no later stage may touch, and why."""

    start: int
    end: int
    reason: str


@dataclass(frozen=True, slots=True, eq=False)
class Masks:
    """What of a text of ``n`` words is open to decision.

    Attributes:
        case: ``bool[n]``, whether the word's casing is lost.
        marks: ``bool[n + 1]``, whether the gap's white space is no evidence of there being no mark.
        layout: ``bool[n + 1]``, whether a paragraph break may be set (or taken out) in the gap.
        closed: ``bool[n]``, whether the word is left alone: an address, a table, code.
    """

    case: Bools
    marks: Bools
    layout: Bools
    closed: Bools


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """What is damaged in a text, and what of it is to be left alone.

    Attributes:
        text_length: of the diagnosed text, in code points.
        damages: by place.
        left_alone: tables, lists of scores, code, addresses, other languages; by place.
    """

    text_length: int
    damages: tuple[Damage, ...] = ()
    left_alone: tuple[LeftAlone, ...] = ()

    def damaged(self, dimension: Dimension) -> bool:
        """Whether anything of this dimension is damaged."""
        return any(damage.dimension == dimension for damage in self.damages)

    def spans(self, dimension: Dimension) -> tuple[Span, ...]:
        """The damaged spans of a dimension, by place, in code points."""
        return tuple((d.start, d.end) for d in self.damages if d.dimension == dimension)

    def explain(self) -> str:
        """One line a finding, for a person."""
        lines = [
            f"{d.start}-{d.end}: {d.dimension} ({d.form}), {d.confidence:.0%} sure: {d.reason}"
            for d in self.damages
        ] or ["no damage found"]
        lines += [f"{s.start}-{s.end}: left alone: {s.reason}" for s in self.left_alone]
        return "\n".join(lines)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON."""
        return asdict(self)

    def masks(self, words: Words) -> Masks:
        """What is open to decision among the words and gaps of the diagnosed text.

        Raises:
            ValueError: if the words are not those of a text of this length.
        """
        n = len(words)
        length = words.gap_span(n)[1]
        if length != self.text_length:
            raise ValueError(
                f"the diagnosis is of a text of {self.text_length} code points, the words are of"
                f" one of {length}; diagnose the text that was split"
            )
        starts = np.asarray(words.starts, np.int64)
        closed = inside(starts, ((s.start, s.end) for s in self.left_alone))
        blank = np.fromiter((not gap or gap.isspace() for gap in words.gaps), bool, n + 1)
        lines = np.fromiter(map(_line_ends, words.gaps), np.int64, n + 1)
        marks = inside(starts, self.spans("marks")) & ~closed
        flat = inside(starts, self._form_spans("layout", "flat")) & ~closed
        wrapped = inside(starts, self._form_spans("layout", "wrapped")) & ~closed
        return Masks(
            case=inside(starts, self.spans("case")) & ~closed,
            marks=_beside(marks) & blank & ~_between(closed),
            layout=(_between(flat) & (lines == 0)) | (_between(wrapped) & (lines == 1)),
            closed=closed,
        )

    def _form_spans(self, dimension: Dimension, form: str) -> tuple[Span, ...]:
        return tuple(
            (d.start, d.end) for d in self.damages if (d.dimension, d.form) == (dimension, form)
        )


def _line_ends(gap: str) -> int:
    return 0 if gap == " " else len(LINE_END.findall(gap))


def inside(places: Ints, spans: Iterable[Span]) -> Bools:
    """Which of the (sorted) places lie in any of the spans."""
    found = np.zeros(len(places), bool)
    for start, end in spans:
        first, behind = np.searchsorted(places, (start, end))
        found[first:behind] = True
    return found


def _beside(words: Bools) -> Bools:
    """The gaps that touch one of these words."""
    gaps = np.zeros(len(words) + 1, bool)
    gaps[:-1] |= words
    gaps[1:] |= words
    return gaps


def _between(words: Bools) -> Bools:
    """The gaps between two of these words."""
    gaps = np.zeros(len(words) + 1, bool)
    gaps[1:-1] = words[:-1] & words[1:]
    return gaps
