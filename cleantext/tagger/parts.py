"""Parts of a text: which words are headline, dateline, body or boilerplate, as whole spans.

The tagger gives each word a probability of being each part. A part is a stretch, so what counts is
the best path over the parts: to pass from one to another costs something, and little only where a
sentence is likely to end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.dateline import dateline_end, read_dateline, wire_end
from cleantext.tagger.grammar import compile_grammar
from cleantext.tagger.labels import PARTS, LabelTable, Role
from cleantext.tagger.onnx import Scores

__all__ = ["Part", "Stretch", "end_chances", "find_parts", "shaped"]

Floats = NDArray[np.float32]

BODY, HEADLINE, DATELINE, BOILERPLATE = range(len(PARTS))
#: Cost, in nats, of passing from one part to another, and weight of the gap's log-probability of
#: being the end of a sentence or a line.
_SWITCH = 1.5
_END = 1.0
_LEAST = np.float32(1e-4)
#: Least probability with which a headline or a block is set on lines of its own, and a dateline as
#: one: that has its form to speak for it as well.
_APART, _PLACED = 0.6, 0.4
#: How surely the words of a dateline are set in their printed form, once it is one.
_FORM = 0.9999
#: Least probability of a mark inside the name of a dateline's city.
_JOINT = 0.6
#: Least probability of each word of what has the form of a dateline, and how sure they are then.
_POSSIBLE, _KNOWN = 0.25, 0.9
#: The states of the path: the parts, and boilerplate in front of everything else.
FRONT = len(PARTS)
_PART_OF = (BODY, HEADLINE, DATELINE, BOILERPLATE, BOILERPLATE)
#: What each state may follow: a headline and a dateline stand in front of the body, not behind it.
_FOLLOWS: tuple[tuple[int, ...], ...] = (
    (DATELINE, HEADLINE, BOILERPLATE, FRONT),
    (FRONT,),
    (HEADLINE, FRONT),
    (BODY,),
    (),
)
_OPENS = (0.0, 0.0, 0.0, -np.inf, 0.0)


@dataclass(frozen=True, slots=True)
class Part:
    """A stretch of words of one part.

    Attributes:
        name: one of :data:`cleantext.tagger.labels.PARTS`.
        start, stop: its words, half open.
        confidence: mean probability (0..1) of its words.
    """

    name: str
    start: int
    stop: int
    confidence: float


@dataclass(frozen=True, slots=True)
class Stretch:
    """Words to find the parts of.

    Attributes:
        start, stop: the words, half open.
        read_start, read_stop: the words read, context included.
    """

    start: int
    stop: int
    read_start: int
    read_stop: int


def end_chances(scores: Scores, table: LabelTable) -> Floats:
    """``float32[n + 1]``: the probability that a sentence or a line ends at each gap."""
    grammar = compile_grammar(table)
    found: Floats = np.exp(scores.gaps[:, grammar.breaks | grammar.starts]).sum(axis=1)
    return found


def find_parts(
    scores: Scores, table: LabelTable, *, begins: bool = True, words: Sequence[str] = ()
) -> list[Part]:
    """The parts of a text in order; they cover all of its words.

    Args:
        scores: of the text's words.
        table: the model's label table.
        begins: whether the first word is the first of its text or paragraph; else no headline and
            no dateline stands there.
        words: the words themselves: a place, a region and an agency at a beginning are a
            dateline if the model thinks it possible.
    """
    n = len(scores.parts)
    if not n:
        return []
    chances = np.exp(scores.parts)
    if not begins:
        chances = chances.copy()
        chances[:, BODY] += chances[:, HEADLINE] + chances[:, DATELINE]
        chances[:, [HEADLINE, DATELINE]] = 0
    elif (stop := wire_end(words)) and float(chances[:stop, DATELINE].min()) >= _POSSIBLE:
        chances = chances.copy()
        chances[:stop] *= 1 - _KNOWN
        chances[:stop, DATELINE] += _KNOWN
    if float(chances[:, BODY].min()) > 0.9:
        return [Part("body", 0, n, float(chances[:, BODY].mean()))]
    logs = np.log(np.maximum(chances, _LEAST))
    leave = _SWITCH - _END * np.log(np.maximum(end_chances(scores, table), _LEAST))
    path = _best_path(logs.tolist(), leave.tolist())
    cuts = [0, *(np.flatnonzero(np.diff(path)) + 1).tolist(), n]
    return [
        Part(PARTS[path[a]], a, b, float(chances[a:b, path[a]].mean())) for a, b in pairwise(cuts)
    ]


def _best_path(logs: Sequence[Sequence[float]], leave: Sequence[float]) -> NDArray[np.int8]:
    """The part of each word on the best path."""
    n = len(logs)
    best = [logs[0][part] + opens for part, opens in zip(_PART_OF, _OPENS, strict=True)]
    back = np.zeros((n, len(_PART_OF)), np.int8)
    for i in range(1, n):
        row, cost = logs[i], leave[i]
        new = []
        for state, part in enumerate(_PART_OF):
            source, value = state, best[state]
            for other in _FOLLOWS[state]:
                # a dateline ends in a dash, not in a stop
                passed = best[other] - (_SWITCH if other == DATELINE else cost)
                if passed > value:
                    source, value = other, passed
            back[i, state] = source
            new.append(value + row[part])
        best = new
    path = np.zeros(n, np.int8)
    path[-1] = int(np.argmax(best))
    for i in range(n - 1, 0, -1):
        path[i - 1] = back[i, path[i]]
    return np.asarray(_PART_OF, np.int8)[path]


# --- what the parts mean for the setting ----------------------------------------------------------


def shaped(
    scores: Scores,
    parts: Sequence[Part],
    words: Sequence[str],
    table: LabelTable,
    *,
    apart: bool = True,
) -> Scores:
    """Scores that set headlines and blocks on lines of their own, and datelines as such.

    Args:
        scores: of ``words``.
        parts: what :func:`find_parts` found in them.
        words: the words, in any case.
        table: the model's label table.
        apart: whether lines may be set; else only the form of datelines.
    """
    if all(part.name == "body" for part in parts):
        return scores
    gaps, cases = scores.gaps.copy(), scores.cases.copy()
    n = len(words)
    for part in parts:
        if part.name == "dateline" and part.confidence >= _PLACED:
            if apart and part.start:
                _break_at(gaps, part.start, part, table)
            _set_dateline(gaps, cases, part, words, table)
        if not apart or part.name in ("body", "dateline") or part.confidence < _APART:
            continue
        for gap in (part.start, part.stop):
            if 0 < gap < n:
                _break_at(gaps, gap, part, table)
    return Scores(gaps, cases, scores.parts)


def _break_at(gaps: Floats, gap: int, part: Part, table: LabelTable) -> None:
    """End a line at a gap: what each role is worth goes to its form with a break."""
    forms = _breaking(table)[int(gap == part.stop)]
    chances = np.bincount(forms, np.exp(gaps[gap]), len(table.roles))
    chances *= part.confidence / chances.sum()
    chances[0] = 1 - part.confidence
    gaps[gap] = np.log(np.maximum(chances, 1e-9))


@lru_cache(maxsize=4)
def _breaking(table: LabelTable) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """``int[roles]`` twice: the role with a break that each becomes; and one without a stop."""
    plain = table.role_index[Role("\n\n")]
    with_stop, without = [], []
    for role in table.roles:
        left, right = role.left.rstrip(",;:-"), role.right.lstrip("— ")
        forms = Role(f"{left}\n\n{right}"), Role(f"{left}\n\n"), Role(f"\n\n{right}")
        kept = [form for form in forms if form in table.role_index]
        with_stop.append(table.role_index[kept[0]] if kept else plain)
        bare = [form for form in kept if not {".", ",", ";"} & set(form.left)]
        without.append(table.role_index[bare[0]] if bare else plain)
    return np.asarray(with_stop), np.asarray(without)


def _set_dateline(
    gaps: Floats, cases: Floats, part: Part, words: Sequence[str], table: LabelTable
) -> None:
    stop = part.start + dateline_end(words[part.start :], part.stop - part.start)
    found = read_dateline(words[part.start : stop])
    if found is None or stop >= len(words):
        return
    for i, string in enumerate(found.gaps, part.start + 1):
        role = _role(string, table)
        if role is not None:
            _force(gaps[i], role, part.confidence)
        elif string == "":
            _only_joints(gaps[i], table)
    for i, pattern in enumerate(found.cases, part.start):
        if pattern in table.case_index:
            _force(cases[i], table.case_index[pattern], _FORM)
    # the sentence begins behind the dash
    lower, title = table.case_index["lower"], table.case_index["title"]
    first = cases[stop]
    first[title] = np.logaddexp(first[title], first[lower])
    first[lower] = np.log(1 - _FORM)


def _force(row: Floats, index: int, confidence: float) -> None:
    row[:] = np.log((1 - confidence) / len(row) + 1e-9)
    row[index] = np.log(confidence)


def _role(string: str, table: LabelTable) -> int | None:
    for tag in ("inside", ""):
        found = table.role_index.get(Role(string, tag))
        if found is not None:
            return found
    return None


def _only_joints(row: Floats, table: LabelTable) -> None:
    """Inside a city's name: a blank, unless a hyphen, an apostrophe or a stop (``ST.``) is sure."""
    keep = [role.text in ("-", "'") or role == Role(". ", "inside") for role in table.roles]
    chances = np.where(keep, np.exp(row), 0)
    if chances.max() < _JOINT:
        chances = np.zeros_like(chances)
        chances[0] = 1
    row[:] = np.log(np.maximum(chances / chances.sum(), 1e-9))
