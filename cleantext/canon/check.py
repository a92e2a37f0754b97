"""Checking a text against its canonical version: the one scorer of the project.

Words are aligned first. Marks are compared only in the gaps between words that are neighbours in
both texts, casing only on aligned words: a paragraph too many costs words, not commas.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from cleantext.canon.align import Alignment, Block, align, edit_distance
from cleantext.canon.comparison import Comparison
from cleantext.canon.counting import case_counts, gap_counts
from cleantext.canon.differences import Difference
from cleantext.canon.rows import Row
from cleantext.canon.score import Count, Counts, Score
from cleantext.canon.segments import lowered
from cleantext.canon.story import Missing, Story
from cleantext.tagger.labels import normalise
from cleantext.words import Words, split

__all__ = ["Report", "check"]


@dataclass(frozen=True, slots=True)
class Report:
    """How a text compares with its canonical version.

    Attributes:
        text: the words and gaps of the text as they were compared (after the equivalences of house
            style, if those were asked for); all indices are into them.
        canonical: the same of the canonical version.
        alignment: which words are the same.
        counts: what all scores are made of; add up those of many reports for micro figures.
        words_added: words of the text that the canonical version does not have.
        words_missing: words of the canonical version that the text does not have.
        words_changed: words that differ, as pairs of indices, the text's first.
        style: whether the equivalences of house style were applied.
        comparison: the two texts as they were given; differences and the rest are read from them
            when they are asked for first, so that scoring costs no more.
    """

    text: Words
    canonical: Words
    alignment: Alignment
    counts: Counts
    words_added: tuple[int, ...]
    words_missing: tuple[int, ...]
    words_changed: tuple[tuple[int, int], ...]
    style: bool
    comparison: Comparison

    @property
    def differences(self) -> tuple[Difference, ...]:
        """Every difference, named by its kind and its place in both texts as they were given.

        Without those of house style if the report leaves them out.
        """
        found = self.comparison.differences
        return tuple(d for d in found if not d.house_style) if self.style else found

    @property
    def story(self) -> Story:
        """Whether the two are one story, how surely, and the shares that say so."""
        return self.comparison.story

    @property
    def same_story(self) -> bool:
        """Whether the two are one story at all; if not, the scores mean little."""
        return self.story.same

    @property
    def missing(self) -> Missing:
        """What the canonical version has that the text lacks: a cut start or end, sentences."""
        return self.comparison.missing

    def side_by_side(self) -> list[Row]:
        """Both texts sentence by sentence, with the differences that touch each: for views."""
        rows = self.comparison.side_by_side()
        return [row.without_style() for row in rows] if self.style else rows

    @property
    def scores(self) -> Mapping[str, Score]:
        """Precision, recall and F1 of every key of :data:`cleantext.canon.score.KEYS`."""
        return self.counts.scores

    @property
    def word_error_rate(self) -> float | None:
        """Words added, missing and changed at the least, over the words of the canonical version.

        As jiwer defines it, so it may exceed 1; None if the canonical version has no word.
        """
        return self.counts.word_error_rate

    @property
    def case_accuracy(self) -> float | None:
        """Share of the aligned words that are cased alike; None if no word is aligned."""
        return self.counts.case_accuracy

    @property
    def gap_accuracy(self) -> float | None:
        """Share of the compared gaps that are the same string; None if there is none."""
        return self.counts.gap_accuracy

    @property
    def coverage(self) -> tuple[float | None, float | None]:
        """Share of the text's words that the canonical version has, and the other way round."""
        words = self.counts["words"].score
        return words.precision, words.recall

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON; words with their indices, differences with code points."""
        text, canonical = self.text.words, self.canonical.words
        covered, covers = self.coverage
        return {
            "style": self.style,
            "scores": {key: asdict(score) for key, score in self.scores.items()},
            "word_error_rate": self.word_error_rate,
            "case_accuracy": self.case_accuracy,
            "gap_accuracy": self.gap_accuracy,
            "coverage_of_text": covered,
            "coverage_of_canonical": covers,
            "words_added": [[i, text[i]] for i in self.words_added],
            "words_missing": [[j, canonical[j]] for j in self.words_missing],
            "words_changed": [[i, j, text[i], canonical[j]] for i, j in self.words_changed],
            "same_story": self.same_story,
            "story": asdict(self.story),
            "missing": asdict(self.missing),
            "differences": [difference.to_dict() for difference in self.differences],
        }

    def to_html(
        self, *, title: str = "Check against the canonical version", lang: str = "en"
    ) -> str:
        """A page that needs nothing else: both texts side by side, every difference, the scores.

        Args:
            title: heading of the page, plain text.
            lang: language of both texts, a BCP 47 tag.
        """
        from cleantext.page_report import report_page

        return report_page(self, title=title, lang=lang)

    def _repr_html_(self) -> str:
        """The rows that differ, for a notebook."""
        from cleantext.page_report import report_fragment

        return report_fragment(self)

    def __str__(self) -> str:
        lines = [f"{'':<14}{'precision':>10}{'recall':>8}{'F1':>7}{'support':>9}{'predicted':>11}"]
        for key, score in self.scores.items():
            if score.f1 is None:
                continue
            lines.append(
                f"{key:<14}{_points(score.precision):>10}{_points(score.recall):>8}"
                f"{_points(score.f1):>7}{score.support:>9,}{score.predicted:>11,}"
            )
        return "\n".join([*lines, "", self.summary()])

    def summary(self) -> str:
        """Words, coverage, story, what is missing and the differences by kind, a line each."""
        covered, covers = self.coverage
        return "\n".join(
            (
                f"word error rate {_points(self.word_error_rate)} %:"
                f" {len(self.words_added):,} added, {len(self.words_missing):,} missing,"
                f" {len(self.words_changed):,} changed",
                f"covered: {_points(covered)} % of the text,"
                f" {_points(covers)} % of the canonical version",
                f"gaps alike {_points(self.gap_accuracy)} %, words cased alike"
                f" {_points(self.case_accuracy)} %",
                *self._told(),
            )
        )

    def _told(self) -> Iterator[str]:
        """Lines on the story, what is missing and what differs."""
        story, missing = self.story, self.missing
        yield (
            f"{'the same story' if story.same else 'not the same story'}"
            f" ({_points(story.confidence)} % sure)"
        )
        parts = (
            "the start" * bool(missing.start),
            "the end" * bool(missing.end),
            f"{len(missing.sentences):,} whole sentences" * bool(missing.sentences),
        )
        if any(parts):
            yield "missing: " + ", ".join(filter(None, parts))
        counts = Counter(difference.kind for difference in self.differences)
        if counts:
            yield "differences: " + ", ".join(
                f"{count:,} {kind}" for kind, count in counts.most_common()
            )


def _points(share: float | None) -> str:
    return "-" if share is None else f"{100 * share:.1f}"


def check(text: str, canonical: str, *, style: bool = False) -> Report:
    """Compare a text with its canonical version.

    White space around either text does not count. Marks are compared as they stand: without
    ``style`` a curly quote is not a straight one.

    Args:
        text: the text to check.
        canonical: how it ought to read.
        style: whether to leave differences of house style out: curly and straight quotes, comma and
            stop inside or outside a closing quote, dashes, ``…``, ``Mr`` and ``Mr.``, one or two
            line breaks, ``US`` and ``U.S.``. Both texts are brought to the common style of
            :func:`cleantext.tagger.labels.normalise` first.

    >>> report = check("The U.S. and its allies agreed", "The U.S., and its Allies, agreed.")
    >>> report.scores["comma"].recall, report.scores["initials"].f1, report.case_accuracy
    (0.0, 1.0, 0.8571428571428571)
    >>> [(found.kind, found.detail) for found in report.differences]
    [('mark', 'comma missing'), ('casing', 'lower for title'), ('mark', 'comma missing'),
     ('mark', 'period missing')]
    """
    ours, gold = (split(_common_style(t) if style else t.strip()) for t in (text, canonical))
    low, gold_low = lowered(ours), lowered(gold)
    alignment = align(low, gold_low)
    counts = gap_counts(ours, gold, alignment)
    counts |= case_counts(ours, gold, alignment, (low, gold_low))
    same = _same_acronyms(ours, gold, alignment) if style else ()
    counts["words"] = Count(
        alignment.matched + len(same),
        len(ours) - sum(block.text_stop - block.text_start - 1 for block in same),
        len(gold) - sum(block.canonical_stop - block.canonical_start - 1 for block in same),
    )
    errors = alignment.distance
    if same:
        errors = edit_distance(_with_gold(low, gold_low, same), gold_low)
    return Report(
        ours,
        gold,
        alignment,
        Counts(counts, errors),
        *_differing(alignment, same),
        style,
        Comparison(text, canonical, None if style else alignment),
    )


def _common_style(text: str) -> str:
    return "\n\n".join(filter(None, map(normalise, text.splitlines())))


#: Written with stops in one house and without in another; ``us`` without a capital is the pronoun.
_ACRONYMS = frozenset({"US", "UK", "UN", "EU", "DC", "PhD", "AM", "PM", "am", "pm"})


def _same_acronyms(ours: Words, gold: Words, alignment: Alignment) -> tuple[Block, ...]:
    """The blocks that hold one acronym in two house styles: ``US`` and ``U.S.``."""
    found: list[Block] = []
    for block in alignment.blocks:
        sides = ours.words[_text(block)], gold.words[_canonical(block)]
        joined = {"".join(side) for side in sides}
        if min(map(len, sides)) == 1 and len(joined) == 1 and joined <= _ACRONYMS:
            found.append(block)
    return tuple(found)


def _with_gold(ours: list[str], gold: list[str], blocks: Iterable[Block]) -> list[str]:
    """Our words with those of the canonical version put in at the blocks."""
    words: list[str] = []
    copied = 0
    for block in sorted(blocks, key=lambda block: block.text_start):
        words += ours[copied : block.text_start]
        words += gold[_canonical(block)]
        copied = block.text_stop
    return words + ours[copied:]


def _text(block: Block) -> slice:
    return slice(block.text_start, block.text_stop)


def _canonical(block: Block) -> slice:
    return slice(block.canonical_start, block.canonical_stop)


def _differing(
    alignment: Alignment, same: Collection[Block]
) -> tuple[tuple[int, ...], tuple[int, ...], tuple[tuple[int, int], ...]]:
    """Words added, missing and changed; what a block has too many of on one side stands last."""
    added: list[int] = []
    missing: list[int] = []
    changed: list[tuple[int, int]] = []
    known = set(same)
    for block in alignment.blocks:
        if block in known:
            continue
        ours = range(block.text_start, block.text_stop)
        gold = range(block.canonical_start, block.canonical_stop)
        changed += zip(ours, gold, strict=False)
        added += ours[len(gold) :]
        missing += gold[len(ours) :]
    return tuple(added), tuple(missing), tuple(changed)
