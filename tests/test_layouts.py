"""Line ends of every form, hard-wrapped copy, long copy: what is set must fit what stands."""

from __future__ import annotations

import textwrap
from pathlib import Path

import numpy as np
import pytest

import cleantext
from cleantext.damage import FLAT, degrade
from cleantext.edits import apply
from cleantext.normalizers import Casing
from cleantext.pipeline import Pipeline
from cleantext.tagger import reading
from cleantext.tagger.evidence import BLANK
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.onnx import MODEL_FOLDER, load_tagger
from cleantext.tagger.openings import gap_kinds
from cleantext.words import split

FIXTURES = Path(__file__).parents[1] / "fixtures"


def story(slug: str, name: str = "canonical") -> str:
    return (FIXTURES / slug / f"{name}.txt").read_bytes().decode("utf-8")


WIRE = story("wire-river-accord")
FLAT_PARAGRAPHS = [degrade(p, damage=FLAT).text for p in WIRE.split("\n\n")]


def holds(text: str) -> cleantext.Document:
    """Restore, and check the laws that hold for any text."""
    doc = cleantext.restore(text)
    assert not doc.warnings
    assert doc.undo() == text
    again = cleantext.restore(doc.text)
    assert again.text == doc.text
    return doc


def test_wrapped_flat_paragraphs_keep_their_breaks() -> None:
    wrapped = "\n\n".join(textwrap.fill(p, 60) for p in FLAT_PARAGRAPHS)
    doc = holds(wrapped)
    assert doc.text.count("\n\n") >= len(FLAT_PARAGRAPHS) - 1


def test_lines_of_wrapped_copy_begin_no_sentences() -> None:
    lowered = "\n\n".join(textwrap.fill(p.lower(), 70) for p in WIRE.split("\n\n"))
    doc = holds(lowered)
    ours, gold = split(doc.text).words, split(WIRE).words
    lines = {i for i, gap in enumerate(split(lowered).gaps) if gap == "\n"}
    wrong = [w for i, w in enumerate(ours) if i in lines and w != gold[i]]
    assert len(wrong) < 0.1 * len(lines)


def test_paragraphs_of_two_lines_are_wrapped_too() -> None:
    text = "\n\n".join(
        [
            "the new york times had it first on tuesday by way of a leak from\nthe u s army staff",
            "president donald trump said the plan would cost some 200 million\nand that he s for it",
            "hun sen s government called it an insult on wednesday and asked\nthe united nations to act",
        ]
    )
    doc = holds(text)
    assert ".\n" not in doc.text.replace(".\n\n", "")


@pytest.mark.parametrize("end", ["\r\r", "\r\n\r\n", "\u2029", "\n\n"])
def test_well_set_copy_stays_whatever_ends_its_lines(end: str) -> None:
    text = end.join(WIRE.split("\n\n"))
    doc = cleantext.restore(text)
    assert {edit.normalizer for edit in doc.edits} <= {"encoding"}


def test_breaks_are_set_in_the_text_s_own_line_ends() -> None:
    paragraphs = WIRE.split("\n\n")
    flat = degrade(" ".join(paragraphs[2:]), damage=FLAT).text
    text = "\r\n\r\n".join([*paragraphs[:2], flat])
    doc = holds(text)
    assert "\n" not in doc.text.replace("\r\n", "")


@pytest.mark.parametrize("longest", [20, 33, 40, 57])
def test_a_region_may_be_cut_anywhere(monkeypatch: pytest.MonkeyPatch, longest: int) -> None:
    monkeypatch.setattr(reading, "LONGEST", longest)
    flat = story("wire-river-accord", "scraped")
    doc = cleantext.restore(flat)
    assert doc.undo() == flat
    words = split(doc.text)
    for gap, word in zip(words.gaps[1:], words.words[1:], strict=False):
        assert ".." not in gap
        if gap == ". " and word[0].isalpha():
            assert word[0].isupper() or "." in gap


def test_a_break_may_be_set_before_a_quotation() -> None:
    words = split('he said. "we will')
    kinds = gap_kinds(words.gaps, np.zeros(5, bool), np.ones(5, bool))
    assert kinds.tolist() == [0, 0, 3, 0, 0]


def test_a_low_bar_keeps_sure_stops_whose_break_is_unsure() -> None:
    flat = story("wire-river-accord", "scraped")
    bar = 0.9
    sure = [
        e
        for e in cleantext.restore(flat).edits
        if e.reason == "sentence end" and e.confidence >= bar
    ]
    kept = cleantext.restore(flat, min_confidence=bar)
    assert sure
    assert sum(e.reason == "sentence end" for e in kept.edits) >= 0.8 * len(sure)


def test_every_role_renders_to_its_own_text() -> None:
    from cleantext.document import Document
    from cleantext.draft import Draft
    from cleantext.normalizers import Punctuation
    from cleantext.tagger.decode import Decision
    from cleantext.tagger.evidence import Evidence
    from cleantext.tagger.facets import FACETS
    from cleantext.tagger.reading import Reading, Region

    table: LabelTable = load_tagger(MODEL_FOLDER).table
    words = split("one two")
    for index, role in enumerate(table.roles):
        if index < 2 or (role.text[0] == " " and role.breaks):
            continue  # flat, other, and a dash at a paragraph's end, which is never set
        kinds = np.array([0, BLANK, 0], np.int8)
        flags = np.ones(3, bool)
        evidence = Evidence(words.words, words.gaps, kinds, flags, flags[:2], ~flags)
        roles = np.array([-1, index, -1], np.int16)
        facets = np.ones((3, len(FACETS)), np.float32)
        one = np.ones(2, np.float32)
        decision = Decision(roles, ~flags[:2], ["", ""], facets, one, ~flags, [], False)
        draft = Draft(Document.start("one two"))
        draft.reading = Reading((Region(0, 2, 0, 2, evidence),), (decision,), table)
        made = apply("one two", Punctuation().propose(draft))
        assert made == f"one{role.text}two", role


def test_casing_alone_leaves_wrapped_lines_alone() -> None:
    pipeline = Pipeline((Casing(),))
    text = textwrap.fill(" ".join(FLAT_PARAGRAPHS), 60)
    after = pipeline(text).text
    starts = [line.split()[0] for line in after.split("\n")[1:]]
    assert sum(word in ("That", "And", "The", "Of", "To", "In") for word in starts) == 0


@pytest.mark.parametrize(
    "text",
    [
        "a" + " " * 50_000 + "b",
        "a" * 50_000,
        "-" * 50_000 + "@",
        "\t" * 20_000 + "x",
        "\x0b" * 20_000 + "x",
        "_" * 50_000,
        "\u200d" * 20_000,
    ],
)
def test_noise_costs_no_more_than_its_length(text: str) -> None:
    doc = cleantext.restore(text)
    assert doc.undo() == text


def test_the_scrap_of_a_cut_word_keeps_its_case() -> None:
    flat = story("wire-river-accord", "scraped")
    doc = cleantext.restore(flat[: flat.index(" hydroelectric") + 2])
    assert doc.text.endswith(" h...")


@pytest.mark.parametrize(
    ("place", "dateline"),
    [
        ("richmond va reuters", "RICHMOND, Va. (Reuters) — "),
        ("springfield ill ap", "SPRINGFIELD, Ill. (AP) — "),
        ("nairobi kenya reuters", "NAIROBI, Kenya (Reuters) — "),
    ],
)
def test_a_short_text_gets_its_dateline_too(place: str, dateline: str) -> None:
    flat = f"{place} officials said on tuesday that the bridge would stay closed for a week"
    assert cleantext.restore(flat).text.startswith(f"{dateline}Officials said")


def test_an_agency_that_is_spoken_of_makes_no_dateline() -> None:
    flat = "a man from georgia told reuters on tuesday that the bridge would stay closed for a week"
    assert cleantext.restore(flat).text.startswith("A man from Georgia told Reuters on Tuesday")
