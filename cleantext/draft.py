"""A draft: a document on its way through the pipeline, as a normalizer sees it."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

from cleantext.diagnosis import Diagnosis, diagnose
from cleantext.document import Document
from cleantext.tagger.parts import Part
from cleantext.tagger.reading import Reading
from cleantext.words import Words, split

__all__ = ["Draft"]


@dataclass
class Draft:
    """The state of one document before a pass; normalizers read it and change nothing.

    Attributes:
        document: what became of the text so far.
        partners: names of the normalizers that propose for this very pass.
        reading: what the tagger's reading decided; empty where no normalizer of the pass needs it.
        parts: headlines, datelines and boilerplate that the tagger found where the layout is lost,
            by word; empty where no normalizer of the pass asks for them.
    """

    document: Document
    partners: frozenset[str] = frozenset()
    reading: Reading = field(default_factory=Reading)
    parts: tuple[Part, ...] = ()

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
