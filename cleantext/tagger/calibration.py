"""Calibration: from what the model says of an edit to the share of such edits that are right.

A softmax that was trained to fit its own text is too sure of some marks and not sure enough of
others. One rising curve for each topic of edits (:func:`topic`) maps what is said to what came true
on articles that no training run saw. Decisions and thresholds work on what the model says; only the
confidence that an edit carries is mapped.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise
from typing import Any

from cleantext.edits import Edit

__all__ = ["Calibration", "Curve", "topic"]


def topic(edit: Edit) -> str:
    """What an edit of the tagger is of, as calibration counts it: its reason, some told apart.

    >>> topic(Edit(4, " ", ",", "number", "number")), topic(Edit(4, "", ",", "mark", "comma"))
    ('digit grouping', 'comma')
    """
    if edit.reason == "number":
        return "digit grouping" if edit.after == "," else "decimal, time, range"
    if edit.reason == "abbreviation or initials":
        return "initials" if edit.before else "abbreviation"
    return edit.reason


@dataclass(frozen=True, slots=True)
class Curve:
    """A curve through knots that never falls; straight between them, level beyond the outer ones.

    Attributes:
        said: what the model says at each knot, 0..1, rising.
        right: the share that is right there, 0..1, never falling.

    Raises:
        ValueError: if the knots are none, are not in order, or are no shares.

    >>> Curve((0.5, 0.9), (0.6, 0.8))(0.7)
    0.7
    """

    said: tuple[float, ...]
    right: tuple[float, ...]

    def __post_init__(self) -> None:
        said, right = self.said, self.right
        fits = len(said) == len(right) > 0 and all(0 <= share <= 1 for share in (*said, *right))
        rises = all(a < b for a, b in pairwise(said))
        falls = any(a > b for a, b in pairwise(right))
        if not fits or not rises or falls:
            raise ValueError(
                "a calibration curve needs as many shares (0..1) right as said, the said ones"
                f" rising and the right ones never falling; got {said} and {right}:"
                " fit the calibration again"
            )

    def __call__(self, said: float) -> float:
        """The share right (0..1, four decimals) where the model says this much."""
        at = bisect_right(self.said, said)
        if at == 0:
            return self.right[0]
        if at == len(self.said):
            return self.right[-1]
        low, high = self.said[at - 1], self.said[at]
        part = (said - low) / (high - low)
        return round(self.right[at - 1] + part * (self.right[at] - self.right[at - 1]), 4)


@dataclass(frozen=True, slots=True)
class Calibration:
    """A curve for each topic; topics without one keep what the model says.

    >>> found = Calibration({"comma": Curve((0.4, 0.8), (0.6, 0.9))})
    >>> edit, = found.applied([Edit(4, "", ",", "mark", "comma", confidence=0.4)])
    >>> edit.confidence
    0.6
    """

    curves: Mapping[str, Curve] = field(default_factory=dict)

    def applied(self, edits: Iterable[Edit]) -> list[Edit]:
        """The edits with the share that is right of their like as their confidence."""
        if not self.curves:
            return list(edits)
        return [self._mapped(edit) for edit in edits]

    def _mapped(self, edit: Edit) -> Edit:
        curve = self.curves.get(topic(edit))
        return edit if curve is None else replace(edit, confidence=curve(edit.confidence))

    def to_dict(self) -> dict[str, Any]:
        """Plain lists of knots by topic, as ``model.json`` holds them."""
        return {
            name: [list(knot) for knot in zip(curve.said, curve.right, strict=True)]
            for name, curve in self.curves.items()
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, Any]) -> Calibration:
        """The inverse of :meth:`to_dict`.

        Raises:
            ValueError: if a curve falls or its knots are no shares.
        """
        if not all(data.values()):
            raise ValueError("a curve has no knots")
        return cls(
            {
                str(name): Curve(*(tuple(map(float, side)) for side in zip(*knots, strict=True)))
                for name, knots in data.items()
            }
        )
