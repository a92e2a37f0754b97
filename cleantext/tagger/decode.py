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
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleantext.lexicon import Lexicon
from cleantext.tagger.case import own_cases
from cleantext.tagger.evidence import BROKEN, CLAMPED, LAST, Evidence
from cleantext.tagger.facets import FACETS, HARD, Thresholds, column, facet_matrix, threshold_row
from cleantext.tagger.grammar import Grammar, compile_grammar
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.money import dollars_doubtful
from cleantext.tagger.offered import allowed, fitting, product
from cleantext.tagger.onnx import Scores
from cleantext.tagger.paragraphs import part_long
from cleantext.tagger.search import OFF, Offer, best_path
from cleantext.tagger.starts import sentence_starts
from cleantext.tagger.weighing import LEAST_LOG, weigh_agencies, weigh_case, weigh_honorifics
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
#: A pair of names that stands so often is taken to be parted alike everywhere.
_RECURS = 3


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
    probabilities *= fitting(evidence, rows, probabilities, grammar, thresholds)
    found = product(probabilities, matrix)
    offered = allowed(probabilities, found, floor, matrix, evidence, rows, grammar)
    worth = product(found - limits, matrix.T)
    worth += np.float32(_JOINT) * np.maximum(logs, LEAST_LOG)
    worth[np.ix_(evidence.kinds[rows] == LAST, grammar.starts)] += np.float32(_WHOLE)
    worth[~offered] = OFF
    broken = found[:, column("paragraph")] - np.float32(thresholds.paragraph)
    roles, pairs = best_path(Offer(rows, worth, broken), evidence, grammar)
    facets = np.zeros((len(roles), len(FACETS)), np.float32)
    facets[rows] = found
    part_long(roles, pairs, evidence, facets, grammar, table)
    starts = sentence_starts(roles, evidence, grammar, rows, probabilities)
    own, case_confidence = own_cases(scores.cases, evidence, starts, table, thresholds, lexicon)
    unsure = np.zeros(len(roles), bool)
    open_ = (evidence.kinds[rows] != CLAMPED) & (roles[rows] >= 0)
    unsure[rows] = open_ & _below(found, limits, matrix, roles[rows], probabilities)
    ends = bool(roles[-1] >= 0 and grammar.starts[roles[-1]])
    return Decision(roles, starts, own, facets, case_confidence, unsure, pairs, ends)


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
        weigh_case(logs, scores.cases, evidence, rows, grammar, table)
    logs[np.ix_(evidence.kinds[rows] == BROKEN, ~grammar.breaks)] = OFF
    logs -= logs.max(axis=1, keepdims=True, initial=OFF)
    logs -= np.log(np.exp(logs).sum(axis=1, keepdims=True))
    weigh_honorifics(logs, scores.cases, evidence, rows, grammar, table)
    weigh_agencies(logs, scores, evidence, rows, grammar)
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
