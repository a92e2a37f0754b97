"""Trivial ways to restore flat copy, to set figures beside."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from cleantext.lexicon import Lexicon
from cleantext.tagger.labels import apply_case, capitalise
from cleantext.words import join, split

__all__ = ["BASELINES"]


def _as_is(flat: str) -> str:
    return flat


def _majority_case(flat: str) -> str:
    """Every word in its commonest case, the first one raised; no marks."""
    words = split(flat)
    lexicon = Lexicon.load()
    cased = []
    for word in words.words:
        mixed = lexicon.mixed(word)
        if mixed is not None and mixed[1] > 0.5:
            cased.append(apply_case(word, mixed[0]))
        elif word in lexicon and lexicon.lower_share(word) < 0.5:
            cased.append(apply_case(word, "title"))
        else:
            cased.append(word)
    return join(cased, words.gaps)


def _stop_every_twenty(flat: str) -> str:
    """A stop and a capital every twenty words."""
    words = split(flat)
    gaps = list(words.gaps)
    cased = list(words.words)
    for i in range(20, len(cased), 20):
        gaps[i] = ". "
        cased[i] = capitalise(cased[i])
    gaps[-1] = "."
    if cased:
        cased[0] = capitalise(cased[0])
    return join(cased, gaps)


#: What each does to flat copy, by name.
BASELINES: Mapping[str, Callable[[str], str]] = {
    "nothing done": _as_is,
    "majority case": _majority_case,
    "stop every 20": _stop_every_twenty,
}
