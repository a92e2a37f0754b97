"""The child process of ``peers.py``: one tool, loaded once, that works through what it is sent.

    python tests/benchmarks/peers_tools.py TOOL [NAME=VALUE ...]

A line of JSON comes in, ``{"items": [...], "wanted": bool}``, and one goes out for it: the seconds it
took, what the network took of them and how many subwords it read, and the texts if they are wanted.
Nothing but the standard library is imported before the tool is: a tool may be called as we are.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import perf_counter
from typing import Any


@dataclass(slots=True)
class Done:
    """What a tool made of its items."""

    texts: list[str] = field(default_factory=list)
    subwords: int = 0
    network: float = 0.0


Tool = Callable[[Sequence[Any]], Done]


def main() -> None:
    """Serve requests until there are no more."""
    name, *settings = sys.argv[1:]
    answers, sys.stdout = sys.stdout, sys.stderr  # what a library prints is no answer
    tool = TOOLS[name](**dict(setting.split("=", 1) for setting in settings))
    for line in sys.stdin:
        request = json.loads(line)
        start = perf_counter()
        done = tool(request["items"])
        seconds = perf_counter() - start
        answer: dict[str, Any] = {"seconds": seconds}
        answer |= {"network": done.network, "subwords": done.subwords}
        answer["texts"] = done.texts if request["wanted"] else []
        print(json.dumps(answer), file=answers, flush=True)


# --- ours -----------------------------------------------------------------------------------------


def _ours(*, threads: str, model: str = "") -> Tool:
    """The default pipeline, end to end."""
    from cleantext import Pipeline

    settings = {"model": Path(model)} if model else {}
    pipeline = Pipeline.default(threads=int(threads), **settings)
    return lambda texts: Done([document.text for document in pipeline.stream(texts)])


def _ours_bare(*, threads: str, model: str = "") -> Tool:
    """The windows that the pipeline reads, through the network and nothing else."""
    from speed import _bare, _recorded

    from cleantext.tagger.onnx import MODEL_FOLDER, load_tagger

    tagger = load_tagger(Path(model) if model else MODEL_FOLDER, threads=int(threads))
    pipeline = _ours(threads=threads, model=model)

    def run(texts: Sequence[str]) -> Done:
        with _recorded(tagger) as recording:
            pipeline(texts)
        start = perf_counter()
        _bare(recording.session, recording.feeds, int(threads))
        seconds = perf_counter() - start
        return Done([], sum(feed["tokens"].size for feed in recording.feeds), seconds)

    return run


# --- published shapes -----------------------------------------------------------------------------

#: Subwords of a window of pcs_en without the two special ones, how many of them it shares with the
#: window before it, and subwords of a batch.
_PCS_WINDOW, _PCS_OVERLAP, _PCS_BATCH = 254, 16, 4096
#: Words of a window of FullStop, and how many of them it shares with the next.
_FULLSTOP_WINDOW, _FULLSTOP_OVERLAP = 230, 5
#: Subwords that XLM-RoBERTa can take without the two special ones.
_FULLSTOP_LONGEST = 510
_MARKS = re.compile(r"(?<!\d)[.,;:!?](?!\d)")
_BEGIN, _PAD, _END = 0, 1, 2


class _Network:
    """A session that counts what it reads; answers are reduced to labels and dropped."""

    def __init__(self, path: str, threads: str) -> None:
        import numpy
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = int(threads)
        self._array = numpy.array
        self._session = onnxruntime.InferenceSession(
            path, options, providers=["CPUExecutionProvider"]
        )

    def read(self, windows: Sequence[list[int]], done: Done) -> None:
        """One batch, padded to its longest window."""
        longest = max(map(len, windows))
        rows = [[_BEGIN, *ids, _END] + [_PAD] * (longest - len(ids)) for ids in windows]
        start = perf_counter()
        (labels,) = self._session.run(None, {"tokens": self._array(rows)})
        done.network += perf_counter() - start
        done.subwords += sum(map(len, windows)) + 2 * len(windows)
        labels.argmax(-1)


def _pcs(*, model: str, tokenizer: str, threads: str) -> Tool:
    """As punctuators runs pcs_en: windows of all texts, sorted by length, in batches."""
    from tokenizers import Tokenizer

    network, coder = _Network(model, threads), Tokenizer.from_file(tokenizer)

    def run(texts: Sequence[str]) -> Done:
        coded = [encoding.ids for encoding in coder.encode_batch(texts)]
        windows = sorted((w for ids in coded for w in _subword_windows(ids)), key=len, reverse=True)
        done = Done()
        while windows:
            size = _PCS_BATCH // len(windows[0])
            network.read(windows[:size], done)
            windows = windows[size:]
        return done

    return run


def _subword_windows(ids: list[int]) -> Iterator[list[int]]:
    start = 0
    while start < len(ids):
        first = max(0, start - _PCS_OVERLAP)
        start = first + _PCS_WINDOW
        yield ids[first:start]


def _fullstop(*, model: str, tokenizer: str, threads: str) -> Tool:
    """As deepmultilingualpunctuation runs FullStop: one window after the other."""
    from tokenizers import Tokenizer

    network, coder = _Network(model, threads), Tokenizer.from_file(tokenizer)

    def run(texts: Sequence[str]) -> Done:
        done = Done()
        for text in texts:
            for window in _word_windows(_MARKS.sub("", text).split()):
                network.read([coder.encode(" ".join(window)).ids[:_FULLSTOP_LONGEST]], done)
        return done

    return run


def _word_windows(words: list[str]) -> Iterator[list[str]]:
    if len(words) <= _FULLSTOP_WINDOW:
        yield words
        return
    for start in range(0, len(words) - _FULLSTOP_OVERLAP, _FULLSTOP_WINDOW - _FULLSTOP_OVERLAP):
        yield words[start : start + _FULLSTOP_WINDOW]


# --- other libraries ------------------------------------------------------------------------------


def _truecase() -> Tool:
    """truecase with what it ships; its tokenizer without the sentence model, a separate download.

    Copy that lost its marks is one sentence to that model, so that the words are cut the same way.
    """
    from functools import partial
    from importlib import import_module

    module: Any = import_module("truecase.TrueCaser")  # the package's name for it is a class
    module.word_tokenize = partial(module.word_tokenize, preserve_line=True)
    cased = import_module("truecase").get_true_case
    return lambda texts: Done([cased(text) for text in texts])


def _ftfy() -> Tool:
    from ftfy import fix_text

    return lambda texts: Done([fix_text(text) for text in texts])


def _clean_text(*, folder: str) -> Tool:
    """clean-text, whose import name is ours: from its own folder, in an interpreter without ours."""
    sys.path.insert(0, folder)
    import cleantext

    clean: Callable[[str], str] = vars(cleantext)["clean"]
    return lambda texts: Done([clean(text) for text in texts])


def _unidecode(*, folder: str) -> Tool:
    sys.path.insert(0, folder)
    from unidecode import unidecode

    return lambda texts: Done([unidecode(text) for text in texts])


# --- comparing two texts: items are pairs, a text and its canonical version --------------------------


def _check(*, named: str = "") -> Tool:
    """Alignment and every score; if ``named``, every difference as well."""
    from cleantext import check

    def run(pairs: Sequence[tuple[str, str]]) -> Done:
        for text, canonical in pairs:
            report = check(text, canonical)
            _ = report.differences if named else report.scores
        return Done()

    return run


def _jiwer() -> Tool:
    from jiwer import process_words

    def run(pairs: Sequence[tuple[str, str]]) -> Done:
        for text, canonical in pairs:
            process_words(canonical, text)
        return Done()

    return run


TOOLS: dict[str, Callable[..., Tool]] = {
    "ours": _ours,
    "ours-bare": _ours_bare,
    "pcs": _pcs,
    "fullstop": _fullstop,
    "truecase": _truecase,
    "ftfy": _ftfy,
    "clean-text": _clean_text,
    "unidecode": _unidecode,
    "check": _check,
    "jiwer": _jiwer,
}


if __name__ == "__main__":
    main()
