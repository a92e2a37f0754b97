"""The grammar of marks: which may follow which. Compiled once a label table into arrays.

A state says what is open: a double quotation, a single one, a bracket. Every role maps states to
states or is forbidden in them; roles that map alike share a *move*, so that the search looks at a
handful of moves and not at 192 roles.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.facets import marks_of
from cleantext.tagger.labels import OTHER, LabelTable, Role

__all__ = ["CLOSED", "QUOTE", "Grammar", "Move", "compile_grammar", "open_after", "step"]

DOUBLE, SINGLE, BRACKET = 1, 2, 4
CLOSED, QUOTE, STATES = 0, DOUBLE, 8
_OPENING = frozenset("([{“„«")

Move = tuple[int, ...]
"""For each of the eight states the state after, or -1 where the move is forbidden."""


def step(state: int, role: Role) -> int:
    """The state after a role, or -1 if the role cannot stand in this state.

    >>> step(CLOSED, Role(' "')), step(QUOTE, Role(' "')), step(QUOTE, Role('.\\n\\n"'))
    (1, -1, 1)
    """
    for mark in marks_of(role.left):
        state = _left(state, mark, role)
        if state < 0:
            return -1
    right = marks_of(role.right)
    if role.breaks:
        if state & (SINGLE | BRACKET):
            return -1
        if state & DOUBLE:
            if '"' not in right:
                return -1  # a quotation that runs over a paragraph reopens
            state &= ~DOUBLE
    for mark in right:
        state = _right(state, mark, role)
        if state < 0:
            return -1
    return state


def _toggle(state: int, bit: int, *, opens: bool) -> int:
    if bool(state & bit) is opens:
        return -1
    return state | bit if opens else state & ~bit


def _left(state: int, mark: str, role: Role) -> int:
    if mark == '"':
        return _toggle(state, DOUBLE, opens=False)
    if mark in (")", "]"):
        return _toggle(state, BRACKET, opens=False)
    if mark in ("(", "["):  # glued to both words, as in "401(k)"
        return _toggle(state, BRACKET, opens=True)
    if mark == "'" and role.space and role.tag != "elision":
        if role.tag == "quote":
            return _toggle(state, SINGLE, opens=False)
        return state & ~SINGLE  # at a sentence's end it closes what is open, else it is an elision
    return state


def _right(state: int, mark: str, role: Role) -> int:
    if mark == '"':
        return _toggle(state, DOUBLE, opens=True)
    if mark in ("(", "["):
        return _toggle(state, BRACKET, opens=True)
    if mark == "'" and role.tag != "elision":
        return _toggle(state, SINGLE, opens=True)
    return state


def open_after(state: int, gap: str) -> int:
    """The state after a gap that stands in the text, whatever its form; it never forbids.

    A paragraph break closes what was left open, since published copy often forgets to.
    """
    for char in gap:
        if char == '"':
            state ^= DOUBLE
        elif char in "“„«":
            state |= DOUBLE
        elif char in "”»":
            state &= ~DOUBLE
        elif char in "([":
            state |= BRACKET
        elif char in ")]":
            state &= ~BRACKET
        elif char == "\n":
            state = CLOSED
    return state


@dataclass(frozen=True, eq=False)
class Grammar:
    """A label table's roles as arrays.

    Attributes:
        moves: the distinct moves; ``moves[0]`` changes nothing and is allowed everywhere.
        order: ``int[roles]``, role indices sorted by move.
        bounds: ``int[moves]``, where each move's roles begin in ``order``.
        breaks, starts: ``bool[roles]``, as the roles say.
        loose: ``bool[roles]``, breaks a paragraph where no sentence ends, as behind a heading.
        first, last: ``bool[roles]``, what may stand before the first word and after the last one.
        between: ``bool[8, roles]``, what may stand between words by what they are: 1 for a digit
            before, plus 2 for one behind, plus 4 for what may be a group of three figures.
        opening, closing: ``bool[roles]``, opens a bracket before the next word; closes one.
        dashed: ``bool[roles]``, has a dash.
        joining: ``bool[roles]``, makes one word of two.
        numeric: ``bool[roles]``, belongs to a number when digits stand on both sides.
        point: ``bool[roles]``, a point without a blank.
        ampersand: ``bool[roles]``, has an ampersand.
        inside: ``bool[roles]``, has a stop after which the sentence goes on.
        abbreviated: ``bool[roles]``, has the stop of an abbreviation.
        owned, stop_owned: ``bool[roles]``, an apostrophe inside a word, and one behind a stop.
        plain_break: the role that is a paragraph break and nothing else.
    """

    moves: tuple[Move, ...]
    order: NDArray[np.int64]
    bounds: NDArray[np.int64]
    breaks: NDArray[np.bool_]
    starts: NDArray[np.bool_]
    loose: NDArray[np.bool_]
    first: NDArray[np.bool_]
    last: NDArray[np.bool_]
    between: NDArray[np.bool_]
    opening: NDArray[np.bool_]
    closing: NDArray[np.bool_]
    dashed: NDArray[np.bool_]
    joining: NDArray[np.bool_]
    numeric: NDArray[np.bool_]
    point: NDArray[np.bool_]
    ampersand: NDArray[np.bool_]
    inside: NDArray[np.bool_]
    abbreviated: NDArray[np.bool_]
    owned: NDArray[np.bool_]
    stop_owned: NDArray[np.bool_]
    plain_break: int


def _flags(roles: tuple[Role, ...], keep: list[bool]) -> NDArray[np.bool_]:
    assert len(keep) == len(roles)
    return np.asarray(keep, bool)


@lru_cache(maxsize=4)
def compile_grammar(table: LabelTable) -> Grammar:
    """The grammar of a label table."""
    roles = table.roles
    by_role = [tuple(step(state, role) for state in range(STATES)) for role in roles]
    neutral = tuple(range(STATES))
    moves = [neutral, *sorted(set(by_role) - {neutral})]
    number = {move: i for i, move in enumerate(moves)}
    index = np.asarray([number[move] for move in by_role])
    order = np.argsort(index, kind="stable")
    return Grammar(
        moves=tuple(moves),
        order=order,
        bounds=np.searchsorted(index[order], np.arange(len(moves))),
        breaks=_flags(roles, [role.breaks for role in roles]),
        starts=_flags(roles, [role.starts for role in roles]),
        loose=_flags(roles, [role.breaks and not role.ends for role in roles]),
        first=_flags(roles, [_may_lead(role) for role in roles]),
        last=_flags(roles, [_may_trail(role) for role in roles]),
        between=_between(roles),
        inside=_flags(roles, [role.tag == "inside" and role != OTHER for role in roles]),
        abbreviated=_flags(roles, [_is_abbreviated(role) for role in roles]),
        owned=_flags(roles, [role == Role("'") for role in roles]),
        stop_owned=_flags(roles, [role.text == ".'" for role in roles]),
        plain_break=table.role_index[Role("\n\n")],
        opening=_flags(roles, [role.right[:1] in ("(", "[") for role in roles]),
        closing=_flags(roles, [bool({")", "]"} & set(role.left)) for role in roles]),
        dashed=_flags(roles, ["—" in role.text for role in roles]),
        joining=_flags(roles, [not role.space for role in roles]),
        ampersand=_flags(roles, ["&" in role.text for role in roles]),
        point=_flags(roles, [role.text == "." for role in roles]),
        numeric=_flags(
            roles, [not role.space and role.text in (",", ".", ":", "-", "/") for role in roles]
        ),
    )


def _between(roles: tuple[Role, ...]) -> NDArray[np.bool_]:
    """See :class:`Grammar`."""
    return np.asarray(
        [
            [_fits(role, bool(code & 1), bool(code & 2), bool(code & 4)) for role in roles]
            for code in range(8)
        ]
    )


def _fits(role: Role, before: bool, after: bool, group: bool) -> bool:
    """Whether a role may stand between words that end and begin with digits or not."""
    if role == OTHER or (role.breaks and ("," in role.left or role.text[0] == " ")):
        return False  # a paragraph ends in no comma and no dash
    if role.right in (".", "-"):
        return False  # " .5" keeps a blank inside a number
    if set("$£€") & set(role.text):
        return after
    if role.text[0] in "%¢°":
        return before
    if role.text == ",":
        return group
    if role.text == ":":
        return before and after
    return not (group and role.text == ", ")


def _is_abbreviated(role: Role) -> bool:
    return marks_of(role.left)[:1] == ["."] and bool(role.space) and not role.starts


def _may_lead(role: Role) -> bool:
    return (
        role.space == " " and not role.left and role.tag in ("", "quote") and "—" not in role.right
    )


def _may_trail(role: Role) -> bool:
    if role.right or not role.space:
        return False
    return role.breaks or role.starts or role.text == " " or role.tag == "inside"
