import subprocess
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edits import apply, in_order
from cleantext.normalizers.glued import Glued
from cleantext.words import lower_word, split


def propose(text, **options):
    return Glued(**options).propose(Draft(Document.start(text)))


def mended(text):
    return apply(text, in_order(propose(text)))


@pytest.mark.parametrize(
    ("text", "after"),
    [
        ("The office of the primeminister said it would reply.", "prime minister"),
        ("the officials saidtuesday that the talks would go on", "said tuesday"),
        ("Many feared that they wouldnot be allowed to vote.", "would not"),
        ("Members of the supremecourt were told of it.", "supreme court"),
        ("THE OFFICE OF THE PRIMEMINISTER SAID IT WOULD REPLY", "PRIME MINISTER"),
    ],
)
def test_a_lost_space_comes_back(text, after):
    (edit,) = propose(text)
    assert (edit.kind, edit.after) == ("split", after)
    assert edit.confidence >= 0.98
    assert propose(mended(text)) == []


@pytest.mark.parametrize(
    "text",
    [
        "The office of the prime minister said it would reply.",
        "The office of the Primeminister said it would reply.",  # a capital where case survives
        "The office of primeMinister said it would reply.",
        "The primeminister and the other primeminister said so.",  # a word of the article's own
        "Every newspaper and every blackwater man in the whitehouse.",  # known words
        "the photographs were made by elizabethwarren last week",  # names alone
        "It was a comedown for the old champion of the league.",  # a compound
        "It was a campuswide search for the lost dog.",
        "We saw it inthe house.",  # too short
        "See https://primeminister.example/ for more on it.",
        "He wrote to primeminister@example.com about it.",
        "The flurbnax was mortrazzling in the wind.",
        "",
        "primeministér",
    ],
)
def test_other_words_are_left(text):
    assert propose(text) == []


def test_the_threshold_decides():
    text = "The office of the primeminister said it would reply."
    assert propose(text, threshold=1.0) == []
    with pytest.raises(ValueError, match="a share"):
        Glued(threshold=2)


def test_neighbours_that_do_not_fit_make_it_less_sure():
    (fits,) = propose("it gave the primeminister of the island a voice", threshold=0.0)
    (fits_not,) = propose("nobody saw purple primeminister drank", threshold=0.0)
    assert fits.confidence > fits_not.confidence


@given(st.lists(st.sampled_from("prime minister said tuesday of the would not".split())))
def test_only_white_space_is_set(words):
    text = "".join(words) + " is what they said"
    after = mended(text)
    assert "".join(after.split()) == "".join(text.split())
    assert propose(after) == []


@given(st.text(max_size=60))
def test_any_text_settles(text):
    assert propose(mended(text)) == []


def test_clean_copy_loads_no_segmenter():
    code = (
        "import sys; from cleantext.normalizers.glued import Glued;"
        "from cleantext.draft import Draft; from cleantext.document import Document;"
        "Glued().propose(Draft(Document.start('The prime minister said so on Tuesday.')));"
        "assert 'symspellpy' not in sys.modules"
    )
    subprocess.run([sys.executable, "-c", code], check=True)


def test_clean_articles_are_left(dev_articles):
    sample = dev_articles[::8]
    assert sum(bool(propose(text)) for _, text in sample) <= 1
    flat = (" ".join(map(lower_word, split(text).words)) for _, text in sample)
    assert sum(bool(propose(text)) for text in flat) <= 2
