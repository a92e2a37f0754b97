"""Truecasing: the own case of each word, from the model's scores and the lexicon."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from cleantext.lexicon import Lexicon
from cleantext.tagger.evidence import Evidence
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.labels import LabelTable, apply_case
from cleantext.words import lower_word, lower_words

__all__ = ["cased", "own_cases"]

Floats = NDArray[np.float32]
Bools = NDArray[np.bool_]

#: Share of a word's capitalised occurrences from which its mixed form is taken for granted.
_MIXED_SHARE = 0.5
#: Weight of the lexicon's log-shares beside the model's own log-probabilities of a case.
_LEXICON = 0.3


def own_cases(
    cases: Floats,
    evidence: Evidence,
    starts: Bools,
    table: LabelTable,
    thresholds: Thresholds,
    lexicon: Lexicon,
) -> tuple[list[str], Floats]:
    """The own case of each open word and how sure it is."""
    n = len(evidence.words)
    own = [""] * n
    probabilities = _with_lexicon(cases, evidence.words, table, lexicon)
    lower = table.case_index["lower"]
    title = table.case_index["title"]
    confidence = np.ones(n, np.float32)
    best = probabilities.argmax(axis=1)
    # at a sentence start small and title look alike: their shares count together
    together = probabilities[:, lower] + probabilities[:, title]
    for i in np.flatnonzero(evidence.case).tolist():
        index = int(best[i])
        sure = float(probabilities[i, index])
        raised = 1.0 - float(probabilities[i, lower])
        pattern = table.cases[index]
        if raised > 0.3 or starts[i]:
            form = lexicon.mixed(lower_word(evidence.words[i]))
            if form is not None and form[1] >= _MIXED_SHARE and raised >= thresholds.case:
                pattern, sure = form[0], raised
            elif starts[i] and pattern in ("lower", "title"):
                pattern, sure = "lower", float(together[i])
            elif pattern != "lower" and sure < thresholds.case:
                pattern, sure = _unsure_case(raised, sure, thresholds)
        own[i] = pattern
        confidence[i] = sure
    return own, confidence


def _with_lexicon(
    cases: Floats, words: Sequence[str], table: LabelTable, lexicon: Lexicon
) -> Floats:
    """``float32[n, patterns]``: the model's probabilities, leaning to how a word mostly stands."""
    ids = lexicon.ids(lower_words(words))
    known = ids >= 0
    logs = cases.copy()
    rest = np.ones(len(table.cases), bool)
    for name, shares in zip(("lower", "title", "upper"), lexicon.log_shares.T, strict=True):
        logs[known, table.case_index[name]] += np.float32(_LEXICON) * shares[ids[known]]
        rest[table.case_index[name]] = False
    logs[np.ix_(known, rest)] += np.float32(_LEXICON) * lexicon.log_rest[ids[known], None]
    probabilities = np.exp(logs - logs.max(axis=1, keepdims=True))
    found: Floats = probabilities / probabilities.sum(axis=1, keepdims=True)
    return found


def _unsure_case(raised: float, sure: float, thresholds: Thresholds) -> tuple[str, float]:
    """A capital is due but which form is open: the title form; else small letters."""
    return ("title", raised) if raised >= thresholds.case else ("lower", 1.0 - raised)


def cased(word: str, pattern: str, *, start: bool) -> str:
    """A word in its own case, with the capital of a sentence start.

    >>> cased("iphone", "1", start=True), cased("the", "lower", start=True)
    ('iPhone', 'The')
    """
    made = apply_case(word, pattern)
    return apply_case(word, "title") if start and pattern == "lower" and made[0].isalpha() else made
