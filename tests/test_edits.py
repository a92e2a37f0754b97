"""Edits: what each kind may do and may not, and the laws of making and undoing them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import FrozenInstanceError

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleantext.edits import KINDS, Edit, EditError, Kind, apply, in_order, invert

TEXTS = st.text(st.characters()) | st.text("abZé9ß'.- \n\u0301\u200b\ud800")
#: Few characters, so that random pairs often fit a predicate.
SHORT = st.text("aAbBéÉ9İ\u0301 .,-$\n\u200b", max_size=4)

ALLOWED: dict[Kind, list[tuple[str, str]]] = {
    "decode": [("â€™", "\u2019"), ("&amp;", "&"), ("\x00", ""), ("Ã©t", "ét")],
    "space": [(" ", "\n\n"), ("\u200b", ""), ("", " "), ("\t\ufeff", " ")],
    "drop": [("Read more", ""), (" (Reuters)\n", "\n"), ("—", " ")],
    "split": [("ofthe", "of the"), ("abc", "a b\nc")],
    "complete": [("apitalism", "Capitalism"), ("governm", "government"), ("Éta", "état")],
    "case": [
        ("hun", "Hun"),
        ("COVID", "covid"),
        ("mcconnell", "McConnell"),
        ("é", "É"),
        ("u s", "U S"),
    ],
    "mark": [(" ", ", "), ("", '"'), ("-", " — "), (" ", ".\n\n")],
    "number": [(" ", ","), ("", "$"), (" ", "."), ("", "%")],
}
REFUSED: dict[Kind, list[tuple[str, str]]] = {
    "decode": [],  # may do anything but nothing
    "space": [(" ", ", "), ("a", " "), (" ", "\u0301"), ("-", " ")],
    "drop": [("Read more", "more"), ("a", "."), ("", " ")],
    "split": [("ofthe", "of teh"), ("of the", "ofthe"), ("of the", "of  the"), ("ab", "a-b")],
    "complete": [("cat", "dog"), ("cat", "at"), ("cat", "CAT"), ("c", "xcx")],
    "case": [
        ("hun", "Sun"),
        ("hun", "Huns"),
        ("ß", "SS"),
        ("ß", "ẞ"),
        ("İ", "i"),
        ("\u017f", "S"),
        (" ", "."),
    ],
    "mark": [(" ", "a"), ("s", "'s"), (" ", "\u0301"), ("1", "")],
    "number": [(" ", "0"), ("8", ""), ("", "m")],
}


def _pairs(table: dict[Kind, list[tuple[str, str]]]) -> list[tuple[Kind, str, str]]:
    return [(kind, *pair) for kind, pairs in table.items() for pair in pairs]


def test_every_kind_is_tried_both_ways() -> None:
    assert set(ALLOWED) == set(REFUSED) == set(KINDS)


@pytest.mark.parametrize(("kind", "before", "after"), _pairs(ALLOWED))
def test_a_kind_allows_what_it_is_for(kind: Kind, before: str, after: str) -> None:
    edit = Edit(3, before, after, kind, "because")
    assert edit.end == 3 + len(before)
    assert apply("xyz" + before, [edit]) == "xyz" + after


@pytest.mark.parametrize(("kind", "before", "after"), _pairs(REFUSED))
def test_a_kind_refuses_everything_else(kind: Kind, before: str, after: str) -> None:
    with pytest.raises(EditError, match=f"a '{kind}' edit may not turn"):
        Edit(0, before, after, kind, "because")


@pytest.mark.parametrize(
    ("kind", "before", "after"),
    [
        ("split", "", " "),  # nothing is split
        ("split", "a", " a"),  # the space is not inside
        ("complete", "", "foo bar"),  # no word was cut: this invents two
        ("complete", "a", "a, then 5"),  # more than the word
    ],
)
def test_a_kind_refuses_what_it_is_not_for(kind: Kind, before: str, after: str) -> None:
    with pytest.raises(EditError):
        Edit(0, before, after, kind, "because")


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("text", ["", " ", "a", "."])
def test_an_edit_must_change_something(kind: Kind, text: str) -> None:
    with pytest.raises(EditError, match="must change something"):
        Edit(0, text, text, kind, "because")


def test_an_unknown_kind_is_named() -> None:
    with pytest.raises(EditError, match="'spelling'"):
        Edit(0, "a", "b", "spelling", "because")  # type: ignore[arg-type]


def test_an_edit_is_frozen_and_plain_data() -> None:
    edit = Edit(1, " ", ", ", "mark", "clause", 0.75, 2, "punctuation")
    with pytest.raises(FrozenInstanceError):
        edit.start = 0  # type: ignore[misc]
    assert Edit(**edit.to_dict()) == edit


# --- predicates as laws ---------------------------------------------------------------------------


def _accepted(kind: Kind, before: str, after: str) -> bool:
    try:
        Edit(0, before, after, kind, "because")
    except EditError:
        return False
    return True


def _letters(text: str) -> str:
    return str(regex.sub(r"[^\p{L}\p{N}\p{M}]", "", text))


@given(SHORT, SHORT)
def test_marks_numbers_and_spaces_touch_no_letter_or_digit(before: str, after: str) -> None:
    for kind in ("mark", "number", "space"):
        if _accepted(kind, before, after):
            assert _letters(before) == _letters(after) == ""


@given(SHORT, SHORT)
def test_only_four_kinds_may_change_the_words(before: str, after: str) -> None:
    if _letters(before).casefold() != _letters(after).casefold():
        assert not any(
            _accepted(kind, before, after) for kind in ("case", "mark", "number", "space", "split")
        )


@given(SHORT, SHORT)
def test_case_can_be_undone_letter_by_letter(before: str, after: str) -> None:
    if _accepted("case", before, after):
        assert _accepted("case", after, before)
        assert len(before) == len(after)
        assert before.casefold() == after.casefold()


@given(SHORT, SHORT)
def test_drops_only_shorten_words_and_completions_only_lengthen_them(
    before: str, after: str
) -> None:
    if _accepted("drop", before, after):
        assert _letters(after) == ""
    if _accepted("complete", before, after):
        assert len(after.casefold()) > len(before.casefold())


# --- apply and invert -----------------------------------------------------------------------------


@st.composite
def edited(draw: st.DrawFn) -> tuple[str, tuple[Edit, ...]]:
    """A text and edits that fit it: each kind, side by side and apart, insertions included."""
    text = draw(TEXTS)
    places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=12)))
    edits: list[Edit] = []
    for start, end in zip(places[::2], places[1::2], strict=False):
        before, after = text[start:end], draw(SHORT)
        kinds = [kind for kind in KINDS if before != after and _accepted(kind, before, after)]
        if kinds:
            edits.append(Edit(start, before, after, draw(st.sampled_from(kinds)), "because"))
    return text, in_order(edits)


@given(edited())
def test_invert_is_the_inverse_of_apply(case: tuple[str, tuple[Edit, ...]]) -> None:
    text, edits = case
    assert invert(apply(text, edits), edits) == text


@given(edited())
def test_apply_changes_what_the_edits_say_and_nothing_else(
    case: tuple[str, tuple[Edit, ...]],
) -> None:
    text, edits = case
    made = text
    for edit in reversed(edits):
        made = made[: edit.start] + edit.after + made[edit.end :]
    assert apply(text, edits) == made


def test_an_insertion_comes_before_what_it_stands_before() -> None:
    insertion = Edit(1, "", '"', "mark", "quote")
    capital = Edit(1, "b", "B", "case", "name")
    assert in_order([capital, insertion]) == (insertion, capital)
    assert apply("ab", [insertion, capital]) == 'a"B'
    assert invert('a"B', [insertion, capital]) == "ab"


def test_two_insertions_at_one_place_keep_their_order() -> None:
    edits = in_order([Edit(1, "", ",", "mark", "clause"), Edit(1, "", " ", "space", "gap")])
    assert apply("ab", edits) == "a, b"
    assert invert("a, b", edits) == "ab"


@pytest.mark.parametrize(
    ("text", "edits", "message"),
    [
        ("abc", [Edit(0, "ab", "AB", "case", ""), Edit(1, "b", "B", "case", "")], "overlap"),
        ("abc", [Edit(2, "c", "C", "case", ""), Edit(0, "a", "A", "case", "")], "out of order"),
        ("abc", [Edit(0, "a", "A", "case", ""), Edit(0, "a", "A", "case", "")], "overlap"),
        ("abc", [Edit(0, "b", "B", "case", "")], "expected 'b' at 0, found 'a'"),
        ("abc", [Edit(2, "cd", "CD", "case", "")], "expected 'cd' at 2, found 'c'"),
        ("abc", [Edit(4, "", ".", "mark", "")], "at 4"),
        ("abc", [Edit(-1, "c", "C", "case", "")], "at -1"),
    ],
)
def test_apply_refuses_edits_that_do_not_fit(
    text: str, edits: Sequence[Edit], message: str
) -> None:
    with pytest.raises(EditError, match=message):
        apply(text, edits)


@pytest.mark.parametrize(
    ("text", "edits"),
    [
        ("abc", [Edit(0, "a", "A", "case", "")]),
        ("Ab", [Edit(0, "a", "A", "case", ""), Edit(2, "c", "C", "case", "")]),
        ("", [Edit(0, "", ".", "mark", "")]),
    ],
)
def test_invert_refuses_a_text_that_the_edits_did_not_make(
    text: str, edits: Sequence[Edit]
) -> None:
    with pytest.raises(EditError, match="expected"):
        invert(text, edits)
