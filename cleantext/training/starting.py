"""Weights that training starts from: MiniLM's and MPNet's, read from safetensors."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor

__all__ = ["minilm", "mpnet"]

State = dict[str, Tensor]


def minilm(path: Path, kept: Sequence[int], *, positions: int = 256) -> State:
    """The encoder's weights, by the names of :class:`cleantext.training.network.Network`.

    Args:
        path: ``model.safetensors`` of all-MiniLM-L6-v2, or of another BERT.
        kept: for each subword of our vocabulary its row in BERT's.
        positions: how many places to take over.
    """
    source = {name.removeprefix("bert."): t for name, t in load_file(str(path)).items()}
    _expect(source, "embeddings.token_type_embeddings.weight", path, "a BERT")
    state = {
        "tokens.weight": source["embeddings.word_embeddings.weight"][list(kept)],
        "places.weight": source["embeddings.position_embeddings.weight"][:positions]
        + source["embeddings.token_type_embeddings.weight"][0],
    }
    names = {
        "qkv": ["attention.self.query", "attention.self.key", "attention.self.value"],
        "out": ["attention.output.dense"],
        "norm1": ["attention.output.LayerNorm"],
    }
    return state | _layers(source, names)


#: MPNet's rows for BERT's special subwords; the others stand four places further on.
_SPECIAL = {"[PAD]": 1, "[CLS]": 0, "[SEP]": 2, "[MASK]": 30526}
_SHIFT = 4


def mpnet(
    path: Path, kept: Sequence[int], vocabulary: Sequence[str], *, positions: int = 256
) -> State:
    """The weights of MPNet-base (uncased), whose vocabulary is BERT's with five more subwords.

    Args:
        path: its ``model.safetensors``.
        kept: for each subword of our vocabulary its row in BERT's.
        vocabulary: our subwords, in order.
        positions: how many places to take over.
    """
    source = {name.removeprefix("mpnet."): t for name, t in load_file(str(path)).items()}
    _expect(source, "encoder.relative_attention_bias.weight", path, "an MPNet")
    rows = [_SPECIAL.get(word, row + _SHIFT) for word, row in zip(vocabulary, kept, strict=True)]
    first = 2  # the places of its padding are never used
    state = {
        "tokens.weight": source["embeddings.word_embeddings.weight"][rows],
        "places.weight": source["embeddings.position_embeddings.weight"][first:][:positions],
        "relative": source["encoder.relative_attention_bias.weight"],
    }
    names = {
        "qkv": ["attention.attn.q", "attention.attn.k", "attention.attn.v"],
        "out": ["attention.attn.o"],
        "norm1": ["attention.LayerNorm"],
    }
    return state | _layers(source, names)


def _expect(source: State, name: str, path: Path, what: str) -> None:
    if name not in source:
        raise ValueError(f"{path.name} is not {what}: it has no {name}")


def _layers(source: State, names: dict[str, list[str]]) -> State:
    names = {**names, "up": ["intermediate.dense"], "down": ["output.dense"]}
    names["norm2"] = ["output.LayerNorm"]
    state = {f"norm.{kind}": source[f"embeddings.LayerNorm.{kind}"] for kind in ("weight", "bias")}
    count = len({name.split(".")[2] for name in source if name.startswith("encoder.layer.")})
    for i in range(count):
        for new, old in names.items():
            for kind in ("weight", "bias"):
                found = [source[f"encoder.layer.{i}.{part}.{kind}"] for part in old]
                state[f"layers.{i}.{new}.{kind}"] = torch.cat(found)
    return state
