"""What else speaks for a role or against it: surviving case, honorifics, names of agencies."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.evidence import Evidence
from cleantext.tagger.grammar import Grammar
from cleantext.tagger.labels import AGENCIES, HONORIFICS, LabelTable
from cleantext.tagger.onnx import Scores
from cleantext.words import lower_word

__all__ = ["LEAST_LOG", "weigh_agencies", "weigh_case", "weigh_honorifics"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

LEAST_LOG = np.float32(-20.0)
#: Least probability that surviving case gives against what the model says.
_FLOOR = np.log(np.float32(1e-3))


def weigh_case(
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


def weigh_honorifics(
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
                logs[row, grammar.stop_owned] = LEAST_LOG
                logs[row, grammar.owned] = np.log(np.exp(logs[row, grammar.owned]) + stopped + 1e-9)


def weigh_agencies(
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
