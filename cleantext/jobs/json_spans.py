"""JSON objects by where their values stand, so that one can be replaced and the rest kept."""

from __future__ import annotations

import json
from dataclasses import dataclass
from json.decoder import scanstring  # type: ignore[attr-defined]
from re import DOTALL, compile
from typing import Any

__all__ = ["Member", "Number", "Object", "dumped", "find", "parse", "spliced", "type_name"]


class Number(str):
    """A number as it is written, whatever its size and precision."""

    __slots__ = ()


# a number is never computed: one of 5,000 digits is no reason to refuse a record
_DECODER = json.JSONDecoder(parse_int=Number, parse_float=Number, parse_constant=Number)
_SPACE = compile(r"[ \t\n\r]*")
#: An escape that JSON does not ask for (control characters it does).
_ESCAPE = compile(r"\\u(?!00[01])[0-9a-fA-F]{4}")
#: Brackets inside brackets at most. Deeper ones might or might not fit on Python's stack.
_DEEPEST = 500
#: A string, whole or cut off, or a bracket.
_STRING_OR_BRACKET = compile(r'"(?:[^"\\]++|\\.)*+"?|[\[{}\]]', DOTALL)


@dataclass(frozen=True, slots=True)
class Member:
    """A value of an object, and where it stands in the text, in code points."""

    value: Any
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class Object:
    """An object in a text.

    Attributes:
        members: by key; of those with the same key the last one, as ``json`` has it.
        last: behind the last value, or behind the bracket if there is none: where one more goes.
        spaced: whether a space stands behind the colon of the first key.
    """

    members: dict[str, Member]
    last: int
    spaced: bool


def parse(text: str) -> Object | None:
    """The one object that a text holds; None if it holds another value.

    Raises:
        ValueError: if it is no JSON.
        RecursionError: if it is nested too deeply.

    >>> parse('{"a": 1, "b": "x"}').members["b"]
    Member(value='x', start=14, end=17)
    """
    if _is_too_deep(text):
        raise RecursionError(f"more than {_DEEPEST} brackets stand in each other")
    start = _skip(text, 1 if text.startswith("\ufeff") else 0)
    if text[start : start + 1] == "{":
        found, end = _object(text, start)
    else:
        found, end = None, _DECODER.raw_decode(text, start)[1]
    if _skip(text, end) != len(text):
        raise json.JSONDecodeError("Extra data", text, end)
    return found


def _is_too_deep(text: str) -> bool:
    """Whether more brackets are open anywhere than are allowed."""
    if text.count("[") + text.count("{") <= _DEEPEST:
        return False
    depth = 0
    for found in _STRING_OR_BRACKET.finditer(text):
        mark = text[found.start()]
        depth += (mark in "[{") - (mark in "]}")
        if depth > _DEEPEST:
            return True
    return False


def _object(text: str, start: int) -> tuple[Object, int]:
    """The object whose bracket stands at ``start``, and where it ends."""
    members: dict[str, Member] = {}
    last, spaced = start + 1, True
    place = _skip(text, start + 1)
    if text[place : place + 1] == "}":
        return Object(members, last, spaced), place + 1
    while True:
        if text[place : place + 1] != '"':
            raise json.JSONDecodeError("Expecting a key in double quotes", text, place)
        key, colon = scanstring(text, place + 1)
        colon = _skip(text, colon)
        if text[colon : colon + 1] != ":":
            raise json.JSONDecodeError("Expecting ':'", text, colon)
        begin = _skip(text, colon + 1)
        value, last = _DECODER.raw_decode(text, begin)
        spaced = spaced if members else begin > colon + 1
        members[key] = Member(value, begin, last)
        place = _skip(text, last)
        if text[place : place + 1] == "}":
            return Object(members, last, spaced), place + 1
        if text[place : place + 1] != ",":
            raise json.JSONDecodeError("Expecting ',' or '}'", text, place)
        place = _skip(text, place + 1)


def _skip(text: str, start: int) -> int:
    return _SPACE.match(text, start).end()  # type: ignore[union-attr]


def find(text: str, whole: Object, name: str) -> Member | None:
    """The value of a field; ``body.text`` is the field ``text`` of the object ``body``.

    A key with a dot in it goes first.
    """
    home, key = _home(text, whole, name)
    return home.members.get(key)


def _home(text: str, whole: Object, name: str) -> tuple[Object, str]:
    """The object that has (or is to have) a field, and the field's key there."""
    head, dot, rest = name.partition(".")
    inner = whole.members.get(head)
    if name in whole.members or not dot or inner is None or text[inner.start] != "{":
        return whole, name
    return _home(text, _object(text, inner.start)[0], rest)


def spliced(line: str, value: str, *, field: str) -> bytes:
    """A line with another value in a field, which is added if the object has none; UTF-8.

    Nothing else changes, and nothing at all if the field has that value.

    >>> spliced('{"a":1.0, "b": "x"}', "y", field="b")
    b'{"a":1.0, "b": "y"}'
    """
    whole = parse(line)
    if whole is None:
        raise ValueError("the line is no object")
    home, key = _home(line, whole, field)
    member = home.members.get(key)
    ascii_only = line.isascii() and _ESCAPE.search(line) is not None
    written = dumped(value, ascii_only=ascii_only)
    if member is None:
        space = " " if home.spaced else ""
        comma = f",{space}" if home.members else ""
        start = end = home.last
        written = f"{comma}{dumped(key, ascii_only=ascii_only)}:{space}{written}"
    elif type(member.value) is str and member.value == value:
        return line.encode("utf-8")
    else:
        start, end = member.start, member.end
    # a lone surrogate becomes its JSON escape
    new = written.encode("utf-8", "backslashreplace")
    return line[:start].encode("utf-8") + new + line[end:].encode("utf-8")


def dumped(value: Any, *, ascii_only: bool = False) -> str:
    """A value as JSON, without a line end."""
    return json.dumps(value, ensure_ascii=ascii_only)


def type_name(value: Any) -> str:
    """What a value is, for people: ``null``, ``a number``, ..."""
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case Number():
            return "a number"
        case str():
            return "a text"
        case list():
            return "a list"
        case _:
            return "an object"
