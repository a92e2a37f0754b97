"""Windows: every word is kept once, whatever the lengths, and read with what fits around it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.tagger.windows import MARGIN, SIZE, Window, windows

LENGTHS = st.lists(st.integers(1, 24), max_size=400)
EVEN = st.integers(0, 3000).map(lambda n: [1] * n)


@pytest.mark.parametrize(
    ("lengths", "expected"),
    [
        ([], []),
        ([3], [Window(0, 1, 0, 1)]),
        ([1] * (SIZE - 2), [Window(0, SIZE - 2, 0, SIZE - 2)]),
        ([1] * (SIZE - 1), [Window(0, 254, 0, 127), Window(1, 255, 127, 255)]),
    ],
    ids=["no word", "one word", "just one window", "one word too many"],
)
def test_windows(lengths, expected):
    assert windows(lengths) == expected


@given(LENGTHS | EVEN)
def test_every_word_is_kept_exactly_once_and_in_order(lengths):
    kept = [i for w in windows(lengths) for i in range(w.keep_start, w.keep_stop)]
    assert kept == list(range(len(lengths)))


@given(LENGTHS | EVEN, st.sampled_from([(256, 32), (128, 16), (90, 10), (64, 0)]))
def test_a_window_holds_what_it_keeps_and_no_more_than_fits(lengths, sizes):
    size, margin = sizes
    for window in windows(lengths, size=size, margin=margin):
        assert window.start <= window.keep_start < window.keep_stop <= window.stop
        assert sum(lengths[window.start : window.stop]) <= size - 2


@given(LENGTHS | EVEN)
def test_no_window_is_read_with_less_context_than_fits(lengths):
    room = SIZE - 2
    for window in windows(lengths):
        left = room - sum(lengths[window.start : window.stop])
        assert window.start == 0 or lengths[window.start - 1] > left
        assert window.stop == len(lengths) or lengths[window.stop] > left


@given(st.integers(SIZE - 1, 5000))
def test_windows_are_spread_evenly(n):
    made = windows([1] * n)
    kept = [w.keep_stop - w.keep_start for w in made]
    assert max(kept) - min(kept) <= 1
    assert len(made) == -(-n // (SIZE - 2 - 2 * MARGIN))


@given(st.integers(SIZE - 1, 5000))
def test_there_is_a_margin_on_each_side_that_has_a_neighbour(n):
    for window in windows([1] * n):
        before, behind = window.keep_start - window.start, window.stop - window.keep_stop
        assert window.start == 0 or before >= MARGIN
        assert window.stop == n or behind >= MARGIN


@given(LENGTHS | EVEN)
def test_there_are_hardly_more_windows_than_must_be(lengths):
    limit = SIZE - 2 - 2 * MARGIN
    assert len(windows(lengths)) <= sum(lengths) / (limit - 24) + 1
