"""Normalizers: each reads a draft and proposes edits; only the pipeline applies them."""

from cleantext.normalizers.boilerplate import Boilerplate
from cleantext.normalizers.canonical import Canonical
from cleantext.normalizers.casing import Casing
from cleantext.normalizers.edges import Edges
from cleantext.normalizers.encoding import Encoding
from cleantext.normalizers.glued import Glued
from cleantext.normalizers.punctuation import Punctuation

__all__ = ["Boilerplate", "Canonical", "Casing", "Edges", "Encoding", "Glued", "Punctuation"]
