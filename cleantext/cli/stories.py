"""Libraries of stories, and reading the stories that go into one."""

from __future__ import annotations

import gzip
import json
import lzma
import sys
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal

from cleantext.cli.files import cause, read
from cleantext.cli.messages import InputError, one_line, shown

if TYPE_CHECKING:
    from cleantext.canon.library import Library

__all__ = ["Story", "opened", "story", "story_lines"]

#: How files begin that are packed, and with what.
_PACKED = {b"\x28\xb5\x2f\xfd": "zstd", b"\x1f\x8b": "gzip"}

Story = tuple[str, str]
"""Id and text."""


@contextmanager
def opened(path: str, *, mode: Literal["a", "r"], create: bool = False) -> Iterator[Library]:
    """A library, closed at the end; what it refuses becomes bad input."""
    from cleantext.canon.library import Library, LibraryError

    if not create and not Path(path).exists():
        raise InputError(f"there is no library {path}; cleantext library add makes one")
    try:
        with Library(path, mode=mode) as library:
            yield library
    except (LibraryError, ValueError) as error:
        raise InputError(one_line(error)) from error


def story(file: str) -> Story:
    """The story in a text file, under the file's name without its folder.

    Raises:
        InputError: if the file cannot be read or has no word in it.
    """
    text = read(file)
    if not _has_word(text):
        raise InputError(f"{shown(file)} has no word in it, so that nothing could find it")
    name = Path(file).name
    if not _is_unicode(name):
        raise InputError(f"{shown(file)}: its name is not UTF-8 and cannot be an id; rename it")
    return name, text


def story_lines(file: str) -> Iterator[Story | InputError]:
    """The stories of a JSON Lines file, lazily; for a line that has none, what is wrong.

    Raises:
        InputError: if the file cannot be read, or not to its end.
    """
    try:
        with _lines(file) as lines:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parsed(line, f"{shown(file)}, line {number}")
    except OSError as error:
        raise InputError(f"{shown(file)} cannot be read: {cause(error)}") from error
    except (EOFError, lzma.LZMAError, zlib.error) as error:
        raise InputError(f"{shown(file)} is no whole packed file: {one_line(error)}") from error


@contextmanager
def _lines(file: str) -> Iterator[Iterable[bytes]]:
    if file == "-":
        if sys.stdin is None:
            raise InputError("standard input is closed; name a file")
        yield sys.stdin.buffer
    elif file.endswith(".xz"):
        with lzma.open(file) as unpacked:
            yield unpacked
    elif file.endswith(".gz"):
        with gzip.open(file) as unzipped:
            yield unzipped
    else:
        with open(file, "rb") as plain:
            head = plain.peek(4)
            for packed, tool in _PACKED.items():
                if head.startswith(packed):
                    raise InputError(
                        f"{shown(file)} is packed; unpack it and pipe it in:"
                        f" {tool} -dc FILE | cleantext library add LIBRARY --jsonl -"
                    )
            yield plain


def _parsed(line: bytes, where: str) -> Story | InputError:
    try:
        record = json.loads(line.decode("utf-8-sig"))
    except (ValueError, RecursionError):
        return InputError(f"{where} is not JSON in UTF-8")
    if not isinstance(record, dict):
        return InputError(f"{where} is not an object with the fields id and text or paragraphs")
    id, text = _id_of(record), _text_of(record)
    if id is None:
        return InputError(f'{where} has no field "id" that is a text or a whole number')
    if text is None:
        return InputError(f'{where} has neither a field "text" nor a list "paragraphs" of texts')
    if not _has_word(text):
        return InputError(f"{where}: the story {id!r} has no word, so that nothing could find it")
    return id, text


def _id_of(record: dict[str, Any]) -> str | None:
    id = record.get("id")
    if isinstance(id, int) and not isinstance(id, bool):
        return str(id)
    return id if isinstance(id, str) and id and _is_unicode(id) else None


def _text_of(record: dict[str, Any]) -> str | None:
    text, paragraphs = record.get("text"), record.get("paragraphs")
    if text is None and isinstance(paragraphs, list):
        whole = all(isinstance(each, str) for each in paragraphs)
        return "\n\n".join(paragraphs) if whole else None
    return text if isinstance(text, str) else None


def _has_word(text: str) -> bool:
    return any(map(str.isalnum, text))


def _is_unicode(id: str) -> bool:
    return not any("\ud800" <= char <= "\udfff" for char in id)
