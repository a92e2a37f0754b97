"""Runs: joined they are the text, every edit stands in one, and what stayed says where it was."""

from __future__ import annotations

from hypothesis import given
from test_document import documents

from cleantext.document import Document
from cleantext.edits import Edit
from cleantext.provenance import Run, provenance


@given(documents())
def test_runs_joined_are_the_text_and_lose_no_edit(document: Document) -> None:
    runs = provenance(document)
    assert "".join(run.text for run in runs) == document.text
    assert {edit for run in runs for edit in run.edits} == set(document.edits)


@given(documents())
def test_what_stands_as_it_came_stands_so_in_the_raw_text(document: Document) -> None:
    runs = provenance(document)
    for run in runs:
        if not run.edits:
            assert document.raw.startswith(run.text, run.raw)
    places = [run.raw for run in runs]
    assert places == sorted(places)


def test_a_word_changed_twice_holds_both_edits_in_the_order_made() -> None:
    completed = Edit(0, "ernment", "government", "complete", "cut word")
    raised = Edit(0, "government", "Government", "case", "sentence start")
    document = Document.start("ernment men").after_pass([completed]).after_pass([raised])
    assert provenance(document) == [Run("Government", 0, (completed, raised)), Run(" men", 7)]


def test_what_was_dropped_keeps_its_place_before_later_edits() -> None:
    dropped = Edit(4, "ad ", "", "drop", "advert")
    raised = Edit(4, "two", "TWO", "case", "acronym")
    document = Document.start("one ad two").after_pass([dropped]).after_pass([raised])
    assert provenance(document) == [
        Run("one ", 0),
        Run("", 4, (dropped,)),
        Run("TWO", 7, (raised,)),
    ]
    # one that is inside what is replaced as well
    joined = Document.start("one  ad  two").after_pass([Edit(5, "ad", "", "drop", "advert")])
    joined = joined.after_pass([Edit(3, "    ", " ", "space", "runs of spaces")])
    assert [(run.text, [e.kind for e in run.edits]) for run in provenance(joined)] == [
        ("one", []),
        (" ", ["space"]),
        ("", ["drop"]),
        ("two", []),
    ]


def test_an_edit_inside_what_was_written_parts_it() -> None:
    written = Edit(0, "x", "abc", "decode", "entity")
    inside = Edit(1, "b", "B", "case", "name")
    document = Document.start("x").after_pass([written]).after_pass([inside])
    assert provenance(document) == [
        Run("a", 0, (written,)),
        Run("B", 0, (written, inside)),
        Run("c", 0, (written,)),
    ]


def test_nothing_has_no_run() -> None:
    assert provenance(Document.start("")) == []
