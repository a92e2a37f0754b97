"""The mean of two checkpoints: of a run and of the one it went on from."""

from __future__ import annotations

from pathlib import Path

import torch

__all__ = ["average"]


def average(first: Path, second: Path, path: Path, *, share: float) -> None:
    """Write the weighted mean of two checkpoints of one lineage.

    Where a run went on from another's end, the mean of the two is better than either (Wortsman et
    al., "Model soups", 2022). What only the second has is taken over.

    Args:
        first, second: checkpoints with the same labels and vocabulary.
        path: where to; a checkpoint to start from (``train(start=...)``) or to export.
        share: of the second, from 0 to 1.
    """
    old, new = (torch.load(p, weights_only=True, map_location="cpu") for p in (first, second))
    mean = {
        name: torch.lerp(old["network"][name], tensor, share) if name in old["network"] else tensor
        for name, tensor in new["network"].items()
    }
    torch.save({**new, "network": mean}, path)
