"""Restoration of scraped news copy: casing, punctuation, paragraphs; explained and reversible."""

from __future__ import annotations

import os.path
from importlib import import_module
from typing import TYPE_CHECKING

if any(
    os.path.exists(os.path.join(os.path.dirname(__file__), name))
    for name in ("clean.py", "cleantext.py")  # modules that only the namesakes bring
):
    raise ImportError(
        "another distribution (clean-text or cleantext) is installed into the same folder as"
        " cleantext-news; uninstall all of them, remove the folder that is left, and install"
        " cleantext-news again (see the README on the name)"
    )

if TYPE_CHECKING:
    from cleantext.canon.check import Report, check
    from cleantext.canon.library import Library, LibraryError, Match
    from cleantext.column import restore_column
    from cleantext.damage import degrade
    from cleantext.diagnosis import Diagnosis, diagnose
    from cleantext.document import Document, Span
    from cleantext.edits import Edit, EditError
    from cleantext.normalizers import (
        Boilerplate,
        Canonical,
        Casing,
        Edges,
        Encoding,
        Glued,
        Punctuation,
    )
    from cleantext.pipeline import Normalizer, Pipeline, PipelineError, restore
    from cleantext.tagger.facets import Thresholds
    from cleantext.tagger.onnx import ModelError

__version__ = "0.1.0"

__all__ = [
    "Boilerplate",
    "Canonical",
    "Casing",
    "Diagnosis",
    "Document",
    "Edges",
    "Edit",
    "EditError",
    "Encoding",
    "Glued",
    "Library",
    "LibraryError",
    "Match",
    "ModelError",
    "Normalizer",
    "Pipeline",
    "PipelineError",
    "Punctuation",
    "Report",
    "Span",
    "Thresholds",
    "check",
    "degrade",
    "diagnose",
    "restore",
    "restore_column",
]

#: Where each public name lives; loaded at first use, so that ``import cleantext`` costs nothing.
_HOME = {
    "Boilerplate": "cleantext.normalizers",
    "Canonical": "cleantext.normalizers",
    "Casing": "cleantext.normalizers",
    "Diagnosis": "cleantext.diagnosis",
    "Document": "cleantext.document",
    "Edges": "cleantext.normalizers",
    "Edit": "cleantext.edits",
    "EditError": "cleantext.edits",
    "Encoding": "cleantext.normalizers",
    "Glued": "cleantext.normalizers",
    "Library": "cleantext.canon.library",
    "LibraryError": "cleantext.canon.library",
    "Match": "cleantext.canon.library",
    "ModelError": "cleantext.tagger.onnx",
    "Normalizer": "cleantext.pipeline",
    "Pipeline": "cleantext.pipeline",
    "PipelineError": "cleantext.pipeline",
    "Punctuation": "cleantext.normalizers",
    "Report": "cleantext.canon.check",
    "Span": "cleantext.document",
    "Thresholds": "cleantext.tagger.facets",
    "check": "cleantext.canon.check",
    "degrade": "cleantext.damage",
    "diagnose": "cleantext.diagnosis",
    "restore": "cleantext.pipeline",
    "restore_column": "cleantext.column",
}


def __getattr__(name: str) -> object:
    if name not in _HOME:
        raise AttributeError(f"module 'cleantext' has no attribute {name!r}")
    value = getattr(import_module(_HOME[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
