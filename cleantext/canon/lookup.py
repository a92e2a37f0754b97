"""Looking up the canonical versions of a batch of texts in a library."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from cleantext.canon.library import Library, Match

__all__ = ["look_up"]


def look_up(library: Path, texts: Sequence[str]) -> list[Match | None]:
    """For each text the story of the library that it is a copy of, None where there is none.

    Args:
        library: the library's file, which is opened for this batch alone and only to be read.
        texts: the texts; an empty one is a copy of nothing.

    Raises:
        LibraryError: if the file cannot be opened or read.
    """
    if not any(texts):
        return [None] * len(texts)
    with Library(library, mode="r") as stories:
        return [next(iter(stories.find(text, 1)), None) if text else None for text in texts]
