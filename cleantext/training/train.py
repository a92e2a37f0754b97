"""Training the tagger: random windows, a schedule by the clock, resumable checkpoints."""

from __future__ import annotations

import json
import math
import time
from dataclasses import dataclass
from pathlib import Path

import torch
from torch import Tensor
from torch.nn import functional as F

from cleantext.tagger.labels import LabelTable
from cleantext.training.batches import Batch, Windows
from cleantext.training.network import HEADS, Network, Shape
from cleantext.training.pack import IGNORE, Pack

__all__ = ["Settings", "train"]


@dataclass(frozen=True)
class Settings:
    """How to train. Defaults are those of the shipped model (see NOTES.md)."""

    hours: float = 2.0  # the schedule runs by the clock, so that a busy machine ends in time too
    batch: int = 1024  # subwords a step, special ones included
    rate: float = 4e-4  # of the encoder
    head_rate: float = 1e-3
    warmup: int = 100  # steps
    decay: float = 0.01
    lengths: tuple[int, ...] = (64, 128, 128, 192, 256)
    checkpoint_minutes: float = 5.0
    seed: int = 1


def losses(network: Network, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor, Tensor]:
    """Mean cross-entropy of the gaps, of the cases and of the parts, in nats."""
    tokens, roles, cases, parts = (
        torch.from_numpy(array).to(device, non_blocking=True)
        for array in (batch.tokens, batch.roles, batch.cases, batch.parts)
    )
    hidden = network.encode(tokens)
    width = hidden.shape[-1]
    before, after = hidden[:, :-1].reshape(-1, width), hidden[:, 1:].reshape(-1, width)
    gaps, cases, parts = roles[:, :-1].reshape(-1), cases.reshape(-1), parts.reshape(-1)
    gap_at, case_at, part_at = (
        (labels != IGNORE).nonzero().squeeze(1) for labels in (gaps, cases, parts)
    )
    flat = hidden.reshape(-1, width)
    gap_logits = network.gaps(before[gap_at], after[gap_at])
    return (
        F.cross_entropy(gap_logits.float(), gaps[gap_at]),
        F.cross_entropy(network.cases(flat[case_at]).float(), cases[case_at]),
        F.cross_entropy(network.parts(flat[part_at]).float(), parts[part_at]),
    )


def _factor(step: int, progress: float, warmup: int) -> float:
    return min(1.0, (step + 1) / warmup) * max(0.0, 1.0 - progress)


def train(
    folder: Path,
    run: Path,
    *,
    weights: Path | None = None,
    start: Path | None = None,
    settings: Settings | None = None,
    device: str = "cpu",
) -> Path:
    """Train on a packed corpus; resume where a run of the same folder stopped.

    Args:
        folder: what :func:`cleantext.training.pack.pack` wrote.
        run: folder for checkpoints; holds ``last.pt`` and, at the end, ``final.pt``.
        weights: MiniLM's ``model.safetensors``; random weights without it.
        start: a checkpoint to start from instead, made with the same labels and vocabulary; heads
            that it does not have begin at random.
        settings: how to train.
        device: a PyTorch device.

    Returns:
        The path of ``final.pt``.
    """
    settings = settings or Settings()
    run.mkdir(parents=True, exist_ok=True)
    table = LabelTable.load(folder / "table.json")
    kept = json.loads((folder / "kept.json").read_text(encoding="utf-8"))
    vocab = json.loads((folder / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    shape = Shape(len(kept), len(table.roles), len(table.cases))
    torch.manual_seed(settings.seed)
    network = Network(shape)
    if weights is not None:
        network.load_minilm(weights, kept)
    if start is not None:
        state = torch.load(start, weights_only=True, map_location="cpu")
        network.load_state_dict(state["network"], strict=False)
    target = torch.device(device)
    network.to(target)
    heads = [p for name, p in network.named_parameters() if name.startswith(HEADS)]
    body = [p for name, p in network.named_parameters() if not name.startswith(HEADS)]
    optimizer = torch.optim.AdamW(
        [{"params": body, "peak": settings.rate}, {"params": heads, "peak": settings.head_rate}],
        lr=settings.rate,
        weight_decay=settings.decay,
        fused=True,
    )
    step, spent, seen = 0, 0.0, 0
    last = run / "last.pt"
    if last.exists():
        state = torch.load(last, weights_only=True, map_location=target)
        network.load_state_dict(state["network"])
        optimizer.load_state_dict(state["optimizer"])
        step, spent, seen = state["step"], state["spent"], state["seen"]
        print(f"resumed at step {step}", flush=True)

    def save(path: Path) -> None:
        torch.save(
            {
                "network": network.state_dict(),
                "optimizer": optimizer.state_dict(),
                "shape": shape.to_dict(),
                "step": step,
                "spent": spent,
                "seen": seen,
            },
            path.with_suffix(".tmp"),
        )
        path.with_suffix(".tmp").replace(path)

    windows = Windows(
        Pack.load(folder),
        Pack.load(folder / "lines"),
        table,
        vocab["[CLS]"],
        vocab["[SEP]"],
        settings.seed + step,
    )
    budget = settings.hours * 3600
    mark = saved = time.monotonic()
    averages = [math.nan] * 3
    for batch in windows.stream(settings.lengths, settings.batch):
        progress = spent / budget
        if progress >= 1:
            break
        factor = _factor(step, progress, settings.warmup)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        parts = losses(network, batch, target)
        optimizer.zero_grad(set_to_none=True)
        torch.stack(parts).sum().backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen += batch.tokens.size
        now = time.monotonic()
        spent += now - mark
        mark = now
        for i, loss in enumerate(parts):
            value = loss.item()
            averages[i] = value if math.isnan(averages[i]) else 0.98 * averages[i] + 0.02 * value
        if step % 100 == 0:
            print(
                f"{progress:6.1%}  step {step:,}  {seen / 1e6:.2f}M subwords"
                f"  {seen / spent:,.0f}/s  gap {averages[0]:.3f}  case {averages[1]:.3f}"
                f"  part {averages[2]:.3f}",
                flush=True,
            )
        if now - saved > 60 * settings.checkpoint_minutes:
            save(last)
            saved = now
    final = run / "final.pt"
    save(final)
    return final
