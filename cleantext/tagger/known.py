"""What a canonical version settles: of what a text has lost, the gaps and cases known from it.

What survived in the text always stays. Where both have lost or changed something, nothing is
settled, and the model decides with what is settled around it as evidence.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cleantext.canon.evidence import Agreement
from cleantext.canon.gap_strings import parts_of, starts_sentence
from cleantext.diagnosis import Diagnosis
from cleantext.tagger.evidence import BREAKABLE, BROKEN, CLAMPED, FIRST, LAST
from cleantext.tagger.labels import OTHER, LabelTable, case_of, normalise
from cleantext.tagger.onnx import Scores
from cleantext.tagger.openings import open_gaps
from cleantext.words import Words

__all__ = ["Known", "Leaning", "find_known"]

Floats = NDArray[np.float32]

#: Probability of its own that something expected is given. What a name looks like elsewhere in the
#: story outweighs a model in doubt, and does not overrule a sure one.
_USUAL = 0.5
#: Log-probability of what is known not to be.
_NEVER = np.float32(-20.0)

_OPENS, _CLOSES = str.maketrans('"', "“"), str.maketrans('"', "”")


@dataclass(frozen=True, slots=True)
class Leaning:
    """What is to be expected of a stretch of words though it is open.

    Attributes:
        small: words that have no capital but where a sentence begins.
        gaps: gaps as they stand elsewhere between the same two words.
        forms: words in the case they have elsewhere.
    """

    small: tuple[int, ...] = ()
    gaps: Mapping[int, str] = field(default_factory=dict)
    forms: Mapping[int, str] = field(default_factory=dict)

    def applied(self, scores: Scores, table: LabelTable) -> Scores:
        """The scores, leaning to what is expected."""
        if not (self.small or self.gaps or self.forms):
            return scores
        gaps, cases = scores.gaps.copy(), scores.cases.copy()
        for i, string in self.gaps.items():
            roles = _roles(table).get(string)
            if roles is not None:
                _lean(gaps[i], roles)
        for i, form in self.forms.items():
            if case_of(form) in table.case_index:
                _lean(cases[i], np.asarray([table.case_index[case_of(form)]]))
        if self.small:
            cases[list(self.small)] = _NEVER
            cases[list(self.small), table.case_index["lower"]] = 0.0
        return Scores(gaps, cases, scores.parts)


def _lean(logs: Floats, expected: NDArray[np.int64]) -> None:
    """Give what is expected a share of its own, in place."""
    chances = np.exp(logs)
    own = chances[expected] + 1e-6
    chances *= 1 - _USUAL
    chances[expected] += _USUAL * own / own.sum()
    logs[:] = np.log(np.maximum(chances, 1e-9))


@lru_cache(maxsize=4)
def _roles(table: LabelTable) -> dict[str, NDArray[np.int64]]:
    """The roles of each gap string."""
    found: dict[str, list[int]] = {}
    for i, role in enumerate(table.roles):
        if role != OTHER:
            found.setdefault(role.text, []).append(i)
    return {text: np.asarray(roles) for text, roles in found.items()}


@dataclass(frozen=True, slots=True)
class Known:
    """What is settled of a text.

    Attributes:
        gaps: gaps by their index, as they will stand, with ``" "`` or ``"\\n\\n"`` for what white
            space is set.
        breakable: those of them behind whose stop it is still open whether a paragraph ends.
        forms: words by their index, in the case they will have.
        small: words, ascending, that have no capital but where a sentence begins.
        usual_gaps: gaps that are open, ascending, as they stand elsewhere between the same two
            words.
        usual_forms: words that are open, ascending, in the case they have elsewhere.
    """

    gaps: Mapping[int, str] = field(default_factory=dict)
    breakable: frozenset[int] = frozenset()
    forms: Mapping[int, str] = field(default_factory=dict)
    small: tuple[int, ...] = ()
    usual_gaps: tuple[tuple[int, str], ...] = ()
    usual_forms: tuple[tuple[int, str], ...] = ()

    @property
    def settled(self) -> list[int]:
        """The gaps of which nothing is open any more."""
        return [i for i in self.gaps if i not in self.breakable]

    def standing(self, gaps: Sequence[str]) -> tuple[str, ...]:
        """The gaps of the text with those that are settled; their quotation marks open or close."""
        stands = list(gaps)
        last = len(stands) - 1
        for i, gap in self.gaps.items():
            left, space, right = ("", "", gap) if i == 0 < last else parts_of(gap)
            stands[i] = left.translate(_CLOSES) + space + right.translate(_OPENS)
        return tuple(stands)

    def cased(self, words: Sequence[str]) -> tuple[str, ...]:
        """The words with those whose case is settled."""
        cased = list(words)
        for i, form in self.forms.items():
            cased[i] = form
        return tuple(cased)

    def open_case(self, case: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """``bool[n]``: the words whose case is open still."""
        still = case.copy()
        still[list(self.forms)] = False
        return still

    def leaning(self, start: int, stop: int) -> Leaning:
        """What is to be expected of a range of words."""
        small = self.small[bisect_left(self.small, start) : bisect_left(self.small, stop)]
        gaps = _between(self.usual_gaps, start, stop + 1)
        return Leaning(
            tuple(i - start for i in small), gaps, _between(self.usual_forms, start, stop)
        )


def _between(found: Sequence[tuple[int, str]], start: int, stop: int) -> dict[int, str]:
    """What is found from ``start`` to before ``stop``, counted from there."""
    first, last = bisect_left(found, (start,)), bisect_left(found, (stop,))
    return {i - start: string for i, string in found[first:last]}


def find_known(words: Words, diagnosis: Diagnosis, agreement: Agreement) -> Known:
    """What of a text's open gaps and cases a canonical version settles.

    Args:
        words: of the text.
        diagnosis: what is damaged in it.
        agreement: what is known of the words.
    """
    if not len(words) or not any(agreement.lengths) or not diagnosis.damages:
        return Known()
    masks = diagnosis.masks(words)
    stands, kinds = open_gaps(words, masks)
    # a text too short to be called flat may still have lost its only breaks with its marks
    one_line = not any("\n" in gap for gap in stands[1:-1])
    gaps: dict[int, str] = {}
    breakable: set[int] = set()
    for i in np.flatnonzero(kinds != CLAMPED).tolist():
        gold, kind = agreement.gaps[i], int(kinds[i])
        if gold is None or _contradicted(gold, i, words, agreement, masks.case):
            continue
        layout = bool(masks.layout[i]) or one_line
        settled = _settled(stands[i], gold, kind, layout=layout)
        if settled is None:
            continue
        if i in agreement.soft and masks.layout[i]:
            if kind == BREAKABLE:
                continue
            breakable.add(i)
        gaps[i] = settled
    forms, small = _cases(words, stands, gaps, agreement, masks.case)
    usual = sorted(_in_style(i, gap) for i, gap in agreement.usual_gaps.items() if i not in gaps)
    usual_forms = tuple(sorted(agreement.usual_forms.items()))
    return Known(gaps, frozenset(breakable), forms, small, tuple(usual), usual_forms)


def _in_style(i: int, gap: str) -> tuple[int, str]:
    """A gap in the common style, which the tagger's labels have."""
    return i, normalise(f"a{gap}a")[1:-1]


def _contradicted(
    gold: str, i: int, words: Words, agreement: Agreement, lost: NDArray[np.bool_]
) -> bool:
    """Whether the case that survives behind a gap says that no sentence begins there."""
    if i == len(words) or lost[i] or not starts_sentence(gold):
        return False
    word, form = words.words[i], agreement.forms[i]
    return word.islower() and form is not None and not form.islower()


def _settled(stands: str, gold: str, kind: int, *, layout: bool) -> str | None:
    """A gap as it will stand; None if the canonical version does not say what it may become."""
    left, space, right = parts_of(gold)
    breaks = "\n" in space
    if kind == BREAKABLE:
        left, space, right = parts_of(stands)
        return left + ("\n\n" if breaks else space) + right
    if kind == BROKEN:
        return left + stands + right if breaks else None
    if kind == FIRST:
        return stands + gold
    if kind == LAST:
        return gold + stands
    if breaks and not layout:
        return f"{left} {right}"
    return gold


def _cases(
    words: Words,
    stands: Sequence[str],
    gaps: Mapping[int, str],
    agreement: Agreement,
    lost: NDArray[np.bool_],
) -> tuple[dict[int, str], tuple[int, ...]]:
    """The words whose case is settled, and those that are known to be small by themselves.

    A capital that may be there because a sentence begins in the canonical version says nothing
    where it is not known whether one begins here; a small letter says that a capital, if there must
    be one, is the sentence's.
    """
    forms: dict[int, str] = {}
    small: list[int] = []
    for i in np.flatnonzero(lost).tolist():
        form = agreement.forms[i]
        if form is None:
            continue
        pattern = case_of(form)
        if i in gaps or _begins_alike(stands[i], i, agreement):
            forms[i] = form
        elif pattern == "lower":
            small.append(i)
        elif pattern != "title" or not agreement.begins[i]:
            forms[i] = form
    return forms, tuple(small)


def _begins_alike(gap: str, i: int, agreement: Agreement) -> bool:
    """Whether a gap that survives starts a sentence if the one of the canonical version does."""
    if gap == agreement.gaps[i]:
        return True
    return not _blank(gap) and starts_sentence(gap) == agreement.begins[i]


def _blank(gap: str) -> bool:
    return not gap or gap.isspace()
