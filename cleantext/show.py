"""Views of a document for a person: every edit on a line, the text with its changes marked.

:func:`explain` is plain text, the same on every machine. :func:`render` and :class:`Waiting` draw
on a terminal; they are the one place that imports ``rich``, and only once they draw.
"""

from __future__ import annotations

import sys
from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import groupby
from threading import Lock, Timer
from typing import TYPE_CHECKING, Any, Self

import regex

from cleantext.document import Document, Pass
from cleantext.edits import Edit, Kind

if TYPE_CHECKING:
    from rich.console import Console
    from rich.progress import Progress

__all__ = ["Placed", "Waiting", "explain", "marked", "placed", "render"]

#: Longest quotation of an edit's ``before`` or ``after``, in characters: a drop may be long.
_QUOTED = 36
#: Context on each side of a change, in characters before it is cut to whole words.
_CONTEXT = 22
#: Widest column: a longer cell runs over, so that one dropped block does not push all others away.
_WIDEST = 34
#: Seconds of work before a progress bar appears.
_DELAY = 2.0

_LINE_END = regex.compile(r"\r\n|\r|\n")
_BLANKS = regex.compile(r"\s+")

_STYLES: dict[Kind, str] = {
    "decode": "black on cyan",
    "space": "black on white",
    "drop": "black on red",
    "split": "black on magenta",
    "complete": "black on magenta",
    "case": "bold yellow",
    "mark": "black on green",
    "number": "black on bright_blue",
}


@dataclass(frozen=True, slots=True)
class Placed:
    r"""An edit and where in the raw text it stands.

    Attributes:
        edit: the edit; its own ``start`` is an offset into the text before its pass.
        turn: the number of its pass, from 1.
        raw: its place in the raw text, in code points.
        line: line of that place, from 1; a line ends with ``\n``, ``\r\n`` or ``\r``.
        column: place in the line, in code points, from 1.
        context: the words around it in the text before its pass, the place itself in brackets.
    """

    edit: Edit
    turn: int
    raw: int
    line: int
    column: int
    context: str

    def to_dict(self) -> dict[str, Any]:
        """The fields of the edit and of its place, for JSON."""
        return {
            "pass": self.turn,
            "raw": self.raw,
            "line": self.line,
            "column": self.column,
            **self.edit.to_dict(),
        }


def placed(document: Document) -> tuple[Placed, ...]:
    r"""Every edit with its place in the raw text, in the order made.

    Linear in the text and its edits: all places of a pass are traced back together.

    >>> doc = Document.start("so\ni see").after_pass([Edit(3, "i", "I", "case", "pronoun")])
    >>> [(p.line, p.column, p.context) for p in placed(doc)]
    [(2, 1, 'so [i] see')]
    """
    lines = [0, *(match.end() for match in _LINE_END.finditer(document.raw))]
    found: list[Placed] = []
    text = document.raw
    for turn, made in enumerate(document.passes, start=1):
        offsets = [edit.start for edit in made.edits]
        for earlier in reversed(document.passes[: turn - 1]):
            offsets = _before(earlier, offsets)
        for edit, raw in zip(made.edits, offsets, strict=True):
            line = bisect_right(lines, raw)
            column = raw - lines[line - 1] + 1
            found.append(Placed(edit, turn, raw, line, column, _context(text, edit)))
        text = made.apply(text)
    return tuple(found)


def _before(made: Pass, offsets: Sequence[int]) -> list[int]:
    """``[made.before(o) for o in offsets]`` for rising offsets, in one sweep."""
    mapped: list[int] = []
    at = shift = 0
    for offset in offsets:
        while at < len(made.edits):
            edit = made.edits[at]
            if offset < edit.start + shift + len(edit.after):
                break
            shift += len(edit.after) - len(edit.before)
            at += 1
        place = offset - shift
        if at < len(made.edits) and place > made.edits[at].start:
            place = min(place, made.edits[at].end)
        mapped.append(place)
    return mapped


# --- plain text -----------------------------------------------------------------------------------


def explain(document: Document) -> str:
    """Every change, for a person: a table of counts, then each edit on one line.

    Edits stand by pass and by place (``line:column`` of the raw text); those that stand or fall
    together are kept together and joined by a bracket at the left.

    >>> doc = Document.start("i see").after_pass(
    ...     [Edit(0, "i", "I", "case", "pronoun", 0.97, 0, "casing")]
    ... )
    >>> print(explain(doc))
    1 edit in 1 pass; 5 characters in, 5 out
    in doubt: 0.0 % of the gaps and cases that were open
    <BLANKLINE>
    normalizer  kind  edits  mean confidence  lowest
    casing      case      1             0.97    0.97
    <BLANKLINE>
    pass 1: casing
      1:1  case  0.97  'i' → 'I'  pronoun  [i] see
    """
    edits = document.edits
    lines = [_headline(document, len(edits))]
    lines += [f"warning: {warning}" for warning in document.warnings]
    if edits:
        lines += ["", *_counts(edits)]
        for turn, rows in groupby(placed(document), key=lambda row: row.turn):
            lines += ["", *_pass(turn, tuple(rows))]
    return "\n".join(lines)


def _headline(document: Document, count: int) -> str:
    changes = (
        f"{_many(count, 'edit')} in {_many(len(document.passes), 'pass', 'passes')}"
        if count
        else "nothing was changed"
    )
    return (
        f"{changes}; {_many(len(document.raw), 'character')} in, {len(document.text):,} out\n"
        f"in doubt: {document.quality * 100:.1f} % of the gaps and cases that were open"
    )


def _many(count: int, one: str, more: str | None = None) -> str:
    return f"{count:,} {one if count == 1 else more or one + 's'}"


def _counts(edits: Sequence[Edit]) -> list[str]:
    """The table of edits by normalizer and kind, in the order in which they first appear."""
    tally: defaultdict[tuple[str, str], list[float]] = defaultdict(list)
    for edit in edits:
        tally[edit.normalizer or "-", edit.kind].append(edit.confidence)
    rows = [("normalizer", "kind", "edits", "mean confidence", "lowest")]
    rows += [
        (name, kind, f"{len(sure):,}", f"{sum(sure) / len(sure):.2f}", f"{min(sure):.2f}")
        for (name, kind), sure in tally.items()
    ]
    return _columns(rows, "<<>>>")


def _pass(turn: int, rows: Sequence[Placed]) -> list[str]:
    """The lines of one pass: its name, then its groups by their first place."""
    names = dict.fromkeys(row.edit.normalizer for row in rows if row.edit.normalizer)
    title = f"pass {turn}: {', '.join(names)}" if names else f"pass {turn}"
    groups: dict[int, list[Placed]] = {}
    for index, row in enumerate(rows):
        groups.setdefault(row.edit.group or -index - 1, []).append(row)
    cells = [
        (
            f"{bracket} {row.line}:{row.column}",
            row.edit.kind,
            f"{row.edit.confidence:.2f}",
            f"{_quote(row.edit.before)} → {_quote(row.edit.after)}",
            _one_line(row.edit.reason),
            row.context,
        )
        for group in groups.values()
        for bracket, row in zip(_brackets(len(group)), group, strict=True)
    ]
    return [title, *_columns(cells, "<<<<<<")]


def _brackets(count: int) -> str:
    return " " if count == 1 else "┌" + "│" * (count - 2) + "└"


def _columns(rows: Sequence[Sequence[str]], align: str) -> list[str]:
    widths = [min(_WIDEST, max(map(len, column))) for column in zip(*rows, strict=True)]
    return [
        "  ".join(f"{c:{a}{w}}" for c, a, w in zip(row, align, widths, strict=True)).rstrip()
        for row in rows
    ]


def _quote(text: str) -> str:
    """``text`` as a Python string literal, so that blanks and invisible characters show."""
    if len(text) <= _QUOTED:
        return repr(text)
    half = _QUOTED // 2
    return f"{text[:half]!r} … {text[-half:]!r} ({len(text):,} characters)"


def _context(text: str, edit: Edit) -> str:
    """A few words on each side of an edit on one line, the place itself in brackets."""
    first, last = max(0, edit.start - _CONTEXT), edit.end + _CONTEXT
    left, right = text[first : edit.start], text[edit.end : last]
    if first and not text[first - 1].isspace():
        left = _BLANKS.split(left, maxsplit=1)[-1]
    if last < len(text) and not text[last].isspace():
        right = _BLANKS.split(right[::-1], maxsplit=1)[-1][::-1]
    before = edit.before
    if len(before) > _QUOTED:
        before = f"{before[: _QUOTED // 2]} … {before[-_QUOTED // 2 :]}"
    return _one_line(f"{left}[{before}]{right}").strip()


def _one_line(text: str) -> str:
    return "".join(
        char if char.isprintable() else " " if char.isspace() else repr(char)[1:-1]
        for char in _BLANKS.sub(" ", text)
    )


# --- the terminal ---------------------------------------------------------------------------------


def marked(document: Document) -> Iterator[tuple[str, Kind | None]]:
    """The text in runs, each with the kind of the edit that wrote it last; ``None``: as it came.

    The runs joined are ``document.text``. What was deleted leaves no run: it is in
    :func:`explain`.

    >>> doc = Document.start("i see").after_pass([Edit(5, "", ".", "mark", "sentence end")])
    >>> list(marked(doc))
    [('i see', None), ('.', 'mark')]
    """
    kinds: list[Kind | None] = [None] * len(document.raw)
    for made in document.passes:
        after: list[Kind | None] = []
        last = 0
        for edit in made.edits:
            after += kinds[last : edit.start]
            after += [edit.kind] * len(edit.after)
            last = edit.end
        kinds = after + kinds[last:]
    start = 0
    for kind, run in groupby(kinds):
        end = start + sum(1 for _ in run)
        yield document.text[start:end], kind
        start = end


def render(document: Document, console: Console | None = None) -> None:
    """Print the text on a terminal with everything that was changed highlighted by kind.

    Control characters show as their escapes, so that no text can drive the terminal.

    Args:
        console: where to; standard output if there is none.
    """
    from rich.console import Console
    from rich.text import Text

    console = console or Console()
    view = Text()
    for run, kind in marked(document):
        view.append(_safe(run), style=_STYLES[kind] if kind else None)
    console.print(view, soft_wrap=True)
    if console.is_terminal:
        legend = Text("\n")
        for kind in document.counts():
            legend.append(f" {kind} ", style=_STYLES[kind]).append("  ")
        console.print(legend)


def _safe(text: str) -> str:
    def keep(char: str) -> bool:
        return char in "\n\t " or char.isprintable()

    return "".join(char if keep(char) else repr(char)[1:-1] for char in text)


class Waiting:
    """A progress bar on standard error, shown once the work has taken two seconds.

    There is none where standard error is no terminal, so logs and pipes stay clean.

    Args:
        names: what is worked on, one after the other.
    """

    def __init__(self, names: Iterable[str]) -> None:
        self._names = list(names)
        self._done = 0
        self._open = True
        self._lock = Lock()
        self._bar: Progress | None = None
        self._timer = Timer(_DELAY, self._show)
        self._timer.daemon = True

    def __enter__(self) -> Self:
        if sys.stderr.isatty():
            self._timer.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._timer.cancel()
        with self._lock:
            self._open = False
            if self._bar:
                self._bar.stop()

    def advance(self) -> None:
        """One of the names is done."""
        with self._lock:
            self._done += 1
            self._update()

    @contextmanager
    def hidden(self) -> Iterator[None]:
        """Take the bar off the terminal while something else is written there."""
        with self._lock:
            if self._bar:
                self._bar.stop()
            try:
                yield
            finally:
                if self._bar:
                    self._bar.start()

    def _show(self) -> None:
        from rich.console import Console
        from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

        name = TextColumn("{task.description}", markup=False)
        columns = name, BarColumn(), TimeElapsedColumn()
        with self._lock:
            if self._open:
                self._bar = Progress(*columns, console=Console(stderr=True), transient=True)
                # one text has no share that is done: the bar only pulses
                total = len(self._names) if len(self._names) > 1 else None
                self._bar.add_task("", total=total)
                self._update()
                self._bar.start()

    def _update(self) -> None:
        if self._bar:
            at = min(self._done, len(self._names) - 1)
            self._bar.update(
                self._bar.task_ids[0], completed=self._done, description=_safe(self._names[at])
            )
