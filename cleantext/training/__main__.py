"""Training on another machine, in three steps: ``prepare`` here, ``device`` there, ``finish`` here.

    python -m cleantext.training prepare PACK --output CARRY
    python -m cleantext.training device CARRY... --work WORK --output OUT --minutes 24
    python -m cleantext.training finish OUT --pack PACK --output MODEL

``device`` needs PyTorch and NumPy alone.
"""

from __future__ import annotations

import time

_BEGUN = time.monotonic()

import argparse  # noqa: E402
from pathlib import Path  # noqa: E402


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m cleantext.training")
    steps = parser.add_subparsers(dest="step", required=True)
    ready = steps.add_parser("prepare", help="write what is to be carried, in loads")
    ready.add_argument(
        "pack", type=Path, help="the packed corpus (work/pack in a training's output)"
    )
    ready.add_argument("--output", type=Path, required=True)
    ready.add_argument(
        "--corpus", type=Path, nargs="*", help="its files, to pack the held-out rest"
    )
    ready.add_argument("--start", type=Path, help="a checkpoint to start from instead of MiniLM")
    ready.add_argument("--teacher", type=Path, help="model.safetensors of MPNet-base")
    ready.add_argument("--load", type=float, default=38, help="MiB that can be copied at a time")
    there = steps.add_parser("device", help="train, until the schedule or the call ends")
    there.add_argument("carried", type=Path, nargs="+", help="folders of the loads")
    there.add_argument("--work", type=Path, required=True, help="kept between calls")
    there.add_argument("--output", type=Path, required=True, help="what is to be brought back")
    there.add_argument("--minutes", type=float, required=True, help="the schedule, all calls")
    there.add_argument("--call-minutes", type=float, default=9.0, help="training ends after this")
    there.add_argument("--teacher-minutes", type=float, default=0.0, help="schedule of the teacher")
    there.add_argument("--device", default="cuda")
    there.add_argument("--held-out", type=int, default=24, help="batches to measure losses on")
    there.add_argument("--compile", action="store_true")
    for name, kind in _SETTINGS.items():
        there.add_argument(f"--{name.replace('_', '-')}", type=kind)
    there.add_argument("--shape", choices=("linear", "cosine"), help="of the fall of the rates")
    done = steps.add_parser("finish", help="make a model of what was brought back")
    done.add_argument("pieces", type=Path, nargs="+", help="folders that hold weights.*")
    done.add_argument("--pack", type=Path, required=True)
    done.add_argument("--output", type=Path, required=True)
    return parser


#: Fields of the settings that can be given; left out, they are the device's own.
_SETTINGS = {
    "batch": int,
    "rate": float,
    "head_rate": float,
    "warmup": int,
    "workers": int,
    "seed": int,
    "share": float,
    "temperature": float,
}


def main() -> None:
    """Run one of the three steps."""
    options = _parser().parse_args()
    {"prepare": _prepare, "device": _device, "finish": _finish}[options.step](options)


def _prepare(options: argparse.Namespace) -> None:
    from cleantext.training import command

    folders = command.prepare(
        packed=options.pack,
        output=options.output,
        corpus=options.corpus,
        start=options.start,
        teacher=options.teacher,
        load=int(options.load * (1 << 20)),
    )
    for folder in folders:
        size = sum(path.stat().st_size for path in folder.iterdir())
        print(f"{folder}: {size / (1 << 20):.1f} MiB")


def _device(options: argparse.Namespace) -> None:
    import torch

    from cleantext.training.device import run
    from cleantext.training.settings import Settings

    name = torch.cuda.get_device_name() if options.device.startswith("cuda") else options.device
    print(f"PyTorch {torch.__version__} on {name}", flush=True)
    values = {key: getattr(options, key) for key in (*_SETTINGS, "shape")}
    given = {key: value for key, value in values.items() if value is not None}
    run(
        options.carried,
        options.work,
        options.output,
        settings=Settings.for_device(
            options.device, hours=options.minutes / 60, compile=options.compile, **given
        ),
        device=options.device,
        teacher_hours=options.teacher_minutes / 60,
        deadline=_BEGUN + 60 * options.call_minutes,
        held_out_batches=options.held_out,
    )


def _finish(options: argparse.Namespace) -> None:
    from cleantext.training import command

    command.finish(pieces=options.pieces, packed=options.pack, output=options.output)


if __name__ == "__main__":  # worker processes import this module too
    main()
