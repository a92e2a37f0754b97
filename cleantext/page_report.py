"""A report as HTML: both texts side by side, every difference named, the scores."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING

from cleantext.canon.differences import KINDS, Difference
from cleantext.page import (
    attribute,
    escaped,
    figures,
    fragment,
    page,
    percent,
    quoted,
    slug,
    switch,
    visible,
    warnings,
)
from cleantext.page_rows import filters, rows_table

if TYPE_CHECKING:
    from cleantext.canon.check import Report
    from cleantext.canon.story import Missing

__all__ = ["report_fragment", "report_page"]

#: Most rows and listed differences on a page: what a browser lays out in a second or two.
_ROWS, _LISTED = 5_000, 2_000
#: Most rows in a notebook.
_ROWS_IN_NOTEBOOK = 50

_HINT = (
    '<p class="ct-hint">What differs is marked on the side that has it. Point at it to read more;'
    " the name of its kind leads to the list of differences, and the list back to the place. In"
    " the text the keys ← and → lead from one difference to the next.</p>"
)


def report_page(
    report: Report, *, title: str = "Check against the canonical version", lang: str = "en"
) -> str:
    """A page of its own: summary and filters, both texts, what is missing, differences, scores.

    Args:
        report: what to show.
        title: heading of the page, plain text.
        lang: language of both texts, a BCP 47 tag.
    """
    listed = {found: n for n, found in enumerate(report.differences[:_LISTED], start=1)}
    rows = rows_table(report.side_by_side(), _texts(report), numbers=listed, lang=lang, most=_ROWS)
    sections = [
        ("summary", "Summary", _summary(report) + _legend(report.differences, rows=True)),
        ("beside", "Side by side", _HINT + rows),
    ]
    missing = _missing(report.missing, lang)
    if missing:
        sections.append(("missing", "Missing from the text", missing))
    if listed:
        sections.append(("list", "Differences", _list(listed, len(report.differences))))
    sections.append(("scores", "Scores", _scores(report)))
    return page(title, sections, css=filters(), skip="beside")


def report_fragment(report: Report) -> str:
    """HTML for a notebook: the summary, counts that filter, and the rows that differ."""
    rows = rows_table(
        report.side_by_side(),
        _texts(report),
        numbers={},
        lang="en",
        most=_ROWS_IN_NOTEBOOK,
        same=False,
    )
    return fragment(
        f"{_summary(report)}{_legend(report.differences, rows=False)}"
        '<div class="ct-scroll" role="region" aria-label="Rows that differ" tabindex="0">'
        f"{rows}</div>",
        css=filters(),
    )


# --- the parts ------------------------------------------------------------------------------------


def _texts(report: Report) -> tuple[str, str]:
    return report.comparison.text, report.comparison.canonical


def _summary(report: Report) -> str:
    """The figures, and a warning where the two are not one story."""
    story, (covered, covers) = report.story, report.coverage
    told = {
        "same story": f"{'yes' if story.same else 'no'}, {percent(story.confidence)} sure",
        "of the text covered": percent(covered, 1),
        "of the canonical version covered": percent(covers, 1),
        "word error rate": percent(report.word_error_rate, 1),
        "gaps alike": percent(report.gap_accuracy, 1),
        "words cased alike": percent(report.case_accuracy, 1),
        "differences": f"{len(report.differences):,}",
    }
    other = ("The two are not the same story: the scores mean little.",)
    return figures(told) + ("" if story.same else warnings(other))


def _legend(differences: Sequence[Difference], *, rows: bool) -> str:
    """The kinds with their counts: a legend, and checkboxes that filter."""
    counts = Counter(found.kind for found in differences)
    if not counts:
        return "<p>The two texts do not differ.</p>"
    switches = [
        switch(
            slug(kind),
            kind,
            on=True,
            count=counts[kind],
            sample=f'<span class="ct-sample ct-{slug(kind)}" aria-hidden="true">a</span>',
        )
        for kind in KINDS
        if kind in counts
    ]
    house = sum(found.house_style for found in differences)
    if house:
        switches.append(switch("style", "house style", on=True, count=house))
    if rows:
        switches.append(switch("only", "only rows that differ", on=False))
    return (
        '<fieldset class="ct-legend"><legend>Show differences</legend>'
        f"{''.join(switches)}</fieldset>"
    )


def _missing(missing: Missing, lang: str) -> str:
    """What the canonical version has that the text lacks; empty if it lacks nothing."""
    parts = {"The start": [missing.start], "The end": [missing.end]}
    parts["Sentences between"] = list(missing.sentences)
    return "".join(
        f"<h3>{heading}</h3>" + "".join(_quotation(text, lang) for text in texts if text)
        for heading, texts in parts.items()
        if any(texts)
    )


def _quotation(text: str, lang: str) -> str:
    return (
        f'<blockquote class="ct-quotation" lang={attribute(lang)} dir="auto">'
        f"{visible(text)}</blockquote>"
    )


def _list(listed: Mapping[Difference, int], count: int) -> str:
    """The differences by kind, each linked to its places."""
    note = f"The first {len(listed):,} of {count:,}. " if len(listed) < count else ""
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Text", "Canonical version", "Detail")
    )
    tables = []
    for kind in KINDS:
        items = [(found, number) for found, number in listed.items() if found.kind == kind]
        if items:
            rows = "".join(_item(found, number) for found, number in items)
            tables.append(
                f'<table class="ct-table ct-u-{slug(kind)}"><caption>'
                f'<span class="ct-sample ct-{slug(kind)}">{kind}</span> {len(items):,}</caption>'
                f'<thead><tr>{heads}<th scope="col" class="ct-n">Sure</th></tr></thead>'
                f"<tbody>{rows}</tbody></table>"
            )
    return f'<p class="ct-hint">{note}Each side leads to its place.</p>{"".join(tables)}'


def _item(found: Difference, number: int) -> str:
    cells = "".join(
        f'<td dir="auto"><a href="#{side}{number}">{escaped(quoted(text))}</a></td>'
        if text
        else '<td><span class="ct-unseen">nothing</span></td>'
        for side, text in (("t", found.text), ("c", found.canonical))
    )
    house = ' class="ct-u-house"' if found.house_style else ""
    return (
        f'<tr id="l{number}" tabindex="-1"{house}>{cells}<td>{visible(found.detail)}</td>'
        f'<td class="ct-n">{percent(found.confidence)}</td></tr>'
    )


def _scores(report: Report) -> str:
    """The table of scores: only what stands in one of the texts."""
    heads = "".join(
        f'<th scope="col" class="ct-n">{head}</th>'
        for head in ("Precision", "Recall", "F1", "In the canonical version", "In the text")
    )
    rows = "".join(
        f'<tr><th scope="row">{key.replace("_", " ")}</th>'
        + "".join(
            f'<td class="ct-n">{percent(share, 1)}</td>'
            for share in (score.precision, score.recall, score.f1)
        )
        + f'<td class="ct-n">{score.support:,}</td><td class="ct-n">{score.predicted:,}</td></tr>'
        for key, score in report.scores.items()
        if score.f1 is not None
    )
    return (
        '<div class="ct-wide" role="region" aria-label="Table of scores" tabindex="0">'
        '<table class="ct-table"><thead><tr><th scope="col">Of</th>'
        f"{heads}</tr></thead><tbody>{rows}</tbody></table></div>"
    )
