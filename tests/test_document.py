"""Document: exact undo, plain data and back, and places traced to the raw text."""

from __future__ import annotations

import json
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.document import Document, Origin, Pass, Span
from cleantext.edits import Edit, EditError

TEXTS = st.text(st.characters(), max_size=40) | st.text("ab .\n\ud800", max_size=40)


@st.composite
def documents(draw: st.DrawFn) -> Document:
    """A document after up to four passes of replacements, insertions and deletions."""
    document = Document.start(draw(TEXTS))
    for _ in range(draw(st.integers(0, 4))):
        text = document.text
        places = sorted(draw(st.lists(st.integers(0, len(text)), max_size=8)))
        spans = zip(places[::2], places[1::2], strict=False)
        made = [(start, text[start:end], draw(st.text("xY, ", max_size=3))) for start, end in spans]
        document = document.after_pass(
            [Edit(start, old, new, "decode", "r", 0.5) for start, old, new in made if old != new]
        )
    return document


@pytest.fixture
def document() -> Document:
    """``u s troops`` in two passes, the second with an insertion."""
    start = Document.start("u s troops")
    capitals = [Edit(0, "u", "U", "case", "acronym", 0.9, 1), Edit(2, "s", "S", "case", "acronym")]
    stops = [Edit(1, " ", ".", "mark", "acronym"), Edit(3, "", ".", "mark", "acronym")]
    return start.after_pass(capitals).after_pass(tuple(stops))


def test_a_document_keeps_raw_text_and_passes(document: Document) -> None:
    assert (document.raw, document.text, str(document)) == (
        "u s troops",
        "U.S. troops",
        "U.S. troops",
    )
    assert [len(made.edits) for made in document.passes] == [2, 2]
    assert [edit.kind for edit in document.edits] == ["case", "case", "mark", "mark"]
    assert document.counts() == {"case": 2, "mark": 2}
    assert document.changed


def test_an_untouched_document_is_unchanged() -> None:
    document = Document.start("As it was.")
    assert not document.changed
    assert document.after_pass([]) is document
    assert (document.edits, document.counts(), document.undo()) == ((), {}, "As it was.")


def test_a_pass_that_does_not_fit_is_refused(document: Document) -> None:
    with pytest.raises(EditError, match="expected 'u' at 0, found 'U'"):
        document.after_pass([Edit(0, "u", "U", "case", "twice")])


def test_quality_and_warnings_outlive_a_pass() -> None:
    document = Document("a", "a", quality=0.5, warnings=("cut short",))
    made = document.after_pass([Edit(0, "a", "A", "case", "start")])
    assert (made.text, made.quality, made.warnings) == ("A", 0.5, ("cut short",))


@given(documents())
def test_undo_is_exact_and_replay_leads_back(document: Document) -> None:
    assert document.undo() == document.raw
    text = document.raw
    for made in document.passes:
        text = made.apply(text)
    assert text == document.text


def test_undo_refuses_passes_of_another_text(document: Document) -> None:
    with pytest.raises(EditError):
        Document(document.raw, "something else", document.passes).undo()


@given(documents(), st.floats(0, 1), st.lists(st.text(st.characters())))
def test_plain_data_and_back(document: Document, quality: float, warnings: list[str]) -> None:
    full = Document(document.raw, document.text, document.passes, quality, tuple(warnings))
    assert Document.from_dict(json.loads(json.dumps(full.to_dict()))) == full


def test_altered_data_is_refused(document: Document) -> None:
    with pytest.raises(EditError, match="do not lead from 'raw' to 'text'"):
        Document.from_dict({**document.to_dict(), "text": "U.S. tanks"})
    with pytest.raises(EditError, match="expected 'u'"):
        Document.from_dict({**document.to_dict(), "raw": "v s troops"})


@pytest.mark.parametrize("name", ["raw", "text", "passes"])
def test_missing_data_is_named(document: Document, name: str) -> None:
    data = document.to_dict()
    del data[name]
    with pytest.raises(KeyError, match=name):
        Document.from_dict(data)


def test_what_tables_keep_of_a_document_is_enough(document: Document) -> None:
    data = {name: document.to_dict()[name] for name in ("raw", "text", "passes")}
    again = Document.from_dict(data)
    assert (again.text, again.edits, again.quality) == (document.text, document.edits, 0.0)


def test_what_was_dropped_is_found_in_the_raw_text() -> None:
    doc = Document.start("ab c").after_pass([Edit(2, "", ".", "mark", "m")])
    assert [
        (s.start, s.end) for s in doc.after_pass([Edit(0, "ab.", "", "drop", "x")]).dropped
    ] == [(0, 2)]
    doc = Document.start("x\u00e2\u20ac\u2122 c")
    doc = doc.after_pass([Edit(1, "\u00e2\u20ac\u2122", "\u2019", "decode", "m")])
    (span,) = doc.after_pass([Edit(0, "x\u2019", "", "drop", "x")]).dropped
    assert doc.raw[span.start : span.end] == "x\u00e2\u20ac\u2122"
    # what was taken out right behind does not belong to it
    doc = Document.start("ab cd ef").after_pass([Edit(2, " cd", "", "drop", "x")])
    assert Origin(doc.passes).span(0, 2) == (0, 2)
    assert Origin(doc.passes).span(0, 3) == (0, 6)


# --- places ---------------------------------------------------------------------------------------


@given(documents())
def test_places_rise_with_the_raw_text_and_stay_in_it(document: Document) -> None:
    places = [document.to_raw(offset) for offset in range(len(document.text) + 1)]
    assert places == sorted(places)
    assert places[0] >= 0
    assert places[-1] == len(document.raw)


@given(documents())
def test_what_no_edit_touched_maps_to_itself(document: Document) -> None:
    for made in document.passes[:1]:
        text = made.apply(document.raw)
        first = Document(document.raw, text, (made,))
        inserted = set[int]()
        shift = 0
        for edit in made.edits:
            start = edit.start + shift
            inserted.update(range(start, start + len(edit.after)))
            shift += len(edit.after) - len(edit.before)
        kept = [offset for offset in range(len(text)) if offset not in inserted]
        assert [text[o] for o in kept] == [document.raw[first.to_raw(o)] for o in kept]
        assert len({first.to_raw(o) for o in kept}) == len(kept)


def test_places_in_inserted_and_dropped_text() -> None:
    dropped = Pass((Edit(2, "xxxx", "", "drop", "r"),))
    assert [dropped.before(offset) for offset in range(4)] == [0, 1, 6, 7]
    inserted = Pass((Edit(2, "", "....", "mark", "r"),))
    assert [inserted.before(offset) for offset in range(8)] == [0, 1, 2, 2, 2, 2, 2, 3]
    longer = Pass((Edit(1, "b", "BBB", "decode", "r"),))
    assert [longer.before(offset) for offset in range(5)] == [0, 1, 2, 2, 2]


@pytest.mark.parametrize("offset", [-1, 12])
def test_a_place_outside_the_text_is_refused(document: Document, offset: int) -> None:
    assert document.to_raw(11) == 10
    with pytest.raises(IndexError, match=r"outside the text \(0 to 11\)"):
        document.to_raw(offset)


def test_what_was_taken_out_is_told_by_its_place_in_the_raw_text() -> None:
    raw = "Rain fell. Top stories. It stopped."
    start = Document.start(raw)
    first = start.after_pass([Edit(0, "Rain", "The rain", "decode", "r")])
    doc = first.after_pass([Edit(14, " Top stories.", "", "drop", "related headlines", 0.97, 3)])
    (span,) = doc.dropped
    assert doc.text == "The rain fell. It stopped."
    assert (span.start, span.end, span.text) == (10, 23, " Top stories.")
    assert raw[span.start : span.end] == span.text
    assert (span.reason, span.confidence) == ("related headlines", 0.97)
    assert first.dropped == ()


def test_marked_spans_come_back_from_plain_data() -> None:
    span = Span(0, 11, "Top stories", "related headlines", 0.8)
    doc = replace(Document.start("Top stories. Rain."), marked=(span,))
    assert Document.from_dict(json.loads(json.dumps(doc.to_dict()))) == doc
    assert doc.dropped == ()


def test_spans_dropped_side_by_side_in_two_passes_do_not_overlap() -> None:
    start = Document.start("aaa bbb ccc ddd")
    first = start.after_pass([Edit(7, " ccc", "", "drop", "r")])
    doc = first.after_pass([Edit(3, " bbb", "", "drop", "r")])
    assert [(s.start, s.end, s.text) for s in doc.dropped] == [(3, 7, " bbb"), (7, 11, " ccc")]


@given(documents(), st.data())
def test_an_origin_traces_as_the_document_does(document: Document, data: st.DataObject) -> None:
    offset = data.draw(st.integers(0, len(document.text)))
    assert Origin(document.passes)(offset) == document.to_raw(offset)
