"""Evidence: what each word weighs for its case being lost, and each gap for its marks being lost.

Weights are natural logarithms of how much likelier the sight is in damaged copy than in copy as
published.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from cleantext.diagnosis.findings import Bools, Floats
from cleantext.diagnosis.prose import ENGLISH
from cleantext.diagnosis.reading import (
    ALIEN,
    DIGIT,
    LETTER,
    LOWER,
    MARK,
    SIGN,
    SPACE,
    STOP,
    UPPER,
    Copy,
    table,
)
from cleantext.diagnosis.runs import block_shares, sum_by
from cleantext.lexicon import Lexicon

#: A word in small letters that copy never sets so; an unknown one; a block or sentence begun small.
NEVER_LOWER, UNKNOWN_LOWER, SMALL_BLOCK, SMALL_SENTENCE = 4.5, 0.15, 2.5, 4.0
#: A word in small letters before the capital of a sentence, with no mark between them.
RUNS_ON = 3.0
#: What long sentences without a name would add up to if it were not taken off each word.
USUAL = 0.25
#: A capital, or a mark, in copy that should have none.
CAPITAL = KEPT = -5.0
#: A bare gap beside a function word; one between other words, as lists of names have them.
BARE, BARE_NAMES = 0.18, 0.04
#: A stranded suffix or initial, split figures, a new sentence unmarked, a block with no final mark.
STRANDED, FIGURES, UNMARKED, UNENDED = 4.0, 1.5, 1.5, 1.5

#: What stands before the ``t`` of a contraction; Don and Ain are names elsewhere.
_NOTS = "don didn doesn isn wasn aren weren won wouldn couldn shouldn hasn haven hadn can ain"

#: Words of four letters and more after whose stop a sentence may run on.
_ABBREVIATED = (
    "corp bros prof capt supt sgts asst assoc dist sept univ dept blvd approx ariz calif colo conn"
    " kans mass mich minn miss mont nebr okla penn tenn wash intl natl govt bldg"
)


@dataclass(frozen=True, slots=True, eq=False)
class Evidence:
    """Log odds for damage: of each word for its case, of each gap behind a word for its marks."""

    case: Floats
    marks: Floats
    small: Bools  # words in small letters
    plain: Bools  # those of them that are more than a letter or a suffix
    capital: Bools  # words with a capital
    marked: Bools  # gaps behind a word that hold a mark beside white space
    wordy: Bools  # words that prose writes small
    alone: Bools  # words that are left alone


def weigh(copy: Copy, alone: Bools) -> Evidence:
    """Weigh every word and every gap."""
    small = ((copy.bits & (LOWER | UPPER)) == LOWER) & ~alone
    capital = ((copy.bits & UPPER) > 0) & ~alone
    space = (copy.bits & SPACE) > 0
    signs = copy.bits & (STOP | MARK | SIGN)
    bare = space & (signs == 0) & (copy.lines == 0)
    shares = Lexicon.load().lower_shares[copy.ids]
    wordy = shares > 0.97
    case = np.where(copy.ids >= 0, _log_share(shares), UNKNOWN_LOWER)
    fragments = _fragments(copy)
    case[fragments] = 0.0
    case = np.where(small, case, np.where(capital, CAPITAL, 0.0))
    case += _small_starts(copy, small)
    unmarked = _unmarked(copy, capital, wordy)
    # a flat sentence runs into the next, ``under his watch The storm``
    case[:-1] += np.where(small[:-1] & bare[:-1] & unmarked, RUNS_ON, 0.0)
    marked = space & ((copy.bits & (STOP | MARK)) > 0)
    # in lists of names, of countries say, no mark stands between them either
    function = table(ENGLISH)[copy.ids]
    prose = function | np.append(function[1:], False)
    marks = np.where(bare, np.where(prose, BARE, BARE_NAMES), 0.0)
    marks[:-1] += np.where(bare[:-1], _stranded(copy) + UNMARKED * unmarked, 0.0)
    marks[alone] = 0.0
    return Evidence(case, marks, small, small & ~fragments, capital, marked, wordy, alone)


def _log_share(shares: Floats) -> Floats:
    """Log odds of a word in small letters that copy sets so in this share of cases."""
    odds: Floats = -np.log(np.maximum(shares, np.exp(-NEVER_LOWER)))
    return np.maximum(odds - USUAL, 0.0)


def _fragments(copy: Copy) -> Bools:
    """Letters and suffixes that say nothing of case: a small ``s`` may be ``Trump's``."""
    short: Bools = (copy.ends - copy.starts == 1) & ~table("i")[copy.ids]
    short |= table("re ve ll")[copy.ids]
    short[:-1] |= table(_NOTS)[copy.ids[:-1]] & table("t")[copy.ids[1:]]
    return short


def _small_starts(copy: Copy, small: Bools) -> Floats:
    """What a block, or a sentence behind a full stop, weighs that begins with a small letter."""
    n = len(copy)
    weights = np.zeros(n)
    behind_stop = ((copy.bits & (STOP | MARK | SIGN)) == STOP) & (copy.lines == 0)
    behind_stop &= (copy.ends - copy.starts > 3) & ((copy.bits & SPACE) > 0)
    behind_stop &= ~table(_ABBREVIATED)[copy.ids]
    weights[1:][behind_stop[:-1]] = SMALL_SENTENCE
    begins = copy.blocks[:-1]
    before = np.maximum(begins - 1, 0)
    # a line that runs on from the one before it is no block of its own
    sure = (begins == 0) | (copy.lines[before] > 1) | copy.ended[before]
    weights[begins[sure]] = SMALL_BLOCK
    return np.where(small, weights, 0.0)


def _stranded(copy: Copy) -> Floats:
    """``float[n - 1]``: what each gap weighs for the words at its two sides alone."""
    left, right = copy.ids[:-1], copy.ids[1:]
    lengths = copy.ends - copy.starts
    letters = ((copy.bits & (DIGIT | LETTER)) == LETTER) & ((copy.bits & ALIEN) == 0)
    small = (copy.first[1:] & LOWER) > 0
    suffix = small & letters[:-1] & table("s")[right] & (lengths[:-1] > 1)
    pronoun = table("i you he she it we they who that there what")[left]
    suffix |= small & pronoun & table("re ve ll d m")[right]
    suffix |= small & table(_NOTS)[left] & table("t")[right]
    single = letters & (lengths == 1)
    initials = single[:-1] & single[1:] & table("u p a d e")[left]
    initials &= table("s k n m c u")[right]
    digits = ((copy.bits & DIGIT) > 0) & ~letters
    figures = digits[:-1] & digits[1:] & (lengths[:-1] <= 3) & (lengths[1:] == 3)
    weights: Floats = STRANDED * (suffix | initials) + FIGURES * figures
    return weights


def _unmarked(copy: Copy, capital: Bools, wordy: Bools) -> Bools:
    """``bool[n - 1]``: capitals where only a new sentence has them, ``bill This legislation``."""
    raised = capital & wordy & ((copy.first & UPPER) > 0)
    between = ~capital[:-1] & raised[1:]
    between[:-1] &= ~capital[2:]
    # headlines and names raise common words as well
    share = block_shares(copy, raised, wordy)
    between &= (share < 0.3)[copy.block_of][1:]
    return between


def mark_weights(copy: Copy, evidence: Evidence) -> Floats:
    """Log odds of the gap behind each word, with the ends of blocks weighed as such."""
    weights = np.where(evidence.marked, KEPT, evidence.marks)
    weights[copy.blocks[1:] - 1] = _ends(copy, evidence)
    return weights


def block_marks(copy: Copy, evidence: Evidence) -> tuple[Floats, Floats]:
    """Of each block, the log odds that its marks are lost, and how many marks it has."""
    weights = mark_weights(copy, evidence)
    first = copy.blocks[:-1]
    return sum_by(weights, first), sum_by(weights <= KEPT, first)


def _ends(copy: Copy, evidence: Evidence) -> Floats:
    """What the end of each block weighs: prose ends in a mark, headlines do not."""
    last = copy.blocks[1:] - 1
    sizes = np.diff(copy.blocks)
    ended = copy.ended[last]
    letters = evidence.small | evidence.capital
    headline = block_shares(copy, evidence.capital, letters) > 0.5
    open_end = np.where((sizes >= 6) & ~headline & ~evidence.alone[last], UNENDED, 0.0)
    return np.where(ended, KEPT, open_end)
