"""The tagger: what it reads does not hang on what stands beside it; a wrong model file is named."""

from __future__ import annotations

import json
import os
import shutil
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.tagger.onnx import MODEL_FOLDER, ModelError, Scores, Tagger, load_tagger

STORY = (
    "the prime minister said on monday that u s president donald trump s letter to the government"
    " of cambodia was a welcome sign after years of strained relations between both countries"
).split()


@pytest.fixture(scope="module")
def tagger() -> Tagger:
    return load_tagger(threads=1)


def same(one: Scores, other: Scores) -> bool:
    """Bit for bit."""
    return np.array_equal(one.gaps, other.gaps) and np.array_equal(one.cases, other.cases)


# --- what it reads --------------------------------------------------------------------------------


@pytest.mark.parametrize("n", [0, 1, 2, 100, 253, 254, 255, 700])
def test_any_length(tagger, n):
    words = (STORY * (n // len(STORY) + 1))[:n]
    scores = tagger.read(words)
    assert scores.gaps.shape == (n + 1, len(tagger.table.roles))
    assert scores.cases.shape == (n, len(tagger.table.cases))
    assert np.isfinite(scores.gaps).all()
    if n:
        assert np.allclose(np.exp(scores.gaps).sum(axis=1), 1, atol=1e-3)
        assert np.allclose(np.exp(scores.cases).sum(axis=1), 1, atol=1e-3)


@pytest.mark.parametrize(
    "word",
    ["a" * 100_000, "1" * 5000, "東京" * 300, "\U0001f600", "\ud800", "e\u0301" * 50, "\u0301"],
    ids=["giant", "digits", "han", "emoji", "surrogate", "loose accents", "bare accent"],
)
def test_any_word(tagger, word):
    scores = tagger.read(["the", word, *STORY])
    assert scores.cases.shape[0] == len(STORY) + 2
    assert np.isfinite(scores.cases).all()


def test_many_giant_words_are_read_in_windows_that_hold_them(tagger):
    words = [f"{chr(97 + i % 26)}qzxj{i}" * 40 for i in range(60)]
    assert np.isfinite(tagger.read(words).gaps).all()


def test_nothing_gives_nothing(tagger):
    assert list(tagger.stream([])) == []


def test_words_are_read_lowered(tagger):
    assert same(tagger.read([word.upper() for word in STORY]), tagger.read(STORY))


def test_but_other_words_are_read_otherwise(tagger):
    assert not same(tagger.read(STORY[::-1]), tagger.read(STORY))


# --- law 7 ----------------------------------------------------------------------------------------

TEXTS = st.lists(st.lists(st.sampled_from(STORY), max_size=40), max_size=4)


@settings(max_examples=15)
@given(TEXTS)
def test_neighbours_change_nothing(texts):
    tagger = load_tagger(threads=1)
    together = list(tagger.stream(texts))
    assert len(together) == len(texts)
    assert all(same(one, tagger.read(words)) for one, words in zip(together, texts, strict=True))


def test_threads_change_nothing(tagger):
    texts = [STORY * 12, STORY[:7], [], STORY * 5]
    alone = list(tagger.stream(texts))
    assert all(map(same, load_tagger(threads=2).stream(texts), alone))
    with ThreadPoolExecutor(4) as pool:  # one tagger used by several threads at once
        for read in pool.map(lambda many: list(tagger.stream(many)), [texts] * 4):
            assert all(map(same, read, alone))


def test_what_one_window_says_does_not_depend_on_the_far_end(tagger):
    """A gap is scored by the window it stands in, not by the length of the text."""
    long = tagger.read([*STORY * 30, "end"])
    other = tagger.read([*STORY * 30, "other"])
    assert np.array_equal(long.gaps[:100], other.gaps[:100])


# --- loading --------------------------------------------------------------------------------------


def test_a_model_is_loaded_once_for_each_number_of_threads():
    assert load_tagger(threads=1) is load_tagger(threads=1)
    assert load_tagger(threads=1) is not load_tagger(threads=2)
    assert load_tagger().threads == min(8, os.cpu_count() or 1)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the model that a test may spoil."""
    for name in ("model.json", "model.onnx", "tokenizer.json", "lexicon.tsv"):
        shutil.copy(MODEL_FOLDER / name, tmp_path / name)
    return tmp_path


def change_manifest(folder: Path, **fields: object) -> None:
    path = folder / "model.json"
    path.write_text(json.dumps({**json.loads(path.read_text("utf-8")), **fields}), "utf-8")


def test_a_copy_of_the_model_reads_alike(folder, tagger):
    assert same(load_tagger(folder, threads=1).read(STORY), tagger.read(STORY))


@pytest.mark.parametrize("name", ["model.json", "model.onnx", "tokenizer.json", "lexicon.tsv"])
def test_a_missing_file_is_named(folder, name):
    (folder / name).unlink()
    with pytest.raises(ModelError, match=rf"{name} is missing.*install"):
        load_tagger(folder, threads=1)


@pytest.mark.parametrize("name", ["model.onnx", "tokenizer.json", "lexicon.tsv"])
def test_an_altered_file_is_named(folder, name):
    path = folder / name
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    path.write_bytes(data)
    with pytest.raises(ModelError, match=rf"{name} is not the file.*sha256 differs.*install"):
        load_tagger(folder, threads=1)


def test_a_truncated_file_is_named(folder):
    path = folder / "model.onnx"
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match=r"model\.onnx is not the file"):
        load_tagger(folder, threads=1)


def test_a_model_of_another_label_scheme_is_refused(folder):
    labels = json.loads((folder / "model.json").read_text("utf-8"))["labels"]
    change_manifest(folder, labels={**labels, "scheme": 99})
    with pytest.raises(ModelError, match=r"label scheme 99.*install the matching"):
        load_tagger(folder, threads=1)


@pytest.mark.parametrize("content", ["", "{", '{"labels": {}}', "[]"])
def test_a_damaged_manifest_is_named(folder, content):
    (folder / "model.json").write_text(content, "utf-8")
    with pytest.raises(ModelError, match=r"model\.json"):
        load_tagger(folder, threads=1)


def test_a_mended_folder_is_read_after_an_error(folder):
    spare = (folder / "tokenizer.json").read_bytes()
    (folder / "tokenizer.json").unlink()
    with pytest.raises(ModelError):
        load_tagger(folder, threads=1)
    (folder / "tokenizer.json").write_bytes(spare)
    assert load_tagger(folder, threads=1).read(STORY).cases.shape[0] == len(STORY)
