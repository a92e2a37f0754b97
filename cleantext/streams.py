"""Texts of a stream with what came with them, in batches."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator
from typing import Any, NamedTuple, SupportsFloat

from cleantext.passes import PipelineError

__all__ = ["BATCH_CHARS", "BATCH_TEXTS", "Item", "batches", "is_missing", "items"]

#: Texts and code points that are read together.
BATCH_TEXTS, BATCH_CHARS = 64, 200_000
_END = object()
_UNEVEN = "there must be one id for each text, and one canonical version (or None) if any"


def is_missing(text: object) -> bool:
    """None, and what tables hold for it: NaN of any float type, ``pandas.NA``."""
    if text is None or type(text).__name__ == "NAType":
        return True
    if isinstance(text, str) or not isinstance(text, SupportsFloat):
        return False
    try:
        return math.isnan(text)
    except (TypeError, ValueError, OverflowError):  # arrays, signalling NaN, giant numbers
        return False


class Item(NamedTuple):
    """A text of a stream with what came with it."""

    key: Any
    text: object
    canonical: object = None


def items(
    texts: Iterable[object], ids: Iterable[Any] | None, canonicals: Iterable[object] | None
) -> Iterator[Item]:
    """Texts with their ids (or numbers) and canonical versions; read in step, never ahead."""
    more_ids = None if ids is None else iter(ids)
    more_canonicals = None if canonicals is None else iter(canonicals)
    for number, text in enumerate(texts):
        key = number if more_ids is None else next(more_ids, _END)
        canonical = None if more_canonicals is None else next(more_canonicals, _END)
        if key is _END or canonical is _END:
            raise PipelineError(_UNEVEN)
        yield Item(key, text, canonical)
    for more in (more_ids, more_canonicals):
        if more is not None and next(more, _END) is not _END:
            raise PipelineError(_UNEVEN)


def batches(pairs: Iterable[Item]) -> Iterator[list[Item]]:
    """Batches of at most so many texts and, but for giants, so many code points.

    What was read before the source failed comes out before its error does.
    """
    batch: list[Item] = []
    size = 0
    failure: BaseException | None = None
    iterator = iter(pairs)
    while failure is None:
        try:
            pair = next(iterator)
        except BaseException as error:
            failure = error
        else:
            batch.append(pair)
            size += len(pair.text) if isinstance(pair.text, str) else 0
        if batch and (failure or size >= BATCH_CHARS or len(batch) >= BATCH_TEXTS):
            yield batch
            batch, size = [], 0
    if not isinstance(failure, StopIteration):
        raise failure
