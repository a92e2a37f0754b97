"""The diagnosis: cases as data, laws over any string, and what it reaches on real articles."""

from __future__ import annotations

import json
import random
import subprocess
import sys
import time
from pathlib import Path

import numpy as np
import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.diagnosis import Diagnosis, diagnose
from cleantext.lexicon import Lexicon
from cleantext.training.lexicon import build_lexicon
from cleantext.words import split

CASES = json.loads((Path(__file__).parent / "cases" / "diagnosis.json").read_text("utf-8"))
CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
ARTICLES = 150
SET = ("case", "marks", "layout")

_BREAKING = regex.compile(r"[^\p{L}\p{N}\p{M}]+")

GOOD = (
    "The minister said on Monday that talks would resume. She gave no date,"
    " and her office declined to comment."
)
FLAT = (
    "the minister s office said on monday that talks with president obama would resume"
    " in the u s next week"
)


def flatten(text: str) -> str:
    return _BREAKING.sub(" ", text.lower()).strip()


def strip_marks(text: str) -> str:
    return _BREAKING.sub(" ", text).strip()


# --- cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_cases(case):
    found = diagnose(case["text"])
    forms = {f"{damage.dimension}:{damage.form}" for damage in found.damages}
    assert forms == set(case["expected"]), f"{case['comment']}\n{found.explain()}"
    if "left_alone" in case:
        assert case["left_alone"] in {span.reason for span in found.left_alone}


def test_a_flat_paragraph_alone_is_open():
    text = f"{GOOD}\n\n{FLAT}\n\n{GOOD}"
    words = split(text)
    masks = diagnose(text).masks(words)
    first = len(split(GOOD))
    behind = first + len(split(FLAT))
    assert np.flatnonzero(masks.case).tolist() == list(range(first, behind))
    # the gap behind its last word is open; the one before its first holds the stop of a good one
    assert np.flatnonzero(masks.marks).tolist() == list(range(first + 1, behind + 1))
    assert not masks.layout.any()


def test_the_gap_before_a_flat_paragraph_is_open_if_it_is_bare():
    text = f"Talks to resume\n\n{FLAT}"
    assert diagnose(text).masks(split(text)).marks[3]


def test_a_surviving_mark_is_not_open():
    text = FLAT.replace("monday that", "monday $ that")
    words = split(text)
    masks = diagnose(text).masks(words)
    dollar = words.gaps.index(" $ ")
    assert not masks.marks[dollar]
    assert masks.marks[dollar - 1]


def test_a_break_may_be_set_in_a_flat_block_only():
    long = " ".join([FLAT] * 10)
    masks = diagnose(long).masks(split(long))
    assert masks.layout[1:-1].all()
    short = "\n\n".join([FLAT] * 10)
    assert not diagnose(short).masks(split(short)).layout.any()


def test_wrapped_lines_open_their_line_ends_only():
    text = next(case["text"] for case in CASES if case["label"] == "hard-wrapped")
    words = split(text)
    masks = diagnose(text).masks(words)
    assert masks.layout.tolist() == ["\n" in gap for gap in words.gaps]
    assert not masks.case.any()


def test_capitals_and_title_case_open_the_case_and_nothing_else():
    for text in (GOOD.upper(), " ".join([GOOD] * 3).title()):
        masks = diagnose(text).masks(split(text))
        assert masks.case.all()
        assert not masks.closed.any()
        assert not masks.marks.any()


def test_a_flattened_address_is_closed():
    text = "the minister s office said on monday see www example com for the u s figures"
    words = split(text)
    masks = diagnose(text).masks(words)
    www = words.words.index("www")
    assert not masks.case[www : www + 3].any()
    assert not masks.marks[www + 1 : www + 3].any()
    assert masks.case[www - 1]
    assert masks.case[www + 3]


def test_masks_refuse_the_words_of_another_text():
    with pytest.raises(ValueError, match="diagnose the text that was split"):
        diagnose(GOOD).masks(split("Another text."))


def test_bytes_are_refused():
    with pytest.raises(TypeError, match="decode it first"):
        diagnose(b"text")  # type: ignore[arg-type]


def test_views():
    found = diagnose(FLAT)
    assert found.damaged("case")
    assert not found.damaged("encoding")
    assert found.spans("case") == ((0, len(FLAT)),)
    assert found.explain().startswith(f"0-{len(FLAT)}: case (lower), ")
    assert json.loads(json.dumps(found.to_dict()))["damages"][0]["dimension"] == "case"
    assert diagnose(GOOD).explain() == "no damage found"


# --- laws -----------------------------------------------------------------------------------------

_PIECES = st.sampled_from(
    ["trump", "Trump", "the", "i", "s", "u s", "don t", "800 000", "\n", "\n\n", ". ", ", ", " ",
     " ", " ", "\t", "İ", "ß", "ﬁ", "\ud800", "é", "你好", "www example com", "a@b.com", "&amp;",
     "THE", "\u0301", "-", '"', "12", "{}", "monday", "said", GOOD, FLAT]
)  # fmt: skip
TEXTS = st.one_of(
    st.text(st.characters(exclude_categories=())), st.lists(_PIECES, max_size=80).map(" ".join)
)


def check_laws(text: str, found: Diagnosis) -> None:
    assert found.text_length == len(text)
    for damage in found.damages:
        assert 0 <= damage.start < damage.end <= len(text)
        assert 0 < damage.confidence <= 1
        assert damage.reason
    for before, after in zip(found.left_alone, found.left_alone[1:], strict=False):
        assert before.start < before.end <= after.start < after.end <= len(text)
    words = split(text)
    masks = found.masks(words)
    n = len(words)
    assert [len(masks.case), len(masks.marks), len(masks.layout)] == [n, n + 1, n + 1]
    assert masks.case.any() <= found.damaged("case")
    assert masks.marks.any() <= found.damaged("marks")
    assert masks.layout.any() <= found.damaged("layout")
    assert not (masks.closed & masks.case).any()
    open_gaps = [gap for gap, open_ in zip(words.gaps, masks.marks, strict=True) if open_]
    assert all(not gap or gap.isspace() for gap in open_gaps)


@given(TEXTS)
@settings(max_examples=300, deadline=None)
def test_any_text_is_diagnosed(text):
    found = diagnose(text)
    check_laws(text, found)
    assert found == diagnose(text)


@given(st.lists(st.sampled_from([GOOD, GOOD.upper(), "Talks to Resume in May"]), max_size=6))
def test_ordinary_copy_has_no_damage(paragraphs):
    text = "\n\n".join([*paragraphs, GOOD, GOOD, GOOD, GOOD, GOOD, GOOD, GOOD])
    assert diagnose(text).damages == ()


# --- real articles --------------------------------------------------------------------------------


@pytest.fixture
def articles(dev_articles) -> list[str]:
    return [text for _, text in dev_articles[:: len(dev_articles) // ARTICLES]]


def test_the_seeds(seeds):
    assert not any(map(diagnose(seeds["000"]).damaged, SET))
    forms = {f"{damage.dimension}:{damage.form}" for damage in diagnose(seeds["004"]).damages}
    assert forms >= {"case:lower", "marks:lost", "layout:flat", "edges:start"}


def shares(texts: list[str]) -> tuple[float, float]:
    """Shares of the words, and of the gaps, that are open."""
    case = marks = words = gaps = 0
    for text in texts:
        copy = split(text)
        masks = diagnose(text).masks(copy)
        case, marks = case + int(masks.case.sum()), marks + int(masks.marks.sum())
        words, gaps = words + len(copy), gaps + len(copy) + 1
    return case / words, marks / gaps


def test_articles_as_published_have_no_damage(articles):
    found = [diagnose(text) for text in articles]
    assert not [f.explain() for f in found if any(map(f.damaged, SET))]


def test_flattened_articles_are_open(articles):
    case, marks = shares([flatten(text) for text in articles])
    assert case >= 0.999
    assert marks >= 0.999


def test_lowered_articles_keep_their_marks(articles):
    case, marks = shares([text.lower() for text in articles])
    assert case >= 0.999
    assert marks == 0


def test_stripped_articles_keep_their_case(articles):
    case, marks = shares([strip_marks(text) for text in articles])
    assert case <= 0.0001
    assert marks >= 0.999


def test_shouted_articles_are_open(articles):
    case, marks = shares([text.upper() for text in articles])
    assert case >= 0.999
    assert marks == 0


def test_flat_paragraphs_in_good_articles(articles):
    rng = random.Random(1)
    inside = inside_open = outside_open = 0
    for article in articles:
        paragraphs = article.split("\n\n")
        flat = [len(split(p)) >= 8 and rng.random() < 0.3 for p in paragraphs]
        parts = [flatten(p) if f else p for p, f in zip(paragraphs, flat, strict=True)]
        words = split("\n\n".join(parts))
        masks = diagnose("\n\n".join(parts)).masks(words)
        damaged = np.repeat(flat, [len(split(part)) for part in parts])
        inside += int(damaged.sum())
        inside_open += int((masks.case & masks.marks[1:] & damaged).sum())
        outside_open += int((masks.case & ~damaged).sum())
        outside_open += int((masks.marks[1:-1] & ~damaged[1:] & ~damaged[:-1]).sum())
    assert inside_open >= 0.98 * inside > 0
    assert outside_open == 0


def test_really_stripped_releases():
    path = CORPUS / "stripped.jsonl"
    if not path.exists():
        pytest.skip("the corpus is not beside the project")
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["degraded"] for line in lines]
    case, marks = shares(texts)
    assert case == 0
    assert marks >= 0.99
    case, marks = shares([text.lower() for text in texts])
    assert min(case, marks) >= 0.99


def test_the_cost_is_linear():
    def seconds(text: str) -> float:
        start = time.process_time()
        diagnose(text)
        return time.process_time() - start

    diagnose(GOOD)
    for text in (FLAT + " ", f"{FLAT}\n\n", f"{GOOD}\n\n", "a@b ", "www a com ", '"a" ', "Ab c "):
        small = min(seconds(text * (40_000 // len(text))) for _ in range(3))
        assert seconds(text * (400_000 // len(text))) < 40 * small + 0.1


# --- the lexicon ----------------------------------------------------------------------------------


def test_the_lexicon_is_loaded_at_first_use():
    program = (
        "import cleantext.diagnosis; from cleantext.lexicon import Lexicon;"
        "print(Lexicon.load.cache_info().currsize);"
        "cleantext.diagnose; from cleantext.diagnosis import diagnose; diagnose('a word');"
        "print(Lexicon.load.cache_info().currsize)"
    )
    root = Path(__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, cwd=root
    )
    assert run.stdout.split() == ["0", "1"]


def test_lookups():
    lexicon = Lexicon.load()
    assert lexicon.lower_share("trump") < 0.01
    assert lexicon.lower_share("the") > 0.95
    assert lexicon.mixed("mcconnell") is not None
    assert lexicon.mixed("trump") is None
    ids = lexicon.ids(["trump", "qwxz"])
    assert lexicon.counts[ids].tolist() == [lexicon.count("trump"), 0]
    assert lexicon.begins_a_word("governm")
    assert not lexicon.begins_a_word("governmentx")


def test_a_lexicon_is_built_and_read(tmp_path):
    path = tmp_path / "lexicon.tsv"
    counts = {
        "trump": {"title": 30, "lower": 1},
        "ipad": {"1": 25, "lower": 5},
        "rare": {"lower": 2},
    }
    assert build_lexicon(counts, path) == 2
    lexicon = Lexicon.read(path)
    assert "rare" not in lexicon
    assert lexicon.count("trump") == 31
    assert lexicon.mixed("ipad") == ("1", 25 / 30)


def test_an_empty_lexicon_is_refused(tmp_path):
    with pytest.raises(ValueError, match="lower `minimum`"):
        build_lexicon({"rare": {"lower": 2}}, tmp_path / "lexicon.tsv")


@pytest.mark.parametrize("content", ["", "trump\t1\n", "a b c d e f g\n"])
def test_a_damaged_lexicon_is_named(tmp_path, content):
    path = tmp_path / "words.tsv"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"words\.tsv cannot be read"):
        Lexicon.read(path)
