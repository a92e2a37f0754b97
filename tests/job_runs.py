"""What the tests of whole jobs share: small inputs, a cheap pipeline, reading what was written."""

from __future__ import annotations

import errno
import json
import os
import signal
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from cleantext.draft import Draft
from cleantext.edits import Edit, Kind
from cleantext.normalizers import Encoding
from cleantext.pipeline import Pipeline

posix = pytest.mark.skipif(os.name != "posix", reason="needs POSIX signals")


@dataclass(frozen=True)
class Marking:
    """Ends a text with a full stop; some words make it stumble until there is a file ``cure``."""

    name: str = "marking"
    kinds: frozenset[Kind] = frozenset({"mark"})

    def propose(self, draft: Draft) -> Iterable[Edit]:
        """One edit, for a text that does not end with a full stop."""
        if "refused" in draft.text:
            raise ValueError("there is 'refused' in it")
        if not Path("cure").exists():
            if "deadly" in draft.text:
                os.kill(os.getpid(), signal.SIGKILL)
            if "failing" in draft.text:
                raise OSError(errno.EIO, "the disk of the model does not answer")
            if "stopped" in draft.text:
                raise KeyboardInterrupt
        if draft.text and not draft.text.endswith("."):
            yield Edit(len(draft.text), "", ".", "mark", "sentence end", 0.9)


FLAT: dict[str, Any] = {
    "id": 7,
    "text": "the mayor said on monday that u s troops would leave the city",
}
CHEAP = Pipeline((Encoding(), Marking()), threads=1)


def texts(count: int) -> list[str]:
    """Short texts, some with an encoding that was read wrongly."""
    return [
        f"the mayor\u00e2\u20ac\u2122s office closed bridge {i} for {i % 9} days"
        if i % 3
        else f"Bridge {i} was opened again on Monday."
        for i in range(count)
    ]


def write(path: Path, lines: Iterable[object]) -> Path:
    """JSON lines; what is a string already stands as it is."""
    made = [each if isinstance(each, str) else json.dumps(each) for each in lines]
    path.write_text("".join(f"{line}\n" for line in made), "utf-8")
    return path


def read(path: Path | str) -> list[Any]:
    """The objects of a file of JSON lines."""
    return [json.loads(line) for line in Path(path).read_text("utf-8").splitlines()]


def records(count: int) -> list[dict[str, Any]]:
    return [
        {"id": f"n{i}", "text": text, "z": [i], "a": None} for i, text in enumerate(texts(count))
    ]


NOT_MADE = ("in.jsonl", "cure")


def content(folder: Path) -> dict[str, bytes]:
    """The files a job left, by name."""
    return {path.name: path.read_bytes() for path in folder.iterdir() if path.name not in NOT_MADE}
