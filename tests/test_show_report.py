"""The view of a report on a terminal: wide and narrow, with colour and without, any string."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from rich.console import Console
from typer.testing import CliRunner

from cleantext.canon.check import check
from cleantext.cli import app
from cleantext.show_report import render_report

CANONICAL = (
    "The harbour master left. He told Mr. Hun, 40, what he saw there. Nobody slept that night."
    " The ships came in. The crowd went home. It rained until noon."
)
TEXT = (
    "The harbor master left. he told Hun 40 what he saw there. Nobody slept that night."
    " The ships came in. The crowd went home. It rained until noon."
)


def view(
    text: str, canonical: str, *, width: int = 90, colour: bool = False, errors_only: bool = False
) -> str:
    file = io.StringIO()
    system = "standard" if colour else None
    console = Console(
        file=file, width=width, force_terminal=colour, color_system=system, no_color=not colour
    )
    render_report(check(text, canonical), console, errors_only=errors_only)
    return file.getvalue()


def test_side_by_side_without_colour() -> None:
    lines = [line.rstrip() for line in view(TEXT, CANONICAL).splitlines()]
    assert lines[0].split("  ")[0] == "The [-harbor-] master left."
    assert lines[0].endswith("The {+harbour+} master left.")
    assert lines[1] == "  spelling variant: harbor / harbour"
    assert lines[2].startswith("[-he-] told Hun 40 what he saw there.")
    assert "{+He+} told {+Mr+}. Hun{+,+} 40{+,+} what" in lines[2]
    assert "  casing: he / He; honorific: Mr; mark: comma missing ×2" in lines
    assert any(line.startswith("It rained until noon.") for line in lines)
    assert lines[-1] == "differences: 2 mark, 1 spelling variant, 1 casing, 1 honorific"


def test_errors_only_leaves_out_what_is_the_same() -> None:
    told = view(TEXT, CANONICAL, errors_only=True)
    assert "Nobody slept" in told  # a little around
    assert "The ships came in" not in told
    assert "… 3 rows without a difference" in told
    assert "… 3 rows without" not in view(TEXT, CANONICAL)
    same = view(CANONICAL, CANONICAL, errors_only=True)
    assert same.startswith("… 6 rows without a difference")


def test_on_a_narrow_terminal_one_stands_below_the_other() -> None:
    lines = view(TEXT, CANONICAL, width=40).splitlines()
    assert all(len(line) <= 40 for line in lines)
    assert lines[0].rstrip() == "text      The [-harbor-] master left."
    assert lines[1].startswith("canonical The {+harbour+}")


def test_colour_takes_the_place_of_brackets() -> None:
    told = view(TEXT, CANONICAL, colour=True)
    assert "[-" not in told
    assert "\x1b[1;35mharbor\x1b[0m" in told


def test_white_space_that_differs_shows() -> None:
    assert "{+¶¶+}" in view("The first. The end.", "The first.\n\nThe end.")
    assert "[-\\xa0-]" in view("ten\u00a0men left", "ten men left")


def test_no_text_drives_the_terminal() -> None:
    told = view("\x1b[2J[red]x\r b", "[red]x \x07b")
    assert not set("\x1b\r\x07") & set(told)
    assert "[red]" in told


@settings(max_examples=40)
@given(st.text(max_size=40), st.text(max_size=40), st.integers(8, 100))
def test_any_two_texts_are_drawn(text: str, canonical: str, width: int) -> None:
    for errors_only in (False, True):
        told = view(text, canonical, width=width, errors_only=errors_only)
        assert told.replace("\n", "").isprintable()


@pytest.mark.parametrize("option", ["--side-by-side", "--errors-only"])
def test_the_command_line_shows_the_view(tmp_path: Path, option: str) -> None:
    ours, theirs = tmp_path / "a.txt", tmp_path / "b.txt"
    ours.write_text(TEXT, "utf-8")
    theirs.write_text(CANONICAL, "utf-8")
    ran = CliRunner(env={"COLUMNS": "90"}).invoke(app, ["check", str(ours), str(theirs), option])
    assert ran.exit_code == 0
    assert "The [-harbor-] master left." in ran.output
    assert ("ships came in" in ran.output) == (option == "--side-by-side")
    both = CliRunner().invoke(app, ["check", str(ours), str(theirs), option, "--json"])
    assert both.exit_code == 2
