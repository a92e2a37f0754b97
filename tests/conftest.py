"""What the tests share: hypothesis settings, and the corpus and seeds where they are at hand."""

from __future__ import annotations

import json
import lzma
from functools import cache
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

SHARED = Path(__file__).parents[2] / "shared"

# the first example loads the model, and a busy machine is no failure
settings.register_profile(
    "cleantext", deadline=None, suppress_health_check=[HealthCheck.too_slow], print_blob=True
)
settings.load_profile("cleantext")


@cache
def _dev() -> tuple[tuple[str, str], ...]:
    with lzma.open(SHARED / "corpus" / "dev.jsonl.xz", "rt", encoding="utf-8") as lines:
        records = map(json.loads, lines)
        return tuple((str(r["id"]), "\n\n".join(r["paragraphs"])) for r in records)


@pytest.fixture(scope="session")
def dev_articles() -> tuple[tuple[str, str], ...]:
    """Pairs of id and text of the development articles; skips the test where they are missing."""
    if not (SHARED / "corpus" / "dev.jsonl.xz").exists():
        pytest.skip("the corpus is not at hand")
    return _dev()


@pytest.fixture(scope="session")
def seeds() -> dict[str, str]:
    """The scraped files the project began with, by the number their name begins with."""
    files = sorted((SHARED / "seeds").glob("[0-9]*.txt"))
    if not files:
        pytest.skip("the seeds are not at hand")
    return {file.name[:3]: file.read_bytes().decode("utf-8") for file in files}
