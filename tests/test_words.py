"""Words and gaps: laws over any Unicode string, and the cases that shaped the definition."""

from __future__ import annotations

import pytest
import regex
from hypothesis import given
from hypothesis import strategies as st

from cleantext.words import (
    Words,
    is_cased,
    join,
    lower_char,
    lower_word,
    lower_words,
    split,
    upper_char,
)

# surrogates included, and a small alphabet in which words, marks and gaps meet often
TEXTS = st.text(st.characters()) | st.text("aZé9ßİǅΣς٣½\u0301\u0345'\u2019.-$ \n\u00a0\u200b\ud800")
CHARS = st.characters() | st.sampled_from("ßẞİ\u0131\u017f\u212a\u2126µǅǆςΣΐⒶⅧ\u0345ﬁªʰ")


@pytest.mark.parametrize(
    ("text", "words", "gaps"),
    [
        ("", (), ("",)),
        (" \n", (), (" \n",)),
        ("U.S. troops", ("U", "S", "troops"), ("", ".", ". ", "")),
        ("Trump's", ("Trump", "s"), ("", "'", "")),
        ("$1,000%", ("1", "000"), ("$", ",", "%")),
        ("cafe\u0301 x", ("cafe\u0301", "x"), ("", " ", "")),  # a mark belongs to its word …
        (" \u0301x", ("x",), (" \u0301", "")),  # … unless there is none before it
        ("snake_case", ("snake", "case"), ("", "_", "")),
        ("東京 10月", ("東京", "10月"), ("", " ", "")),
        ("a\ud800b", ("a", "b"), ("", "\ud800", "")),
    ],
)
def test_split_finds_words_and_gaps(
    text: str, words: tuple[str, ...], gaps: tuple[str, ...]
) -> None:
    found = split(text)
    assert (found.words, found.gaps) == (words, gaps)
    assert len(found) == len(words)


@given(TEXTS)
def test_join_is_the_inverse_of_split(text: str) -> None:
    found = split(text)
    assert len(found.gaps) == len(found.words) + 1
    assert join(found.words, found.gaps) == found.text == text


@given(TEXTS)
def test_words_hold_all_letters_and_digits(text: str) -> None:
    found = split(text)
    for word in found.words:
        assert regex.fullmatch(r"[\p{L}\p{N}][\p{L}\p{N}\p{M}]*", word)
    for gap in found.gaps:
        assert not regex.search(r"[\p{L}\p{N}]", gap)
    assert all(found.gaps[1:-1])  # two words never touch


@given(TEXTS)
def test_starts_ends_and_gap_spans_tile_the_text(text: str) -> None:
    found = split(text)
    at = 0
    for index, gap in enumerate(found.gaps):
        start, end = found.gap_span(index)
        assert (start, text[start:end]) == (at, gap)
        at = end
        if index < len(found):
            assert found.starts[index] == at
            assert text[at : found.end(index)] == found.words[index]
            at = found.end(index)
    assert at == len(text)


@pytest.mark.parametrize("gaps", [[], [""], ["", "", ""]])
def test_join_refuses_a_wrong_number_of_gaps(gaps: list[str]) -> None:
    with pytest.raises(ValueError, match="1 words need 2 gaps"):
        join(["one"], gaps)


def test_words_built_by_hand_give_their_text() -> None:
    assert Words(("a", "b"), ("(", ", ", ")"), (1, 4)).text == "(a, b)"


# --- case -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lower", "upper"), [("a", "A"), ("é", "É"), ("ж", "Ж"), ("ω", "Ω"), ("ჰ", "Ჰ"), ("ⅷ", "Ⅷ")]
)
def test_letters_that_map_one_to_one_are_cased(lower: str, upper: str) -> None:
    assert (upper_char(lower), lower_char(upper)) == (upper, lower)
    assert (upper_char(upper), lower_char(lower)) == (upper, lower)
    assert is_cased(lower)
    assert is_cased(upper)


@pytest.mark.parametrize(
    "char", ["ß", "ẞ", "İ", "\u0131", "\u017f", "\u212a", "\u2126", "µ", "ǅ", "ς", "ﬁ", "1", "'"]
)
def test_letters_that_do_not_are_left_alone(char: str) -> None:
    assert (upper_char(char), lower_char(char)) == (char, char)
    assert not is_cased(char)


@given(CHARS)
def test_case_maps_are_inverse_where_they_change_anything(char: str) -> None:
    if (lower := lower_char(char)) != char:
        assert upper_char(lower) == char
    if (upper := upper_char(char)) != char:
        assert lower_char(upper) == char
    assert is_cased(char) == (lower != char or upper != char)


@given(TEXTS)
def test_lowering_keeps_length_and_words(text: str) -> None:
    lowered = lower_word(text)
    assert len(lowered) == len(text)
    assert lowered == "".join(map(lower_char, text))
    assert lower_word(lowered) == lowered
    assert split(lowered).starts == split(text).starts


@pytest.mark.parametrize(
    ("word", "lowered"),
    [("McConnell", "mcconnell"), ("ÉTÉ", "été"), ("20TH", "20th"), ("İstanbul", "İstanbul")],
)
def test_lower_word(word: str, lowered: str) -> None:
    assert lower_word(word) == lowered


@given(st.lists(TEXTS))
def test_words_are_lowered_together_as_one_by_one(words: list[str]) -> None:
    assert lower_words(words) == tuple(map(lower_word, words))


@given(TEXTS)
def test_words_of_a_lowered_text_are_lowered_words(text: str) -> None:
    assert split(lower_word(text)).words == lower_words(split(text).words)
