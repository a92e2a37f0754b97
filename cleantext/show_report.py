"""A report on the terminal: both texts side by side, what differs marked, kinds named below.

Like :mod:`cleantext.show`, this imports ``rich`` only once it draws.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

import regex

from cleantext.canon.differences import Difference, DifferenceKind
from cleantext.canon.rows import Row

if TYPE_CHECKING:
    from rich.console import Console, RenderableType
    from rich.text import Text

    from cleantext.canon.check import Report

__all__ = ["render_report"]

#: Narrowest terminal, in columns, on which two texts stand side by side.
_WIDE = 60
#: Rows without a difference that are shown around one with, if only those are asked for.
_CONTEXT = 1
#: Most differences of one kind named one by one below a row.
_NAMED = 3
#: Longest quotation in the line below a row, in characters.
_QUOTED = 24

_LINE_END = regex.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_BLANKS = regex.compile(r"\s+")

_STYLES: dict[DifferenceKind, str] = {
    "casing": "bold yellow",
    "mark": "black on green",
    "quote style": "bold cyan",
    "mark style": "bold cyan",
    "spacing": "black on white",
    "spelling variant": "bold magenta",
    "number form": "bold bright_blue",
    "abbreviation": "bold magenta",
    "honorific": "bold magenta",
    "word changed": "black on yellow",
    "phrase added": "black on cyan",
    "phrase missing": "black on red",
    "sentence moved": "black on bright_blue",
    "block repeated": "black on magenta",
    "boilerplate": "black on white",
}


def render_report(
    report: Report, console: Console | None = None, *, errors_only: bool = False
) -> None:
    """Print both texts side by side on a terminal, with what differs marked and named.

    Where there is no colour, what differs stands in brackets: ``[-only in the text-]`` and
    ``{+only in the canonical version+}``. On a narrow terminal the two stand one below the other.
    Control characters show as their escapes, so that no text can drive the terminal.

    Args:
        report: what :func:`cleantext.check` gave.
        console: where to; standard output if there is none.
        errors_only: whether to leave out what is the same, but for a little around differences.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console(highlight=False)
    rows = report.side_by_side()
    sides = report.comparison.text, report.comparison.canonical
    draw = _beside if console.width >= _WIDE else _below
    coloured = console.color_system is not None and not console.no_color
    last = -1
    for at in _shown(rows, errors_only=errors_only):
        if at > last + 1:
            console.print(_skipped(at - last - 1))
        cells = [_cell(rows[at], sides[side], side, coloured=coloured) for side in (0, 1)]
        console.print(draw(*cells))
        if rows[at].differences:
            console.print(Text("  " + _named(rows[at].differences), style="dim"))
        last = at
    if last + 1 < len(rows):
        console.print(_skipped(len(rows) - last - 1))
    console.print(Text("\n" + report.summary()))


def _shown(rows: Sequence[Row], *, errors_only: bool) -> Iterator[int]:
    """Which rows are shown."""
    if not errors_only:
        yield from range(len(rows))
        return
    last = -1
    for at, row in enumerate(rows):
        if row.differences:
            yield from range(max(last + 1, at - _CONTEXT), min(len(rows), at + _CONTEXT + 1))
            last = min(len(rows) - 1, at + _CONTEXT)


def _skipped(count: int) -> Text:
    from rich.text import Text

    return Text(f"… {count:,} {'row' if count == 1 else 'rows'} without a difference", style="dim")


def _beside(text: Text, canonical: Text) -> RenderableType:
    from rich.table import Table

    table = Table.grid(padding=(0, 2), expand=True)
    table.add_column(ratio=1, overflow="fold")
    table.add_column(ratio=1, overflow="fold")
    table.add_row(text, canonical)
    return table


def _below(text: Text, canonical: Text) -> RenderableType:
    from rich.console import Group
    from rich.text import Text

    return Group(
        *(
            Text.assemble((label, "dim"), cell, overflow="fold")
            for label, cell in (("text      ", text), ("canonical ", canonical))
        )
    )


def _cell(row: Row, string: str, side: int, *, coloured: bool) -> Text:
    """One side of a row, what differs marked."""
    from rich.text import Text

    start, stop = _span(row, side)
    opening, closing = ("", "") if coloured else (("[-", "-]"), ("{+", "+}"))[side]
    cell = Text(overflow="fold")
    at = start
    for difference in sorted(row.differences, key=lambda found: _span(found, side)):
        first, last = _span(difference, side)
        first, last = max(first, at), min(last, stop)
        if first >= last:
            continue
        cell.append(_plain(string[at:first]))
        style = _STYLES[difference.kind] if coloured else ""
        cell.append(opening + _marked(string[first:last]) + closing, style=style)
        at = last
    cell.append(_plain(string[at:stop].rstrip() if at < stop else ""))
    return cell


def _span(found: Row | Difference, side: int) -> tuple[int, int]:
    if side:
        return found.canonical_start, found.canonical_stop
    return found.text_start, found.text_stop


def _plain(text: str) -> str:
    """What is the same, on one line and safe to print."""
    return _safe(_BLANKS.sub(" ", text))


def _marked(text: str) -> str:
    """What differs, with white space that shows."""
    shown = _LINE_END.sub("¶", text)
    return "␣" * len(shown) if shown.strip(" ") == "" else _safe(shown)


def _safe(text: str) -> str:
    return "".join(char if char.isprintable() else repr(char)[1:-1] for char in text)


def _named(differences: Sequence[Difference]) -> str:
    """The differences of a row on one line: the first of each kind, and how many more."""
    by_kind: dict[str, list[str]] = {}
    for found in differences:
        by_kind.setdefault(found.kind, []).append(_told(found))
    parts: list[str] = []
    for kind, told in by_kind.items():
        counted = list(Counter(told).items())
        shown = [f"{what} ×{count}" if count > 1 else what for what, count in counted[:_NAMED]]
        more = sum(count for _, count in counted[_NAMED:])
        parts.append(f"{kind}: " + ", ".join(shown + [f"{more:,} more"] * bool(more)))
    return "; ".join(parts)


def _told(found: Difference) -> str:
    if found.kind == "mark":
        return found.detail
    sides = [_quoted(text) for text in (found.text, found.canonical)]
    return " / ".join(sides) if all(sides) else sides[0] or sides[1]


def _quoted(text: str) -> str:
    if len(text) > _QUOTED:
        text = text[:_QUOTED].rstrip() + "…"
    return _marked(text)
