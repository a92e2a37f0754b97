"""Restoring a column of a Spark frame: text, edits and diagnosis as columns. Home of pyspark.

The executors need this package installed, in the driver's version. The frame goes through
``mapInArrow`` a batch of rows at a time, and each Python worker loads the model once. (In
``mapInPandas`` the *other* columns would not survive: a large integer beside a null is rounded, NaN
and null become one, a time before 1677 ends the job.)
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from importlib import import_module
from os import PathLike
from pathlib import Path
from typing import TYPE_CHECKING

from cleantext import __version__
from cleantext.canon.library import Library, LibraryError
from cleantext.pipeline import Pipeline
from cleantext.spark_rows import SHAPES, Rows, Shape
from cleantext.tagger.onnx import MODEL_FOLDER, load_tagger

if TYPE_CHECKING:
    import pyarrow as pa
    from pyspark.sql import DataFrame
    from pyspark.sql.types import DataType, StructType

__all__ = ["Columns", "restore"]


@dataclass(frozen=True, slots=True)
class Columns:
    """Names of the columns that are added; None leaves one out, and what it costs.

    ``{}`` in a name stands for the name of the column that is restored. Where that column is null
    so are all of these.

    Attributes:
        text: the restored text; the text as it came where the record failed.
        edits: ``array<struct<pass, raw, start, before, after, kind, reason, confidence, group,
            normalizer>>`` in the order made: the fields of :class:`~cleantext.edits.Edit`, the
            number of the pass (from 1; ``start`` is a place in the text before that pass) and
            ``raw``, the place in the text as it came. All places are code points, from 0.
        diagnosis: ``struct<damages: array<struct<dimension, form, start, end, confidence,
            reason>>, left_alone: array<struct<start, end, reason>>>``, of the text as it came; null
            where the record failed.
        quality: share (0..1) of what was decided in doubt; null where the record failed.
        warnings: ``array<string>``, what could not be done.
        canonical_id: the id of the canonical version that the library had; else null.
        error: why the record failed and was left as it came; null where it did not.

    >>> Columns(edits=None).named("body")["text"]
    'body_restored'
    """

    text: str | None = "{}_restored"
    edits: str | None = "{}_edits"
    diagnosis: str | None = "{}_diagnosis"
    quality: str | None = "{}_quality"
    warnings: str | None = "{}_warnings"
    canonical_id: str | None = "{}_canonical_id"
    error: str | None = "{}_error"

    def named(self, column: str) -> dict[str, str]:
        """What is added for a column and under which names, in order; without what is left out."""
        return {what: name.replace("{}", column) for what, name in asdict(self).items() if name}


def restore(
    df: DataFrame,
    column: str,
    *,
    canonical: str | None = None,
    library: str | PathLike[str] | Library | None = None,
    pipeline: Pipeline | None = None,
    columns: Columns | None = None,
) -> DataFrame:
    """A Spark frame with a column of text restored; runs when Spark asks for the rows.

    All rows come back, with the columns they had, in order and unchanged, and those of
    :class:`Columns` behind them. A null stays null. A record that cannot be restored keeps its text
    and says why in the error column; only what would fail every record (no model, no library,
    another version of this package on the executor) fails the task.

    Args:
        df: any frame, streaming ones too.
        column: the column of strings to restore.
        canonical: a column of strings with a good version of the same story, or null.
        library: a file of canonical versions in which texts that come without one are looked up:
            at the same place on every machine, or sent with ``spark.sparkContext.addFile`` or
            ``spark-submit --files``.
        pipeline: the default one if None. Unless it sets ``threads``, each worker takes as many as
            ``spark.task.cpus`` gives its task.
        columns: the names of what is added.

    Raises:
        ImportError: if the extra ``spark`` is not installed.
        TypeError: if a column is not of strings, or Spark cannot hand one of the others to Python.
        ValueError: if there is no such column, or a name is taken.
    """
    _require_extra()
    fold = _fold_names(df)
    place = _string_column(df.schema, column, fold)
    other = None if canonical is None else _string_column(df.schema, canonical, fold)
    added = (columns or Columns()).named(column)
    _check_names(df.columns, list(added.values()), fold)
    pipeline = pipeline or Pipeline.default()
    if library is not None:
        pipeline = replace(pipeline, library=library)
    shipped = pipeline.model == MODEL_FOLDER
    return _mapped(df, _Worker(pipeline, Rows(place, other, added), shipped))


def _require_extra() -> None:
    try:
        for name in ("pyspark", "pandas", "pyarrow"):  # pyspark asks for pandas to hand rows over
            import_module(name)
    except ImportError as error:
        raise ImportError(
            f"restoring a column of a Spark frame needs the extra 'spark' ({error});"
            ' pip install "cleantext-news[spark]" on the driver and on the executors'
        ) from error


# --- what is checked before anything runs ---------------------------------------------------------


def _fold_names(df: DataFrame) -> Callable[[str], str]:
    """How Spark tells names apart: by default it takes ``Body`` and ``body`` for one."""
    exact = df.sparkSession.conf.get("spark.sql.caseSensitive", "false")
    return str if str(exact).lower() == "true" else str.lower


def _string_column(schema: StructType, name: str, fold: Callable[[str], str]) -> int:
    """The place of a column of strings."""
    from pyspark.sql.types import StringType

    places = [i for i, each in enumerate(schema.names) if fold(each) == fold(name)]
    if len(places) != 1:
        found = f"{len(places)} columns are" if places else "no column is"
        raise ValueError(f"{found} called {name!r}; there are {schema.names}")
    data_type = schema.fields[places[0]].dataType
    if not isinstance(data_type, StringType):
        binary = data_type.simpleString() == "binary"
        how = f"decode({name}, 'UTF-8')" if binary else f"cast({name} as string)"
        raise TypeError(
            f"column {name!r} is of type {data_type.simpleString()}, not of strings; make it one"
            f" before, for instance with df.withColumn({name!r}, expr({how!r}))"
        )
    return places[0]


def _check_names(present: Sequence[str], added: Sequence[str], fold: Callable[[str], str]) -> None:
    if not added:
        raise ValueError("every column of what is to be added was left out; keep at least the text")
    seen = {fold(name) for name in present}
    if len(seen) < len(present):
        raise ValueError(f"two columns of the frame have one name: {list(present)}; rename one")
    for name in added:
        if fold(name) in seen:
            raise ValueError(
                f"the frame has a column {name!r} already, or two are to be added under that name;"
                " give another one with columns=cleantext.spark.Columns(...)"
            )
        seen.add(fold(name))


def _mapped(df: DataFrame, worker: _Worker) -> DataFrame:
    from pyspark.errors import PySparkNotImplementedError
    from pyspark.sql.types import StructField, StructType

    new = [StructField(name, _spark_type(SHAPES[what])) for what, name in worker.rows.added.items()]
    try:
        return df.mapInArrow(worker, StructType([*df.schema.fields, *new]))
    except PySparkNotImplementedError as error:
        raise TypeError(
            f"Spark cannot hand one of the columns to Python ({error}); leave it out with df.drop,"
            " or cast it to a string"
        ) from error


def _spark_type(shape: Shape) -> DataType:
    from pyspark.sql import types

    if isinstance(shape, list):
        return types.ArrayType(_spark_type(shape[0]))
    if isinstance(shape, dict):
        return types.StructType([types.StructField(k, _spark_type(v)) for k, v in shape.items()])
    plain: dict[Shape, DataType] = {
        int: types.IntegerType(),
        float: types.DoubleType(),
        str: types.StringType(),
    }
    return plain[shape]


# --- what runs in a Python worker -----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Worker:
    """What the executors are sent: settings, never a model.

    Attributes:
        pipeline: as on the driver, whose paths need not hold on an executor.
        rows: what is read of each row and what is added.
        shipped: whether the model is the one in the package.
        version: of the package on the driver.
    """

    pipeline: Pipeline
    rows: Rows
    shipped: bool
    version: str = __version__

    def __call__(self, batches: Iterator[pa.RecordBatch]) -> Iterator[pa.RecordBatch]:
        """The batches of a partition with the columns added."""
        pipeline: Pipeline | None = None
        for batch in batches:
            if batch.num_rows:
                pipeline = pipeline or self._here()
                yield from self.rows.restored(batch, pipeline)

    def _here(self) -> Pipeline:
        """The pipeline with the paths and threads of this executor, and its model loaded."""
        from pyspark import TaskContext

        if self.version != __version__:
            raise RuntimeError(
                f"this executor has cleantext-news {__version__} and the driver has {self.version};"
                " install one version everywhere"
            )
        pipeline = self.pipeline
        if self.shipped:
            pipeline = replace(pipeline, model=MODEL_FOLDER)
        if pipeline.threads is None:
            context = TaskContext.get()
            pipeline = replace(pipeline, threads=int(context.cpus()) if context else 1)
        if isinstance(pipeline.library, Path):
            pipeline = replace(pipeline, library=_library_here(pipeline.library))
        load_tagger(pipeline.model, threads=pipeline.threads)  # so that its fault is no record's
        return pipeline


def _library_here(path: Path) -> Path:
    """The library's file on this machine."""
    from pyspark import SparkFiles

    if path.exists():
        return path
    sent = Path(SparkFiles.get(path.name))
    if not sent.exists():
        raise LibraryError(
            f"the library {path} is not on this machine; put it at that place on every one, or"
            " send it along with spark.sparkContext.addFile or spark-submit --files"
        )
    return sent
