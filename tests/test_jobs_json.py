"""JSON lines: what is read, what is rejected, what stays byte for byte."""

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from job_files import ODD, converted, file, peak_of_memory, read, reasons, texts

from cleantext.jobs.json_spans import find, parse, spliced
from cleantext.jobs.records import Record, Reject


def test_json_keeps_all_but_the_text(tmp_path: Path) -> None:
    assert converted(tmp_path, "a.jsonl", ODD) == (
        b'\xef\xbb\xbf{"id":7, "n": 1.0, "big": 12345678901234567890.50, "body" : "A CAF\xc3\x89", "z":[1,2 ]}\r\n'
        b' { "body":"one", "body":"TWO","t":"\\/", "e":1E5 } \n'
        b'{"body":"LAST \\u00c9"}'
    )


def test_json_text_that_does_not_change_keeps_its_escapes(tmp_path: Path) -> None:
    data = b'{"body":"\\u0041\\/\\u00e9"}\n'
    assert converted(tmp_path, "a.jsonl", data, change=str) == data


def test_json_escapes_are_those_of_the_line(tmp_path: Path) -> None:
    data = b'{"body":"x", "t":"\\u00e9"}\n{"body":"x", "t":"\\u0001"}\n{"body":"\\ud800x"}\n'
    assert converted(tmp_path, "a.jsonl", data, change=lambda text: text + "—") == (
        b'{"body":"x\\u2014", "t":"\\u00e9"}\n'
        b'{"body":"x\xe2\x80\x94", "t":"\\u0001"}\n'
        b'{"body":"\\ud800x\\u2014"}\n'
    )
    assert spliced('{"a":"é"}', "\udc80", field="a") == b'{"a":"\\udc80"}'


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        (b'{"a": {"body": "x"}, "body": "n"}', "a.body", b'{"a": {"body": "X"}, "body": "n"}'),
        (b'{"a": {"body": "n"}, "a.body": "x"}', "a.body", b'{"a": {"body": "n"}, "a.body": "X"}'),
        (b'{"a": {"a": {"a": "x"}}}', "a.a.a", b'{"a": {"a": {"a": "X"}}}'),
        (b'{"a": 1, "a": {"b.c": "x"}}', "a.b.c", b'{"a": 1, "a": {"b.c": "X"}}'),
    ],
)
def test_json_fields_in_objects(tmp_path: Path, line: bytes, field: str, expected: bytes) -> None:
    assert converted(tmp_path, "a.jsonl", line, field=field) == expected


@pytest.mark.parametrize(
    ("line", "field", "expected"),
    [
        (b'{"body": "x", "new": 7 }\n', "new", b'{"body": "x", "new": "X" }\n'),
        (b'{"body": "x" }\n', "new", b'{"body": "x", "new": "X" }\n'),
        (b'{"body":"x"}\n', "new", b'{"body":"x","new":"X"}\n'),
        (b'{"body":"x","o":{}}\n', "o.new", b'{"body":"x","o":{"new": "X"}}\n'),
        (b'{"body":"x","o":[]}\n', "o.new", b'{"body":"x","o":[],"o.new":"X"}\n'),
    ],
)
def test_json_output_field(tmp_path: Path, line: bytes, field: str, expected: bytes) -> None:
    assert converted(tmp_path, "a.jsonl", line, output_field=field) == expected
    assert find(expected.decode(), parse(expected.decode()), field).value == "X"  # type: ignore


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"not json", "no JSON: Expecting value"),
        (b'{"body": "cut of', "no JSON: Unterminated string"),
        (b'{"body": "x"} {}', "no JSON: Extra data"),
        (b'{"body": "x",}', "no JSON: Expecting a key"),
        (b'{"body" "x"}', "no JSON: Expecting ':'"),
        (b'{"body": "x" "y": 1}', "no JSON: Expecting ',' or '}'"),
        (b'{"body": "x"', "no JSON: Expecting ',' or '}'"),
        (b'{"body": "a\tb"}', "no JSON: Invalid control character"),
        (b'["x"]', "JSON, but no object"),
        (b'"x"', "JSON, but no object"),
        (b'{"text": "x"}', "there is no field 'body'"),
        (b'{"body": null}', "holds null, not a text"),
        (b'{"body": 1}', "holds a number, not a text"),
        (b'{"body": NaN}', "holds a number, not a text"),
        (b'{"body": true}', "holds true, not a text"),
        (b'{"body": ["x"]}', "holds a list, not a text"),
        (b'{"body": {"x": 1}}', "holds an object, not a text"),
        (b'{"body": "caf\xe9"}', "not UTF-8"),
        (b'{"body": "' + 11 * b"x" + b'"}', "more than 10 characters"),
        (b'{"body": "x", "deep": ' + b"[" * 100_000, "nested too deeply"),
        (b'{"body": "x", "canon": "' + 11 * b"x" + b'"}', "canonical version has more than 10"),
        (b'{"body": "x", "canon": 5}', "'canon' holds a number"),
    ],
)
def test_json_rejects(tmp_path: Path, line: bytes, reason: str) -> None:
    good = b'{"body": "' + 10 * b"x" + b'", "canon": null}'
    path = file(tmp_path, "a.jsonl", good + b"\n\n" + line + b"\n" + good)
    before, found, after = read(path, max_chars=10, canonical_field="canon")
    assert isinstance(found, Reject)
    assert reason in found.reason
    assert (found.number, found.place) == (1, "line 3")
    shown = line.decode("utf-8", "backslashreplace")
    assert found.raw == (shown if len(shown) <= 10_000 else shown[:10_000] + "…")
    assert isinstance(before, Record)
    assert isinstance(after, Record)
    assert (before.number, after.number, after.place) == (0, 2, "line 4")
    assert before.text == after.text == "x" * 10


@pytest.mark.parametrize("frames", [0, 300])
def test_json_is_nested_too_deeply_on_any_stack_alike(tmp_path: Path, frames: int) -> None:
    if frames:
        return test_json_is_nested_too_deeply_on_any_stack_alike(tmp_path, frames - 1)

    def nested(depth: int) -> bytes:
        inner = b'{"a":[' * (depth // 2) + b"]}" * (depth // 2)
        return b'{"deep": [%s], "[": "{[{[\\"[[", "body": "x"}\n' % inner

    assert texts(file(tmp_path, "a.jsonl", nested(498))) == ["x"]
    assert texts(file(tmp_path, "a.jsonl", nested(500))) == [None]
    marks = json.dumps({"body": "x", "s": "[" * 1000 + '\\"{' * 500, "n": [[]] * 1000})
    assert texts(file(tmp_path, "a.jsonl", marks.encode())) == ["x"]


def test_json_reasons_can_be_counted(tmp_path: Path) -> None:
    data = b"".join(b'{"a": ' + b"1" * n + b' "body"}\n' for n in range(1, 50))
    assert len(set(reasons(file(tmp_path, "a.jsonl", data)))) == 1


def test_json_numbers_of_any_size_pass(tmp_path: Path) -> None:
    data = b'{"n": ' + b"9" * 10_000 + b', "body": "x"}\n'
    assert converted(tmp_path, "a.jsonl", data) == data.replace(b'"x"', b'"X"')


def test_a_monstrous_line_is_rejected_and_fills_no_memory(tmp_path: Path) -> None:
    line = b'{"body": "' + b"x" * 50_000_000 + b'"}\n'
    path = file(tmp_path, "a.jsonl.gz", line + b'{"body": "fine"}\n')
    del line
    with peak_of_memory() as peak:
        found = read(path)
    assert isinstance(found[0], Reject)
    assert found[0].reason == "the line has more than 16,777,216 bytes"
    assert len(found[0].raw) < 11_000
    assert isinstance(found[1], Record)
    assert peak() < 60_000_000


def test_a_long_line_under_the_limit_is_a_record(tmp_path: Path) -> None:
    line = json.dumps({"body": "é" * 2_000_000}) + "\n"
    assert len(line) > 12_000_000
    assert texts(file(tmp_path, "a.jsonl", line.encode())) == ["é" * 2_000_000]


@pytest.mark.parametrize(
    ("value", "expected"),
    [('"a"', "a"), ("17", "17"), ("1.50", "1.50"), ("null", None), ("[1]", None), ("true", None)],
)
def test_json_ids(tmp_path: Path, value: str, expected: str | None) -> None:
    path = file(tmp_path, "a.jsonl", f'{{"body": "x", "id": {value}}}'.encode())
    assert [item.id for item in read(path, id_field="id") if isinstance(item, Record)] == [expected]
    assert [item.id for item in read(path) if isinstance(item, Record)] == [None]


def test_json_canonical(tmp_path: Path) -> None:
    path = file(tmp_path, "a.jsonl", b'{"body": "x", "c": {"t": "X"}}\n{"body": "x"}\n')
    found = read(path, canonical_field="c.t")
    assert [item.canonical for item in found if isinstance(item, Record)] == ["X", None]


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@given(
    st.dictionaries(st.text().filter(lambda key: key != "body"), VALUES, max_size=4),
    st.text(st.characters()),
    st.text(st.characters()),
    st.integers(0, 4),
    st.booleans(),
    st.sampled_from([(", ", ": "), (",", ":"), (" ,", " :\t")]),
)
def test_json_splicing_changes_one_value(
    others: dict[str, Any], old: str, new: str, place: int, ascii_only: bool, marks: tuple[str, str]
) -> None:
    items = list(others.items())
    items.insert(place, ("body", old))

    def dumped(text: str, *, ascii_only: bool) -> str:
        return json.dumps({**dict(items), "body": text}, ensure_ascii=ascii_only, separators=marks)

    line = dumped(old, ascii_only=ascii_only)
    if "\ud800" <= max(line, default="") <= "\udfff" or not line.isprintable():
        line = dumped(old, ascii_only=True)
    try:
        line.encode()
    except UnicodeEncodeError:
        line = dumped(old, ascii_only=True)
    result = spliced(line, new, field="body").decode()
    assert json.loads(result) == {**dict(items), "body": new}
    whole = parse(line)
    assert whole is not None
    start, end = whole.members["body"].start, whole.members["body"].end
    assert result.startswith(line[:start])
    assert result.endswith(line[end:])
    assert json.loads(result[start : len(result) - len(line) + end]) == new


@given(st.text(st.sampled_from('{}[]",:\\u0 a1e.-tfn\t\n')) | st.text(), st.booleans())
def test_json_is_what_json_says(text: str, as_object: bool) -> None:
    line = f'{{"a": {text}}}' if as_object else text
    try:
        expected: Any = json.loads(line)
    except ValueError:
        with pytest.raises(ValueError):  # noqa: PT011
            parse(line)
    else:
        found = parse(line)
        assert (found is not None) == isinstance(expected, dict)
        if found is not None:
            assert list(found.members) == list(expected)
