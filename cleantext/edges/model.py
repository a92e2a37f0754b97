"""The small model behind the edges: weights of the sources, of "is it cut" and of "is it right"."""

from __future__ import annotations

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.edges.fit import LEVELS, SOURCES, Side

__all__ = ["EdgeModel", "Logistic"]

Floats = NDArray[np.float64]
SIDES: tuple[Side, ...] = ("start", "end")
_FILE = Path(__file__).parents[1] / "data" / "edges.json"


@dataclass(frozen=True, slots=True, eq=False)
class Logistic:
    """A logistic regression.

    Attributes:
        weights: ``float64[features]``.
        bias: the constant.
        threshold: the least probability (0..1) to act on.
    """

    weights: Floats
    bias: float
    threshold: float

    def probability(self, features: Floats) -> float:
        """The probability (0..1) of one row of features."""
        score = float(features @ self.weights) + self.bias
        return 1 / (1 + math.exp(-max(-40.0, min(40.0, score))))


@dataclass(frozen=True, slots=True, eq=False)
class EdgeModel:
    """Everything that was fitted on training articles; see :mod:`cleantext.training.edges`.

    Attributes:
        mixture: ``float64[LEVELS, sources]``, how far each source of evidence is believed.
        cut: by side, whether the word at the edge was cut.
        complete: by side, whether the best candidate is the right one.
    """

    mixture: Floats
    cut: Mapping[Side, Logistic]
    complete: Mapping[Side, Logistic]

    @staticmethod
    @cache
    def load() -> EdgeModel:
        """The package's own model, read once a process.

        Raises:
            ValueError: if the file is missing or damaged.
        """
        return EdgeModel.read(_FILE)

    @staticmethod
    def read(path: Path) -> EdgeModel:
        """Read a model that :func:`cleantext.training.edges.fit_edges` wrote.

        Raises:
            ValueError: names the file that is missing or damaged, and how to mend it.
        """
        try:
            data = json.loads(path.read_text(encoding="utf-8"))
            mixture = np.array(data["mixture"], float)
            if mixture.shape != (LEVELS, SOURCES):
                raise ValueError(f"expected {LEVELS} rows of {SOURCES} weights")
            cut, complete = ({s: _logistic(data[n][s]) for s in SIDES} for n in _PARTS)
        except (OSError, ValueError, KeyError, TypeError) as error:
            raise ValueError(
                f"the weights {path.name} cannot be read ({error!r}); install the package again or"
                " fit them with cleantext.training.edges.fit_edges"
            ) from error
        return EdgeModel(mixture, cut, complete)

    def to_dict(self) -> dict[str, Any]:
        """Plain data, for JSON; weights to five decimals."""
        parts = {
            name: {side: _plain(part[side]) for side in SIDES}
            for name, part in zip(_PARTS, (self.cut, self.complete), strict=True)
        }
        return {"mixture": self.mixture.round(5).tolist(), **parts}


_PARTS = ("cut", "complete")


def _logistic(data: Mapping[str, Any]) -> Logistic:
    return Logistic(np.array(data["weights"], float), data["bias"], data["threshold"])


def _plain(part: Logistic) -> dict[str, Any]:
    return {
        "weights": part.weights.round(5).tolist(),
        "bias": round(part.bias, 5),
        "threshold": round(part.threshold, 4),
    }
