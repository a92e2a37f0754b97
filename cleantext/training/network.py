"""The tagger's network: an uncased BERT encoder with three token-classification heads.

The encoder is MiniLM-L6-H384-uncased (Wang et al., 2020): six post-norm layers of width 384,
written out here so that training needs PyTorch alone. A teacher is the same in another shape:
MPNet-base (Song et al., 2020), twelve layers of width 768 with relative positions besides. The gap
head reads the last subword of the word before and the first of the word after, the case head and
the part head (headline, boilerplate, ...) the first subword of the word.
"""

from __future__ import annotations

import math
from dataclasses import asdict, dataclass

import torch
from torch import Tensor, nn
from torch.nn import functional as F

__all__ = ["HEADS", "Network", "Shape"]

#: How the names of the heads' parameters begin; all others are the encoder's.
HEADS = ("gap_", "case_", "part_")


@dataclass(frozen=True)
class Shape:
    """Sizes of a network; written into a checkpoint so that it can be made again.

    ``relative`` is the number of buckets of relative positions, 0 for none.
    """

    vocabulary: int
    roles: int
    cases: int
    parts: int = 4
    width: int = 384
    layers: int = 6
    heads: int = 12
    inner: int = 1536
    positions: int = 256
    relative: int = 0

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

    def forward(self, x: Tensor, bias: Tensor | None = None) -> Tensor:
        batch, length, width = x.shape
        qkv = self.qkv(x).view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = qkv.permute(2, 0, 3, 1, 4)
        bias = bias if bias is None else bias.to(query.dtype)
        read = _attend(query, key, value, bias)
        x = self.norm1(x + self.out(read.transpose(1, 2).reshape(batch, length, width)))
        result: Tensor = self.norm2(x + self.down(F.gelu(self.up(x))))
        return result


def _attend(query: Tensor, key: Tensor, value: Tensor, bias: Tensor | None) -> Tensor:
    """Scaled dot-product attention.

    In bfloat16 on a processor as plain products: PyTorch's fused kernel takes five times as long
    there for its gradient (see NOTES.md).
    """
    if query.device.type != "cpu" or query.dtype != torch.bfloat16:
        return F.scaled_dot_product_attention(query, key, value, attn_mask=bias)
    scores = (query / math.sqrt(query.shape[-1])) @ key.transpose(-1, -2)
    return (scores if bias is None else scores + bias).softmax(-1).to(value.dtype) @ value


def _buckets(distance: Tensor, count: int) -> Tensor:
    """T5's buckets of distances: exact when near, then by their logarithm, one for all past 128."""
    half = count // 2
    exact = half // 2
    far = distance.abs().clamp(min=1).float()
    wide = exact + (torch.log(far / exact) / math.log(128 / exact) * (half - exact)).long()
    near = torch.where(distance.abs() < exact, distance.abs(), wide.clamp(max=half - 1))
    return near + half * (distance > 0)


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
        if shape.relative:  # left as pre-training made it, which spares the attention a gradient
            self.register_buffer("relative", torch.zeros(shape.relative, shape.heads))
        self.gap_inner = nn.Linear(2 * shape.width, shape.width)
        self.gap_head = nn.Linear(shape.width, shape.roles)
        self.case_head = nn.Linear(shape.width, shape.cases)
        self.part_head = nn.Linear(shape.width, shape.parts)

    def encode(self, tokens: Tensor) -> Tensor:
        """The encoder alone, without padding or mask: all windows of a batch are of one length."""
        x = self.tokens(tokens) + self.places.weight[: tokens.shape[1]]
        x = self.norm(x)
        bias = self._bias(tokens.shape[1]) if self.shape.relative else None
        for layer in self.layers:
            x = layer(x, bias)
        return x

    def _bias(self, length: int) -> Tensor:
        """What relative places add to the attention, ``[1, heads, length, length]``."""
        table = self.get_buffer("relative")
        places = torch.arange(length, device=table.device)
        buckets = _buckets(places[None, :] - places[:, None], self.shape.relative)
        return table[buckets].permute(2, 0, 1)[None].contiguous()

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
