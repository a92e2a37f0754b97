"""Evaluation of marks and casing: flattened articles and really degraded releases."""

from __future__ import annotations

import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from cleantext.canon.check import check
from cleantext.canon.score import Counts
from cleantext.document import Document
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import normalise
from cleantext.training.baselines import BASELINES
from cleantext.training.corpus import Article
from cleantext.training.layout import on_paragraphs
from cleantext.training.samples import digest
from cleantext.words import lower_word, split

__all__ = ["ROWS", "Tally", "number_edits", "on_dev", "on_stripped", "points"]

#: The rows of the table: key of a count, and what a reader calls it.
ROWS: tuple[tuple[str, str], ...] = (
    ("case", "casing, words with a capital"),
    ("gap", "exact gaps other than a space"),
    ("sentence_end", "sentence ends"),
    ("period", "period"),
    ("comma", "comma"),
    ("question", "question mark"),
    ("quotation", "quotation marks"),
    ("quote_pairs", "quotations, both marks in place"),
    ("apostrophe", "apostrophe"),
    ("hyphen", "hyphen"),
    ("initials", "initials and acronyms"),
    ("grouping", "digit grouping"),
    ("decimal", "decimals and times"),
    ("currency", "currency"),
    ("percent", "per cent"),
    ("bracket", "brackets"),
    ("dash", "dash"),
    ("colon", "colon"),
    ("paragraph", "paragraph breaks"),
)


@dataclass
class Tally:
    """Counts by outlet, exact and with the equivalences of house style."""

    exact: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))
    styled: dict[str, Counts] = field(default_factory=lambda: defaultdict(Counts))

    def add(self, outlet: str, text: str, gold: str, *, exact: bool = True) -> None:
        """Score one text, without the exact counts where nobody reads them."""
        if exact:
            self.exact[outlet] += check(text, gold).counts
        self.styled[outlet] += check(text, gold, style=True).counts

    def means(self, *, styled: bool) -> dict[str, float | None]:
        """F1 of each row in points: the mean over the outlets that have any of it."""
        counts = (self.styled if styled else self.exact).values()
        found: dict[str, float | None] = {}
        for key, _ in ROWS:
            shares = [c.scores[key].f1 for c in counts]
            known = [share for share in shares if share is not None]
            found[key] = round(100 * fmean(known), 2) if known else None
        known_accuracy = [c.case_accuracy for c in counts if c.case_accuracy is not None]
        found["case_accuracy"] = round(100 * fmean(known_accuracy), 2) if known_accuracy else None
        return found


def number_edits(doc: Document, gold: str) -> tuple[int, int]:
    """How many ``number`` edits were made, and how many of them stand so in the gold text.

    The document must be made from copy whose words are exactly those of the gold text.
    """
    made = right = 0
    words = split(doc.raw)
    gaps = split(gold).gaps
    if len(gaps) != len(words.gaps):
        return 0, 0
    for number, each in enumerate(doc.passes):
        for edit in each.edits:
            if edit.kind != "number":
                continue
            place = edit.start
            for earlier in reversed(doc.passes[:number]):
                place = earlier.before(place)
            gap = gaps[bisect_left(words.starts, place)]
            made += 1
            if edit.before:
                right += normalise(f"1{gap}1")[1:-1] == edit.after
            else:
                right += edit.after.strip() in gap
    return made, right


def on_dev(articles: Sequence[Article], docs: Sequence[Document]) -> dict[str, Any]:
    """The scores of restored articles, beside those of the baselines.

    Args:
        articles: as published.
        docs: the same degraded as file 004 (but whole) and restored.
    """
    ours = Tally()
    base = {name: Tally() for name in BASELINES}
    changed = made = right = 0
    for article, doc in zip(articles, docs, strict=True):
        ours.add(article.source, doc.text, article.text)
        for name, baseline in BASELINES.items():
            base[name].add(article.source, baseline(doc.raw), article.text, exact=False)
        before, after = split(doc.raw).words, split(doc.text).words
        changed += list(map(lower_word, before)) != list(map(lower_word, after))
        counted = number_edits(doc, article.text)
        made, right = made + counted[0], right + counted[1]
    return {
        "articles": len(articles),
        "words": sum(len(split(doc.raw)) for doc in docs),
        "exact": ours.means(styled=False),
        "styled": ours.means(styled=True),
        "by_outlet": {
            outlet: {key: points(c.scores[key].f1) for key, _ in ROWS}
            for outlet, c in ours.styled.items()
        },
        "baselines": {name: tally.means(styled=True) for name, tally in base.items()},
        "paragraphs": on_paragraphs(articles, docs),
        "texts_whose_words_changed": changed,
        "number_edits": made,
        "number_edits_right": points(right / made if made else None),
    }


def points(share: float | None) -> float | None:
    """A share (0..1) in points."""
    return None if share is None else round(100 * share, 2)


def on_stripped(path: Path, pipeline: Pipeline, limit: int | None) -> dict[str, Any]:
    """Really degraded releases against clean copies of them: casing kept, and casefolded."""
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = sorted(pairs, key=lambda p: digest(str(p["id"])))[:limit]
    found: dict[str, Any] = {"pairs": len(pairs)}
    for name, prepare in (("casing kept", str), ("casefolded", lower_word)):
        tally = Tally()
        texts = [prepare(pair["degraded"]) for pair in pairs]
        for pair, doc in zip(pairs, pipeline.stream(texts), strict=True):
            tally.add("stripped", doc.text, "\n\n".join(pair["paragraphs"]))
        found[name] = tally.means(styled=True)
    return found
