"""The two scraped files the project began with: one is restored, the other is not harmed."""

from __future__ import annotations

from itertools import pairwise

import pytest
import regex

from cleantext.document import Document
from cleantext.edits import apply
from cleantext.pipeline import restore
from cleantext.words import lower_word, split


@pytest.fixture(scope="module")
def flat(seeds: dict[str, str]) -> Document:
    return restore(seeds["004"])


@pytest.fixture(scope="module")
def sound(seeds: dict[str, str]) -> Document:
    return restore(seeds["000"])


@pytest.mark.parametrize(
    "phrase",
    [
        "COVID-19",
        "President Donald Trump",
        "the United States",
        "Trump's Nov. 1 letter",
        "Washington has long",
        "800,000",
        "European Union",
        "Cambodian Prime Minister",
    ],
)
def test_what_any_decent_model_gives(flat, phrase):
    assert phrase in flat.text


@pytest.mark.parametrize("wrong", ["u s ", "covid 19", "trump s", "U.s.", "800 000", " ,", " . "])
def test_what_no_decent_model_leaves(flat, wrong):
    assert wrong not in flat.text


def test_initials_get_their_stops(flat, seeds):
    flattened = regex.findall(r"\bu s\b", seeds["004"])
    assert flat.text.count("U.S.") >= 0.75 * len(flattened) > 0


def test_the_flat_file_reads_as_an_article(flat):
    paragraphs = flat.text.split("\n\n")
    assert len(paragraphs) >= 4
    ends = regex.findall(r"[.?!][\"')]*(?=\s|$)", flat.text)
    assert len(ends) >= 12
    assert flat.text[0].isupper()
    assert flat.text.count('"') >= 2
    # a quotation that goes on in the next paragraph is closed in its last one
    reopened = sum(
        paragraph.count('"') % 2 and after.startswith('"')
        for paragraph, after in pairwise(paragraphs)
    )
    assert (flat.text.count('"') + reopened) % 2 == 0


def test_every_change_is_accounted_for(flat, seeds):
    assert flat.undo() == seeds["004"]
    text = flat.raw
    for made in flat.passes:
        text = apply(text, made.edits)
    assert text == flat.text
    assert all(edit.reason and edit.normalizer for edit in flat.edits)
    assert set(flat.counts()) == {"drop", "complete", "case", "mark", "number", "space"}


def test_the_block_of_other_stories_goes_and_nothing_else(flat):
    (span,) = flat.dropped
    assert span.text.strip().startswith("top stories oregon becomes")
    assert span.text.strip().endswith("having role in deep state")
    assert flat.raw[span.start : span.end] == span.text


def test_the_stray_headline_stands_alone(flat):
    assert flat.text.startswith("Capitalism struggles during COVID-19 pandemic\n\n")


def test_the_dateline_is_set_as_one(flat):
    assert flat.text.split("\n\n")[1].startswith("PHNOM PENH, Cambodia (AP) — Cambodian Prime")


def test_the_last_word_is_marked_as_cut(flat):
    assert flat.text.endswith(" p...")


def test_no_other_word_changes(flat):
    (span,) = flat.dropped
    left = flat.raw[: span.start] + flat.raw[span.end :]
    old, new = split(left).words, split(flat.text).words
    assert [*map(lower_word, new)] == ["capitalism", *map(lower_word, old[1:])]


def test_a_second_run_changes_nothing(flat, sound):
    assert restore(flat.text).edits == ()
    assert restore(sound.text).edits == ()


def test_the_sound_file_is_not_harmed(sound, seeds):
    assert {edit.normalizer for edit in sound.edits} <= {"encoding", "boilerplate"}
    assert sound.undo() == seeds["000"]
    assert len(sound.edits) <= 5


def test_of_the_sound_file_the_repeated_caption_goes_and_nothing_else(sound):
    (span,) = sound.dropped
    assert span.text.strip().endswith("2028.PHOTO: AP")
    assert span.text.strip().removesuffix("PHOTO: AP") in sound.text
    assert sound.text.count("PHOTO") == 0
