"""A document's text as paragraphs of HTML, every change marked where it stands."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import regex

from cleantext.document import Span
from cleantext.edits import Edit, Kind
from cleantext.page import attribute, escaped, percent, quoted, short, visible
from cleantext.provenance import Run
from cleantext.words import LINE_END, lower_word

__all__ = ["LABELS", "changes", "described", "is_unsure", "main_kind", "marked", "prose", "what"]

LABELS: dict[Kind, str] = {
    "decode": "decoding",
    "space": "spacing",
    "drop": "dropped",
    "split": "words split",
    "complete": "words completed",
    "case": "casing",
    "mark": "punctuation",
    "number": "marks in numbers",
}
"""What a reader of the page calls each kind of edit."""

#: Kinds by how far they go, for words that were changed more than once.
_FURTHEST: tuple[Kind, ...] = (
    "drop",
    "complete",
    "split",
    "decode",
    "number",
    "mark",
    "case",
    "space",
)
#: A change that is less sure than three quarters looks different.
_SURE = 0.75
#: A longer dropped span is a block that opens, not a part of its line; in characters.
_INLINE = 60

_BREAK = regex.compile(r"(?:\r\n|[\n\r\x85\u2028\u2029]){2,}")
_LINES = regex.compile(r"(?:\r\n|[\n\r\x85\u2028\u2029])+")


def changes(run: Run) -> tuple[Edit, ...]:
    """The edits of a run but for drops, which are shown on their own."""
    return tuple(edit for edit in run.edits if edit.kind != "drop")


def main_kind(run: Run) -> Kind:
    """The kind of a run that was changed: that of the change that went furthest."""
    return min((edit.kind for edit in changes(run)), key=_FURTHEST.index)


def is_unsure(run: Run) -> bool:
    """Whether a run has a change that is less than three quarters sure."""
    return any(edit.confidence < _SURE for edit in changes(run))


def what(edit: Edit) -> str:
    """What a change did, in a few words.

    >>> what(Edit(0, "", ",", "mark", "comma")), what(Edit(0, "u", "U", "case", "acronym"))
    ('“,” inserted', '“u” → “U”')
    """
    if not edit.before:
        return f"{quoted(edit.after)} inserted"
    if not edit.after:
        return f"{quoted(edit.before)} taken out"
    return f"{quoted(edit.before)} → {quoted(edit.after)}"


def described(edit: Edit) -> str:
    """A change in one line: its kind, what it did, why and how surely.

    >>> described(Edit(0, "u", "U", "case", "acronym", 0.99))
    'casing: “u” → “U”; acronym; 99 % sure'
    """
    sure = percent(edit.confidence)
    return f"{LABELS[edit.kind]}: {what(edit)}; {edit.reason}; {sure} sure"


def marked(run: Run, html: str, *, number: int | None = None, glyph: bool = False) -> str:
    """HTML of a run that was changed, with what changed it as its description.

    Args:
        run: what was changed.
        html: what of it shows.
        number: of the change in a list on the same page, to link the two; a link is a tab stop.
        glyph: whether ``html`` stands for something that cannot be seen.
    """
    made = changes(run)
    classes = f"ct-c ct-{main_kind(run)}{' ct-low' * is_unsure(run)}{' ct-glyph' * glyph}"
    told = "; before that, ".join(map(described, reversed(made)))
    name = "ins" if run.text else "del"
    if number is None:
        return f'<{name} class="{classes}" tabindex="-1" title={attribute(told)}>{html}</{name}>'
    return (
        f'<{name} class="{classes}"><a id="e{number}" href="#l{number}" title={attribute(told)}>'
        f"{html}</a></{name}>"
    )


def prose(
    runs: Sequence[Run], kept: Sequence[Span] = (), *, numbers: Mapping[int, int], most: int
) -> str:
    """Paragraphs in which every change is marked, as far as the first ``most`` of them.

    Args:
        runs: of the text.
        kept: stretches of the raw text that were told apart from the story.
        numbers: of the runs that a list on the same page links to, by index.
        most: edits to show; behind them the text stands as it is, under a note.
    """
    paragraphs = _Paragraphs()
    shown = 0
    for at, run, span in _with_kept(runs, kept):
        paragraphs.around = _kept_tags(span)
        if shown <= most < shown + len(run.edits):
            left = sum(len(later.edits) for later in runs[at:])
            paragraphs.block(
                f'<p class="ct-note">The last {left:,} edits are not marked from here on:'
                " the page would be too large.</p>"
            )
        shown += len(run.edits)
        if shown > most or not run.edits:
            paragraphs.add(run.text)
        else:
            for edit in run.edits:
                if edit.kind == "drop":
                    _add_dropped(paragraphs, edit)
            _add_changed(paragraphs, run, numbers.get(at))
    return paragraphs.close()


def _with_kept(runs: Sequence[Run], kept: Sequence[Span]) -> Iterator[tuple[int, Run, Span | None]]:
    """The runs with their index and the kept span each stands in, parted where one begins."""
    spans = sorted(kept, key=lambda span: (span.start, span.end))
    first = 0
    for at, run in enumerate(runs):
        if run.edits:
            while first < len(spans) and spans[first].end <= run.raw:
                first += 1
            inside = first < len(spans) and spans[first].start <= run.raw
            yield at, run, spans[first] if inside else None
            continue
        start, stop = run.raw, run.raw + len(run.text)
        while start < stop:
            while first < len(spans) and spans[first].end <= start:
                first += 1
            span = spans[first] if first < len(spans) and spans[first].start < stop else None
            if span and span.start <= start:
                end = min(stop, span.end)
            else:
                span, end = None, span.start if span else stop
            yield at, Run(run.text[start - run.raw : end - run.raw], start), span
            start = end


def _kept_tags(span: Span | None) -> tuple[str, str]:
    if span is None:
        return "", ""
    told = f"told apart from the story and kept: {span.reason}; {percent(span.confidence)} sure"
    return f'<mark class="ct-kept" title={attribute(told)}>', "</mark>"


def _add_dropped(paragraphs: _Paragraphs, edit: Edit) -> None:
    """What was taken out, at its place: struck through in the line, or a block that opens."""
    text = edit.before.strip() or edit.before
    if len(text) <= _INLINE and not LINE_END.search(edit.before):
        paragraphs.put(
            f'<del class="ct-c ct-drop" tabindex="-1" title={attribute(described(edit))}>'
            f"{escaped(short(text))}</del>"
        )
        return
    count = len(text.split())
    words = f" ({count:,} words)" if count > 1 else ""
    paragraphs.block(
        f'<details class="ct-c ct-drop"><summary>Dropped: {escaped(quoted(text))}{words};'
        f" {visible(edit.reason)}; {percent(edit.confidence)} sure</summary>"
        f'<p dir="auto"><del>{visible(text)}</del></p></details>'
    )


def _add_changed(paragraphs: _Paragraphs, run: Run, number: int | None) -> None:
    """A run that was written or taken out, each part of it marked; the first has the number."""
    made = changes(run)
    if not made:
        paragraphs.add(run.text)
        return
    if not run.text:
        paragraphs.put(marked(run, escaped(short(made[-1].before)), number=number, glyph=True))
        return

    def put(text: str, *, glyph: bool = False) -> None:
        nonlocal number
        left, core, right = _parts(text)
        paragraphs.add(left)
        if core:
            paragraphs.put(marked(run, visible(core), number=number, glyph=glyph))
            number = None
        paragraphs.add(right)

    at, last = _completed(run)
    paragraphs.add(run.text[:at])
    for match in _LINES.finditer(run.text, at, last):
        put(run.text[at : match.start()])
        put("¶", glyph=True)
        paragraphs.add(match[0])
        at = match.end()
    put(run.text[at:last])
    paragraphs.add(run.text[last:])


def _parts(text: str) -> tuple[str, str, str]:
    """White space before, what is marked, white space behind; white space alone is marked."""
    core = text.strip()
    if not core:
        return "", text, ""
    start = text.index(core)
    return text[:start], core, text[start + len(core) :]


def _completed(run: Run) -> tuple[int, int]:
    """Start and end of what changes added: of a completed word only what had been cut off."""
    text = lower_word(run.text)
    for edit in changes(run):
        had, whole = lower_word(edit.before), lower_word(edit.after)
        if edit.kind == "complete" and text == whole:
            left = len(had) if whole.startswith(had) else 0
            return left, len(text) if left else len(text) - len(had)
    return 0, len(text)


class _Paragraphs:
    """Paragraphs of HTML that are put together from left to right."""

    def __init__(self) -> None:
        self.around = ("", "")  # tags around all that is put next
        self._parts: list[str] = []
        self._open = False

    def add(self, text: str) -> None:
        """A text as it stands; it may end paragraphs."""
        at = 0
        for match in _BREAK.finditer(text):
            self.put(visible(text[at : match.start()]))
            self._end()
            at = match.end()
        self.put(visible(text[at:]))

    def put(self, html: str) -> None:
        """HTML that belongs into a paragraph."""
        if html:
            if not self._open:
                self._parts.append('<p dir="auto">')
                self._open = True
            opening, closing = self.around
            self._parts += opening, html, closing

    def block(self, html: str) -> None:
        """HTML between paragraphs."""
        self._end()
        self._parts.append(html)

    def close(self) -> str:
        """The whole."""
        self._end()
        return "".join(self._parts)

    def _end(self) -> None:
        if self._open:
            self._parts.append("</p>\n")
            self._open = False
