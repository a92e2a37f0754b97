"""The pipeline: what it takes, what it gives, how it streams, and what it refuses."""

from __future__ import annotations

import multiprocessing
import pickle
import subprocess
import sys
from collections.abc import Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from decimal import Decimal
from enum import Enum
from pathlib import Path
from typing import ClassVar

import numpy as np
import pytest

import cleantext.pipeline
from cleantext.damage import FLAT as DAMAGED
from cleantext.damage import Flatten, degrade
from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edits import Edit, EditError, Kind
from cleantext.normalizers import Casing, Encoding, Punctuation
from cleantext.pipeline import Normalizer, Pipeline, PipelineError, restore
from cleantext.streams import BATCH_CHARS, BATCH_TEXTS
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.onnx import ModelError

FLAT = "the president said on monday that u s troops would leave the country by the end of the year"
SOUND = "The president spoke on Monday. He said that U.S. troops would leave.\n"
PIPELINE = Pipeline.default(threads=1)
FIXTURES = Path(__file__).parents[1] / "fixtures"


@dataclass(frozen=True)
class Replacing:
    """A normalizer for tests: every ``before`` becomes ``after``."""

    before: str
    after: str
    kind: Kind = "mark"
    name: str = "replacing"
    kinds: frozenset[Kind] = frozenset({"mark"})
    confidence: float = 1.0
    group: int = 0

    def propose(self, draft: Draft) -> Iterable[Edit]:
        """An edit for each place."""
        place = draft.text.find(self.before)
        while place >= 0:
            yield Edit(
                place, self.before, self.after, self.kind, "test", self.confidence, self.group,
                self.name,
            )  # fmt: skip
            place = draft.text.find(self.before, place + len(self.before))


# --- one text -------------------------------------------------------------------------------------


def test_flat_copy_is_restored():
    doc = restore(FLAT)
    assert doc.raw == FLAT
    assert doc.text.startswith("The president said on Monday that U.S. troops")
    assert {edit.normalizer for edit in doc.edits} == {"casing", "punctuation"}
    assert all(edit.reason for edit in doc.edits)
    assert 0 <= doc.quality <= 1
    assert doc.warnings == ()
    assert doc.undo() == FLAT


def test_sound_copy_stays():
    doc = restore(SOUND)
    assert (doc.text, doc.passes, doc.quality) == (SOUND, (), 0.0)


@pytest.mark.parametrize("text", ["", " ", "\n\n", "x", "The", "42", "...", "\u0301", "東京"])
def test_what_says_too_little_stays(text):
    doc = restore(text)
    assert (doc.raw, doc.text) == (text, text)
    assert doc.warnings == ()


@pytest.mark.parametrize("missing", [None, float("nan"), np.float64("nan")])
def test_missing_text_is_an_empty_document_with_a_warning(missing):
    doc = restore(missing)
    assert (doc.raw, doc.text, doc.passes) == ("", "", ())
    assert doc.warnings == ("there was no text: None or NaN",)


@pytest.mark.parametrize("data", [b"text", bytearray(b"text"), memoryview(b"text")])
def test_bytes_are_refused_and_the_way_to_decode_is_named(data):
    with pytest.raises(TypeError, match=r"bytes; decode it first.*text\.decode"):
        restore(data)


@pytest.mark.parametrize(
    ("thing", "name"),
    [
        (3, "int"),
        (1.5, "float"),
        (["a"], "list"),
        (10**400, "int"),
        (Decimal("sNaN"), "Decimal"),
        (np.array(["a", "b"]), "ndarray"),
    ],
)
def test_what_is_no_text_is_refused_by_name(thing, name):
    with pytest.raises(TypeError, match=f"a text is a str; got {name}"):
        restore(thing)


class Scraped(str):
    """A string as some libraries hand it out."""

    __slots__ = ()


def test_a_string_of_another_class_is_a_string():
    doc = restore(Scraped(FLAT))
    assert type(doc.raw) is str
    assert doc == restore(FLAT)
    assert restore(np.str_(FLAT)) == doc


class Headline(str, Enum):  # noqa: UP042  a StrEnum has no str() of its own
    """Members whose str() is their name."""

    FIRST = "Police charge man with theft"


def test_a_string_is_taken_by_its_characters():
    assert restore(Headline.FIRST).raw == "Police charge man with theft"


def test_what_is_wrong_with_a_canonical_version_is_said_of_it():
    with pytest.raises(TypeError, match="the canonical version is bytes"):
        restore(FLAT, canonical=b"The president")
    with pytest.raises(TypeError, match="a canonical version is a str; got list"):
        restore(FLAT, canonical=["The president"])
    with pytest.raises(ValueError, match="the canonical version has 180 characters"):
        Pipeline.default(max_chars=120)(FLAT, canonical=SOUND[:18] * 10)


def test_a_text_over_max_chars_is_refused():
    pipeline = Pipeline.default(max_chars=10)
    assert pipeline("a" * 10).text == "a" * 10
    with pytest.raises(ValueError, match=r"11 characters, more than max_chars \(10\).*split it"):
        pipeline("a" * 11)
    with pytest.raises(ValueError, match="2,000,001 characters"):
        restore("a" * 2_000_001)


def test_a_paragraph_break_keeps_the_stop_before_it():
    story = FIXTURES / "clean-night-library" / "canonical.txt"
    flat = " ".join(story.read_text("utf-8").split())
    doc = Pipeline.default(threads=1, thresholds=Thresholds(paragraph=0.01))(flat)
    assert "\n\n" in doc.text
    assert doc.text.split() == flat.split()


def test_a_paragraph_break_in_hard_wrapped_copy_is_an_empty_line():
    words = (FIXTURES / "marks-lost-wildfire" / "canonical.txt").read_text("utf-8")
    wrapped = degrade(words, damage=(*DAMAGED, Flatten(wrap=70))).text
    doc = Pipeline.default(threads=1, thresholds=Thresholds(paragraph=0.05))(wrapped)
    made = [edit.after for edit in doc.edits if edit.reason == "paragraph"]
    assert made
    assert set(made) == {"\n\n"}


# --- settings -------------------------------------------------------------------------------------


def test_without():
    names = Pipeline.default().names
    assert names[:6] == ("encoding", "boilerplate", "edges", "glued", "casing", "punctuation")
    assert Pipeline.default().without("casing", "encoding").names == (*names[1:4], *names[5:])
    assert Pipeline.default().without().names == Pipeline.default().names
    with pytest.raises(PipelineError, match=r"no normalizer is called 'cases'; there are \('enc"):
        Pipeline.default().without("cases")


def test_without_punctuation_no_mark_is_set():
    doc = PIPELINE.without("punctuation")(FLAT)
    assert {edit.kind for edit in doc.edits} == {"case"}
    assert "Monday" in doc.text


def test_without_casing_no_letter_is_raised():
    doc = PIPELINE.without("casing")(FLAT)
    assert doc.text == doc.text.lower()
    assert "case" not in doc.counts()


def test_an_empty_pipeline_changes_nothing():
    assert Pipeline(())(FLAT) == Document.start(FLAT)


def test_adding():
    extra = Replacing("…", "...")
    assert Pipeline.default().adding(extra).names[-1] == "replacing"
    assert Pipeline.default().adding(extra, before="casing").names[4] == "replacing"
    with pytest.raises(PipelineError, match="no normalizer is called 'nothing'"):
        Pipeline.default().adding(extra, before="nothing")
    with pytest.raises(PipelineError, match="two normalizers are called 'casing'"):
        Pipeline.default().adding(Casing())


@pytest.mark.parametrize("share", [-0.1, 1.1, float("nan")])
def test_min_confidence_is_a_share(share):
    with pytest.raises(PipelineError, match=f"from 0 to 1, not {share}"):
        Pipeline.default(min_confidence=share)


def test_the_normalizers_keep_the_protocol():
    for normalizer in (Encoding(), Casing(), Punctuation(), Replacing("a", "b")):
        assert isinstance(normalizer, Normalizer)


def test_a_pipeline_pickles():
    again = pickle.loads(pickle.dumps(PIPELINE))
    assert again == PIPELINE
    assert again(FLAT) == PIPELINE(FLAT)


def test_a_document_pickles():
    doc = PIPELINE(FLAT)
    assert pickle.loads(pickle.dumps(doc)) == doc


# --- normalizers of one's own ---------------------------------------------------------------------


def test_a_normalizer_of_ones_own():
    doc = Pipeline((Replacing(" ;", ";"),))("one ; two ; three")
    assert doc.text == "one; two; three"
    assert [(e.start, e.before, e.after, e.normalizer) for e in doc.edits] == [
        (3, " ;", ";", "replacing"),
        (9, " ;", ";", "replacing"),
    ]
    assert doc.undo() == "one ; two ; three"


def test_normalizers_run_in_their_order():
    first, second = Replacing("-", ";", name="one"), Replacing(";", ",", name="two")
    assert Pipeline((first, second))("a-b").text == "a,b"
    assert [len(p.edits) for p in Pipeline((first, second))("a-b").passes] == [1, 1]


def test_an_undeclared_kind_is_refused():
    sly = Replacing("a", "A", kind="case", name="sly")
    with pytest.raises(
        PipelineError, match=r"'sly' proposed a 'case' edit but declares only \['mark"
    ):
        Pipeline((sly,))("a")


def test_an_edit_that_breaks_its_kind_is_refused():
    with pytest.raises(EditError, match="'mark' edit may not turn 'a' into 'b'"):
        Pipeline((Replacing("a", "b"),))("a")


def test_edits_that_overlap_are_refused():
    both = (Replacing("--", "-", name="one"), Replacing("--", ";", name="two"))

    @dataclass(frozen=True)
    class Both:
        name: ClassVar[str] = "both"
        kinds: ClassVar[frozenset[Kind]] = frozenset({"mark"})

        def propose(self, draft: Draft) -> list[Edit]:
            return [edit for one in both for edit in one.propose(draft)]

    with pytest.raises(EditError, match="overlap"):
        Pipeline((Both(),))("a -- b")


def test_what_does_not_settle_is_left_as_it_came():
    grows = Replacing("!", "!!")
    doc = Pipeline((grows,))("stop!")
    assert (doc.text, doc.passes) == ("stop!", ())
    assert doc.warnings == ("left as it came: its edits did not settle in 4 rounds",)
    settles = Pipeline((Replacing("!!", "!"),))("stop!!!!!")
    assert settles.text == "stop!"
    assert settles.warnings == ()


def test_a_text_that_does_not_settle_does_not_harm_its_neighbours():
    docs = list(Pipeline((Replacing("!", "!!"),)).stream(["stop!", "go", "stay!"]))
    assert [doc.text for doc in docs] == ["stop!", "go", "stay!"]
    assert [bool(doc.warnings) for doc in docs] == [True, False, True]


# --- confidence -----------------------------------------------------------------------------------


@dataclass(frozen=True)
class Given:
    """Proposes a given list, once."""

    edits: tuple[Edit, ...] = field(default=())
    name: ClassVar[str] = "given"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"mark"})

    def propose(self, draft: Draft) -> tuple[Edit, ...]:
        """The list for the raw text, nothing for any other."""
        return () if draft.document.changed else self.edits


def test_min_confidence_drops_whole_groups():
    edits = (
        Edit(0, "", '"', "mark", "opens", 0.9, group=2),
        Edit(3, "", ",", "mark", "alone and sure", 0.8),
        Edit(7, "", ";", "mark", "alone and unsure", 0.4),
        Edit(13, "", '"', "mark", "closes", 0.3, group=2),
        Edit(13, "", ".", "mark", "its own group", 0.7, group=4),
    )
    text = "one two three"
    assert Pipeline((Given(edits),))(text).text == '"one, two; three".'
    assert Pipeline((Given(edits),), min_confidence=0.35)(text).text == "one, two; three."
    assert Pipeline((Given(edits),), min_confidence=0.75)(text).text == "one, two three"
    assert Pipeline((Given(edits),), min_confidence=1.0)(text).text == text


@pytest.mark.parametrize("bar", [0.5, 0.9, 0.99])
def test_no_edit_of_a_restoration_is_below_the_bar(bar):
    doc = restore(FLAT * 3, min_confidence=bar)
    assert all(edit.confidence >= bar for edit in doc.edits)
    assert doc.undo() == FLAT * 3


@pytest.mark.parametrize("bar", [0.5, 0.6, 0.7, 0.8])
@pytest.mark.parametrize("story", ["marks-lost-wildfire", "british-bus-strike"])
def test_no_paragraph_ends_without_its_mark_because_of_a_bar(story, bar):
    scraped = (FIXTURES / story / "scraped.txt").read_text("utf-8")
    *paragraphs, _ = Pipeline.default(min_confidence=bar, threads=1)(scraped).text.split("\n\n")
    _, *story = paragraphs  # a headline has no mark
    assert not [line for line in story if line[-1].isalnum()]


def test_an_elision_is_no_opening_quote():
    curly = "“It’s late,” she said. “We won’t go.” The mayor’s office didn’t reply to the town.\n\n"
    flat = (
        "back in the 90s the mayor of the town said the people who had come in the 60s and 70s would"
        " not leave and that the music of the 80s was on every radio in the city on monday"
    )
    made = restore(curly + flat).text
    assert "‘" not in made
    assert "’90s" in made or "the 90s" in made


# --- streams --------------------------------------------------------------------------------------

TEXTS = [FLAT, "", SOUND, "and the mayor of london said it was late", None, FLAT.upper()]


def test_a_stream_gives_what_each_text_gives_alone_and_in_order():
    assert list(PIPELINE.stream(TEXTS)) == [PIPELINE(text) for text in TEXTS]
    assert list(PIPELINE.stream([])) == []


def test_a_stream_pairs_results_with_ids():
    keys = ["a", 2, None, (4,), "a", 6.0]
    pairs = list(PIPELINE.stream(TEXTS, ids=iter(keys)))
    assert [key for key, _ in pairs] == keys
    assert [doc for _, doc in pairs] == list(PIPELINE.stream(TEXTS))


@pytest.mark.parametrize("ids", [[1], [1, 2, 3]])
def test_there_is_one_id_for_each_text(ids):
    with pytest.raises(PipelineError, match="one id for each text"):
        list(PIPELINE.stream(["one", "two"], ids=ids))


def test_an_error_of_the_source_is_the_source_s_own():
    def rows() -> Iterator[str]:
        yield "one"
        raise ValueError("row 2 is damaged")

    with pytest.raises(ValueError, match="row 2 is damaged"):
        list(PIPELINE.stream(rows(), ids=[1, 2]))


class Counting:
    """An iterable that knows how much of it was read."""

    def __init__(self, texts: Iterable[str]) -> None:
        self.texts, self.read = texts, 0

    def __iter__(self) -> Iterator[str]:
        for text in self.texts:
            self.read += 1
            yield text


def test_a_stream_reads_nothing_before_it_is_asked():
    source = Counting(["one", "two"])
    stream = PIPELINE.stream(source)
    assert source.read == 0
    assert next(stream).text == "one"


def test_a_stream_never_reads_more_than_a_batch_ahead():
    source = Counting(f"text {i}" for i in range(1000))
    for done, doc in enumerate(PIPELINE.stream(source)):
        assert doc.text == f"text {done}"
        assert done < source.read <= done + BATCH_TEXTS
        if done == 300:
            break
    assert source.read < 400


def test_a_batch_of_giants_is_small():
    giant = "- " * (BATCH_CHARS // 4)
    source = Counting(giant for _ in range(100))
    for done, _ in enumerate(Pipeline(()).stream(source)):
        assert source.read <= done + 2


def test_a_stream_without_end_can_be_left():
    def endless() -> Iterator[str]:
        while True:
            yield SOUND

    stream = PIPELINE.stream(endless())
    assert [next(stream).text for _ in range(3)] == [SOUND] * 3
    stream.close()


# --- errors in a stream ---------------------------------------------------------------------------

MIXED = ["one", b"two", "three", 4, "five"]


def test_raise_gives_what_came_before_the_fault():
    stream = PIPELINE.stream(MIXED)
    assert next(stream).text == "one"
    with pytest.raises(TypeError, match="bytes"):
        next(stream)


def test_keep_gives_the_unchanged_text_with_a_warning():
    docs = list(PIPELINE.stream(MIXED, on_error="keep"))
    assert [doc.text for doc in docs] == ["one", "", "three", "", "five"]
    assert docs[1].warnings[0].startswith("left as it came: the text is bytes")
    assert docs[3].warnings == ("left as it came: a text is a str; got int",)
    assert docs[4].warnings == ()


def test_keep_keeps_a_text_that_is_too_long():
    (doc,) = Pipeline.default(max_chars=5).stream(["too long"], on_error="keep")
    assert (doc.raw, doc.text) == ("too long", "too long")
    assert "more than max_chars (5)" in doc.warnings[0]


def test_a_callable_gets_number_text_and_error():
    met: list[tuple[object, object, type]] = []

    def note(key: object, text: object, error: Exception) -> Document | None:
        met.append((key, text, type(error)))
        return Document.start("mended") if text == 4 else None

    docs = list(PIPELINE.stream(MIXED, on_error=note))
    assert [doc.text for doc in docs] == ["one", "three", "mended", "five"]
    assert met == [(1, b"two", TypeError), (3, 4, TypeError)]


def test_a_callable_gets_the_id_if_there_are_ids():
    met: list[object] = []

    def leave_out(key: object, text: object, error: Exception) -> None:
        met.append(key)

    pairs = list(PIPELINE.stream(MIXED, ids="abcde", on_error=leave_out))
    assert [(key, doc.text) for key, doc in pairs] == [("a", "one"), ("c", "three"), ("e", "five")]
    assert met == ["b", "d"]


def test_a_callable_may_raise():
    def stop(key: object, text: object, error: Exception) -> None:
        raise RuntimeError(f"text {key}") from error

    with pytest.raises(RuntimeError, match="text 1"):
        list(PIPELINE.stream(MIXED, on_error=stop))


def test_a_normalizer_that_fails_on_one_text_costs_only_this_text():
    fragile = Replacing("a", "b")  # an edit that cannot be built
    docs = list(Pipeline((fragile,)).stream(["one", "cat", "two"], on_error="keep"))
    assert [doc.text for doc in docs] == ["one", "cat", "two"]
    assert [bool(doc.warnings) for doc in docs] == [False, True, False]


# --- processes and threads ------------------------------------------------------------------------


def test_a_missing_model_is_named_only_when_it_is_needed(tmp_path):
    pipeline = Pipeline.default(model=tmp_path / "nowhere")
    assert pipeline(SOUND).text == SOUND  # nothing to read
    with pytest.raises(ModelError, match=r"nowhere.*model\.json is missing"):
        pipeline(FLAT)


def test_threads_share_a_pipeline():
    alone = PIPELINE(FLAT)
    with ThreadPoolExecutor(4) as pool:
        assert list(pool.map(PIPELINE, [FLAT] * 8)) == [alone] * 8


@pytest.mark.skipif("fork" not in multiprocessing.get_all_start_methods(), reason="needs fork")
@pytest.mark.parametrize("threads", [1, 2])
def test_a_fork_after_a_restoration_restores_too(threads):
    pipeline = Pipeline.default(threads=threads)
    expected = pipeline(FLAT)
    with multiprocessing.get_context("fork").Pool(2) as pool:
        result = pool.map_async(pipeline, [FLAT, SOUND, FLAT])
        assert result.get(timeout=60) == [expected, Document.start(SOUND), expected]
    assert pipeline(FLAT) == expected


def python(code: str) -> str:
    """What a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, timeout=60,
        env={"PYTHONPATH": ":".join(sys.path)},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


HEAVY = ("numpy", "onnxruntime", "tokenizers", "ftfy", "rapidfuzz", "regex", "rich", "typer")


def test_import_loads_nothing_heavy():
    loaded = python(
        f"import cleantext, sys; print([name for name in {HEAVY!r} if name in sys.modules])"
    )
    assert loaded == "[]"


def test_the_runtime_is_loaded_with_the_first_text_that_needs_it():
    code = (
        "import cleantext, sys;"
        "p = cleantext.Pipeline.default(); d = p({!r});"
        "print('onnxruntime' in sys.modules, 'torch' in sys.modules)"
    )
    assert python(code.format(SOUND)) == "False False"
    assert python(code.format(FLAT)) == "True False"


def test_every_public_name_is_there():
    code = (
        "import cleantext; print([n for n in cleantext.__all__ if not hasattr(cleantext, n)]);"
        "print(callable(cleantext.diagnose), set(cleantext.__all__) <= set(dir(cleantext)))"
    )
    assert python(code) == "[]\nTrue True"
    with pytest.raises(AttributeError, match="no attribute 'nonsense'"):
        _ = cleantext.nonsense


def test_an_honorific_that_owns_something_has_no_stop() -> None:
    said = restore("washington has long criticized hun sen s government for its record on rights")
    assert "Hun Sen's government" in said.text
    kept = restore(
        "the speaker thanked sen warren s staff and u s rep smith for the bill on tuesday"
    )
    assert "Sen. Warren's staff" in kept.text
