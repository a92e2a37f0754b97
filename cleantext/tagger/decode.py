"""The decoder: from scores and evidence to one consistent setting of a text.

One exact best-path search over the gaps chooses every role at once. What a role is worth is the sum
over its facets of how far each is above its threshold, so that a full stop at .9 is set as one even
if ``. `` and ``.\\n\\n`` have half of that each. What survived is clamped, and the grammar sees to
it that quotations and brackets open and close. Case follows: a word's own case from its scores, the
capital of a sentence from the gap before it. Only gaps where something may open, close or break
take part in the search; the rest are decided by numpy alone.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleantext.lexicon import Lexicon
from cleantext.tagger.case import own_cases
from cleantext.tagger.evidence import BLANK, BROKEN, CLAMPED, FIRST, LAST, Evidence
from cleantext.tagger.facets import FACETS, HARD, Thresholds, column, facet_matrix, threshold_row
from cleantext.tagger.grammar import Grammar, compile_grammar
from cleantext.tagger.labels import AGENCIES, HONORIFICS, LabelTable
from cleantext.tagger.money import dollars_doubtful
from cleantext.tagger.onnx import Scores
from cleantext.tagger.paragraphs import part_long
from cleantext.tagger.search import OFF, Offer, best_path
from cleantext.words import lower_word

__all__ = ["Decision", "decode"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

_IS_HARD = np.asarray([name in HARD for name in FACETS])
#: A facet less likely than this share of its threshold is not offered at all.
_FLOOR_SHARE = 0.4
#: Weight of a role's own log-probability: parts roles of the same facets, ties and all.
_JOINT = 0.03
#: What speaks for a stop at a text's end besides the model, which learnt from windows cut anywhere.
_WHOLE = 0.3
#: Least probability of a break where no sentence ends: a paragraph ends in a stop, a heading not.
_HEADING = 0.5
#: A pair of names that stands so often is taken to be parted alike everywhere.
_RECURS = 3
#: Rows of a product at once.
_STRETCH = 48
_LEAST_LOG = np.float32(-20.0)
#: Least probability that surviving case gives against what the model says.
_FLOOR = np.log(np.float32(1e-3))


@dataclass(frozen=True, slots=True)
class Decision:
    """How ``n`` words are set.

    Attributes:
        roles: ``int16[n + 1]``, the role of each gap; -1 where the gap stays as it stands, -2 where
            only its white space becomes a paragraph break.
        starts: ``bool[n]``, whether a sentence begins at the word.
        own: the case pattern of each word, "" where its case is not open.
        facets: ``float32[n + 1, facets]``, the probability of each facet.
        case_confidence: ``float32[n]``.
        capital_confidence: ``float32[n]``, that a capital is due for either reason.
        unsure: ``bool[n + 1]``, gaps decided below a threshold, or less likely right than not.
        ends_sentence: whether the gap behind the last word ends a sentence.
        pairs: gaps whose quotation marks or brackets belong together.
    """

    roles: NDArray[np.int16]
    starts: Bools
    own: list[str]
    facets: Floats
    case_confidence: Floats
    unsure: Bools
    pairs: list[tuple[int, int]]
    ends_sentence: bool


def decode(
    scores: Scores,
    evidence: Evidence,
    table: LabelTable,
    *,
    thresholds: Thresholds,
    lexicon: Lexicon,
) -> Decision:
    """The best consistent setting.

    Args:
        scores: of exactly the words of ``evidence``.
        evidence: what survived, and what is open.
        table: the model's label table.
        thresholds: the least probability of each facet.
        lexicon: for mixed case (McConnell, iPhone).
    """
    grammar = compile_grammar(table)
    matrix = facet_matrix(table)
    limits = threshold_row(thresholds)
    floor: Floats = limits * np.where(_IS_HARD, np.float32(1), np.float32(_FLOOR_SHARE))
    if dollars_doubtful(evidence.words):
        floor[column("dollar")] = 2.0  # out of reach
    scores = _agreed(scores, evidence, table)
    rows = _live(scores, evidence, float(floor.min()))
    logs = _posterior(scores, evidence, rows, grammar, table)
    probabilities = np.exp(logs)
    # what cannot stand between these words lends its share to no other role
    probabilities *= _fitting(evidence, rows, probabilities, grammar, thresholds)
    found = _product(probabilities, matrix)
    allowed = _allowed(probabilities, found, floor, matrix, evidence, rows, grammar)
    worth = _product(found - limits, matrix.T)
    worth += np.float32(_JOINT) * np.maximum(logs, _LEAST_LOG)
    worth[np.ix_(evidence.kinds[rows] == LAST, grammar.starts)] += np.float32(_WHOLE)
    worth[~allowed] = OFF
    broken = found[:, column("paragraph")] - np.float32(thresholds.paragraph)
    roles, pairs = best_path(Offer(rows, worth, broken), evidence, grammar)
    facets = np.zeros((len(roles), len(FACETS)), np.float32)
    facets[rows] = found
    part_long(roles, pairs, evidence, facets, grammar, table)
    starts = _starts(roles, evidence, grammar, rows, probabilities)
    own, case_confidence = own_cases(scores.cases, evidence, starts, table, thresholds, lexicon)
    unsure = np.zeros(len(roles), bool)
    open_ = (evidence.kinds[rows] != CLAMPED) & (roles[rows] >= 0)
    unsure[rows] = open_ & _below(found, limits, matrix, roles[rows], probabilities)
    ends = bool(roles[-1] >= 0 and grammar.starts[roles[-1]])
    return Decision(roles, starts, own, facets, case_confidence, unsure, pairs, ends)


def _product(rows: Floats, matrix: Floats) -> Floats:
    """``rows @ matrix``, in stretches so small that BLAS does not wake its threads for them.

    They would spin while they wait, on the processors that other windows are read on.
    """
    count, inner = rows.shape
    padded = np.zeros((-(-count // _STRETCH), _STRETCH, inner), np.float32)
    padded.reshape(-1, inner)[:count] = rows
    product: Floats = np.matmul(padded, matrix).reshape(-1, matrix.shape[1])[:count]
    return product


def _agreed(scores: Scores, evidence: Evidence, table: LabelTable) -> Scores:
    """Scores in which a pair of names that recurs is parted alike everywhere.

    ``Hun Sen`` stands a dozen times in a story about him; where one place suggests ``Hun-Sen``, the
    mean over all of them decides.
    """
    named = np.exp(scores.cases[:, table.case_index["lower"]]) < 0.5
    places: dict[tuple[str, str], list[int]] = defaultdict(list)
    for i in np.flatnonzero(named[1:] & named[:-1]).tolist():
        pair = lower_word(evidence.words[i]), lower_word(evidence.words[i + 1])
        places[pair].append(i + 1)
    often = [gaps for gaps in places.values() if len(gaps) >= _RECURS]
    if not often:
        return scores
    logs = scores.gaps.copy()
    for gaps in often:
        logs[gaps] = np.log(np.exp(scores.gaps[gaps]).mean(axis=0))
    return Scores(logs, scores.cases, scores.parts)


def _live(scores: Scores, evidence: Evidence, least: float) -> NDArray[np.int64]:
    """The gaps where anything but a blank could be offered, or whose standing marks are weighed.

    Where the blank is so likely that no facet can reach its floor, nothing is computed at all.
    """
    flat = np.exp(scores.gaps[:, 0])
    kinds = evidence.kinds
    live = ((flat < 1 - least) & (kinds != CLAMPED)) | (kinds == BROKEN)
    live[:-1] |= ~evidence.case & (kinds[:-1] != CLAMPED) & (flat[:-1] < 1 - least / 20)
    marked = np.fromiter((gap != " " for gap in evidence.gaps), bool, len(kinds))
    found: NDArray[np.int64] = np.flatnonzero(live | ((kinds == CLAMPED) & marked))
    return found


def _posterior(
    scores: Scores,
    evidence: Evidence,
    rows: NDArray[np.int64],
    grammar: Grammar,
    table: LabelTable,
) -> Floats:
    """``float32[rows, roles]``: log-probabilities, given what case and breaks survive."""
    logs = scores.gaps[rows].copy()
    if not evidence.case.all():
        _weigh_case(logs, scores.cases, evidence, rows, grammar, table)
    logs[np.ix_(evidence.kinds[rows] == BROKEN, ~grammar.breaks)] = OFF
    logs -= logs.max(axis=1, keepdims=True, initial=OFF)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    _weigh_honorifics(logs, scores.cases, evidence, rows, grammar, table)
    _weigh_agencies(logs, scores, evidence, rows, grammar)
    return logs


def _below(
    facets: Floats,
    limits: Floats,
    matrix: Floats,
    chosen: NDArray[np.int16],
    probabilities: Floats,
) -> Bools:
    """Which choices have a facet below its threshold, or are less likely than not."""
    has = matrix[np.maximum(chosen, 0)] > 0
    carried = (has & (facets < np.maximum(limits, 0.5))).any(axis=1)
    unlikely = ~has.any(axis=1) & (probabilities[:, 0] + probabilities[:, 1] < 0.5)
    below: Bools = carried | unlikely
    return below


# --- what is on offer -----------------------------------------------------------------------------


def _fitting(
    evidence: Evidence,
    rows: NDArray[np.int64],
    probabilities: Floats,
    grammar: Grammar,
    thresholds: Thresholds,
) -> Bools:
    """``bool[rows, roles]``: what may stand between the words on both sides.

    Marks inside a number must be sure enough by themselves: where ``1.5`` is not, ``1. 5`` is
    nothing to fall back on.
    """
    before, after, groups = (flags[rows] for flags in _digits(evidence.words))
    fits: Bools = grammar.between[before + 2 * after + 4 * groups]
    numbers = np.flatnonzero(before & after)
    sure = probabilities[numbers] >= thresholds.number
    fits[numbers] &= sure | ~grammar.numeric
    # no number has two points: 2 1 2 is left as it came
    points = numbers[probabilities[np.ix_(numbers, grammar.point)].sum(1) >= thresholds.number]
    doubled = points[np.isin(rows[points] + 1, rows[points])]
    fits[np.ix_(np.concatenate((doubled, doubled + 1)), grammar.point)] = False
    apart = np.flatnonzero(evidence.apart[rows])
    fits[apart] &= ~grammar.joining
    return fits


def _allowed(
    probabilities: Floats,
    facets: Floats,
    floor: Floats,
    matrix: Floats,
    evidence: Evidence,
    rows: NDArray[np.int64],
    grammar: Grammar,
) -> Bools:
    """``bool[rows, roles]``: sure enough, and fit for the kind of gap."""
    allowed: Bools = _product((facets < floor).astype(np.float32), matrix.T) < 0.5
    allowed &= probabilities > 0
    kinds = evidence.kinds[rows]
    closed = np.flatnonzero(~evidence.layout[rows])
    allowed[closed] &= ~grammar.breaks
    broken = kinds == BROKEN
    heading = broken | (probabilities[:, grammar.loose].sum(axis=1) >= _HEADING)
    allowed &= heading[:, None] | ~grammar.loose
    allowed[broken] &= grammar.breaks
    allowed[kinds == FIRST] &= grammar.first
    allowed[kinds == LAST] &= grammar.last
    allowed[(kinds == BLANK) | (kinds == FIRST) | (kinds == LAST), 0] = True
    allowed[broken, grammar.plain_break] = True
    return allowed


def _digits(words: Sequence[str]) -> tuple[Bools, Bools, Bools]:
    """For each gap: a digit before it, a digit after it, three figures after and few before."""
    n = len(words)
    before, after = np.zeros(n + 1, bool), np.zeros(n + 1, bool)
    groups = np.zeros(n + 1, bool)
    run = 0
    for i, word in enumerate(words):
        last = word[-1].isdigit()
        if last:
            before[i + 1] = True
        if word[0].isdigit():
            after[i] = True
            if run and len(word) == 3 and word.isdigit():
                groups[i] = run <= 3 and not (run == 3 and _lists(words, i))
            run = len(word) if word.isdigit() else 0
        else:
            run = 0
    return before, after, groups


def _lists(words: Sequence[str], i: int) -> bool:
    """Whether a number of three figures is one of several: ``routes 402 555 and 614``."""
    after = words[i + 1 : i + 4]
    numbers = [word.isdigit() and len(word) <= 3 for word in after[1:]]
    return after[:1] in (["and"], ["or"]) and numbers[:1] == [True] and numbers[1:] != [True]


# --- surviving case as evidence -------------------------------------------------------------------


def _weigh_case(
    logs: Floats,
    cases: Floats,
    evidence: Evidence,
    rows: NDArray[np.int64],
    grammar: Grammar,
    table: LabelTable,
) -> None:
    """Add to ``logs[rows, roles]`` what the surviving case of the word behind each gap says.

    A word in small letters begins no sentence; a capital that the word does not have of its own is
    evidence for a sentence start.
    """
    lower, title = table.case_index["lower"], table.case_index["title"]
    for row, i in enumerate(rows.tolist()):
        if i == len(evidence.words) or evidence.case[i]:
            continue
        word = evidence.words[i]
        if word.islower() and word[0].isalpha():
            logs[row, grammar.starts] -= 20.0
        elif word[0].isupper() and (len(word) == 1 or word[1:].islower()):
            own = max(float(cases[i, title]), float(_FLOOR))
            either = float(np.logaddexp(cases[i, lower], cases[i, title]))
            logs[row] += np.where(grammar.starts, max(either, float(_FLOOR)), own)


def _weigh_honorifics(
    logs: Floats,
    cases: Floats,
    evidence: Evidence,
    rows: NDArray[np.int64],
    grammar: Grammar,
    table: LabelTable,
) -> None:
    """The stop of an honorific wants a name behind it: ``Sen. Cruz`` but ``Hun Sen has``.

    What the stop loses the blank gets, and no other mark; in ``Hun Sen's`` the apostrophe gets it.
    """
    lower, words = table.case_index["lower"], evidence.words
    for row, i in enumerate(rows.tolist()):
        if 0 < i < len(words) and lower_word(words[i - 1]) in HONORIFICS:
            named = max(1.0 - float(np.exp(cases[i, lower])), 1e-4)
            lost = (1 - named) * float(np.exp(logs[row, grammar.abbreviated]).sum())
            logs[row, grammar.abbreviated] += np.log(named)
            logs[row, 0] = np.log(np.exp(logs[row, 0]) + lost)
            if grammar.owned.any():  # absent from tiny label tables
                stopped = np.exp(logs[row, grammar.stop_owned]).sum()
                logs[row, grammar.stop_owned] = _LEAST_LOG
                logs[row, grammar.owned] = np.log(np.exp(logs[row, grammar.owned]) + stopped + 1e-9)


def _weigh_agencies(
    logs: Floats, scores: Scores, evidence: Evidence, rows: NDArray[np.int64], grammar: Grammar
) -> None:
    """The name of a news agency behind an opening bracket is all that the bracket holds.

    Where the model wavers between closing it there and a word later, the later place loses.
    """
    row_of = {i: row for row, i in enumerate(rows.tolist())}
    for row, i in enumerate(rows.tolist()):
        if i > 1 and lower_word(evidence.words[i - 1]) in AGENCIES:
            opened = float(np.exp(scores.gaps[i - 1, grammar.opening]).sum())
            if opened > 0.5:
                _temper(logs[row], ~grammar.closing, 1.01 - opened)
                if i + 1 in row_of:
                    _temper(logs[row_of[i + 1]], grammar.closing | grammar.dashed, 1.01 - opened)


def _temper(logs: Floats, roles: Bools, factor: float) -> None:
    """Lower the share of some roles, in place; the others gain what they lose."""
    logs[roles] += np.log(factor)
    logs -= np.log(np.exp(logs).sum())


# --- sentence starts ------------------------------------------------------------------------------


def _starts(
    roles: NDArray[np.int16],
    evidence: Evidence,
    grammar: Grammar,
    rows: NDArray[np.int64],
    probabilities: Floats,
) -> Bools:
    """``bool[n]``: whether a sentence begins at each word.

    Behind a stop that survived, what counts is the share of the roles with a stop that begin one.
    """
    with_stop = probabilities[:, grammar.starts | grammar.inside].sum(axis=1)
    share = np.zeros(len(roles), np.float32)
    share[rows] = probabilities[:, grammar.starts].sum(axis=1) / np.maximum(with_stop, 1e-9)
    n = len(evidence.words)
    starts = np.zeros(n, bool)
    chosen = roles[:-1]
    starts[chosen >= 0] = grammar.starts[chosen[chosen >= 0]]
    starts[chosen == -2] = True
    for i in np.flatnonzero(chosen == -1).tolist():
        starts[i] = _gap_starts(evidence.gaps[i], float(share[i]))
    if n and evidence.begins:
        starts[0] = True
    return starts


def _gap_starts(gap: str, share: float) -> bool:
    """Whether a sentence begins behind a gap that stands in the text."""
    if "\n" in gap:
        return True
    head = gap.split(maxsplit=1)[0] if gap and not gap[0].isspace() else ""
    head = head.rstrip("\"'”’)]")
    return gap != head and head[-1:] in (".", "?", "!", "…") and _has_blank(gap) and share > 0.5


def _has_blank(gap: str) -> bool:
    return any(map(str.isspace, gap))
