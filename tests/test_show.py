"""Views of a document: snapshots of documents made by hand, and what holds for all of them."""

from __future__ import annotations

import io
import time

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.console import Console

from cleantext import show
from cleantext.document import Document
from cleantext.edits import Edit
from cleantext.show import Waiting, explain, marked, placed, render


def story() -> Document:
    """A flat line that four passes restore, with groups that lie one inside the other."""
    document = Document.start(
        "hun sen said\nu s troops &amp; more left read more: ten things to know today"
    )
    passes = [
        [Edit(24, "&amp;", "&", "decode", "entity", 1.0, 0, "encoding")],
        [
            Edit(
                36,
                "read more: ten things to know today",
                "",
                "drop",
                "teaser",
                0.93,
                0,
                "boilerplate",
            )
        ],
        [
            Edit(0, "h", "H", "case", "name", 0.9, 0, "casing"),
            Edit(4, "s", "S", "case", "name", 0.8, 0, "casing"),
            Edit(13, "u", "U", "case", "acronym", 0.99, 2, "casing"),
            Edit(15, "s", "S", "case", "acronym", 0.99, 2, "casing"),
        ],
        [
            Edit(12, "\n", ', "', "mark", "quotation", 0.91, 1, "punctuation"),
            Edit(14, " ", ".", "mark", "acronym", 0.99, 2, "punctuation"),
            Edit(16, "", ".", "mark", "acronym", 0.99, 2, "punctuation"),
            Edit(35, " ", '."', "mark", "quotation", 0.91, 1, "punctuation"),
        ],
    ]
    for edits in passes:
        document = document.after_pass(edits)
    return Document(
        document.raw, document.text, document.passes, 0.0625, ("the end of the text seems cut",)
    )


EXPLAINED = """\
10 edits in 4 passes; 75 characters in, 40 out
in doubt: 6.2 % of the gaps and cases that were open
warning: the end of the text seems cut

normalizer   kind    edits  mean confidence  lowest
encoding     decode      1             1.00    1.00
boilerplate  drop        1             0.93    0.93
casing       case        4             0.92    0.80
punctuation  mark        4             0.95    0.91

pass 1: encoding
  2:12  decode  1.00  '&amp;' → '&'  entity  sen said u s troops [&amp;] more left read more:

pass 2: boilerplate
  2:28  drop  0.93  'read more: ten things to know today' → ''  teaser  s troops & more left \
[read more: ten things to know today]

pass 3: casing
  1:1  case  0.90  'h' → 'H'  name     [h]un sen said u s troops
  1:5  case  0.80  's' → 'S'  name     hun [s]en said u s troops &
┌ 2:1  case  0.99  'u' → 'U'  acronym  hun sen said [u] s troops & more left
└ 2:3  case  0.99  's' → 'S'  acronym  hun sen said u [s] troops & more left

pass 4: punctuation
┌ 1:13  mark  0.91  '\\n' → ', "'  quotation  Hun Sen said[ ]U S troops & more left
└ 2:27  mark  0.91  ' ' → '."'    quotation  U S troops & more left[ ]
┌ 2:2   mark  0.99  ' ' → '.'     acronym    Hun Sen said U[ ]S troops & more left
└ 2:4   mark  0.99  '' → '.'      acronym    Hun Sen said U S[] troops & more left"""


def test_explain_names_every_edit_by_pass_and_group() -> None:
    document = story()
    assert document.text == 'Hun Sen said, "U.S. troops & more left."'
    assert document.undo() == document.raw
    assert explain(document) == document.explain() == EXPLAINED


def test_explain_says_that_nothing_was_changed() -> None:
    assert explain(Document.start("As it was.\n")) == (
        "nothing was changed; 11 characters in, 11 out\n"
        "in doubt: 0.0 % of the gaps and cases that were open"
    )


def test_explain_leaves_out_the_name_of_no_normalizer() -> None:
    lines = explain(Document.start("a").after_pass([Edit(0, "a", "A", "case", "start")])).split(
        "\n"
    )
    assert lines[0] == "1 edit in 1 pass; 1 character in, 1 out"
    assert lines[4] == "-           case      1             1.00    1.00"
    assert lines[6:] == ["pass 1", "  1:1  case  1.00  'a' → 'A'  start  [a]"]


def test_explain_quotes_a_long_drop_by_its_ends_and_length() -> None:
    block = "Sign up for our newsletter. " * 100
    document = Document.start(f"{block}news").after_pass([Edit(0, block, "", "drop", "plea")])
    line = explain(document).split("\n")[-1]
    assert "'Sign up for our ne' … 'r our newsletter. ' (2,800 characters) → ''" in line
    assert len(line) < 200


def test_explain_shows_what_cannot_be_seen() -> None:
    raw = "a\u200bb\x1b[31m\u00a0c\ud800"
    text = explain(Document.start(raw).after_pass([Edit(1, "\u200b", " ", "space", "zero-width")]))
    assert "'\\u200b' → ' '" in text
    assert "a[\\u200b]b\\x1b[31m c\\ud800" in text
    assert text.replace("\n", "").isprintable()


@pytest.mark.parametrize(
    ("raw", "line", "column"),
    [
        ("x", 1, 1),
        ("ab x", 1, 4),
        ("a\nx", 2, 1),
        ("a\r\nx", 2, 1),
        ("a\rbx", 2, 2),
        ("\n\n\nx", 4, 1),
    ],
)
def test_places_count_lines_and_columns_from_one(raw: str, line: int, column: int) -> None:
    document = Document.start(raw).after_pass([Edit(raw.index("x"), "x", "X", "case", "name")])
    assert [(row.line, row.column) for row in placed(document)] == [(line, column)]


def test_a_place_is_plain_data() -> None:
    edit = Edit(2, "b", "B", "case", "name", 0.5, 3, "casing")
    (row,) = placed(Document.start("a\nb").after_pass([edit]))
    assert row.to_dict() == {"pass": 1, "raw": 2, "line": 2, "column": 1, **edit.to_dict()}


# --- what holds for every document ----------------------------------------------------------------


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document after up to four passes of replacements, insertions and deletions."""
    document = Document.start(
        draw(st.text(st.characters(), max_size=40) | st.text("ab \r\n", max_size=40))
    )
    for _ in range(draw(st.integers(0, 4))):
        text = document.text
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
        spans = zip(places[::2], places[1::2], strict=False)
        made = [
            (start, text[start:end], draw(st.text("xY,\n ", max_size=3))) for start, end in spans
        ]
        document = document.after_pass(
            [
                Edit(start, old, new, "decode", "r", 0.5, draw(st.integers(0, 2)))
                for start, old, new in made
                if old != new
            ]
        )
    return document


@given(documents())
def test_places_are_those_the_passes_trace_back(document: Document) -> None:
    traced = []
    for turn, made in enumerate(document.passes):
        for edit in made.edits:
            offset = edit.start
            for earlier in reversed(document.passes[:turn]):
                offset = earlier.before(offset)
            traced.append((edit, offset))
    assert [(row.edit, row.raw) for row in placed(document)] == traced


@given(documents())
def test_every_edit_has_one_line(document: Document) -> None:
    lines = explain(document).split("\n")
    assert sum(" decode  0.50 " in line for line in lines) == len(document.edits)
    assert sum("┌" in line for line in lines) == sum("└" in line for line in lines)


@given(documents())
def test_marked_runs_make_up_the_text(document: Document) -> None:
    runs = list(marked(document))
    assert "".join(run for run, _ in runs) == document.text
    assert all(run for run, _ in runs)
    if not document.changed:
        assert all(kind is None for _, kind in runs)


def test_marked_names_the_edit_that_wrote_last() -> None:
    assert list(marked(story())) == [
        ("H", "case"),
        ("un ", None),
        ("S", "case"),
        ("en said", None),
        (', "', "mark"),
        ("U", "case"),
        (".", "mark"),
        ("S", "case"),
        (".", "mark"),
        (" troops ", None),
        ("&", "decode"),
        (" more left", None),
        ('."', "mark"),
    ]


def test_a_long_document_is_explained_in_linear_time() -> None:
    """Places traced one by one would need 80 million steps here."""
    words = 10_000
    document = Document.start("ab " * words)
    for before, after in (("a", "A"), ("A", "a")):
        document = document.after_pass(
            [Edit(3 * i, before, after, "case", "r") for i in range(words)]
        )
    started = time.perf_counter()
    assert explain(document).count("\n") > 2 * words
    assert time.perf_counter() - started < 4


# --- the terminal ---------------------------------------------------------------------------------


def _rendered(document: Document, *, terminal: bool) -> str:
    file = io.StringIO()
    render(
        document,
        Console(file=file, force_terminal=True, color_system="standard", no_color=False, width=40)
        if terminal
        else Console(file=file, force_terminal=False, width=40),
    )
    return file.getvalue()


def test_render_highlights_what_was_changed() -> None:
    view = _rendered(story(), terminal=True)
    assert '\x1b[30;42m, "\x1b[0m' in view
    assert "\x1b[1;33mH\x1b[0mun " in view
    assert view.endswith("\x1b[30;42m mark \x1b[0m  \n")


def test_render_is_the_plain_text_where_there_is_no_terminal() -> None:
    assert _rendered(story(), terminal=False) == 'Hun Sen said, "U.S. troops & more left."\n'


def test_render_lets_no_text_drive_the_terminal() -> None:
    assert "\x1b" not in _rendered(Document.start("\x1b[2J[red]x\r"), terminal=False)
    assert "[red]x" in _rendered(Document.start("[red]x"), terminal=False)


class _Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def _terminal(monkeypatch: pytest.MonkeyPatch) -> _Terminal:
    """Standard error as a terminal, with a bar that appears after 50 ms."""
    terminal = _Terminal()
    monkeypatch.setattr("sys.stderr", terminal)
    monkeypatch.setattr(show, "_DELAY", 0.05)
    monkeypatch.setenv("TERM", "xterm")
    return terminal


def test_a_bar_appears_where_work_takes_long(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = _terminal(monkeypatch)
    with Waiting(["one.txt", "[red]two.txt"]) as waiting:
        time.sleep(0.3)
        waiting.advance()
        with waiting.hidden():
            written = len(stderr.getvalue())
            time.sleep(0.2)
            assert len(stderr.getvalue()) == written
        time.sleep(0.2)
    assert "one.txt" in stderr.getvalue()
    assert "[red]two.txt" in stderr.getvalue()


def test_no_bar_appears_where_work_is_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    stderr = _terminal(monkeypatch)
    with Waiting(["one.txt"]) as waiting:
        waiting.advance()
    time.sleep(0.2)
    assert stderr.getvalue() == ""


def test_no_bar_appears_where_there_is_no_terminal(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(show, "_DELAY", 0.01)
    with Waiting(["one.txt"]):
        time.sleep(0.2)
    assert capfd.readouterr() == ("", "")
