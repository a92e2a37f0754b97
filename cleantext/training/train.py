"""Training the tagger: random windows, a schedule by the clock, resumable checkpoints."""

from __future__ import annotations

import json
import math
import time
from pathlib import Path

import torch
from torch import Tensor

from cleantext.tagger.roles import LabelTable
from cleantext.training.feeder import feed
from cleantext.training.losses import Losses
from cleantext.training.network import HEADS, Network, Shape
from cleantext.training.settings import Settings

__all__ = ["Settings", "load_network", "train"]


def load_network(path: Path) -> Network:
    """The network of a checkpoint, on the CPU."""
    state = torch.load(path, weights_only=True, map_location="cpu")
    network = Network(Shape(**state["shape"]))
    network.load_state_dict(state["network"])
    return network


def _made(folder: Path, weights: Path | None, start: Path | None) -> Network:
    """The network to train, in the shape of the checkpoint if there is one."""
    table = LabelTable.load(folder / "table.json")
    kept = json.loads((folder / "kept.json").read_text(encoding="utf-8"))
    shape = Shape(len(kept), len(table.roles), len(table.cases))
    state = None
    if start is not None:
        state = torch.load(start, weights_only=True, map_location="cpu")
        found = Shape(**state["shape"])
        if (found.vocabulary, found.roles, found.cases) != (len(kept), *_classes(table)):
            raise ValueError(
                f"{start.name} was made with another vocabulary or other labels than {folder.name}:"
                " start from a checkpoint of the same pack, or from the starting weights"
            )
        shape = found
    network = Network(shape)
    if weights is not None:
        from cleantext.training.starting import minilm  # safetensors: not on every machine

        _take(network, minilm(weights, kept, positions=shape.positions), weights)
    if start is not None and state is not None:
        _take(network, state["network"], start)
    return network


def _classes(table: LabelTable) -> tuple[int, int]:
    return len(table.roles), len(table.cases)


def _take(network: Network, state: dict[str, Tensor], path: Path) -> None:
    """Load weights that may lack heads, which then begin at random."""
    missing, unexpected = network.load_state_dict(state, strict=False)
    if unexpected or any(not name.startswith(HEADS) for name in missing):
        raise ValueError(f"{path.name} does not fit the network: {missing}, {unexpected}")


class _Run:
    """The state of a run: what a checkpoint holds."""

    def __init__(self, network: Network, settings: Settings, device: torch.device) -> None:
        self.network = network.to(device)
        self.settings = settings
        heads = [p for name, p in network.named_parameters() if name.startswith(HEADS)]
        body = [p for name, p in network.named_parameters() if not name.startswith(HEADS)]
        self.optimizer = torch.optim.AdamW(
            [
                {"params": body, "peak": settings.rate},
                {"params": heads, "peak": settings.head_rate},
            ],
            lr=settings.rate,
            weight_decay=settings.decay,
            fused=True,
        )
        self.step, self.spent, self.seen = 0, 0.0, 0
        self.average = [p.detach().clone() for p in network.parameters()] * bool(settings.averaging)

    @property
    def progress(self) -> float:
        """How much of the schedule is behind, 0..1."""
        if self.settings.steps is not None:
            return self.step / self.settings.steps
        return self.spent / max(self.settings.hours * 3600, 1e-9)

    def advance(self, losses: Tensor) -> None:
        """One step down the gradient of the sum of the losses."""
        factor = self.settings.factor(self.step, self.progress)
        for group in self.optimizer.param_groups:
            group["lr"] = group["peak"] * factor
        self.optimizer.zero_grad(set_to_none=True)
        losses.sum().backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 1.0)
        self.optimizer.step()
        self.step += 1
        if self.average:
            # early on the mean is of the steps there have been, not of the weights at the start
            keep = min(self.settings.averaging, self.step / (self.step + 10))
            current = [p.detach() for p in self.network.parameters()]
            torch._foreach_lerp_(self.average, current, 1 - keep)

    def averaged(self) -> dict[str, Tensor]:
        """The running mean of the weights, by name; nothing if none is kept."""
        names = [name for name, _ in self.network.named_parameters()]
        buffers = dict(self.network.named_buffers()) if self.average else {}
        return {**dict(zip(names, self.average, strict=False)), **buffers}

    def save(self, path: Path) -> None:
        """Write a checkpoint, whole or not at all."""
        state = {
            "network": self.network.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "shape": self.network.shape.to_dict(),
            "step": self.step,
            "spent": self.spent,
            "seen": self.seen,
        }
        if self.average:
            state["average"] = self.averaged()
        torch.save(state, path.with_suffix(".tmp"))
        path.with_suffix(".tmp").replace(path)

    def resume(self, path: Path, device: torch.device) -> None:
        """Go on where a checkpoint was written."""
        state = torch.load(path, weights_only=True, map_location=device)
        self.network.load_state_dict(state["network"])
        self.optimizer.load_state_dict(state["optimizer"])
        for group, peak in zip(
            self.optimizer.param_groups,
            (self.settings.rate, self.settings.head_rate),
            strict=True,
        ):
            group["peak"] = peak
        self.step, self.spent, self.seen = state["step"], state["spent"], state["seen"]
        if self.average:
            kept = state.get("average", state["network"])
            self.average = [kept[name].clone() for name, _ in self.network.named_parameters()]
        print(f"resumed at step {self.step}", flush=True)


class _Report:
    """Prints the running losses every half minute."""

    def __init__(self) -> None:
        self.printed = time.monotonic()
        self.losses: Tensor | None = None

    def add(self, losses: Tensor, run: _Run) -> None:
        losses = losses.detach()
        self.losses = losses if self.losses is None else self.losses.lerp(losses, 0.02)
        if time.monotonic() - self.printed < 30:
            return
        self.printed = time.monotonic()
        gaps, cases, parts = self.losses.tolist()
        if not math.isfinite(gaps + cases + parts):
            raise FloatingPointError(
                f"the loss is no number at step {run.step}: start again from the last checkpoint"
                " at a lower rate"
            )
        print(
            f"{run.progress:6.1%}  step {run.step:,}  {run.seen / 1e6:.2f}M subwords"
            f"  {run.seen / max(run.spent, 1e-9):,.0f}/s  gap {gaps:.3f}  case {cases:.3f}"
            f"  part {parts:.3f}",
            flush=True,
        )


def train(
    folder: Path,
    run: Path,
    *,
    weights: Path | None = None,
    start: Path | None = None,
    settings: Settings | None = None,
    device: str = "cpu",
    teacher: Path | None = None,
    deadline: float | None = None,
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
        teacher: a checkpoint to learn from besides the labels.
        deadline: moment of ``time.monotonic()`` at which to stop with a checkpoint to resume from.

    Returns:
        The path of ``final.pt``, or of ``last.pt`` if the deadline came first.

    Raises:
        ValueError: if the checkpoint to start from was made with other labels or vocabulary.
        FloatingPointError: if the loss is no number any more.
    """
    settings = settings or Settings()
    run.mkdir(parents=True, exist_ok=True)
    torch.manual_seed(settings.seed)
    target = torch.device(device)
    state = _Run(_made(folder, weights, start), settings, target)
    last, final = run / "last.pt", run / "final.pt"
    if last.exists():
        state.resume(last, target)
    if settings.compile:
        for layer in state.network.layers:
            layer.compile()
    taught = None if teacher is None else load_network(teacher).to(target)
    losses = Losses(target, settings.autocast, taught, settings.share, settings.temperature)
    report = _Report()
    with feed(
        folder,
        lengths=settings.lengths,
        subwords=settings.batch,
        seed=settings.seed + state.step,
        mixture=settings.mixture,
        workers=settings.workers,
    ) as batches:
        mark = saved = time.monotonic()
        while state.progress < 1:
            if deadline is not None and mark >= deadline:
                state.save(last)
                return last
            batch = next(batches)
            parts = losses(state.network, batch)
            state.advance(parts)
            state.seen += batch.tokens.size
            now = time.monotonic()
            state.spent += now - mark
            mark = now
            report.add(parts, state)
            if now - saved > 60 * settings.checkpoint_minutes:
                state.save(last)
                saved = now
    state.save(final)
    return final
