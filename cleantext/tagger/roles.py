"""What a model predicts over: the roles of gaps, the case patterns, the parts of an article.

These need the standard library alone, so that training runs where little else is installed.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Literal

__all__ = ["FLAT", "OTHER", "PARTS", "SCHEME", "LabelTable", "Role", "Tag"]

#: Version of the label scheme: a model trained under one cannot be read under another.
SCHEME = 1
#: What a word is part of, in the order of the tagger's third head.
PARTS = ("body", "headline", "dateline", "boilerplate")

Tag = Literal["", "start", "inside", "quote", "elision"]
"""What a role's string does not say by itself.

``start``: a sentence ends here, the next word begins another; ``inside``: the stop belongs to an
abbreviation or the sentence runs on after it; ``quote``: a single quotation mark; ``elision``: an
apostrophe that looks like one (``countries' foreign``, ``rock 'n' roll``).
"""

_TERMINAL = re.compile(r"[.?!]")


@dataclass(frozen=True)
class Role:
    """What a gap is: its string in the common style and what that string does not say.

    The string is read as *left* marks that cling to the word before, a white space (none, one
    blank, or a paragraph break) and *right* marks that cling to the word after.

    >>> Role('," ').left, Role(' — ').right, Role('. ', 'start').starts
    (',"', '— ', True)
    """

    text: str
    tag: Tag = ""

    @cached_property
    def _parts(self) -> tuple[str, str, str]:
        match = re.search(r"\s+", self.text)
        if match is None:
            return self.text, "", ""
        return self.text[: match.start()], match.group(), self.text[match.end() :]

    @property
    def left(self) -> str:
        """Marks that cling to the word before."""
        return self._parts[0]

    @property
    def space(self) -> str:
        """The white space: ``""``, ``" "`` or ``"\\n\\n"``."""
        return self._parts[1]

    @property
    def right(self) -> str:
        """Marks that cling to the word after; a spaced dash keeps its second blank here."""
        return self._parts[2]

    @cached_property
    def breaks(self) -> bool:
        """Whether a paragraph ends here."""
        return "\n" in self.text

    @cached_property
    def starts(self) -> bool:
        """Whether the next word begins a sentence and so wants a capital.

        A paragraph in brackets need not: ``(see also: ...)`` is set both ways.
        """
        return self.tag == "start" or (self.breaks and not self.right.startswith(("(", "[")))

    @cached_property
    def ends(self) -> bool:
        """Whether a sentence ends here with a mark."""
        return self.tag == "start" or (self.breaks and bool(_TERMINAL.search(self.left)))


#: The gap that is just a blank, and the label of every gap string that is not in the table.
FLAT = Role(" ")
OTHER = Role(" ", "inside")


@dataclass(frozen=True)
class LabelTable:
    """The lists a model predicts over: roles (``FLAT`` first, ``OTHER`` second) and cases."""

    roles: tuple[Role, ...]
    cases: tuple[str, ...]

    @cached_property
    def role_index(self) -> dict[Role, int]:
        """Index of each role; look up with ``.get(role, 1)``: what is not in the table is OTHER."""
        return {role: i for i, role in enumerate(self.roles)}

    @cached_property
    def case_index(self) -> dict[str, int]:
        """Index of each case pattern."""
        return {case: i for i, case in enumerate(self.cases)}

    def to_dict(self) -> dict[str, object]:
        """Plain lists, as ``model.json`` holds them."""
        return {
            "scheme": SCHEME,
            "roles": [[role.text, role.tag] for role in self.roles],
            "cases": list(self.cases),
        }

    @classmethod
    def from_dict(cls, data: Mapping[str, object]) -> LabelTable:
        """The inverse of :meth:`to_dict`.

        Raises:
            ValueError: if the table was made under another label scheme.
        """
        if data.get("scheme") != SCHEME:
            raise ValueError(
                f"label scheme {data.get('scheme')!r} is not the one this version reads ({SCHEME});"
                " install the matching cleantext-news or train the model again"
            )
        roles, cases = data["roles"], data["cases"]
        assert isinstance(roles, list)
        assert isinstance(cases, list)
        return cls(tuple(Role(text, tag) for text, tag in roles), tuple(cases))

    @classmethod
    def load(cls, path: Path) -> LabelTable:
        """Read a table from a JSON file."""
        return cls.from_dict(json.loads(path.read_text(encoding="utf-8")))
