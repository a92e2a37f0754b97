"""``cleantext diagnose``, ``check`` and ``degrade``."""

from __future__ import annotations

from typing import Annotated

import typer

import cleantext
from cleantext.cli.files import ended, json_line, print_text, read, write_page
from cleantext.cli.messages import refusals, shown
from cleantext.cli.options import File, Html, Json

__all__ = ["check", "degrade", "diagnose"]


def diagnose(file: File, as_json: Json = False) -> None:
    """Say what is damaged, where and how surely; change nothing."""
    from cleantext.show import Waiting

    text = read(file)
    with Waiting([shown(file)]), refusals(file):
        diagnosis = cleantext.diagnose(text)
    print_text(
        json_line({"file": file, **diagnosis.to_dict()}) if as_json else ended(diagnosis.explain())
    )


def check(
    text: Annotated[str, typer.Argument(metavar="TEXT", help="The copy to score, or -.")],
    canonical: Annotated[
        str, typer.Argument(metavar="CANONICAL", help="The true version of the same story, or -.")
    ],
    style: Annotated[
        bool, typer.Option("--style", help="Count differences of house style as right.")
    ] = False,
    beside: Annotated[
        bool, typer.Option("--side-by-side", help="Show both texts, what differs marked.")
    ] = False,
    errors_only: Annotated[
        bool, typer.Option("--errors-only", help="The same, without what does not differ.")
    ] = False,
    html: Html = None,
    as_json: Json = False,
) -> None:
    """Score a text against the true version of its story.

    Every difference is named by its kind. The status is 0 however many there are.
    """
    if text == canonical == "-":
        raise typer.BadParameter("standard input (-) can be read only once")
    if as_json and (beside or errors_only):
        raise typer.BadParameter("--json names every difference; it cannot be used with a view")
    if html is not None and (as_json or beside or errors_only):
        raise typer.BadParameter("--html cannot be used with --json or another view")
    from cleantext.show import Waiting
    from cleantext.show_report import render_report

    ours, theirs = read(text), read(canonical)
    with Waiting([shown(text)]), refusals(text):
        report = cleantext.check(ours, theirs, style=style)
    if html is not None:
        write_page(html, report.to_html(title=f"{shown(text)} and {shown(canonical)}"))
    elif beside or errors_only:
        render_report(report, errors_only=errors_only)
    elif as_json:
        print_text(json_line({"files": [text, canonical], **report.to_dict()}))
    else:
        print_text(ended(str(report)))


def degrade(
    file: File,
    seed: Annotated[int, typer.Option(help="The same seed, the same damage.")] = 0,
    as_json: Json = False,
) -> None:
    """Damage a clean article as scrapers do: for tests and training."""
    text = read(file)
    with refusals(file):
        degraded = cleantext.degrade(text, seed=seed)
    if as_json:
        spans = [list(span) for span in degraded.spans]
        print_text(json_line({"file": file, "text": degraded.text, "spans": spans}))
    else:
        print_text(degraded.text)
