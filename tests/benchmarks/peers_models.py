"""Models for ``peers.py``: those of published shapes with random weights, and ours in fp32.

    python tests/benchmarks/peers_models.py FOLDER [--corpus DIR]

Builds what is missing in FOLDER (about 2 GB and a minute; needs the extra ``train``). Only the cost
of the published shapes is compared, so their weights are random, and one tokenizer of 32,000
subwords serves both. It was trained on news like that which is read and so cuts few words: theirs
cut more (FullStop's reads a hundred languages), and cost them more than is measured here. FullStop's
own 250,000 rows of embeddings would make its file larger and a look-up no dearer.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from pathlib import Path
from typing import Any

from cleantext import training
from cleantext.damage import FLAT, degrade
from cleantext.tagger.onnx import MODEL_FOLDER
from cleantext.training.corpus import read

#: What the tokenizer is trained on: so many articles of this file of the corpus.
TRAIN = "train.jsonl.xz"
ARTICLES = 4_000
VOCABULARY = 32_000


@dataclass(frozen=True, slots=True)
class Published:
    """The shape of a published model; ``labels`` are those of all its heads, for each subword."""

    layers: int
    width: int
    inner: int
    heads: int
    labels: int
    positions: int


SHAPES = {
    # marks before and behind, sentence ends, and capitals at 16 places of the subword
    "pcs": Published(layers=6, width=512, inner=2048, heads=8, labels=24, positions=256),
    # XLM-RoBERTa large, with six labels
    "fullstop": Published(layers=24, width=1024, inner=4096, heads=16, labels=6, positions=512),
}


def ours_fp32(folder: Path) -> Path:
    """Where the fp32 network lies or is to be made: another for another model, or another graph."""
    made_of = MODEL_FOLDER / "model.onnx", Path(training.__file__).with_name("export.py")
    digest = hashlib.sha256(b"".join(path.read_bytes() for path in made_of)).hexdigest()
    return folder / f"ours-fp32-{digest[:12]}"


def build(folder: Path, corpus: Path | None) -> None:
    """Build what is missing: ours in fp32, and with a corpus the published shapes."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / ".gitignore").write_text("*\n", encoding="utf-8")
    _make(ours_fp32(folder), _dequantized)
    if corpus is None:
        return
    _make(folder / "tokenizer.json", partial(_train_tokenizer, articles=corpus / TRAIN))
    for name, published in SHAPES.items():
        plain = folder / f"{name}.fp32.onnx"
        _make(plain, partial(_export, published=published))
        _make(folder / f"{name}.int8.onnx", partial(_quantize, plain=plain))


def _make(path: Path, write: Callable[[Path], None]) -> None:
    """A file or folder that stands under its name only when it is whole."""
    if not path.exists():
        print(f"building {path.name}", flush=True)
        part = path.with_name(f"part-{os.getpid()}-{path.name}")
        write(part)
        part.rename(path)


def _train_tokenizer(path: Path, articles: Path) -> None:
    from tokenizers import Tokenizer, pre_tokenizers
    from tokenizers.models import BPE
    from tokenizers.trainers import BpeTrainer

    tokenizer = Tokenizer(BPE(unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace()
    specials = ["<s>", "<pad>", "</s>", "<unk>"]
    trainer = BpeTrainer(vocab_size=VOCABULARY, special_tokens=specials, show_progress=False)
    tokenizer.train_from_iterator(_flat(articles), trainer)
    tokenizer.save(str(path))


def _flat(articles: Path) -> Iterator[str]:
    """Flat copy of train, never of dev, which is what the peers are measured on."""
    return (degrade(article.text, damage=FLAT).text for article in islice(read(articles), ARTICLES))


def _export(path: Path, published: Published) -> None:
    """The network as torch exports it; batches of windows of one length, padded without a mask."""
    import torch

    from cleantext.training.network import Network, Shape

    shape = Shape(
        vocabulary=VOCABULARY,
        roles=1,
        cases=published.labels,
        width=published.width,
        layers=published.layers,
        heads=published.heads,
        inner=published.inner,
        positions=published.positions,
    )

    class Labels(torch.nn.Module):
        """Encoder and one head that reads every subword."""

        def __init__(self) -> None:
            super().__init__()
            self.network = Network(shape)

        def forward(self, tokens: torch.Tensor) -> torch.Tensor:
            return self.network.cases(self.network.encode(tokens))

    torch.manual_seed(1)
    torch.onnx.export(
        Labels().eval(),
        (torch.randint(0, VOCABULARY, (2, 64)),),
        str(path),
        input_names=["tokens"],
        output_names=["labels"],
        dynamic_axes={"tokens": {0: "windows", 1: "subwords"}},
        opset_version=17,
        dynamo=False,
    )


def _quantize(path: Path, plain: Path) -> None:
    """Dynamic int8 with the settings that ``quantize_dynamic`` has by default."""
    from onnxruntime.quantization import QuantType, quantize_dynamic

    quantize_dynamic(plain, path, weight_type=QuantType.QInt8)


# --- ours in fp32 ---------------------------------------------------------------------------------


def _dequantized(folder: Path) -> None:
    """The shipped model with its weights as fp32: the same network, all but the same answers."""
    import json

    import onnx

    from cleantext.training.export import build as graph
    from cleantext.training.export import write_manifest

    manifest = json.loads((MODEL_FOLDER / "model.json").read_text(encoding="utf-8"))
    folder.mkdir()
    for name in manifest["files"]:
        if name != "model.onnx":
            shutil.copy(MODEL_FOLDER / name, folder / name)
    weights = _weights(MODEL_FOLDER / "model.onnx")
    onnx.save(graph(weights, _shape(weights)), folder / "model.onnx")
    write_manifest(folder, {"labels": manifest["labels"]})


def _weights(path: Path) -> dict[str, Any]:
    """The checkpoint's names and values, read back from the exported graph."""
    import numpy as np
    import onnx
    from onnx import numpy_helper

    constants = {c.name: numpy_helper.to_array(c) for c in onnx.load(path).graph.initializer}
    found: dict[str, Any] = {
        "tokens.weight": constants["table"].astype(np.float32) * constants["table.scale"],
        "places.weight": constants["places"],
    }
    for name, value in constants.items():
        if name.endswith(".weight_quantized"):
            weight = name.removesuffix("_quantized")
            zero, scale = constants[f"{weight}_zero_point"], constants[f"{weight}_scale"]
            found[weight] = ((value.astype(np.float32) - zero) * scale).T
        elif name.endswith(".weight"):
            found[name] = value.T
        elif name.endswith((".gamma", ".beta")):
            norm, _, kind = name.rpartition(".")
            found[f"{norm}.{'weight' if kind == 'gamma' else 'bias'}"] = value
        elif name.endswith(".bias"):
            found[name] = value
    for layer in {name.split(".few.")[0] for name in found if ".few." in name}:
        _rejoin(found, layer, constants[f"{layer}.up.shrink"])
    return found


def _rejoin(found: dict[str, Any], layer: str, shrink: Any) -> None:
    """Undo what the export does for the int8 scales: channels shrunk, and some kept apart."""
    few = {
        name: found.pop(f"{layer}.few.{name}") for name in ("up.weight", "up.bias", "down.weight")
    }
    up, down = found[f"{layer}.up.weight"], found[f"{layer}.down.weight"]
    up *= shrink
    empty = (abs(up).sum(axis=1) == 0).nonzero()[0][: len(few["up.bias"])]
    up[empty], down[:, empty] = few["up.weight"], few["down.weight"]
    found[f"{layer}.up.bias"] = found[f"{layer}.up.bias"].copy()
    found[f"{layer}.up.bias"][empty] = few["up.bias"]


def _shape(weights: dict[str, Any]) -> Any:
    from cleantext.training.network import Shape

    vocabulary, width = weights["tokens.weight"].shape
    return Shape(
        vocabulary=vocabulary,
        roles=len(weights["gap_head.bias"]),
        cases=len(weights["case_head.bias"]),
        parts=len(weights["part_head.bias"]),
        width=width,
        layers=sum(name.endswith("qkv.weight") for name in weights),
        inner=len(weights["layers.0.up.bias"]),
        positions=len(weights["places.weight"]),
    )


def main() -> None:
    """Build from the command line."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument(
        "--corpus", type=Path, help=f"folder with {TRAIN}; else ours alone is built"
    )
    options = parser.parse_args()
    build(options.folder, options.corpus)


if __name__ == "__main__":
    main()
