"""The measure of other punctuation models: its sentences, its texts, its marks."""

from __future__ import annotations

import pytest

from cleantext.canon.marks import gap_marks
from cleantext.canon.score import Count
from cleantext.training.corpus import Article
from cleantext.training.glued import compare, glued_table, glued_texts, peer_marks, sentences
from cleantext.words import split


def article(*paragraphs: str, name: str = "1", title: str = "A ferry is late again") -> Article:
    return Article(name, "The Daily Quince", title, paragraphs)


# --- sentences ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("paragraph", "found"),
    [
        ("The ferry left. It came back at 5 p.m. on Monday.", 2),
        ("Mr Hun left the U.S. on Friday. He did not return.", 2),
        ("“The boat is gone,” she said. “It will not be back.”", 2),
        ("Is it late again? It is! So they say… Nobody knows that.", 3),
        ("the ferry left at noon. Then it came back.", 1),  # the cut-off start is left out
        ("The ferry left at noon. And then it", 1),  # and so is the cut-off end
        ("A ferry is late again", 0),
        ("Late. Again. Too late.", 0),
    ],
)
def test_sentences(paragraph: str, found: int) -> None:
    assert len(sentences(article(paragraph))) == found


def test_sentences_keep_their_marks_and_lose_nothing_between_them() -> None:
    text = '"The boat is gone," she said. (It was old.) "It will not be back."'
    assert " ".join(sentences(article(text))) == text


def test_headlines_are_no_sentences() -> None:
    assert sentences(article("The ferry left at noon.", title="Is the ferry late again?")) == (
        "The ferry left at noon.",
    )


# --- texts ----------------------------------------------------------------------------------------

MANY = [
    article(*(f"Ferry {n} left pier {k} at noon." for k in range(4)), name=str(n))
    for n in range(30)
]


def test_texts_are_ten_sentences_of_different_articles() -> None:
    for text in glued_texts(MANY, 50):
        boats = split(text).words[1::7]
        assert len(boats) == 10
        assert len(set(boats)) == 10


def test_texts_are_always_the_same_and_follow_the_seed() -> None:
    first = list(glued_texts(MANY, 20))
    assert first == list(glued_texts(MANY, 20))
    assert first[:5] == list(glued_texts(MANY, 5)), "fewer texts are the first ones"
    assert first != list(glued_texts(MANY, 20, seed=8))
    assert len(set(first)) == 20


def test_fewer_articles_make_shorter_texts_and_none_makes_none() -> None:
    assert [len(split(text)) // 7 for text in glued_texts(MANY[:3], 2)] == [3, 3]
    assert list(glued_texts([article("no sentence here")], 5)) == []


# --- marks ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "marks"),
    [
        ('It left." So', {2: "period"}),
        ('It left," she', {2: "comma"}),
        ("Acme Inc., of", {2: "comma"}),
        ("Did Mr. Hun go?", {2: "period", 4: "question"}),
        ("in the U.S. and at 5 p.m. or so", {}),
        ("all of 1,500 or 1.5", {}),
        ("Go! Now: it's a two-way “street” — really; no…", {}),
        ("so (they say), it", {3: "comma"}),
    ],
)
def test_one_mark_a_gap(text: str, marks: dict[int, str]) -> None:
    assert peer_marks(gap_marks(split(text))) == marks


def test_counts_are_per_gap_and_per_letter() -> None:
    counts = compare("The ferry, left. Did NATO. go?", "The ferry left. did Nato go? No.")
    # the last word is missing: what stands in its gaps and its capital count as missed
    assert counts["comma"] == Count(0, 1, 0)
    assert counts["period"] == Count(1, 2, 2)
    assert counts["case_char"] == Count(2, 6, 3)


def test_a_wrong_mark_is_wrong_on_both_sides() -> None:
    counts = compare("Is it late. Yes.", "Is it late? Yes.")
    assert counts["period"] == Count(1, 2, 1)
    assert counts["question"] == Count(0, 0, 1)


def test_marks_that_the_others_do_not_set_count_for_nothing() -> None:
    plain, rich = "It left he said slowly.", "“It left”: he said — slowly."
    assert compare(plain, rich) == compare(rich, rich)


def test_the_table_shows_the_others_beside_ours() -> None:
    ours = {"period": 94.04, "comma": None, "question": 84.0, "case_char": 96.0}
    figures = {"texts": 3000, "words": 600_000, "otherwise": 7, "default": ours, "bare": ours}
    lines = glued_table(figures).splitlines()
    assert "| period | 94.0 | 94.0 | 91.8 | 92.4 |" in lines
    assert "| comma | – | – | 78.2 | 78.8 |" in lines
