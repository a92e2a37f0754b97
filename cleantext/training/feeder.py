"""Batches made by worker processes, so that a fast device does not wait for them."""

from __future__ import annotations

import json
import multiprocessing
import queue
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from cleantext.tagger.roles import LabelTable
from cleantext.training.batches import Batch, Mixture, Windows
from cleantext.training.packed import Pack

__all__ = ["feed", "open_windows"]

#: Batches that a worker makes ahead.
_AHEAD = 8
#: Seconds without a batch after which a worker counts as dead.
_PATIENCE = 120


def open_windows(
    folder: Path, seed: int, mixture: Mixture | None = None, *, articles: Path | None = None
) -> Windows:
    """The windows of a packed corpus.

    Args:
        folder: the pack, with its label table, tokenizer and lines.
        seed: another seed, other windows.
        mixture: how windows are made.
        articles: another pack with the same table and tokenizer to cut them from.
    """
    tokenizer = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))
    vocab = tokenizer["model"]["vocab"]
    return Windows(
        Pack.load(articles or folder),
        Pack.load(folder / "lines"),
        LabelTable.load(folder / "table.json"),
        vocab["[CLS]"],
        vocab["[SEP]"],
        seed,
        mixture or Mixture(),
    )


def _work(
    out: Any, folder: Path, seed: int, mixture: Mixture, lengths: Sequence[int], subwords: int
) -> None:
    try:
        for batch in open_windows(folder, seed, mixture).stream(lengths, subwords):
            out.put(batch)
    except Exception as error:  # told to the parent, which would wait for ever
        out.put(error)


@contextmanager
def feed(
    folder: Path,
    *,
    lengths: Sequence[int],
    subwords: int,
    seed: int,
    mixture: Mixture | None = None,
    workers: int = 0,
) -> Iterator[Iterator[Batch]]:
    """An endless stream of batches, the same for the same seed and number of workers.

    Args:
        folder: the pack.
        lengths: of windows; each batch has one of them.
        subwords: in a batch, about.
        seed: of the first worker; the next ones follow.
        mixture: how windows are made.
        workers: processes to make them; 0 makes them in this one.

    Raises:
        RuntimeError: when reading, if a worker died.
    """
    mixture = mixture or Mixture()
    if not workers:
        yield open_windows(folder, seed, mixture).stream(lengths, subwords)
        return
    context = multiprocessing.get_context("spawn")  # a fork would copy the device's threads
    queues = [context.Queue(_AHEAD) for _ in range(workers)]
    processes = [
        context.Process(
            target=_work,
            args=(out, folder, seed * 1000 + i, mixture, lengths, subwords),
            daemon=True,
        )
        for i, out in enumerate(queues)
    ]
    for process in processes:
        process.start()
    try:
        yield _in_turn(queues)
    finally:
        for process in processes:
            process.terminate()


def _in_turn(queues: Sequence[Any]) -> Iterator[Batch]:
    while True:
        for number, made in enumerate(queues):
            try:
                batch = made.get(timeout=_PATIENCE)
            except queue.Empty:
                raise RuntimeError(
                    f"batch worker {number} has made nothing for {_PATIENCE} s; it was killed,"
                    " perhaps for want of memory: use fewer workers"
                ) from None
            if isinstance(batch, Exception):
                raise batch
            yield batch
