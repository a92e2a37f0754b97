"""Long paragraphs: none is left over 150 words where a sentence end would allow a break."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
import pytest
from numpy.typing import NDArray

from cleantext.tagger.evidence import BLANK, CLAMPED, FIRST, LAST, Evidence
from cleantext.tagger.facets import FACETS, column
from cleantext.tagger.grammar import compile_grammar
from cleantext.tagger.labels import LabelTable, Role
from cleantext.tagger.paragraphs import LONGEST, part_long

TABLE = LabelTable(
    (Role(" "), Role(". ", "start"), Role(".\n\n"), Role("? ", "start"), Role("\n\n")),
    ("lower", "title"),
)
STOP, BROKEN = 1, 2


def broken(
    n: int,
    stops: Sequence[int],
    *,
    chances: dict[int, float] | None = None,
    role: int = STOP,
    pairs: Sequence[tuple[int, int]] = (),
    kind: int = BLANK,
) -> list[int]:
    """Where ``n`` words with these sentence ends are parted."""
    kinds = np.full(n + 1, kind, np.int8)
    kinds[0], kinds[n] = FIRST, LAST
    evidence = Evidence(
        words=("word",) * n,
        gaps=("", *[" "] * (n - 1), ""),
        kinds=kinds,
        layout=np.ones(n + 1, bool),
        case=np.ones(n, bool),
        apart=np.zeros(n + 1, bool),
        begins=True,
    )
    roles: NDArray[np.int16] = np.zeros(n + 1, np.int16)
    roles[list(stops)] = role
    facets = np.zeros((n + 1, len(FACETS)), np.float32)
    for gap, chance in (chances or {}).items():
        facets[gap, column("paragraph")] = chance
    before = roles.copy()
    part_long(roles, pairs, evidence, facets, compile_grammar(TABLE), TABLE)
    changed = np.flatnonzero(roles != before)
    assert set(changed) <= set(stops)
    return [int(i) for i in changed]


def test_a_short_text_is_left() -> None:
    assert broken(LONGEST, [50, 100]) == []


def test_a_long_one_is_parted_where_it_is_likeliest() -> None:
    assert broken(200, [60, 100, 140], chances={60: 0.1, 100: 0.2, 140: 0.15}) == [100]


def test_both_halves_are_parted_again() -> None:
    stops = list(range(25, 600, 25))
    cuts = [0, *broken(600, stops, chances={300: 0.2}), 600]
    assert 300 in cuts
    assert max(b - a for a, b in pairwise(cuts)) <= LONGEST


def test_without_a_sentence_end_nothing_is_parted() -> None:
    assert broken(400, []) == []


def test_no_scrap_is_cut_off_while_there_is_a_better_place() -> None:
    assert broken(200, [5, 100], chances={5: 0.9, 100: 0.1}) == [100]
    assert broken(200, [5], chances={5: 0.9}) == [5]


@pytest.mark.parametrize("kind", [CLAMPED])
def test_what_stands_stays(kind: int) -> None:
    assert broken(200, [100], kind=kind) == []


def test_a_quotation_is_not_parted() -> None:
    assert broken(200, [60, 100], pairs=[(90, 110)]) == [60]


def test_a_question_that_has_no_form_with_a_break_stays() -> None:
    assert broken(200, [100], role=3) == []
