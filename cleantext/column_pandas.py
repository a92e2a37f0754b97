"""Columns of pandas: what :func:`cleantext.column.restore_column` needs of them."""

from __future__ import annotations

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

from cleantext.cells import CELL_TYPES, Cell, Fact

__all__ = ["PandasColumns"]

#: Types that hold missing values of their own, in every version of pandas.
_DTYPES = {str: "string", int: "Int64", float: "float64"}


class PandasColumns:
    """See :class:`cleantext.column.Columns`."""

    def values(self, series: Any) -> list[object]:
        """The values, None for ``None``, NaN, ``pd.NA`` and NaT."""
        missing = series.isna()
        return [None if gone else value for value, gone in zip(series, missing, strict=True)]

    def place(self, series: Any, row: int) -> str:
        """Number and label of a row."""
        return f"row {row} (index {series.index[row]!r})"

    def same_rows(self, series: Any, other: Any) -> bool:
        """Whether the indices are the same; a series of polars has none."""
        return not hasattr(other, "index") or series.index.equals(other.index)

    def with_texts(self, series: Any, texts: Sequence[str | None]) -> Any:
        """A series of the same index, name, attributes and type."""
        import pandas as pd

        if not any(text is not None for text in texts):
            return series.copy()
        values: Any = [old if new is None else new for old, new in zip(series, texts, strict=True)]
        dtype = series.dtype
        if isinstance(dtype, pd.CategoricalDtype):
            values, dtype = _categorical(series, values), None
        made = pd.Series(values, index=series.index, name=series.name, dtype=dtype)
        made.attrs = dict(series.attrs)
        return made

    def with_columns(self, frame: Any, columns: Mapping[Hashable, Any]) -> Any:
        """A frame of its own."""
        made = frame.assign()  # a copy that is lazy where this version of pandas has lazy ones
        for name, series in columns.items():
            made[name] = series
        return made

    def cells(self, series: Any, fact: Fact, values: Sequence[Cell | None]) -> Any:
        """A series with the same index."""
        import pandas as pd

        return pd.Series(values, index=series.index, dtype=_DTYPES[CELL_TYPES[fact]])


def _categorical(series: Any, values: Sequence[object]) -> Any:
    """Values as categories, in the order of those that they were made from."""
    import pandas as pd

    codes = series.cat.codes.to_numpy()
    ordered = dict.fromkeys(values[row] for row in codes.argsort(kind="stable") if codes[row] >= 0)
    return pd.Categorical(values, categories=list(ordered), ordered=series.cat.ordered)
