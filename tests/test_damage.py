"""The damage: its laws over any text, and what each one does and leaves alone."""

from __future__ import annotations

import json
import pickle
import time
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
import regex
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.damage import (
    DEFAULT,
    FLAT,
    Casefold,
    Damage,
    Degraded,
    DuplicateLines,
    Flatten,
    Letters,
    Mojibake,
    Partial,
    Span,
    StripMarks,
    TitleCase,
    UpperCase,
    Window,
    degrade,
)
from cleantext.words import lower_char, lower_word, split

SHARED = Path(__file__).parents[2] / "shared"
ARTICLE = "\n\n".join(
    f"WASHINGTON (AP) — Senator No. {n} of O'Brien's party said so. “I won't,” Mr. Dole told {n}"
    f" men. He'd paid ${n},000 for 3.5% of it!"
    for n in range(20)
)

#: What a story is made of, and what breaks careless code: case pairs of unequal length, title-case
#: digraphs, stray marks, every line break, number letters, invisibles, half a surrogate pair.
CHARS = (
    "aB sS.,?\"'’“”-—$%08éÉßẞİıǅΣςſKⅧⅷ½①"
    "\u0301\u0345\u200d\ufeff\xa0\t\n\r\v\x1c\x85\u2028\x00\ud83d"
)
chars = st.one_of(st.sampled_from(CHARS), st.characters(), st.characters(categories=["Cs"]))
pieces = st.sampled_from(
    ["The U.S.", "covid-19", "He said.", "“Why?”", "\n\n", "\n", "\r\n \r\n", " ", "  ", ". "]
)
texts = st.one_of(st.text(chars, max_size=60), st.lists(pieces, max_size=20).map("".join))

shares = st.sampled_from([0.0, 0.3, 0.5, 1.0])
simple: st.SearchStrategy[Damage] = st.sampled_from(
    [
        Casefold(),
        UpperCase(),
        TitleCase(),
        TitleCase(keep_capitals=True),
        StripMarks(),
        StripMarks(keep_newlines=True),
        StripMarks(collapse=False),
        StripMarks(collapse=False, keep_newlines=True),
        Flatten(),
        Flatten(wrap=5),
        Letters(),
        Letters("ascii"),
        Letters("space"),
        Window(12),
        Window(7, start=3),
        Mojibake(),
        Mojibake("latin-1"),
    ]
)
partial: st.SearchStrategy[Damage] = st.builds(
    Partial,
    st.one_of(simple, st.just(FLAT), st.lists(simple, max_size=3)),
    shares,
    st.sampled_from(["paragraph", "sentence"]),
)
ordered = st.lists(st.one_of(simple, partial), max_size=4)
anything = st.lists(st.one_of(simple, partial, st.builds(DuplicateLines, shares)), max_size=4)


# --- laws -----------------------------------------------------------------------------------------


def check_spans(damaged: Degraded) -> None:
    """The degraded side is tiled from end to end, the source side in range."""
    ends = [0, *(span.end for span in damaged.spans)]
    assert [span.start for span in damaged.spans] == ends[:-1]
    assert ends[-1] == len(damaged.text)
    for span in damaged.spans:
        assert span.start < span.end
        assert 0 <= span.source_start <= span.source_end <= len(damaged.source)


@settings(max_examples=300)
@given(texts, anything, st.integers())
def test_spans_tile_the_text_and_stay_in_the_source(
    text: str, damage: list[Damage], seed: int
) -> None:
    damaged = degrade(text, seed=seed, damage=damage)
    assert damaged.source == text
    check_spans(damaged)
    for offset in range(len(damaged.text) + 1):
        assert 0 <= damaged.source_of(offset) <= len(text)


@settings(max_examples=300)
@given(texts, ordered, st.integers())
def test_without_duplicates_the_sources_ascend(text: str, damage: list[Damage], seed: int) -> None:
    damaged = degrade(text, seed=seed, damage=damage)
    for before, after in pairwise(damaged.spans):
        assert before.source_start <= after.source_start
        assert before.source_end <= after.source_end


@given(texts, simple, simple, st.integers())
def test_two_damages_map_as_one_after_the_other(
    text: str, first: Damage, second: Damage, seed: int
) -> None:
    one = first(text, Random(seed))
    two = second(one.text, Random(seed))
    both = one.then(two)
    check_spans(both)
    for span in both.spans:
        for offset in range(span.start, span.end):
            assert span.source_start <= one.source_of(two.source_of(offset)) <= span.source_end


@given(texts, anything, st.integers())
def test_same_seed_same_result(text: str, damage: list[Damage], seed: int) -> None:
    assert degrade(text, seed=seed, damage=damage) == degrade(text, seed=seed, damage=damage)


@given(texts)
def test_flat_keeps_every_word_and_knows_its_place(text: str) -> None:
    flat, source = degrade(text, damage=FLAT), split(text)
    words = split(flat.text)
    assert words.words == tuple(map(lower_word, source.words))
    assert tuple(map(flat.source_of, words.starts)) == source.starts
    ends = [flat.source_of(words.end(i) - 1) + 1 for i in range(len(words))]
    assert ends == [source.end(i) for i in range(len(source))]


@given(texts)
def test_flat_twice_is_flat_once(text: str) -> None:
    once = degrade(text, damage=FLAT)
    assert degrade(once.text, damage=FLAT) == Degraded.mapped(once.text, once.text)


@given(st.one_of(texts, st.just(ARTICLE)), st.integers())
def test_default_leaves_small_letters_digits_and_single_spaces(text: str, seed: int) -> None:
    damaged = degrade(text, seed=seed).text
    assert len(damaged) <= 3500
    assert regex.fullmatch(r" ?(?:[\p{L}\p{N}\p{M}]++ ?)*+", damaged)
    assert "".join(map(lower_char, damaged)) == damaged


@given(texts, st.sampled_from([Casefold(), UpperCase(), TitleCase(), StripMarks(collapse=False)]))
def test_case_and_single_marks_keep_the_length(text: str, damage: Damage) -> None:
    damaged = degrade(text, damage=[damage])
    assert len(damaged.text) == len(text)
    assert list(map(damaged.source_of, range(len(text)))) == list(range(len(text)))


@settings(max_examples=300)
@given(texts, partial, st.integers())
def test_partial_damage_leaves_the_rest_byte_for_byte(
    text: str, damage: Partial, seed: int
) -> None:
    damaged = degrade(text, seed=seed, damage=[damage])
    pattern, last = "", 0
    for start, end in damaged.hit:
        assert last <= start < end <= len(text)
        pattern += regex.escape(text[last:start], special_only=True) + "(?s:.*)"
        last = end
    assert regex.fullmatch(pattern + regex.escape(text[last:], special_only=True), damaged.text)
    outside = set(range(len(text))).difference(*(range(*hit) for hit in damaged.hit))
    kept = {
        span.source_start + i: damaged.text[span.start + i]
        for span in damaged.spans
        if span.end - span.start == span.source_end - span.source_start
        for i in range(span.end - span.start)
    }
    assert {place: kept.get(place) for place in outside} == {
        place: text[place] for place in outside
    }


@given(texts, st.sampled_from(["latin-1", "cp1252"]))
def test_mojibake_can_be_read_back(text: str, encoding: str) -> None:
    damaged = degrade(text, damage=[Mojibake(encoding)])  # type: ignore[arg-type]
    raw = bytearray()
    for char in damaged.text:
        try:
            raw += char.encode(encoding)
        except UnicodeEncodeError:
            raw += char.encode("latin-1")
    assert raw.decode("utf-8", "surrogatepass") == text


@given(texts)
def test_ascii_letters_leave_no_other(text: str) -> None:
    damaged = degrade(text, damage=[Letters("ascii")]).text
    assert not regex.search(r"(?V1)[[\p{L}\p{N}\p{M}]--[\x00-\x7f]]", damaged)
    assert regex.sub(r"[\p{L}\p{N}\p{M} /().,]", "", text) == regex.sub(
        r"[\p{L}\p{N}\p{M} /().,]", "", damaged
    )


@given(texts, st.integers(1, 30))
def test_wrapping_only_moves_line_breaks(text: str, width: int) -> None:
    flat = degrade(text, damage=[Flatten()]).text
    wrapped = degrade(text, damage=[Flatten(wrap=width)]).text
    assert wrapped.replace("\n", " ") == flat
    assert all(len(line) <= width or " " not in line[1:] for line in wrapped.split("\n"))


# --- cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("damage", "source", "expected"),
    [
        pytest.param(Casefold(), "ÉTÉ in Σας", "été in σας", id="capitals of any script fall"),
        pytest.param(Casefold(), "İ ǅ", "İ ǅ", id="but not those that cannot come back"),
        pytest.param(UpperCase(), "ﬁne straße", "ﬁNE STRAßE", id="ligatures stay one character"),
        pytest.param(
            TitleCase(), "o'brien's 20TH U.S. bill", "O'brien's 20th U.S. Bill", id="title"
        ),
        pytest.param(TitleCase(), "'tis “so”", "'Tis “So”", id="a quotation mark is no apostrophe"),
        pytest.param(TitleCase(keep_capitals=True), "NASA's McCain", "NASA's McCain", id="kept"),
        pytest.param(StripMarks(), "(U.S.) $1,000 — 3.5%", "U S 1 000 3 5", id="marks and edges"),
        pytest.param(StripMarks(), "cafe\u0301 नमस्ते ½ x²", "cafe\u0301 नमस्ते ½ x²", id="no marks"),
        pytest.param(StripMarks(), "one_two\x00\ufeffthree", "one two three", id="invisibles"),
        pytest.param(StripMarks(), " a  b\n\nc ", "a b c", id="layout goes with the marks"),
        pytest.param(
            StripMarks(keep_newlines=True), "“A.”\r\n\r\n— b.\n", "A\r\n\r\nb\n", id="lines"
        ),
        pytest.param(StripMarks(collapse=False), "“A.” b\n", " A   b ", id="one for one"),
        pytest.param(
            StripMarks(collapse=False, keep_newlines=True), "A.\n\nb!", "A \n\nb ", id="both"
        ),
        pytest.param(Flatten(), "A.\r\n\r\n  B\x85C\u2028D\n", "A. B C D", id="every line break"),
        pytest.param(Flatten(), " A.  B\xa0\tC ", " A.  B\xa0\tC ", id="spaces within a line stay"),
        pytest.param(Flatten(wrap=7), "one two\nthree four", "one two\nthree\nfour", id="wrap"),
        pytest.param(Flatten(wrap=3), "a governor b", "a\ngovernor\nb", id="no word is broken"),
        pytest.param(Letters(), "é ½", "é ½", id="letters kept"),
        pytest.param(
            Letters("ascii"), "Ærø ½ x² Łódź 中", "AEro 1/2 x2 Lodz  ", id="letters folded"
        ),
        pytest.param(Letters("ascii"), "“It’s” €5 —", "“It’s” €5 —", id="marks are no letters"),
        pytest.param(Letters("space"), "cafe\u0301 é ½.", "cafe     .", id="letters blanked"),
        pytest.param(Mojibake(), "it’s Á", "itâ€™s Ã\x81", id="an undefined byte stays"),
        pytest.param(Mojibake("latin-1"), "it’s", "itâ\x80\x99s", id="latin-1"),
        pytest.param(Mojibake(), "plain, 100%", "plain, 100%", id="ASCII reads the same"),
        pytest.param(
            DuplicateLines(1.0), "a\n\n \nb", "a\na\n\n \nb\nb", id="lines that are no blank"
        ),
        pytest.param(DuplicateLines(0.0), "a\nb", "a\nb", id="no line"),
        pytest.param(Window(4, start=2), "capital city", "pita", id="window where told"),
        pytest.param(Window(4, start=99), "capital city", "", id="window behind the end"),
        pytest.param(Window(11), "a b c d e f", "a b c d e f", id="no word to cut"),
    ],
)
def test_case(damage: Damage, source: str, expected: str) -> None:
    assert degrade(source, damage=[damage]).text == expected


def test_the_manner_of_real_copy() -> None:
    source = (
        "Capitalism struggles during COVID-19\n\nPHNOM PENH (AP) — Trump's $10 billion, he said."
    )
    damaged = degrade(source, damage=[*FLAT, Window(73, start=1)])
    assert (
        damaged.text == "apitalism struggles during covid 19 phnom penh ap trump s 10 billion he s"
    )
    assert damaged.source[damaged.source_of(0)] == "a"
    assert damaged.hit == ((0, len(source)),)


def test_composed_spans_name_what_a_gap_was() -> None:
    damaged = degrade("It’s $10 (now).", damage=[Mojibake(), StripMarks()])
    assert damaged.text == "Itâ s 10 now"
    assert damaged.spans == (
        Span(0, 2, 0, 2),
        Span(2, 3, 2, 3),  # the apostrophe is read as three characters, of which one is a letter
        Span(3, 4, 2, 3),
        Span(4, 5, 3, 4),
        Span(5, 6, 4, 6),
        Span(6, 8, 6, 8),
        Span(8, 9, 8, 10),
        Span(9, 12, 10, 13),
    )


# --- windows --------------------------------------------------------------------------------------


@pytest.mark.parametrize("text", [ARTICLE, "Prime Minister", ARTICLE * 4], ids=len)
def test_window_cuts_a_word_at_both_ends(text: str) -> None:
    whole, cut = split(degrade(text, damage=FLAT).text).words, []
    for seed in range(50):
        damaged = degrade(text, seed=seed)
        start, end = damaged.spans[0].source_start, damaged.spans[-1].source_end
        assert regex.fullmatch(r"\w\w", text[start - 1 : start + 1])
        assert regex.fullmatch(r"\w\w", text[end - 1 : end + 1])
        words = split(damaged.text).words
        assert any(
            whole[i].endswith(words[0]) and words[1:-1] == whole[i + 1 : i + len(words) - 1]
            for i in range(len(whole))
        )
        cut.append(damaged.text)
    assert len(set(cut)) > 5


def test_window_of_a_long_text_is_about_as_long_as_asked() -> None:
    sizes = [len(degrade(ARTICLE * 4, seed=seed).text) for seed in range(50)]
    assert min(sizes) > 3400
    assert max(sizes) <= 3500


# --- a share of the units -------------------------------------------------------------------------


def test_partial_hits_that_share_of_the_paragraphs() -> None:
    damaged = degrade(ARTICLE, damage=[Partial(FLAT, 0.3)])
    assert len(damaged.hit) == 6
    paragraphs = ARTICLE.split("\n\n")
    assert all(ARTICLE[start:end] in paragraphs for start, end in damaged.hit)
    flat = [degrade(ARTICLE[start:end], damage=FLAT).text for start, end in damaged.hit]
    assert [line for line in damaged.text.split("\n\n") if line not in paragraphs] == flat


def test_a_share_holds_on_average_where_units_are_few() -> None:
    hits = [len(degrade("Hi\n\nHo", seed=i, damage=[Partial(FLAT, 0.25)]).hit) for i in range(400)]
    assert set(hits) == {0, 1}
    assert 160 < sum(hits) < 240


@pytest.mark.parametrize(
    ("text", "unit", "units"),
    [
        ("A b.\nC d.\n\nE f.", "paragraph", ["A b.\nC d.", "E f."]),
        ("A b.\nC d.\nE f.", "paragraph", ["A b.", "C d.", "E f."]),
        ("A b.\r\nC d.\r\n", "paragraph", ["A b.", "C d."]),
        (
            "Is it? It is! “So.” Then… Yes",
            "sentence",
            ["Is it?", "It is!", "“So.”", "Then…", "Yes"],
        ),
        ("He left. 20 stayed.\nShe too", "sentence", ["He left.", "20 stayed.", "She too"]),
        (
            "Mr. Dole and J. Doe of the U.S. Navy",
            "sentence",
            ["Mr. Dole and J. Doe of the U.S. Navy"],
        ),
        (
            "It cost 3.5 Million, etc. and so on",
            "sentence",
            ["It cost 3.5 Million, etc. and so on"],
        ),
    ],
)
def test_units(text: str, unit: str, units: list[str]) -> None:
    damaged = degrade(text, damage=[Partial(UpperCase(), 1.0, unit)])  # type: ignore[arg-type]
    assert [text[start:end] for start, end in damaged.hit] == units


def test_full_damage_hits_the_whole_text_and_none_hits_nothing() -> None:
    whole = ((0, len(ARTICLE)),)
    assert degrade(ARTICLE).hit == whole
    assert degrade(ARTICLE, damage=[Partial(FLAT, 0.3), Casefold()]).hit == whole
    assert degrade(ARTICLE, damage=[Letters("keep"), Partial(FLAT, 0.0)]).hit == ()
    assert degrade("already flat", damage=FLAT).hit == ()


def test_hits_of_two_damages_are_told_in_the_source() -> None:
    text = "Â first one.\n\nsecond\n\nTHIRD"
    damaged = degrade(text, damage=[Mojibake(), Partial(Casefold(), 1.0)])
    assert damaged.hit == ((0, len(text)),)
    nested: list[Damage] = [Partial(StripMarks(), 1.0, "sentence"), Partial(UpperCase(), 1.0)]
    damaged = degrade(text, damage=nested)
    assert [text[start:end] for start, end in damaged.hit] == ["Â first one.", "second"]


def test_a_duplicated_line_goes_back_to_its_own_words() -> None:
    text = "“A caption.”\n\n“The” story"
    damaged = degrade(text, damage=[DuplicateLines(1.0), *FLAT])
    assert damaged.text == "a caption a caption the story the story"
    starts = split(damaged.text).starts
    assert [damaged.source_of(start) for start in starts] == [1, 3, 1, 3, 15, 20, 15, 20]
    check_spans(damaged)


# --- seeds ----------------------------------------------------------------------------------------


def test_another_seed_and_another_text_choose_otherwise() -> None:
    half = [Partial(UpperCase(), 0.5)]
    assert len({degrade(ARTICLE, seed=seed, damage=half).hit for seed in range(10)}) == 10
    other = ARTICLE.replace("Dole", "Cole")
    assert degrade(ARTICLE, damage=half).hit != degrade(other, damage=half).hit


def test_settings_of_one_damage_leave_the_choices_of_the_others() -> None:
    def raised(share: float) -> list[bool]:
        damage: list[Damage] = [
            DuplicateLines(0.0),
            Partial(StripMarks(), share),
            Partial(UpperCase(), 0.4),
        ]
        return [part.isupper() for part in degrade(ARTICLE, damage=damage).text.split("\n\n")]

    assert raised(0.0) == raised(0.3) == raised(1.0)
    assert sum(raised(0.0)) == 8


def test_a_larger_share_hits_the_same_units_and_more() -> None:
    hits = [
        degrade(ARTICLE, damage=[Partial(Window(20), share, "sentence")]).hit
        for share in (0.2, 0.5, 0.9)
    ]
    assert set(hits[0]) < set(hits[1]) < set(hits[2])


def test_a_larger_share_damages_the_same_units_alike() -> None:
    few, more = (degrade(ARTICLE, damage=[Partial(Window(20), share)]) for share in (0.2, 0.5))
    cut = [part for part in few.text.split("\n\n") if len(part) <= 20]
    assert len(cut) == 4
    assert set(cut) < set(more.text.split("\n\n"))


def test_two_damages_of_a_kind_choose_apart() -> None:
    damage: list[Damage] = [Partial(UpperCase(), 0.5), Partial(StripMarks(), 0.5)]
    paragraphs = degrade(ARTICLE, damage=damage).text.split("\n\n")
    assert {(part.isupper(), "." in part) for part in paragraphs} == {
        (True, True),
        (True, False),
        (False, True),
        (False, False),
    }


def test_each_unit_is_damaged_by_its_own_chance() -> None:
    paragraph = "The committee unanimously recommended confirmation yesterday"
    text = "\n\n".join([paragraph] * 20)
    cut = [degrade(text, seed=seed, damage=[Partial(Window(20), 1.0)]).text for seed in (1, 2)]
    assert len(set(cut[0].split("\n\n"))) > 5
    assert cut[0] != cut[1]


# --- errors and costs -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        (lambda: Partial(FLAT, 1.5), "share is 1.5"),
        (
            lambda: Partial(FLAT, 0.5, "word"),  # type: ignore[arg-type]
            "unit is 'word'; choose one of paragraph, sentence",
        ),
        (lambda: DuplicateLines(-0.1), "share is -0.1"),
        (
            lambda: Letters("fold"),  # type: ignore[arg-type]
            "policy is 'fold'; choose one of keep, ascii, space",
        ),
        (
            lambda: Mojibake("utf-16"),  # type: ignore[arg-type]
            "encoding is 'utf-16'",
        ),
        (lambda: Flatten(wrap=0), "wrap is 0"),
        (lambda: Window(0), "chars is 0"),
        (lambda: Window(5, start=-1), "start is -1"),
        (lambda: Degraded.mapped("ab", "a"), "the text has 1 code points and its source 2"),
        (lambda: degrade("ab").then(degrade("cd")), "starts from another text"),
    ],
)
def test_wrong_settings_are_refused_with_a_reason(settings: object, message: str) -> None:
    assert callable(settings)
    with pytest.raises(ValueError, match=message):
        settings()


@pytest.mark.parametrize("offset", [-1, 4])
def test_a_place_outside_the_text_is_refused(offset: int) -> None:
    with pytest.raises(IndexError, match=r"outside the text \(0 to 3\)"):
        degrade("A b", damage=FLAT).source_of(offset)


def test_the_end_of_the_text_has_a_place() -> None:
    assert degrade("“A b.”", damage=FLAT).source_of(3) == 4
    assert degrade("", damage=DEFAULT).source_of(0) == 0


def test_every_part_of_a_misread_character_goes_back_to_it() -> None:
    damaged = degrade("né", damage=[Mojibake()])
    assert [damaged.source_of(offset) for offset in range(4)] == [0, 1, 1, 2]


def test_damages_and_results_pickle_and_compare() -> None:
    assert pickle.loads(pickle.dumps(DEFAULT)) == DEFAULT
    damaged = degrade(ARTICLE)
    assert pickle.loads(pickle.dumps(damaged)) == damaged
    assert replace(Window(), chars=9) == Window(9)


@pytest.mark.parametrize(
    "unit", [*" .\"'\n\r\u0301\x00Aé", ". ", "\r\n", "\n ", "A. ", '." ', "é’"]
)
def test_cost_is_linear_in_hard_texts(unit: str) -> None:
    text = unit * (100_000 // len(unit))
    started = time.process_time()
    damage: list[Damage] = [
        DuplicateLines(0.1),
        Partial(Casefold(), 0.1, "sentence"),
        Flatten(80),
        *DEFAULT,
    ]
    check_spans(degrade(text, damage=[Mojibake(), Letters("ascii"), *damage]))
    assert time.process_time() - started < 10


# --- real copy ------------------------------------------------------------------------------------


def test_the_seed_document_is_what_flat_copy_looks_like() -> None:
    path = SHARED / "seeds" / "004_e3d8d37a0122517e.txt"
    if not path.exists():
        pytest.skip("the seed documents are not beside the checkout")
    text = path.read_text(encoding="utf-8")
    assert degrade(text, damage=FLAT).text == text


def test_really_degraded_copy_is_what_stripping_gives() -> None:
    path = SHARED / "corpus" / "stripped.jsonl"
    if not path.exists():
        pytest.skip("the corpus is not beside the checkout")
    with path.open(encoding="utf-8") as lines:
        texts = [json.loads(line)["degraded"] for line in lines]
    same = [degrade(text, damage=[StripMarks(), Flatten()]).text == text for text in texts]
    assert sum(same) >= len(texts) - 2  # two of them kept a character of their own
