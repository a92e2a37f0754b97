"""Memory of what was read: a second pass reads only what changed, and reads it right."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np
import pytest

from cleantext.tagger.memory import MARGIN, Memory
from cleantext.tagger.onnx import Scores


class Reader:
    """A tagger whose scores are the words' own numbers, so that a row shows where it came from."""

    def __init__(self) -> None:
        self.read: list[tuple[str, ...]] = []

    def stream(self, texts: Iterable[Sequence[str]]) -> Iterator[Scores]:
        for words in texts:
            self.read.append(tuple(words))
            rows = np.array([[int(word)] for word in words], np.float32)
            yield Scores(np.concatenate((rows[:1] * 0 - 1, rows)), rows, rows)


def words(numbers: Iterable[int]) -> tuple[str, ...]:
    return tuple(map(str, numbers))


def rows(scores: Scores) -> tuple[list[int], list[int], list[int]]:
    return tuple([int(v) for v in rows[:, 0]] for rows in (scores.gaps, scores.cases, scores.parts))  # type: ignore[return-value]


def test_what_was_read_is_not_read_again() -> None:
    reader, memory = Reader(), Memory()
    job = (0, words(range(300)))
    first, second = (next(memory.read(reader, [job])) for _ in range(2))  # type: ignore[arg-type]
    assert len(reader.read) == 1
    assert second is first


def test_another_text_is_read_by_itself() -> None:
    reader, memory = Reader(), Memory()
    list(memory.read(reader, [(0, words(range(300))), (1, words(range(300)))]))  # type: ignore[arg-type]
    assert len(reader.read) == 2


@pytest.mark.parametrize(("start", "stop"), [(250, 270), (0, 10), (490, 500), (250, 250)])
def test_only_the_neighbourhood_of_a_change_is_read(start: int, stop: int) -> None:
    reader, memory = Reader(), Memory()
    old = words(range(500))
    list(memory.read(reader, [(0, old)]))  # type: ignore[arg-type]
    new = old[:start] + words([7000, 7001]) + old[stop:]
    (scores,) = memory.read(reader, [(0, new)])  # type: ignore[arg-type]
    assert len(reader.read[1]) <= 4 * MARGIN + 2
    numbers = [int(word) for word in new]
    gaps, cases, parts = rows(scores)
    assert cases == parts == numbers
    assert gaps[1:] == numbers
    at = reader.read[1].index("7000")  # read with words on both sides, where there are any
    assert at == min(2 * MARGIN, start)


def test_where_most_changed_all_is_read() -> None:
    reader, memory = Reader(), Memory()
    list(memory.read(reader, [(0, words(range(500)))]))  # type: ignore[arg-type]
    new = words(range(20)) + words(range(9000, 9400)) + words(range(480, 500))
    (scores,) = memory.read(reader, [(0, new)])  # type: ignore[arg-type]
    assert len(reader.read[1]) == len(new)
    assert rows(scores)[1] == [int(word) for word in new]
