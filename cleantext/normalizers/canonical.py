"""Canonical: gaps and cases that were lost, as a canonical version of the same story has them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import ClassVar, get_args

import regex

from cleantext.canon.evidence import HouseStyle
from cleantext.canon.gap_strings import parts_of
from cleantext.draft import Draft
from cleantext.edits import Edit, Kind
from cleantext.normalizers.groups import pair_groups, start_group
from cleantext.tagger.labels import case_of
from cleantext.words import LINE_END

__all__ = ["Canonical"]

_NAMES = {
    **dict.fromkeys("\"“”„«»'‘’", "quotation"),
    **dict.fromkeys("-‐‑", "hyphen"),
    **dict.fromkeys("–—", "dash"),
    **dict.fromkeys("$£€¢¥", "currency"),
    **dict.fromkeys("()[]", "brackets"),
    ".": "stop",
    "…": "ellipsis",
    ",": "comma",
    ";": "semicolon",
    ":": "colon",
    "?": "question",
    "!": "exclamation",
    "%": "per cent",
}
_MONEY = frozenset("$£€¢¥%")
_OPENING, _CLOSING = frozenset('"“„«'), frozenset('"”»')
_ENDS = frozenset(".?!…")
_MARK = regex.compile(r"(\.{2,}|\S)(\s*)")
#: The confidence of a word or gap in an agreed run of ``length`` words is ``1 - DOUBT / length``:
#: a word alone may be the same by chance.
DOUBT, SUREST = 0.2, 0.995


@dataclass(frozen=True, slots=True)
class Canonical:
    """Sets what was lost as the canonical version has it, wherever the words around agree.

    What is settled so the tagger's reading takes for granted, so that
    :class:`~cleantext.normalizers.casing.Casing` and
    :class:`~cleantext.normalizers.punctuation.Punctuation` join the rest to it. Without a
    canonical version it proposes nothing.

    Attributes:
        style: whose house style counts where the versions differ in nothing else: that of the
            ``"canonical"`` version, or this library's ``"own"`` (``Mr.`` with its stop, a comma
            inside the quotation marks, the form of quotes and dashes that survives in the text).

    Raises:
        ValueError: if the style is neither.
    """

    style: HouseStyle = "canonical"

    name: ClassVar[str] = "canonical"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"case", "mark", "number", "space"})
    reads: ClassVar[bool] = True

    def __post_init__(self) -> None:
        if self.style not in get_args(HouseStyle):
            raise ValueError(f"style is one of {get_args(HouseStyle)}, not {self.style!r}")

    def propose(self, draft: Draft) -> list[Edit]:
        """Edits for every gap and case that the canonical version settles otherwise."""
        if not draft.known.gaps and not draft.known.forms:
            return []
        setter = _Setter(draft, own=self.style == "own")
        edits = [edit for i, gap in sorted(draft.known.gaps.items()) for edit in setter.gap(i, gap)]
        for i, form in draft.known.forms.items():
            if form != draft.words.words[i]:
                edits.append(setter.case(i, form))
        return edits


class _Setter:
    """Turns what is settled into edits."""

    def __init__(self, draft: Draft, *, own: bool) -> None:
        self.words, self.lengths = draft.words, draft.evidence.lengths
        self.gaps, self.style, self.own = draft.known.gaps, draft.style, own
        self.pairs = _pairs(draft.known.gaps)
        for region, decision in zip(draft.reading.regions, draft.reading.decisions, strict=True):
            for gap, group in pair_groups(decision, region.start).items():
                self.pairs[region.start + gap] = group

    def _sure(self, word: int) -> float:
        length = self.lengths[min(word, len(self.lengths) - 1)]
        return min(SUREST, round(1 - DOUBT / max(length, 1), 4))

    def gap(self, i: int, gap: str) -> Iterator[Edit]:
        """The edits of gap ``i``."""
        start, end = self.words.gap_span(i)
        stands = self.words.gaps[i]
        if self.own and gap.endswith(" — "):
            gap = gap.removesuffix(" — ") + self.style.dash
        edge = i in (0, len(self.words))
        (left, space, right), (had_left, had_space, had_right) = map(parts_of, (gap, stands))
        if edge:
            left, right = ("", gap.lstrip()) if i == 0 else (gap.rstrip(), "")
            had_left = had_right = stands.strip()
        elif not space:
            if gap != stands:
                yield self._joined(i, start, stands, gap)
            return
        if left and not had_left:
            for mark, _ in _MARK.findall(left):
                yield self._mark(i, start, mark, opening=False)
        if "\n" in space and not edge and not LINE_END.search(had_space):
            ends = not _ENDS.isdisjoint(left)
            yield self._edit(
                i,
                (start + len(had_left), had_space, self.style.break_),
                ("space", "paragraph"),
                group=0 if ends else start_group(i),
            )
        if right and not had_right:
            for mark, tail in _MARK.findall(right):
                yield self._mark(i, end, mark, opening=True, tail=tail)

    def _edit(
        self, i: int, change: tuple[int, str, str], why: tuple[Kind, str], *, group: int = 0
    ) -> Edit:
        (start, before, after), (kind, what) = change, why
        reason = f"canonical version: {what}"
        return Edit(start, before, after, kind, reason, self._sure(i), group, Canonical.name)

    def _mark(self, i: int, place: int, mark: str, *, opening: bool, tail: str = "") -> Edit:
        group = 0
        if mark in (_OPENING if opening else _CLOSING):
            group = self.pairs.get(i, 0)
        elif mark[0] in _ENDS and not opening:
            group = start_group(i)
        kind: Kind = "number" if mark in _MONEY else "mark"
        elided = mark == "'" and i < len(self.words) and self.words.words[i][0].isdigit()  # '90s
        shown = self._shown(mark, opening=opening and not elided) + tail
        what = _NAMES.get(mark[0], "sign") if len(mark) == 1 else "ellipsis"
        return self._edit(i, (place, "", shown), (kind, what), group=group)

    def _shown(self, mark: str, *, opening: bool) -> str:
        if not self.own:
            return mark
        return self.style.dash.strip() if mark == "—" else self.style.mark(mark, opening=opening)

    def _joined(self, i: int, start: int, stands: str, gap: str) -> Edit:
        """A gap without white space: one edit, since its marks make one word of two."""
        words = self.words.words
        digits = words[i - 1][-1].isdigit() and words[i][0].isdigit()
        number = digits or not _MONEY.isdisjoint(gap)
        apostrophe = gap in ("'", "’")
        what = "number" if digits else "apostrophe" if apostrophe else _NAMES.get(gap[0], "sign")
        shown = "".join(self._shown(mark, opening=False) for mark in gap)
        kind: Kind = "number" if number else "mark"
        return self._edit(i, (start, stands, shown), (kind, what))

    def case(self, i: int, form: str) -> Edit:
        """The case of word ``i``; a sentence's capital goes with the stop before it."""
        stands = self.words.words[i]
        differ = [k for k, (a, b) in enumerate(zip(stands, form, strict=True)) if a != b]
        first, last = differ[0], differ[-1] + 1
        left, space, _ = parts_of(self.gaps.get(i, ""))
        follows = not _ENDS.isdisjoint(left) or "\n" in space
        group = start_group(i) if follows and case_of(form) == "title" else 0
        change = self.words.starts[i] + first, stands[first:last], form[first:last]
        return self._edit(i, change, ("case", "case"), group=group)


def _pairs(gaps: Mapping[int, str]) -> dict[int, int]:
    """The group of the quotation marks at each gap, where their pairs can be told: even numbers.

    They are numbered as :func:`cleantext.normalizers.groups.pair_groups` does, by where they open.
    """
    groups: dict[int, int] = {}
    opened: int | None = None
    for i, gap in sorted(gaps.items()):
        left, space, right = ("", "", gap) if i == 0 else parts_of(gap)
        if opened is not None and not _CLOSING.isdisjoint(left):
            group = groups.setdefault(opened, 2 * opened + 2)
            groups[i] = group
            opened = None
        if "\n" in space:
            opened = None
        if not _OPENING.isdisjoint(right):
            opened = i
    return groups
