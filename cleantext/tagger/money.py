"""Whose money a text speaks of: a wrong currency sign is an error of fact.

The corpus is American, so the model takes nearly every sum for dollars. Where the words of a text
place it in a country with another currency, no dollar sign is set.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from cleantext.words import lower_words

__all__ = ["dollars_doubtful"]

#: Words that place a story in Britain, Ireland or the euro area, and in countries with dollars.
_ELSEWHERE = frozenset(
    """
    uk britain british briton britons england scotland scottish wales welsh london
    manchester birmingham liverpool leeds glasgow edinburgh cardiff belfast nhs mps msp msps tory
    tories labour westminster holyrood stormont pounds pence sterling euro euros ireland dublin
    councillor councillors
    """.split()
)
#: Not ``us``, which is a pronoun where case is lost; ``u s`` counts.
_DOLLARS = frozenset(
    """
    usa america american americans washington york california texas florida chicago dollar
    dollars congress senate senator senators congressman congresswoman gop republicans democrats
    canada canadian australia australian zealand toronto sydney
    """.split()
)
#: So many words of the first kind at least, beside those of the second, make dollars doubtful.
_LEAST = 2


def dollars_doubtful(words: Sequence[str]) -> bool:
    """Whether sums in a text of these words may well be in another currency than dollars.

    >>> dollars_doubtful("drivers across leeds and the rest of england want 24 an hour".split())
    True
    >>> dollars_doubtful("the u s firm bought the london bank for 24 million dollars".split())
    False
    """
    lowered = lower_words(words)
    elsewhere = sum(word in _ELSEWHERE for word in lowered)
    if elsewhere < _LEAST:
        return False
    dollars = sum(word in _DOLLARS for word in lowered)
    dollars += sum(pair == ("u", "s") for pair in pairwise(lowered))
    return elsewhere > dollars
