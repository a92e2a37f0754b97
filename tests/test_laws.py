"""The seven laws, over any string, news-like flat copy and mixtures, with the real model."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import lru_cache
from random import Random

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.damage import DEFAULT, FLAT, Casefold, Damage, Flatten, Partial, StripMarks, degrade
from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edits import apply
from cleantext.normalizers import Boilerplate, Edges, Encoding, Glued
from cleantext.pipeline import Pipeline
from cleantext.words import lower_word, split

PIPELINE = Pipeline.default(threads=1)
READING = PIPELINE.without("encoding", "boilerplate", "edges", "glued")
#: Kinds of edit that may change letters, digits and words.
WORDED = frozenset(("decode", "drop", "complete", "split"))

# --- texts ----------------------------------------------------------------------------------------

#: The strange ones among characters, beside any other.
ODD = "aZéßİ9٣½ '\"’“.,-—$%@#&\u0301\u00a0\u200b\ufeff\r\n\t\x00\ud800\udc00€Ãâ"
ANY = st.text(st.characters() | st.sampled_from(ODD), max_size=60)
WORDS = (
    "the a of in to and that for on with as by it he she they i we said says told was were has have"
    " not but who which president trump minister hun sen mcconnell london washington cambodia"
    " monday november police court company government billion million percent people year years"
    " s t re u k p m d c st mr mrs dr jr inc no 1 5 10 23 30 000 800 2019 covid 19 usa it us who"
    " may march polish turkey o brien jay z al qaeda duty free so called old world war ii"
    " i m don t isn what why how é café zürich 東京 b c"
).split()
FLAT_COPY = st.lists(st.sampled_from(WORDS), min_size=4, max_size=50).map(" ".join)
SET_COPY = st.sampled_from(
    (
        'The mayor said: "We agree." It cost $1.5 million (10%).',
        "“It’s late,” Mr. O’Brien told the BBC on Monday — twice.",
        "U.S. President Donald Trump's letter, dated Nov. 1, came at 3 p.m. ET.",
        "Really? No! The score was 3-2.",
        'He said: "So it went on.\n\n"And on."',
    )
)
PIECES = (
    FLAT_COPY
    | SET_COPY
    | st.just("POLICE CHARGE MAN")
    | FLAT_COPY.map(str.upper)
    | st.text(ODD, max_size=15)
)
MIXED = st.builds(
    lambda pieces, between: between.join(pieces),
    st.lists(PIECES, min_size=2, max_size=4),
    st.sampled_from(("\n\n", "\n", " ", ". ", "\t", "\r\n")),
)


@lru_cache(maxsize=256)
def restored(text: str) -> Document:
    return PIPELINE(text)


def stages(doc: Document) -> Iterator[tuple[str, Sequence, str]]:
    """Each pass of a document: the text before it, its edits, the text after it."""
    text = doc.raw
    for made in doc.passes:
        after = apply(text, made.edits)
        yield text, made.edits, after
        text = after
    assert text == doc.text


# --- the laws as checks ---------------------------------------------------------------------------


def check_undo(doc: Document) -> None:
    """Law 1."""
    assert doc.undo() == doc.raw
    assert [after for *_, after in stages(doc)][-1:] in ([], [doc.text])
    assert Document.from_dict(doc.to_dict()) == doc


def check_letters(doc: Document) -> None:
    """Law 2: but for recorded edits of a few kinds every letter, digit and word stays, casefolded."""
    for before, edits, after in stages(doc):
        before = apply(before, [edit for edit in edits if edit.kind in WORDED])
        assert letters(after) == letters(before)
        if not any(edit.normalizer == "encoding" for edit in edits):  # an invisible joins words
            old, new = split(before).words, split(after).words
            assert [*map(lower_word, new)] == [*map(lower_word, old)]
            assert [word.casefold() for word in new] == [word.casefold() for word in old]


def letters(text: str) -> str:
    return "".join(regex.findall(r"[\p{L}\p{N}]", text)).casefold()


def check_settled(doc: Document) -> None:
    """Law 3."""
    again = PIPELINE(doc.text)
    assert [(e.kind, e.before, e.after) for e in again.edits] == []
    assert again.text == doc.text


def check_undamaged(doc: Document) -> None:
    """Law 4: no edit where the diagnosis finds its dimension sound.

    The encoding: see below. Boilerplate and glued words are nothing that the diagnosis looks for.
    """
    for before, edits, _ in stages(doc):
        draft = Draft(Document.start(before))
        diagnosis, words = draft.diagnosis, draft.words
        masks = diagnosis.masks(words)
        for edit in edits:
            if edit.normalizer in (Encoding.name, Boilerplate.name, Glued.name):
                continue
            if edit.normalizer == Edges.name:
                assert diagnosis.damaged("edges"), edit
                continue
            if edit.kind == "case":
                place = sum(start <= edit.start for start in words.starts) - 1
                assert masks.case[place], edit
            else:
                place = sum(start < edit.start for start in words.starts)
                assert masks.marks[place] or masks.layout[place], edit
                if "\n" in edit.after:
                    assert diagnosis.damaged("layout"), edit


# --- any text -------------------------------------------------------------------------------------


@settings(max_examples=250)
@given(ANY)
def test_law_1_undo_any(text):
    check_undo(restored(text))


@settings(max_examples=60)
@given(FLAT_COPY | MIXED)
def test_law_1_undo(text):
    check_undo(restored(text))


@settings(max_examples=250)
@given(ANY)
def test_law_2_letters_any(text):
    check_letters(restored(text))


@settings(max_examples=60)
@given(FLAT_COPY | MIXED)
def test_law_2_letters(text):
    check_letters(restored(text))


@settings(max_examples=60)
@given(ANY | FLAT_COPY | MIXED)
def test_law_2_words_without_the_repair_of_the_encoding(text):
    old, new = split(text).words, split(READING(text).text).words
    assert [*map(lower_word, new)] == [*map(lower_word, old)]


@settings(max_examples=150)
@given(ANY)
def test_law_3_settled_any(text):
    check_settled(restored(text))


@settings(max_examples=60)
@given(FLAT_COPY | MIXED)
def test_law_3_settled(text):
    check_settled(restored(text))


@settings(max_examples=80)
@given(ANY | FLAT_COPY | MIXED)
def test_law_4_undamaged(text):
    check_undamaged(restored(text))


@settings(max_examples=40)
@given(st.lists(SET_COPY, min_size=1, max_size=4, unique=True).map("\n\n".join))
def test_law_4_sound_copy_stays(text):
    assert restored(text).edits == ()


@pytest.mark.parametrize(
    "damaged", ["Itâ€™s", "AT&amp;T", "a\x00b", "zero\u200bwidth", "\ufeffThe", "a\ud800b", "ItÃ¢s"]
)
def test_law_4_what_encoding_mends_is_diagnosed(damaged):
    assert restored(damaged).edits
    assert Draft(Document.start(damaged)).diagnosis.damaged("encoding")


@pytest.mark.parametrize(
    "damaged", ["wait\x85", "soft\u00adhyphen", "a\u00a0 b", "\u202aThe\u202c", "one\u2028two"]
)
def test_law_4_what_encoding_mends_is_diagnosed_in_rare_cases_too(damaged):
    assert restored(damaged).edits
    assert Draft(Document.start(damaged)).diagnosis.damaged("encoding")


# --- law 5: addresses -----------------------------------------------------------------------------

ADDRESSES = st.sampled_from(
    (
        "https://www.example.com/a/story-of-mine?id=3&x=y",
        "http://news.example.co.uk/2019/11/us",
        "www.example.org",
        "bbc.co.uk",
        "senate.gov",
        "bit.ly/2abcde",
        "jane.doe@example.com",
        "tips@news.example.co.uk",
        "j_smith+news@mail.example.org",
        "@realdonaldtrump",
        "@bbc_news",
        "#covid19",
        "#metoo",
    )
)
FLATTENED = st.sampled_from(
    (
        "www example com",
        "https www example com",
        "www nytimes com",
        "www bbc co uk",
        "www gov uk",
        "www senate gov",
        "example com",
    )
)
SURROUND = st.lists(st.sampled_from(WORDS[:60]), min_size=6, max_size=25).map(" ".join)


@settings(max_examples=60)
@given(SURROUND, ADDRESSES, SURROUND, st.sampled_from((" ", "\n\n")))
def test_law_5_addresses_that_survive_are_left_alone(before, address, after, between):
    doc = restored(between.join((before, address, after)))
    assert address in doc.text


@settings(max_examples=40)
@given(SURROUND, FLATTENED, SURROUND)
def test_law_5_flattened_addresses_are_no_prose(before, address, after):
    assert address in restored(f"{before} {address} {after}").text


# --- law 6: cost ----------------------------------------------------------------------------------


@given(st.integers(0, 30), st.integers(0, 30))
def test_law_6_what_is_too_long_is_refused(length, most):
    pipeline = Pipeline.default(max_chars=most)
    text = "." * length
    if length <= most:
        assert pipeline(text).text == text
    else:
        with pytest.raises(ValueError, match=f"max_chars \\({most}\\)"):
            pipeline(text)


# --- law 7: neighbours, batches, threads ----------------------------------------------------------


def signature(doc: Document) -> tuple:
    """A document with its confidences to three decimals."""
    return doc.text, [
        (e.start, e.before, e.after, e.kind, e.group, round(e.confidence, 3)) for e in doc.edits
    ]


@settings(max_examples=25)
@given(st.lists(FLAT_COPY | MIXED | ANY, min_size=1, max_size=5), st.randoms())
def test_law_7_neighbours_order_and_threads_change_nothing(texts, random):
    alone = {text: signature(restored(text)) for text in texts}
    assert [signature(doc) for doc in PIPELINE.stream(texts)] == [alone[text] for text in texts]
    random.shuffle(texts)
    threaded = Pipeline.default(threads=2).stream(texts)
    assert [signature(doc) for doc in threaded] == [alone[text] for text in texts]


def test_law_7_over_several_windows_and_batches(monkeypatch):
    random = Random(7)
    texts = [" ".join(random.choices(WORDS, k=random.choice((5, 60, 700)))) for _ in range(6)]
    alone = [signature(restored(text)) for text in texts]
    for size in (1, 2, 64):
        monkeypatch.setattr("cleantext.streams.BATCH_TEXTS", size)
        assert [signature(doc) for doc in PIPELINE.stream(texts)] == alone
    assert [signature(doc) for doc in Pipeline.default(threads=2).stream(texts)] == alone


# --- real articles --------------------------------------------------------------------------------

DAMAGES: dict[str, tuple[Damage, ...]] = {
    "flat": FLAT,
    "default": DEFAULT,
    "some paragraphs": (Partial(FLAT, 0.3),),
    "some sentences": (Partial(FLAT, 0.3, "sentence"),),
    "lowered": (Casefold(),),
    "marks lost": (StripMarks(keep_newlines=True),),
    "one paragraph": (Flatten(),),
    "hard-wrapped": (Flatten(wrap=70),),
    "as published": (),
}
ARTICLES, LONGEST = 6, 2500


def sample(articles: Sequence[tuple[str, str]], name: str) -> list[str]:
    """Some articles, always the same for a kind of damage; long ones end at a paragraph."""
    chosen = Random(name).sample(articles, ARTICLES)
    return [text[: text.rfind("\n\n", 0, LONGEST) + 1] or text[:LONGEST] for _, text in chosen]


@pytest.mark.slow
@pytest.mark.parametrize("name", DAMAGES)
def test_laws_on_real_articles(dev_articles, name):
    articles = sample(dev_articles, name)
    texts = [degrade(text, seed=1, damage=DAMAGES[name]).text for text in articles]
    for text, doc in zip(texts, PIPELINE.stream(texts), strict=True):
        assert doc.raw == text
        check_undo(doc)
        check_letters(doc)
        check_settled(doc)
        check_undamaged(doc)


@pytest.mark.slow
def test_published_articles_stay(dev_articles):
    """But for what the encoding lost."""
    texts = sample(dev_articles, "as published")
    changed = [
        doc
        for doc in PIPELINE.stream(texts)
        if {edit.normalizer for edit in doc.edits} - {Encoding.name}
    ]
    assert changed == []


@pytest.mark.slow
def test_what_is_not_damaged_stays(dev_articles):
    """Where only some paragraphs were hit, every other stays byte for byte."""
    kept = total = 0
    for text in sample(dev_articles, "some paragraphs"):
        damaged = degrade(text, seed=1, damage=(Partial(FLAT, 0.3),))
        doc = READING(damaged.text)
        for paragraph in text.split("\n\n"):
            if paragraph in damaged.text and len(paragraph) > 80:
                total += 1
                kept += paragraph in doc.text
    assert total > 20
    assert kept / total > 0.95
