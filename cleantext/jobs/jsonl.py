"""JSON lines: objects on lines of their own, of which all but the text stays byte for byte."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from cleantext.jobs.compression import BrokenDataError, Compression
from cleantext.jobs.fields import CANONICAL, Fields, RefusedError, checked
from cleantext.jobs.json_spans import Number, Object, dumped, find, parse, spliced, type_name
from cleantext.jobs.lines import BOM, BrokenInputError, ByteInput, Line, byte_limit, lines, shown
from cleantext.jobs.partial import ByteOutput
from cleantext.jobs.records import JobError, Record, Reject

__all__ = ["JsonLines", "ObjectLines", "RawSink", "json_rendering"]


#: Names of files that may well hold one list.
_LISTS = (".json", ".json.gz", ".json.zst")


class JsonLines(ByteInput):
    """A source of JSON lines. A carrier is the line as it came, with its end and a BOM.

    A line of white space is no record and is left out of the output. What cannot be taken is
    rejected: a line that is no JSON object in UTF-8 or has too many bytes, a field that is missing
    or holds no text, a text that is too long.
    """

    def __init__(self, path: str, compression: Compression, fields: Fields) -> None:
        super().__init__(path, compression)
        self.fields = fields

    def records(self, start: int) -> Iterator[Record | Reject]:
        """Those from number ``start`` on; the lines before are read but not looked into."""
        number = 0
        try:
            for line in lines(self.chunks(), byte_limit(self.fields.max_chars)):
                if line.number == 1:
                    self._check_first(line)
                if line.whole and not line.raw.removeprefix(BOM).strip():
                    continue
                if number >= start:
                    yield self._taken(number, line)
                number += 1
        except BrokenDataError as error:
            raise BrokenInputError(
                f"{self.path} breaks off after {number:,} records: {error}"
            ) from error

    def _check_first(self, line: Line) -> None:
        begins_list = line.raw.removeprefix(BOM).lstrip().startswith(b"[")
        if begins_list and self.path.lower().endswith(_LISTS):
            raise JobError(
                f"{self.path} is one list, not an object a line;"
                f" pipe it in: jq -c '.[]' {self.path} | cleantext run - ..."
            )

    def _taken(self, number: int, line: Line) -> Record | Reject:
        place = f"line {line.number}"
        try:
            text, whole = _parsed(line, self.fields)
            value = _text(text, whole, self.fields.text, self.fields)
            canonical = self._canonical(text, whole)
        except RefusedError as error:
            return Reject(number, place, str(error), shown(line.raw))
        return Record(number, place, value, self._id(text, whole), canonical, line.raw)

    def _canonical(self, text: str, whole: Object) -> str | None:
        name = self.fields.canonical
        member = find(text, whole, name) if name is not None else None
        if name is None or member is None or member.value is None:
            return None
        return _text(text, whole, name, self.fields, what=CANONICAL)

    def _id(self, text: str, whole: Object) -> str | None:
        member = find(text, whole, self.fields.id) if self.fields.id is not None else None
        return str(member.value) if member and isinstance(member.value, str) else None


def _parsed(line: Line, fields: Fields) -> tuple[str, Object]:
    """The line as text, and the object in it."""
    if not line.whole:
        raise RefusedError(f"the line has more than {byte_limit(fields.max_chars):,} bytes")
    try:
        text = line.raw.rstrip(b"\r\n").decode("utf-8")
        whole = parse(text)
    except UnicodeDecodeError as error:
        raise RefusedError("the line is not UTF-8") from error
    except RecursionError as error:
        raise RefusedError("the JSON is nested too deeply") from error
    except json.JSONDecodeError as error:
        what = error.msg.removesuffix(" at").removesuffix(" starting")
        raise RefusedError(f"the line is no JSON: {what}") from error
    if whole is None:
        raise RefusedError("the line is JSON, but no object")
    return text, whole


def _text(text: str, whole: Object, name: str, fields: Fields, *, what: str = "the text") -> str:
    """The text in a field."""
    member = find(text, whole, name)
    if member is None:
        raise RefusedError(f"there is no field {name!r}")
    if not isinstance(member.value, str) or isinstance(member.value, Number):
        raise RefusedError(f"the field {name!r} holds {type_name(member.value)}, not a text")
    return checked(member.value, fields, what=what)


def json_rendering(field: str) -> Callable[[bytes, str], bytes]:
    """What sets a field of a line to a text; one that is not there becomes the last key."""
    return lambda line, text: spliced(line.decode("utf-8"), text, field=field)


class OnOutput:
    """What is written to a byte output and lives as that does."""

    def __init__(self, output: ByteOutput) -> None:
        self.path, self.partial, self.resumable = output.path, output.partial, output.resumable
        self._output = output

    def checkpoint(self) -> dict[str, Any]:
        return self._output.checkpoint()

    def restore(self, state: Mapping[str, Any]) -> None:
        self._output.restore(state)

    def finish(self) -> None:
        self._output.finish()

    def abandon(self) -> None:
        self._output.abandon()


class RawSink(OnOutput):
    """A sink of records whose carrier is their bytes.

    Args:
        output: where they go.
        render: the bytes of a record with another text, from its bytes and the text.
    """

    def __init__(self, output: ByteOutput, render: Callable[[bytes, str], bytes]) -> None:
        super().__init__(output)
        self._render = render

    def write(self, record: Record, text: str) -> None:
        """Append a record with its new text."""
        self._output.write(self._render(record.carrier, text))


class ObjectLines(OnOutput):
    """Objects as lines of JSON, in the order in which they are written."""

    def write(self, value: Mapping[str, Any], /) -> None:
        """Append an object."""
        self._output.write((dumped(value) + "\n").encode("utf-8", "backslashreplace"))
