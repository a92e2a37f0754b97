"""The label codec: one style, roles told apart, case patterns that lose nothing, the table."""

from __future__ import annotations

import json

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleantext.tagger.labels import (
    FLAT,
    OTHER,
    SCHEME,
    LabelTable,
    Role,
    apply_case,
    capitalise,
    case_of,
    label,
    normalise,
)
from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.words import join, lower_word

#: Share of small letters inside sentences, as the codec wants it of a word list.
SHARES = {"the": 0.99, "they": 0.99, "president": 0.6, "said": 1.0, "smith": 0.0, "company": 0.9}


# --- one style ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("published", "common"),
    [
        ("“I agree”, he said.", '"I agree," he said.'),
        ('"I agree." he said.', '"I agree." he said.'),
        ("‘One’ isn’t two", "'One' isn't two"),
        ("``quoted''", '"quoted"'),
        ("wait… what", "wait... what"),
        ("wait . . . what", "wait... what"),
        ("wait.....", "wait..."),
        ("wait ...what", "wait... what"),
        ("he said – twice – no", "he said — twice — no"),
        ("he said—twice—no", "he said — twice — no"),
        ("he said -- twice", "he said — twice"),
        ("he said - twice", "he said — twice"),
        ("2019–20", "2019-20"),
        ("a duty-free shop", "a duty-free shop"),
        ("Mr Hun Sen and Dr Who", "Mr. Hun Sen and Dr. Who"),
        ("the mr he knew", "the mr he knew"),
        ("Mr. Smith", "Mr. Smith"),
        ("in St Louis", "in St. Louis"),
        ("on 5th St and", "on 5th St and"),
        ("the U. S. Senate", "the U.S. Senate"),
        ("the U.S. Senate", "the U.S. Senate"),
        ("at 3 p. m. today", "at 3 p.m. today"),
        ("John Doe Jr, 40", "John Doe Jr., 40"),
        ("( as here )", "(as here)"),
        ("yes , he said .", "yes, he said."),
        ("a\u00a0b  c\td", "a b c d"),
        ("zero\u200bwidth", "zerowidth"),
        ("  edges  ", "edges"),
        ("", ""),
    ],
)
def test_normalise(published, common):
    assert normalise(published) == common


@given(st.text(st.sampled_from("aUS19 .,'\"“”‘’–—-()$%\u00a0…")))
def test_normalise_touches_no_letter_and_no_digit(text):
    kept = regex.compile(r"[\p{L}\p{N}]")
    assert kept.findall(normalise(text)) == kept.findall(text)


# --- roles ----------------------------------------------------------------------------------------


def roles_of(text: str) -> list[Role]:
    return list(label(text, SHARES).roles)


@pytest.mark.parametrize(
    ("text", "gap", "role"),
    [
        ("He left. They stayed.", 2, Role(". ", "start")),
        ("the U.S. troops", 3, Role(". ", "inside")),
        ("the U.S. They left.", 3, Role(". ", "start")),
        ("Mr. Smith", 1, Role(". ", "inside")),
        ("Acme Inc. They left", 2, Role(". ", "start")),
        ("Acme Inc. said so", 2, Role(". ", "inside")),
        ("Really? They left", 1, Role("? ", "start")),
        ("Yahoo! said so", 1, Role("! ", "inside")),
        ("Trump's letter", 1, Role("'")),
        ("the countries' trade", 2, Role("' ", "elision")),
        ("he said 'yes' twice", 2, Role(" '", "quote")),
        ("he said 'yes' twice", 3, Role("' ", "quote")),
        ("rock 'n' roll", 1, Role(" '", "elision")),
        ("One.\n\nTwo", 1, Role(".\n\n")),
        ("800,000 people", 1, Role(",")),
        ("duty-free", 1, Role("-")),
        ("flat copy", 1, FLAT),
    ],
)
def test_role(text, gap, role):
    assert roles_of(text)[gap] == role


@pytest.mark.parametrize(
    ("role", "left", "space", "right", "starts", "breaks", "ends"),
    [
        (Role(" "), "", " ", "", False, False, False),
        (Role(". ", "start"), ".", " ", "", True, False, True),
        (Role(". ", "inside"), ".", " ", "", False, False, False),
        (Role('." '), '."', " ", "", False, False, False),
        (Role('."\n\n"'), '."', "\n\n", '"', True, True, True),
        (Role("\n\n"), "", "\n\n", "", True, True, False),
        (Role(".\n\n("), ".", "\n\n", "(", False, True, True),
        (Role(" — "), "", " ", "— ", False, False, False),
        (Role("-"), "-", "", "", False, False, False),
    ],
)
def test_what_a_role_says(role, left, space, right, starts, breaks, ends):
    assert (role.left, role.space, role.right) == (left, space, right)
    assert (role.starts, role.breaks, role.ends) == (starts, breaks, ends)


@pytest.mark.parametrize(
    "text",
    [
        "He left. They stayed.",
        'He said: "I agree." Then he left.\n\n"Me too," said Mr. Smith — twice.',
        "In the U.S., 800,000 people (10%) paid $1.50 each.",
    ],
)
def test_labels_give_the_text_back(text):
    labels = label(text, SHARES)
    inner = [role.text for role in labels.roles]
    assert join(labels.words.words, inner) == text


def test_case_is_hidden_where_a_sentence_begins():
    labels = label("The company left. IBM told Smith so. Smith left", SHARES)
    cases = list(zip(labels.words.words, labels.cases, strict=True))
    assert cases == [
        ("The", None),
        ("company", "lower"),
        ("left", "lower"),
        ("IBM", "upper"),
        ("told", "lower"),
        ("Smith", "title"),
        ("so", "lower"),
        ("Smith", None),
        ("left", "lower"),
    ]


# --- case -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("word", "pattern"),
    [
        ("its", "lower"),
        ("It", "title"),
        ("I", "title"),
        ("IT", "upper"),
        ("MPs", "upper-last"),
        ("iOS", "upper-first"),
        ("McConnell", "0,2"),
        ("MacDonald", "0,3"),
        ("iPhone", "1"),
        ("G20s", "title"),
        ("20th", "lower"),
        ("1990", "lower"),
        ("É", "title"),
        ("ÉCOLE", "upper"),
        ("東京", "lower"),
    ],
)
def test_case_of(word, pattern):
    assert case_of(word) == pattern
    assert apply_case(lower_word(word), pattern) == word


LETTERS = st.text("abXYZéÉßİ\u0131ǅΣς09²\u0301\u0345", min_size=1)
ANY_LETTERS = st.text(st.characters(categories=["L", "N", "M"]), min_size=1)


@given(LETTERS | ANY_LETTERS)
def test_case_patterns_lose_nothing(word):
    assert apply_case(lower_word(word), case_of(word)) == word


@given(
    LETTERS | ANY_LETTERS,
    st.sampled_from(("lower", "title", "upper", "upper-last", "upper-first", "0,2", "1", "0,9")),
)
def test_a_pattern_changes_case_only(word, pattern):
    made = apply_case(word, pattern)
    assert len(made) == len(word)
    assert lower_word(made) == lower_word(word)


def test_a_pattern_that_asks_for_too_much_gives_the_title_form():
    assert apply_case("abc", "0,9") == "Abc"
    assert apply_case("123", "upper") == "123"


@pytest.mark.parametrize(
    ("word", "raised"), [("the", "The"), ("20th", "20th"), ("iPhone", "IPhone")]
)
def test_capitalise(word, raised):
    assert capitalise(word) == raised


# --- the table ------------------------------------------------------------------------------------


def test_the_shipped_table_is_sound():
    manifest = json.loads((MODEL_FOLDER / "model.json").read_text("utf-8"))
    table = LabelTable.from_dict(manifest["labels"])
    assert table.roles[:2] == (FLAT, OTHER)
    assert len(set(table.roles)) == len(table.roles)
    assert len(set(table.cases)) == len(table.cases)
    assert {"lower", "title", "upper"} <= set(table.cases)
    wanted = (Role("\n\n"), Role(". ", "start"), Role(".\n\n"), Role(", "), Role("'"), Role("-"))
    assert [role for role in wanted if role not in table.role_index] == []


ROLES = st.builds(Role, st.text(" .,'\"\n"), st.sampled_from(("", "start", "inside", "quote")))


@given(st.lists(ROLES, unique=True), st.lists(st.text("upl0,1"), unique=True))
def test_the_table_comes_back_from_json(roles, cases):
    table = LabelTable((FLAT, OTHER, *roles), tuple(cases))
    again = LabelTable.from_dict(json.loads(json.dumps(table.to_dict())))
    assert again == table
    assert [again.roles[again.role_index[role]] for role in roles] == roles


@pytest.mark.parametrize("scheme", [None, SCHEME + 1])
def test_a_table_of_another_scheme_is_refused(scheme):
    with pytest.raises(ValueError, match=rf"label scheme {scheme}.*train the model again"):
        LabelTable.from_dict({"scheme": scheme, "roles": [], "cases": []})
