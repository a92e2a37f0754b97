"""A document as HTML: the text as prose, every change marked, what was dropped at its place."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from heapq import nsmallest
from itertools import accumulate

from cleantext.document import Document
from cleantext.edits import KINDS, Kind
from cleantext.page import (
    attribute,
    escaped,
    figures,
    fragment,
    page,
    percent,
    short,
    switch,
    unmarked,
    visible,
    warnings,
)
from cleantext.page_prose import LABELS, changes, is_unsure, main_kind, prose, what
from cleantext.provenance import Run, provenance
from cleantext.words import LINE_END

__all__ = ["document_fragment", "document_page"]

#: Most edits that are marked on a page: what a browser lays out in a second or two.
_MARKED = 20_000
#: Most of the least sure changes that are listed.
_LISTED = 100
#: Most edits that are marked and characters that are shown in a notebook.
_MARKED_IN_NOTEBOOK, _CHARS_IN_NOTEBOOK = 2_000, 10_000
#: Characters of context on each side of a listed change.
_CONTEXT = 30

_HINT = (
    '<p class="ct-hint">What was changed is underlined, and struck through where it was taken out.'
    " Point at it, or put the focus on it, to read what and why; the keys ← and → lead from one to"
    " the next.</p>"
)

#: What a change of each kind looks like, for the legend.
_SAMPLES: dict[Kind, str] = {
    "decode": "é",
    "space": "¶",
    "drop": "ad",
    "split": "a b",
    "complete": "ent",
    "case": "A",
    "mark": ",",
    "number": "$",
}


def document_page(document: Document, *, title: str = "Restored text", lang: str = "en") -> str:
    """A page of its own: summary and filters, the text, the least sure changes, the raw text.

    All of the text is on it; past the first 20,000 edits it is no longer marked, and says so.

    Args:
        document: what to show.
        title: heading of the page, plain text.
        lang: language of the text, a BCP 47 tag.
    """
    runs = provenance(document)
    ends = accumulate(len(run.edits) for run in runs)
    unsure = [
        at
        for at, (run, end) in enumerate(zip(runs, ends, strict=True))
        if end <= _MARKED and is_unsure(run)
    ]
    least = nsmallest(_LISTED, unsure, key=lambda at: _confidence(runs[at]))
    numbers = {at: number for number, at in enumerate(sorted(least), start=1)}
    tag = attribute(lang)
    text = prose(runs, document.marked, numbers=numbers, most=_MARKED)
    sections = [
        ("summary", "Summary", _summary(document, runs) + _legend(document, runs)),
        ("text", "Text", f'{_HINT}<div class="ct-prose" lang={tag}>{text}</div>'),
    ]
    if least:
        table = _least_sure(document, runs, least, numbers, len(unsure))
        sections.append(("unsure", "Least sure changes", table))
    raw = (
        f"<details><summary>Show the text as it came in ({len(document.raw):,} characters)"
        f'</summary><pre dir="auto" lang={tag}>{visible(document.raw)}</pre></details>'
    )
    return page(title, [*sections, ("raw", "Raw text", raw)], css=_filters(), skip="text")


def document_fragment(document: Document) -> str:
    """HTML for a notebook: warnings, counts that filter, and the text with its changes."""
    runs = provenance(document)
    text = prose(
        _first(runs, _CHARS_IN_NOTEBOOK), document.marked, numbers={}, most=_MARKED_IN_NOTEBOOK
    )
    left = len(document.text) - _CHARS_IN_NOTEBOOK
    more = (
        f'<p class="ct-note">{left:,} more characters are not shown here;'
        " <code>to_html()</code> gives a page with all of them.</p>"
    )
    return fragment(
        f"{_summary(document, runs)}{_legend(document, runs)}"
        '<div class="ct-scroll" role="region" aria-label="Restored text" tabindex="0">'
        f'<div class="ct-prose" lang="en">{text}</div></div>{more if left > 0 else ""}',
        css=_filters(),
    )


# --- the parts ------------------------------------------------------------------------------------


def _confidence(run: Run) -> float:
    return min(edit.confidence for edit in changes(run))


def _first(runs: Sequence[Run], chars: int) -> list[Run]:
    """The runs of the first characters of the text."""
    found: list[Run] = []
    for run in runs:
        if chars <= 0:
            break
        found.append(replace(run, text=run.text[:chars]))
        chars -= len(run.text)
    return found


def _summary(document: Document, runs: Sequence[Run]) -> str:
    """The figures and the warnings."""
    edits, passes = len(document.edits), len(document.passes)
    told = {
        "edits": f"{edits:,}" + f" in {passes} {'pass' if passes == 1 else 'passes'}" * bool(edits),
        "less than 75 % sure": f"{sum(map(is_unsure, runs)):,}",
        "open decisions in doubt": percent(document.quality, 1),
        "characters": f"{len(document.raw):,} in, {len(document.text):,} out",
    }
    return figures(told) + warnings(document.warnings)


def _legend(document: Document, runs: Sequence[Run]) -> str:
    """The kinds with their counts: a legend, and checkboxes that filter the text."""
    counts = document.counts()
    switches = [
        switch(
            kind,
            LABELS[kind],
            on=True,
            count=counts[kind],
            sample=f'<span class="ct-sample ct-{kind}" aria-hidden="true">{_SAMPLES[kind]}</span>',
        )
        for kind in KINDS
        if kind in counts
    ]
    unsure = sum(map(is_unsure, runs))
    if unsure:
        sample = '<span class="ct-sample ct-low" aria-hidden="true">a</span>'
        switches.append(switch("unsure", "only less sure", on=False, count=unsure, sample=sample))
    if document.marked:
        sample = '<span class="ct-sample ct-kept" aria-hidden="true">ad</span>'
        kept = len(document.marked)
        switches.append(switch("kept", "told apart, kept", on=True, count=kept, sample=sample))
    if not switches:
        return "<p>Nothing was changed.</p>"
    return (
        f'<fieldset class="ct-legend"><legend>Show changes</legend>{"".join(switches)}</fieldset>'
    )


def _least_sure(
    document: Document,
    runs: Sequence[Run],
    least: Sequence[int],
    numbers: Mapping[int, int],
    count: int,
) -> str:
    """The table of the least sure changes, the least sure first, each linked to its place."""
    starts = list(accumulate((len(run.text) for run in runs), initial=0))
    rows = []
    for at in least:
        made, kind = changes(runs[at])[-1], main_kind(runs[at])
        number, name = numbers[at], "ins" if runs[at].text else "del"
        shown = LINE_END.sub("", runs[at].text or made.before) or "¶"
        left, right = _context(document.text, starts[at], starts[at + 1])
        rows.append(
            f'<tr class="ct-u-{kind}"><th scope="row"><a id="l{number}" href="#e{number}">'
            f'{left}<{name} class="ct-{kind}">{escaped(short(shown))}</{name}>{right}</a></th>'
            f"<td>{LABELS[made.kind]}: {escaped(what(made))}</td><td>{visible(made.reason)}</td>"
            f'<td class="ct-n">{percent(_confidence(runs[at]))}</td></tr>'
        )
    note = f"The {len(least):,} least sure of {count:,}. " if len(least) < count else ""
    heads = "".join(f'<th scope="col">{head}</th>' for head in ("Place", "Change", "Reason"))
    return (
        f'<p class="ct-hint">{note}Each leads to its place in the text, and that place back here.'
        f'</p><table class="ct-table"><thead><tr>{heads}<th scope="col" class="ct-n">Sure</th></tr>'
        f"</thead><tbody>{''.join(rows)}</tbody></table>"
    )


def _context(text: str, start: int, stop: int) -> tuple[str, str]:
    """A few words on each side of a place, as HTML on one line."""
    first, last = max(0, start - _CONTEXT), stop + _CONTEXT
    left, right = (LINE_END.sub(" ", part) for part in (text[first:start], text[stop:last]))
    if first:
        left = "…" + left.partition(" ")[2]
    if last < len(text):
        right = right.rpartition(" ")[0] + "…"
    return f"<bdi>{visible(left)}</bdi>", f"<bdi>{visible(right)}</bdi>"


def _filters() -> str:
    """Rules that leave unmarked, or out, what the legend's checkboxes say."""
    off = {f"{kind}:not(:checked)": f".ct-{kind}" for kind in KINDS}
    off |= {"kept:not(:checked)": ".ct-kept", "unsure:checked": ".ct-c:not(.ct-low)"}
    rules = [unmarked(f"ct-f-{switch}", f".ct-prose {what}") for switch, what in off.items()]
    rows = [f".ct:has(.ct-f-{kind}:not(:checked)) .ct-u-{kind}" for kind in KINDS]
    return "\n".join([*rules, f"{','.join(rows)}{{display:none}}"])
