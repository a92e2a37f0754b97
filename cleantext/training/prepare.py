"""What is carried to a machine with a GPU: the pack, and weights to start from, in loads."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

import torch
from torch import Tensor

from cleantext.training import pieces
from cleantext.training.network import Shape
from cleantext.training.starting import minilm, mpnet
from cleantext.training.transport import compress_pack, compress_weights

__all__ = ["prepare"]

#: Bytes of a piece: small, so that loads fill up.
PIECE = 2 << 20


def prepare(
    packed: Path,
    output: Path,
    *,
    weights: Path,
    start: Path | None = None,
    teacher: Path | None = None,
    load: int = 38 << 20,
    bits: Mapping[str, int] | None = None,
) -> list[Path]:
    """Write the pieces to carry, in folders ``1``, ``2``, ... of which each fits one copying.

    Args:
        packed: folder of the packed corpus.
        output: where to.
        weights: ``model.safetensors`` of MiniLM to start from.
        start: a checkpoint to start from instead.
        teacher: ``model.safetensors`` of MPNet, if a teacher is wanted.
        load: bytes of a folder at most.
        bits: of the weights of ``student`` and ``teacher`` (see ``compress_weights``).

    Returns:
        The folders.

    Raises:
        FileExistsError: if the first folder is there: pieces of two runs must not mix.
    """
    bits = {"student": 8, "teacher": 6, **(bits or {})}
    if (output / "1").exists():
        raise FileExistsError(f"{output} holds an earlier run's pieces: remove it first")
    kept = json.loads((packed / "kept.json").read_text(encoding="utf-8"))
    vocab = json.loads((packed / "tokenizer.json").read_text(encoding="utf-8"))["model"]["vocab"]
    table = json.loads((packed / "table.json").read_text(encoding="utf-8"))
    sizes = (len(kept), len(table["roles"]), len(table["cases"]))
    if start is None:
        student, shape = minilm(weights, kept), Shape(*sizes).to_dict()
    else:
        state = torch.load(start, weights_only=True, map_location="cpu")
        student, shape = state["network"], state["shape"]
    models = {"student": (student, shape)}
    if teacher is not None:
        taught = mpnet(teacher, kept, sorted(vocab, key=vocab.__getitem__))
        models["teacher"] = (taught, _shape(taught, *sizes).to_dict())
    limit = min(PIECE, load)
    written = pieces.write(output, "corpus", _compressed(packed), limit=limit)
    for name, (tensors, sizes_of) in models.items():
        arrays = {key: tensor.float().numpy() for key, tensor in tensors.items()}
        blobs = compress_weights(arrays, sizes_of, bits=bits[name])
        written += pieces.write(output, name, blobs, limit=limit)
    return _loads(written, output, load)


def _compressed(packed: Path) -> dict[str, bytes]:
    """The pack as blobs, kept beside it: five minutes of work that each run would repeat."""
    kept = packed / "compressed"
    made = kept / "corpus.json"
    arrays = (path.stat().st_mtime for path in packed.rglob("*.npy"))
    if not made.exists() or made.stat().st_mtime < max(arrays):
        pieces.write(kept, "corpus", compress_pack(packed), limit=1 << 30)
    return pieces.join([kept], "corpus")


def _shape(encoder: Mapping[str, Tensor], vocabulary: int, roles: int, cases: int) -> Shape:
    """The shape of a network with this encoder of MPNet's kind."""
    buckets, heads = encoder["relative"].shape
    inner, width = encoder["layers.0.up.weight"].shape
    return Shape(
        vocabulary,
        roles,
        cases,
        width=width,
        layers=sum(name.endswith(".up.weight") for name in encoder),
        heads=heads,
        inner=inner,
        positions=len(encoder["places.weight"]),
        relative=buckets,
    )


def _loads(files: list[Path], output: Path, load: int) -> list[Path]:
    """Move the files into numbered folders, none over the limit."""
    folders: list[Path] = []
    room = 0
    for path in files:
        size = path.stat().st_size
        if size > room:
            folders.append(output / str(len(folders) + 1))
            folders[-1].mkdir()
            room = load
        path.replace(folders[-1] / path.name)
        room -= size
    return folders
