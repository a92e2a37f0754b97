"""From a checkpoint to the files that ship: an ONNX graph, written node by node, in int8 or fp32.

The graph is built here rather than traced, so that it holds the fused operators of onnxruntime and
nothing else, takes one window a run (which makes results independent of what else is in a batch),
and runs the heads on words only. Which operators are fused was measured: see ``NOTES.md``.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from numpy.typing import NDArray
from onnx import TensorProto, helper, numpy_helper
from tokenizers import Tokenizer

from cleantext.tagger.labels import LabelTable
from cleantext.training.network import Network, Shape
from cleantext.training.packed import Pack
from cleantext.training.reach import Reach, farthest, measure

__all__ = ["export", "write_manifest"]

_FUSED = "com.microsoft"
#: Channels of a feed-forward part's two inputs that are treated apart in int8.
_APART = 4
Weights = dict[str, NDArray[np.float32]]


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made.

    Args:
        largest: what the largest weight of a column becomes in int8; None keeps products in fp32.
    """

    def __init__(self, largest: int | None) -> None:
        self.largest = largest
        self.nodes: list[onnx.NodeProto] = []
        self.constants: list[onnx.TensorProto] = []

    def constant(self, name: str, value: NDArray[Any]) -> str:
        self.constants.append(numpy_helper.from_array(np.ascontiguousarray(value), name))
        return name

    def node(
        self, kind: str, inputs: list[str], output: str, domain: str = "", **attributes: Any
    ) -> str:
        self.nodes.append(
            helper.make_node(kind, inputs, [output], name=output, domain=domain, **attributes)
        )
        return output

    def linear(self, x: str, name: str, weights: Weights) -> str:
        """Product and bias; in int8 the input is quantised by window, the weights by column."""
        weight = weights[f"{name}.weight"].T
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        if self.largest is None:
            product = self.node(
                "MatMul", [x, self.constant(f"{name}.weight", weight)], f"{name}.product"
            )
            return self.node("Add", [product, bias], f"{name}.sum")
        scale = np.maximum(np.abs(weight).max(axis=0) / self.largest, 1e-12).astype(np.float32)
        values = np.rint(weight / scale).astype(np.int8)
        # named as onnxruntime's own tool names them
        quantized = [
            self.constant(f"{name}.weight_quantized", values),
            self.constant(f"{name}.weight_scale", scale),
            self.constant(f"{name}.weight_zero_point", np.zeros_like(scale, np.int8)),
        ]
        return self.node("DynamicQuantizeMatMul", [x, *quantized, bias], f"{name}.sum", _FUSED)

    def gelu(self, x: str, name: str, weights: Weights) -> str:
        return self.node("Gelu", [self.linear(x, name, weights)], f"{name}.gelu", _FUSED)

    def norm(self, x: str, name: str, weights: Weights) -> str:
        gamma = self.constant(f"{name}.gamma", weights[f"{name}.weight"])
        beta = self.constant(f"{name}.beta", weights[f"{name}.bias"])
        inputs = [x, gamma, beta]
        return self.node("LayerNormalization", inputs, f"{name}.norm", epsilon=1e-12, axis=-1)

    def few(self, x: str, name: str, weights: Weights) -> str:
        """A feed-forward part of a few inner channels, in fp32 and without a bias at its end."""
        up, bias, down = (
            self.constant(f"{name}.{part}", weights[f"{name}.{part}"].T)
            for part in ("up.weight", "up.bias", "down.weight")
        )
        product = self.node("MatMul", [x, up], f"{name}.product")
        inner = self.node("Add", [product, bias], f"{name}.sum")
        inner = self.node("Gelu", [inner], f"{name}.gelu", _FUSED)
        return self.node("MatMul", [inner, down], f"{name}.out")

    def norm_sum(self, parts: list[str], name: str, weights: Weights) -> str:
        # Sum and not Add: onnxruntime would fuse that into SkipLayerNormalization, which takes
        # eight times as long as the two together
        return self.norm(self.node("Sum", parts, f"{name}.skip"), name, weights)


def _embeddings(graph: _Graph, weights: Weights) -> str:
    """Rows of int8 with one scale each: a quarter of the size, no change in the scores."""
    table = weights["tokens.weight"]
    scale = np.abs(table).max(axis=1, keepdims=True) / 127
    rows = np.rint(table / np.maximum(scale, 1e-12)).astype(np.int8)
    graph.constant("table", rows)
    graph.constant("table.scale", scale.astype(np.float32))
    graph.node("Gather", ["table", "tokens"], "row")
    graph.node("Cast", ["row"], "row.float", to=TensorProto.FLOAT)
    graph.node("Gather", ["table.scale", "tokens"], "row.scale")
    graph.node("Mul", ["row.float", "row.scale"], "token")
    graph.constant("places", weights["places.weight"])
    graph.node("Shape", ["tokens"], "length", start=1, end=2)
    graph.constant("zero", np.array([0], np.int64))
    graph.node("Slice", ["places", "zero", "length", "zero"], "place")
    graph.node("Add", ["token", "place"], "embedded")
    return graph.norm("embedded", "norm", weights)


def _layer(
    graph: _Graph, x: str, i: int, shape: Shape, weights: Weights, reach: Reach | None
) -> str:
    name = f"layers.{i}"
    qkv = graph.linear(x, f"{name}.qkv", weights)
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(
        helper.make_node("Split", [qkv], parts, name=f"{name}.split", axis=2, num_outputs=3)
    )
    read = graph.node("MultiHeadAttention", parts, f"{name}.read", _FUSED, num_heads=shape.heads)
    out = graph.linear(read, f"{name}.out", weights)
    x = graph.norm_sum([out, x], f"{name}.norm1", weights)
    sums = _feed_forward(graph, x, name, weights, reach)
    return graph.norm_sum([*sums, x], f"{name}.norm2", weights)


def _feed_forward(
    graph: _Graph, x: str, name: str, weights: Weights, reach: Reach | None
) -> list[str]:
    """What is to be summed up; in int8 the inner channels that reach farthest stay in fp32."""
    up, down = f"{name}.up", f"{name}.down"
    if reach is None:
        return [graph.linear(graph.gelu(x, up, weights), down, weights)]
    few = farthest(reach[down], _APART)
    apart = {
        f"{name}.few.up.weight": weights[f"{up}.weight"][few],
        f"{name}.few.up.bias": weights[f"{up}.bias"][few],
        f"{name}.few.down.weight": weights[f"{down}.weight"][:, few],
    }
    rest = {key: weights[key].copy() for key in (f"{up}.weight", f"{up}.bias", f"{down}.weight")}
    rest[f"{up}.weight"][few] = rest[f"{up}.bias"][few] = rest[f"{down}.weight"][:, few] = 0
    rest[f"{down}.bias"] = weights[f"{down}.bias"]
    # of what comes in, those that reach farthest are shrunk to the reach of the next one
    far = np.maximum(reach[up] / np.sort(reach[up])[-_APART - 1], 1)
    shrunk = graph.node("Mul", [x, graph.constant(f"{up}.shrink", 1 / far)], f"{up}.shrunk")
    rest[f"{up}.weight"] *= far
    made = graph.linear(graph.gelu(shrunk, up, rest), down, rest)
    return [made, graph.few(x, f"{name}.few", apart)]


def build(
    weights: Weights, shape: Shape, *, largest: int | None = None, reach: Reach | None = None
) -> onnx.ModelProto:
    """The graph: ``tokens[1, l]``, ``ends[w + 1]`` and ``begins[w]`` in; log-probabilities out.

    ``ends`` holds 0 (the place of ``[CLS]``) and then each word's last subword, ``begins`` each
    word's first. Out come ``gaps[w + 1, roles]``, ``cases[w, cases]`` and ``parts[w, parts]``,
    natural logarithms.

    Args:
        weights: of the network, by name.
        shape: its sizes.
        largest: what the largest weight of a column becomes in int8; None keeps products in fp32.
        reach: of the feed-forward parts' inputs, if channels that reach far are to be treated
            apart.
    """
    graph = _Graph(largest)
    x = _embeddings(graph, weights)
    for i in range(shape.layers):
        x = _layer(graph, x, i, shape, weights, reach)
    graph.node("Squeeze", [x, "zero"], "hidden")
    graph.constant("one", np.array([1], np.int64))
    graph.node("Gather", ["hidden", "ends"], "before")
    graph.node("Add", ["ends", "one"], "next")
    graph.node("Gather", ["hidden", "next"], "after")
    graph.node("Concat", ["before", "after"], "pair", axis=1)
    inner = graph.gelu("pair", "gap_inner", weights)
    gap_logits = graph.linear(inner, "gap_head", weights)
    graph.node("LogSoftmax", [gap_logits], "gaps", axis=-1)
    graph.node("Gather", ["hidden", "begins"], "first")
    case_logits = graph.linear("first", "case_head", weights)
    graph.node("LogSoftmax", [case_logits], "cases", axis=-1)
    part_logits = graph.linear("first", "part_head", weights)
    graph.node("LogSoftmax", [part_logits], "parts", axis=-1)
    whole, real = TensorProto.INT64, TensorProto.FLOAT
    inputs = [
        helper.make_tensor_value_info("tokens", whole, [1, "subwords"]),
        helper.make_tensor_value_info("ends", whole, ["gaps"]),
        helper.make_tensor_value_info("begins", whole, ["words"]),
    ]
    outputs = [
        helper.make_tensor_value_info("gaps", real, ["gaps", shape.roles]),
        helper.make_tensor_value_info("cases", real, ["words", shape.cases]),
        helper.make_tensor_value_info("parts", real, ["words", shape.parts]),
    ]
    made = helper.make_graph(graph.nodes, "tagger", inputs, outputs, graph.constants)
    opsets = [helper.make_opsetid("", 18), helper.make_opsetid(_FUSED, 1)]
    return helper.make_model(made, opset_imports=opsets, ir_version=9)


def export(
    checkpoint: Path, pack: Path, folder: Path, *, int8: bool = True, reduce_range: bool = True
) -> None:
    """Write ``model.onnx``, ``tokenizer.json`` and ``model.json`` into ``folder``.

    Args:
        checkpoint: what :func:`cleantext.training.train.train` wrote.
        pack: folder of the packed corpus: tokenizer, label table, and windows that show how far
            channels reach.
        folder: where to; made if it is not there.
        int8: quantise the products (dynamic, per channel); embeddings are int8 either way.
        reduce_range: seven-bit weights, which cannot overflow on processors without VNNI.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    shape = Shape(**state["shape"])
    if shape.relative:
        raise ValueError(f"{checkpoint.name} is a teacher: only what it taught is exported")
    weights = {name: tensor.float().numpy() for name, tensor in state["network"].items()}
    if int8:
        reach = _reach(state["network"], shape, pack)
        model = build(weights, shape, largest=64 if reduce_range else 127, reach=reach)
    else:
        model = build(weights, shape)
    onnx.checker.check_model(model)
    onnx.save(model, folder / "model.onnx")
    table = LabelTable.load(pack / "table.json")
    tokenizer = (pack / "tokenizer.json").read_text(encoding="utf-8")
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    write_manifest(folder, {"labels": table.to_dict()})


def _reach(state: Mapping[str, torch.Tensor], shape: Shape, pack: Path) -> Reach:
    network = Network(shape)
    network.load_state_dict({name: tensor.float() for name, tensor in state.items()})
    numbers = Tokenizer.from_file(str(pack / "tokenizer.json")).get_vocab()
    tokens = Pack.load(pack).tokens
    return measure(network.eval(), tokens, first=numbers["[CLS]"], last=numbers["[SEP]"])


def write_manifest(folder: Path, fields: Mapping[str, Any]) -> None:
    """Write ``model.json``: these fields, those it had, and the sha256 of every file it names."""
    path = folder / "model.json"
    manifest = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    manifest.update(fields)
    manifest["files"] = {
        name: hashlib.sha256((folder / name).read_bytes()).hexdigest()
        for name in ("model.onnx", "tokenizer.json", "lexicon.tsv")
        if (folder / name).exists()
    }
    text = json.dumps(manifest, ensure_ascii=False, indent=1)
    path.write_text(text + "\n", encoding="utf-8")
