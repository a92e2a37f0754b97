"""Evaluation of harm: what is done to copy that is sound, and what the labels cannot hold."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from cleantext.damage import FLAT, Damage, Partial, degrade
from cleantext.diagnosis import diagnose
from cleantext.document import Document
from cleantext.lexicon import Lexicon
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import LabelTable, apply_case, capitalise, label, normalise
from cleantext.training.corpus import Article
from cleantext.training.marks import points
from cleantext.words import lower_word, split

__all__ = ["ceiling", "harm"]


def harm(articles: Sequence[Article], pipeline: Pipeline) -> dict[str, Any]:
    """What is done to articles as published, and to what is sound in partly degraded ones."""
    touched: list[str] = []
    lightened: list[str] = []
    repaired: list[str] = []
    for article, doc in zip(articles, pipeline.stream([a.text for a in articles]), strict=True):
        kinds = {edit.normalizer for edit in doc.edits}
        if kinds - {"encoding", "boilerplate"}:
            touched.append(article.id)
        elif "boilerplate" in kinds:
            lightened.append(article.id)
        elif kinds:
            repaired.append(article.id)
    damage: Damage = Partial(FLAT, 0.3)
    parts = [degrade(article.text, seed=1, damage=[damage]) for article in articles]
    outside = kept = 0
    still = pipeline.without("boilerplate")
    for part, doc in zip(parts, still.stream([p.text for p in parts]), strict=True):
        counted = _outside(part, doc)
        outside, kept = outside + counted[0], kept + counted[1]
    return {
        "articles": len(articles),
        "unchanged": points(1 - len(touched) / max(len(articles), 1)),
        "touched": touched,
        "encoding_repairs": repaired,
        "boilerplate_dropped": lightened,
        "outside": outside,
        "outside_kept": round(100 * kept / max(outside, 1), 4),
    }


def _outside(part: Any, doc: Document) -> tuple[int, int]:
    """Gaps and cases outside the degraded paragraphs, and how many of them stayed as they were."""
    words = split(part.text)
    after = split(doc.text)
    if len(after) != len(words):
        return 0, 0
    inside = [False] * len(words)
    for i, start in enumerate(words.starts):
        at = part.source_of(start)
        inside[i] = any(a <= at < b for a, b in part.hit)
    total = kept = 0
    for i in range(len(words)):
        if not inside[i]:
            total += 1
            kept += words.words[i] == after.words[i]
            if i and not inside[i - 1]:
                total += 1
                kept += words.gaps[i] == after.gaps[i]
    return total, kept


def ceiling(articles: Iterable[Article], table: LabelTable) -> dict[str, float]:
    """Share of gaps and casings that come back through the labels, were the model perfect."""
    lexicon = Lexicon.load()
    shares = {w: lexicon.lower_share(w) for w in lexicon.index}
    gaps = right_gaps = cases = right_cases = 0
    for article in articles:
        text = "\n\n".join(filter(None, map(normalise, article.paragraphs)))
        labels = label(text, shares)
        alone = diagnose(text).masks(labels.words).closed  # addresses, handles: never set anew
        roles = [table.roles[table.role_index.get(r, 1)] for r in labels.roles]
        for i, (role, gold) in enumerate(zip(roles[1:-1], labels.roles[1:-1], strict=True)):
            gaps += not (alone[i] or alone[i + 1])
            right_gaps += role.text == gold.text and not (alone[i] or alone[i + 1])
        for i, (word, own) in enumerate(zip(labels.words.words, labels.cases, strict=True)):
            if alone[i]:
                continue
            cases += 1
            start = i == 0 or labels.roles[i].starts
            right_cases += word == _through_labels(word, own, start, table, lexicon)
    return {
        "gaps": round(100 * right_gaps / max(gaps, 1), 4),
        "cases": round(100 * right_cases / max(cases, 1), 4),
    }


def _through_labels(
    word: str, own: str | None, start: bool, table: LabelTable, lexicon: Lexicon
) -> str:
    lowered = lower_word(word)
    pattern = own or "lower"
    form = lexicon.mixed(lowered)
    if pattern not in table.case_index:
        pattern = form[0] if form is not None else "title"
    made = apply_case(lowered, pattern)
    return capitalise(made) if start and pattern == "lower" else made
