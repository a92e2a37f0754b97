"""What the command line says on standard error: one sentence for everything that goes wrong."""

from __future__ import annotations

import sys
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress

__all__ = ["InputError", "one_line", "refusals", "say", "shown", "warn"]


class InputError(Exception):
    """An input or output that cannot be used; the message is one sentence for the user."""


def say(message: str) -> None:
    """A line on standard error."""
    with suppress(OSError):
        print(f"cleantext: {message}", file=sys.stderr)


def warn(file: str, warnings: Iterable[str]) -> None:
    """A line for each warning about a file."""
    for warning in warnings:
        say(f"{shown(file)}: {warning}")


def shown(file: str) -> str:
    """How a file is called in messages."""
    return "standard input" if file == "-" else file


def one_line(error: Exception) -> str:
    """What an error says, on one line."""
    return " ".join(str(error).split())


@contextmanager
def refusals(file: str) -> Iterator[None]:
    """Turn what the library refuses (too long a text, a model that is missing) into bad input."""
    try:
        yield
    except BrokenPipeError:
        raise  # the reader went away: no fault of the input
    except _refusals() as error:
        raise InputError(f"{shown(file)}: {one_line(error)}") from error


def _refusals() -> tuple[type[Exception], ...]:
    from cleantext.canon.library import LibraryError
    from cleantext.tagger.onnx import ModelError

    return ValueError, OSError, LibraryError, ModelError
