"""What a job did, in counts: tallied record by record, summed over workers, told at the end."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field
from typing import TYPE_CHECKING, Any, Literal

import regex

from cleantext.words import WORD

if TYPE_CHECKING:
    from cleantext.diagnosis import Diagnosis
    from cleantext.document import Document

__all__ = ["Summary", "Tally"]

Topic = Literal[
    "records", "diagnosis", "edits", "declined", "dropped", "rejects", "warnings", "quality"
]
#: Names told apart under one topic. Reasons can quote what they met, and a job may meet anything.
NAMES = 100
OTHER = "other reasons"

_NUMBER = regex.compile(r"(?<![\w-])\d++(?:[.,]\d++)*+")  # but not that of UTF-8
#: But not the name of a field: that is the job's own.
_QUOTED = regex.compile(r"""(?<!\w)(?<!(?:field|column) )(?:'[^'\n]*+'|"[^"\n]*+")(?!\w)""")


class Tally:
    """Counts by topic and name; sums of tallies do not depend on who counted."""

    def __init__(self, state: Mapping[str, Mapping[str, int]] | None = None) -> None:
        self._topics: dict[str, Counter[str]] = {
            topic: Counter(names) for topic, names in (state or {}).items()
        }

    def __getitem__(self, name: Literal["written", "changed", "rejected", "words"]) -> int:
        """A count of records, or of their words."""
        return self._topics["records"][name] if "records" in self._topics else 0

    def count(self, topic: Topic, name: str, times: int = 1) -> None:
        """Count something; names beyond the first hundred of a topic are counted as one."""
        names = self._topics.setdefault(topic, Counter())
        names[name if name in names or len(names) < NAMES else OTHER] += times

    def add(self, other: Tally) -> None:
        """Count all that another tally counted."""
        for topic, names in other._topics.items():
            for name, times in names.items():
                self.count(topic, name, times)  # type: ignore[arg-type]

    def document(self, document: Document, diagnosis: Diagnosis) -> None:
        """Count a record that was restored, and what its raw text was found to be."""
        self.count("records", "written")
        self.count("records", "words", len(WORD.findall(document.raw)))
        if document.changed:
            self.count("records", "changed")
        found = {f"{damage.dimension} {damage.form}" for damage in diagnosis.damages}
        for name in sorted(found) or ["no damage"]:
            self.count("diagnosis", name)
        for span in diagnosis.left_alone:
            self.count("declined", span.reason)
        for edit in document.edits:
            self.count("edits", edit.kind)
            if edit.kind == "drop":
                self.count("dropped", "spans")
                self.count("dropped", "words", len(WORD.findall(edit.before)))
        for warning in document.warnings:
            self.count("warnings", _in_general(warning))
        self.count("quality", str(min(9, int(document.quality * 10))))

    def reject(self, reason: str) -> None:
        """Count a record that was not taken."""
        self.count("records", "rejected")
        self.count("rejects", _in_general(reason))

    def to_dict(self) -> dict[str, dict[str, int]]:
        """The counts by topic and name, as the constructor takes them."""
        return {topic: dict(names) for topic, names in self._topics.items()}

    def summary(self, seconds: float) -> Summary:
        """The counts under their names."""
        counted = {topic: _by_count(names) for topic, names in self._topics.items()}
        dropped, quality = counted.get("dropped", {}), counted.get("quality", {})
        return Summary(
            written=self["written"],
            rejected=self["rejected"],
            changed=self["changed"],
            words=self["words"],
            seconds=round(seconds, 3),
            diagnosis=counted.get("diagnosis", {}),
            edits=counted.get("edits", {}),
            declined=counted.get("declined", {}),
            dropped_spans=dropped.get("spans", 0),
            dropped_words=dropped.get("words", 0),
            warnings=counted.get("warnings", {}),
            rejects=counted.get("rejects", {}),
            quality=tuple(quality.get(str(tenth), 0) for tenth in range(10)),
        )


def _in_general(reason: str) -> str:
    """A reason without the numbers and quotations of one record."""
    return _NUMBER.sub("N", _QUOTED.sub("…", reason))


def _by_count(names: Mapping[str, int]) -> dict[str, int]:
    return dict(sorted(names.items(), key=lambda item: (-item[1], item[0])))


@dataclass(frozen=True, slots=True)
class Summary:
    """What a job did. Counts of a job that was resumed are of all its parts.

    Attributes:
        written: records in the output.
        rejected: records among the rejects.
        changed: records whose text was changed.
        words: of the texts as they came.
        seconds: of work, all parts of a resumed job together.
        diagnosis: records by what was found damaged; one may count under several names.
        edits: edits by kind.
        declined: spans left alone (tables, addresses, other languages), by reason.
        dropped_spans, dropped_words: what was taken out of texts.
        warnings: what could not be done, by sentence; numbers in it are ``N``, quotations ``…``.
        rejects: rejected records by reason, in the same form.
        quality: records by the share of what was in doubt, in ten steps from 0 to 1.
        already_complete: nothing was done, since the output was there and whole; counts are 0.

    >>> print(Summary(written=2, rejected=1, changed=2, words=700, seconds=0.1,
    ...     edits={"mark": 70, "case": 51}, rejects={"no text": 1}, quality=(2, *[0] * 9)))
    3 records in 0.1 s: 2 written (2 changed), 1 rejected; 7,000 words a second
    edits: 70 mark, 51 case
    rejected: 1 no text
    in doubt, records by tenths: 2 0 0 0 0 0 0 0 0 0
    """

    written: int = 0
    rejected: int = 0
    changed: int = 0
    words: int = 0
    seconds: float = 0.0
    diagnosis: Mapping[str, int] = field(default_factory=dict)
    edits: Mapping[str, int] = field(default_factory=dict)
    declined: Mapping[str, int] = field(default_factory=dict)
    dropped_spans: int = 0
    dropped_words: int = 0
    warnings: Mapping[str, int] = field(default_factory=dict)
    rejects: Mapping[str, int] = field(default_factory=dict)
    quality: tuple[int, ...] = (0,) * 10
    already_complete: bool = False

    @property
    def records(self) -> int:
        """Records read: each was written or rejected."""
        return self.written + self.rejected

    @property
    def completed(self) -> int:
        """Cut words that were completed."""
        return self.edits.get("complete", 0)

    @property
    def words_per_second(self) -> float:
        """Words of the texts as they came, a second of work."""
        return self.words / self.seconds if self.seconds else 0.0

    def to_dict(self) -> dict[str, Any]:
        """The fields and what follows from them, for JSON."""
        return {
            "records": self.records,
            **asdict(self),
            "completed": self.completed,
            "words_per_second": round(self.words_per_second, 1),
        }

    def __str__(self) -> str:
        if self.already_complete:
            return "nothing to do: the output is there and whole"
        return "\n".join(self._lines())

    def _lines(self) -> Iterator[str]:
        yield (
            f"{self.records:,} records in {duration(self.seconds)}:"
            f" {self.written:,} written ({self.changed:,} changed), {self.rejected:,} rejected;"
            f" {self.words_per_second:,.0f} words a second"
        )
        for name, counts in (
            ("records by diagnosis", self.diagnosis),
            ("edits", self.edits),
            ("spans declined", self.declined),
        ):
            if counts:
                yield f"{name}: {_listed(counts)}"
        if self.dropped_spans:
            yield f"dropped: {self.dropped_words:,} words in {self.dropped_spans:,} spans"
        if self.completed:
            yield f"words completed: {self.completed:,}"
        for name, counts in (("warnings", self.warnings), ("rejected", self.rejects)):
            if counts:
                yield f"{name}: {_listed(counts)}"
        yield f"in doubt, records by tenths: {' '.join(f'{count:,}' for count in self.quality)}"


def _listed(counts: Mapping[str, int]) -> str:
    return ", ".join(f"{count:,} {name}" for name, count in counts.items())


def duration(seconds: float) -> str:
    """Seconds for a person.

    >>> duration(0.25), duration(75), duration(4000), duration(200000)
    ('0.2 s', '1 min 15 s', '1 h 6 min', '2 d 7 h')
    """
    if seconds < 60:
        return f"{seconds:.1f} s"
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    days, hours = divmod(hours, 24)
    if days:
        return f"{days} d {hours} h"
    return f"{hours} h {minutes} min" if hours else f"{minutes} min {rest} s"
