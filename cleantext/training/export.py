"""From a checkpoint to the files that ship: an ONNX graph, written node by node, in int8 or fp32.

The graph is built here rather than traced, so that it holds the fused operators of onnxruntime and
nothing else, takes one window a run (which makes results independent of what else is in a batch),
and runs the heads on words only.
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
from onnxruntime.quantization import QuantType, quantize_dynamic

from cleantext.tagger.labels import LabelTable
from cleantext.training.network import Shape

__all__ = ["export", "write_manifest"]

_FUSED = "com.microsoft"
Weights = dict[str, NDArray[np.float32]]


class _Graph:
    """Collects nodes and constants; every method returns the name of what it made."""

    def __init__(self) -> None:
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

    def matmul(self, x: str, name: str, weight: NDArray[np.float32]) -> str:
        return self.node("MatMul", [x, self.constant(f"{name}.weight", weight.T)], f"{name}.out")

    def linear(self, x: str, name: str, weights: Weights) -> str:
        product = self.matmul(x, name, weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("Add", [product, bias], f"{name}.sum")

    def gelu(self, x: str, name: str, weights: Weights) -> str:
        product = self.matmul(x, name, weights[f"{name}.weight"])
        bias = self.constant(f"{name}.bias", weights[f"{name}.bias"])
        return self.node("BiasGelu", [product, bias], f"{name}.gelu", _FUSED)

    def norm_sum(self, x: str, skip: str, name: str, weights: Weights, bias: str) -> str:
        gamma = self.constant(f"{name}.gamma", weights[f"{name}.weight"])
        beta = self.constant(f"{name}.beta", weights[f"{name}.bias"])
        inputs = [x, skip, gamma, beta, bias]
        return self.node("SkipLayerNormalization", inputs, f"{name}.norm", _FUSED, epsilon=1e-12)


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
    gamma = graph.constant("norm.gamma", weights["norm.weight"])
    beta = graph.constant("norm.beta", weights["norm.bias"])
    return graph.node(
        "LayerNormalization", ["embedded", gamma, beta], "norm.out", epsilon=1e-12, axis=-1
    )


def _layer(graph: _Graph, x: str, i: int, shape: Shape, weights: Weights) -> str:
    name = f"layers.{i}"
    qkv = graph.matmul(x, f"{name}.qkv", weights[f"{name}.qkv.weight"])
    parts = [f"{name}.{part}" for part in ("query", "key", "value")]
    graph.nodes.append(
        helper.make_node("Split", [qkv], parts, name=f"{name}.split", axis=2, num_outputs=3)
    )
    bias = graph.constant(f"{name}.qkv.bias", weights[f"{name}.qkv.bias"])
    read = graph.node(
        "MultiHeadAttention", [*parts, bias], f"{name}.read", _FUSED, num_heads=shape.heads
    )
    out = graph.matmul(read, f"{name}.out", weights[f"{name}.out.weight"])
    out_bias = graph.constant(f"{name}.out.bias", weights[f"{name}.out.bias"])
    x = graph.norm_sum(out, x, f"{name}.norm1", weights, out_bias)
    inner = graph.gelu(x, f"{name}.up", weights)
    down = graph.matmul(inner, f"{name}.down", weights[f"{name}.down.weight"])
    down_bias = graph.constant(f"{name}.down.bias", weights[f"{name}.down.bias"])
    return graph.norm_sum(down, x, f"{name}.norm2", weights, down_bias)


def build(weights: Weights, shape: Shape) -> onnx.ModelProto:
    """The graph: ``tokens[1, l]``, ``ends[w + 1]`` and ``begins[w]`` in; log-probabilities out.

    ``ends`` holds 0 (the place of ``[CLS]``) and then each word's last subword, ``begins`` each
    word's first. Out come ``gaps[w + 1, roles]``, ``cases[w, cases]`` and ``parts[w, parts]``,
    natural logarithms.
    """
    graph = _Graph()
    x = _embeddings(graph, weights)
    for i in range(shape.layers):
        x = _layer(graph, x, i, shape, weights)
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
        pack: folder of the packed corpus (tokenizer and label table).
        folder: where to; made if it is not there.
        int8: quantise the products (dynamic, per channel); embeddings are int8 either way.
        reduce_range: seven-bit weights, which cannot overflow on processors without VNNI.
    """
    folder.mkdir(parents=True, exist_ok=True)
    state = torch.load(checkpoint, weights_only=True, map_location="cpu")
    shape = Shape(**state["shape"])
    weights = {name: tensor.float().numpy() for name, tensor in state["network"].items()}
    model = build(weights, shape)
    onnx.checker.check_model(model)
    path = folder / "model.onnx"
    onnx.save(model, path)
    if int8:
        plain = folder / "model.fp32.onnx"
        path.replace(plain)
        quantize_dynamic(
            plain,
            path,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=reduce_range,
            weight_type=QuantType.QInt8,
            extra_options={"DefaultTensorType": TensorProto.FLOAT},  # behind fused operators
        )
        plain.unlink()
    table = LabelTable.load(pack / "table.json")
    tokenizer = (pack / "tokenizer.json").read_text(encoding="utf-8")
    (folder / "tokenizer.json").write_text(tokenizer, encoding="utf-8")
    write_manifest(folder, {"labels": table.to_dict()})


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
