"""Units: two ways to write one thing have one key, and neighbours that say something else do not."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import cleantext.canon.forms as forms
from cleantext.canon.variants import find_units
from cleantext.words import split

DATA = Path(forms.__file__).parents[1] / "data"

#: What the rules look at, in any order.
parts = st.sampled_from(
    [
        *list("aSUI19 .,:%$€£-\n'"),
        *"US|$|10|bn| million | five | hundred | and | per cent| p.m. | Nov. | 26 ".split("|"),
        *" United States | colour |organised|U.S.|2pm".split("|"),
    ]
)
texts = st.text(max_size=60) | st.lists(parts, max_size=40).map("".join)


def keys(text: str) -> list[str]:
    """The keys of a text: of its units, and its other words as they are."""
    words = split(text)
    found: list[str] = []
    units = {unit.start: unit for unit in find_units(words)}
    i = 0
    while i < len(words):
        unit = units.get(i)
        found.append(unit.key if unit else words.words[i].lower())
        i = unit.stop if unit else i + 1
    return found


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("US$10 billion", "$10bn"),
        ("$10 billion", "10 billion dollars"),
        ("£5m", "5 million pounds"),
        ("1,500,000", "1.5 million"),
        ("1,000", "1000"),
        ("10bn", "ten billion"),
        ("five", "5"),
        ("twenty-one", "21"),
        ("two hundred and six", "206"),
        ("third", "3rd"),
        ("10%", "10 percent"),
        ("10 %", "10 per cent"),
        ("2pm", "2 p.m."),
        ("2 pm", "2:00 p.m."),
        ("2.30pm", "2:30 p.m."),
        ("Nov 26", "November 26"),
        ("Nov. 26", "26 November"),
        ("May 3", "3rd May"),
        ("Nov", "November"),
        ("U.S.", "US"),
        ("US", "United States"),
        ("the u s ship", "the U.S. ship"),
        ("U. K.", "United Kingdom"),
        ("F.B.I.", "FBI"),
        ("World Health Organisation", "WHO"),
        ("Sen. Rubio", "Senator Rubio"),
        ("colour", "color"),
        ("Counselled", "counseled"),
        ("reprivatised", "reprivatized"),
        ("towards", "toward"),
    ],
)
def test_two_ways_to_write_one_thing_have_one_key(one: str, other: str) -> None:
    assert keys(one) == keys(other)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("10 billion", "10 million"),
        ("$10", "$10 billion"),
        ("1,000", "1.000"),
        ("1,50", "150"),
        ("five", "fifth"),
        ("twenty one hundred", "21"),
        ("10%", "10"),
        ("2pm", "2am"),
        ("2pm", "2"),
        ("2:30pm", "2:03pm"),
        ("Nov 26", "Nov 27"),
        ("Nov 26", "Dec 26"),
        ("November 2017", "November 20"),
        ("may 3", "march 3"),
        ("let us go", "let US go"),
        ("who", "WHO"),
        ("United Nations", "United States"),
        ("United. States", "United States"),
        ("the U N ship", "the U.S. ship"),
        ("sat", "Saturday"),
        ("colour", "colored"),
        ("prise", "prize"),
        ("filled", "filed"),
        ("tour", "tor"),
    ],
)
def test_what_says_something_else_has_another_key(one: str, other: str) -> None:
    assert keys(one) != keys(other)


@pytest.mark.parametrize(
    ("text", "span", "money"),
    [
        ("some US$10 billion worth", "US$10 billion", "US$"),
        ("some $10bn worth", "$10bn", "$"),
        ("some 10 billion dollars worth", "10 billion dollars", "$"),
        ("some 7€ worth", "7€", "€"),
        ("some 7 $8", "7", ""),
        ("some 10 per cent of", "10 per cent", ""),
        ("some 10 % of", "10 %", ""),
        ("at 2 p.m. on", "2 p.m.", ""),
        ("by 1,500.75 in", "1,500.75", ""),
    ],
)
def test_a_number_holds_its_signs(text: str, span: str, money: str) -> None:
    unit = find_units(split(text))[0]
    assert text[unit.text_start : unit.text_stop] == span
    assert unit.number is not None
    assert unit.number.money == money


@pytest.mark.parametrize(
    ("text", "span"),
    [("by Nov. then", "Nov."), ("by Nov... then", "Nov"), ("the U.S. then", "U.S.")],
)
def test_a_short_form_holds_its_stop(text: str, span: str) -> None:
    (unit,) = find_units(split(text))
    assert text[unit.text_start : unit.text_stop] == span


@given(texts)
def test_units_are_in_order_and_hold_their_words(text: str) -> None:
    words = split(text)
    last = 0
    for unit in find_units(words):
        assert last <= unit.start < unit.stop <= len(words)
        assert unit.text_start <= words.starts[unit.start]
        assert unit.text_stop >= words.end(unit.stop - 1)
        assert 0 <= unit.text_start < unit.text_stop <= len(text)
        assert unit.key
        last = unit.stop


@pytest.mark.parametrize(
    "text", ["9" * 50_000, "a." * 50_000, "hundred and " * 30_000, "1," * 9_000]
)
def test_hostile_texts_are_read(text: str) -> None:
    assert isinstance(find_units(split(text)), list)


# --- single words ---------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("ours", "gold", "kind"),
    [
        ("south east", "southeast", "spelling variant"),
        ("f b i", "fbi", "abbreviation"),
        ("ph d", "phd", "abbreviation"),
        ("1 000", "1000", "number form"),
        ("south east", "south west", None),
        ("same", "same", None),
    ],
)
def test_same_letters(ours: str, gold: str, kind: str | None) -> None:
    assert forms.same_letters(ours.split(), gold.split()) == kind
    assert forms.same_letters(gold.split(), ours.split()) == kind


def test_titles_and_short_forms() -> None:
    assert forms.is_honorific(["mr"])
    assert forms.is_honorific(["prime", "minister"])
    assert not forms.is_honorific(["hun"])
    assert forms.is_abbreviated("Mr")
    assert not forms.is_abbreviated("Men")


def test_the_lists_are_clean() -> None:
    rows = list(csv.reader((DATA / "spelling.tsv").open(encoding="utf-8"), delimiter="\t"))
    british, american = ({row[k] for row in rows} for k in (0, 1))
    assert all(len(row) == 2 and row[0] != row[1] for row in rows)
    assert len(british) == len(rows) > 1_500
    assert not british & american
    assert [row[0] for row in rows] == sorted(british)
    for row in csv.reader((DATA / "abbreviations.tsv").open(encoding="utf-8"), delimiter="\t"):
        assert len(row) in (2, 3)
        assert row[2:] in ([], ["cased"])
