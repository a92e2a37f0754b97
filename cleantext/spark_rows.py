"""Arrow rows with what was restored of them: the part of :mod:`cleantext.spark` that a worker runs.

Needs no Spark: record batches in, record batches out.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from cleantext.diagnosis import diagnose
from cleantext.document import Document, Origin
from cleantext.pipeline import Pipeline

if TYPE_CHECKING:
    import pyarrow as pa

__all__ = ["SHAPES", "Rows", "Shape"]

Shape = Any
"""``str``, ``int`` (32 bits), ``float`` (64 bits), ``[shape]`` of items, ``{field: shape}``."""

#: Rows and code points that are handed back in one batch: edits take many times the text's memory.
ROWS, CHARS = 256, 500_000

_EDIT = {
    **{"pass": int, "raw": int, "start": int, "before": str, "after": str, "kind": str},
    **{"reason": str, "confidence": float, "group": int, "normalizer": str},
}
_SPAN = {"start": int, "end": int}
_DAMAGE = {"dimension": str, "form": str, **_SPAN, "confidence": float, "reason": str}

#: What may be told of a record, and its shape.
SHAPES: Mapping[str, Shape] = {
    "text": str,
    "edits": [_EDIT],
    "diagnosis": {"damages": [_DAMAGE], "left_alone": [{**_SPAN, "reason": str}]},
    "quality": float,
    "warnings": [str],
    "canonical_id": str,
    "error": str,
}

#: A text, or its bytes where they are no UTF-8: Spark lets such strings pass.
Text = str | bytes | None


@dataclass(frozen=True, slots=True)
class Rows:
    """Adds columns to record batches. Pickles.

    Attributes:
        place: which column is restored, from 0.
        canonical: which holds canonical versions.
        added: what is told of each record (see :data:`SHAPES`) and under which name, in order.
    """

    place: int
    canonical: int | None
    added: Mapping[str, str]

    def restored(self, batch: pa.RecordBatch, pipeline: Pipeline) -> Iterator[pa.RecordBatch]:
        """A batch, in slices of bounded size, with the columns added; what it had stays.

        Raises:
            LibraryError, ModelError, PipelineError: what would fail every record. A record that
                fails by itself does not raise.
        """
        texts = _texts(batch.column(self.place))
        canonicals = None if self.canonical is None else _texts(batch.column(self.canonical))
        failed: dict[int, str] = {}

        def keep(row: int, text: object, error: Exception) -> Document:
            given = (text, canonicals[row] if canonicals else None)
            failed[row] = _reason(error, bad_bytes=any(isinstance(one, bytes) for one in given))
            return Document("", "")

        stream = pipeline.stream(
            texts,  # type: ignore[arg-type]  # bytes are refused, one by one, into `keep`
            ids=range(len(texts)),
            canonicals=canonicals,  # type: ignore[arg-type]
            on_error=keep,
        )
        start = size = 0
        rows: list[dict[str, Any]] = []
        for row, doc in stream:
            rows.append(self._told(texts[row], doc, failed.get(row)))
            size += len(doc.raw)
            if len(rows) >= ROWS or size >= CHARS:
                yield self._with_added(batch.slice(start, len(rows)), rows)
                start, size, rows = start + len(rows), 0, []
        if rows:
            yield self._with_added(batch.slice(start), rows)

    def _told(self, text: Text, doc: Document, error: str | None) -> dict[str, Any]:
        """What is told of a record; nothing of a null."""
        if text is None:
            return {}
        if error is not None:
            return {"text": text, "edits": [], "warnings": [], "error": error}
        return {
            "text": doc.text,
            "edits": _edits(doc) if "edits" in self.added else None,
            "diagnosis": diagnose(doc.raw).to_dict() if "diagnosis" in self.added else None,
            "quality": doc.quality,
            "warnings": doc.warnings,
            "canonical_id": doc.canonical_id or None,
        }

    def _with_added(self, batch: pa.RecordBatch, rows: list[dict[str, Any]]) -> pa.RecordBatch:
        import pyarrow as pa

        fields, arrays = list(batch.schema), list(batch.columns)
        for what, name in self.added.items():
            values = [row.get(what) for row in rows]
            data_type = _arrow_type(SHAPES[what])
            if what == "text":  # by way of bytes, for those that go back as they came
                encoded = pa.array([_encoded(value) for value in values], pa.binary())
                arrays.append(encoded.view(data_type))
            else:
                arrays.append(pa.array(values, data_type))
            fields.append(pa.field(name, data_type))
        return pa.RecordBatch.from_arrays(arrays, schema=pa.schema(fields))


def _arrow_type(shape: Shape) -> pa.DataType:
    import pyarrow as pa

    if isinstance(shape, list):
        return pa.list_(_arrow_type(shape[0]))
    if isinstance(shape, dict):
        return pa.struct([(name, _arrow_type(each)) for name, each in shape.items()])
    return {int: pa.int32, float: pa.float64, str: pa.string}[shape]()


def _texts(column: pa.Array) -> list[Text]:
    import pyarrow as pa

    large = pa.types.is_large_string(column.type)
    values = column.view(pa.large_binary() if large else pa.binary()).to_pylist()
    return [None if value is None else _decoded(value) for value in values]


def _decoded(value: bytes) -> str | bytes:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        return value


def _encoded(value: Text) -> bytes | None:
    return value.encode("utf-8") if isinstance(value, str) else value


def _reason(error: Exception, *, bad_bytes: bool) -> str:
    if bad_bytes:
        return (
            "the text or its canonical version is no valid UTF-8; decode the bytes by their own"
            " encoding before, for instance with decode(binary_column, 'windows-1252')"
        )
    return f"{type(error).__name__}: {error}"


def _edits(doc: Document) -> list[dict[str, Any]]:
    """The edits with the number of their pass and their place in the raw text."""
    found: list[dict[str, Any]] = []
    for number, made in enumerate(doc.passes):
        origin = Origin(doc.passes[:number])
        for edit in made.edits:
            found.append({"pass": number + 1, "raw": origin(edit.start), **edit.to_dict()})
    return found
