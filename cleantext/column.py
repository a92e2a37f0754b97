"""A column of texts restored, in the tables of pandas and polars.

Neither library is imported until one of its tables comes in: a table is known by the module that
its class comes from.
"""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, NoReturn, Protocol, TypeVar, cast

from cleantext.cells import FACTS, Cell, Fact, cell
from cleantext.pipeline import Pipeline

__all__ = ["Columns", "restore_column"]

Table = TypeVar("Table")

_LAZY = (
    "a LazyFrame has not read its texts yet: call collect() first, or go through it in parts with"
    " frame.map_batches(lambda part: restore_column(part, column))"
)


class Columns(Protocol):
    """What differs between pandas and polars; a series is theirs, rows count from 0."""

    def values(self, series: Any) -> list[object]:
        """The values in their order, None for each that is missing.

        Raises:
            TypeError: if a column of this type cannot take restored text.
        """

    def place(self, series: Any, row: int) -> str:
        """How a person finds a row."""

    def same_rows(self, series: Any, other: Any) -> bool:
        """Whether the rows of two series of one length are the same as far as one can tell."""

    def with_texts(self, series: Any, texts: Sequence[str | None]) -> Any:
        """A new series with these texts; where there is None, the value stays as it is."""

    def with_columns(self, frame: Any, columns: Mapping[Hashable, Any]) -> Any:
        """A new frame with further columns, and other ones in place of those of the same name."""

    def cells(self, series: Any, fact: Fact, values: Sequence[Cell | None]) -> Any:
        """A series of one fact, with the rows of another series."""


def restore_column(
    data: Table,
    column: Hashable | None = None,
    *,
    canonical: object = None,
    into: Hashable | None = None,
    add: Sequence[Fact] = (),
    pipeline: Pipeline | None = None,
    on_error: Literal["raise", "keep"] = "raise",
) -> Table:
    """The texts of a Series, or of one column of a DataFrame, restored; the input stays as it is.

    Missing values (``None``, NaN, ``pd.NA``, null) stay what they are, and so do index, name, order
    and type of the column. A categorical column stays one, with the restored texts as its
    categories. A text that stands in many rows is read once.

    Args:
        data: a Series or DataFrame of pandas or polars.
        column: name of the column of texts; for a DataFrame only.
        canonical: good versions of the same stories, where there are some: a Series with the same
            rows, or the name of a column of the DataFrame.
        into: name of a new column for the restored texts; without it they take the place of the
            raw ones. For a DataFrame only.
        add: what to tell of each text in a further column, named ``{column}_{fact}`` after the
            column of restored texts; see :data:`cleantext.cells.Fact`. For a DataFrame only.
        pipeline: the default pipeline if None.
        on_error: what becomes of a value that is no text, or that the pipeline cannot take:
            ``"raise"``, or ``"keep"`` to leave it as it is (and say so in the fact ``warnings``).

    Returns:
        a Series for a Series, a DataFrame for a DataFrame.

    Raises:
        TypeError: if ``data`` is something else, or a value is no text.
        ValueError: if there is no such column, a new one would replace another, or a text cannot be
            taken.
    """
    if on_error not in ("raise", "keep"):
        raise ValueError(f'on_error is "raise" or "keep", not {on_error!r}')
    library, kind = _table(data)
    columns = _columns(library)
    work = _Work(columns, pipeline or Pipeline.default(), on_error)
    if kind == "Series":
        if column is not None or into is not None or add:
            raise TypeError(
                "column=, into= and add= are for a DataFrame; make the Series one with to_frame()"
            )
        texts, _ = work.restored(data, _versions(columns, None, data, canonical), ())
        return cast(Table, texts)
    series = _column(data, column)
    target = column if into is None else into
    names = _new_names(data, target, add, replaces=into is None or into == column)
    texts, facts = work.restored(series, _versions(columns, data, series, canonical), tuple(names))
    made = {target: texts} | {names[fact]: told for fact, told in facts.items()}
    return cast(Table, columns.with_columns(data, made))


# --- what was given -------------------------------------------------------------------------------


def _table(data: object) -> tuple[str, str]:
    """The library of a table and what it is there, or a clear error."""
    for made in type(data).__mro__:
        library = made.__module__.partition(".")[0]
        if library in ("pandas", "polars") and made.__name__ in ("Series", "DataFrame"):
            return library, made.__name__
        if (library, made.__name__) == ("polars", "LazyFrame"):
            raise TypeError(_LAZY)
    raise TypeError(
        "restore_column takes a Series or a DataFrame of pandas or polars, not"
        f" {type(data).__name__}; for one text call cleantext.restore(text), for any other series"
        " of texts cleantext.Pipeline.default().stream(texts)"
    )


def _columns(library: str) -> Columns:
    if library == "pandas":
        from cleantext.column_pandas import PandasColumns

        return PandasColumns()
    from cleantext.column_polars import PolarsColumns

    return PolarsColumns()


def _column(frame: Any, name: Hashable) -> Any:
    """One column of a frame, or a clear error."""
    there = list(frame.columns)
    if name is None:
        raise TypeError(f"name the column of texts: restore_column(frame, column); it has {there}")
    if there.count(name) != 1:
        many = f"{there.count(name)} columns are" if name in there else "no column is"
        raise ValueError(f"{many} called {name!r}; the frame has {there}")
    return frame[name]


def _new_names(
    frame: Any, target: Hashable, add: Sequence[Fact], *, replaces: bool
) -> dict[Fact, Hashable]:
    """The names of the columns of facts; an error if a new column would replace another."""
    for fact in add:
        if fact not in FACTS:
            raise ValueError(f"add= is a list of {', '.join(FACTS)}; not of {fact!r}")
    names = {fact: _fact_name(target, fact) for fact in add}
    there = set(frame.columns)
    for name in (*names.values(), *(() if replaces else (target,))):
        if name in there:
            raise ValueError(
                f"there is a column {name!r} already, and it would be lost: drop or rename it, or"
                " give another name with into="
            )
    return names


def _fact_name(column: Hashable, fact: Fact) -> Hashable:
    if isinstance(column, tuple):  # pandas: a name in several levels
        return (*column[:-1], f"{column[-1]}_{fact}")
    return f"{column}_{fact}"


def _versions(columns: Columns, frame: Any, series: Any, canonical: object) -> list[object]:
    """The canonical version of each row, None where there is none."""
    if canonical is None:
        return [None] * len(series)
    if isinstance(canonical, Hashable):  # no Series is
        if frame is None:
            raise TypeError("canonical= for a Series is another Series, with the same rows")
        return columns.values(_column(frame, canonical))
    library, kind = _table(canonical)
    if kind != "Series":
        raise TypeError("canonical= is a Series or a column's name, not a DataFrame")
    other: Any = canonical
    if len(other) != len(series) or not columns.same_rows(series, other):
        raise ValueError(
            "canonical= does not have the rows of the texts: it must be as long and, in pandas,"
            " have the same index (reindex it, or reset the index of both)"
        )
    return _columns(library).values(other)


# --- the work -------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Work:
    """The settings of a call."""

    columns: Columns
    pipeline: Pipeline
    on_error: Literal["raise", "keep"]

    def restored(
        self, series: Any, versions: Sequence[object], facts: tuple[Fact, ...]
    ) -> tuple[Any, dict[Fact, Any]]:
        """A series with its texts restored, and a series for each fact."""
        texts: list[str | None] = [None] * len(series)
        told: dict[Fact, list[Cell | None]] = {fact: [None] * len(series) for fact in facts}
        rows = self._rows(series, versions, told.get("warnings", []))

        def stop(places: Sequence[int], text: object, error: Exception) -> NoReturn:
            raise ValueError(f"{self.columns.place(series, places[0])}: {error}") from error

        for places, document in self.pipeline.stream(
            (text for text, _ in rows),
            ids=rows.values(),
            canonicals=(version for _, version in rows),
            on_error="keep" if self.on_error == "keep" else stop,
        ):
            # read off at once and let go: a document is many times the size of its text
            cells = {fact: cell(document, fact) for fact in facts}
            for row in places:
                texts[row] = document.text if document.changed else None
                for fact, value in cells.items():
                    told[fact][row] = value
        made = {fact: self.columns.cells(series, fact, values) for fact, values in told.items()}
        return self.columns.with_texts(series, texts), made

    def _rows(
        self, series: Any, versions: Sequence[object], warnings: list[Cell | None]
    ) -> dict[tuple[str, str | None], list[int]]:
        """The rows of each text with its canonical version, in the order of the first of them."""
        rows: dict[tuple[str, str | None], list[int]] = {}
        values = self.columns.values(series)
        for row, (value, version) in enumerate(zip(values, versions, strict=True)):
            if value is None:
                continue
            if isinstance(value, str) and (version is None or isinstance(version, str)):
                rows.setdefault((value, version), []).append(row)
                continue
            what, wrong = (
                ("canonical version", version) if isinstance(value, str) else ("text", value)
            )
            problem = f"the {what} is of type {type(wrong).__name__}, not str"
            if self.on_error == "raise":
                raise TypeError(
                    f"{self.columns.place(series, row)}: {problem}; decode or convert it, or leave"
                    ' such rows as they are with on_error="keep"'
                )
            if warnings:
                warnings[row] = f"left as it came: {problem}"
        return rows
