"""Where the casing of a text is lost."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise

import numpy as np

from cleantext.diagnosis.evidence import RUNS_ON, SMALL_SENTENCE, Evidence, block_marks
from cleantext.diagnosis.findings import Span
from cleantext.diagnosis.reading import LOWER, MARK, STOP, UPPER, Copy
from cleantext.diagnosis.runs import Found, best_path, block_shares, heavy_blocks, sum_by, turns
from cleantext.lexicon import Lexicon

#: Evidence (log odds) enough to say that a whole block has lost its casing, a run of words inside a
#: block, and a run that begins behind a full stop and runs on into the next sentence.
CASE_BLOCK, CASE_RUN, CASE_SENTENCE = 5.0, 11.0, 8.0
#: Words in small letters that a block must have, but for suffixes and initials (``e.e. cummings``).
LEAST_WORDS = 5
#: Enough for a block of a text of which another part is surely damaged.
SECOND = 1.0
#: A long sentence without a name has no capital either: what each word of a run must outweigh.
SPARSE = 0.1
#: Words from which capitals, or title case, throughout a text are damage.
UPPER_WORDS, TITLE_WORDS = 6, 25

_QUOTES = frozenset('"\u201c\u201d')


def lower_case(copy: Copy, evidence: Evidence) -> list[Found]:
    """Where the casing is lost to small letters: whole blocks, and runs within a block."""
    first = copy.blocks[:-1]
    scores = sum_by(evidence.case, first)
    small = sum_by(evidence.small, first)
    raised = sum_by(evidence.capital, first)
    marks, marked = block_marks(copy, evidence)
    # a line with neither capitals nor marks, ``the trio s real story was long``
    scores += np.where((raised == 0) & (marked == 0) & (small >= 6), 0.5 * marks, 0.0)
    enough = sum_by(evidence.plain, first) >= LEAST_WORDS
    lost = (scores >= CASE_BLOCK) & enough & (raised == 0)
    found: list[Found] = []
    unraised = np.where(evidence.capital, 0.0, evidence.case)
    for block in heavy_blocks(copy, evidence.capital, unraised, CASE_BLOCK):
        if raised[block]:
            found += _lower_runs(copy, evidence, *copy.blocks[block : block + 2].tolist())
    if found or lost.any():
        # what shares a text with damage is damaged on less evidence, if its marks fared alike
        plain = marked == 0
        alike = plain if (plain & lost).sum() >= 0.5 * lost.sum() else np.ones(len(first), bool)
        lost |= alike & (scores >= SECOND) & (small >= 2) & (raised == 0)
    if small[lost].sum() >= 0.8 * (small + raised).sum():
        lost |= (small > 0) & (raised == 0)
    for block in np.flatnonzero(lost).tolist():
        a, b = copy.blocks[block : block + 2].tolist()
        found.append(Found(a, b, "lower", float(scores[block]), "no capital where copy has them"))
    return sorted(found, key=lambda f: f.first)


def _lower_runs(copy: Copy, evidence: Evidence, a: int, b: int) -> Iterator[Found]:
    """Flat runs inside the block of words ``a`` to ``b``."""
    runs = turns(evidence.capital[a:b])
    scores = sum_by(evidence.case[a:b] - SPARSE, runs)
    bounds = [*(runs + a).tolist(), b]
    shares = Lexicon.load().lower_shares
    edge, switch = CASE_BLOCK / 2, CASE_SENTENCE / 2
    for first, behind in best_path(scores.tolist(), switch, edge):
        start, end = _trim(copy, evidence, bounds[first], bounds[behind], a)
        score = float((evidence.case[start:end] - SPARSE).sum())
        ids = copy.ids[start:end]
        strong = (shares[ids] < 0.2) & (evidence.case[start:end] > SMALL_SENTENCE)
        # a tweet in small letters says ``i`` over and over
        named = score >= CASE_RUN and len(np.unique(ids[strong])) >= 2
        framed = evidence.case[start] >= SMALL_SENTENCE and evidence.case[end - 1] >= RUNS_ON
        enough = evidence.plain[start:end].sum() >= LEAST_WORDS
        if enough and (named or framed) and not _quoted(copy, start, end):
            reason = "a stretch without the capitals copy has"
            yield Found(start, end, "lower", score, reason)


def _quoted(copy: Copy, start: int, end: int) -> bool:
    """Whether the run is a quotation of its own: people tweet in small letters."""
    before = copy.text[copy.ends[start - 1] : copy.starts[start]] if start else ""
    after = copy.text[copy.ends[end - 1] : copy.ends[end - 1] + 3]
    return not _QUOTES.isdisjoint(before) and not _QUOTES.isdisjoint(after)


def _trim(copy: Copy, evidence: Evidence, start: int, end: int, block: int) -> Span:
    """Begin a flat run behind a mark, if what stands before it bears no evidence."""
    if start > block:
        stops = np.flatnonzero((copy.bits[start:end] & (STOP | MARK)) > 0)
        weights = np.cumsum(evidence.case[start:end])
        before = stops[weights[stops] < SMALL_SENTENCE]
        if len(before) and start + before[-1] + 1 < end:
            start += int(before[-1]) + 1
    return start, end


def whole_case(copy: Copy, evidence: Evidence) -> list[Found]:
    """Capitals, or title case, throughout a text."""
    lower = (copy.bits & LOWER) > 0
    letters = evidence.small | evidence.capital
    shouted = evidence.capital & ~lower
    raised = evidence.capital & ((copy.first & UPPER) > 0)
    total = int(letters.sum())
    wordy = evidence.wordy & letters
    for form, part, least, reason in (
        ("upper", shouted, UPPER_WORDS, "capitals throughout"),
        ("title", raised, TITLE_WORDS, "title case throughout"),
    ):
        if total < least or part.sum() < 0.9 * total or (part & wordy).sum() < 3:
            continue
        if (part & wordy).sum() < 0.9 * wordy.sum():
            continue
        shares = block_shares(copy, part, letters)
        return [
            Found(a, b, form, float(total), reason)
            for (a, b), share in zip(pairwise(copy.blocks.tolist()), shares, strict=True)
            if share >= 0.9
        ]
    return []
