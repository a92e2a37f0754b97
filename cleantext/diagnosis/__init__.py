"""Which damage a text has, in which spans, and how surely: from the text alone, changing nothing.

Casing and marks are lost *by span*: one flat paragraph in a good article, a few flat sentences in a
good paragraph. Each word and each gap weighs for or against (:mod:`cleantext.diagnosis.evidence`);
a block or a run of words is called damaged when the sum passes a threshold, which is lower where
the rest of the text is damaged too. A headline in title case or a lead in capitals within good copy
is ordinary. Thresholds and weights were tuned on the development articles.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np

from cleantext.diagnosis.case import lower_case, whole_case
from cleantext.diagnosis.edges import cut_edges
from cleantext.diagnosis.encoding import encoding
from cleantext.diagnosis.evidence import weigh
from cleantext.diagnosis.findings import (
    DIMENSIONS,
    Damage,
    Diagnosis,
    Dimension,
    LeftAlone,
    Masks,
    inside,
)
from cleantext.diagnosis.marks import lost_layout, lost_marks
from cleantext.diagnosis.prose import left_alone
from cleantext.diagnosis.reading import Copy, read
from cleantext.diagnosis.runs import Found

__all__ = ["DIMENSIONS", "Damage", "Diagnosis", "Dimension", "LeftAlone", "Masks", "diagnose"]


def diagnose(text: str) -> Diagnosis:
    """Which damage a text has, in which spans, and how surely; the text is not changed.

    Args:
        text: any string. The cost is linear in its length.

    Raises:
        TypeError: if it is no string.

    >>> found = diagnose("a letter from u s president trump to hun sen was shared on monday")
    >>> [(damage.dimension, damage.form) for damage in found.damages]
    [('case', 'lower'), ('marks', 'lost')]
    >>> diagnose("A letter from U.S. President Trump was shared on Monday.").damages
    ()
    """
    if not isinstance(text, str):
        raise TypeError(f"diagnose reads a str, not {type(text).__name__}; decode it first")
    damages = list(encoding(text))
    copy = read(text)
    if copy is None:
        return Diagnosis(len(text), tuple(damages))
    closed = left_alone(copy)
    alone = inside(copy.starts, ((span.start, span.end) for span in closed))
    evidence = weigh(copy, alone)
    case = whole_case(copy, evidence) or lower_case(copy, evidence)
    marks = lost_marks(copy, evidence, case)
    layout = lost_layout(copy, marks, alone)
    edges = cut_edges(copy, evidence)
    dimensions: tuple[tuple[Dimension, list[Found]], ...] = (
        ("case", case),
        ("marks", marks),
        ("layout", layout),
        ("edges", edges),
    )
    for dimension, found in dimensions:
        damages += [_damage(copy, dimension, f) for f in _merge(copy, found, dimension)]
    damages.sort(key=lambda d: (d.start, DIMENSIONS.index(d.dimension), d.end))
    return Diagnosis(len(text), tuple(damages), closed)


def _merge(copy: Copy, found: Iterable[Found], dimension: Dimension) -> Iterator[Found]:
    """Neighbouring finds of one form as one, but for layout, where each block counts."""
    last: Found | None = None
    for run in found:
        if last is None:
            last = run
        elif dimension in ("case", "marks") and (run.first, run.form) == (last.behind, last.form):
            last = Found(last.first, run.behind, run.form, last.score + run.score, last.reason)
        else:
            yield last
            last = run
    if last is not None:
        yield last


def _damage(copy: Copy, dimension: Dimension, found: Found) -> Damage:
    confidence = round(1 / (1 + float(np.exp(-found.score / 4))), 3)
    return Damage(
        dimension, found.form, *copy.span(found.first, found.behind), confidence, found.reason
    )
