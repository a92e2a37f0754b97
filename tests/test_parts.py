"""Parts: spans decided whole, and what they mean for the setting."""

from __future__ import annotations

import numpy as np
import pytest

from cleantext.tagger.dateline import read_dateline
from cleantext.tagger.labels import PARTS, LabelTable, Role
from cleantext.tagger.onnx import Scores
from cleantext.tagger.parts import Part, find_parts, shaped

ROLES = (
    Role(" "),
    Role(" ", "inside"),
    Role(". ", "start"),
    Role(".\n\n"),
    Role("?\n\n"),
    Role("\n\n"),
    Role(", "),
    Role(" ("),
    Role(") — "),
    Role(" — "),
    Role(". — ", "inside"),
    Role("."),
    Role("-"),
    Role(". ", "inside"),
)
TABLE = LabelTable(ROLES, ("lower", "title", "upper"))


def made(parts: str, *, ends: dict[int, float] | None = None) -> Scores:
    """Scores of words given as letters: b(ody), h(eadline), d(ateline), x (boilerplate)."""
    n = len(parts)
    chances = np.full((n, 4), 0.02, np.float32)
    for i, letter in enumerate(parts):
        chances[i, "bhdx".index(letter)] = 0.94
    gaps = np.full((n + 1, len(ROLES)), 1e-4, np.float32)
    gaps[:, 0] = 1
    for gap, chance in (ends or {}).items():
        gaps[gap, 2] = chance
        gaps[gap, 0] = 1 - chance
    gaps /= gaps.sum(axis=1, keepdims=True)
    cases = np.full((n, 3), 1 / 3, np.float32)
    return Scores(np.log(gaps), np.log(cases), np.log(chances))


def found(scores: Scores, *, begins: bool = True) -> list[tuple[str, int, int]]:
    return [(p.name, p.start, p.stop) for p in find_parts(scores, TABLE, begins=begins)]


def test_a_text_of_one_part_is_one_span() -> None:
    assert found(made("b" * 30)) == [("body", 0, 30)]
    assert find_parts(Scores.empty(0, TABLE), TABLE) == []


def test_a_block_between_sentence_ends_is_found() -> None:
    scores = made("b" * 20 + "x" * 12 + "b" * 20, ends={20: 0.9, 32: 0.9})
    assert found(scores) == [("body", 0, 20), ("boilerplate", 20, 32), ("body", 32, 52)]


def test_one_odd_word_makes_no_block() -> None:
    assert found(made("b" * 20 + "x" + "b" * 20)) == [("body", 0, 41)]
    assert len(found(made("b" * 20 + "x" + "b" * 20, ends={20: 0.9, 21: 0.9}))) <= 3


def test_a_hole_of_one_word_in_a_block_is_closed() -> None:
    scores = made("b" * 20 + "xxxxxbxxxxx" + "b" * 20, ends={20: 0.9, 31: 0.9})
    assert found(scores)[1] == ("boilerplate", 20, 31)


def test_a_block_snaps_to_the_sentence_end() -> None:
    likely = made("b" * 21 + "x" * 12 + "b" * 20, ends={20: 0.95, 33: 0.9})
    assert found(likely)[1][1] == 20


def test_a_headline_stands_in_front_only() -> None:
    front = made("h" * 8 + "b" * 30, ends={8: 0.9})
    assert found(front)[0] == ("headline", 0, 8)
    middle = made("b" * 20 + "h" * 8 + "b" * 20, ends={20: 0.9, 28: 0.9})
    assert all(name != "headline" for name, _, _ in found(middle))
    assert found(front, begins=False) == [("body", 0, 38)]


def chosen(scores: Scores, gap: int) -> Role:
    return ROLES[int(scores.gaps[gap].argmax())]


def test_a_headline_gets_a_line_without_a_stop() -> None:
    words = ["word"] * 12
    parts = [Part("headline", 0, 5, 0.9), Part("body", 5, 12, 0.9)]
    after = shaped(made("h" * 5 + "b" * 7, ends={5: 0.9}), parts, words, TABLE)
    assert chosen(after, 5) == Role("\n\n")


def test_a_headline_that_is_hardly_one_is_not_set_apart() -> None:
    scores = made("h" * 5 + "b" * 7)
    after = shaped(scores, [Part("headline", 0, 5, 0.5)], ["word"] * 12, TABLE)
    np.testing.assert_array_equal(after.gaps, scores.gaps)


def test_a_block_is_set_apart_on_both_sides() -> None:
    scores = made("b" * 5 + "x" * 5 + "b" * 5, ends={5: 0.9})
    after = shaped(scores, [Part("boilerplate", 5, 10, 0.9)], ["word"] * 15, TABLE)
    assert chosen(after, 5).breaks
    assert chosen(after, 10) == Role("\n\n")


def test_a_dateline_is_set_as_one() -> None:
    words = "kyiv ukraine ap rain fell on the city all day long".split()
    parts = [Part("dateline", 0, 3, 0.9), Part("body", 3, 11, 0.9)]
    after = shaped(made("ddd" + "b" * 8), parts, words, TABLE)
    assert [chosen(after, i).text for i in (1, 2, 3)] == [", ", " (", ") — "]
    assert [TABLE.cases[int(row.argmax())] for row in after.cases[:3]] == [
        "upper",
        "title",
        "upper",
    ]


@pytest.mark.parametrize(
    ("words", "gaps"),
    [
        ("washington", (" — ",)),
        ("washington reuters", (" (", ") — ")),
        ("phnom penh cambodia ap", ("", ", ", " (", ") — ")),
        ("raleigh n c", (", ", ".", ". — ")),
        ("topeka kan ap", (", ", ". (", ") — ")),
        ("new york", ("", " — ")),
        ("new york ap", ("", " (", ") — ")),
        ("st louis mo", ("", ", ", ". — ")),
        ("port of spain trinidad and tobago", ("", "", ", ", "", "", " — ")),
        ("wellington new zealand ap", (", ", "", " (", ") — ")),
    ],
)
def test_places_regions_and_agencies_are_told_apart(words: str, gaps: tuple[str, ...]) -> None:
    read = read_dateline(words.split())
    assert read is not None
    assert tuple(gap.replace(" ", "", 1) if gap == " " else gap for gap in read.gaps) == gaps


def test_what_is_no_dateline_has_none() -> None:
    assert read_dateline([]) is None
    assert read_dateline(["ap"]) is None
    assert read_dateline(["word"] * 11) is None


def test_the_order_of_the_parts_is_that_of_the_model() -> None:
    assert PARTS == ("body", "headline", "dateline", "boilerplate")


def test_a_city_of_two_words_gets_a_hyphen_only_where_it_is_sure() -> None:
    words = "phnom penh cambodia ap rain fell on the city all day".split()
    parts = [Part("dateline", 0, 4, 0.9), Part("body", 4, 11, 0.9)]
    for hyphen, expected in ((0.45, " "), (0.9, "-")):
        scores = made("dddd" + "b" * 7)
        chances = np.full(len(ROLES), 1e-4, np.float32)
        chances[0], chances[12] = 1 - hyphen, hyphen
        scores.gaps[1] = np.log(chances / chances.sum())
        after = shaped(scores, parts, words, TABLE)
        assert chosen(after, 1).text == expected


def test_without_lines_only_the_form_of_a_dateline_is_set() -> None:
    words = "kyiv ukraine ap rain fell on the city all day long".split()
    parts = [Part("dateline", 0, 3, 0.9), Part("body", 3, 7, 0.9), Part("boilerplate", 7, 11, 0.9)]
    scores = made("ddd" + "b" * 4 + "x" * 4)
    after = shaped(scores, parts, words, TABLE, apart=False)
    assert chosen(after, 3).text == ") — "
    np.testing.assert_array_equal(after.gaps[7], scores.gaps[7])
