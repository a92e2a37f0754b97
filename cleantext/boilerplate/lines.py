"""The lines of a text, and the forms in which they are compared."""

from __future__ import annotations

import re
from typing import NamedTuple

from cleantext.words import WORD, lower_char

__all__ = ["Line", "flatten", "lines_of", "lowered"]

_LINE = re.compile(r"\S(?:[^\n\r\x85\u2028\u2029]*\S)?")


class Line(NamedTuple):
    """A line that is not blank, without the white space around it; offsets in code points."""

    start: int
    stop: int


def lines_of(text: str) -> list[Line]:
    """The lines of a text that hold anything, in order.

    >>> lines_of(" One.\\n\\n Two. ")
    [Line(start=1, stop=5), Line(start=8, stop=12)]
    """
    return [Line(*match.span()) for match in _LINE.finditer(text)]


def lowered(text: str) -> str:
    """The text in small letters, each at the place it had."""
    low = text.lower()
    return low if len(low) == len(text) else "".join(map(lower_char, text))


def flatten(low: str) -> str:
    """The words of a lowered line, one space between them.

    >>> flatten("read more: here's why")
    'read more here s why'
    """
    return " ".join(WORD.findall(low))
