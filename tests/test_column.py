"""Columns of pandas and polars: what is restored, what stays, and what is refused."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext import Document, Encoding, Pipeline, PipelineError, restore
from cleantext.cells import FACTS
from cleantext.column import restore_column

pd = pytest.importorskip("pandas", reason="needs the extra pandas")
pl = pytest.importorskip("polars", reason="needs the extra polars")

#: Damaged encoding: quick to restore, and no model is loaded for it.
RAW, GOOD = "The cafÃ© opened at noon.", "The café opened at noon."
SOUND = "The mayor opened it."
FLAT = "the mayor of boston said on tuesday that she would not run again"
DECODING = Pipeline((Encoding(),))
TEXT_DTYPES = ["object", "str", "string[python]", "string[pyarrow]", "large_string[pyarrow]"]


def column(data: Any, *args: Any, **options: Any) -> Any:
    return restore_column(data, *args, **{"pipeline": DECODING} | options)


# --- pandas ---------------------------------------------------------------------------------------


@pytest.mark.parametrize("dtype", TEXT_DTYPES)
def test_series_keeps_type_name_and_nulls(dtype: str) -> None:
    if "pyarrow" in dtype:
        pytest.importorskip("pyarrow", reason="needs the extra parquet")
    raw = pd.Series([RAW, None, "", SOUND], name="body", dtype=dtype)
    made = column(raw)
    assert made.tolist()[0] == GOOD
    assert made.tolist()[2:] == ["", SOUND]
    assert made.dtype == raw.dtype
    assert made.name == "body"
    assert made.isna().tolist() == [False, True, False, False]
    assert raw.tolist()[0] == RAW


def test_each_kind_of_null_stays_what_it_is() -> None:
    nulls = [None, float("nan"), pd.NA, pd.NaT]
    made = column(pd.Series([RAW, *nulls], dtype=object)).tolist()
    assert made[0] == GOOD
    assert all(one is other for one, other in zip(made[1:], nulls, strict=True))


@pytest.mark.parametrize(
    "index",
    [
        ["b", "a", "b"],
        pd.MultiIndex.from_tuples([("x", 1), ("x", 1), ("y", 2)], names=["k", "n"]),
        pd.DatetimeIndex(["2024-03-02", "2024-03-01", "2024-03-02"], name="day"),
    ],
    ids=["duplicates", "multi", "dates"],
)
def test_index_is_kept(index: Any) -> None:
    series = pd.Series([RAW, None, SOUND], index=index)
    series.attrs["source"] = "wire"
    made = column(series)
    pd.testing.assert_index_equal(made.index, series.index)
    assert made.attrs == {"source": "wire"}
    frame = column(pd.DataFrame({"body": series, "n": 1}), "body", add=["edit_count"])
    pd.testing.assert_index_equal(frame.index, series.index)
    assert frame["body"].iloc[0] == GOOD
    assert frame["body_edit_count"].isna().tolist() == [False, True, False]


def test_frame_is_not_modified() -> None:
    frame = pd.DataFrame({"id": [7, 8], "body": [RAW, SOUND]})
    before = frame.copy()
    made = column(frame, "body")
    assert made["body"].tolist() == [GOOD, SOUND]
    assert list(made) == ["id", "body"]
    made.loc[0, "id"] = 99
    pd.testing.assert_frame_equal(frame, before)
    assert column(frame, "body", into="clean").columns.tolist() == ["id", "body", "clean"]


def test_a_slice_gives_its_own_rows_and_no_warning(recwarn: pytest.WarningsRecorder) -> None:
    frame = pd.DataFrame({"body": [SOUND, RAW, RAW]})
    made = column(frame[frame["body"] == RAW], "body")
    assert made["body"].to_dict() == {1: GOOD, 2: GOOD}
    assert not recwarn.list


def test_facts_tell_of_each_row() -> None:
    frame = pd.DataFrame({"body": [FLAT, SOUND, None]})
    made = restore_column(frame, "body", into="clean", add=FACTS)
    doc = restore(FLAT)
    assert list(made) == ["body", "clean", *(f"clean_{fact}" for fact in FACTS)]
    assert made["clean"].tolist()[:2] == [doc.text, SOUND]
    assert made["clean_edit_count"].tolist() == [len(doc.edits), 0, pd.NA]
    assert made["clean_quality"].tolist()[:2] == [doc.quality, 0.0]
    assert made["clean_diagnosis"].tolist()[:2] == ["case lower, marks lost", "no damage"]
    assert made["clean_warnings"].tolist()[:2] == ["", ""]
    assert made.iloc[2].isna().all()
    # what is in a row gives the document back, and with it the raw text
    first = made.iloc[0]
    data = doc.to_dict() | {"raw": "", "text": ""}
    data |= {"raw": first["body"], "text": first["clean"]}
    data["passes"] = json.loads(first["clean_edits"])
    assert Document.from_dict(data) == doc
    assert Document.from_dict(data).undo() == FLAT


def test_no_rows() -> None:
    empty = pd.Series([], dtype=object, name="body")
    pd.testing.assert_series_equal(column(empty), empty)
    made = column(empty.to_frame(), "body", add=["edits", "quality", "edit_count"])
    full = column(pd.DataFrame({"body": [RAW]}), "body", add=["edits", "quality", "edit_count"])
    assert made.shape == (0, 4)
    assert made.dtypes.tolist()[1:] == full.dtypes.tolist()[1:]


def test_all_null_of_a_number_type_is_no_error() -> None:
    series = pd.Series([None, None], dtype=float)
    pd.testing.assert_series_equal(column(series), series)


def test_categories_are_restored() -> None:
    kinds = [SOUND, RAW, "never used"]
    series = pd.Series(pd.Categorical([RAW, None, SOUND, RAW], categories=kinds, ordered=True))
    made = column(series)
    assert made.astype(object).fillna("-").tolist() == [GOOD, "-", SOUND, GOOD]
    assert made.cat.categories.tolist() == [SOUND, GOOD]
    assert made.cat.ordered
    merged = column(pd.Series([RAW, GOOD], dtype="category"))
    assert merged.cat.categories.tolist() == [GOOD]


def test_columns_in_levels_and_numbers_as_names() -> None:
    levels = pd.DataFrame({("story", "body"): [RAW], ("story", "id"): [1]})
    made = column(levels, ("story", "body"), add=["edit_count"])
    assert made[("story", "body")].tolist() == [GOOD]
    assert made[("story", "body_edit_count")].tolist() == [1]
    assert column(pd.DataFrame([[RAW]]), 0, into=1)[1].tolist() == [GOOD]


# --- polars ---------------------------------------------------------------------------------------


def test_polars_series() -> None:
    raw = pl.Series("body", [RAW, None, "", SOUND])
    made = column(raw)
    assert made.to_list() == [GOOD, None, "", SOUND]
    assert (made.name, made.dtype) == ("body", pl.String)
    assert raw.to_list()[0] == RAW


def test_polars_chunks() -> None:
    raw = pl.concat([pl.Series([RAW, None]), pl.Series([SOUND]), pl.Series([RAW])], rechunk=False)
    assert raw.n_chunks() == 3
    assert column(raw).to_list() == [GOOD, None, SOUND, GOOD]


def test_polars_frame() -> None:
    frame = pl.DataFrame({"id": [1, 2, 3], "body": [FLAT, SOUND, None]})
    before = frame.clone()
    made = restore_column(frame, "body", into="clean", add=FACTS)
    assert frame.equals(before)
    assert made.columns == ["id", "body", "clean", *(f"clean_{fact}" for fact in FACTS)]
    assert made["clean"].to_list() == [restore(FLAT).text, SOUND, None]
    assert made["clean_quality"].dtype == pl.Float64
    assert made["clean_edit_count"].to_list() == [len(restore(FLAT).edits), 0, None]
    assert made.row(2)[2:] == (None,) * (1 + len(FACTS))
    assert restore_column(frame, "body").columns == ["id", "body"]


def test_polars_columns_are_named_by_texts() -> None:
    frame = pl.DataFrame({"body": [RAW]})
    with pytest.raises(TypeError, match="into= is a str for a frame of polars, not 3"):
        column(frame, "body", into=3)
    assert column(frame, "body", into="3").columns == ["body", "3"]


def test_polars_without_rows() -> None:
    frame = pl.DataFrame({"body": []}, schema={"body": pl.String})
    made = column(frame, "body", add=FACTS)
    full = column(pl.DataFrame({"body": [RAW]}), "body", add=FACTS)
    assert made.schema == full.schema
    assert column(frame["body"]).to_list() == []


def test_polars_types_that_hold_text_otherwise() -> None:
    made = column(pl.Series([RAW, None, RAW], dtype=pl.Categorical))
    assert made.dtype == pl.Categorical
    assert made.to_list() == [GOOD, None, GOOD]
    assert column(pl.Series([None, None])).dtype == pl.Null
    mixed = column(pl.Series([RAW, 3], dtype=pl.Object), on_error="keep")
    assert mixed.to_list() == [GOOD, 3]
    with pytest.raises(TypeError, match=r"Enum.*cast it to pl.String"):
        column(pl.Series("body", [RAW], dtype=pl.Enum([RAW])))


def test_lazy_frame_is_told_what_to_do() -> None:
    lazy = pl.LazyFrame({"body": [RAW, None]})
    with pytest.raises(TypeError, match=r"collect\(\).*map_batches"):
        column(lazy, "body")
    made = lazy.map_batches(lambda part: column(part, "body")).collect()
    assert made["body"].to_list() == [GOOD, None]


# --- canonical versions ---------------------------------------------------------------------------

CANONICAL = "The Mayor of Boston said on Tuesday, that she would not run again."


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_canonical_of_a_column_or_a_series(library: Any) -> None:
    frame = library.DataFrame({"body": [FLAT, FLAT, FLAT], "good": [CANONICAL, None, ""]})
    want = [restore(FLAT, canonical=CANONICAL).text, *[restore(FLAT).text] * 2]
    assert want[0] != want[1]
    assert restore_column(frame, "body", canonical="good")["body"].to_list() == want
    assert restore_column(frame["body"], canonical=frame["good"]).to_list() == want
    other = {pd: pl, pl: pd}[library].Series([CANONICAL, None, ""])
    assert restore_column(frame["body"], canonical=other).to_list() == want


def test_canonical_of_other_rows_is_refused() -> None:
    texts, versions = pd.Series([FLAT, SOUND]), pd.Series([CANONICAL, None], index=[1, 0])
    for wrong in (versions, versions[:1], pl.Series([CANONICAL])):
        with pytest.raises(ValueError, match="rows of the texts"):
            column(texts, canonical=wrong)
    assert column(texts, canonical=versions.reindex(texts.index)).tolist() == texts.tolist()


def test_canonical_that_is_no_column_or_no_text_is_refused() -> None:
    frame = pd.DataFrame({"body": [FLAT, FLAT], "n": [1, 2]}, index=["x", "y"])
    with pytest.raises(ValueError, match="no column is called 'good'"):
        column(frame, "body", canonical="good")
    with pytest.raises(TypeError, match="is another Series"):
        column(frame["body"], canonical=CANONICAL)
    with pytest.raises(TypeError, match="not a DataFrame"):
        column(frame, "body", canonical=frame)
    with pytest.raises(TypeError, match=r"not list"):
        column(frame, "body", canonical=[CANONICAL, CANONICAL])
    with pytest.raises(
        TypeError, match=r"row 0 \(index 'x'\): the canonical version is of type int"
    ):
        column(frame, "body", canonical="n")


# --- what cannot be taken -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("values", "kind"), [([RAW, 12], "int"), ([RAW, b"?"], "bytes"), ([RAW, [RAW]], "list")]
)
def test_what_is_no_text_names_its_row(values: list[object], kind: str) -> None:
    series = pd.Series(values, index=["x", "y"], dtype=object)
    with pytest.raises(TypeError, match=rf"row 1 \(index 'y'\).*of type {kind}, not str"):
        column(series)
    with pytest.raises(TypeError, match=rf"row 1 of column 'body'.*{kind}"):
        column(pl.Series("body", values, dtype=pl.Object))
    made = column(series.to_frame("body"), "body", on_error="keep", add=["warnings", "quality"])
    assert made["body"].tolist() == [GOOD, values[1]]
    assert made["body_warnings"].tolist() == [
        "",
        f"left as it came: the text is of type {kind}, not str",
    ]
    assert made["body_quality"].isna().tolist() == [False, True]


def test_numbers_are_refused_or_kept() -> None:
    for numbers in (pd.Series([1, 2]), pl.Series([1, 2])):
        with pytest.raises(TypeError, match="row 0"):
            column(numbers)
        assert column(numbers, on_error="keep").to_list() == [1, 2]
        assert column(numbers, on_error="keep").dtype == numbers.dtype


def test_text_that_is_too_long_names_its_row() -> None:
    short = Pipeline((Encoding(),), max_chars=30)
    series = pd.Series([RAW, "a" * 31, RAW, "a" * 31], index=list("wxyz"))
    with pytest.raises(ValueError, match=r"row 1 \(index 'x'\): the text has 31 characters"):
        column(series, pipeline=short)
    made = column(
        series.to_frame("body"), "body", pipeline=short, on_error="keep", add=["warnings"]
    )
    assert made["body"].tolist() == [GOOD, "a" * 31, GOOD, "a" * 31]
    told = [bool(text) for text in made["body_warnings"]]
    assert told == [False, True, False, True]
    assert "31 characters" in made["body_warnings"].iloc[3]


def test_a_broken_pipeline_is_not_put_down_to_a_row() -> None:
    class Undeclared(Encoding):
        kinds = frozenset({"case"})

    with pytest.raises(PipelineError, match="declares only"):
        column(pd.Series([RAW]), pipeline=Pipeline((Undeclared(),)), on_error="keep")


@pytest.mark.parametrize("library", [pd, pl], ids=["pandas", "polars"])
def test_what_cannot_be_meant_is_refused(library: Any) -> None:
    frame = library.DataFrame({"body": [RAW], "clean": [1], "body_edits": [2]})
    for match, error, args, options in (
        ("name the column", TypeError, (), {}),
        ("no column is called 'text'", ValueError, ("text",), {}),
        ("a column 'clean' already", ValueError, ("body",), {"into": "clean"}),
        ("a column 'body_edits' already", ValueError, ("body",), {"add": ["edits"]}),
        ("not of 'colour'", ValueError, ("body",), {"add": ["colour"]}),
        ("on_error is", ValueError, ("body",), {"on_error": "drop"}),
    ):
        with pytest.raises(error, match=match):
            column(frame, *args, **options)
    for options in ({"column": "body"}, {"into": "clean"}, {"add": ["edits"]}):
        with pytest.raises(TypeError, match="to_frame"):
            column(frame["body"], **options)
    assert column(frame, "body", into="new", add=["edits"]).shape == (1, 5)


def test_two_columns_of_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="2 columns are called 'body'"):
        column(pd.DataFrame([[RAW, RAW]], columns=["body", "body"]), "body")


@pytest.mark.parametrize("other", [[RAW], RAW, None, {"body": [RAW]}, pd.Index([RAW])])
def test_what_is_no_table_is_refused(other: object) -> None:
    with pytest.raises(TypeError, match="a Series or a DataFrame of pandas or polars"):
        column(other)


# --- laws -----------------------------------------------------------------------------------------

PIECES = st.sampled_from([RAW, GOOD, SOUND, "", "naÃ¯ve", "Ã©"])
CELLS = st.lists(
    st.none() | PIECES | st.text(st.characters(codec="utf-8"), max_size=12), max_size=8
)


@settings(max_examples=60)
@given(CELLS)
def test_a_column_is_what_its_texts_give_alone(cells: list[str | None]) -> None:
    want = [text if text is None else DECODING(text).text for text in cells]
    assert column(pl.Series(cells, dtype=pl.String)).to_list() == want
    assert column(pd.Series(cells, dtype=object)).tolist() == want


def test_no_table_library_is_imported_without_its_tables() -> None:
    code = (
        "import sys, cleantext.column as c\n"
        "try: c.restore_column(['a'])\n"
        "except TypeError: pass\n"
        "print([name for name in ('pandas', 'polars', 'pyarrow') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
