"""Training on a machine that has PyTorch and little else, in calls of some minutes each.

What :mod:`cleantext.training.prepare` wrote is unpacked once; a teacher is trained if one was
carried along, then the network. A call ends in time with a checkpoint, which the next one goes on
from, and with the weights so far in pieces to bring back.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from itertools import islice
from pathlib import Path
from typing import Any

import torch

from cleantext.training import pieces
from cleantext.training.feeder import open_windows
from cleantext.training.losses import Losses, mean_losses
from cleantext.training.network import Network, Shape
from cleantext.training.settings import Settings
from cleantext.training.train import train
from cleantext.training.transport import compress_weights, expand_pack, expand_weights

__all__ = ["run"]

#: Bytes of a piece to bring back, under the 16 MiB that may be the limit of a file.
RESULT_PIECE = 15 << 20
#: Rates of a teacher, which is larger and bears less.
TEACHER_RATE, TEACHER_HEAD_RATE = 1.5e-4, 1e-3
#: Subwords in a batch that the held-out loss is read from.
HELD_OUT_SUBWORDS = 8192


def run(
    carried: Sequence[Path],
    work: Path,
    output: Path,
    *,
    settings: Settings,
    device: str,
    teacher_hours: float = 0.0,
    deadline: float | None = None,
    held_out_batches: int = 24,
) -> bool:
    """Unpack, train until the schedule or the deadline ends, measure, and write what to bring back.

    Args:
        carried: folders of the pieces.
        work: folder for the corpus and the checkpoints, kept between calls.
        output: folder for ``weights.*`` and ``report.json``.
        settings: how to train.
        device: a PyTorch device.
        teacher_hours: schedule of the teacher; 0 trains without one.
        deadline: moment of ``time.monotonic()`` at which training has to stop.
        held_out_batches: how much of the held-out articles to measure on; batches of 8,192
            subwords, the same in every run.

    Returns:
        Whether the schedule is at its end; if not, call it again.
    """
    packed = _unpack(carried, work)
    teacher = None
    if teacher_hours:
        taught = replace(
            settings, hours=teacher_hours, rate=TEACHER_RATE, head_rate=TEACHER_HEAD_RATE
        )
        teacher = _trained(packed, work / "teacher", taught, device, deadline)
        if teacher.name != "final.pt":
            print("the teacher is not done: call again", flush=True)
            return False
        _measured(_loaded(teacher), packed, settings, device, held_out_batches)
    path = _trained(packed, work / "student", settings, device, deadline, teacher=teacher)
    finished = path.name == "final.pt"
    state = _loaded(path)
    measured = _measured(state, packed, settings, device, held_out_batches)
    report = {"finished": finished, "settings": asdict(settings)}
    _bring_back(state, output, measured, report)
    if not finished:
        print("the schedule is not at its end: call again", flush=True)
    return finished


def _loaded(path: Path) -> dict[str, Any]:
    state: dict[str, Any] = torch.load(path, weights_only=True, map_location="cpu")
    return state


def _unpack(carried: Sequence[Path], work: Path) -> Path:
    """The pack and the weights to start from, unpacked if they are not yet."""
    packed, done = work / "pack", work / "unpacked"
    if not done.exists():
        begun = time.monotonic()
        expand_pack(pieces.join(carried, "corpus"), packed)
        for name in ("student", "teacher"):
            if any((folder / f"{name}.json").exists() for folder in carried):
                weights, shape = expand_weights(pieces.join(carried, name))
                state = {key: torch.from_numpy(array) for key, array in weights.items()}
                torch.save({"network": state, "shape": shape}, work / f"{name}.pt")
        done.touch()
        print(f"unpacked in {time.monotonic() - begun:.0f} s", flush=True)
    return packed


def _trained(
    packed: Path,
    run: Path,
    settings: Settings,
    device: str,
    deadline: float | None,
    *,
    teacher: Path | None = None,
) -> Path:
    """The run's last checkpoint after this call: its final one if it is done."""
    if (run / "final.pt").exists():
        return run / "final.pt"
    start = run.with_suffix(".pt")
    if not start.exists():
        raise FileNotFoundError(f"no weights for the {run.name} were carried: prepare with them")
    print(f"training the {run.name}", flush=True)
    return train(
        packed,
        run,
        start=start,
        settings=settings,
        device=device,
        teacher=teacher,
        deadline=deadline,
    )


def _bring_back(
    state: Mapping[str, Any],
    output: Path,
    measured: Mapping[str, list[float]],
    report: Mapping[str, Any],
) -> None:
    """Write the better of the last weights and their running mean, and what was measured."""
    best = min(measured, key=lambda key: sum(measured[key]), default="network")
    arrays = {name: tensor.float().numpy() for name, tensor in state[best].items()}
    blobs = compress_weights(arrays, state["shape"], bits=16)
    pieces.write(output, "weights", blobs, limit=RESULT_PIECE)
    counted = {key: state[key] for key in ("step", "spent", "seen")}
    whole = {**report, "weights": best, "held_out": measured, **counted}
    (output / "report.json").write_text(json.dumps(whole, indent=1), encoding="utf-8")


def _measured(
    state: Mapping[str, Any], packed: Path, settings: Settings, device: str, batches: int
) -> dict[str, list[float]]:
    """The held-out losses of a checkpoint's weights and of their running mean, if it has one."""
    measured: dict[str, list[float]] = {}
    for key in ("network", "average"):
        if key in state and (packed / "held_out").exists():
            network = Network(Shape(**state["shape"]))
            network.load_state_dict(state[key])
            network.to(device)
            losses = held_out_losses(network, packed, device, settings.autocast, batches)
            measured[key] = losses
            figures = "  ".join(f"{value:.4f}" for value in losses)
            print(f"held out, {key}: gap, case, part {figures}", flush=True)
    return measured


def held_out_losses(
    network: Network, packed: Path, device: str, autocast: bool, batches: int
) -> list[float]:
    """The losses on windows of 128 subwords from held-out articles, the same in every run."""
    windows = open_windows(packed, 0, articles=packed / "held_out")
    stream = islice(windows.stream((128,), HELD_OUT_SUBWORDS), batches)
    return mean_losses(network, stream, Losses(torch.device(device), autocast))
