import json
import time
from collections import Counter
from itertools import product
from pathlib import Path
from random import Random

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edges.canonical import canonical_word
from cleantext.edges.cut import find_cuts
from cleantext.edges.fit import Edge, sources
from cleantext.edges.model import EdgeModel
from cleantext.edges.ngrams import EDGE, FIGURE, RARE, SPECIAL, Ngrams, pack_tables
from cleantext.edits import apply, in_order, invert
from cleantext.normalizers.edges import Edges
from cleantext.training.corpus import Article
from cleantext.training.edges import crop, logistic_regression
from cleantext.training.ngrams import build_ngrams
from cleantext.words import lower_word, split

DATA = Path(__file__).parents[1] / "cleantext" / "data"

STORY = (
    "The government of the island said on Monday that it would close the old harbour for repairs."
    " Fishermen who depend on it were told to move their boats to the northern shore.\n\n"
    "“We were given two days,” said one of them, who asked not to be named. The minister for"
    " transport said the work had been announced in the spring and would take until October.\n\n"
    "Environmental groups welcomed the decision. They have warned for years that the breakwater"
    " could collapse in a storm and block the only channel into the capital."
)
FLAT = " ".join(lower_word(word) for word in split(STORY).words)


def propose(text, canonical=None, **options):
    return Edges(**options).propose(Draft(Document.start(text), canonical=canonical))


def mended(text, canonical=None, **options):
    return apply(text, in_order(propose(text, canonical, **options)))


# --- is it cut? -----------------------------------------------------------------------------------

CUT = [
    ("apitalism struggles during the pandemic in much of asia", "start"),
    ("overnment officials said on monday that the talks would go on", "start"),
    ("nd the president said he would not sign the bill", "start"),
    ("he was accused of treason because he had taken p", "end"),
    ("the talks were held in the office of the prime minist", "end"),
    ("The talks were held in the office of the prime minist", "end"),
    ("THE TALKS WERE HELD IN THE OFFICE OF THE PRIME MINIST", "end"),
]


@pytest.mark.parametrize(("text", "side"), CUT)
def test_cut_words_are_found(text, side):
    assert [cut.side for cut in find_cuts(text)] == [side]


@pytest.mark.parametrize(
    "text",
    [
        STORY,
        FLAT,
        "capitalism struggles during the pandemic in much of asia",
        "the talks were held in the office of the prime minister",
        "The talks were held in the office of the prime minist.",  # a mark beside it
        "“apitalism struggles during the pandemic in much of Asia.",
        "...apitalism struggles during the pandemic in much of asia",
        "he was accused of treason because he had taken p...",
        "Apitalism was a horse that nobody had heard of.",  # a capital where case survives
        "he had waited for this since the winter of 201",  # a number
        "apitalism",
        "apitalism pandemi",
        "",
        "...",
        "12 345 67 8",
    ],
)
def test_whole_words_are_left(text):
    assert find_cuts(text) == ()
    assert propose(text) == []


def test_a_title_set_capital_is_no_evidence():
    text = "Apitalism Struggles During The Pandemic In Much Of Asia"
    assert mended(text).startswith("Capitalism ")


@pytest.mark.parametrize(
    "text",
    [
        "for more on this story and the others of the day see www example com",
        "window.load = function(a, b) { return a.x + b; };\nvar rows = [{}];\nrows.forEach(prin",
        "for more on this story and the others of the day see example.co",
        "xample.com has more on this story and the others of the day",
        "der minister sagte am montag dass die regierung mit den ländern nicht reden werde und d",
    ],
)
def test_what_is_no_english_prose_is_left(text):
    assert propose(text) == []


# --- completing and marking -----------------------------------------------------------------------


def test_a_first_word_is_completed():
    (edit,) = propose("apitalism struggles during covid 19 pandemic")
    assert (edit.kind, edit.before, edit.after) == ("complete", "apitalism", "capitalism")
    assert edit.confidence > 0.95


def test_a_last_word_is_completed_in_context():
    assert mended("the talks were held in the office of the prime minist").endswith(" minister")
    assert mended("THE TALKS WERE HELD BY THE PRIME MINIST").endswith(" MINISTER")


def test_a_capital_that_was_cut_off_comes_back_where_case_survives():
    text = "ashington has long criticized the government for its record, officials said on Monday."
    assert mended(text).startswith("Washington has")
    assert mended(text.lower()).startswith("washington has")


def test_the_article_knows_words_that_no_vocabulary_does():
    text = (
        "the frobnazzle was shown in march and many asked what the frobnazzle was for and frobnaz"
    )
    (edit,) = propose(text)
    assert (edit.kind, edit.after) == ("complete", "frobnazzle")
    assert edit.reason == "a word of the article"
    assert propose(text.replace("frobnazzle", "new machine")) == []  # a name for all we know


def test_one_or_two_letters_get_an_ellipsis():
    text = "he was accused of treason because he had taken p"
    (edit,) = propose(text)
    assert (edit.start, edit.before, edit.after, edit.kind) == (len(text), "", "...", "mark")
    assert mended("nd the president said he would not sign the bill").startswith("...nd the ")


def test_below_the_threshold_it_is_marked():
    text = "the talks were held in the office of the prime minist"
    assert propose(text, threshold=0.0)[0].kind == "complete"
    assert propose(text, threshold=1.0)[0].kind == "mark"
    assert mended(text, policy="mark") == text + "..."


def test_trailing_white_space_stays():
    assert mended("the talks were held in the office of the prime minist\n").endswith("minister\n")


# --- the canonical version ------------------------------------------------------------------------


def test_the_canonical_version_completes_what_is_too_short_to_guess():
    words = FLAT.split()
    text = " ".join([*words[5:30], words[30][:1]])
    assert propose(text)[-1].kind == "mark"
    edit = propose(text, STORY)[-1]
    assert (edit.kind, edit.after, edit.confidence) == ("complete", words[30], 0.99)


def test_what_the_canonical_version_has_is_whole():
    text = "nd the talks were held in the office of the prime minist"
    assert len(propose(text)) == 2

    assert propose(text, f"“Nd!” {text[3:]}, they said.") == []


def test_another_story_completes_nothing():
    text = "he was accused of treason because he had taken p"
    assert propose(text, STORY) == propose(text)


def test_the_longest_shared_stretch_decides():
    theirs = "we saw the old pier and later they saw the old pilot".split()
    assert canonical_word("they saw the old pi".split(), theirs, "end") == "pilot"
    assert canonical_word("we saw the old pi".split(), theirs, "end") == "pier"
    assert canonical_word("saw the old pi".split(), theirs, "end") is None
    assert canonical_word("e saw the old".split(), theirs, "start") == "we"


# --- trimming -------------------------------------------------------------------------------------


def test_trim_takes_the_word_and_its_gap():
    text = "apitalism, they say, is in trouble. “He had taken (p"
    assert mended(text, policy="trim") == "they say, is in trouble. “He had taken"


def test_trim_takes_the_sentence():
    text = "pitalism is in trouble. Nobody knows why it is so, or when it may end. He had taken p"
    kept = "Nobody knows why it is so, or when it may end."
    assert mended(text, policy="trim", trim="sentence") == kept
    assert mended(text, policy="trim").startswith("is in trouble. ")


def test_trim_finds_the_sentence_in_flat_copy():
    last = " but the prime minister has refused to pay for a new har"
    (edit,) = propose(FLAT + last, policy="trim", trim="sentence")
    assert edit.before == last
    assert edit.reason == "the sentence of a cut word"


def test_trim_takes_half_the_text_at_most():
    text = "he was accused of treason because he had taken p"
    (edit,) = propose(text, policy="trim", trim="sentence")
    assert (edit.before, edit.reason) == (" p", "a cut word")


@pytest.mark.parametrize(
    "options", [{"policy": "guess"}, {"trim": "page"}, {"threshold": 1.5}, {"threshold": -0.1}]
)
def test_wrong_options_are_refused(options):
    with pytest.raises(ValueError, match=r"is one of|is a share"):
        Edges(**options)


# --- laws -----------------------------------------------------------------------------------------

OPTIONS = [
    {"policy": policy, "trim": trim}
    for policy, trim in product(("complete", "mark", "trim"), ("word", "sentence"))
]


@settings(max_examples=60)
@given(
    st.sampled_from([STORY, FLAT, STORY.upper()]),
    st.integers(0, 250),
    st.integers(300, 560),
    st.sampled_from(OPTIONS),
)
def test_a_window_is_mended_once_and_can_be_undone(text, start, stop, options):
    window = text[start:stop]
    edits = in_order(propose(window, **options))
    after = apply(window, edits)
    assert invert(after, edits) == window
    assert propose(after, **options) == []
    assert {edit.kind for edit in edits} <= Edges.kinds


@given(st.text(max_size=80), st.sampled_from(OPTIONS))
def test_any_text_settles(text, options):
    after = mended(text, **options)
    assert propose(after, **options) == []


@given(st.text("ab cdé\u0301ßİ.…-’\n", max_size=60))
def test_hostile_letters_settle(text):
    after = mended(text)
    assert propose(after) == []


def test_long_texts_cost_little():
    start = time.perf_counter()
    for text in (STORY * 3000, FLAT * 3000, "x" * 2_000_000, "x " * 1_000_000, " " * 2_000_000):
        propose(text)
    assert time.perf_counter() - start < 10


def test_complete_articles_are_left(dev_articles):
    sample = dev_articles[::6]
    flat = (" ".join(map(lower_word, split(text).words)) for _, text in sample)
    called = sum(bool(find_cuts(text)) for text in flat)
    assert called <= len(sample) / 100
    assert sum(bool(find_cuts(text)) for _, text in sample) <= 1


def test_seed_004(seeds):
    first, last = propose(seeds["004"])
    assert (first.before, first.after) == ("apitalism", "capitalism")
    assert (last.before, last.after, last.kind) == ("", "...", "mark")
    assert propose(seeds["000"]) == []


# --- the tables -----------------------------------------------------------------------------------


def test_the_data_is_small():
    assert (DATA / "ngrams.npz").stat().st_size < 3_500_000
    assert (DATA / "edges.json").stat().st_size < 20_000


def test_tables_come_back(tmp_path):
    words = ["the", "of", "zoo", "été"]
    size = len(words) + SPECIAL
    counts = np.array([8, 0, 2, 64, 32, 16, 4])
    keys = np.array([[3, 4, 64], [3, 6, 2], [4, 0, 4], [6, 6, 1]])
    pairs = (keys[:, 0] * size + keys[:, 1], keys[:, 2])
    triple = (np.array([(3 * size + 4) * size + 0, (5 * size + 5) * size + 5]), np.array([8, 9]))
    (tmp_path / "t.npz").write_bytes(pack_tables(words, counts, pairs, triple))
    grams = Ngrams.read(tmp_path / "t.npz")
    assert grams.words == tuple(words)
    assert [grams.pair(a, b)[0] for a, b, _ in keys.tolist()] == keys[:, 2].tolist()
    assert grams.pair(4, 3)[0] == 0
    assert grams.triple(3, 4, EDGE)[0] == 8
    assert grams.triple(5, 5, 5)[0] == 0  # its pair is not in the list
    assert (grams.number("zoo"), grams.number("zo"), grams.number("2nd")) == (5, RARE, FIGURE)
    assert grams.count("of") == 32
    assert grams.beginning("zo").tolist() == [5]
    assert grams.ending("o").tolist() == [5]
    assert grams.ending("zoo").tolist() == []


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no more", None])
def test_a_damaged_table_is_named(tmp_path, content):
    path = tmp_path / "ngrams.npz"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ValueError, match=r"ngrams\.npz.*install the package again"):
        Ngrams.read(path)


@pytest.mark.parametrize("content", ["", "{}", '{"mixture": [[1]]}'])
def test_damaged_weights_are_named(tmp_path, content):
    path = tmp_path / "edges.json"
    path.write_text(content)
    with pytest.raises(ValueError, match=r"edges\.json.*install the package again"):
        EdgeModel.read(path)


def test_weights_come_back(tmp_path):
    path = tmp_path / "edges.json"
    path.write_text(json.dumps(EdgeModel.load().to_dict()))
    assert EdgeModel.read(path).to_dict() == EdgeModel.load().to_dict()


def test_the_neighbours_count():
    edge = Edge.of("the talks were held by the prime minist".split(), "end")
    grams = Ngrams.load()
    words = ["minister", "ministry", "government"]
    found = sources(edge, words, np.array([grams.number(word) for word in words]))
    assert found[0, 1] > 100 * found[1, 1]
    assert found[2, 0] > found[0, 0]


# --- training -------------------------------------------------------------------------------------


def test_tables_are_counted_from_a_corpus(tmp_path):
    record = {"id": "a", "title": "Old pier", "paragraphs": ["The old pier, 1881.", "The pier"]}
    corpus = tmp_path / "corpus.jsonl"
    corpus.write_text(json.dumps(record))
    build_ngrams([corpus], tmp_path / "n.npz", least_word=2, least_pair=1, least_triple=1)
    grams = Ngrams.read(tmp_path / "n.npz")
    assert dict(zip(grams.words, grams.counts[SPECIAL:], strict=True)) == {
        "pier": 3, "old": 2, "the": 2
    }  # fmt: skip
    pier, old, the = map(grams.number, ("pier", "old", "the"))
    assert grams.pair(old, pier)[0] == 2
    assert grams.pair(pier, EDGE)[0] == 2
    assert grams.pair(pier, FIGURE)[0] == 1
    assert grams.pair(pier, the)[0] == 0  # a paragraph's edge is between them
    assert grams.triple(the, pier, EDGE)[0] == 1


def test_crops_cut_what_they_say():
    article = Article("a", "", "", tuple(STORY.split("\n\n")))
    own = FLAT.split()
    seen = Counter()
    for number in range(60):
        text = crop(article, Random(number), inner=0.5)
        first, last = text.wholes["start"], text.wholes["end"]
        assert first is None or (first.endswith(text.words[0]) and first != text.words[0])
        assert last is None or (last.startswith(text.words[-1]) and last != text.words[-1])
        inner = " ".join([first or text.words[0], *text.words[1:-1], last or text.words[-1]])
        assert inner in FLAT
        if text.natural["start"] and first is None:
            seen["natural"] += text.words[0] == own[0]
        seen["cut"] += first is not None
    assert seen["natural"] > 5
    assert 15 < seen["cut"] < 45


def test_a_regression_finds_what_made_the_data():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(4000, 3)) * [1, 10, 1] + [0, 5, 0]
    truth = rng.random(4000) < 1 / (1 + np.exp(-(2 * rows[:, 0] - 0.1 * rows[:, 1] + 0.5)))
    weights, bias = logistic_regression(rows, truth)
    assert weights == pytest.approx([2, -0.1, 0], abs=0.15)
    assert bias == pytest.approx(0.5, abs=0.2)
