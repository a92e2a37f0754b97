"""Calibration: how far confidence is from the share that is right, and the curves that mend it.

Everything is counted by topic (:func:`cleantext.tagger.calibration.topic`) over the edits that were
made. The curves that ship are fitted on all outlets of dev; every figure is of edits whose
confidence went through curves fitted on the *other* outlets alone.
"""

from __future__ import annotations

import json
import shutil
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.calibration import Calibration, Curve
from cleantext.training.judged import Judged

__all__ = [
    "GOAL",
    "LEAST",
    "calibration_figures",
    "calibration_table",
    "chance_error",
    "expected_error",
    "fit",
    "fit_curve",
    "uncalibrated",
]

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]

#: Topics with fewer edits get no curve and no figures.
LEAST = 500
BINS = 15
#: A topic whose error is less than this (the goal), or than chance alone comes to, gets no curve.
GOAL = 0.02
#: Where the bins behind the knots of a curve are cut, and the fewest edits in one.
_CUTS = (0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98, 0.995)
_BEHIND = 100
#: The bars of confidence that the table shows.
BARS = (0.5, 0.8, 0.9, 0.95)
#: Mean distance of a normal variable from its mean, in standard deviations.
_MEAN_DISTANCE = float(np.sqrt(2 / np.pi))


def expected_error(confidence: Floats, right: Bools, *, bins: int = BINS) -> float:
    """Expected calibration error, 0..1.

    Edits in the order of their confidence are cut into bins of (nearly) equal size; the error is
    the mean over bins, by size, of how far the mean confidence is from the share that is right.

    >>> sure = np.array([0.5, 0.5, 0.9, 0.9])
    >>> round(expected_error(sure, np.array([True, False, True, False]), bins=2), 4)
    0.2
    """
    return float(
        sum(size * abs(said - share) for said, share, size in _bins(confidence, right, bins))
    )


def _bins(confidence: Floats, right: Bools, bins: int) -> Iterator[tuple[float, float, float]]:
    """Mean confidence, share right and share of all edits of each bin."""
    order = np.argsort(confidence, kind="stable")
    for members in np.array_split(order, bins):
        if len(members):
            size = len(members) / len(order)
            yield float(confidence[members].mean()), float(right[members].mean()), size


def chance_error(confidence: Floats, *, bins: int = BINS) -> float:
    """The expected calibration error that confidences without any fault come to by chance alone."""
    found = 0.0
    for members in np.array_split(np.sort(confidence), bins):
        found += _MEAN_DISTANCE * float(np.sqrt((members * (1 - members)).sum()))
    return found / max(len(confidence), 1)


def fit_curve(confidence: Floats, right: Bools) -> Curve:
    """The rising curve from what is said to the share that is right.

    The mean and the share of each bin are a knot; bins with too few edits go to the next one, and
    neighbours whose shares fall are made one (isotonic regression by pooling adjacent violators).

    Raises:
        ValueError: if there is nothing to fit on.
    """
    if not len(confidence):
        raise ValueError("a curve cannot be fitted on no edits at all")
    knots: list[tuple[float, float, float]] = []
    for members in _members(confidence):
        size = len(members)
        # half an edit right and half wrong on top: nothing is certain
        share = (float(right[members].sum()) + 0.5) / (size + 1)
        knots.append((float(confidence[members].mean()), share, size))
        while len(knots) > 1 and not _rises(*knots[-2:]):
            knots[-2:] = [_pooled(*knots[-2:])]
    saids, shares = zip(*((round(x, 4), round(y, 4)) for x, y, _ in knots), strict=True)
    return Curve(saids, shares)


def _members(confidence: Floats) -> list[NDArray[np.intp]]:
    """The edits of each bin from the lowest up; what is left at the top goes to the last one."""
    order = np.argsort(confidence, kind="stable")
    ends = [*np.searchsorted(confidence[order], _CUTS).tolist(), len(order)]
    found: list[NDArray[np.intp]] = []
    start = 0
    for end in ends:
        if end - start >= _BEHIND:
            found.append(order[start:end])
            start = end
    if start < len(order):
        last = found.pop() if found else order[:0]
        found.append(np.concatenate((last, order[start:])))
    return found


def _rises(low: tuple[float, float, float], high: tuple[float, float, float]) -> bool:
    return round(low[0], 4) < round(high[0], 4) and low[1] < high[1]


def _pooled(
    one: tuple[float, float, float], other: tuple[float, float, float]
) -> tuple[float, float, float]:
    size = one[2] + other[2]
    said, share = (
        (a * one[2] + b * other[2]) / size for a, b in zip(one[:2], other[:2], strict=True)
    )
    return said, share, size


def fit(edits: Sequence[Judged]) -> Calibration:
    """A curve for each topic with at least :data:`LEAST` edits whose error is beyond the goal."""
    curves: dict[str, Curve] = {}
    for name, members in sorted(_by_topic(edits).items()):
        if len(members) >= LEAST:
            said, right = _arrays(members)
            if expected_error(said, right) > max(GOAL, chance_error(said)):
                curves[name] = fit_curve(said, right)
    return Calibration(curves)


def _by_topic(edits: Sequence[Judged]) -> dict[str, list[Judged]]:
    found: dict[str, list[Judged]] = defaultdict(list)
    for edit in edits:
        found[edit.topic].append(edit)
    return found


def _arrays(edits: Sequence[Judged]) -> tuple[Floats, Bools]:
    return (
        np.array([edit.confidence for edit in edits]),
        np.array([edit.right for edit in edits], bool),
    )


def calibration_figures(
    outlets: Sequence[str], judged: Sequence[Sequence[Judged]]
) -> dict[str, Any]:
    """Errors and bins by topic, what bars of confidence keep, and the curves to ship.

    Args:
        outlets: of each article.
        judged: the edits of each article, with the confidence as the model says it.

    Returns:
        ``topics``: for each with enough edits, their number, the expected calibration error of what
        the model says (``said_error``) and after curves of the other outlets (``error``), what
        chance alone comes to, and the means of the bins before and after; ``bars``: the share of
        edits kept and right from each confidence on; ``curves``: fitted on all outlets, for the
        topics whose error the curves of other outlets lower.
    """
    mapped = _by_other_outlets(outlets, judged)
    every = [edit for edits in judged for edit in edits]
    flat = np.array([share for shares in mapped for share in shares])
    places: dict[str, list[int]] = defaultdict(list)
    for i, edit in enumerate(every):
        places[edit.topic].append(i)
    topics: dict[str, Any] = {}
    for name, members in sorted(places.items(), key=lambda item: (-len(item[1]), item[0])):
        if len(members) >= LEAST:
            said, right = _arrays([every[i] for i in members])
            topics[name] = _topic_figures(said, flat[members], right)
    return {
        "outlets": len(set(outlets)),
        "topics": topics,
        "bars": [_at_bar(bar, judged, mapped) for bar in BARS],
        "curves": {
            name: curve
            for name, curve in fit(every).to_dict().items()
            if topics[name]["error"] < topics[name]["said_error"]
        },
    }


def _by_other_outlets(
    outlets: Sequence[str], judged: Sequence[Sequence[Judged]]
) -> list[list[float]]:
    """The confidence of every edit through curves that were fitted on the other outlets."""
    curves: dict[str, Mapping[str, Curve]] = {}
    for outlet in set(outlets):
        others = [
            edit
            for name, edits in zip(outlets, judged, strict=True)
            if name != outlet
            for edit in edits
        ]
        curves[outlet] = fit(others).curves
    return [
        [
            curves[outlet][edit.topic](edit.confidence)
            if edit.topic in curves[outlet]
            else edit.confidence
            for edit in edits
        ]
        for outlet, edits in zip(outlets, judged, strict=True)
    ]


def _topic_figures(said: Floats, mapped: Floats, right: Bools) -> dict[str, Any]:
    return {
        "edits": len(right),
        "said_error": round(expected_error(said, right), 4),
        "error": round(expected_error(mapped, right), 4),
        "chance": round(chance_error(mapped), 4),
        "said": _diagram(said, right),
        "mapped": _diagram(mapped, right),
    }


def _diagram(confidence: Floats, right: Bools) -> list[list[float]]:
    return [[round(x, 4), round(y, 4)] for x, y, _ in _bins(confidence, right, BINS)]


def _at_bar(
    bar: float, judged: Sequence[Sequence[Judged]], mapped: Sequence[Sequence[float]]
) -> dict[str, float]:
    """What ``min_confidence`` keeps: whole groups, as the pipeline does it."""
    total = kept = right = 0
    for edits, shares in zip(judged, mapped, strict=True):
        low = {e.group for e, share in zip(edits, shares, strict=True) if e.group and share < bar}
        for edit, share in zip(edits, shares, strict=True):
            stays = edit.group not in low if edit.group else share >= bar
            total, kept, right = total + 1, kept + stays, right + (stays and edit.right)
    return {
        "bar": bar,
        "kept": round(100 * kept / max(total, 1), 2),
        "right": round(100 * right / max(kept, 1), 2),
    }


@contextmanager
def uncalibrated(model: Path) -> Iterator[Path]:
    """The folder of a model whose edits carry what the model says: a copy without curves."""
    manifest = json.loads((model / "model.json").read_text(encoding="utf-8"))
    if not manifest.pop("calibration", None):
        yield model
        return
    with TemporaryDirectory(prefix="cleantext-") as name:
        folder = Path(name)
        for file in manifest["files"]:
            shutil.copyfile(model / file, folder / file)
        (folder / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
        yield folder


def calibration_table(figures: Mapping[str, Any]) -> str:
    """The figures of :func:`calibration_figures` as two tables."""
    head = (
        f"| edits, by what they are of ({figures['outlets']} outlets) | edits | calibration error"
        " of the model | calibrated on other outlets | by chance alone |\n|---|--:|--:|--:|--:|"
    )
    rows = [
        f"| {name} | {found['edits']:,} | {found['said_error']:.3f} | {found['error']:.3f}"
        f" | {found['chance']:.3f} |"
        for name, found in figures["topics"].items()
    ]
    bars = [
        f"| {found['bar']} | {found['kept']:.1f} | {found['right']:.1f} |"
        for found in figures["bars"]
    ]
    below = "| `min_confidence` | edits kept, per cent | of these right |\n|---|--:|--:|"
    return "\n".join([head, *rows, "", below, *bars])
