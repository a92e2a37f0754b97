"""Finding the lines that rules are worth trying on, by the words that must stand in them.

One split of the text and one intersection of sets tell which of some 300 words are there at all;
only keys whose words all are get a search, and only lines that hold a key are shown to its rules.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import NamedTuple

from cleantext.boilerplate.lines import Line
from cleantext.boilerplate.rules import Rule, load_rules

__all__ = ["suspects"]

#: Longest line that counts as short, in code points: most rules take no longer ones, and a search
#: in the short lines alone is quick.
SHORT = 160
#: Marks that may stick to a word of a key.
_BEFORE = ("", "(", "[", '"', "“", "‘", "'", "*", "**", "•", "-", "—", "#", ">")
_BEHIND = ("", ".", ":", ",", ")", "]", "!", "?", "…", "...", "....", '"', "”", "’", "**", ";", "»")


@dataclass(frozen=True, slots=True)
class _Index:
    """The keys of all rules.

    Attributes:
        words: what may stand between two spaces where a word of a key does, and that word.
        tokens: the keys of ``words``.
        keys: for each word the keys that are looked for if it is there, with all their words.
        glued: keys that are always looked for.
        rules: the rules of each key, and the longest line that any of them takes.
    """

    words: dict[str, tuple[str, ...]]
    tokens: frozenset[str]
    keys: dict[str, list[tuple[str, frozenset[str]]]]
    glued: tuple[str, ...]
    rules: dict[str, tuple[tuple[Rule, ...], int]]


@cache
def _index() -> _Index:
    rules: dict[str, list[Rule]] = defaultdict(list)
    for rule in load_rules():
        for key in (*rule.keys, *rule.glued):
            rules[key].append(rule)
    glued = {key for rule in load_rules() for key in rule.glued}
    keys: dict[str, list[tuple[str, frozenset[str]]]] = defaultdict(list)
    words: set[str] = set()
    for key in rules.keys() - glued:
        parts = frozenset(key.split())
        words |= parts
        keys[max(sorted(parts), key=len)].append((key, parts))
    tokens: dict[str, tuple[str, ...]] = {}
    for word in sorted(words):
        for before in _BEFORE:
            for behind in _BEHIND if before == "" else _BEHIND[:6]:
                token = before + word + behind
                tokens[token] = (*tokens.get(token, ()), word)
    return _Index(
        tokens,
        frozenset(tokens),
        dict(keys),
        tuple(sorted(glued)),
        {key: (tuple(found), max(rule.longest for rule in found)) for key, found in rules.items()},
    )


class _Field(NamedTuple):
    """A lowered text, or some of its lines, to look for keys in.

    Attributes:
        text: where to look.
        starts: where each line begins in it.
        numbers: the number of each line.
    """

    text: str
    starts: list[int]
    numbers: Sequence[int]

    def lines_with(self, key: str) -> Iterator[int]:
        """The numbers of the lines that hold a key."""
        place = self.text.find(key)
        while place >= 0:
            at = bisect_right(self.starts, place)
            yield self.numbers[at - 1]
            place = self.text.find(key, self.starts[at]) if at < len(self.starts) else -1


def suspects(low: str, lines: Sequence[Line]) -> dict[int, set[Rule]]:
    """The rules to try, by the number of the line.

    Args:
        low: a text in small letters.
        lines: those of the text; at least one.
    """
    index = _index()
    whole = _Field(low, [0, *(line.start for line in lines[1:])], range(len(lines)))
    short = _short(low, lines)
    found: dict[int, set[Rule]] = {}
    for key in _present(low, index):
        rules, longest = index.rules[key]
        for number in (short if longest <= SHORT else whole).lines_with(key):
            start, stop = lines[number]
            for rule in rules:
                if stop - start <= rule.longest:
                    found.setdefault(number, set()).add(rule)
    return found


def _short(low: str, lines: Sequence[Line]) -> _Field:
    numbers = [number for number, (start, stop) in enumerate(lines) if stop - start <= SHORT]
    parts = [low[slice(*lines[number])] for number in numbers]
    starts = [0, *accumulate(len(part) + 1 for part in parts)]
    return _Field("\n".join(parts), starts[: len(parts)], numbers)


def _present(low: str, index: _Index) -> list[str]:
    """The keys that may stand in a text."""
    tokens = index.tokens.intersection(low.split())
    words = {word for token in tokens for word in index.words[token]}
    present = list(index.glued)
    for word in words & index.keys.keys():
        present += (key for key, parts in index.keys[word] if parts <= words)
    return present
