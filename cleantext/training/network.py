"""The tagger's network: an uncased BERT encoder with three token-classification heads.

The encoder is MiniLM-L6-H384-uncased (Wang et al., 2020): six post-norm layers of width 384,
written out here so that training needs PyTorch alone. The gap head reads the last subword of the
word before and the first of the word after, the case head and the part head (headline,
boilerplate, ...) the first subword of the word.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import torch
from safetensors.torch import load_file
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["HEADS", "Network", "Shape"]

#: How the names of the heads' parameters begin; all others are the encoder's.
HEADS = ("gap_", "case_", "part_")


@dataclass(frozen=True)
class Shape:
    """Sizes of a network; written into a checkpoint so that it can be made again."""

    vocabulary: int
    roles: int
    cases: int
    parts: int = 4
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    positions: int = 256

    def to_dict(self) -> dict[str, int]:
        """Plain integers, for JSON."""
        return asdict(self)


class Layer(nn.Module):
    """One post-norm transformer layer."""

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.heads = shape.heads
        self.qkv = nn.Linear(shape.width, 3 * shape.width)
        self.out = nn.Linear(shape.width, shape.width)
        self.norm1 = nn.LayerNorm(shape.width, eps=1e-12)
        self.up = nn.Linear(shape.width, shape.inner)
        self.down = nn.Linear(shape.inner, shape.width)
        self.norm2 = nn.LayerNorm(shape.width, eps=1e-12)

    def forward(self, x: Tensor) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        read = F.scaled_dot_product_attention(query, key, value)
        x = self.norm1(x + self.out(read.transpose(1, 2).reshape(batch, length, width)))
        result: Tensor = self.norm2(x + self.down(F.gelu(self.up(x))))
        return result


class Network(nn.Module):
    """Encoder and heads.

    ``encode`` maps ``int64[batch, length]`` subwords, ``[CLS]`` and ``[SEP]`` included, to
    ``float32[batch, length, width]``.
    """

    def __init__(self, shape: Shape) -> None:
        super().__init__()
        self.shape = shape
        self.tokens = nn.Embedding(shape.vocabulary, shape.width)
        self.places = nn.Embedding(shape.positions, shape.width)
        self.norm = nn.LayerNorm(shape.width, eps=1e-12)
        self.layers = nn.ModuleList(Layer(shape) for _ in range(shape.layers))
        self.gap_inner = nn.Linear(2 * shape.width, shape.width)
        self.gap_head = nn.Linear(shape.width, shape.roles)
        self.case_head = nn.Linear(shape.width, shape.cases)
        self.part_head = nn.Linear(shape.width, shape.parts)

    def encode(self, tokens: Tensor) -> Tensor:
        """The encoder alone, without padding or mask: all windows of a batch are of one length."""
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        x = self.norm(x)
        for layer in self.layers:
            x = layer(x)
        return x

    def gaps(self, before: Tensor, after: Tensor) -> Tensor:
        """Logits ``[n, roles]`` of the gaps between two vectors ``[n, width]``."""
        inner = F.gelu(self.gap_inner(torch.cat((before, after), dim=-1)))
        result: Tensor = self.gap_head(inner)
        return result

    def cases(self, first: Tensor) -> Tensor:
        """Logits ``[n, cases]`` of words whose first subwords are ``[n, width]``."""
        result: Tensor = self.case_head(first)
        return result

    def parts(self, first: Tensor) -> Tensor:
        """Logits ``[n, parts]`` of words whose first subwords are ``[n, width]``."""
        result: Tensor = self.part_head(first)
        return result

    def load_minilm(self, path: Path, kept: Sequence[int]) -> None:
        """Take over the encoder's weights from the starting model's safetensors.

        Args:
            path: ``model.safetensors`` of all-MiniLM-L6-v2, or another of the same shape.
            kept: for each subword of this vocabulary its row in MiniLM's.
        """
        source = load_file(str(path))
        source = {name.removeprefix("bert."): tensor for name, tensor in source.items()}
        state = {
            "tokens.weight": source["embeddings.word_embeddings.weight"][list(kept)],
            "places.weight": source["embeddings.position_embeddings.weight"][: self.shape.positions]
            + source["embeddings.token_type_embeddings.weight"][0],
        }
        names = {"norm": "embeddings.LayerNorm"}
        for i in range(self.shape.layers):
            old, new = f"encoder.layer.{i}", f"layers.{i}"
            for kind in ("weight", "bias"):
                state[f"{new}.qkv.{kind}"] = torch.cat(
                    [
                        source[f"{old}.attention.self.{part}.{kind}"]
                        for part in ("query", "key", "value")
                    ]
                )
            names[f"{new}.out"] = f"{old}.attention.output.dense"
            names[f"{new}.norm1"] = f"{old}.attention.output.LayerNorm"
            names[f"{new}.up"] = f"{old}.intermediate.dense"
            names[f"{new}.down"] = f"{old}.output.dense"
            names[f"{new}.norm2"] = f"{old}.output.LayerNorm"
        for new, old in names.items():
            for kind in ("weight", "bias"):
                state[f"{new}.{kind}"] = source[f"{old}.{kind}"]
        missing, unexpected = self.load_state_dict(state, strict=False)
        if unexpected or any(not name.startswith(HEADS) for name in missing):
            raise ValueError(f"{path.name} is no MiniLM-L6: {missing}, {unexpected}")
