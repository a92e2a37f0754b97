"""Evaluation: what the library does to articles that no training run saw, beside trivial baselines.

Everything is scored by :func:`cleantext.canon.check.check`. Figures on dev are means over outlets.
"""

from __future__ import annotations

import hashlib
import json
from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import fmean
from typing import Any

from cleantext.canon.check import check
from cleantext.canon.score import Counts
from cleantext.damage import FLAT, Damage, Partial, degrade
from cleantext.diagnosis import diagnose
from cleantext.document import Document
from cleantext.lexicon import Lexicon
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import (
    LabelTable,
    apply_case,
    capitalise,
    label,
    normalise,
)
from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.training.canonical import evaluate as on_canonical
from cleantext.training.canonical import table as canonical_table
from cleantext.training.corpus import Article, read
from cleantext.training.edge_scores import edge_table
from cleantext.training.edge_scores import evaluate as on_edges
from cleantext.training.layout import layout_table, on_layout, on_paragraphs
from cleantext.words import join, lower_word, split

__all__ = ["Evaluation", "ceiling", "evaluate", "harm", "sample"]

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

    def add(self, outlet: str, text: str, gold: str) -> None:
        """Score one text."""
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


@dataclass(frozen=True)
class Evaluation:
    """The figures of one run; see :func:`evaluate`."""

    figures: Mapping[str, Any]

    def __str__(self) -> str:
        return "\n\n".join(_tables(self.figures))

    def to_json(self) -> str:
        """The figures as JSON."""
        return json.dumps(self.figures, indent=1, ensure_ascii=False)


def _digest(identifier: str) -> str:
    return hashlib.sha256(identifier.encode()).hexdigest()


def sample(articles: Iterable[Article], limit: int | None) -> list[Article]:
    """At most ``limit`` articles of each outlet, always the same ones: by the hash of their ids."""
    by_outlet: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_outlet[article.source].append(article)
    return [
        article
        for outlet in sorted(by_outlet)
        for article in sorted(by_outlet[outlet], key=lambda a: _digest(a.id))[:limit]
    ]


# --- baselines ------------------------------------------------------------------------------------


def _as_is(flat: str) -> str:
    return flat


def _majority_case(flat: str) -> str:
    """Every word in its commonest case, the first one raised; no marks."""
    words = split(flat)
    lexicon = Lexicon.load()
    cased = []
    for word in words.words:
        mixed = lexicon.mixed(word)
        if mixed is not None and mixed[1] > 0.5:
            cased.append(apply_case(word, mixed[0]))
        elif word in lexicon and lexicon.lower_share(word) < 0.5:
            cased.append(apply_case(word, "title"))
        else:
            cased.append(word)
    return join(cased, words.gaps)


def _stop_every_twenty(flat: str) -> str:
    """A stop and a capital every twenty words."""
    words = split(flat)
    gaps = list(words.gaps)
    cased = list(words.words)
    for i in range(20, len(cased), 20):
        gaps[i] = ". "
        cased[i] = capitalise(cased[i])
    gaps[-1] = "."
    if cased:
        cased[0] = capitalise(cased[0])
    return join(cased, gaps)


BASELINES: Mapping[str, Callable[[str], str]] = {
    "nothing done": _as_is,
    "majority case": _majority_case,
    "stop every 20": _stop_every_twenty,
}


# --- dev ------------------------------------------------------------------------------------------


def _restored(pipeline: Pipeline, texts: Sequence[str]) -> Iterator[Document]:
    return pipeline.stream(texts)


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


def on_dev(articles: Sequence[Article], pipeline: Pipeline) -> dict[str, Any]:
    """Articles degraded as file 004 (but whole) and restored; beside the baselines."""
    ours = Tally()
    docs: list[Document] = []
    base = {name: Tally() for name in BASELINES}
    texts = [degrade(article.text, damage=FLAT).text for article in articles]
    changed = made = right = 0
    for article, flat, doc in zip(articles, texts, _restored(pipeline, texts), strict=True):
        ours.add(article.source, doc.text, article.text)
        docs.append(doc)
        for name, baseline in BASELINES.items():
            base[name].add(article.source, baseline(flat), article.text)
        before, after = split(flat).words, split(doc.text).words
        changed += list(map(lower_word, before)) != list(map(lower_word, after))
        counted = number_edits(doc, article.text)
        made, right = made + counted[0], right + counted[1]
    return {
        "articles": len(articles),
        "words": sum(len(split(text)) for text in texts),
        "exact": ours.means(styled=False),
        "styled": ours.means(styled=True),
        "by_outlet": {
            outlet: {key: _points(c.scores[key].f1) for key, _ in ROWS}
            for outlet, c in ours.styled.items()
        },
        "baselines": {name: tally.means(styled=True) for name, tally in base.items()},
        "paragraphs": on_paragraphs(articles, docs),
        "texts_whose_words_changed": changed,
        "number_edits": made,
        "number_edits_right": _points(right / made if made else None),
    }


def _points(share: float | None) -> float | None:
    return None if share is None else round(100 * share, 2)


# --- stripped -------------------------------------------------------------------------------------


def on_stripped(path: Path, pipeline: Pipeline, limit: int | None) -> dict[str, Any]:
    """Really degraded releases against clean copies of them: casing kept, and casefolded."""
    pairs = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    pairs = sorted(pairs, key=lambda p: _digest(str(p["id"])))[:limit]
    found: dict[str, Any] = {"pairs": len(pairs)}
    for name, prepare in (("casing kept", str), ("casefolded", lower_word)):
        tally = Tally()
        texts = [prepare(pair["degraded"]) for pair in pairs]
        for pair, doc in zip(pairs, _restored(pipeline, texts), strict=True):
            tally.add("stripped", doc.text, "\n\n".join(pair["paragraphs"]))
        found[name] = tally.means(styled=True)
    return found


# --- harm -----------------------------------------------------------------------------------------


def harm(articles: Sequence[Article], pipeline: Pipeline) -> dict[str, Any]:
    """What is done to articles as published, and to what is sound in partly degraded ones."""
    touched: list[str] = []
    lightened: list[str] = []
    repaired: list[str] = []
    for article, doc in zip(articles, _restored(pipeline, [a.text for a in articles]), strict=True):
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
    for part, doc in zip(parts, _restored(still, [p.text for p in parts]), strict=True):
        counted = _outside(part, doc)
        outside, kept = outside + counted[0], kept + counted[1]
    return {
        "articles": len(articles),
        "unchanged": _points(1 - len(touched) / max(len(articles), 1)),
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


# --- the codec ------------------------------------------------------------------------------------


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


# --- all of it ------------------------------------------------------------------------------------


def evaluate(corpus: Path, *, limit: int | None = None, model: Path = MODEL_FOLDER) -> Evaluation:
    """Every figure of the model card.

    Args:
        corpus: folder with ``dev.jsonl.xz`` and ``stripped.jsonl``.
        limit: articles an outlet (and pairs) at most; all of them if None.
        model: folder of the model.
    """
    pipeline = Pipeline.default(model=model)
    alone = pipeline.without("encoding", "boilerplate", "edges", "glued")
    dev = list(read(corpus / "dev.jsonl.xz"))
    table = LabelTable.from_dict(
        json.loads((model / "model.json").read_text(encoding="utf-8"))["labels"]
    )
    chosen = sample(dev, limit)
    pinned = sorted(dev, key=lambda a: _digest(a.id))[: 500 if limit is None else 9 * limit]
    pinned_pairs = None if limit is None else 9 * limit
    return Evaluation(
        {
            "limit": limit,
            "dev": on_dev(chosen, alone),
            "stripped": on_stripped(corpus / "stripped.jsonl", pipeline, pinned_pairs),
            "harm": harm(pinned, pipeline),
            "ceiling": ceiling(chosen, table),
            "layout": on_layout(
                sample(dev, 40 if limit is None else limit), pinned, corpus, pipeline, pinned_pairs
            ),
            "edges": on_edges(chosen, texts=4000 if limit is None else 100 * limit),
            **({"canonical": on_canonical(corpus, pipeline, 100)} if limit is None else {}),
        }
    )


def _tables(figures: Mapping[str, Any]) -> Iterator[str]:
    dev, stripped, hurt = figures["dev"], figures["stripped"], figures["harm"]
    columns: dict[str, Mapping[str, Any]] = {
        "styled": dev["styled"],
        "exact": dev["exact"],
        **dev["baselines"],
        "stripped": stripped["casing kept"],
        "stripped, casefolded": stripped["casefolded"],
    }
    head = f"| F1 in points | {' | '.join(columns)} |\n|---|{'--:|' * len(columns)}"
    rows = [
        f"| {name} | {' | '.join(_cell(c.get(key)) for c in columns.values())} |"
        for key, name in (*ROWS, ("case_accuracy", "words cased right, per cent"))
    ]
    yield "\n".join([head, *rows])
    yield "\n".join(
        f"- {line}"
        for line in (
            f"dev: {dev['articles']:,} articles, {dev['words']:,} words; mean over outlets",
            f"texts whose words changed: {dev['texts_whose_words_changed']}",
            f"number edits: {dev['number_edits']:,}, right: {_cell(dev['number_edits_right'])} %",
            f"stripped: {stripped['pairs']} pairs",
            f"harm: {hurt['unchanged']} % of {hurt['articles']} published articles come back byte"
            f" for byte but for true encoding repairs; touched: {_names(hurt['touched'])};"
            f" encoding repaired: {_names(hurt['encoding_repairs'])}; lines of boilerplate"
            f" dropped: {len(hurt['boilerplate_dropped'])}",
            f"outside of degraded paragraphs: {hurt['outside_kept']} % of {hurt['outside']:,} gaps"
            " and cases stay",
            f"codec ceiling: gaps {figures['ceiling']['gaps']} %,"
            f" casings {figures['ceiling']['cases']} %",
        )
    )
    yield "\n".join(layout_table(figures["layout"], dev["paragraphs"]))
    yield "```\n" + "\n".join(edge_table(figures["edges"])) + "\n```"
    if "canonical" in figures:
        yield canonical_table(figures["canonical"])


def _names(identifiers: Sequence[str]) -> str:
    return ", ".join(identifiers) or "none"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
