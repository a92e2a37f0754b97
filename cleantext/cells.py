"""What of a document fits into a cell of a table: plain values, each under a fixed name."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Literal, get_args

from cleantext.diagnosis import DIMENSIONS, Diagnosis, diagnose
from cleantext.document import Document

__all__ = ["CELL_TYPES", "FACTS", "Cell", "Fact", "cell", "damage_names"]

Cell = str | int | float

Fact = Literal["quality", "edit_count", "edits", "diagnosis", "warnings"]
"""What may be told of a document in one cell.

``quality``
    :attr:`~cleantext.document.Document.quality`, a share; high values are for a person.
``edit_count``
    how many edits were made.
``edits``
    the passes of edits as JSON, as ``Document.to_dict()["passes"]`` has them: with the raw and the
    restored text they make the document again (``Document.from_dict``), and with it ``undo``.
``diagnosis``
    what was damaged in the raw text, see :func:`damage_names`.
``warnings``
    what could not be done, in sentences, joined with blanks; empty if nothing.
"""

FACTS: tuple[Fact, ...] = get_args(Fact)

#: The type of each fact's values.
CELL_TYPES: Mapping[Fact, type[Cell]] = {
    "quality": float,
    "edit_count": int,
    "edits": str,
    "diagnosis": str,
    "warnings": str,
}


def cell(document: Document, fact: Fact) -> Cell:
    """One fact of a document.

    >>> cell(Document.start("the mayor of boston said no"), "edit_count")
    0
    """
    return _READ[fact](document)


def damage_names(diagnosis: Diagnosis) -> str:
    """The kinds of damage, each once: ``"case lower, marks lost"``; ``"no damage"`` if none.

    >>> damage_names(diagnose("a letter from u s president trump to hun sen was shared on monday"))
    'case lower, marks lost'
    >>> damage_names(diagnose("A letter from U.S. President Trump was shared on Monday."))
    'no damage'
    """
    found = {(damage.dimension, damage.form) for damage in diagnosis.damages}
    ordered = sorted(found, key=lambda pair: (DIMENSIONS.index(pair[0]), pair[1]))
    return ", ".join(" ".join(pair) for pair in ordered) or "no damage"


def _edits(document: Document) -> str:
    """ASCII, so that a lone surrogate of a broken text fits into any string column."""
    return json.dumps(document.to_dict()["passes"], separators=(",", ":"))


_READ: Mapping[Fact, Callable[[Document], Cell]] = {
    "quality": lambda document: document.quality,
    "edit_count": lambda document: len(document.edits),
    "edits": _edits,
    "diagnosis": lambda document: damage_names(diagnose(document.raw)),
    "warnings": lambda document: " ".join(document.warnings),
}
