"""The pipeline: the only place where edits are applied."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Literal, Protocol, SupportsFloat, overload, runtime_checkable

from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edits import Edit, Kind, in_order
from cleantext.lexicon import Lexicon
from cleantext.normalizers import Casing, Encoding, Punctuation
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.memory import Memory
from cleantext.tagger.onnx import MODEL_FOLDER, ModelError, load_tagger
from cleantext.tagger.reading import plan, read_parts, settle

__all__ = ["Normalizer", "Pipeline", "PipelineError", "restore"]

#: Rounds after which a text that still changes is given up and left as it came.
ROUNDS = 4
#: Texts and code points that are read together.
BATCH_TEXTS, BATCH_CHARS = 64, 200_000

OnError = Literal["raise", "keep"] | Callable[[Any, object, Exception], Document | None]


class PipelineError(ValueError):
    """A pipeline that cannot be built, or a normalizer that broke its own declaration."""


@runtime_checkable
class Normalizer(Protocol):
    """A pure function from a draft to edits, with what it declares of itself.

    Attributes:
        name: unique in a pipeline.
        kinds: the kinds of edit it may propose; the pipeline refuses any other.

    One that has an attribute ``reads`` that is true gets the tagger's reading in the draft;
    neighbours in the pipeline that do share one reading and are applied in one pass. One that has
    an attribute ``reads_parts`` that is true gets the parts of what lost its layout.
    """

    @property
    def name(self) -> str:
        """Unique in a pipeline."""

    @property
    def kinds(self) -> frozenset[Kind]:
        """The kinds of edit it may propose."""

    def propose(self, draft: Draft) -> Iterable[Edit]:
        """The edits to make, for ``draft.text``."""


@dataclass(frozen=True)
class Pipeline:
    """Normalizers in their order, and the settings of a run. Holds no model; pickles.

    Attributes:
        normalizers: in the order in which they are applied.
        thresholds: the least probability of each kind of mark.
        min_confidence: a bar (0..1) for whole groups of edits, on top of the thresholds.
        max_chars: longest text taken, in code points.
        threads: windows read side by side; the number of processors if None.
        model: folder of the model; the shipped one by default.

    >>> Pipeline.default().without("punctuation").names
    ('encoding', 'casing')
    """

    normalizers: tuple[Normalizer, ...]
    thresholds: Thresholds = field(default_factory=Thresholds)
    min_confidence: float = 0.0
    max_chars: int = 2_000_000
    threads: int | None = None
    model: Path = MODEL_FOLDER

    def __post_init__(self) -> None:
        names = [normalizer.name for normalizer in self.normalizers]
        for name in names:
            if names.count(name) > 1:
                raise PipelineError(f"two normalizers are called {name!r}; names must be unique")
        if not 0 <= self.min_confidence <= 1:
            raise PipelineError(f"min_confidence is a share from 0 to 1, not {self.min_confidence}")
        object.__setattr__(self, "model", Path(self.model))

    @classmethod
    def default(cls, **settings: Any) -> Pipeline:
        """Encoding, casing and punctuation, in this order."""
        return cls((Encoding(), Casing(), Punctuation()), **settings)

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

    def __call__(self, text: str | None) -> Document:
        """One text restored.

        ``None`` and NaN, as tables hold them for missing text, give an empty document with a
        warning.

        Raises:
            TypeError: for bytes and anything else that is no text.
            ValueError: if the text is longer than ``max_chars``.
        """
        return self._run([_checked(text, self.max_chars)])[0]

    @overload
    def stream(
        self, texts: Iterable[str | None], *, on_error: OnError = "raise"
    ) -> Iterator[Document]: ...

    @overload
    def stream(
        self, texts: Iterable[str | None], *, ids: Iterable[Any], on_error: OnError = "raise"
    ) -> Iterator[tuple[Any, Document]]: ...

    def stream(
        self,
        texts: Iterable[str | None],
        *,
        ids: Iterable[Any] | None = None,
        on_error: OnError = "raise",
    ) -> Iterator[Document] | Iterator[tuple[Any, Document]]:
        """Many texts, lazily and in order; each result is what the text gives alone.

        Args:
            texts: read a batch ahead, never all.
            ids: one for each text; results are then pairs of id and document.
            on_error: what becomes of a text that cannot be taken. ``"raise"``; ``"keep"`` gives a
                document of the unchanged text with a warning; a callable gets id (or the text's
                number), text and error and gives a document, or None to leave the text out.

        Raises:
            PipelineError: if ``ids`` and ``texts`` are not of one length.
        """
        if not callable(on_error) and on_error not in ("raise", "keep"):
            raise PipelineError(f'on_error is "raise", "keep" or a callable, not {on_error!r}')
        if isinstance(texts, str | bytes):
            raise PipelineError("texts is one text; give a list of texts, or call the pipeline")
        if ids is None:
            return (doc for _, doc in self._stream(enumerate(texts), on_error))
        return self._stream(_paired(ids, texts), on_error)

    def _stream(
        self, pairs: Iterable[tuple[Any, object]], on_error: OnError
    ) -> Iterator[tuple[Any, Document]]:
        for batch in _batches(pairs):
            yield from self._settle_batch(batch, on_error)

    def _settle_batch(
        self, batch: list[tuple[Any, object]], on_error: OnError
    ) -> Iterator[tuple[Any, Document]]:
        """A batch in one go; where it fails, text by text, to find the one that is at fault."""
        try:
            done = self._run([_checked(text, self.max_chars) for _, text in batch])
        except (ModelError, PipelineError):  # the job is at fault, not a text
            raise
        except Exception:
            done = None
        if done is not None:
            yield from zip((key for key, _ in batch), done, strict=True)
            return
        for key, text in batch:
            try:
                kept: Document | None = self._run([_checked(text, self.max_chars)])[0]
            except (ModelError, PipelineError):
                raise
            except Exception as error:
                if on_error == "raise":
                    raise
                kept = _on_error(key, text, error, on_error)
            if kept is not None:
                yield key, kept

    def _run(self, documents: Sequence[Document]) -> list[Document]:
        """Rounds of all passes until nothing more is proposed: a second run changes nothing."""
        done = list(documents)
        active = list(range(len(done)))
        shares: dict[int, float] = {}
        memory = Memory()
        for _ in range(ROUNDS):
            before = [done[i] for i in active]
            after = self._round(before, shares, active, memory)
            for i, doc in zip(active, after, strict=True):
                done[i] = doc
            active = [
                i
                for i, old, new in zip(active, before, after, strict=True)
                if len(new.passes) > len(old.passes)
            ]
            if not active:
                break
        for i in active:
            warning = f"left as it came: its edits did not settle in {ROUNDS} rounds"
            done[i] = replace(Document.start(done[i].raw), warnings=(warning,))
        return [
            replace(doc, quality=shares[i]) if shares.get(i) else doc for i, doc in enumerate(done)
        ]

    def _round(
        self,
        documents: list[Document],
        shares: dict[int, float],
        numbers: list[int],
        memory: Memory,
    ) -> list[Document]:
        for stage in self._stages():
            drafts = [Draft(doc, frozenset(n.name for n in stage)) for doc in documents]
            if getattr(stage[0], "reads_parts", False):
                self._read_parts(drafts, numbers, memory)
            if getattr(stage[0], "reads", False):
                self._read(drafts, numbers, memory)
                for i, draft in zip(numbers, drafts, strict=True):
                    if draft.reading.open and i not in shares:
                        shares[i] = round(draft.reading.unsure / draft.reading.open, 4)
            documents = [draft.document.after_pass(self._collect(stage, draft)) for draft in drafts]
        return documents

    def _stages(self) -> list[list[Normalizer]]:
        """Normalizers that are applied in one pass: neighbours that share a reading."""
        stages: list[list[Normalizer]] = []
        for normalizer in self.normalizers:
            reads = getattr(normalizer, "reads", False)
            if stages and reads and getattr(stages[-1][-1], "reads", False):
                stages[-1].append(normalizer)
            else:
                stages.append([normalizer])
        return stages

    def _read_parts(self, drafts: list[Draft], numbers: list[int], memory: Memory) -> None:
        """Give every draft the parts of what lost its layout."""
        plans = []
        for draft in drafts:
            lost = any(damage.dimension == "layout" for damage in draft.diagnosis.damages)
            regions = plan(draft.words, draft.diagnosis, gaps=True) if lost else ()
            plans.append((draft.words, tuple(r for r in regions if r.evidence.layout.any())))
        if any(regions for _, regions in plans):
            tagger = load_tagger(self.model, threads=self.threads)
            found = read_parts(plans, tagger, memory=memory, numbers=numbers)
            for draft, parts in zip(drafts, found, strict=True):
                draft.parts = parts

    def _read(self, drafts: list[Draft], numbers: list[int], memory: Memory) -> None:
        """Give every draft its reading; the model is loaded only if something is to be read."""
        gaps = Punctuation.name in drafts[0].partners
        plans = [(draft.words, plan(draft.words, draft.diagnosis, gaps=gaps)) for draft in drafts]
        if not any(regions for _, regions in plans):
            return
        tagger = load_tagger(self.model, threads=self.threads)
        readings = settle(
            plans,
            tagger,
            memory=memory,
            numbers=numbers,
            thresholds=self.thresholds,
            lexicon=_lexicon(self.model),
        )
        for draft, reading in zip(drafts, readings, strict=True):
            draft.reading = reading

    def _collect(self, stage: list[Normalizer], draft: Draft) -> tuple[Edit, ...]:
        """The edits of a stage, checked against what each normalizer declared."""
        edits: list[Edit] = []
        for normalizer in stage:
            for edit in normalizer.propose(draft):
                if edit.kind not in normalizer.kinds:
                    raise PipelineError(
                        f"{normalizer.name!r} proposed a {edit.kind!r} edit but declares only"
                        f" {sorted(normalizer.kinds)}"
                    )
                edits.append(edit if edit.normalizer else replace(edit, normalizer=normalizer.name))
        made = draft.document.passes
        taken = max((edit.group for each in made for edit in each.edits), default=0)
        kept = _above(edits, self.min_confidence)
        if taken:  # numbers of groups hold for a whole document
            kept = [replace(e, group=e.group + taken) if e.group else e for e in kept]
        return in_order(kept)


def _lexicon(model: Path) -> Lexicon:
    """The word list of a model's folder; the shipped one if it has none."""
    own = model / "lexicon.tsv"
    return Lexicon.load(own) if own.exists() and model != MODEL_FOLDER else Lexicon.load()


def _above(edits: list[Edit], bar: float) -> list[Edit]:
    """The edits whose whole group is at least as sure as the bar."""
    if bar <= 0:
        return edits
    low = {edit.group for edit in edits if edit.group and edit.confidence < bar}
    return [
        edit for edit in edits if edit.group not in low and (edit.group or edit.confidence >= bar)
    ]


def _checked(text: object, max_chars: int) -> Document:
    """A document to start from, or a clear error."""
    if _is_missing(text):
        return Document("", "", warnings=("there was no text: None or NaN",))
    if isinstance(text, bytes | bytearray | memoryview):
        raise TypeError(
            'the text is bytes; decode it first, for instance text.decode("utf-8", "replace")'
        )
    if not isinstance(text, str):
        raise TypeError(f"a text is a str; got {type(text).__name__}")
    if len(text) > max_chars:
        raise ValueError(
            f"the text has {len(text):,} characters, more than max_chars ({max_chars:,});"
            " split it, or raise max_chars"
        )
    return Document.start(str.__str__(text))


_END = object()


def _is_missing(text: object) -> bool:
    """None, and what tables hold for it: NaN of any float type, ``pandas.NA``."""
    if text is None or type(text).__name__ == "NAType":
        return True
    return not isinstance(text, str) and isinstance(text, SupportsFloat) and math.isnan(text)


def _paired(ids: Iterable[Any], texts: Iterable[object]) -> Iterator[tuple[Any, object]]:
    more_ids, more_texts = iter(ids), iter(texts)
    while True:
        key, text = next(more_ids, _END), next(more_texts, _END)
        if key is _END and text is _END:
            return
        if key is _END or text is _END:
            raise PipelineError("there must be one id for each text")
        yield key, text


def _batches(pairs: Iterable[tuple[Any, object]]) -> Iterator[list[tuple[Any, object]]]:
    """Batches of at most so many texts and, but for giants, so many code points.

    What was read before the source failed comes out before its error does.
    """
    batch: list[tuple[Any, object]] = []
    size = 0
    failure: BaseException | None = None
    iterator = iter(pairs)
    while failure is None:
        try:
            pair = next(iterator)
        except BaseException as error:
            failure = error
        else:
            batch.append(pair)
            size += len(pair[1]) if isinstance(pair[1], str) else 0
        if batch and (failure or size >= BATCH_CHARS or len(batch) >= BATCH_TEXTS):
            yield batch
            batch, size = [], 0
    if not isinstance(failure, StopIteration):
        raise failure


def _on_error(key: Any, text: object, error: Exception, on_error: OnError) -> Document | None:
    if isinstance(on_error, str):
        raw = text if isinstance(text, str) else ""
        return Document(raw, raw, warnings=(f"left as it came: {error}",))
    return on_error(key, text, error)


def restore(text: str | None, *, min_confidence: float | None = None) -> Document:
    """Give one text back its casing, punctuation and paragraphs, with the default pipeline.

    Args:
        text: the copy; ``None`` and NaN give an empty document.
        min_confidence: leave out groups of edits that are less sure (0..1).

    Raises:
        TypeError: for bytes and anything else that is no text.
        ValueError: if the text is longer than two million characters.
    """
    return Pipeline.default(min_confidence=min_confidence or 0.0)(text)
