"""How to train."""

from __future__ import annotations

import math
import time
from dataclasses import dataclass, field, replace
from typing import Any, Literal

from cleantext.training.batches import Mixture

__all__ = ["Settings"]


@dataclass(frozen=True)
class Settings:
    """How to train. Defaults are those of the shipped model (see NOTES.md)."""

    hours: float = 2.0  # the schedule runs by the clock, so that a busy machine ends in time too
    steps: int | None = None  # a schedule by steps instead
    shape: Literal["linear", "cosine"] = "linear"  # of the fall to nothing
    batch: int = 1024  # subwords a step, special ones included
    rate: float = 4e-4  # of the encoder
    head_rate: float = 1e-3
    warmup: int = 100  # steps
    decay: float = 0.01
    lengths: tuple[int, ...] = (64, 128, 128, 192, 256)
    mixture: Mixture = field(default_factory=Mixture)
    averaging: float = 0.0  # what a running mean of the weights keeps in a step; 0 for none
    autocast: bool = False  # products in bfloat16
    compile: bool = False  # layers through torch.compile
    workers: int = 0  # processes that make batches
    share: float = 0.5  # of a teacher in the loss
    temperature: float = 2.0
    checkpoint_minutes: float = 5.0
    seed: int = 1

    @classmethod
    def for_device(cls, device: str, **changes: Any) -> Settings:
        """Defaults for a device: a GPU takes large steps, at a rate to match.

        The rates rise less than the square root of the batch would have it: a post-norm encoder
        does not bear more. A processor multiplies in bfloat16 where it is faster at that.
        """
        if device == "cpu" and "autocast" not in changes:
            changes["autocast"] = _faster_in_bfloat16()
        settings = cls()
        if device.startswith("cuda"):
            settings = cls(
                batch=32_768,
                rate=7e-4,
                head_rate=2e-3,
                warmup=1000,
                averaging=0.999,
                autocast=True,
                workers=6,
                checkpoint_minutes=2.0,
            )
        return replace(settings, **changes)

    def factor(self, step: int, progress: float) -> float:
        """What the rates are multiplied by, ``progress`` (0..1) along the schedule."""
        left = max(0.0, 1.0 - progress)
        if self.shape == "cosine":
            left = 0.5 - 0.5 * math.cos(math.pi * left)
        return min(1.0, (step + 1) / self.warmup) * left


def _faster_in_bfloat16() -> bool:
    """Whether this processor multiplies in bfloat16 in half the time, by trying it.

    Those with units for it (AVX512-BF16, AMX) take a quarter; on others it is slower.
    """
    import torch  # here: settings are read on machines without it

    def shortest(kind: torch.dtype) -> float:
        rows, columns = torch.ones(1024, 384, dtype=kind), torch.ones(384, 1536, dtype=kind)
        taken = []
        for _ in range(5):
            begun = time.perf_counter()
            rows @ columns
            taken.append(time.perf_counter() - begun)
        return min(taken)

    return shortest(torch.bfloat16) < shortest(torch.float32) / 2
