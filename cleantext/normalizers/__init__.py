"""Normalizers: each reads a draft and proposes edits; only the pipeline applies them."""

from cleantext.normalizers.casing import Casing
from cleantext.normalizers.encoding import Encoding
from cleantext.normalizers.punctuation import Punctuation

__all__ = ["Casing", "Encoding", "Punctuation"]
