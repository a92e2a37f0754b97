"""Evidence: what is known of a stretch of text before the model is asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.grammar import CLOSED

__all__ = ["BLANK", "BREAKABLE", "BROKEN", "CLAMPED", "FIRST", "LAST", "Evidence"]

#: What may become of a gap: nothing, any role on a blank, only the marks around a line break that
#: survived, a paragraph break behind marks that survived, or the marks at the text's two ends.
CLAMPED, BLANK, BROKEN, BREAKABLE, FIRST, LAST = range(6)


@dataclass(frozen=True, slots=True)
class Evidence:
    """What is known of ``n`` words before the model is asked.

    Attributes:
        words: as they stand in the text.
        gaps: ``n + 1`` gaps as they stand.
        kinds: ``int8[n + 1]``, what may become of each gap (:data:`CLAMPED` ...).
        layout: ``bool[n + 1]``, whether a paragraph break may be set.
        case: ``bool[n]``, whether the case is lost.
        apart: ``bool[n + 1]``, whether the words on both sides may not be joined: one of them is
            an address or a handle.
        state: what is open before the first gap (see :mod:`cleantext.tagger.grammar`).
        final: what must be open after the last gap; None where the text itself ends.
        begins: whether the text itself begins here.
    """

    words: Sequence[str]
    gaps: Sequence[str]
    kinds: NDArray[np.int8]
    layout: NDArray[np.bool_]
    case: NDArray[np.bool_]
    apart: NDArray[np.bool_]
    state: int = CLOSED
    final: int | None = None
    begins: bool = False
