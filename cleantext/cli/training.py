"""``cleantext train`` and ``cleantext evaluate``: what needs the extra ``train``."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from cleantext.cli.messages import InputError, refusals
from cleantext.cli.options import Json

if TYPE_CHECKING:
    from types import ModuleType

__all__ = ["evaluate", "train"]


def train(
    corpus: Annotated[
        list[Path], typer.Argument(help="JSON Lines of articles (.jsonl, .jsonl.xz).")
    ],
    output: Annotated[Path, typer.Option(help="Folder for the model.")],
    weights: Annotated[Path | None, typer.Option(help="Weights to start from.")] = None,
    tokenizer: Annotated[Path | None, typer.Option(help="The tokenizer of these weights.")] = None,
    hours: Annotated[float, typer.Option(min=0.0, help="How long to train.")] = 2.0,
    device: Annotated[str, typer.Option(help="A PyTorch device: cpu, cuda, cuda:1.")] = "cpu",
    start: Annotated[
        Path | None, typer.Option(help="A checkpoint to start from, of the same packed corpus.")
    ] = None,
    rate: Annotated[
        float | None, typer.Option(min=0.0, help="Peak learning rate of the encoder.")
    ] = None,
    seed: Annotated[int, typer.Option(help="Another seed, other windows.")] = 1,
) -> None:
    """Train a model on your own archive.

    A run that was stopped goes on where it was when it is started again.
    """
    with _training("train") as command:
        rates = {} if rate is None else {"rate": rate}
        command.train(
            corpus=corpus,
            output=output,
            weights=weights,
            tokenizer=tokenizer,
            hours=hours,
            device=device,
            start=start,
            seed=seed,
            **rates,
        )


def evaluate(
    corpus: Annotated[Path, typer.Option(help="Folder that holds the measuring sets.")],
    limit: Annotated[int | None, typer.Option(min=1, help="Articles of each set to read.")] = None,
    model: Annotated[Path | None, typer.Option(help="Folder of a model of your own.")] = None,
    write: Annotated[bool, typer.Option(help="Put the figures into the model card.")] = False,
    chart: Annotated[
        Path | None, typer.Option(help="An SVG file to draw how far confidence holds into.")
    ] = None,
    as_json: Json = False,
) -> None:
    """Measure the model, beside trivial baselines."""
    with _training("evaluate") as command:
        command.evaluate(
            corpus=corpus, limit=limit, model=model, write=write, chart=chart, json=as_json
        )


@contextmanager
def _training(name: str) -> Iterator[ModuleType]:
    try:
        command = import_module("cleantext.training.command")
        with refusals(name):
            yield command
    except ModuleNotFoundError as error:
        if error.name and error.name.split(".")[0] == "cleantext":
            raise
        raise InputError(
            f"{name} needs {error.name}, which comes with the extra 'train':"
            ' pip install "cleantext-news[train]"'
        ) from error
