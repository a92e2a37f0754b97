"""Columns of polars: what :func:`cleantext.column.restore_column` needs of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from math import isnan
from typing import Any

from cleantext.cells import CELL_TYPES, Cell, Fact

__all__ = ["PolarsColumns"]


class PolarsColumns:
    """See :class:`cleantext.column.Columns`."""

    def values(self, series: Any) -> list[object]:
        """The values, None for null and NaN."""
        import polars as pl

        if series.dtype == pl.Enum:
            raise TypeError(
                f"column {series.name!r} is an Enum, which takes no text but its own:"
                " cast it to pl.String first"
            )
        return [None if _is_nan(value) else value for value in series.to_list()]

    def place(self, series: Any, row: int) -> str:
        """Number of a row and name of its column."""
        return f"row {row} of column {series.name!r}"

    def same_rows(self, series: Any, other: Any) -> bool:
        """Rows have no label here: those at the same place belong together."""
        return True

    def with_texts(self, series: Any, texts: Sequence[str | None]) -> Any:
        """A series of the same name and type."""
        import polars as pl

        if not any(text is not None for text in texts):
            return series.clone()
        values = [old if new is None else new for old, new in zip(series, texts, strict=True)]
        if series.dtype == pl.Categorical:
            return pl.Series(series.name, values, dtype=pl.String).cast(series.dtype)
        return pl.Series(series.name, values, dtype=series.dtype)

    def with_columns(self, frame: Any, columns: Mapping[Hashable, Any]) -> Any:
        """A frame that shares what did not change with the one it is made from.

        Raises:
            TypeError: if a name is no text; pandas takes others, polars does not.
        """
        for name in columns:
            if not isinstance(name, str):
                raise TypeError(f"into= is a str for a frame of polars, not {name!r}")
        return frame.with_columns(series.alias(name) for name, series in columns.items())

    def cells(self, series: Any, fact: Fact, values: Sequence[Cell | None]) -> Any:
        """A series of the fact's type."""
        import polars as pl

        dtypes: Mapping[type[Cell], Any] = {str: pl.String, int: pl.Int64, float: pl.Float64}
        return pl.Series(fact, values, dtype=dtypes[CELL_TYPES[fact]])


def _is_nan(value: object) -> bool:
    return isinstance(value, float) and isnan(value)
