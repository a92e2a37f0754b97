"""Windows: every word is kept once, whatever the lengths, and read with a margin around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.tagger.windows import MARGIN, SIZE, Window, windows

ROOM = SIZE - 2
LENGTHS = st.lists(st.integers(1, 24), max_size=400)
EVEN = st.integers(0, 3000).map(lambda n: [1] * n)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([3], [Window(0, 1, 0, 1)]),
        ([1] * ROOM, [Window(0, ROOM, 0, ROOM)]),
        ([1] * (ROOM + 1), [Window(0, 127 + MARGIN, 0, 127), Window(127 - MARGIN, 255, 127, 255)]),
    ],
    ids=["no word", "one word", "just one window", "one word too many"],
)
def test_windows(lengths, expected):
    assert windows(lengths) == expected


@given(LENGTHS | EVEN)
def test_every_word_is_kept_exactly_once_and_in_order(lengths):
    kept = [i for w in windows(lengths) for i in range(w.keep_start, w.keep_stop)]
    assert kept == list(range(len(lengths)))


@given(LENGTHS | EVEN, st.sampled_from([(256, 32), (256, 16), (128, 16), (90, 10), (64, 0)]))
def test_a_window_holds_what_it_keeps_and_no_more_than_fits(lengths, sizes):
    size, margin = sizes
    for window in windows(lengths, size=size, margin=margin):
        assert window.start <= window.keep_start < window.keep_stop <= window.stop
        assert sum(lengths[window.start : window.stop]) <= size - 2


@given(st.integers(ROOM + 1, 5000))
def test_all_windows_read_about_as_many_words(n):
    made = windows([1] * n)
    read = [w.stop - w.start for w in made]
    assert max(read) - min(read) <= 2
    assert len(made) == -(-(n - 2 * MARGIN) // (ROOM - 2 * MARGIN))


@given(st.integers(ROOM + 1, 5000))
def test_the_margin_is_read_on_each_side_that_has_a_neighbour_and_no_more(n):
    for window in windows([1] * n):
        before, behind = window.keep_start - window.start, window.stop - window.keep_stop
        assert before == (MARGIN if window.start else window.keep_start)
        assert behind == (MARGIN if window.stop < n else n - window.keep_stop)
        assert window.start or window.keep_start == 0
        assert window.stop < n or window.keep_stop == n


@given(LENGTHS)
def test_hardly_less_than_the_margin_is_read_where_words_are_long(lengths):
    for window in windows(lengths):
        before = sum(lengths[window.start : window.keep_start])
        behind = sum(lengths[window.keep_stop : window.stop])
        assert window.start == 0 or before > MARGIN - 24
        assert window.stop == len(lengths) or behind > MARGIN - 24


@given(LENGTHS | EVEN)
def test_there_are_hardly_more_windows_than_must_be(lengths):
    least = -(-(sum(lengths) - 2 * MARGIN) // (ROOM - 2 * MARGIN - 24))
    assert len(windows(lengths)) <= max(least, 1) + 1
