"""Word alignment: laws over any sequences, and the cases least edit distance alone gets wrong."""

from __future__ import annotations

import time

from hypothesis import given
from hypothesis import strategies as st

from cleantext.canon.align import Alignment, Block, Run, align, edit_distance

#: Few distinct words make many repeats and ties, more make anchors.
few = st.lists(st.sampled_from("abc"), max_size=30)
many = st.lists(st.sampled_from([f"w{i}" for i in range(40)]), max_size=60)
sequences = few | many


@st.composite
def edited(draw: st.DrawFn) -> tuple[list[str], list[str]]:
    """A sequence and the same with some stretches put in, taken out or moved."""
    words = draw(many)
    other = list(words)
    for _ in range(draw(st.integers(0, 4))):
        start = draw(st.integers(0, len(other)))
        stop = draw(st.integers(start, len(other)))
        other[start:stop] = draw(few)
    return words, other


def table_distance(a: list[str], b: list[str]) -> int:
    """Edit distance from its definition, row by row."""
    row = list(range(len(b) + 1))
    for i, x in enumerate(a, 1):
        diagonal, row[0] = row[0], i
        for j, y in enumerate(b, 1):
            diagonal, row[j] = row[j], min(row[j] + 1, row[j - 1] + 1, diagonal + (x != y))
    return row[-1]


def check_laws(a: list[str], b: list[str]) -> Alignment:
    alignment = align(a, b)
    assert all(a[i] == b[j] for i, j in alignment.pairs())
    pieces = sorted(
        [(r.text, r.text + r.length, r.canonical, r.canonical + r.length) for r in alignment.runs]
        + [
            (x.text_start, x.text_stop, x.canonical_start, x.canonical_stop)
            for x in alignment.blocks
        ]
    )
    assert [w for start, stop, _, _ in pieces for w in a[start:stop]] == a
    assert [w for _, _, start, stop in pieces for w in b[start:stop]] == b
    assert all(
        (r.text + r.length, r.canonical + r.length) != (s.text, s.canonical)
        for r, s in zip(alignment.runs, alignment.runs[1:], strict=False)
    )
    assert alignment == align(b, a).inverse()
    assert alignment.distance == table_distance(a, b) == edit_distance(a, b)
    worth = sum(
        max(x.text_stop - x.text_start, x.canonical_stop - x.canonical_start)
        for x in alignment.blocks
    )
    assert alignment.distance <= worth
    return alignment


@given(sequences, sequences)
def test_laws_on_unrelated_sequences(a: list[str], b: list[str]) -> None:
    check_laws(a, b)


@given(edited())
def test_laws_on_edited_sequences(pair: tuple[list[str], list[str]]) -> None:
    check_laws(*pair)


@given(few)
def test_the_same_words_are_one_run(words: list[str]) -> None:
    alignment = align(words, words)
    assert alignment.identical
    assert alignment.blocks == ()
    assert alignment.matched == len(words)


def test_blocks_are_added_missing_and_replaced() -> None:
    text = "today the cat sat on u s soil".split()
    canonical = "the cat sat down on us soil".split()
    blocks = align(text, canonical).blocks
    assert [block.kind for block in blocks] == ["added", "missing", "replaced"]
    assert blocks[2] == Block(5, 7, 5, 6)


def test_a_shared_end_is_found_where_replacing_every_word_would_be_cheaper() -> None:
    lead = [f"a{i}" for i in range(30)]
    story = [f"s{i}" for i in range(5)]
    tail = [f"b{i}" for i in range(30)]
    alignment = align(lead + story, story + tail)
    assert alignment.runs == (Run(30, 0, 5),)
    assert alignment.distance == 35  # the exact distance, not the 60 that these blocks add up to


def test_words_repeated_in_one_text_are_no_anchor() -> None:
    refrain = "the same four words".split()
    alignment = check_laws([*refrain, "x", *refrain], ["y", *refrain])
    assert alignment.matched == 4


def test_gaps_are_compared_between_neighbours_only() -> None:
    assert align(["a", "b"], ["a", "x", "b"]).gap_runs() == (Run(0, 0, 1), Run(2, 3, 1))
    assert align(["x", "b"], ["b"]).gap_runs() == (Run(2, 1, 1),)
    assert align(["a"], ["b"]).gap_runs() == ()
    assert align([], []).gap_runs() == (Run(0, 0, 1),)
    assert align(["a"], []).gap_runs() == ()


def test_long_texts_that_share_nothing_take_no_more_than_seconds() -> None:
    a, b = [f"a{i}" for i in range(30_000)], [f"b{i}" for i in range(30_000)]
    start = time.process_time()
    assert align(a, b).distance == 30_000
    assert time.process_time() - start < 5
