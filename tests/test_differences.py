"""Differences: each kind with its negative neighbour, and what holds for any two texts."""

from __future__ import annotations

import time

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.canon.check import check
from cleantext.canon.differences import KINDS, Difference

HEAD = "On Monday morning the old harbour master walked down to the quay "
TAIL = " and told the waiting crowd what he had seen during the long night."
MOVED = "The lighthouse keeper had left his post two hours before the storm began."

texts = st.text(max_size=50) | st.text(
    st.sampled_from(list("aSb19 .,:;?!'\"()-$%\n") + list("“”’—…€\u00a0\u0301")), max_size=50
)
pieces = st.sampled_from(
    [
        "the", "Hun", "hun", "u", "s", "US", "us", "Mr", "10", "five", "5", "bn", "billion", "10bn",
        "colour", "color", "south", "east", "southeast", "President", "percent", "per", "cent", "Nov",
        "November", "26", "2pm", "2", "p", "m", "organised", "organized", "United", "States",
        MOVED, "ship", "port", "men",
    ]
)  # fmt: skip
gaps = st.sampled_from(
    [" ", " ", " ", ". ", ".", ", ", '"', ' "', '," ', "'", "’", "-", " — ", "\n\n", " $", "%", "…"]
)


@st.composite
def versions(draw: st.DrawFn) -> tuple[str, str]:
    """Two texts that share most of their words, with stretches added, dropped and moved."""
    words = draw(st.lists(pieces, max_size=25))
    sides = []
    for _ in range(2):
        mine = list(words)
        if mine and draw(st.booleans()):
            start = draw(st.integers(0, len(mine)))
            stop = draw(st.integers(start, len(mine)))
            stretch = mine[start:stop]
            del mine[start:stop]
            place = draw(st.integers(0, len(mine)))
            mine[place:place] = stretch * draw(st.integers(0, 2))
        sides.append("".join(word + draw(gaps) for word in mine))
    return sides[0], sides[1]


pairs = versions() | st.tuples(texts, texts)


def named(text: str, canonical: str, *, style: bool = False) -> list[tuple[str, str, str]]:
    found = check(HEAD + text + TAIL, HEAD + canonical + TAIL, style=style).differences
    return [(d.kind, d.text, d.canonical) for d in found]


@pytest.mark.parametrize(
    ("text", "canonical", "expected"),
    [
        ("with hun sen", "with Hun Sen", [("casing", "hun", "Hun"), ("casing", "sen", "Sen")]),
        ("with Hun", "with Hun", []),
        ("here, he said", "here he said", [("mark", ",", "")]),
        ("here he said", "here, he said", [("mark", "", ",")]),
        ("here, he said", "here. he said", [("mark", ",", ".")]),
        ("here\n\nhe said", "here he said", [("mark", "\n\n", "")]),
        ("a “good” ship", 'a "good" ship', [("quote style", "“", '"'), ("quote style", "”", '"')]),
        ("a 'good' ship", 'a "good" ship', [("quote style", "'", '"'), ("quote style", "'", '"')]),
        ("it’s", "it's", [("quote style", "’", "'")]),
        ('the "end", he', 'the "end," he', [("quote style", '", ', '," ')]),
        ('the "end" he', 'the "end," he', [("mark", "", ",")]),
        ("here – he", "here — he", [("mark style", "–", "—")]),
        ("here… he", "here... he", [("mark style", "…", "...")]),
        ("here—he", "here — he", [("spacing", "—", " — ")]),
        ("ten\u00a0men", "ten men", [("spacing", "\u00a0", " ")]),
        ("one\ntwo", "one\n\ntwo", [("spacing", "\n", "\n\n")]),
        ("his colour", "his color", [("spelling variant", "colour", "color")]),
        ("his colour", "his odor", [("word changed", "colour", "odor")]),
        ("Organised it", "organized it",
         [("spelling variant", "Organised", "organized"), ("casing", "Organised", "organized")]),
        ("the South-east ship", "the southeast ship",
         [("spelling variant", "South-east", "southeast")]),
        ("up-ended every", "upended all",
         [("spelling variant", "up-ended", "upended"), ("word changed", "every", "all")]),
        ("worth US$10 billion", "worth $10bn", [("number form", "US$10 billion", "$10bn")]),
        ("worth $10 billion", "worth £10 billion", [("mark", "$", "£")]),
        ("worth $10bn", "worth £10 billion", [("mark", "$", "£"), ("word changed", "10bn", "10 billion")]),
        ("worth 10 billion", "worth 12 billion", [("word changed", "10", "12")]),
        ("at 2pm sharp", "at 2 p.m. sharp", [("number form", "2pm", "2 p.m.")]),
        ("at 2pm sharp", "at 3 p.m. sharp", [("word changed", "2pm", "3 p.m.")]),
        ("some five men", "some 5 men", [("number form", "five", "5")]),
        ("some 10% of", "some 10 per cent of", [("number form", "10%", "10 per cent")]),
        ("on 26 November, he", "on Nov. 26, he", [("number form", "26 November", "Nov. 26")]),
        ("on Nov 26 he", "on November 26 he", [("abbreviation", "Nov 26", "November 26")]),
        ("on Nov 26 he", "on Nov. 26 he", [("abbreviation", "", ".")]),
        ("on Nov he", "on November he", [("abbreviation", "Nov", "November")]),
        ("on Hun 26 he", "on Hun. 26 he", [("mark", "", ".")]),
        ("the U.S. ship", "the US ship", [("abbreviation", "U.S.", "US")]),
        ("the US, he", "the United States, he", [("abbreviation", "US", "United States")]),
        ("from the US. The", "from the U.S. The", [("abbreviation", "US", "U.S.")]),
        ("the U S ship", "the U.S. ship", [("mark", "", "."), ("mark", "", ".")]),
        ("the United Nations", "the United States", [("word changed", "Nations", "States")]),
        ("told Mr Hun so", "told Hun so", [("honorific", "Mr", "")]),
        ("told Mr Hun so", "told President Hun so", [("honorific", "Mr", "President")]),
        ("told Hun Sen that", "told Hun that", [("phrase added", "Sen", "")]),
        ("told big men", "told small men", [("word changed", "big", "small")]),
        ("its USDAs", "its USDA's", [("mark", "USDAs", "USDA's")]),
        ("told the two men", "told the men", [("phrase added", "two", "")]),
        ("told men", "told all the men", [("phrase missing", "", "all the")]),
    ],
)  # fmt: skip
def test_each_kind(text: str, canonical: str, expected: list[tuple[str, str, str]]) -> None:
    assert named(text, canonical) == expected
    mirrored = {"phrase added": "phrase missing", "phrase missing": "phrase added"}
    assert sorted(named(canonical, text)) == sorted(
        (mirrored.get(kind, kind), other, one) for kind, one, other in expected
    )


def test_a_mark_says_which_it_is() -> None:
    missing, replaced = check("so he left now, Then", "so, he left now. Then").differences
    assert (missing.detail, missing.marks) == ("comma missing", ("", "comma"))
    assert (replaced.detail, replaced.marks) == ("comma for period", ("comma", "period"))


def test_a_flat_text_lost_its_stops_and_abbreviates_nothing() -> None:
    canonical = HEAD + "with Mr. Hun, Dr. Sen, and the crew," + TAIL
    flat = "".join(char for char in canonical if char.isalnum() or char == " ")
    kinds = {found.kind for found in check(flat, canonical).differences}
    assert kinds == {"mark"}


def test_a_number_says_that_its_currency_is_missing() -> None:
    (found,) = check("worth 10bn in all", "worth $10 billion in all").differences
    assert (found.kind, found.canonical, found.detail) == (
        "number form",
        "$10 billion",
        "currency missing",
    )


def test_a_sentence_that_stands_elsewhere_is_moved() -> None:
    a, b = f"{HEAD}{MOVED} {HEAD.upper()}{TAIL}", f"{HEAD}{HEAD.upper()}{TAIL} {MOVED}"
    (found,) = [d for d in check(a, b).differences if d.kind == "sentence moved"]
    assert found.text == found.canonical == MOVED.rstrip(".")
    assert not {"phrase added", "phrase missing"} & {d.kind for d in check(a, b).differences}


def test_a_short_phrase_that_stands_elsewhere_is_added_and_missing() -> None:
    a, b = f"the old red ship {HEAD}{TAIL}", f"{HEAD}{TAIL} the old red ship"
    assert [d.kind for d in check(a, b).differences if d.kind != "mark"] == [
        "phrase added",
        "phrase missing",
    ]


def test_within_a_moved_sentence_differences_are_named() -> None:
    a, b = f"{HEAD}{MOVED.lower()} {TAIL * 2}", f"{HEAD}{TAIL * 2} {MOVED}"
    kinds = [(d.kind, d.text, d.canonical) for d in check(a, b).differences]
    assert ("casing", "the", "The") in kinds


@pytest.mark.parametrize("side", ["text", "canonical version"])
def test_a_block_that_stands_twice_on_one_side_is_repeated(side: str) -> None:
    once, twice = f"{HEAD}{MOVED} {TAIL}", f"{HEAD}{MOVED} {MOVED} {TAIL}"
    report = check(twice, once) if side == "text" else check(once, twice)
    (found,) = report.differences
    assert (found.kind, found.detail) == ("block repeated", f"once more in the {side}")
    assert found.text == found.canonical == MOVED.rstrip(".")


def test_a_new_block_is_no_repeat() -> None:
    (found,) = check(f"{HEAD}{MOVED} {TAIL}", HEAD + TAIL).differences
    assert (found.kind, found.text) == ("phrase added", MOVED.rstrip("."))


def test_a_block_of_the_page_is_boilerplate() -> None:
    text = f"{HEAD}{TAIL}\n\nADVERTISEMENT\n\n{MOVED}"
    (found,) = check(text, f"{HEAD}{TAIL}\n\n{MOVED}").differences
    assert (found.kind, found.text) == ("boilerplate", "ADVERTISEMENT")
    (other,) = check(f"{HEAD}{TAIL}\n\n{MOVED}", text).differences
    assert (other.kind, other.canonical) == ("boilerplate", "ADVERTISEMENT")


@pytest.mark.parametrize(
    ("text", "canonical"),
    [
        ("he had taken p", "he had taken part in it"),
        ("apitalism has failed", "Capitalism has failed"),
    ],
)
def test_a_cut_word_is_told(text: str, canonical: str) -> None:
    (found,) = [d for d in check(text, canonical).differences if d.kind == "word changed"]
    assert found.detail == "cut word"


def test_a_word_that_was_not_cut_is_just_changed() -> None:
    found = check("he had taken it", "he had taken part in a seminar held at home").differences
    assert not [d for d in found if d.detail == "cut word"]


def test_words_alike_by_chance_do_not_cut_up_a_new_paragraph() -> None:
    ours = "men in grey coats stood under the lamps and smoked without a word to anyone"
    theirs = "seven boats which belonged to fishermen lay beyond the pier with their sails torn"
    kinds = [kind for kind, _, _ in named(ours, theirs)]
    assert kinds == ["phrase added", "phrase missing"]


def test_style_leaves_out_what_houses_set_differently_and_nothing_else() -> None:
    text, canonical = "“Mr Hun”, the US — he, so", '"Mr. Hun," the U.S.—he so'
    assert named(text, canonical, style=True) == [("mark", ",", "")]
    assert named("the US", "the United States", style=True) != []
    assert named("colour", "color", style=True) != []


# --- what holds for any two texts -----------------------------------------------------------------


@given(pairs)
def test_places_slice_to_the_strings_told(pair: tuple[str, str]) -> None:
    text, canonical = pair
    for style in (False, True):
        for found in check(text, canonical, style=style).differences:
            assert 0 <= found.text_start <= found.text_stop <= len(text)
            assert text[found.text_start : found.text_stop] == found.text
            assert canonical[found.canonical_start : found.canonical_stop] == found.canonical
            assert found.text or found.canonical
            assert 0 < found.confidence <= 1
            assert found.kind in KINDS


@given(texts | versions().map(lambda pair: pair[0]))
def test_a_text_does_not_differ_from_itself(text: str) -> None:
    report = check(text, text)
    assert report.differences == ()
    assert report.same_story
    assert (report.missing.start, report.missing.end, report.missing.sentences) == ("", "", ())


@given(pairs)
def test_texts_that_differ_have_a_difference(pair: tuple[str, str]) -> None:
    text, canonical = pair
    assert bool(check(text, canonical).differences) == (text.strip() != canonical.strip())


def sides(found: Difference, *, swapped: bool) -> tuple[object, ...]:
    """What has to be the same when the texts change places."""
    ours = (found.text_start, found.text_stop, found.text, found.marks[0])
    gold = (found.canonical_start, found.canonical_stop, found.canonical, found.marks[1])
    kind = found.kind
    if swapped:
        ours, gold = gold, ours
        kind = {"phrase added": "phrase missing", "phrase missing": "phrase added"}.get(kind, kind)  # type: ignore[assignment]
    return kind, *ours, *gold


@given(pairs)
def test_swapping_the_texts_mirrors_the_differences(pair: tuple[str, str]) -> None:
    text, canonical = pair
    there = check(text, canonical).differences
    back = check(canonical, text).differences
    assert sorted(sides(d, swapped=False)[:1] for d in there) == sorted(
        sides(d, swapped=True)[:1] for d in back
    )
    for kind in KINDS:
        one = {sides(d, swapped=False) for d in there if d.kind == kind and d.text and d.canonical}
        other = {sides(d, swapped=True) for d in back if d.kind == kind and d.text and d.canonical}
        assert one == other, kind


@given(pairs)
def test_rows_hold_every_character_of_both_once(pair: tuple[str, str]) -> None:
    text, canonical = pair
    report = check(text, canonical)
    rows = report.side_by_side()
    assert "".join(text[row.text_start : row.text_stop] for row in rows) == text
    assert "".join(canonical[r.canonical_start : r.canonical_stop] for r in rows) == canonical
    assert {d for row in rows for d in row.differences} == set(report.differences)


# --- cost -----------------------------------------------------------------------------------------


def test_scoring_does_not_read_the_differences() -> None:
    report = check("a b", "a, b")
    assert report.scores["comma"].recall == 0
    assert "differences" not in vars(report.comparison)
    assert report.differences is report.differences


@pytest.mark.parametrize(
    ("unit", "other"),
    [
        ("ha ", "ho "),
        ("a.", "a "),
        ("1,", "1 "),
        ('" ', "' "),
        ("Mr ", "US "),
        ("a b c d e f ", "a "),
    ],
)
def test_hostile_texts_take_no_more_than_seconds(unit: str, other: str) -> None:
    started = time.process_time()
    check(unit * 4_000, f"x {unit * 2_000}y {other * 2_000}").differences  # noqa: B018
    assert time.process_time() - started < 6
