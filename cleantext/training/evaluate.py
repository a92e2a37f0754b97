"""Evaluation: what the library does to articles that no training run saw, beside trivial baselines.

Everything is scored by :func:`cleantext.canon.check.check`. Figures on dev are means over outlets.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from cleantext.damage import FLAT, degrade
from cleantext.document import Document
from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import LabelTable
from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.training.calibrate import calibration_figures, calibration_table, uncalibrated
from cleantext.training.canonical import evaluate as on_canonical
from cleantext.training.canonical import table as canonical_table
from cleantext.training.corpus import Article, read
from cleantext.training.edge_scores import edge_table
from cleantext.training.edge_scores import evaluate as on_edges
from cleantext.training.glued import glued_table, on_glued
from cleantext.training.harm import ceiling, harm
from cleantext.training.judged import judge
from cleantext.training.layout import layout_table, on_layout
from cleantext.training.marks import ROWS, on_dev, on_stripped
from cleantext.training.samples import pinned, sample

__all__ = ["Evaluation", "evaluate"]


@dataclass(frozen=True)
class Evaluation:
    """The figures of one run; see :func:`evaluate`."""

    figures: Mapping[str, Any]

    def __str__(self) -> str:
        return "\n\n".join(_tables(self.figures))

    def to_json(self) -> str:
        """The figures as JSON."""
        return json.dumps(self.figures, indent=1, ensure_ascii=False)


def evaluate(corpus: Path, *, limit: int | None = None, model: Path = MODEL_FOLDER) -> Evaluation:
    """Every figure of the model card.

    Args:
        corpus: folder with ``dev.jsonl.xz`` and ``stripped.jsonl``.
        limit: articles an outlet (and pairs) at most; all of them if None.
        model: folder of the model.
    """
    pipeline = Pipeline.default(model=model)
    dev = list(read(corpus / "dev.jsonl.xz"))
    manifest = json.loads((model / "model.json").read_text(encoding="utf-8"))
    chosen = sample(dev, limit)
    held = pinned(dev, 500 if limit is None else 9 * limit)
    pairs = None if limit is None else 9 * limit
    docs = restored(chosen, model)
    judged = [list(judge(doc, article.text)) for article, doc in zip(chosen, docs, strict=True)]
    return Evaluation(
        {
            "limit": limit,
            "dev": on_dev(chosen, docs),
            "glued": on_glued(chosen, pipeline, texts=3000 if limit is None else 10 * limit),
            "calibration": calibration_figures([a.source for a in chosen], judged),
            "stripped": on_stripped(corpus / "stripped.jsonl", pipeline, pairs),
            "harm": harm(held, pipeline),
            "ceiling": ceiling(chosen, LabelTable.from_dict(manifest["labels"])),
            "layout": on_layout(
                sample(dev, 40 if limit is None else limit), held, corpus, pipeline, pairs
            ),
            "edges": on_edges(chosen, texts=4000 if limit is None else 100 * limit),
            **({"canonical": on_canonical(corpus, pipeline, 100)} if limit is None else {}),
        }
    )


def restored(articles: Sequence[Article], model: Path) -> list[Document]:
    """Articles degraded as file 004 (but whole) and restored by the tagger alone.

    Their edits carry what the model says, not what calibration makes of it.
    """
    flat = [degrade(article.text, damage=FLAT).text for article in articles]
    with uncalibrated(model) as folder:
        pipeline = Pipeline.default(model=folder)
        return list(pipeline.without("encoding", "boilerplate", "edges", "glued").stream(flat))


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
    yield glued_table(figures["glued"])
    yield calibration_table(figures["calibration"])
    yield "\n".join(layout_table(figures["layout"], dev["paragraphs"]))
    yield "```\n" + "\n".join(edge_table(figures["edges"])) + "\n```"
    if "canonical" in figures:
        yield canonical_table(figures["canonical"])


def _names(identifiers: Sequence[str]) -> str:
    return ", ".join(identifiers) or "none"


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
