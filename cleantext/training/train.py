"""Training the tagger: random windows, a schedule by the clock, resumable checkpoints."""

from __future__ import annotations

import json
import math
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from cleantext.tagger.labels import LabelTable
from cleantext.training.corpus import source_weights
from cleantext.training.network import Network, Shape
from cleantext.training.pack import IGNORE, Pack

__all__ = ["Settings", "Windows", "train"]


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
    first_share: float = 0.15  # windows that begin where an article does
    checkpoint_minutes: float = 5.0
    seed: int = 1


@dataclass(frozen=True)
class Batch:
    """Windows of one length: ``tokens[b, l]``, ``roles[b, l]`` and ``cases[b, l]``.

    ``roles[:, t]`` is the gap behind the word that ends at ``t``, ``roles[:, 0]`` the one before
    the first word; ``IGNORE`` elsewhere.
    """

    tokens: NDArray[np.int64]
    roles: NDArray[np.int64]
    cases: NDArray[np.int64]


class Windows:
    """An endless stream of random windows from a packed corpus."""

    def __init__(self, pack: Pack, table: LabelTable, *, cls: int, sep: int, seed: int) -> None:
        self.pack, self.cls, self.sep = pack, cls, sep
        self.rng = np.random.default_rng(seed)
        sizes = np.diff(pack.offsets)
        counts = np.bincount(pack.sources, minlength=len(pack.source_names))
        by_name = dict(zip(pack.source_names, counts.tolist(), strict=True))
        weights = source_weights(by_name)
        shares = np.array([weights[name] for name in pack.source_names]) / np.maximum(counts, 1)
        # an article is drawn by the share of its outlet and, within it, by its length
        self.chance = shares[pack.sources] * np.minimum(sizes, 3000)
        self.sizes = sizes
        right = [table.role_index.get(type(r)(" " + r.right), 0) for r in table.roles]
        self.lead_of = np.full(256, IGNORE, np.uint8)
        self.lead_of[: len(right)] = right
        self._cumulative: dict[int, NDArray[np.float64]] = {}

    def _draw(self, inner: int, count: int) -> NDArray[np.int64]:
        if inner not in self._cumulative:
            chance = np.where(self.sizes >= inner, self.chance, 0.0)
            if not chance.any():
                raise ValueError(
                    f"no article has {inner} subwords or more; join short records into longer"
                    " ones, or train on more of them"
                )
            self._cumulative[inner] = np.cumsum(chance) / chance.sum()
        return np.searchsorted(self._cumulative[inner], self.rng.random(count), side="right")

    def batch(self, length: int, count: int, first_share: float) -> Batch:
        """``count`` windows of ``length`` subwords, the two special ones included."""
        pack, inner = self.pack, length - 2
        tokens = np.empty((count, length), np.int64)
        roles = np.full((count, length), IGNORE, np.int64)
        cases = np.full((count, length), IGNORE, np.int64)
        tokens[:, 0], tokens[:, -1] = self.cls, self.sep
        for row, article in enumerate(self._draw(inner, count)):
            begin, end = int(pack.offsets[article]), int(pack.offsets[article + 1])
            start = begin
            if self.rng.random() >= first_share:
                start += int(self.rng.integers(0, end - begin - inner + 1))
                while not pack.starts[start] and start > begin:
                    start -= 1
            stop = start + inner
            tokens[row, 1:-1] = pack.tokens[start:stop]
            roles[row, 1:-1] = pack.roles[start:stop]
            cases[row, 1:-1] = pack.cases[start:stop]
            lead = pack.leads[article] if start == begin else pack.roles[start - 1]
            roles[row, 0] = self.lead_of[lead] if lead != IGNORE else IGNORE
        return Batch(tokens, roles, cases)

    def stream(self, settings: Settings) -> Iterator[Batch]:
        """Batches of about ``settings.batch`` subwords, of mixed lengths."""
        while True:
            length = int(self.rng.choice(settings.lengths))
            yield self.batch(length, max(1, settings.batch // length), settings.first_share)


def losses(network: Network, batch: Batch, device: torch.device) -> tuple[Tensor, Tensor]:
    """Mean cross-entropy of the gaps and of the cases, in nats."""
    tokens = torch.from_numpy(batch.tokens).to(device)
    roles = torch.from_numpy(batch.roles).to(device)
    cases = torch.from_numpy(batch.cases).to(device)
    hidden = network.encode(tokens)
    width = hidden.shape[-1]
    before, after = hidden[:, :-1].reshape(-1, width), hidden[:, 1:].reshape(-1, width)
    gap_at = (roles[:, :-1].reshape(-1) != IGNORE).nonzero().squeeze(1)
    case_at = (cases.reshape(-1) != IGNORE).nonzero().squeeze(1)
    gap_logits = network.gaps(before[gap_at], after[gap_at])
    case_logits = network.cases(hidden.reshape(-1, width)[case_at])
    gap_loss = F.cross_entropy(gap_logits.float(), roles[:, :-1].reshape(-1)[gap_at])
    case_loss = F.cross_entropy(case_logits.float(), cases.reshape(-1)[case_at])
    return gap_loss, case_loss


def _factor(step: int, progress: float, warmup: int) -> float:
    return min(1.0, (step + 1) / warmup) * max(0.0, 1.0 - progress)


def train(
    folder: Path,
    run: Path,
    *,
    weights: Path | None = None,
    settings: Settings | None = None,
    device: str = "cpu",
) -> Path:
    """Train on a packed corpus; resume where a run of the same folder stopped.

    Args:
        folder: what :func:`cleantext.training.pack.pack` wrote.
        run: folder for checkpoints; holds ``last.pt`` and, at the end, ``final.pt``.
        weights: MiniLM's ``model.safetensors``; random weights without it.
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
    target = torch.device(device)
    network.to(target)
    heads = [p for name, p in network.named_parameters() if name.startswith(("gap_", "case_"))]
    body = [p for name, p in network.named_parameters() if not name.startswith(("gap_", "case_"))]
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
        Pack.load(folder), table, cls=vocab["[CLS]"], sep=vocab["[SEP]"], seed=settings.seed + step
    )
    budget = settings.hours * 3600
    mark = saved = time.monotonic()
    averages = [math.nan, math.nan]
    for batch in windows.stream(settings):
        progress = spent / budget
        if progress >= 1:
            break
        factor = _factor(step, progress, settings.warmup)
        for group in optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        gap_loss, case_loss = losses(network, batch, target)
        optimizer.zero_grad(set_to_none=True)
        (gap_loss + case_loss).backward()
        torch.nn.utils.clip_grad_norm_(network.parameters(), 1.0)
        optimizer.step()
        step += 1
        seen += batch.tokens.size
        now = time.monotonic()
        spent += now - mark
        mark = now
        for i, loss in enumerate((gap_loss, case_loss)):
            value = loss.item()
            averages[i] = value if math.isnan(averages[i]) else 0.98 * averages[i] + 0.02 * value
        if step % 100 == 0:
            print(
                f"{progress:6.1%}  step {step:,}  {seen / 1e6:.2f}M subwords"
                f"  {seen / spent:,.0f}/s  gap {averages[0]:.3f}  case {averages[1]:.3f}",
                flush=True,
            )
        if now - saved > 60 * settings.checkpoint_minutes:
            save(last)
            saved = now
    final = run / "final.pt"
    save(final)
    return final
