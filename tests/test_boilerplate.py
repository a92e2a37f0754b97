"""Boilerplate in copy whose lines are kept: what goes, what stays, and the breaks that are left."""

from __future__ import annotations

import time
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.boilerplate import find
from cleantext.boilerplate.findings import Finding, cuts, disjoint
from cleantext.boilerplate.layout import settle
from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.normalizers.boilerplate import Boilerplate, drops, refusal
from cleantext.pipeline import Pipeline
from cleantext.tagger.parts import Part

CAPTION = "Boats lie in the old harbour of the town on the first morning after the storm."
FIRST = (
    "The ferry that tied the island to the coast for a hundred years will make its last trip on"
    " Sunday, the company said in a letter to its passengers."
)
SECOND = (
    "About 400 people live on the island, and most of them work on the coast, which is an hour"
    " away when the sea is calm and two when it is not."
)
THIRD = "“We will have to move,” said Anna Berg, who has run the only shop for thirty years."
BODY = (FIRST, SECOND, THIRD)


def clean(text):
    draft = Draft(Document.start(text))
    return draft.document.after_pass(Boilerplate().propose(draft)).text


def page(*lines, gap="\n\n"):
    return gap.join(lines)


@pytest.mark.parametrize(
    ("with_furniture", "without"),
    [
        (page(FIRST, "ADVERTISEMENT", SECOND, THIRD), page(*BODY)),
        (page("Share this article Share Tweet Email", *BODY), page(*BODY)),
        (page(*BODY, "The Associated Press contributed to this report."), page(*BODY)),
        (
            page(*BODY, "Sign up for our newsletter", "© 2019 Harbour Post") + "\n",
            page(*BODY) + "\n",
        ),
        (page(FIRST, "Story continues below\nAdvertisement", SECOND, THIRD), page(*BODY)),
        (page(CAPTION + "PHOTO: AP", *BODY), page(CAPTION, *BODY)),
        (page(CAPTION + " (Photo: Anna Berg/Reuters)", *BODY), page(CAPTION, *BODY)),
        (
            page("Advertisement Continue reading the main story " + FIRST, SECOND),
            page(FIRST, SECOND),
        ),
        (
            page(FIRST, "READ MORE: Ferry company to close after a century", SECOND),
            page(FIRST, SECOND),
        ),
    ],
)
def test_furniture_goes_and_the_break_stays(with_furniture, without):
    assert clean(with_furniture) == without


@pytest.mark.parametrize(
    "lead", ["Top stories", "Related:", "READ MORE", "You may also like", "Trending now"]
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_a_lead_in_takes_its_headlines_along(lead, gap):
    headlines = ("Island school wins a prize for its bread", "Why bridges cost more than ships")
    assert clean(page(FIRST, lead, *headlines, SECOND, THIRD, gap=gap)) == page(*BODY, gap=gap)


@pytest.mark.parametrize(
    "kept",
    [
        "What happens next",  # a heading of the story itself
        "The shop will close in June.",
        "“We had no warning of this at all”",
        "Ferries are slow:",
    ],
)
def test_a_lead_in_takes_no_prose_and_no_heading_along(kept):
    assert clean(page(FIRST, "Read more", kept, SECOND, THIRD)) == page(FIRST, kept, SECOND, THIRD)


def test_headlines_without_a_lead_in_stay():
    text = page(FIRST, "Island school wins a prize for its bread", SECOND)
    assert clean(text) == text


def test_a_block_ends_at_prose():
    text = page(FIRST, "Related", "Island school wins a prize", "Why bridges cost more", THIRD)
    assert clean(text) == page(FIRST, THIRD)


def test_flat_lines_are_cleaned_too():
    flat = [" ".join(w.strip("“”,.") for w in line.lower().split()) for line in BODY]
    block = (
        "top stories",
        "island school wins a prize for its bread",
        "bridges cost more than ships",
    )
    assert clean(page(flat[0], *block, *flat[1:], gap="\n")) == page(*flat, gap="\n")


# --- repeats --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "credit", ["PHOTO: AP", " (AP Photo/Anna Berg)", " Photo: Anna Berg/Reuters"]
)
@pytest.mark.parametrize("gap", ["\n", "\n\n"])
def test_of_two_captions_the_one_with_the_credit_goes(credit, gap):
    plain, glued = CAPTION, CAPTION + credit
    for pair in ((plain, glued), (glued, plain)):
        assert clean(gap.join(pair) + "\n\n" + page(*BODY)) == page(plain, *BODY)


def test_a_repeated_paragraph_goes_once():
    assert clean(page(FIRST, SECOND, FIRST, THIRD)) == page(*BODY)
    assert clean(page(FIRST, FIRST, SECOND, THIRD)) == page(*BODY)


def test_a_teaser_repeated_in_the_next_line_goes():
    teaser = "The island will lose its ferry after a hundred years of service."
    text = page(teaser, f"{teaser} {SECOND}", THIRD)
    assert clean(text) == page(f"{teaser} {SECOND}", THIRD)


@pytest.mark.parametrize(
    "text",
    [
        page("She said no.", FIRST, "She said no.", SECOND),  # short, apart
        page("Q: What will you do now?", FIRST, "Q: What will you do now?", SECOND),
        page(*["The sea is wide and I can not get over, and neither have I wings to fly.", FIRST] * 3),
        page("Ayes 41, noes 12, not voting 3, absent 4 in the first reading.",
             "Ayes 41, noes 12, not voting 3, absent 5 in the first reading."),
        page(FIRST, SECOND, FIRST.replace("hundred", "thousand")),  # apart and not the same
        page(FIRST + " It said no more than that.", SECOND, FIRST, THIRD)[: -len(THIRD) - 2],
        page("The island will lose its ferry after", "The island will lose its ferry after a year."),
    ],
)  # fmt: skip
def test_refrains_forms_and_lists_stay(text):
    kept = [f for f in find(text) if f.kind == "repeat"]
    assert [f for f in kept if f.confidence >= 0.9] == [] or text.count(FIRST) > 2


def test_a_refrain_stays_when_it_comes_three_times():
    refrain = "The sea is wide and I can not get over, and neither have I wings to fly."
    text = page(refrain, FIRST, refrain, SECOND, refrain, THIRD)
    assert clean(text) == text


# --- the normalizer -------------------------------------------------------------------------------


def test_nothing_goes_where_more_than_half_would():
    text = page("ADVERTISEMENT", "Sign up for our newsletter", "Share on Facebook", "He left.")
    draft = Draft(Document.start(text))
    assert Boilerplate().propose(draft) == []
    (warning,) = Boilerplate().warnings(draft)
    assert "more than half" in warning
    assert Boilerplate().warnings(Draft(Document.start(page("ADVERTISEMENT", *BODY)))) == []


@pytest.mark.parametrize(("policy", "found"), [("drop", 1), ("mark", 1), ("keep", 0)])
def test_policies(policy, found):
    draft = Draft(Document.start(page(FIRST, "ADVERTISEMENT", SECOND)))
    normalizer = Boilerplate(policy=policy)
    assert len(normalizer.findings(draft)) == found
    assert bool(normalizer.propose(draft)) == (policy == "drop")
    assert [span.text for span in normalizer.marked(draft)] == ["ADVERTISEMENT"] * (
        policy == "mark"
    )


FLAT = "the ferry left on sunday top stories whales return to the bay the company said in a letter"


@pytest.mark.parametrize(
    ("text", "words", "confidence", "left"),
    [
        (FLAT, (5, 12), 0.97, "the ferry left on sunday the company said in a letter"),
        (FLAT, (5, 12), 0.6, FLAT),
        (FLAT, (0, 5), 0.97, FLAT[25:]),
        (FLAT, (12, 18), 0.97, FLAT[:61]),
        (
            "The ferry left. “Whales return.” The company said so in a letter to all.",
            (3, 5),
            0.97,
            "The ferry left. The company said so in a letter to all.",
        ),
    ],
)
def test_what_the_tagger_took_for_boilerplate_goes(text, words, confidence, left):
    draft = Draft(Document.start(text), parts=(Part("boilerplate", *words, confidence),))
    assert draft.document.after_pass(Boilerplate().propose(draft)).text == left


@pytest.mark.parametrize(
    ("words", "gone"),
    [
        ((5, 9), "whales return to the"),  # a whole line
        ((5, 8), "whales return to the"),  # most of it
        ((5, 6), ""),  # a word of it
        ((4, 9), "whales return to the"),  # and one of the line before
        ((5, 13), "whales return to the\nold lamp is lit"),
    ],
)
def test_short_lines_go_whole_or_not_at_all(words, gone):
    text = "the ferry left on sunday\nwhales return to the\nold lamp is lit\n" + FLAT
    draft = Draft(Document.start(text), parts=(Part("boilerplate", *words, 0.97),))
    (span,) = Boilerplate(policy="mark").marked(draft) or [None]
    assert (span.text if span else "") == gone


def test_a_headline_and_a_dateline_stay():
    parts = (Part("headline", 0, 5, 0.99), Part("dateline", 5, 7, 0.99))
    assert Boilerplate().propose(Draft(Document.start(FLAT), parts=parts)) == []


def test_settings_are_checked():
    with pytest.raises(ValueError, match="policy"):
        Boilerplate(policy="burn")
    with pytest.raises(ValueError, match="threshold"):
        Boilerplate(threshold=2)


def test_a_block_is_one_group_and_blocks_are_several():
    text = page(FIRST, "Related", "Island school wins a prize", "Bridges cost more than ships", SECOND,
                "Top stories", "Whales return to the bay in spring", "Old lamp is lit once more", THIRD)  # fmt: skip
    edits = Boilerplate().propose(Draft(Document.start(text)))
    assert [edit.group for edit in edits] == [1, 1, 1, 2, 2, 2]
    assert {edit.kind for edit in edits} == {"drop"}


def test_a_lower_threshold_drops_more():
    text = page(FIRST, "read more ferry company to close after a century", SECOND)
    assert clean(text) == text
    loose = Boilerplate(threshold=0.8).propose(Draft(Document.start(text)))
    assert len(loose) == 1


def test_in_the_pipeline_all_can_be_undone():
    text = page("Share on Facebook", CAPTION, CAPTION + "PHOTO: AP", *BODY, "ADVERTISEMENT")
    doc = Pipeline((Boilerplate(),))(text)
    assert doc.text == page(CAPTION, *BODY)
    assert doc.undo() == text
    assert Pipeline((Boilerplate(),))(doc.text).edits == ()


def test_settling_finds_what_a_drop_brings_to_light():
    twins = (f"{CAPTION} (AP Photo/Anna Berg)", f"{CAPTION} (Jan Boer/Reuters)")
    text = page(FIRST, *twins, SECOND, THIRD)
    assert [f.kind for f in find(text)] == ["credit", "credit"]
    assert sorted(f.kind for f in settle(text, 0.9)) == ["credit", "credit", "repeat"]
    assert clean(text) == page(FIRST, CAPTION, SECOND, THIRD)


@pytest.mark.parametrize(
    ("text", "span", "left"),
    [
        ("A.\n\nX\n\nB.", (4, 5), "A.\n\nB."),
        ("A.\nX\n\nB.", (3, 4), "A.\n\nB."),
        ("A.\n\nX\nB.", (4, 5), "A.\n\nB."),
        ("A.\n\n\n\nX\n\nB.", (6, 7), "A.\n\nB."),
        ("X\n\nB.", (0, 1), "B."),
        ("A.\n\nX", (4, 5), "A."),
        ("A.\n\nX\n", (4, 5), "A.\n"),
        ("A X B.", (2, 3), "A B."),
        ("A.X\nB.", (2, 3), "A.\nB."),
        ("aXb", (1, 2), "a b"),
    ],
)
def test_the_break_that_stood_there_is_kept(text, span, left):
    finding = Finding(*span, "rule", "advert", "why", 1.0)
    assert Document.start(text).after_pass(drops(text, [finding])).text == left


def test_of_two_overlapping_findings_the_surer_stays():
    low = Finding(0, 5, "a", "advert", "", 0.5)
    high = replace(low, start=3, stop=9, confidence=0.9)
    assert disjoint([high, low]) == [high]
    assert disjoint([low, replace(high, start=5)]) == [low, replace(high, start=5)]
    assert cuts("aaaaa bbb", []) == []
    assert refusal("text", []) is None


# --- laws -----------------------------------------------------------------------------------------

PIECES = st.sampled_from(
    [*BODY, CAPTION, CAPTION + "PHOTO: AP", "ADVERTISEMENT", "Related:", "Top stories", "She left.",
     "Island school wins a prize", "Bridges cost more than ships", "Read more", "Why is that so hard?",
     "READ MORE: Whales return", "(Anna Berg/Reuters)", "6 years ago", "", " ", "İstanbul"]
)  # fmt: skip
PAGES = st.lists(st.tuples(PIECES, st.sampled_from(["\n", "\n\n", "\n\n\n", "\r\n", " ", ""]))).map(
    lambda pairs: "".join(piece + gap for piece, gap in pairs)
)


@given(PAGES | st.text())
def test_drops_are_reversible_and_final(text):
    doc = Document.start(text).after_pass(Boilerplate().propose(Draft(Document.start(text))))
    assert doc.undo() == text
    assert Boilerplate().propose(Draft(doc)) == []
    spans = [(f.start, f.stop) for f in find(text)]
    assert spans == sorted(spans)
    assert all(text[a:b].strip() == text[a:b] != "" for a, b in spans)


@given(st.lists(st.sampled_from(BODY), unique=True))
def test_clean_copy_is_left_alone(lines):
    assert find(page(*lines)) == []


@pytest.mark.parametrize(
    "piece",
    ["photo ", "ADVERTISEMENT\n", "A/AP ", "Related:\nSome words here\n", " ", "\n", FIRST + "\n"],
)
def test_cost_is_linear(piece):
    text = piece * (400_000 // len(piece))
    start = time.process_time()
    find(text)
    assert time.process_time() - start < 4


# --- real copy ------------------------------------------------------------------------------------


def test_seed_loses_its_second_caption_and_nothing_else(seeds):
    text = seeds["000"]
    caption = text.split("\n")[2]
    doubled = f"{caption}\n{caption}PHOTO: AP\n"
    assert doubled in text
    assert clean(text) == text.replace(doubled, caption + "\n")


def test_flattened_seed_is_left_to_the_tagger(seeds):
    assert find(seeds["004"]) == []


def test_the_surest_findings_stay_and_what_overlaps_none_of_them():
    made = [Finding(a, b, "r", "teaser", "", c) for a, b, c in [(0, 10, 0.95), (0, 25, 0.97), (12, 25, 0.99)]]  # fmt: skip
    assert [(f.start, f.stop) for f in disjoint(made)] == [(0, 10), (12, 25)]
    assert disjoint(reversed(made)) == disjoint(made)


def test_to_keep_boilerplate_nothing_is_read():
    assert not Boilerplate(policy="keep").reads_parts
    assert Boilerplate(policy="mark").reads_parts
