"""Reading and writing texts: UTF-8 with their newlines as they are, files replaced whole."""

from __future__ import annotations

import errno
import itertools
import json
import os
import secrets
import shlex
import shutil
import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from cleantext.cli.messages import InputError, shown

__all__ = [
    "READER_GONE",
    "cause",
    "ended",
    "json_line",
    "print_text",
    "read",
    "write_back",
    "write_page",
    "writer",
]

#: Exit status when the reader of the output went away, as a shell counts it.
READER_GONE = 141


def read(file: str) -> str:
    """The text of a file, or of standard input for ``-``."""
    if file == "-" and sys.stdin is None:
        raise InputError("standard input is closed; name a file, or pipe the text in")
    try:
        data = sys.stdin.buffer.read() if file == "-" else Path(file).read_bytes()
    except OSError as error:
        raise InputError(f"{shown(file)} cannot be read: {cause(error)}") from error
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        likely = "UTF-16" if data[:2] in (b"\xff\xfe", b"\xfe\xff") else "WINDOWS-1252"
        raise InputError(
            f"{shown(file)} is not UTF-8 (byte 0x{data[error.start]:02x} at offset {error.start});"
            f" convert it first, for example: iconv -f {likely} -t UTF-8 {shlex.quote(file)}"
        ) from error


def print_text(text: str) -> None:
    """Write to standard output, as UTF-8 wherever it leads; end the line on a terminal."""
    if sys.stdout is None:
        raise InputError("standard output is closed; leave it open, or send it to a file")
    if sys.stdout.isatty():
        text = ended(text)
    try:
        sys.stdout.buffer.write(text.encode("utf-8"))
        sys.stdout.buffer.flush()
    except BrokenPipeError:
        # what is left in the buffer must go somewhere when the interpreter flushes it
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        raise SystemExit(READER_GONE) from None
    except OSError as error:
        raise InputError(f"standard output cannot be written: {cause(error)}") from error


@contextmanager
def writer(output: str | None) -> Iterator[Callable[[str], None]]:
    """A function that writes to standard output, or to a file that is replaced at the end."""
    if output is None or output == "-":
        yield print_text
    else:
        with _replacing(Path(output)) as write:
            yield write


def write_page(file: str, page: str) -> None:
    """Write a page to a file, or to standard output for ``-``."""
    with writer(file) as write:
        write(page)


@contextmanager
def _replacing(path: Path) -> Iterator[Callable[[str], None]]:
    """A function that writes what becomes of ``path`` when all went well; else it stays as it is.

    A link stays a link, and the file keeps its owner and mode. Devices are written directly.
    """

    def write(text: str) -> None:
        with _writing(path):
            stream.write(text.encode("utf-8"))

    target = Path(os.path.realpath(path))
    special = target.exists() and not target.is_file()
    made = target if special else target.with_name(f".{secrets.token_hex(8)}.tmp")
    with _writing(path):
        if target.is_file() and not os.access(target, os.W_OK):
            raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))
        stream = made.open("wb" if special else "xb")
    try:
        with _writing(path), stream:  # closing it writes what is left
            yield write
            with _writing(path):
                stream.flush()
                if not special:
                    os.fsync(stream.fileno())
        with _writing(path):
            if not special:
                _take_over(target, made)
                made.replace(target)
    finally:
        if not special:
            made.unlink(missing_ok=True)


def _take_over(old: Path, new: Path) -> None:
    """Give a new file the owner and mode of the one it replaces, if there is one."""
    if old.exists():
        with suppress(OSError, AttributeError):  # only root may give files away; Windows cannot
            os.chown(new, old.stat().st_uid, old.stat().st_gid)
        shutil.copymode(old, new)


def write_back(path: Path, before: str, after: str) -> None:
    """Replace a file's text, with the old one kept beside it under the first free name."""
    with _replacing(path) as write:
        write(after)
        with _writing(path):
            _back_up(path, before)


def _back_up(path: Path, text: str) -> None:
    for number in itertools.count():
        backup = path.with_name(f"{path.name}.bak{number or ''}")
        with suppress(FileExistsError), backup.open("xb") as stream:
            try:
                stream.write(text.encode("utf-8"))
                stream.flush()
            except OSError:
                backup.unlink()
                raise
            shutil.copystat(path, backup)
            return


@contextmanager
def _writing(path: Path) -> Iterator[None]:
    try:
        yield
    except OSError as error:
        raise InputError(f"{path} cannot be written: {cause(error)}") from error


def cause(error: OSError) -> str:
    """Why a file cannot be used, in a few words."""
    match error:
        case FileNotFoundError():
            return "there is no such file or folder"
        case IsADirectoryError():
            return "it is a folder; name a file in it"
        case PermissionError():
            return "permission is denied"
        case _:
            return error.strerror or str(error)


def ended(text: str) -> str:
    """The text with its last line ended."""
    return text if not text or text.endswith("\n") else text + "\n"


def json_line(value: Mapping[str, Any]) -> str:
    """An object on a line of its own."""
    line = json.dumps(value, ensure_ascii=False) + "\n"
    # a lone surrogate (from a file name that is not UTF-8) becomes its JSON escape
    return line.encode("utf-8", "backslashreplace").decode("utf-8")
