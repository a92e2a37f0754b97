import json
import pickle
import random
import time
from pathlib import Path

import ftfy.bad_codecs  # noqa: F401  registers the sloppy codecs
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.document import Document
from cleantext.edits import Edit, apply, in_order, invert
from cleantext.normalizers import Encoding

CASES = json.loads((Path(__file__).parent / "cases" / "encoding.json").read_text("utf-8"))
CORPUS = Path(__file__).parents[2] / "shared" / "corpus" / "dev.jsonl.xz"


def propose(text: str, encoding: Encoding | None = None) -> list[Edit]:
    return (encoding or Encoding()).propose(Document.start(text))


def repaired(text: str) -> str:
    return apply(text, in_order(propose(text)))


def as_param(case):
    failing = [pytest.mark.xfail(strict=True)] if case.get("expect") == "fail" else []
    return pytest.param(case["original"], case["fixed"], id=case["label"], marks=failing)


PARAMS = [as_param(case) for case in CASES]


# --- cases ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(("original", "fixed"), PARAMS)
def test_case(original, fixed):
    assert repaired(original) == fixed


@pytest.mark.parametrize(("original", "fixed"), PARAMS)
def test_case_amid_clean_copy(original, fixed):
    text = f"The U.S. won.\n\n{original}\n\nIt cost £5, the “mayor” said.\n"
    assert repaired(text) == f"The U.S. won.\n\n{fixed}\n\nIt cost £5, the “mayor” said.\n"


def test_labels_are_unique():
    assert len({case["label"] for case in CASES}) == len(CASES)


# --- what an edit says ----------------------------------------------------------------------------


def test_edits_are_local_and_say_why():
    text = "a clean line\nItâ€™s AT&amp;T.\nNow\xa0 then"
    mojibake, entity, space = propose(text)
    assert (mojibake.start, mojibake.before, mojibake.after) == (15, "â€™", "’")
    assert mojibake.reason == "mojibake: UTF-8 read as Windows-1252"
    assert (entity.before, entity.after, entity.reason) == ("&amp;", "&", "HTML entity")
    assert (space.before, space.after, space.kind) == ("\xa0 ", " ", "space")
    assert {edit.normalizer for edit in (mojibake, entity, space)} == {"encoding"}


def test_a_repair_in_several_rounds_is_one_edit():
    (edit,) = propose("the bank&acirc;&#128;&#153;s word")
    assert (edit.before, edit.after) == ("&acirc;&#128;&#153;", "’")
    assert edit.reason == "HTML entity; mojibake: UTF-8 read as Windows-1252"


def test_words_of_one_decoding_are_edits_of_their_own():
    edits = propose("Ð´Ð° Ð´Ð° Ñ‚Ð°Ðº")
    assert [edit.after for edit in edits] == ["да", "да", "так"]


def test_one_decoding_is_one_group_and_each_line_has_its_own():
    edits = propose("cafÃ© naÃ¯ve\nÃ©tÃ© a\x00b\njust cafÃ©")
    assert [edit.group for edit in edits] == [1, 1, 2, 2, 0, 0]


def test_repairs_in_places_stand_alone():
    edits = propose("“cafÃ©” naÃ¯ve")
    assert len(edits) == 2
    assert {edit.group for edit in edits} == {0}


def test_lost_bytes_lower_the_confidence():
    (whole,) = propose("cafÃ©")
    (lossy,) = propose("MarÃa")
    assert lossy.confidence < whole.confidence
    assert "bytes lost" in lossy.reason
    assert "bytes lost" not in whole.reason


def test_only_declared_kinds():
    kinds = {edit.kind for case in CASES for edit in propose(case["original"])}
    assert kinds == Encoding.kinds


def test_invisible_repairs_are_of_kind_space():
    assert [edit.kind for edit in propose("a\u200bb\xad c\u2028d \xa0e")] == ["space"] * 4


# --- settings -------------------------------------------------------------------------------------


def test_entities_may_stay():
    assert propose("AT&amp;T cafÃ©", Encoding(entities=False))[0].after == "é"
    assert propose("AT&amp;T cafÃ©")[0].after == "&"


def test_odd_spaces_may_stay():
    assert propose("a\xa0\xa0b", Encoding(spaces=False)) == []
    assert propose("a\xa0\xa0b") != []


def test_settings_pickle():
    encoding = Encoding(entities=False)
    assert pickle.loads(pickle.dumps(encoding)) == encoding


# --- laws -----------------------------------------------------------------------------------------

PIECES = [
    *"aâÃÂ€™œ\x9d\x80\x99 \xa0\xad\n\r\u2028\x0c;&#<b>?.”“’»\ufffd\u200b\u200d\u200e\ufeff",
    *"\ud83d\udc69\x1b[m\x00éЯשあ👩😀Ðð~√©ﬁ",
    *("&amp;", "&#10;", "&nbsp;", "&lt;", "&#x80;", "&acirc;"),
    *("â€", "Ã ", "ÐŸ", "\x1b[0m", "‚Äô"),
]
SOUP = st.lists(st.sampled_from(PIECES), max_size=30).map("".join)
ANY_TEXT = st.text(st.characters(exclude_categories=()), max_size=60)
CLEAN = st.text("abc é’“”—ÉñüçžШиあ\n.,£", max_size=40)
CODECS = st.sampled_from(["sloppy-windows-1252", "latin-1", "macroman", "sloppy-windows-1251"])
MOJIBAKE = st.builds(lambda text, codec: text.encode().decode(codec), CLEAN, CODECS)


@settings(max_examples=600, deadline=None)
@given(SOUP | ANY_TEXT | MOJIBAKE)
def test_a_second_run_proposes_nothing(text):
    edits = propose(text)
    assert tuple(edits) == in_order(edits)
    fixed = apply(text, edits)
    assert invert(fixed, edits) == text
    assert propose(fixed) == []


@settings(max_examples=300, deadline=None)
@given(SOUP | ANY_TEXT)
def test_what_comes_out_can_be_encoded(text):
    fixed = repaired(text)
    fixed.encode("utf-8")
    assert not set(fixed) & {chr(code) for code in (*range(9), 11, 12, *range(14, 32), 127)}


NAMES = (
    "São Paulo", "manhã", "irmã", "Beyoncé", "Zoë", "Škoda", "Łódź", "naïve", "Nestlé", "Œuvre",
    "Ångström", "Ñandú", "Þór", "façade", "Ελλάδα", "Москва", "東京", "القاهرة", "Âme", "pâte",
    "là", "été", "Đorđe", "Iași", "Özil", "Nguyễn", "AT&T", "10°", "½", "résumé", "mañana", "Ibañez",
)  # fmt: skip
FRAMES = (
    "{}",
    "“{}”",
    "‘{}’",
    "“{},”",
    "“‘{}’”",
    "({})",
    "{}’s",
    "{} –",
    "{}—",
    "{}…",
    "£5 {}",
)
PHRASE = st.builds(
    lambda frame, case, name: frame.format(getattr(name, case)()),
    st.sampled_from(FRAMES),
    st.sampled_from(["upper", "lower", "title", "__str__"]),
    st.sampled_from(NAMES),
)


@settings(max_examples=500, deadline=None)
@given(st.lists(PHRASE, max_size=12).map(" ".join))
def test_well_decoded_text_is_not_touched(text):
    assert propose(text) == []


def test_a_line_without_a_fixed_point_is_refused():
    deep = "&" + "amp;" * 50
    assert propose(deep) == []
    assert repaired(f"{deep}\nAT&amp;T") == f"{deep}\nAT&T"


# --- real copy and cost ---------------------------------------------------------------------------


@pytest.fixture(scope="module")
def articles():
    if not CORPUS.exists():
        pytest.skip("the corpus is not beside the project")
    import lzma

    with lzma.open(CORPUS, "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return {record["id"]: "\n\n".join(record["paragraphs"]) for record in records}


def test_published_articles_come_back_as_they_are(articles):
    assert [id_ for id_, text in articles.items() if propose(text)] == []


@pytest.mark.parametrize("codec", ["sloppy-windows-1252", "latin-1", "macroman"])
def test_articles_come_back_from_mojibake(articles, codec):
    texts = [text for text in articles.values() if not text.isascii()]
    sample = random.Random(1).sample(texts, 60)
    came_back = [repaired(text.encode().decode(codec)) == text for text in sample]
    assert sum(came_back) / len(sample) >= 0.95


def test_clean_text_costs_one_scan():
    text = "He won’t say “why” the mayor of Los Angeles left.\n\n" * 40_000
    best = float("inf")
    for _ in range(3):
        start = time.perf_counter()
        assert propose(text) == []
        best = min(best, time.perf_counter() - start)
    assert len(text) / best > 20e6, "characters a second"


def test_cost_is_linear():
    def seconds(count: int) -> float:
        start = time.perf_counter()
        propose("itâ€™s a\u200b &amp; b \xa0c " * count + "Ã©\u200b&amp;" * count)
        return time.perf_counter() - start

    def decoding(count: int) -> float:
        start = time.perf_counter()
        propose("âé" * count + "â€™" + "éâ" * count)  # one gap between what no decoding touches
        return time.perf_counter() - start

    decoding(50)
    assert decoding(40_000) < 40 * min(decoding(4000), decoding(4000), decoding(4000))
    seconds(50)
    assert seconds(4000) < 40 * min(seconds(400), seconds(400), seconds(400))
