"""The tagger: words in, log-probabilities of roles and case patterns out. Home of onnxruntime."""

from __future__ import annotations

import hashlib
import json
import os
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import lru_cache, partial
from itertools import chain
from pathlib import Path
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.calibration import Calibration
from cleantext.tagger.labels import PARTS, LabelTable
from cleantext.tagger.windows import Window, windows
from cleantext.words import lower_word

__all__ = ["MODEL_FOLDER", "ModelError", "Scores", "Tagger", "load_tagger"]

#: Where the shipped model lies.
MODEL_FOLDER = Path(__file__).parents[1] / "data"
#: A word of more subwords than this is no word of news prose; its middle is not read.
_LONGEST = 24
_CACHE = 200_000
#: Windows that are read ahead of the text that is asked for.
_AHEAD = 32

Floats = NDArray[np.float32]
#: The parts of a word that is body for sure, or all but.
_BODY = np.array([[1.0, 1e-9, 1e-9, 1e-9]], np.float32)
_Result = Callable[[], tuple[Floats, Floats, Floats]]


class ModelError(RuntimeError):
    """A model file that is missing, altered, or made for another version."""


@dataclass(frozen=True, slots=True)
class Scores:
    """What the tagger says of ``n`` words, as natural logarithms of probabilities.

    Attributes:
        gaps: ``float32[n + 1, roles]``.
        cases: ``float32[n, patterns]``.
        parts: ``float32[n, 4]``, in the order of :data:`cleantext.tagger.labels.PARTS`.
    """

    gaps: Floats
    cases: Floats
    parts: Floats

    @classmethod
    def empty(cls, words: int, table: LabelTable) -> Scores:
        """Zeros for so many words."""
        sizes = (words + 1, len(table.roles)), (words, len(table.cases)), (words, len(PARTS))
        return cls(*(np.zeros(size, np.float32) for size in sizes))


class Tagger:
    """A model with its tokenizer. Make one with :func:`load_tagger`, which loads it once a process.

    One window is read a run, with the words of one text alone: what stands beside a text in a batch
    cannot change its result. Windows are read by ``threads`` threads at once.
    """

    def __init__(self, folder: Path, *, threads: int) -> None:
        manifest = _manifest(folder)
        self.table = _table(folder, manifest)
        self.calibration = _calibration(folder, manifest)
        self.threads = threads
        self._folder = folder
        self._ids: dict[str, list[int]] = {}
        self._lock = Lock()
        from tokenizers import Tokenizer

        self._tokenizer = Tokenizer.from_file(str(folder / "tokenizer.json"))
        self._unknown, *self._special = map(self._special_id, ("[UNK]", "[CLS]", "[SEP]"))
        self._session = _session(folder / "model.onnx")
        found = [output.name for output in self._session.get_outputs()]
        self._outputs = [name for name in ("gaps", "cases", "parts") if name in found]
        # one more than run at once: between two windows a thread waits for the interpreter's lock
        self._pool = ThreadPoolExecutor(threads + 1, "cleantext") if threads > 1 else None

    def read(self, words: Sequence[str]) -> Scores:
        """The scores of one text's words, in any case; they are read lowered."""
        return next(self.stream([words]))

    def stream(self, texts: Iterable[Sequence[str]]) -> Iterator[Scores]:
        """The scores of several texts in order, each as if it were read alone.

        A few texts are read ahead, so that the caller can work on one while others are read.
        """
        ahead: deque[tuple[int, list[tuple[Window, _Result]]]] = deque()
        waiting = 0
        for words in texts:
            job = self._start(words)
            ahead.append(job)
            waiting += len(job[1])
            while waiting - len(ahead[0][1]) >= _AHEAD:
                waiting -= len(ahead[0][1])
                yield self._finish(*ahead.popleft())
        while ahead:
            yield self._finish(*ahead.popleft())

    def _start(self, words: Sequence[str]) -> tuple[int, list[tuple[Window, _Result]]]:
        """Hand the windows of a text to the threads."""
        pieces = self._pieces(words)
        made = windows([len(ids) for ids in pieces])
        return len(pieces), [(w, self._submit(pieces[w.start : w.stop])) for w in made]

    def _submit(self, pieces: list[list[int]]) -> _Result:
        if self._pool is None:
            return partial(self._run, pieces)
        return self._pool.submit(self._run, pieces).result

    def _finish(self, size: int, parts: list[tuple[Window, _Result]]) -> Scores:
        """Put the kept part of each window into its place."""
        if len(parts) == 1:
            return Scores(*parts[0][1]())
        scores = Scores.empty(size, self.table)
        for window, result in parts:
            gaps, case, part = result()
            first, last = window.keep_start - window.start, window.keep_stop - window.start
            begin = 0 if window.keep_start == 0 else 1
            place = slice(window.keep_start + begin, window.keep_stop + 1)
            scores.gaps[place] = gaps[first + begin : last + 1]
            scores.cases[window.keep_start : window.keep_stop] = case[first:last]
            scores.parts[window.keep_start : window.keep_stop] = part[first:last]
        return scores

    def _special_id(self, token: str) -> int:
        number = self._tokenizer.token_to_id(token)
        if number is None:
            raise ModelError(f"tokenizer.json has no {token}: it belongs to another model")
        return number

    def _run(self, pieces: list[list[int]]) -> tuple[Floats, Floats, Floats]:
        """One window through the network."""
        lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
        ends = np.concatenate(([0], np.cumsum(lengths)))
        first, last = self._special
        tokens = np.array([[first, *chain.from_iterable(pieces), last]], np.int64)
        feed = {"tokens": tokens, "ends": ends, "begins": ends[:-1] + 1}
        gaps, cases, *parts = self._session.run(self._outputs, feed)
        # a model from before there was a head for it takes every word for body
        return gaps, cases, parts[0] if parts else np.log(_BODY).repeat(len(pieces), axis=0)

    def _pieces(self, words: Sequence[str]) -> list[list[int]]:
        """Subwords of each word, lowered; words not met before are tokenized in one call."""
        known = self._ids
        new = list({word for word in words if word not in known})
        if new:
            with self._lock:
                if len(known) > _CACHE:
                    self._ids = known = {}
                    new = list(set(words))
                coded = self._tokenizer.encode_batch(
                    [_readable(lower_word(word)) for word in new], add_special_tokens=False
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
    try:
        manifest: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
        files = dict(manifest["files"])
    except (ValueError, KeyError, TypeError) as error:
        raise ModelError(f"{path} is damaged ({error!r}): install cleantext-news again") from error
    unnamed = {"model.onnx", "tokenizer.json"} - files.keys()
    if unnamed:
        raise ModelError(f"{path} does not name {sorted(unnamed)}: install cleantext-news again")
    for name, digest in files.items():
        file = folder / name
        if not file.exists():
            raise ModelError(f"{file} is missing: install cleantext-news again")
        if hashlib.sha256(file.read_bytes()).hexdigest() != digest:
            raise ModelError(
                f"{file} is not the file that model.json names (its sha256 differs):"
                " install cleantext-news again"
            )
    return manifest


def _table(folder: Path, manifest: dict[str, Any]) -> LabelTable:
    try:
        return LabelTable.from_dict(manifest["labels"])
    except (ValueError, KeyError, TypeError, AssertionError) as error:
        raise ModelError(f"{folder / 'model.json'}: {error}") from error


def _calibration(folder: Path, manifest: dict[str, Any]) -> Calibration:
    """The curves of the manifest; a model that was not evaluated yet has none."""
    try:
        return Calibration.from_dict(manifest.get("calibration", {}))
    except (ValueError, TypeError, AttributeError) as error:
        raise ModelError(f"{folder / 'model.json'}: {error}") from error


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


def _forget_lock() -> None:
    global _LOADING
    _LOADING = Lock()


if hasattr(os, "register_at_fork"):  # a lock that was held when the process forked stays held
    os.register_at_fork(after_in_child=_forget_lock)
