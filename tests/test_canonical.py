"""Restoring with a canonical version: what it settles, what it leaves open, what it never does."""

from __future__ import annotations

import pickle
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.canon.evidence import Version
from cleantext.canon.gap_strings import parts_of, starts_sentence
from cleantext.canon.library import Library, LibraryError
from cleantext.damage import FLAT, Casefold, StripMarks, Window, degrade
from cleantext.diagnosis import diagnose
from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.normalizers import Canonical
from cleantext.pipeline import Pipeline, restore
from cleantext.rounds import run
from cleantext.tagger.known import find_known
from cleantext.words import lower_word, split

FIXTURES = Path(__file__).parents[1] / "fixtures"
PIPELINE = Pipeline.default(threads=1)
STORY = """HALVOR (AP) — Mayor Ann McTeague said on Monday that the town “will never sell” its ferry, \
and paid $1.5 million to U.S. firms for a new hull.

“I agree,” Mr Sorley, 47, told reporters (twice). It isn’t so bad. He left at 2 p.m. by bus.

The ferry, built in 1998, carries 1,200 people a day; half of them live on Skerray-on-Sea. \
“We won’t give it up,” said one of them."""
OTHER = """HALVOR (AP) — The council of the town voted on Tuesday to close two schools, and its \
mayor, Ann McTeague, said that she was sorry.

Parents who waited outside were angry. “Nobody asked us,” said Mr Sorley, a baker, who has three \
children at one of the schools. The ferry across the sound takes an hour each way."""
FLAT_STORY = degrade(STORY, damage=FLAT).text


def known_of(text: str, canonical: str) -> tuple[tuple[str, ...], dict[int, str], dict[int, str]]:
    """Words of a text, and the gaps and forms that a canonical version settles."""
    words = split(text)
    known = find_known(words, diagnose(text), Version(canonical).agreement(words))
    return words.words, dict(known.gaps), dict(known.forms)


def restored(text: str, canonical: str | None, pipeline: Pipeline = PIPELINE) -> Document:
    doc = pipeline(text, canonical=canonical)
    assert doc.undo() == text
    return doc


# --- what is known --------------------------------------------------------------------------------


def test_a_gap_is_known_between_neighbours_in_both_and_nowhere_else() -> None:
    agreement = Version("He met U.S. President Lee, twice.").agreement(
        split("he met u s president kim twice")
    )
    assert agreement.gaps == ("", " ", " ", ".", ". ", None, None, ".")
    assert agreement.forms == ("He", "met", "U", "S", "President", None, "twice")
    assert agreement.lengths == (5, 5, 5, 5, 5, 0, 1)


def test_at_the_edges_of_a_window_what_clings_to_its_words_is_known() -> None:
    version = Version("He left. “We agree,” she said. The bus was late.")
    assert version.agreement(split("we agree she said")).gaps[::4] == ("“", ".")
    assert version.agreement(split("agree she said the bus")).gaps[::5] == ("", "")


@pytest.mark.parametrize(
    ("canonical", "gap"),
    [
        ("one two — three four", " — "),
        ("one two\r\n\r\n three four", "\n\n"),
        ("one two\u00a0three four", " "),
        ("one two. <br> three four", None),
        ("one two ******** three four", None),
        ("one two (three four", None),
        ("one two (three) four", " ("),
    ],
)
def test_gaps_of_running_copy_count_and_odd_ones_do_not(canonical: str, gap: str | None) -> None:
    assert Version(canonical).agreement(split("one two three four")).gaps[2] == gap


def test_what_the_canonical_version_lost_itself_is_nothing_to_go_by() -> None:
    words = split(FLAT_STORY)
    assert not any(Version(FLAT_STORY).agreement(words).gaps[1:-1])
    assert all(gap is not None for gap in Version(STORY).agreement(words).gaps)


def test_parts_and_starts() -> None:
    assert parts_of(",” — ") == (",”", " ", "— ")
    assert starts_sentence(".\n\n")
    assert not starts_sentence(".")


def test_the_last_answer_is_kept() -> None:
    version = Version(STORY)
    words = split(FLAT_STORY)
    assert version.agreement(words) is version.agreement(split(FLAT_STORY.upper()))
    assert version.agreement(split(FLAT_STORY[20:])) is not version.agreement(words)


# --- what is settled ------------------------------------------------------------------------------


def test_what_survives_stays() -> None:
    only_marks = degrade(STORY, damage=[StripMarks()]).text.replace("Mayor", "MAYOR")
    words, _, forms = known_of(only_marks, STORY)
    assert "MAYOR" in words
    assert not forms
    only_case = degrade(STORY, damage=[Casefold()]).text.replace("monday", "monday;")
    words, gaps, forms = known_of(only_case, STORY)
    assert words.index("monday") + 1 not in gaps
    assert forms[words.index("monday")] == "Monday"


def test_a_capital_of_another_sentence_start_stays_open() -> None:
    text = FLAT_STORY.replace("firms for a new hull", "firms later that week")
    words, _, forms = known_of(text.replace("the ferry built", "so the ferry built"), STORY)
    behind = words.index("built") - 2
    assert words[behind : behind + 2] == ("the", "ferry")
    assert behind not in forms
    words, _, forms = known_of(text, STORY)
    assert forms[words.index("built") - 2] == "The"


def test_a_small_letter_that_survives_contradicts_a_sentence_start() -> None:
    text = degrade(STORY, damage=[StripMarks()]).text
    words, gaps, _ = known_of(text.replace("twice It isn", "twice it isn"), STORY)
    place = words.index("twice") + 1
    assert place not in gaps
    assert known_of(text, STORY)[1][place] == "). "


# --- restored -------------------------------------------------------------------------------------


def test_flat_copy_comes_back_as_the_canonical_version() -> None:
    doc = restored(FLAT_STORY, STORY)
    assert doc.text == STORY
    assert not doc.warnings
    reasons = {e.reason for e in doc.edits if e.normalizer == "canonical"}
    assert {r.split(": ")[0] for r in reasons} == {"canonical version"}
    assert restored(FLAT_STORY, None).text != STORY


@pytest.mark.parametrize("name", sorted(p.parent.name for p in FIXTURES.glob("*/canonical.txt")))
def test_fixtures_flattened_come_back(name: str) -> None:
    gold = (FIXTURES / name / "canonical.txt").read_text(encoding="utf-8").strip()
    doc = restored(degrade(gold, damage=FLAT).text, gold)
    ours, theirs = split(doc.text), split(gold)
    assert list(map(lower_word, ours.words)) == list(map(lower_word, theirs.words))
    pairs = zip(ours.gaps[1:-1], theirs.gaps[1:-1], strict=True)
    wrong = [(a, b) for a, b in pairs if a != b.replace("\u00a0", " ")]
    assert len(wrong) <= (6 if "www" in ours.words else 0)  # flat addresses are left alone


def test_the_scraped_wording_stays_and_the_decoder_joins_the_two() -> None:
    text = FLAT_STORY.replace("told reporters twice", "said angrily to a reporter")
    text = text.replace("a new hull", "the old hull")
    doc = restored(text, STORY)
    assert doc.text.casefold().count("old hull") == text.count("old hull") == 1
    assert "“I agree,” Mr Sorley, 47, said" in doc.text
    assert "old hull.\n\n“I agree" in doc.text
    assert doc.text.count("“") == doc.text.count("”")


def test_a_second_run_changes_nothing() -> None:
    text = FLAT_STORY.replace("told reporters twice", "said angrily to a reporter")
    once = restored(text, STORY).text
    assert restored(once, STORY).edits == ()


def test_cut_words_are_completed_and_a_whole_word_is_not() -> None:
    cut = degrade(STORY, damage=[*FLAT, Window(260, start=11)]).text
    assert cut.startswith("ayor ann")
    assert restored(cut, STORY).text.startswith("Mayor Ann McTeague")
    assert restored(cut[5:], STORY).text.startswith("Ann McTeague")


def test_stops_go_with_their_capitals_and_quotes_in_pairs() -> None:
    doc = restored(FLAT_STORY, STORY)
    edits = doc.passes[-1].edits
    (opening,) = [e for e in edits if FLAT_STORY[e.start :].startswith("will never") and e.after]
    (closing,) = [e for e in edits if e.after == "”" and e.group == opening.group]
    assert FLAT_STORY[: closing.start].endswith("sell")
    (capital,) = [e for e in edits if e.after == "I" and FLAT_STORY.startswith("it isn", e.start)]
    assert [e.after for e in edits if e.group == capital.group] == [".", "I"]


def test_words_that_agree_for_long_are_surer() -> None:
    long = {e.confidence for e in restored(FLAT_STORY, STORY).edits if e.normalizer == "canonical"}
    broken = FLAT_STORY.replace(" the ", " this ").replace(" a ", " one ").replace(" he ", " who ")
    short = {e.confidence for e in restored(broken, STORY).edits if e.normalizer == "canonical"}
    assert min(short) < min(long)


def test_the_own_house_style_is_kept_if_asked() -> None:
    apart = PIPELINE.without("canonical").adding(Canonical(style="own"))
    doc = restored(FLAT_STORY, STORY, apart)
    assert '"I agree," Mr. Sorley, 47, told' in doc.text
    assert "isn't" in doc.text
    assert "“I agree,” Mr Sorley, 47, told" in restored(FLAT_STORY, STORY).text
    with pytest.raises(ValueError, match="style is one of"):
        Canonical(style="theirs")  # type: ignore[arg-type]


def test_without_the_normalizer_only_words_are_completed() -> None:
    apart = PIPELINE.without("canonical")
    assert restored(FLAT_STORY, STORY, apart).text == restored(FLAT_STORY, None).text


def test_alone_it_sets_only_what_the_canonical_version_has() -> None:
    alone = Pipeline((Canonical(),), threads=1)
    assert restored(FLAT_STORY, STORY, alone).text == STORY
    assert restored(FLAT_STORY, None, alone).text == FLAT_STORY


# --- another story --------------------------------------------------------------------------------


def test_another_story_changes_nothing_and_is_told_of() -> None:
    doc = restored(FLAT_STORY, OTHER)
    assert doc.text == restored(FLAT_STORY, None).text
    assert doc.passes == restored(FLAT_STORY, None).passes
    assert [w for w in doc.warnings if "another story" in w]


def test_a_cut_word_is_not_completed_from_another_story() -> None:
    cut = FLAT_STORY[: FLAT_STORY.index("mcteague") + 5]
    assert restored(cut, OTHER).text == restored(cut, None).text


def test_an_empty_text_and_an_empty_canonical_version() -> None:
    assert PIPELINE("", canonical=STORY) == PIPELINE("")
    assert PIPELINE(FLAT_STORY, canonical="") == PIPELINE(FLAT_STORY)


# --- laws -----------------------------------------------------------------------------------------

WORDS = tuple(STORY.split(" "))


@st.composite
def rewritten(draw: st.DrawFn) -> str:
    """The story with words left out, put in, or of another case."""
    words = list(WORDS)
    for _ in range(draw(st.integers(0, 12))):
        place = draw(st.integers(0, len(words) - 1))
        words[place : place + draw(st.integers(0, 2))] = draw(
            st.lists(st.sampled_from(("Sorley,", "THE", "“no”", "isn’t.", "1.5", "a")), max_size=2)
        )
    return " ".join(words)


@settings(max_examples=40)
@given(text=rewritten(), canonical=rewritten(), flat=st.booleans())
def test_words_stay_and_a_second_run_proposes_nothing(
    text: str, canonical: str, flat: bool
) -> None:
    given_text = degrade(text, damage=FLAT).text if flat else text
    doc = restored(given_text, canonical)
    before = [lower_word(word) for word in split(given_text).words]
    assert doc.dropped or [lower_word(word) for word in split(doc.text).words] == before
    assert restored(doc.text, canonical).edits == ()


@settings(max_examples=40)
@given(text=rewritten(), canonical=st.one_of(rewritten(), st.text(max_size=60)))
def test_agreement_fits_the_words(text: str, canonical: str) -> None:
    words, agreement = split(text), Version(canonical).agreement(split(text))
    assert len(agreement.gaps) == len(words) + 1
    for word, form in zip(words.words, agreement.forms, strict=True):
        assert form is None or lower_word(form) == lower_word(word)


# --- from a library -------------------------------------------------------------------------------


@pytest.fixture
def stories(tmp_path: Path) -> Path:
    with Library(tmp_path / "stories.db") as library:
        library.add_many([("ferry", STORY), ("schools", OTHER)])
    return tmp_path / "stories.db"


def test_a_library_gives_the_canonical_version(stories: Path) -> None:
    pipeline = Pipeline.default(threads=1, library=stories)
    docs = list(pipeline.stream([FLAT_STORY, degrade(OTHER, damage=FLAT).text]))
    assert [(doc.canonical_id, doc.text) for doc in docs] == [("ferry", STORY), ("schools", OTHER)]
    assert Document.from_dict(docs[0].to_dict()) == docs[0]


def test_a_text_that_is_in_no_library_comes_out_as_without(stories: Path) -> None:
    flat = "the river rose on friday and the bridge at kellan was closed to all but the u s army"
    doc = Pipeline.default(threads=1, library=stories)(flat)
    assert doc == PIPELINE(flat)
    assert doc.canonical_id == ""


def test_a_canonical_version_that_is_given_goes_before_the_library(stories: Path) -> None:
    own = STORY.replace("Mr Sorley", "Mr. Sorley")
    doc = Pipeline.default(threads=1, library=stories)(FLAT_STORY, canonical=own)
    assert (doc.text, doc.canonical_id) == (own, "")


def test_a_pipeline_with_a_library_pickles(stories: Path) -> None:
    with Library(stories) as library:
        pipeline = pickle.loads(pickle.dumps(Pipeline.default(threads=1, library=library)))
    assert pipeline.library == stories
    assert pipeline(FLAT_STORY).text == STORY


def test_a_library_that_is_not_there_is_an_error_and_no_fault_of_the_text(tmp_path: Path) -> None:
    pipeline = Pipeline.default(threads=1, library=tmp_path / "none.db")
    with pytest.raises(LibraryError):
        list(pipeline.stream([FLAT_STORY], on_error="keep"))


def test_a_draft_reads_its_canonical_version_itself() -> None:
    draft = Draft(Document.start(FLAT_STORY), canonical=STORY)
    assert draft.evidence.gaps[-1] == "."
    assert Draft(Document.start(FLAT_STORY)).known.gaps == {}
    assert run(PIPELINE, []) == []


def test_a_line_end_at_the_edge_costs_no_paragraph_break() -> None:
    story = (
        "Rain fell on Poti for three days and the ferry stayed in the harbor.\n\n"
        "The master of the harbor said on Friday that 40 people were waiting on the quay."
    )
    flat = degrade(story, damage=FLAT).text
    assert restore(flat, canonical=story).text == story
    assert restore(f"{flat}\n", canonical=story).text == f"{story}\n"
