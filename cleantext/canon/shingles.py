"""Shingles: fingerprints of a story that survive the loss of case, marks, accents and layout.

A shingle is a run of :data:`SHINGLE` neighbouring words, folded to their letters and digits. A
fingerprint is the hash of a shingle; one in :data:`SAMPLE` is kept, chosen by its own value, so
that every copy of a passage keeps the same ones, however it was cut and whatever stands around it.
A signature of MinHash bands would be smaller, but measures how alike two *whole* texts are: a
window of 80 words out of 900 shares a tenth of its story's shingles at best, and no band finds it.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from cleantext.words import WORD

__all__ = ["SAMPLE", "SHINGLE", "fingerprints", "fingerprints_of", "folded_words"]

#: Words in a shingle. With three, set phrases fill the look-ups; with eight, a changed word costs
#: twice as many shingles as with four.
SHINGLE = 5
#: Words with fewer letters are in no shingle: what house styles and collectors disagree on is
#: short (``US`` and ``u s``, ``p.m.``, the ``s`` of a genitive).
SHORT = 3
#: One fingerprint in so many is kept (a power of two).
SAMPLE = 8
#: A text with no more shingles than this keeps them all.
FEW = 64

#: Letters that Unicode does not decompose, as newsrooms spell them in ASCII.
_ASCII_SPELLING = str.maketrans(
    {"æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "\u0131": "i"}
)
#: Odd factors, one for each place in a shingle, so that the order of the words counts.
_FACTORS = tuple(
    int.from_bytes(blake2b(bytes([place]), digest_size=8).digest(), "little") | 1
    for place in range(SHINGLE)
)


def folded_words(text: str) -> list[str]:
    """The words of a text in the form in which degraded and clean copy are the same.

    As many as :func:`cleantext.words.split` finds: each casefolded, without accents.

    >>> folded_words("Beyoncé left the U.S. for Gießen")
    ['beyonce', 'left', 'the', 'u', 's', 'for', 'giessen']
    """
    if text.isascii():
        return WORD.findall(text.lower())
    return [word.lower() if word.isascii() else _folded(word) for word in WORD.findall(text)]


@lru_cache(maxsize=1 << 14)
def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold()).casefold().translate(_ASCII_SPELLING)
    return "".join(filter(str.isalnum, plain)) or word


def fingerprints(text: str) -> list[int]:
    """The fingerprints of a text: distinct numbers of 48 bits, ascending.

    They are the same on every machine and in every process, and depend on nothing but the words.
    Texts that share a passage of some 20 words or more as a rule share some: so a join on them, in
    any engine, finds what a library finds.

    >>> clean = fingerprints("Prime Minister Hun Sen has replied to the U.S. letter, he said.")
    >>> clean == fingerprints("prime minister hun sen has replied to the us letter he said")
    True
    """
    return fingerprints_of(folded_words(text))


def fingerprints_of(words: Sequence[str]) -> list[int]:
    """The fingerprints of :func:`folded_words`; see :func:`fingerprints`."""
    kept = [word for word in words if len(word) >= SHORT] or words
    if not kept:
        return []
    hashes = _shingle_hashes(np.fromiter(map(_word_hash, kept), np.uint64, len(kept)))
    if len(hashes) > FEW:
        hashes = hashes[hashes % SAMPLE == 0]
    found: list[int] = np.unique(hashes >> np.uint64(16)).tolist()
    return found


@lru_cache(maxsize=1 << 16)
def _word_hash(word: str) -> int:
    digest = blake2b(word.encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest, "little")


def _shingle_hashes(words: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """The hash of every run of :data:`SHINGLE` words; of all words if there are fewer."""
    size = min(SHINGLE, len(words))
    count = len(words) - size + 1
    mixed = np.zeros(count, np.uint64)
    for place in range(size):
        mixed += words[place : place + count] * np.uint64(_FACTORS[place])
    # the finaliser of MurmurHash3: every bit of the sum moves every bit of the hash
    for factor in (0xFF51AFD7ED558CCD, 0xC4CEB9FE1A85EC53):
        mixed ^= mixed >> np.uint64(33)
        mixed *= np.uint64(factor)
    return mixed ^ (mixed >> np.uint64(33))
