"""Encoding damage: mojibake, entities, control and invisible characters, runs of odd spaces.

ftfy, which finds and decodes mojibake (:mod:`cleantext.characters`), rewrites whole lines; here
each line is brought to a fixed point and what changed is kept as small local edits. Legitimate
characters stay: curly quotes, ligatures, full-width forms, loose accents, a lone no-break space,
line endings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

from cleantext.characters.compose import composed
from cleantext.characters.mojibake import mojibake
from cleantext.characters.rules import LEFT_OVER, ODD_SPACES, OUTRIGHT, directions, entities
from cleantext.edits import Edit, Kind, apply

__all__ = ["Encoding", "HasText"]


class HasText(Protocol):
    """Whatever holds a text: a draft of the pipeline, a document."""

    @property
    def text(self) -> str:
        """The text as it is now."""
        ...


#: What no damaged line is without. Left out are ASCII and what is so common in clean English copy
#: that no mojibake consists of it alone: a quote and a pound sign would read as Mac Roman. This one
#: scan is all that clean text costs, and ``re`` does it six times faster than ``regex``.
_SUSPECT = re.compile(
    "[^\t\n\r -%'-~\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026£€°½éèêëáàíìóòôöúùüçñïÉÁÓÚÑÇÖÜ]"
)

#: Rounds after which a line that still changes is refused: ``&amp;amp;amp;`` peels off one a round,
#: so that without a bound the cost of a line would be quadratic.
_ROUNDS = 8

_Step = Callable[[str], Sequence[Edit]]


def _by_line(step: _Step, text: str) -> list[Edit]:
    """A step over what may have become several lines, so that a second run sees the same lines."""
    found: list[Edit] = []
    offset = 0
    for line in text.split("\n"):
        found += (replace(edit, start=edit.start + offset) for edit in step(line))
        offset += len(line) + 1
    return found


def _repair(line: str, steps: Sequence[_Step]) -> list[Edit]:
    """The edits that bring a line to where no step finds anything; none if it never gets there."""
    edits: list[Edit] = []
    text = line
    for _ in range(_ROUNDS):
        before = text
        for step in steps:
            found = _by_line(step, text)
            if found:
                edits = composed(edits, found, text)
                text = apply(text, found)
        if text == before:
            return edits
    return []


def _suspect_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a suspect character, with their offsets."""
    end = 0
    while (match := _SUSPECT.search(text, end)) is not None:
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        yield start, text[start:end]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Repairs what a wrong decoding or a scraper did to the characters of a text.

    Attributes:
        entities: decode HTML entities, but in lines that hold a tag.
        spaces: turn a run of spaces that are not all plain into one plain space.

    >>> from cleantext.document import Document
    >>> for edit in Encoding().propose(Document.start("Itâ€™s AT&amp;T")):
    ...     print(edit.start, edit.before, ascii(edit.after), edit.reason)
    2 â€™ '\\u2019' mojibake: UTF-8 read as Windows-1252
    9 &amp; '&' HTML entity
    """

    entities: bool = True
    spaces: bool = True

    name: ClassVar[str] = "encoding"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"decode", "space"})

    def propose(self, draft: HasText) -> list[Edit]:
        """The edits that repair the text, in order.

        Made all together they leave a text for which nothing more is proposed. Edits of one line
        that were decoded in one go share a group.
        """
        steps = self._steps()
        proposed: list[Edit] = []
        groups = 0
        for offset, line in _suspect_lines(draft.text):
            edits = _repair(line, steps)
            together = sum(edit.group for edit in edits) > 1
            groups += together
            proposed.extend(
                replace(
                    edit,
                    start=offset + edit.start,
                    group=groups if together and edit.group else 0,
                    normalizer=self.name,
                )
                for edit in edits
            )
        return proposed

    def _steps(self) -> tuple[_Step, ...]:
        first = (entities,) if self.entities else ()
        last = (ODD_SPACES,) if self.spaces else ()
        return (*first, *OUTRIGHT, directions, mojibake, *LEFT_OVER, *last)
