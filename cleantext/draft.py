"""A draft: a document on its way through the pipeline, as a normalizer sees it."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

from cleantext.canon.evidence import Agreement, Version
from cleantext.diagnosis import Diagnosis, diagnose
from cleantext.document import Document
from cleantext.tagger.known import Known, find_known
from cleantext.tagger.parts import Part
from cleantext.tagger.reading import Reading
from cleantext.tagger.style import Style
from cleantext.words import Words, split

__all__ = ["Draft"]

_QUOTES, _DASHES = frozenset("\"'“”‘’"), frozenset("–—")


@dataclass
class Draft:
    """The state of one document before a pass; normalizers read it and change nothing.

    Attributes:
        document: what became of the text so far.
        partners: names of the normalizers that propose for this very pass.
        reading: what the tagger's reading decided; empty where no normalizer of the pass needs it.
        parts: headlines, datelines and boilerplate that the tagger found where the layout is lost,
            by word; empty where no normalizer of the pass asks for them.
        canonical: a good version of the same story, if one was given.
        version: the same as it was read for an earlier pass, so that it is not read again.
        found: what normalizers keep of a draft from one method to the next, by a name of theirs.
    """

    document: Document
    partners: frozenset[str] = frozenset()
    reading: Reading = field(default_factory=Reading)
    parts: tuple[Part, ...] = ()
    canonical: str | None = None
    version: Version | None = None
    found: dict[str, Any] = field(default_factory=dict)

    def read_before(self, earlier: Draft) -> None:
        """Take over what was read of the same text for an earlier pass.

        Args:
            earlier: a draft of the same text and canonical version.
        """
        for name in ("words", "diagnosis", "evidence", "known"):
            if name in vars(earlier):
                vars(self)[name] = vars(earlier)[name]

    @property
    def text(self) -> str:
        """The text that edits are proposed for."""
        return self.document.text

    @cached_property
    def words(self) -> Words:
        """The words and gaps of the text."""
        return split(self.text)

    @cached_property
    def diagnosis(self) -> Diagnosis:
        """What is damaged in the text."""
        return diagnose(self.text)

    @cached_property
    def evidence(self) -> Agreement:
        """What the text and its canonical version agree on; nothing where there is none."""
        version = self.version
        if version is None and self.canonical:
            version = Version(self.canonical)
        return version.agreement(self.words) if version else Agreement.none(len(self.words))

    @cached_property
    def known(self) -> Known:
        """What the canonical version settles of what the text has lost."""
        return find_known(self.words, self.diagnosis, self.evidence)

    @cached_property
    def style(self) -> Style:
        """The form of the marks to set: what survives in the text, else the canonical version's."""
        wrapped = any(damage.form == "wrapped" for damage in self.diagnosis.damages)
        style = Style.of(self.text, wrapped=wrapped)
        version = self.version if "canonical" in self.partners else None
        if version is None or version.style == "own":
            return style
        theirs = Style.of(version.text)
        curly, dash = style.curly, style.dash
        if _QUOTES.isdisjoint(self.text):
            curly = theirs.curly
        if _DASHES.isdisjoint(self.text):
            dash = theirs.dash
        return replace(style, curly=curly, dash=dash)
