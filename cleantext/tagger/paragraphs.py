"""Paragraphs that are too long are parted at the sentence end that is likeliest to end one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.evidence import BLANK, Evidence
from cleantext.tagger.facets import column
from cleantext.tagger.grammar import Grammar
from cleantext.tagger.labels import LabelTable, Role

__all__ = ["part_long"]

#: Words of the longest paragraph that is made where a sentence end allows another.
LONGEST = 150
#: Words that a paragraph made here should have.
_LEAST = 20


@lru_cache(maxsize=4)
def _with_break(table: LabelTable) -> NDArray[np.int16]:
    """``int16[roles]``: the same sentence end with a paragraph break, -1 where there is none."""
    found = np.full(len(table.roles), -1, np.int16)
    for i, role in enumerate(table.roles):
        if role.starts and not role.breaks:
            form = Role(f"{role.left}\n\n{role.right}")
            found[i] = table.role_index.get(form, -1)
    return found


def part_long(
    roles: NDArray[np.int16],
    pairs: Sequence[tuple[int, int]],
    evidence: Evidence,
    facets: NDArray[np.float32],
    grammar: Grammar,
    table: LabelTable,
) -> None:
    """Break paragraphs of more than :data:`LONGEST` words, in place.

    Args:
        roles: ``int16[n + 1]``, the role chosen for each gap, negative where it stays.
        pairs: gaps whose quotation marks or brackets belong together: nothing is parted between.
        evidence: what survived; only blanks with an open layout are turned into breaks.
        facets: ``float32[n + 1, facets]``, the probability of each facet.
        grammar: of the table.
        table: the label table.
    """
    n = len(evidence.words)
    if n <= LONGEST:
        return
    forms = _with_break(table)
    may = (roles >= 0) & (evidence.kinds == BLANK) & evidence.layout
    may[may] = forms[roles[may]] >= 0
    for opened, closed in pairs:
        may[opened + 1 : closed] = False
    chances = facets[:, column("paragraph")]
    ended = [0]
    for i in range(1, n):
        role = int(roles[i])
        if (role >= 0 and grammar.breaks[role]) or role == -2 or "\n" in evidence.gaps[i]:
            ended.append(i)
    ended.append(n)
    stack = [(a, b) for a, b in pairwise(ended) if b - a > LONGEST]
    while stack:
        start, stop = stack.pop()
        places = np.flatnonzero(may[start + 1 : stop]) + start + 1
        if not len(places):
            continue
        roomy = places[(places - start >= _LEAST) & (stop - places >= _LEAST)]
        places = roomy if len(roomy) else places
        at = int(places[chances[places].argmax()])
        roles[at] = forms[roles[at]]
        stack += [(a, b) for a, b in ((start, at), (at, stop)) if b - a > LONGEST]
