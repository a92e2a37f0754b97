"""Sums keep to what the text says of its country; numbers have one point at most."""

import pytest

import cleantext
from cleantext.tagger.money import dollars_doubtful

BRITISH = "the firm in leeds said it would pay 24 million for a rival in london and 3 5 billion for a port in england"
AMERICAN = "the firm in texas said it would pay 24 million for a rival in chicago and 3 5 billion for a port in florida"


def test_a_british_text_gets_no_dollars() -> None:
    assert "$" not in cleantext.restore(BRITISH).text
    assert "$24 million" in cleantext.restore(AMERICAN).text


@pytest.mark.parametrize(
    ("text", "doubtful"),
    [
        ("", False),
        ("london", False),
        ("london england", True),
        ("london england washington", True),
        ("london england washington congress", False),
        ("a u s firm in london england senate", False),
        ("LONDON England", True),
        ("he told us that leeds and england fans asked us", True),
    ],
)
def test_what_makes_dollars_doubtful(text: str, doubtful: bool) -> None:
    assert dollars_doubtful(text.split()) is doubtful


def test_no_number_has_two_points() -> None:
    assert "2.1.2" not in cleantext.restore("they have won 2 1 2 games a season so far").text
    assert "3.5 percent" in cleantext.restore("unemployment rose to 3 5 percent in june").text


def test_a_list_of_numbers_is_not_one_number() -> None:
    routes = "the strike will affect passengers on bus routes 402 555 and 614 in omaha on monday"
    assert "402,555" not in cleantext.restore(routes).text
    people = (
        "the county has 402 555 people and 614 schools that were counted in the census last year"
    )
    assert "402,555 people" in cleantext.restore(people).text
