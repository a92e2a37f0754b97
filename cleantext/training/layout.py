"""Evaluation of layout: foreign blocks, datelines, letterheads and paragraphs."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping, Sequence
from pathlib import Path
from random import Random
from typing import Any

from cleantext.canon.align import align
from cleantext.canon.check import check
from cleantext.canon.marks import LINE_BREAK
from cleantext.canon.score import Count
from cleantext.damage import FLAT, degrade
from cleantext.document import Document
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import normalise
from cleantext.training.blocks import insert
from cleantext.training.corpus import Article, dateline, held_out, read
from cleantext.words import join, lower_word, split

__all__ = ["layout_table", "on_layout", "on_paragraphs"]


def _share(part: int, whole: int) -> float | None:
    return round(100 * part / whole, 2) if whole else None


def _furniture(corpus: Path) -> list[str]:
    """The lines of furniture that no training run sees."""
    lines = (corpus / "furniture.jsonl").read_text(encoding="utf-8").splitlines()
    known = [json.loads(line) for line in lines]
    return [r["line"] for r in known if r["articles"] > 1 and held_out(r["line"], one_in=5)]


def on_blocks(articles: Sequence[Article], corpus: Path, pipeline: Pipeline) -> dict[str, Any]:
    """Other articles' headlines and furniture set into articles, with the layout lost and kept.

    Counted by word: what of the blocks was dropped, and what else was.
    """
    titles = sorted({a.title for a in read(corpus / "dev.jsonl.xz") if len(a.title.split()) > 3})
    furniture = _furniture(corpus)
    found: dict[str, Any] = {}
    for name, damage in (("flat", FLAT), ("laid_out", ())):
        made = [
            insert(
                list(filter(None, map(str.strip, article.paragraphs))),
                Random(article.id),
                titles=titles,
                furniture=furniture,
            )
            for article in _without_furniture(articles, corpus)
            if len(article.paragraphs) > 3
        ]
        degraded = [degrade(each.text, damage=damage) for each in made]
        right = dropped = wanted = 0
        docs = pipeline.stream([each.text for each in degraded])
        for each, flat, doc in zip(made, degraded, docs, strict=True):
            words = split(flat.text)
            gold = _words_in(words.starts, each.blocks, flat.source_of)
            ours = _words_in(words.starts, [(s.start, s.end) for s in doc.dropped], int)
            right += len(gold & ours)
            dropped += len(ours)
            wanted += len(gold)
        found[f"blocks_{name}"] = _share(2 * right, dropped + wanted)
        found[f"blocks_{name}_precision"] = _share(right, dropped)
        found[f"blocks_{name}_recall"] = _share(right, wanted)
    return found


def _without_furniture(articles: Iterable[Article], corpus: Path) -> list[Article]:
    lines = (corpus / "furniture.jsonl").read_text(encoding="utf-8").splitlines()
    known = {json.loads(line)["line"] for line in lines}
    return [a for a in articles if not known & set(map(str.strip, a.paragraphs))]


def _words_in(
    starts: Sequence[int], spans: Iterable[tuple[int, int]], place: Callable[[int], int]
) -> set[int]:
    """The words whose first character comes from one of the spans."""
    spans = list(spans)
    return {i for i, at in enumerate(starts) if any(a <= place(at) < b for a, b in spans)}


def on_clean(articles: Sequence[Article], corpus: Path, pipeline: Pipeline) -> dict[str, Any]:
    """What articles without any known line of furniture lose, as published and flattened."""
    chosen = _without_furniture(articles, corpus)[:300]
    found: dict[str, Any] = {"clean": len(chosen)}
    for name, damage in (("clean_losing", ()), ("clean_flat_losing", FLAT)):
        texts = [degrade(article.text, damage=damage).text for article in chosen]
        lost: list[Any] = []
        for article, doc in zip(chosen, pipeline.stream(texts), strict=True):
            if doc.dropped:
                lost.append([article.id, [span.text for span in doc.dropped]])
        found[name] = len(lost)
        found[f"{name}_what"] = lost
    return found


def on_datelines(corpora: Iterable[Path], pipeline: Pipeline) -> dict[str, Any]:
    """Datelines of held-out articles: headline, dateline and the first paragraphs, flattened."""
    texts: list[str] = []
    gold: list[str] = []
    for path in corpora:
        for article in read(path):
            if not held_out(article.id):
                continue
            opening = [normalise(p) for p in article.paragraphs[:6]]
            for i, paragraph in enumerate(opening[:2]):
                size = dateline(paragraph)
                line = paragraph[:size]
                if size and line.rstrip().endswith("—") and line[:3].isupper():
                    body = "\n\n".join([article.title, *opening[i:]])
                    texts.append(degrade(body, damage=FLAT).text)
                    gold.append(line.strip())
                    break
    right = 0
    wrong: list[list[str]] = []
    for line, doc in zip(gold, pipeline.stream(texts), strict=True):
        good = any(p.startswith(f"{line} ") for p in doc.text.split("\n\n")[:4])
        right += good
        if not good:
            wrong.append([line, doc.text[:200]])
    return {
        "datelined": len(texts),
        "datelines": _share(right, len(texts)),
        "datelines_wrong": wrong,
    }


def on_letterheads(path: Path, pipeline: Pipeline, limit: int | None) -> dict[str, Any]:
    """Really degraded releases: is what stands in front of the clean copy set apart from it?

    Counted are releases with four or more words in front. Set apart means that a paragraph begins
    at the first word of the clean copy, or at a dateline of up to five words in front of it. Words
    of the body that were dropped count against it.
    """
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()][:limit]
    counted = apart = body = body_lost = 0
    texts = [lower_word(pair["degraded"]) for pair in pairs]
    for pair, text, doc in zip(pairs, texts, pipeline.stream(texts), strict=True):
        words = split(text)
        canonical = list(map(lower_word, split("\n\n".join(pair["paragraphs"])).words))
        runs = [run for run in align(words.words, canonical).runs if run.length >= 5]
        if not runs:
            continue
        gone = _words_in(words.starts, [(s.start, s.end) for s in doc.dropped], int)
        inside = {i for run in runs for i in range(run.text, run.text + run.length)}
        body += len(inside)
        body_lost += len(inside & gone)
        first = runs[0].text
        if runs[0].canonical > 3 or first < 4:
            continue
        counted += 1
        apart += _is_apart(doc, words.starts[max(0, first - 5)], words.starts[first])
    return {
        "letterheads": _share(apart, counted),
        "letterheads_counted": counted,
        "letterheads_body_lost": _share(body_lost, body),
    }


def _is_apart(doc: Document, low: int, high: int) -> bool:
    """Whether a paragraph of the document begins between two places of the raw text."""
    at = 0
    for paragraph in doc.text.split("\n\n"):
        if low <= doc.to_raw(at) <= high:
            return True
        at += len(paragraph) + 2
    return False


def on_paragraphs(articles: Sequence[Article], docs: Sequence[Document]) -> dict[str, float | None]:
    """F1 of paragraph breaks, the mean over outlets, beside breaks at every k-th sentence end."""
    counts: dict[str, dict[str, Count]] = {}
    for article, doc in zip(articles, docs, strict=True):
        for name, every in (("paragraphs", 0), *_EVERY.items()):
            text = _parted(doc.text, every) if every else doc.text
            by_outlet = counts.setdefault(name, {})
            found = _breaks(text, article.text)
            by_outlet[article.source] = by_outlet.get(article.source, Count()) + found
    means: dict[str, float | None] = {}
    for name, by_outlet in counts.items():
        shares = [count.score.f1 for count in by_outlet.values()]
        known = [share for share in shares if share is not None]
        means[name] = round(100 * sum(known) / len(known), 2) if known else None
    return means


def _breaks(text: str, gold: str) -> Count:
    """The paragraph breaks of a text beside those of the article."""
    ours, ought = split(text), split(gold)
    if len(ours) != len(ought):
        return check(text, gold).counts["paragraph"]
    has, wanted = (
        {i for i in range(1, len(words)) if LINE_BREAK.search(words.gaps[i])}
        for words in (ours, ought)
    )
    return Count(len(has & wanted), len(has), len(wanted))


_EVERY: Mapping[str, int] = {
    "paragraphs_every_end": 1,
    "paragraphs_every_second": 2,
    "paragraphs_every_third": 3,
}


def _parted(text: str, every: int) -> str:
    """The text with a paragraph break at every so many of its own sentence ends, and no other."""
    words = split(text)
    gaps = list(words.gaps)
    ends = 0
    for i in range(1, len(words)):
        gap = gaps[i]
        mark = gap.rstrip("\"'”’)]( \n“‘[")
        ended = mark[-1:] in (".", "?", "!") and any(map(str.isspace, gap))
        if ended and words.words[i][0].isupper():
            ends += 1
            new = "\n\n" if ends % every == 0 else " "
            gaps[i] = new.join(gap.split(maxsplit=1)) if gap.split()[1:] else gap.rstrip() + new
        elif "\n" in gap:
            gaps[i] = gap.replace("\n\n", " ").replace("\n", " ")
    return join(words.words, gaps)


def on_layout(
    articles: Sequence[Article],
    pinned: Sequence[Article],
    corpus: Path,
    pipeline: Pipeline,
    limit: int | None,
) -> dict[str, Any]:
    """Every figure of layout but the paragraphs.

    Args:
        articles: that blocks are set into.
        pinned: that nothing should be dropped from; the first 300 without a known line count.
        corpus: folder of the corpus.
        pipeline: the whole one.
        limit: press releases at most.
    """
    corpora = [p for name in ("train", "press") if (p := corpus / f"{name}.jsonl.xz").exists()]
    return {
        **on_blocks(articles, corpus, pipeline),
        **on_clean(pinned, corpus, pipeline),
        **on_datelines(corpora if limit is None else (), pipeline),
        **on_letterheads(corpus / "stripped.jsonl", pipeline, limit),
    }


def layout_table(layout: Mapping[str, Any], paragraphs: Mapping[str, Any]) -> Iterable[str]:
    """The figures of :func:`on_layout` and :func:`on_paragraphs` as lines of a list."""
    for name, said in (("flat", "lost"), ("laid_out", "kept")):
        yield (
            f"- words of inserted blocks that were dropped, layout {said}: F1"
            f" {layout[f'blocks_{name}']}, precision {layout[f'blocks_{name}_precision']},"
            f" recall {layout[f'blocks_{name}_recall']}"
        )
    yield (
        f"- of {layout['clean']} clean articles, lose something: {layout['clean_losing']} as"
        f" published, {layout['clean_flat_losing']} with the layout lost"
    )
    yield f"- exact datelines: {layout['datelines']} % of {layout['datelined']} held-out texts"
    yield (
        f"- letterheads of real releases set apart from the body: {layout['letterheads']} % of"
        f" {layout['letterheads_counted']}; words of the body lost:"
        f" {layout['letterheads_body_lost']} %"
    )
    named = {
        "paragraphs": "",
        "paragraphs_every_end": "a break at every sentence end ",
        "paragraphs_every_second": "at every second ",
        "paragraphs_every_third": "at every third ",
    }
    shown = "; ".join(f"{said}{paragraphs[key]}" for key, said in named.items())
    yield f"- paragraph breaks, F1: {shown}"
