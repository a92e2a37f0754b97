"""The stories and cases are what they say: same words, the damage named, gold in the house form."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import ftfy.bad_codecs  # noqa: F401  (registers sloppy-windows-1252)
import pytest
import regex

from cleantext.tagger.labels import normalise
from cleantext.words import lower_word, split

FIXTURES = Path(__file__).parents[1] / "fixtures"
CASES = Path(__file__).parent / "cases" / "restore.json"
FILES = ("canonical.txt", "scraped.txt", "gold.txt")
ROW = regex.compile(r"^\| `([\w-]+)` \| `([\w-]+)` \| (US|UK)\b", regex.MULTILINE)
NOT_BRITISH_HOUSE = (
    "[\u2018\u2019\u201c\u201d\u2013\u2026]"
    r"|\b(?:Mr|Mrs|Ms|Dr)\."
    "|(?<! )\u2014|\u2014(?! )"
)


@dataclass(frozen=True, slots=True)
class Story:
    """One row of the table in the README and the texts that belong to it."""

    slug: str
    damage: str
    country: str

    def read(self, name: str) -> str:
        """One of the story's texts, its line ends as they stand."""
        return (FIXTURES / self.slug / f"{name}.txt").read_bytes().decode("utf-8")

    @property
    def canonical(self) -> str:
        """The story as published."""
        return self.read("canonical")

    @property
    def scraped(self) -> str:
        """The story as collected."""
        return self.read("scraped")

    @property
    def gold(self) -> str:
        """The ideal restoration."""
        return self.read("gold")


STORIES = [Story(*row) for row in ROW.findall((FIXTURES / "README.md").read_text("utf-8"))]
DATA: list[dict[str, Any]] = json.loads(CASES.read_text(encoding="utf-8"))


def of(*damages: str) -> pytest.MarkDecorator:
    """Parametrise over the stories with one of these damages, or over all."""
    chosen = [story for story in STORIES if not damages or story.damage in damages]
    assert chosen, f"no story has the damage {damages}"
    return pytest.mark.parametrize("story", chosen, ids=lambda story: story.slug)


def lowered(words: Sequence[str]) -> list[str]:
    return [lower_word(word) for word in words]


def flatten(text: str) -> str:
    return " ".join(lowered(split(text).words))


def common(text: str) -> list[str]:
    """The paragraphs of a text in the common style."""
    return [normalise(paragraph) for paragraph in text.split("\n\n")]


# --- stories --------------------------------------------------------------------------------------


def test_table_lists_every_story_with_three_files() -> None:
    folders = {path.parent.name for name in FILES for path in FIXTURES.glob(f"*/{name}")}
    assert sorted(story.slug for story in STORIES) == sorted(folders)
    missing = [
        f"{folder}/{name}"
        for folder in folders
        for name in FILES
        if not (FIXTURES / folder / name).is_file()
    ]
    assert missing == []
    assert len(folders) >= 10


@of()
def test_texts_are_of_the_promised_size_and_form(story: Story) -> None:
    for text in (story.canonical, story.scraped, story.gold):
        assert 250 <= len(text.split()) <= 500
        assert text == text.strip()
        assert "\r" not in text


@of("flat", "cut", "marks-lost", "partly-flat", "lower", "upper", "clean")
def test_gold_has_the_words_of_scraped(story: Story) -> None:
    assert lowered(split(story.gold).words) == lowered(split(story.scraped).words)


@of("flat", "marks-lost", "partly-flat", "lower", "upper", "clean", "mojibake")
def test_gold_is_canonical_but_for_style(story: Story) -> None:
    assert common(story.gold) == common(story.canonical)


@of("partly-flat", "lower", "upper", "clean", "mojibake")
def test_gold_is_canonical_where_the_style_survives(story: Story) -> None:
    assert story.gold == story.canonical


@of("flat", "cut", "marks-lost")
def test_gold_is_in_the_house_form(story: Story) -> None:
    if story.country == "US":
        assert "\n\n".join(common(story.gold)) == story.gold
    else:
        assert not regex.search(NOT_BRITISH_HOUSE, story.gold)


# --- damage ---------------------------------------------------------------------------------------


@of("flat")
def test_flat_is_small_words_and_blanks(story: Story) -> None:
    assert story.scraped == flatten(story.canonical)
    assert not regex.search(r"[^\p{L}\p{M}\p{N} ]|  ", story.scraped)
    assert story.scraped == story.scraped.lower()


@of("cut")
def test_cut_is_a_flat_window_that_ends_inside_words(story: Story) -> None:
    before, found, after = flatten(story.canonical).partition(story.scraped)
    assert found
    assert before[-1:].isalpha()
    assert story.scraped[0].isalpha()
    assert story.scraped[-1].isalpha()
    assert after[:1].isalpha()
    assert " ".join(common(story.gold)) in " ".join(common(story.canonical))


@of("marks-lost")
def test_marks_lost_keeps_the_casing(story: Story) -> None:
    assert story.scraped == " ".join(split(story.canonical).words)
    assert split(story.gold).words == split(story.scraped).words


@of("partly-flat")
def test_one_paragraph_is_flat(story: Story) -> None:
    scraped, canonical = story.scraped.split("\n\n"), story.canonical.split("\n\n")
    changed = [(one, other) for one, other in zip(scraped, canonical, strict=True) if one != other]
    assert [one for one, _ in changed] == [flatten(other) for _, other in changed]
    assert len(changed) == 1


@of("lower")
def test_lower_is_case_alone(story: Story) -> None:
    assert story.scraped == story.canonical.lower() != story.canonical
    assert split(story.scraped).gaps == split(story.canonical).gaps


@of("upper")
def test_upper_is_case_alone(story: Story) -> None:
    assert story.scraped == story.canonical.upper() != story.canonical
    assert split(story.scraped).gaps == split(story.canonical).gaps


@of("mojibake")
def test_mojibake_is_utf_8_read_as_cp1252(story: Story) -> None:
    assert story.scraped.encode("sloppy-windows-1252").decode("utf-8") == story.gold
    assert story.scraped != story.gold
    assert story.scraped.count("\n\n") == story.gold.count("\n\n") > 5


@of("clean")
def test_clean_is_untouched(story: Story) -> None:
    assert story.scraped == story.gold == story.canonical


# --- cases ----------------------------------------------------------------------------------------


def test_case_labels_are_unique() -> None:
    labels = [case["label"] for case in DATA]
    assert len(labels) == len(set(labels))
    assert len(labels) >= 100


@pytest.mark.parametrize("case", DATA, ids=lambda case: case["label"])
def test_case_is_sound(case: dict[str, Any]) -> None:
    assert set(case) == {
        "label", "comment", "original", "fixed", "contains", "absent", "expect",
    }  # fmt: skip
    assert case["comment"]
    assert case["expect"] in {"pass", "fail"}
    original, fixed = case["original"], case["fixed"]
    assert [part for part in case["contains"] if part not in fixed] == []
    assert [part for part in case["absent"] if part in fixed] == []
    if case["label"].startswith("stay-"):
        assert original == fixed
    else:
        assert original != fixed
        assert case["contains"] or case["absent"]
        assert lowered(split(original).words) == lowered(split(fixed).words)


def test_every_topic_has_a_neighbour() -> None:
    """A case names its neighbour in its comment as ``(see LABEL)``, and the neighbour exists."""
    labels = {case["label"] for case in DATA}
    for case in DATA:
        if not case["label"].startswith("stay-"):
            named = regex.findall(r"\(see ([\w-]+)\)", case["comment"])
            assert named, f"{case['label']} names no neighbour"
            assert set(named) <= labels - {case["label"]}
