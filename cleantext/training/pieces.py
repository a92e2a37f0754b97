"""Files in pieces: named blobs cut to a size that can be copied, and checked when joined again."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from pathlib import Path

__all__ = ["join", "write"]


def write(folder: Path, name: str, blobs: Mapping[str, bytes], *, limit: int) -> list[Path]:
    """Write blobs as ``name.json``, which lists them, and ``name.000``, ``name.001``, ...

    Args:
        folder: where to; made if it is not there.
        name: what the files' names begin with.
        blobs: what to write, by name.
        limit: bytes of a piece at most.

    Returns:
        The files, the list first.
    """
    folder.mkdir(parents=True, exist_ok=True)
    whole = b"".join(blobs.values())
    cuts = [whole[i : i + limit] for i in range(0, len(whole), limit)]
    paths = [folder / f"{name}.{number:03}" for number in range(len(cuts))]
    for path, cut in zip(paths, cuts, strict=True):
        path.write_bytes(cut)
    listing = {
        "blobs": {key: len(blob) for key, blob in blobs.items()},
        "pieces": {
            path.name: hashlib.sha256(cut).hexdigest()
            for path, cut in zip(paths, cuts, strict=True)
        },
    }
    head = folder / f"{name}.json"
    head.write_text(json.dumps(listing), encoding="utf-8")
    return [head, *paths]


def join(folders: Sequence[Path], name: str) -> dict[str, bytes]:
    """The blobs again, from pieces that may lie in several folders.

    Raises:
        FileNotFoundError: names the piece that is missing.
        ValueError: names the piece that is not what was written.
    """
    listing = json.loads(_find(folders, f"{name}.json").read_text(encoding="utf-8"))
    parts = []
    for piece, digest in listing["pieces"].items():
        content = _find(folders, piece).read_bytes()
        if hashlib.sha256(content).hexdigest() != digest:
            raise ValueError(f"{piece} is not the file that was written: copy it again")
        parts.append(content)
    whole, blobs, begin = b"".join(parts), {}, 0
    for key, size in listing["blobs"].items():
        blobs[key] = whole[begin : begin + size]
        begin += size
    return blobs


def _find(folders: Sequence[Path], name: str) -> Path:
    for folder in folders:
        if (folder / name).exists():
            return folder / name
    looked = ", ".join(map(str, folders))
    raise FileNotFoundError(f"{name} is in none of {looked}: copy all pieces over first")
