"""A packed corpus as training reads it: flat arrays, mapped from files."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

__all__ = ["ARRAYS", "IGNORE", "Pack"]

#: Label of a subword that carries none.
IGNORE = 255
#: The arrays of a pack, a file each.
ARRAYS = (
    "tokens",
    "roles",
    "cases",
    "parts",
    "starts",
    "offsets",
    "leads",
    "titles",
    "sources",
)


@dataclass(frozen=True)
class Pack:
    """A packed corpus.

    Attributes:
        tokens: ``uint16[subwords]``.
        roles: ``uint8[subwords]``, the gap behind a word at its last subword, else ``IGNORE``.
        cases: ``uint8[subwords]``, the case of a word at its first subword, else ``IGNORE``.
        parts: ``uint8[subwords]``, of a word at its first subword, index into
            :data:`cleantext.tagger.labels.PARTS`, else ``IGNORE``.
        starts: ``bool[subwords]``, whether a word begins here.
        offsets: ``int64[articles + 1]``, where each article's subwords begin.
        leads: ``uint8[articles]``, the gap before an article's first word.
        titles: ``int64[articles]``, how many subwords the headline has; 0 if there is none.
        sources: ``int32[articles]``, index into ``source_names``.
    """

    tokens: NDArray[np.uint16]
    roles: NDArray[np.uint8]
    cases: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    starts: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    leads: NDArray[np.uint8]
    titles: NDArray[np.int64]
    sources: NDArray[np.int32]
    source_names: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> Pack:
        """Map the arrays of a folder that :func:`cleantext.training.pack.pack` wrote."""
        names = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
        arrays: dict[str, Any] = {
            # as plain arrays: every slice of a memmap object costs a microsecond more
            name: np.asarray(np.load(folder / f"{name}.npy", mmap_mode="r"))
            for name in ARRAYS
        }
        return cls(**arrays, source_names=tuple(names))
