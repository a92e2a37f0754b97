"""Cut edges: the first and the last word of a text that a character window broke."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import ClassVar, Literal, get_args

from cleantext.draft import Draft
from cleantext.edges.canonical import canonical_word
from cleantext.edges.complete import completed, likeliest
from cleantext.edges.cut import Cut, keeps_case, open_edges, read_cut, read_edge
from cleantext.edges.fit import Side
from cleantext.edges.model import EdgeModel
from cleantext.edges.trim import broken_sentence, broken_word
from cleantext.edits import Edit, Kind, apply, in_order
from cleantext.words import lower_word, split

__all__ = ["Edges", "Policy", "Trim"]

Policy = Literal["complete", "mark", "trim"]
Trim = Literal["word", "sentence"]

#: The confidence of a word that the canonical version holds.
_CANONICAL = 0.99
_ELLIPSIS = "..."

#: What the other version has at each edge: the word there, or the longer one it was cut from.
_Known = Mapping[Side, str | None]


@dataclass(frozen=True, slots=True)
class Edges:
    """Completes, marks or takes away the word that was cut at either end of a text.

    Attributes:
        policy: ``"complete"`` gives a cut word its lost letters where they are sure and sets an
            ellipsis where they are not; ``"mark"`` always sets the ellipsis; ``"trim"`` takes the
            broken word away.
        threshold: the least confidence (0..1) of a completion; the fitted one if None.
        trim: what ``"trim"`` takes away, the word or its whole sentence, of which on either side
            at most half the text. Where no end of that sentence is found it is the word.

    What a trimmed text ends with is left with an ellipsis if it looks cut itself.

    Raises:
        ValueError: if the policy or what to trim is unknown, or the threshold is no share.
    """

    policy: Policy = "complete"
    threshold: float | None = None
    trim: Trim = "word"

    name: ClassVar[str] = "edges"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"complete", "mark", "drop"})

    def __post_init__(self) -> None:
        if self.policy not in get_args(Policy):
            raise ValueError(f"policy is one of {get_args(Policy)}, not {self.policy!r}")
        if self.trim not in get_args(Trim):
            raise ValueError(f"trim is one of {get_args(Trim)}, not {self.trim!r}")
        if self.threshold is not None and not 0 <= self.threshold <= 1:
            raise ValueError(f"threshold is a share from 0 to 1, not {self.threshold}")

    def propose(self, draft: Draft) -> list[Edit]:
        """Edits for the cut words, after which neither edge of the text reads as cut."""
        text = draft.text
        if not open_edges(text):
            return []
        if draft.canonical is None and not draft.diagnosis.spans("edges"):
            return []  # the diagnosis has read both edges already
        known = _known(text, draft.canonical)
        cuts = [cut for cut in _cuts(text, known) if not _left_alone(draft, cut)]
        edits = {cut.side: [self._mend(draft, cut, known)] for cut in cuts}
        return list(_settled(draft, edits)) if edits else []

    def _mend(self, draft: Draft, cut: Cut, known: _Known) -> Edit:
        if self.policy == "trim":
            span = broken_sentence(draft.words, cut.side) if self.trim == "sentence" else None
            start, stop = span or broken_word(draft.words, cut.side)
            reason = "the sentence of a cut word" if span else "a cut word"
            return Edit(start, draft.text[start:stop], "", "drop", reason, _sure(cut))
        edit = self._complete(draft.text, cut, known) if self.policy == "complete" else None
        return edit or _mark(cut)

    def _complete(self, text: str, cut: Cut, known: _Known) -> Edit | None:
        edge = read_edge(text, cut.side)
        word, reason, confidence = known.get(cut.side), "the canonical version's word", _CANONICAL
        if word is None:
            best = likeliest(edge)
            least = self.threshold
            if least is None:
                least = EdgeModel.load().complete[cut.side].threshold
            if best is None or best.confidence < least:
                return None
            word, confidence = best.word, round(best.confidence, 4)
            reason = "a word of the article" if edge.article[word] else "a cut word completed"
        before = text[cut.start : cut.stop]
        after = completed(before, word, edge, cased=_in_both_cases(text))
        return Edit(cut.start, before, after, "complete", reason, confidence)


def _known(text: str, canonical: str | None) -> _Known:
    if canonical is None:
        return {}
    ours, theirs = ([lower_word(w) for w in split(t).words] for t in (text, canonical))
    return {side: canonical_word(ours, theirs, side) for side, *_ in open_edges(text)}


def _cuts(text: str, known: _Known) -> list[Cut]:
    """The cut words, the canonical version's word for it going before the model's."""
    found = []
    for side, start, stop in open_edges(text):
        fragment, word = lower_word(text[start:stop]), known.get(side)
        if word is None:
            cut = read_cut(text, side, start, stop)
        else:
            cut = Cut(side, start, stop, fragment, _CANONICAL) if word != fragment else None
        if cut is not None:
            found.append(cut)
    return found


def _settled(draft: Draft, edits: dict[Side, list[Edit]]) -> tuple[Edit, ...]:
    """The edits, with ellipses where the text that they give reads as cut once more.

    A second run would otherwise change it again: what was trimmed away shows a new last word, and
    a completed word is a new neighbour's neighbour.
    """
    text, words = draft.text, draft.words
    while True:
        made = in_order(edit for side in edits.values() for edit in side)
        after = apply(text, made)
        again = {cut.side: cut for cut in _cuts(after, _known(after, draft.canonical))}
        for side, cut in list(again.items()):
            start, stop = words.starts[0], words.end(0)
            if side == "end":
                start, stop = words.starts[-1], words.end(len(words) - 1)
            cut = replace(cut, start=start, stop=stop)
            if side in edits:
                edits[side] = _marked(edits[side][0], cut)
            elif _left_alone(draft, cut):
                del again[side]
            else:
                edits[side] = [_mark(cut)]
        if not again:
            return made


def _marked(edit: Edit, cut: Cut) -> list[Edit]:
    """An edit whose result still reads as cut: an ellipsis instead, or beside what stays."""
    if edit.kind != "drop":
        return [_mark(cut)]
    group = 1 if cut.side == "start" else 2
    place = edit.end if cut.side == "start" else edit.start
    return [replace(edit, group=group), replace(_mark(cut), start=place, group=group)]


def _left_alone(draft: Draft, cut: Cut) -> bool:
    return any(s.start < cut.stop and cut.start < s.end for s in draft.diagnosis.left_alone)


def _in_both_cases(text: str) -> bool:
    return keeps_case(text) and not text.islower()


def _sure(cut: Cut) -> float:
    return round(cut.confidence, 4)


def _mark(cut: Cut) -> Edit:
    place = cut.start if cut.side == "start" else cut.stop
    return Edit(place, "", _ELLIPSIS, "mark", "a cut word", _sure(cut))
