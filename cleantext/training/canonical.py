"""Evaluation of restoring with a canonical version: reprints, stripped releases, wrong stories."""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import log
from pathlib import Path
from typing import Any

import regex

from cleantext.canon.align import Alignment, align
from cleantext.canon.check import check
from cleantext.canon.score import Counts
from cleantext.canon.segments import lowered
from cleantext.damage import DEFAULT, FLAT, degrade
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import normalise
from cleantext.training.corpus import Article, read
from cleantext.words import Words, lower_word, split

__all__ = [
    "ROWS",
    "evaluate",
    "nearest",
    "on_cut_words",
    "on_reprints",
    "on_stripped",
    "on_wrong_stories",
    "table",
]

#: The rows of the table, as :func:`evaluate` names them.
ROWS: tuple[tuple[str, str], ...] = (
    ("agreed_cut", "reprints, cut: words and gaps that agree, as in the canonical version"),
    ("agreed_flat", "reprints, whole: words and gaps that agree, as in the canonical version"),
    ("seams", "reprints: gaps at the seams, as published"),
    ("seams_alone", "the same by the model alone"),
    ("rest", "reprints: gaps away from what agrees, as published"),
    ("rest_alone", "the same by the model alone"),
    ("cases", "reprints: cases of words that differ, as published"),
    ("cases_alone", "the same by the model alone"),
    ("stripped", "stripped releases: exact gaps where the clean copy covers them, F1"),
    ("stripped_folded", "the same, casefolded"),
    ("wrong", "wrong stories of the same topic tried"),
    ("wrong_changed", "of these, texts that came out otherwise than without"),
    ("cut_words", "reprints: words cut at an edge"),
    ("cut_completed", "of these, completed, per cent"),
    ("cut_wrong", "of these, completed to another word, per cent"),
)

#: Share of a text that stands in another one if they are editions of one article.
EDITION = 0.5
_BREAK = regex.compile(r"\s*[\n\x0b\x0c\r\x85\u2028\u2029]\s*")
_INVISIBLE = regex.compile(r"\p{Cf}+")


def _plain(gap: str) -> str:
    """A gap with plain white space."""
    gap = _BREAK.sub("\n\n", _INVISIBLE.sub("", gap))
    return regex.sub(r"[^\S\n]+", " ", gap)


def _common(gap: str) -> str:
    """A gap in the common style, so that no house style counts as right or wrong."""
    found = normalise(f"a{_plain(gap)}a")
    return found[1:-1]


def _percent(part: float, whole: float) -> float | None:
    return round(100 * part / whole, 2) if whole else None


@dataclass
class _Shares:
    """How many there are under each key, and how many of them are right."""

    right: Counter[str] = field(default_factory=Counter)
    total: Counter[str] = field(default_factory=Counter)

    def add(self, key: str, right: bool) -> None:
        self.right[key] += right
        self.total[key] += 1

    def percent(self, key: str) -> float | None:
        return _percent(self.right[key], self.total[key])


# --- reprints -------------------------------------------------------------------------------------


def _pairs(corpus: Path, limit: int | None) -> list[tuple[str, str]]:
    """The reprints both ways: text and canonical version."""
    found: list[tuple[str, str]] = []
    lines = (corpus / "reprints.jsonl").read_text(encoding="utf-8").splitlines()
    for line in lines[:limit]:
        record = json.loads(line)
        a, b = ("\n\n".join(record[side]["paragraphs"]) for side in ("a", "b"))
        found += [(a, b), (b, a)]
    return found


def _side_by_side(text: str, other: str) -> tuple[Words, Words, Alignment]:
    words, gold = split(text), split(other)
    return words, gold, align(lowered(words), lowered(gold))


def on_reprints(corpus: Path, pipeline: Pipeline, *, limit: int | None = None) -> dict[str, Any]:
    """One story in two houses' versions: one degraded, the other its canonical version.

    What agrees is held against the canonical version; seams and the rest against the text as it
    was published, in the common style, with and without the canonical version.
    """
    pairs = _pairs(corpus, limit)
    shares = _Shares()
    found: dict[str, Any] = {"reprints": len(pairs)}
    golds = [gold for _, gold in pairs]
    for name, damage in (("cut", DEFAULT), ("flat", FLAT)):
        texts = [degrade(text, damage=damage).text for text, _ in pairs]
        docs = list(pipeline.stream(texts, canonicals=golds))
        for doc, gold in zip(docs, golds, strict=True):
            _agreed(doc.text, gold, f"agreed_{name}", shares)
        if damage is FLAT:
            for (text, gold), doc, alone in zip(pairs, docs, pipeline.stream(texts), strict=True):
                _apart(doc.text, text, gold, "", shares)
                _apart(alone.text, text, gold, "_alone", shares)
    for key in sorted(shares.total):
        found[key] = shares.percent(key)
        found[f"{key}_count"] = shares.total[key]
    return found


def _agreed(text: str, gold: str, key: str, shares: _Shares) -> None:
    """Words and gaps that both have: whether they stand as in the canonical version."""
    ours, theirs, alignment = _side_by_side(text, gold)
    for i, j in alignment.pairs():
        shares.add(key, ours.words[i] == theirs.words[j])
        shares.add(f"{key}_words", ours.words[i] == theirs.words[j])
    for run in alignment.gap_runs():
        for k in range(run.length):
            i, j = run.text + k, run.canonical + k
            same = _plain(ours.gaps[i]).strip("\n") == _plain(theirs.gaps[j]).strip("\n")
            same |= _plain(ours.gaps[i]) == _plain(theirs.gaps[j])
            shares.add(key, same)
            shares.add(f"{key}_gaps", same)


def _apart(restored: str, published: str, gold: str, suffix: str, shares: _Shares) -> None:
    """Gaps at the seams and away from what agrees, and words that differ: as published or not."""
    words, _, with_gold = _side_by_side(published, gold)
    agreed = {i for i, _ in with_gold.pairs()}
    shared = {run.text + k for run in with_gold.gap_runs() for k in range(run.length)}
    ours, _, alignment = _side_by_side(restored, published)
    for run in alignment.gap_runs():
        for k in range(run.length):
            i, j = run.text + k, run.canonical + k
            if j in shared:
                continue
            seam = j in agreed or j - 1 in agreed
            right = _common(ours.gaps[i]) == _common(words.gaps[j])
            shares.add(("seams" if seam else "rest") + suffix, right)
    for i, j in alignment.pairs():
        if j not in agreed:
            shares.add("cases" + suffix, ours.words[i] == words.words[j])


# --- stripped releases ----------------------------------------------------------------------------


def on_stripped(corpus: Path, pipeline: Pipeline, *, limit: int | None = None) -> dict[str, Any]:
    """Really degraded releases restored with their clean copies: exact gaps F1, in points."""
    lines = (corpus / "stripped.jsonl").read_text(encoding="utf-8").splitlines()
    pairs = [json.loads(line) for line in lines[:limit]]
    golds = ["\n\n".join(pair["paragraphs"]) for pair in pairs]
    found: dict[str, Any] = {"stripped_pairs": len(pairs)}
    for name, prepare in (("stripped", str), ("stripped_folded", lower_word)):
        counts = Counts()
        texts = [prepare(pair["degraded"]) for pair in pairs]
        ignored = 0
        for doc, gold in zip(pipeline.stream(texts, canonicals=golds), golds, strict=True):
            counts += check(doc.text, gold).counts
            ignored += bool(doc.warnings)
        f1, cases = counts["gap"].score.f1, counts["all_cases"].score.recall
        found[name] = None if f1 is None else round(100 * f1, 2)
        found[f"{name}_cases"] = None if cases is None else round(100 * cases, 2)
        found[f"{name}_warned"] = ignored
    return found


# --- wrong stories --------------------------------------------------------------------------------


def nearest(articles: Sequence[Article], *, size: int = 30) -> Iterator[tuple[Article, Article]]:
    """Each article with the other one that shares most of its rare words."""
    words = [Counter(map(str.lower, split(article.text).words)) for article in articles]
    known = Counter(word for counts in words for word in counts)
    holders: dict[str, list[int]] = defaultdict(list)
    weights: list[dict[str, float]] = []
    for i, counts in enumerate(words):
        worth = {w: n * log(len(articles) / known[w]) for w, n in counts.items() if known[w] > 1}
        best = dict(sorted(worth.items(), key=lambda item: -item[1])[:size])
        weights.append(best)
        for word in best:
            holders[word].append(i)
    for i, own in enumerate(weights):
        score: Counter[int] = Counter()
        for word, weight in own.items():
            for other in holders[word]:
                if other != i:
                    score[other] += int(1000 * min(weight, weights[other][word]))
        if score:
            yield articles[i], articles[score.most_common(1)[0][0]]


def on_wrong_stories(
    articles: Sequence[Article], pipeline: Pipeline, *, limit: int | None = None
) -> dict[str, Any]:
    """Articles restored with the likest other one for canonical version: nothing may change.

    Where half of the text stands in the other one, that is no wrong story but another edition of
    the article; those are left out, and counted.
    """
    pairs = list(nearest(articles))[:limit]
    shared = [check(article.text, other.text).story.text_shared for article, other in pairs]
    wrong = [pair for pair, share in zip(pairs, shared, strict=True) if share < EDITION]
    texts = [degrade(article.text).text for article, _ in wrong]
    with_other = pipeline.stream(texts, canonicals=[other.text for _, other in wrong])
    changed = [
        [article.id, other.id]
        for (article, other), doc, one in zip(
            wrong, with_other, pipeline.stream(texts), strict=True
        )
        if doc.text != one.text
    ]
    return {
        "wrong": len(wrong),
        "wrong_changed": len(changed),
        "wrong_which": changed,
        "editions": len(pairs) - len(wrong),
    }


# --- cut words ------------------------------------------------------------------------------------


def on_cut_words(
    corpus: Path, pipeline: Pipeline, *, limit: int | None = None, seeds: int = 3
) -> dict[str, Any]:
    """Words that a window cut, where the canonical version has them whole beside the same two."""
    cut: Counter[str] = Counter()
    for seed in range(seeds):
        pairs = _pairs(corpus, limit)
        made = [degrade(text, seed=seed) for text, _ in pairs]
        docs = pipeline.stream([m.text for m in made], canonicals=[gold for _, gold in pairs])
        for (text, gold), each, doc in zip(pairs, made, docs, strict=True):
            theirs = lowered(split(gold))
            words, first = lowered(split(text)), lowered(split(each.text))
            ours = lowered(split(doc.text))
            if not first or not ours:
                continue
            for end in (0, -1):
                whole = _whole(words, first, end)
                if whole is not None and _holds(theirs, whole, first, end):
                    cut["all"] += 1
                    cut["right"] += ours[end] == whole
                    cut["wrong"] += ours[end] not in (whole, first[end])
    return {
        "cut_words": cut["all"],
        "cut_completed": _percent(cut["right"], cut["all"]),
        "cut_wrong": _percent(cut["wrong"], cut["all"]),
    }


def _whole(words: list[str], window: list[str], end: int) -> str | None:
    """The word of the text that a window cut at one of its ends; None if it cut none."""
    inner = window[1:6] if end == 0 else window[-6:-1]
    for i in range(len(words) - len(inner) + 1):
        if words[i : i + len(inner)] == inner:
            at = i - 1 if end == 0 else i + len(inner)
            if 0 <= at < len(words) and words[at] != window[end]:
                fits = words[at].endswith if end == 0 else words[at].startswith
                return words[at] if fits(window[end]) else None
            return None
    return None


def _holds(canonical: list[str], whole: str, window: list[str], end: int) -> bool:
    """Whether the canonical version has a word beside the two words next to the edge."""
    beside = [whole, *window[1:3]] if end == 0 else [*window[-3:-1], whole]
    return any(canonical[i : i + 3] == beside for i, _ in enumerate(canonical))


# --- all of it ------------------------------------------------------------------------------------


def evaluate(corpus: Path, pipeline: Pipeline, limit: int | None = None) -> dict[str, Any]:
    """Every figure of restoring with a canonical version; :data:`ROWS` names them.

    Args:
        corpus: folder with ``reprints.jsonl``, ``stripped.jsonl`` and ``dev.jsonl.xz``.
        pipeline: the one to measure.
        limit: pairs of each kind at most; all of them if None.
    """
    dev = list(read(corpus / "dev.jsonl.xz"))
    return {
        **on_reprints(corpus, pipeline, limit=limit),
        **on_stripped(corpus, pipeline, limit=limit),
        **on_wrong_stories(dev, pipeline, limit=limit),
        **on_cut_words(corpus, pipeline, limit=limit),
    }


def table(figures: Mapping[str, Any]) -> str:
    """The figures as a table in Markdown."""
    lines = ["| with a canonical version | |", "|---|--:|"]
    for key, name in ROWS:
        value = figures.get(key)
        lines.append(f"| {name} | {'–' if value is None else value} |")
    return "\n".join(lines)
