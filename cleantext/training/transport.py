"""A packed corpus and weights, made small enough to be copied to another machine.

A pack of 42 million subwords is 252 MB of arrays. What can be derived is left out here (a subword
that does not begin with ``##`` begins a word; labels stand at the first or last subword of a word),
and the rest goes through LZMA, which the standard library reads everywhere.
"""

from __future__ import annotations

import io
import json
import lzma
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from cleantext.training.packed import ARRAYS, IGNORE

__all__ = ["compress_pack", "compress_weights", "expand_pack", "expand_weights"]

#: Files of a pack that training reads, beside the arrays.
_TEXTS = ("sources.json",)
_COMMON = ("table.json", "tokenizer.json", "kept.json")
#: Packs beside the articles: the bank of lines, and articles kept for measuring.
_INNER = ("lines", "held_out")
#: Labels that stand at the first subword of a word.
_AT_START = ("cases", "parts")
_SMALL = tuple(set(ARRAYS) - {"tokens", "roles", "cases", "parts", "starts"})


def _squeezed(array: NDArray[Any], preset: int = 6 | lzma.PRESET_EXTREME) -> bytes:
    """LZMA for items of one or two bytes, with a window over all of it."""
    align = array.itemsize.bit_length() - 1
    window = min(max(array.nbytes, 1 << 16), 96 << 20)
    settings = {"lc": 3 if align else 0, "lp": align, "pb": align, "dict_size": window}
    kind = {"id": lzma.FILTER_LZMA2, "preset": preset, **settings}
    return lzma.compress(array.tobytes(), filters=[kind])


def compress_pack(folder: Path) -> dict[str, bytes]:
    """The arrays and tables of a pack, the ones inside it included, as blobs.

    Raises:
        ValueError: if labels stand where no word begins or ends.
    """
    blobs = {name: lzma.compress((folder / name).read_bytes()) for name in _COMMON}
    continues = _continues((folder / "tokenizer.json").read_bytes())
    for inner in ("", *_INNER):
        if (folder / inner / "tokens.npy").exists():
            for name, blob in _compress_arrays(folder / inner, continues):
                blobs[f"{inner}/{name}".lstrip("/")] = blob
    return blobs


def _compress_arrays(folder: Path, continues: NDArray[np.bool_]) -> Iterator[tuple[str, bytes]]:
    arrays = {name: np.load(folder / f"{name}.npy") for name in ARRAYS}
    starts = arrays["starts"]
    ends = _ends(starts, arrays["offsets"])
    for name, places in (("roles", ends), *((name, starts) for name in _AT_START)):
        if (arrays[name][~places] != IGNORE).any():
            raise ValueError(f"{folder}: {name} stand where no word begins or ends: pack it again")
        yield name, _squeezed(arrays[name][places])
    yield "tokens", _squeezed(arrays["tokens"])
    odd = np.packbits(starts == continues[arrays["tokens"]])
    yield "starts", lzma.compress(odd.tobytes())
    for name in _SMALL:
        file = io.BytesIO()
        np.save(file, arrays[name])
        yield name, lzma.compress(file.getvalue())
    for name in _TEXTS:
        yield name, lzma.compress((folder / name).read_bytes())


def _continues(tokenizer: bytes) -> NDArray[np.bool_]:
    """Which subwords go on with a word, by their form."""
    vocab = json.loads(tokenizer)["model"]["vocab"]
    flags = np.zeros(max(vocab.values()) + 1, bool)
    flags[[number for word, number in vocab.items() if word.startswith("##")]] = True
    return flags


def _ends(starts: NDArray[np.bool_], offsets: NDArray[np.int64]) -> NDArray[np.bool_]:
    """Where words end: before a start, and at the end of an article."""
    ends = np.append(starts[1:], True)
    ends[offsets[1:] - 1] = True
    return ends


def expand_pack(blobs: Mapping[str, bytes], folder: Path) -> None:
    """Write the pack that :func:`compress_pack` read, byte for byte in its arrays."""
    with ThreadPoolExecutor() as pool:
        plain = dict(zip(blobs, pool.map(lzma.decompress, blobs.values()), strict=True))
    continues = _continues(plain["tokenizer.json"])
    folder.mkdir(parents=True, exist_ok=True)
    for name in _COMMON:
        (folder / name).write_bytes(plain[name])
    for inner in ("", *_INNER):
        prefix = f"{inner}/".lstrip("/")
        if f"{prefix}tokens" in plain:
            (folder / inner).mkdir(exist_ok=True)
            found = {name: plain[prefix + name] for name in (*ARRAYS, *_TEXTS)}
            _expand_arrays(found, folder / inner, continues)


def _expand_arrays(plain: Mapping[str, bytes], folder: Path, continues: NDArray[np.bool_]) -> None:
    for name in _TEXTS:
        (folder / name).write_bytes(plain[name])
    arrays = {name: np.load(io.BytesIO(plain[name])) for name in _SMALL}
    tokens = np.frombuffer(plain["tokens"], np.uint16)
    odd = np.unpackbits(np.frombuffer(plain["starts"], np.uint8), count=len(tokens)).view(bool)
    starts = odd == continues[tokens]
    ends = _ends(starts, arrays["offsets"])
    arrays |= {"tokens": tokens, "starts": starts}
    for name, places in (("roles", ends), *((name, starts) for name in _AT_START)):
        arrays[name] = np.full(len(tokens), IGNORE, np.uint8)
        arrays[name][places] = np.frombuffer(plain[name], np.uint8)
    for name, array in arrays.items():
        np.save(folder / f"{name}.npy", array)


def compress_weights(
    weights: Mapping[str, NDArray[np.float32]], shape: Mapping[str, int], *, bits: int
) -> dict[str, bytes]:
    """Weights as blobs: vectors as they are, matrices in half precision or as rows of integers.

    Args:
        weights: by name.
        shape: of the network, kept beside them.
        bits: 16 for half precision; fewer (2 to 8) for integers with one scale a row, which is
            enough to start training from, as one step of it moves the weights by more.
    """
    blobs = {"shape": json.dumps(dict(shape)).encode()}
    for name, array in weights.items():
        head = json.dumps({"shape": list(array.shape), "bits": bits}).encode()
        if array.ndim < 2:
            body = array.astype(np.float32).tobytes()
        elif bits == 16:
            body = array.astype(np.float16).tobytes()
        else:
            most = 2 ** (bits - 1) - 1
            scale = np.maximum(np.abs(array).max(1, keepdims=True), 1e-12) / most
            rows = np.rint(array / scale).astype(np.int8)
            # nothing repeats in weights: only their frequencies are of use
            body = scale.astype(np.float32).tobytes() + _squeezed(rows, preset=0)
        blobs[name] = head + b"\n" + body
    return blobs


def expand_weights(
    blobs: Mapping[str, bytes],
) -> tuple[dict[str, NDArray[np.float32]], dict[str, int]]:
    """The weights and the shape that :func:`compress_weights` was given, as near as it kept."""
    weights = {}
    for name, blob in blobs.items():
        if name == "shape":
            continue
        head, _, body = blob.partition(b"\n")
        kind = json.loads(head)
        size = kind["shape"]
        if len(size) < 2:
            array = np.frombuffer(body, np.float32)
        elif kind["bits"] == 16:
            array = np.frombuffer(body, np.float16).astype(np.float32)
        else:
            scale = np.frombuffer(body[: 4 * size[0]], np.float32)
            rows = np.frombuffer(lzma.decompress(body[4 * size[0] :]), np.int8)
            array = rows.reshape(size) * scale[:, None]
        weights[name] = array.reshape(size).copy()
    return weights, json.loads(blobs["shape"])
