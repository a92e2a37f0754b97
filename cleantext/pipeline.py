"""The pipeline: normalizers in their order, one text or a stream of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from os import PathLike
from pathlib import Path
from typing import Any, Literal, overload

from cleantext.canon.library import Library, LibraryError
from cleantext.canon.lookup import look_up
from cleantext.document import Document
from cleantext.normalizers import (
    Boilerplate,
    Canonical,
    Casing,
    Edges,
    Encoding,
    Glued,
    Punctuation,
)
from cleantext.passes import Normalizer, PipelineError
from cleantext.rounds import Job, run
from cleantext.streams import Item, batches, is_missing, items
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.onnx import MODEL_FOLDER, ModelError

__all__ = ["Normalizer", "Pipeline", "PipelineError", "restore"]

_JOB_ERRORS = (LibraryError, ModelError, PipelineError)

OnError = Literal["raise", "keep"] | Callable[[Any, object, Exception], Document | None]


@dataclass(frozen=True)
class Pipeline:
    """Normalizers in their order, and the settings of a run. Holds no model; pickles.

    Attributes:
        normalizers: in the order in which they are applied.
        thresholds: the least probability of each kind of mark.
        min_confidence: a bar (0..1) for whole groups of edits, on top of the thresholds.
        max_chars: longest text taken, in code points.
        threads: windows read side by side; as many as processors, at most 8, if None.
        model: folder of the model; the shipped one by default.
        library: stories (a :class:`~cleantext.canon.library.Library` or its file) in which the
            canonical version of each text that comes without one is looked up.

    >>> Pipeline.default().without("punctuation").names
    ('encoding', 'boilerplate', 'edges', 'glued', 'casing', 'canonical')
    """

    normalizers: tuple[Normalizer, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    min_confidence: float = 0.0
    max_chars: int = 2_000_000
    threads: int | None = None
    model: Path = MODEL_FOLDER
    library: str | PathLike[str] | Library | None = None

    def __post_init__(self) -> None:
        names = [normalizer.name for normalizer in self.normalizers]
        for name in names:
            if names.count(name) > 1:
                raise PipelineError(f"two normalizers are called {name!r}; names must be unique")
        if not 0 <= self.min_confidence <= 1:
            raise PipelineError(f"min_confidence is a share from 0 to 1, not {self.min_confidence}")
        object.__setattr__(self, "model", Path(self.model))
        if self.library is not None:  # held by its path, so that the pipeline pickles
            held = self.library
            path = held.path if isinstance(held, Library) else Path(held).absolute()
            object.__setattr__(self, "library", path)

    @classmethod
    def default(cls, **settings: Any) -> Pipeline:
        """The normalizers of this package: the last three share one reading and one pass."""
        apart = Encoding(), Boilerplate(), Edges(), Glued()
        return cls((*apart, Casing(), Punctuation(), Canonical()), **settings)

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the normalizers."""
        return tuple(normalizer.name for normalizer in self.normalizers)

    def without(self, *names: str) -> Pipeline:
        """This pipeline without the normalizers of these names.

        Raises:
            PipelineError: if there is none of a name.
        """
        for name in names:
            self._index(name)
        kept = tuple(n for n in self.normalizers if n.name not in names)
        return replace(self, normalizers=kept)

    def adding(self, normalizer: Normalizer, *, before: str | None = None) -> Pipeline:
        """This pipeline with one more normalizer, at the end or before a named one."""
        at = len(self.normalizers) if before is None else self._index(before)
        made = (*self.normalizers[:at], normalizer, *self.normalizers[at:])
        return replace(self, normalizers=made)

    def _index(self, name: str) -> int:
        if name not in self.names:
            raise PipelineError(f"no normalizer is called {name!r}; there are {self.names}")
        return self.names.index(name)

    # --- running ----------------------------------------------------------------------------------

    def __call__(self, text: str | None, *, canonical: str | None = None) -> Document:
        """One text restored.

        ``None`` and NaN, as tables hold them for missing text, give an empty document with a
        warning.

        Args:
            text: the copy.
            canonical: a good version of the same story: what was lost comes from it wherever
                the words agree. One of another story is ignored, with a warning.

        Raises:
            TypeError: for bytes and anything else that is no text.
            ValueError: if the text or the canonical version is longer than ``max_chars``.
        """
        return self._run([self._job(text, canonical)])[0]

    def _run(self, jobs: Sequence[Job]) -> list[Document]:
        """Jobs done, those without a canonical version with the one that the library has."""
        if isinstance(self.library, Path):
            texts = ["" if job.canonical else job.document.raw for job in jobs]
            found = look_up(self.library, texts)
            jobs = [
                replace(job, canonical=match.text, canonical_id=match.id) if match else job
                for job, match in zip(jobs, found, strict=True)
            ]
        return run(self, jobs)

    def _job(self, text: object, canonical: object = None) -> Job:
        """A text to restore, or a clear error."""
        document = _checked(text, self.max_chars)
        if is_missing(canonical):
            return Job(document)
        return Job(document, _checked(canonical, self.max_chars, _CANONICAL).raw or None)

    @overload
    def stream(
        self,
        texts: Iterable[str | None],
        *,
        canonicals: Iterable[str | None] | None = None,
        on_error: OnError = "raise",
    ) -> Iterator[Document]: ...

    @overload
    def stream(
        self,
        texts: Iterable[str | None],
        *,
        ids: Iterable[Any],
        canonicals: Iterable[str | None] | None = None,
        on_error: OnError = "raise",
    ) -> Iterator[tuple[Any, Document]]: ...

    def stream(
        self,
        texts: Iterable[str | None],
        *,
        ids: Iterable[Any] | None = None,
        canonicals: Iterable[str | None] | None = None,
        on_error: OnError = "raise",
    ) -> Iterator[Document] | Iterator[tuple[Any, Document]]:
        """Many texts, lazily and in order; each result is what the text gives alone.

        Args:
            texts: read a batch ahead, never all.
            ids: one for each text; results are then pairs of id and document.
            canonicals: for each text a good version of the same story, or None.
            on_error: what becomes of a text that cannot be taken. ``"raise"``; ``"keep"`` gives a
                document of the unchanged text with a warning; a callable gets id (or the text's
                number), text and error and gives a document, or None to leave the text out.

        Raises:
            PipelineError: if ``ids`` or ``canonicals`` and ``texts`` are not of one length.
        """
        if not callable(on_error) and on_error not in ("raise", "keep"):
            raise PipelineError(f'on_error is "raise", "keep" or a callable, not {on_error!r}')
        if isinstance(texts, str | bytes):
            raise PipelineError("texts is one text; give a list of texts, or call the pipeline")
        stream = self._stream(items(texts, ids, canonicals), on_error)
        return (doc for _, doc in stream) if ids is None else stream

    def _stream(self, items: Iterable[Item], on_error: OnError) -> Iterator[tuple[Any, Document]]:
        for batch in batches(items):
            yield from self._settle_batch(batch, on_error)

    def _settle_batch(self, batch: list[Item], on_error: OnError) -> Iterator[tuple[Any, Document]]:
        """A batch in one go; where it fails, text by text, to find the one that is at fault."""
        try:
            done = self._run([self._job(item.text, item.canonical) for item in batch])
        except _JOB_ERRORS:  # the job is at fault, not a text
            raise
        except Exception:
            done = None
        if done is not None:
            yield from zip((item.key for item in batch), done, strict=True)
            return
        for key, text, canonical in batch:
            try:
                kept: Document | None = self._run([self._job(text, canonical)])[0]
            except _JOB_ERRORS:
                raise
            except Exception as error:
                if on_error == "raise":
                    raise
                kept = _on_error(key, text, error, on_error)
            if kept is not None:
                yield key, kept


_CANONICAL = "canonical version"


def _checked(text: object, max_chars: int, what: str = "text") -> Document:
    """A document to start from, or a clear error."""
    if is_missing(text):
        return Document("", "", warnings=("there was no text: None or NaN",))
    if isinstance(text, bytes | bytearray | memoryview):
        raise TypeError(
            f'the {what} is bytes; decode it first, for instance text.decode("utf-8", "replace")'
        )
    if not isinstance(text, str):
        raise TypeError(f"a {what} is a str; got {type(text).__name__}")
    if len(text) > max_chars:
        raise ValueError(
            f"the {what} has {len(text):,} characters, more than max_chars ({max_chars:,});"
            " split it, or raise max_chars"
        )
    return Document.start(str.__str__(text))


def _on_error(key: Any, text: object, error: Exception, on_error: OnError) -> Document | None:
    if isinstance(on_error, str):
        raw = text if isinstance(text, str) else ""
        return Document(raw, raw, warnings=(f"left as it came: {error}",))
    return on_error(key, text, error)


def restore(
    text: str | None, *, canonical: str | None = None, min_confidence: float | None = None
) -> Document:
    """Give one text back its casing, punctuation and paragraphs, with the default pipeline.

    Args:
        text: the copy; ``None`` and NaN give an empty document.
        canonical: a good version of the same story: what was lost comes from it wherever the
            words agree. One of another story is ignored, with a warning.
        min_confidence: leave out groups of edits that are less sure (0..1).

    Raises:
        TypeError: for bytes and anything else that is no text.
        ValueError: if the text is longer than two million characters.
    """
    return Pipeline.default(min_confidence=min_confidence or 0.0)(text, canonical=canonical)
