"""Casing: the case of every word, as the reading decided it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from cleantext.draft import Draft
from cleantext.edits import Edit, Kind
from cleantext.normalizers.groups import start_group
from cleantext.tagger.case import cased
from cleantext.tagger.decode import Decision
from cleantext.tagger.evidence import CLAMPED
from cleantext.tagger.facets import column
from cleantext.tagger.reading import Region
from cleantext.words import Words

__all__ = ["Casing"]

_REASONS = {"lower": "small letters", "title": "name", "upper": "acronym"}


@dataclass(frozen=True, slots=True)
class Casing:
    """Truecasing: sentence starts, names, acronyms, mixed case. Never changes a letter.

    The capital of a sentence that :class:`~cleantext.normalizers.punctuation.Punctuation` ends in
    the same pass is in the group of its full stop; without that normalizer only sentences whose
    marks survived get one.
    """

    name: ClassVar[str] = "casing"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"case"})
    reads: ClassVar[bool] = True

    def propose(self, draft: Draft) -> list[Edit]:
        """Edits for every word whose lost case is decided otherwise than it stands."""
        edits: list[Edit] = []
        reading = draft.reading
        for region, decision in zip(reading.regions, reading.decisions, strict=True):
            for i, pattern in enumerate(decision.own):
                word = region.evidence.words[i]
                if pattern and (pattern != "lower" or decision.starts[i] or not word.islower()):
                    edit = _edit(draft.words, region, decision, i)
                    if edit is not None:
                        edits.append(edit)
        return reading.calibration.applied(edits)


def _edit(words: Words, region: Region, decision: Decision, i: int) -> Edit | None:
    place = region.start + i
    stands = words.words[place]
    pattern, begins = decision.own[i], bool(decision.starts[i])
    after = cased(stands, pattern, start=begins)
    if after == stands:
        return None
    first = next(k for k, (a, b) in enumerate(zip(stands, after, strict=True)) if a != b)
    last = len(stands)
    while stands[last - 1] == after[last - 1]:
        last -= 1
    derived = begins and pattern == "lower"
    confidence = float(decision.case_confidence[i])
    if derived and region.evidence.kinds[i] != CLAMPED and i + region.start > 0:
        sure = decision.facets[i, [column("sentence"), column("paragraph")]].max()
        confidence = max(float(sure), 0.0)
    return Edit(
        words.starts[place] + first,
        stands[first:last],
        after[first:last],
        "case",
        "sentence start" if derived else _REASONS.get(pattern, "mixed case"),
        round(confidence, 4),
        start_group(place) if derived else 0,
        Casing.name,
    )
