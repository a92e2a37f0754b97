"""Where a character window cut the first and the last word of a text."""

from __future__ import annotations

from cleantext.diagnosis.evidence import Evidence
from cleantext.diagnosis.findings import Bools
from cleantext.diagnosis.prose import SHORT
from cleantext.diagnosis.reading import DIGIT, LOWER, MARK, SIGN, STOP, Copy
from cleantext.diagnosis.runs import Found
from cleantext.lexicon import Lexicon


def cut_edges(copy: Copy, evidence: Evidence, case: Bools, marks: Bools) -> list[Found]:
    """Words that a character window cut at the start and at the end of the text."""
    found = []
    score = _cut_start(copy, evidence, bool(case[0]))
    if score:
        found.append(Found(0, 1, "start", score, f"{copy.lowered[0]!r} begins in mid-sentence"))
    score = _cut_end(copy, evidence, bool(marks[-1]))
    if score:
        n = len(copy)
        found.append(Found(n - 1, n, "end", score, f"ends in mid-sentence at {copy.lowered[-1]!r}"))
    return found


def _cut_start(copy: Copy, evidence: Evidence, case_lost: bool) -> float:
    lexicon, word = Lexicon.load(), copy.lowered[0]
    if not evidence.small[0] or copy.head or not word.isalpha():
        return 0.0
    if case_lost:
        fragment = word not in lexicon and lexicon.ends_a_word(word)
        return 4.0 if fragment else 0.0
    if copy.blocks[1] < SHORT:
        return 0.0
    return 3.0 if word in lexicon else 8.0


def _cut_end(copy: Copy, evidence: Evidence, marks_lost: bool) -> float:
    lexicon, word = Lexicon.load(), copy.lowered[-1]
    bits = int(copy.bits[-1])
    if evidence.alone[-1] or bits & (STOP | MARK | SIGN | DIGIT) or not word.isalpha():
        return 0.0
    fragment = word not in lexicon and lexicon.begins_a_word(word)
    if marks_lost:
        return 4.0 if fragment and bits & LOWER else 0.0
    first = int(copy.blocks[-2])
    prose = len(copy) - first >= 2 * SHORT and bool(evidence.marked[first:].any())
    raised = evidence.capital[first:].mean()
    return (8.0 if fragment else 3.0) if prose and raised < 0.5 else 0.0
