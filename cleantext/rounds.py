"""Running a pipeline: rounds of passes over a batch of texts. The only place that applies edits."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Protocol

from cleantext.boilerplate.layout import find
from cleantext.boilerplate.suspects import headline_runs
from cleantext.canon.evidence import Version
from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.lexicon import Lexicon
from cleantext.normalizers.canonical import Canonical
from cleantext.normalizers.punctuation import Punctuation
from cleantext.passes import Normalizer, collect, told
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.memory import Memory
from cleantext.tagger.onnx import MODEL_FOLDER, load_tagger
from cleantext.tagger.parts import Stretch
from cleantext.tagger.reading import Region, plan, read_parts, settle
from cleantext.words import split

__all__ = ["ROUNDS", "Job", "Settings", "run"]

#: Words read on each side of lines that look like headlines.
BESIDE = 24
#: Rounds after which a text that still changes is given up and left as it came.
ROUNDS = 4
#: Shares of a batch on their way at once, how many there are at most, and the least code points of
#: one: while the windows of one share are read, the texts of another are diagnosed and decided.
_AT_ONCE, _SHARES, _SHARE_CHARS = 3, 16, 4_000
_OTHER_STORY = "the canonical version was left out of account: it is of another story"


class Settings(Protocol):
    """What of a pipeline a run needs."""

    @property
    def normalizers(self) -> tuple[Normalizer, ...]:
        """In the order in which they are applied."""

    @property
    def thresholds(self) -> Thresholds:
        """The least probability of each kind of mark."""

    @property
    def min_confidence(self) -> float:
        """A bar (0..1) for whole groups of edits."""

    @property
    def threads(self) -> int | None:
        """Windows read side by side."""

    @property
    def model(self) -> Path:
        """Folder of the model."""


@dataclass(frozen=True, slots=True)
class Job:
    """One text to restore.

    Attributes:
        document: the text as it came, or with what was done so far.
        canonical: a good version of the same story, if there is one.
        canonical_id: its id, if a library had it.
    """

    document: Document
    canonical: str | None = None
    canonical_id: str = ""


def run(settings: Settings, jobs: Sequence[Job]) -> list[Document]:
    """Rounds of all passes until nothing more is proposed: a second run changes nothing."""
    shares = [jobs] if settings.threads == 1 else _shares(jobs)
    if len(shares) == 1:
        return _Run(settings, jobs).documents()
    pool = ThreadPoolExecutor(_AT_ONCE, "cleantext-share")
    try:
        done = pool.map(lambda share: _Run(settings, share).documents(), shares)
        return [document for documents in done for document in documents]
    finally:
        pool.shutdown(cancel_futures=True)


def _shares(jobs: Sequence[Job]) -> list[Sequence[Job]]:
    """The batch in stretches of about as many code points each."""
    ends = list(accumulate(len(job.document.raw) for job in jobs))
    count = max(1, min(_SHARES, len(jobs), ends[-1] // _SHARE_CHARS)) if ends else 1
    cuts = [bisect_left(ends, ends[-1] * k // count) for k in range(1, count)]
    bounds = sorted({0, *cuts, len(jobs)})
    return [jobs[a:b] for a, b in pairwise(bounds)] or [jobs]


@dataclass
class _Run:
    """A share of a batch on its way: what became of each text, by its number in it."""

    settings: Settings
    jobs: Sequence[Job]
    memory: Memory = field(default_factory=Memory)
    shares: dict[int, float] = field(default_factory=dict)
    drafts: dict[int, Draft] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.done = {i: job.document for i, job in enumerate(self.jobs)}
        self.versions: dict[int, Version] = {}
        style = next((n.style for n in self.settings.normalizers if isinstance(n, Canonical)), None)
        for i, job in enumerate(self.jobs):
            if job.canonical is not None:
                self._take(i, job, Version(job.canonical, style or "canonical"))

    def _take(self, i: int, job: Job, version: Version) -> None:
        """Keep a canonical version; of another story none of the normalizers hears."""
        doc = self.done[i]
        if version.tells(split(doc.raw)):
            self.versions[i] = version
            self.done[i] = replace(doc, canonical_id=job.canonical_id)
        elif not job.canonical_id and doc.raw:
            self.done[i] = replace(doc, warnings=(*doc.warnings, _OTHER_STORY))

    def documents(self) -> list[Document]:
        active = self._settle(list(self.done))
        patched = [i for i in self.memory.patched if i not in active]
        if patched:  # what was pieced together must hold for who reads it afresh
            self.memory = Memory()
            active += self._settle(patched)
        for i in active:
            warning = f"left as it came: its edits did not settle in {ROUNDS} rounds"
            self.done[i] = replace(Document.start(self.done[i].raw), warnings=(warning,))
        return [
            replace(doc, quality=self.shares[i]) if self.shares.get(i) else doc
            for i, doc in self.done.items()
        ]

    def _settle(self, active: list[int]) -> list[int]:
        """Rounds until nothing more is proposed; the texts for which that was not so in the end."""
        for _ in range(ROUNDS):
            before = {i: len(self.done[i].passes) for i in active}
            for stage in _stages(self.settings.normalizers):
                self._pass(stage, active)
            active = [i for i in active if len(self.done[i].passes) > before[i]]
            if not active:
                break
        return active

    def _pass(self, stage: Sequence[Normalizer], active: Sequence[int]) -> None:
        """One pass over the texts that still change."""
        partners = frozenset(normalizer.name for normalizer in stage)
        drafts = {i: self._draft(i, partners) for i in active}
        if getattr(stage[0], "reads_parts", False):
            self._read_parts(drafts)
        if getattr(stage[0], "reads", False):
            self._read(drafts)
            for i, draft in drafts.items():
                if draft.reading.open and i not in self.shares:
                    self.shares[i] = round(draft.reading.unsure / draft.reading.open, 4)
        for i, draft in drafts.items():
            doc = told(draft.document, stage, draft)
            self.done[i] = doc.after_pass(collect(stage, draft, self.settings.min_confidence))

    def _draft(self, i: int, partners: frozenset[str]) -> Draft:
        version = self.versions.get(i)
        text = version.text if version else None
        draft = Draft(self.done[i], partners, canonical=text, version=version)
        last = self.drafts.get(i)
        if last is not None and last.text == draft.text:
            draft.read_before(last)
        self.drafts[i] = draft
        return draft

    def _read_parts(self, drafts: Mapping[int, Draft]) -> None:
        """Give every draft the parts of what lost its layout, or looks like foreign headlines."""
        plans = [(draft.words, _stretches(draft)) for draft in drafts.values()]
        if any(stretches for _, stretches in plans):
            tagger = load_tagger(self.settings.model, threads=self.settings.threads)
            found = read_parts(plans, tagger, memory=self.memory, numbers=list(drafts))
            for draft, parts in zip(drafts.values(), found, strict=True):
                draft.parts = parts

    def _read(self, drafts: Mapping[int, Draft]) -> None:
        """Give every draft its reading; the model is loaded only if something is to be read."""
        plans = [
            (
                draft.words,
                plan(
                    draft.words,
                    draft.diagnosis,
                    gaps=Punctuation.name in draft.partners,
                    known=draft.known if Canonical.name in draft.partners else None,
                ),
            )
            for draft in drafts.values()
        ]
        if not any(regions for _, regions in plans):
            return
        settings = self.settings
        tagger = load_tagger(settings.model, threads=settings.threads)
        readings = settle(
            plans,
            tagger,
            memory=self.memory,
            numbers=list(drafts),
            thresholds=settings.thresholds,
            lexicon=_lexicon(settings.model),
        )
        for draft, reading in zip(drafts.values(), readings, strict=True):
            draft.reading = reading


def _stretches(draft: Draft) -> tuple[Region | Stretch, ...]:
    """Where boilerplate must be looked for by reading: no rule can tell it there."""
    found: list[Region | Stretch] = []
    if any(damage.dimension in ("layout", "marks") for damage in draft.diagnosis.damages):
        regions = plan(draft.words, draft.diagnosis, gaps=True)
        found += [region for region in regions if region.evidence.layout.any()]
    starts = draft.words.starts
    whole, behind_last = list(found), 0
    runs = headline_runs(draft.text, alone=True)
    if runs:
        draft.found["furniture"] = find(draft.text)
        if not draft.found["furniture"]:
            runs = headline_runs(draft.text)
    for start, stop in runs:
        first, behind = bisect_left(starts, start), bisect_left(starts, stop)
        last = bisect_right(whole, first, key=lambda region: region.start) - 1
        if first >= behind_last and (last < 0 or first >= whole[last].stop):
            low, high = max(0, first - BESIDE), min(len(starts), behind + BESIDE)
            found.append(Stretch(low, high, low, high))
            behind_last = high
    return tuple(sorted(found, key=lambda stretch: stretch.start))


def _stages(normalizers: Sequence[Normalizer]) -> list[list[Normalizer]]:
    """Normalizers that are applied in one pass: neighbours that share a reading."""
    stages: list[list[Normalizer]] = []
    for normalizer in normalizers:
        reads = getattr(normalizer, "reads", False)
        if stages and reads and getattr(stages[-1][-1], "reads", False):
            stages[-1].append(normalizer)
        else:
            stages.append([normalizer])
    return stages


def _lexicon(model: Path) -> Lexicon:
    """The word list of a model's folder; the shipped one if it has none."""
    own = model / "lexicon.tsv"
    return Lexicon.load(own) if own.exists() and model != MODEL_FOLDER else Lexicon.load()
