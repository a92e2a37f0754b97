"""Measuring what cut edges and glued words come to, on articles that nothing was fitted on."""

from __future__ import annotations

import hashlib
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import islice
from random import Random
from typing import Any

from cleantext.document import Document
from cleantext.draft import Draft
from cleantext.edges.canonical import canonical_word
from cleantext.edges.complete import likeliest
from cleantext.edges.cut import Cut, find_cuts
from cleantext.edges.fit import Edge, Side
from cleantext.edges.model import SIDES, EdgeModel
from cleantext.normalizers.glued import SHORTEST, Glued
from cleantext.training.corpus import Article
from cleantext.training.edges import Cropped, crops
from cleantext.words import join, lower_word, split

__all__ = ["edge_table", "evaluate"]

#: Letters left of a cut word from which on completions are counted.
LETTERS = 4


def evaluate(articles: Sequence[Article], *, texts: int = 4000, seed: int = 5) -> dict[str, Any]:
    """Figures of :class:`~cleantext.normalizers.Edges` and :class:`~cleantext.normalizers.Glued`.

    Args:
        articles: of outlets that nothing was fitted on.
        texts: flat texts made of them, half of whose edges are cut at random characters.
        seed: of the cuts.

    Returns:
        Shares (0..1) and counts by name; see :func:`edge_table` for what they mean.
    """
    each = -(-texts // max(len(articles), 1)) + 1
    made = list(islice(crops(articles, each=each, seed=seed, inner=0.0), texts))
    counts: Counter[str] = Counter()
    for text in made:
        cuts = {cut.side: cut for cut in find_cuts(text.text)}
        for side in SIDES:
            counts.update(_edge_counts(text, side, cuts.get(side)))
    whole = [" ".join(map(lower_word, split(article.text).words)) for article in articles]
    called = sum(bool(find_cuts(text)) for text in whole)
    held = Counter(kind for a in articles[:600] for kind in _canonical_counts(a, seed))
    return {
        **_edge_shares(counts),
        "articles": len(articles),
        "whole_articles_called_cut": _share(called, len(whole)),
        "canonical_cut": held["held"],
        "canonical_completed": _share(held["right"], held["held"]),
        "canonical_wrong": _share(held["wrong"], held["held"]),
        **_glued(articles),
    }


def _share(part: float, whole: float) -> float | None:
    return round(part / whole, 4) if whole else None


def _edge_counts(text: Cropped, side: Side, cut: Cut | None) -> Iterator[str]:
    """What one edge adds to the counts."""
    whole = text.wholes[side]
    yield f"{'cut' if whole is not None else 'whole'}_{'called' if cut else 'left'}"
    if whole is None or not whole.isalpha():
        return
    edge = text.edge(side)
    long = len(edge.fragment) >= LETTERS
    common = _commonest(edge) == whole
    kinds = ["long"] * long + ["common_all_right"] * (long and common)
    best = likeliest(edge) if cut else None
    if best is not None and best.confidence >= EdgeModel.load().complete[side].threshold:
        right = best.word == whole
        kinds += ["made"] + ["right"] * right + ["common_right"] * common
        kinds += ["long_made"] * long + ["long_right"] * (long and right)
        kinds += ["inflection"] * (not right and _inflected(best.word, whole))
    yield from kinds


def _commonest(edge: Edge) -> str:
    """The baseline: the commonest word with the prefix or suffix; empty if there is none."""
    found = edge.candidates
    return found.words[int(found.sources[:, 0].argmax())] if found.words else ""


def _inflected(one: str, other: str) -> bool:
    """Whether two words differ in their endings alone."""
    same = 0
    while same < min(len(one), len(other)) and one[same] == other[same]:
        same += 1
    return same >= LETTERS and max(len(one), len(other)) - same <= 5


def _edge_shares(n: Mapping[str, int]) -> dict[str, Any]:
    found = n["cut_called"] / max(n["cut_called"] + n["cut_left"], 1)
    kept = n["whole_left"] / max(n["whole_left"] + n["whole_called"], 1)
    return {
        "edges": sum(n[f"{a}_{b}"] for a in ("cut", "whole") for b in ("called", "left")),
        "balanced_accuracy": round((found + kept) / 2, 4),
        "cut_found": round(found, 4),
        "whole_called_cut": round(1 - kept, 4),
        "completed": n["made"],
        "completion_precision": _share(n["right"], n["made"]),
        "wrong_inflections": n["inflection"],
        "commonest_precision": _share(n["common_right"], n["made"]),
        "long_cut": n["long"],
        "long_completed": _share(n["long_made"], n["long"]),
        "long_precision": _share(n["long_right"], n["long_made"]),
        "commonest_long_precision": _share(n["common_all_right"], n["long"]),
    }


def _canonical_counts(article: Article, seed: int) -> Iterator[str]:
    """How the canonical version's word fits each cut edge of one text of an article."""
    theirs = [lower_word(word) for word in split(article.text).words]
    for text in crops([article], each=1, seed=seed + 1, inner=0.0):
        for side in SIDES:
            whole = text.wholes[side]
            if whole is not None and whole.isalpha():
                word = canonical_word(text.words, theirs, side)
                yield "held"
                if word is not None and word != text.edge(side).fragment:
                    yield "right" if word == whole else "wrong"


def _glued(articles: Sequence[Article]) -> dict[str, Any]:
    """Splits in articles as published, and in the same with one space taken out."""
    n: Counter[str] = Counter()
    for article in articles:
        n["clean"] += len(Glued().propose(Draft(Document.start(article.text))))
        damaged = _glue(article)
        if damaged is None:
            continue
        text, first, second = damaged
        n["lost"] += 1
        n["long_lost"] += len(first + second) >= SHORTEST
        for edit in Glued().propose(Draft(Document.start(text))):
            n["split"] += 1
            n["split_right"] += edit.after == f"{first} {second}"
    return {
        "splits_in_clean_articles": n["clean"],
        "glued": n["lost"],
        "glued_precision": _share(n["split_right"], n["split"]),
        "glued_recall": _share(n["split_right"], n["lost"]),
        "glued_recall_long": _share(n["split_right"], n["long_lost"]),
    }


def _glue(article: Article) -> tuple[str, str, str] | None:
    """An article without one of its inner spaces, and the two words that stood at it."""
    words = split(article.text)
    places = [
        i
        for i in range(1, len(words))
        if words.gaps[i] == " " and (words.words[i - 1] + words.words[i]).isalpha()
    ]
    if not places:
        return None
    place = Random(hashlib.sha256(article.id.encode()).digest()).choice(places)
    gaps = [*words.gaps[:place], "", *words.gaps[place + 1 :]]
    return join(words.words, gaps), words.words[place - 1], words.words[place]


#: The rows of the table: key, and what a reader calls it.
_ROWS: tuple[tuple[str, str], ...] = (
    ("edges", "edges, half of them cut at a random character (count)"),
    ("balanced_accuracy", "is it cut: balanced accuracy"),
    ("cut_found", "cut edges called cut"),
    ("whole_called_cut", "whole edges called cut"),
    ("whole_articles_called_cut", "complete flat articles with an edge called cut"),
    ("completed", "completions made (count)"),
    ("completion_precision", "completions right"),
    ("wrong_inflections", "wrong inflections among the wrong ones (count)"),
    ("commonest_precision", "the same words, by the commonest word alone"),
    ("long_completed", "cut words with four letters left: completed"),
    ("long_precision", "of those completed, right"),
    ("commonest_long_precision", "all of them, by the commonest word alone: right"),
    ("canonical_completed", "with the canonical version: cut words completed rightly"),
    ("canonical_wrong", "with the canonical version: cut words completed wrongly"),
    ("splits_in_clean_articles", "glued words found in articles as published (count)"),
    ("glued_precision", "one space lost: splits right"),
    ("glued_recall", "one space lost: mended, of all"),
    ("glued_recall_long", "one space lost: mended, of eight letters and more"),
)


def edge_table(figures: Mapping[str, Any]) -> Iterable[str]:
    """The figures of :func:`evaluate` as lines for a person."""
    width = max(len(label) for _, label in _ROWS)
    for key, label in _ROWS:
        value = figures[key]
        shown = "–" if value is None else f"{value:,}" if isinstance(value, int) else f"{value:.4f}"
        yield f"{label:<{width}}  {shown:>8}"
