"""The gate: scores may not fall below the floors pinned in ``floors.json``.

The floors hold for a pinned sample of dev (its digest is pinned as well), so that a change of the
model, the decoder or the scorer that costs quality is noticed. To lower one on purpose, change the
file and say why in the commit.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any

import pytest

CORPUS = Path(__file__).parents[2] / "shared" / "corpus"
FLOORS = json.loads((Path(__file__).parent / "floors.json").read_text(encoding="utf-8"))

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not (CORPUS / "dev.jsonl.xz").exists(), reason="no corpus beside"),
]


@pytest.fixture(scope="module")
def figures() -> Any:
    pytest.importorskip("tokenizers")
    from cleantext.training.evaluate import evaluate

    return evaluate(CORPUS, limit=FLOORS["limit"]).figures


def test_the_corpus_is_the_one_the_floors_were_measured_on() -> None:
    digest = hashlib.sha256((CORPUS / "dev.jsonl.xz").read_bytes()).hexdigest()
    assert digest == FLOORS["dev_sha256"]


@pytest.mark.parametrize("key", sorted(FLOORS["dev"]))
def test_dev(figures: Any, key: str) -> None:
    assert figures["dev"]["styled"][key] >= FLOORS["dev"][key]


@pytest.mark.parametrize("key", sorted(FLOORS["stripped_casefolded"]))
def test_stripped(figures: Any, key: str) -> None:
    assert figures["stripped"]["casefolded"][key] >= FLOORS["stripped_casefolded"][key]


def test_no_word_is_changed(figures: Any) -> None:
    assert figures["dev"]["texts_whose_words_changed"] == 0


def test_numbers_are_right(figures: Any) -> None:
    assert figures["dev"]["number_edits"] >= FLOORS["number_edits"]
    assert figures["dev"]["number_edits_right"] >= FLOORS["number_edits_right"]


def test_published_articles_are_not_harmed(figures: Any) -> None:
    assert figures["harm"]["touched"] == []
    assert figures["harm"]["outside_kept"] >= FLOORS["outside_kept"]


def test_the_codec_loses_next_to_nothing(figures: Any) -> None:
    assert figures["ceiling"]["gaps"] >= FLOORS["ceiling_gaps"]
    assert figures["ceiling"]["cases"] >= FLOORS["ceiling_cases"]


@pytest.mark.parametrize("key", sorted(FLOORS["layout"]))
def test_layout(figures: Any, key: str) -> None:
    assert figures["layout"][key] >= FLOORS["layout"][key]


@pytest.mark.parametrize("key", sorted(FLOORS["layout_ceiling"]))
def test_clean_articles_lose_next_to_nothing(figures: Any, key: str) -> None:
    assert figures["layout"][key] <= FLOORS["layout_ceiling"][key]


@pytest.mark.parametrize("key", sorted(FLOORS["edges"]))
def test_edges(figures: Any, key: str) -> None:
    assert figures["edges"][key] >= FLOORS["edges"][key]


def test_paragraphs_beat_the_trivial_ones(figures: Any) -> None:
    breaks = dict(figures["dev"]["paragraphs"])
    ours = breaks.pop("paragraphs")
    assert ours - max(breaks.values()) >= FLOORS["paragraph_lead"]


@pytest.mark.parametrize("key", sorted(FLOORS["glued"]))
def test_the_peers_own_protocol(figures: Any, key: str) -> None:
    assert figures["glued"]["default"][key] >= FLOORS["glued"][key]


@pytest.mark.parametrize("topic", sorted(FLOORS["calibration_ceiling"]))
def test_confidences_can_be_believed(figures: Any, topic: str) -> None:
    assert figures["calibration"]["topics"][topic]["error"] <= FLOORS["calibration_ceiling"][topic]
