"""The tagger: words in, log-probabilities of roles and case patterns out. Home of onnxruntime."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.labels import LabelTable
from cleantext.tagger.windows import Window, windows
from cleantext.words import lower_word

__all__ = ["MODEL_FOLDER", "ModelError", "Scores", "Tagger", "load_tagger"]

#: Where the shipped model lies.
MODEL_FOLDER = Path(__file__).parents[1] / "data"
#: A word of more subwords than this is no word of news prose; its middle is not read.
_LONGEST = 24
_CACHE = 200_000

Floats = NDArray[np.float32]


class ModelError(RuntimeError):
    """A model file that is missing, altered, or made for another version."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the tagger says of ``n`` words, as natural logarithms of probabilities.

    Attributes:
        gaps: ``float32[n + 1, roles]``.
        cases: ``float32[n, patterns]``.
    """

    gaps: Floats
    cases: Floats


class Tagger:
    """A model with its tokenizer. Make one with :func:`load_tagger`, which loads it once a process.

    One window is read a run, with the words of one text alone: what stands beside a text in a batch
    cannot change its result. Windows are read by ``threads`` threads at once.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        manifest = _manifest(folder)
        self.table = LabelTable.from_dict(manifest["labels"])
        self.threads = threads
        self._folder = folder
        self._ids: dict[str, list[int]] = {}
        self._lock = Lock()
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._unknown, *self._special = map(self._special_id, ("[UNK]", "[CLS]", "[SEP]"))
        self._session = _session(folder / "model.onnx")
        self._pool = ThreadPoolExecutor(threads, "cleantext") if threads > 1 else None

    def read(self, words: Sequence[str]) -> Scores:
        """The scores of one text's words; see :meth:`read_many`."""
        return self.read_many([words])[0]

    def read_many(self, texts: Iterable[Sequence[str]]) -> list[Scores]:
        """The scores of several texts, each as if it were read alone.

        Args:
            texts: for each text its words, in any case; they are read lowered.
        """
        jobs: list[tuple[int, Window, list[list[int]]]] = []
        sizes: list[int] = []
        for number, words in enumerate(texts):
            pieces = self._pieces([lower_word(word) for word in words])
            sizes.append(len(pieces))
            for window in windows([len(ids) for ids in pieces]):
                jobs.append((number, window, pieces[window.start : window.stop]))
        roles, cases = len(self.table.roles), len(self.table.cases)
        scores = [
            Scores(np.zeros((n + 1, roles), np.float32), np.zeros((n, cases), np.float32))
            for n in sizes
        ]
        run = self._pool.map if self._pool is not None and len(jobs) > 1 else map
        for (number, window, _), (gaps, case) in zip(
            jobs, run(self._run, (job[2] for job in jobs)), strict=True
        ):
            first, last = window.keep_start - window.start, window.keep_stop - window.start
            begin = 0 if window.keep_start == 0 else 1
            target = scores[number]
            target.gaps[window.keep_start + begin : window.keep_stop + 1] = gaps[
                first + begin : last + 1
            ]
            target.cases[window.keep_start : window.keep_stop] = case[first:last]
        return scores

    def _special_id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ModelError(f"tokenizer.json has no {token}: it belongs to another model")
        return number

    def _run(self, pieces: list[list[int]]) -> tuple[Floats, Floats]:
        """One window through the network."""
        lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
        ends = np.concatenate(([0], np.cumsum(lengths)))
        tokens = np.empty((1, int(ends[-1]) + 2), np.int64)
        tokens[0, 0], tokens[0, -1] = self._special
        tokens[0, 1:-1] = np.fromiter((t for ids in pieces for t in ids), np.int64, int(ends[-1]))
        feed = {"tokens": tokens, "ends": ends, "begins": ends[:-1] + 1}
        gaps, cases = self._session.run(["gaps", "cases"], feed)
        return gaps, cases

    def _pieces(self, words: list[str]) -> list[list[int]]:
        """Subwords of each word; words not met before are tokenized in one call."""
        known = self._ids
        new = list({word for word in words if word not in known})
        if new:
            with self._lock:
                if len(known) > _CACHE:
                    self._ids = known = {}
                    new = list(set(words))
                coded = self._tokenizer.encode_batch(
                    [_readable(word) for word in new], add_special_tokens=False
                )
                for word, encoding in zip(new, coded, strict=True):
                    ids = encoding.ids or [self._unknown]
                    if len(ids) > _LONGEST:
                        ids = ids[: _LONGEST // 2] + ids[-_LONGEST // 2 :]
                    known[word] = ids
        return [known[word] for word in words]


def _readable(word: str) -> str:
    """The word as the tokenizer can take it: lone surrogates are not UTF-8, giants are cut."""
    return word[:200].encode("utf-8", "replace").decode("utf-8")


def _manifest(folder: Path) -> dict[str, Any]:
    """``model.json``, after checking every file that it names.

    Raises:
        ModelError: names the file that is missing or altered.
    """
    path = folder / "model.json"
    if not path.exists():
        raise ModelError(f"{path} is missing: install cleantext-news again, or train a model")
    manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    for name, digest in manifest["files"].items():
        file = folder / name
        if not file.exists():
            raise ModelError(f"{file} is missing: install cleantext-news again")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise ModelError(
                f"{file} is not the file that model.json names (its sha256 differs):"
                " install cleantext-news again"
            )
    return manifest


def _session(path: Path) -> Any:
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = 1  # threads read windows side by side instead
    options.inter_op_num_threads = 1
    options.log_severity_level = 3
    return onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])


_LOADING = Lock()


def load_tagger(folder: Path = MODEL_FOLDER, *, threads: int | None = None) -> Tagger:
    """The tagger of a model folder, loaded at first use and once a process.

    A process that was forked loads its own: sessions do not survive a fork.

    Args:
        folder: where ``model.json`` and the files it names lie.
        threads: windows read side by side; the number of processors (at most 8) if None.

    Raises:
        ModelError: if a file is missing or is not the one the manifest names.
    """
    with _LOADING:
        return _load(folder, threads or min(8, os.cpu_count() or 1), os.getpid())


@lru_cache(maxsize=4)
def _load(folder: Path, threads: int, pid: int) -> Tagger:
    return Tagger(folder, threads=threads)


os.register_at_fork(after_in_child=lambda: _forget_lock())


def _forget_lock() -> None:
    global _LOADING
    _LOADING = Lock()
