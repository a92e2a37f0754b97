"""The benchmarks run: a quick one for real, the rest of ``peers.py`` on made-up figures."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from importlib.util import find_spec
from itertools import pairwise
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

ROOT = Path(__file__).parents[1]
FOLDER = Path(__file__).parent / "benchmarks"


@pytest.fixture
def module(monkeypatch: pytest.MonkeyPatch) -> Any:
    """Imports a script as its neighbours do."""
    monkeypatch.syspath_prepend(str(FOLDER))

    def load(name: str) -> ModuleType:
        for path in FOLDER.glob("*.py"):
            monkeypatch.delitem(sys.modules, path.stem, raising=False)
        return __import__(name)

    return load


def python(*arguments: str) -> str:
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    environment = {**os.environ, "PYTHONPATH": paths}
    done = subprocess.run(
        [sys.executable, *arguments], capture_output=True, text=True, cwd=FOLDER, env=environment
    )
    assert not done.returncode, done.stderr
    return done.stdout


def row(key: str, microseconds: list[float], **more: Any) -> dict[str, Any]:
    made = {"key": key, "label": f"tool {key}", "beside": "int8", "reads": "texts", "start": 0.5}
    return {**made, "rounds": microseconds, "words": 1000, **more}


def result(*rows: dict[str, Any]) -> dict[str, Any]:
    about = {"machine": "a machine", "versions": "Python 3", "threads": 2}
    return {**about, "rounds": 2, "articles": 4, "words": 1000, "rows": list(rows)}


def test_every_script_imports() -> None:
    names = sorted(path.stem for path in FOLDER.glob("*.py"))
    if find_spec("pyspark") is None:
        names.remove("spark")
    assert {"check", "library", "peers", "speed"} <= set(names)
    assert python("-c", f"import {', '.join(names)}; print('imported')") == "imported\n"


def test_a_quick_run_measures_every_row(tmp_path: Path) -> None:
    pytest.importorskip("jiwer")
    saved = tmp_path / "figures.json"
    printed = python("peers.py", "--quick", "--json", str(saved), "--cache", str(tmp_path / "none"))
    figures = json.loads(saved.read_text("utf-8"))
    assert [row["key"] for row in figures["rows"]] == ["int8", "ftfy", "check", "jiwer"]
    for found in figures["rows"]:
        assert found["label"] in printed
        assert found["start"] > 0
        assert len(found["rounds"]) == 2
        assert min(found["rounds"]) > 0
    restored, cleaned = figures["rows"][:2]
    assert min(restored["rounds"]) > max(cleaned["rounds"]), "a network costs more than ftfy"
    assert restored["casing"] > 0.5
    assert cleaned["casing"] is None
    assert not (tmp_path / "none").exists(), "nothing is built for rows that need nothing"


def test_a_row_that_is_not_there_is_refused() -> None:
    with pytest.raises(AssertionError, match=r"no rows are called.*nonsense"):
        python("peers.py", "--rows", "nonsense")


def test_ratios_are_medians_over_the_rounds(module: Any) -> None:
    measured = module("peers_measure").Measured
    fast = measured(**row("int8", [10.0, 10.0, 40.0]))
    slow = measured(**row("other", [50.0, 60.0, 160.0]))
    assert fast.times_as_fast(slow) == 5.0
    assert slow.times_as_fast(fast) == 0.2
    assert fast.microseconds == 10.0


@pytest.mark.parametrize(
    ("peer", "verdict"), [(39.0, "NOT reached"), (41.0, "reached"), (61.0, "aim reached")]
)
def test_the_table_says_what_was_reached(module: Any, peer: float, verdict: str) -> None:
    rows = row("int8", [10.0, 10.0]), row("pcs-fp32", [peer, peer], subwords=1.25, network=3800.0)
    lines = list(module("peers_table").table(result(*rows)))
    (goal,) = [line for line in lines if "asked" in line]
    ratio = f"{peer / 10:.3g} times"
    assert goal == f"tool int8 / tool pcs-fp32: {ratio} (asked 4, aim 6): {verdict}"
    (line,) = [line for line in lines if line.startswith("tool pcs-fp32")]
    cells = [
        "0.50",
        f"{peer:.2f}",
        f"{1e6 / peer:,.0f}",
        f"{peer / 10:.3g}",
        f"{0.5 + peer / 10:.1f}",
    ]
    assert line.split()[2:] == [*cells, "1.25", "3,800"]


@pytest.mark.parametrize(
    ("words", "sizes"),
    [(0, [0]), (230, [230]), (231, [230, 6]), (455, [230, 230]), (456, [230, 230, 6])],
)
def test_words_of_windows_overlap_by_five(module: Any, words: int, sizes: list[int]) -> None:
    made = list(module("peers_tools")._word_windows([str(n) for n in range(words)]))
    assert [len(window) for window in made] == sizes
    assert all(a[-5:] == b[:5] for a, b in pairwise(made))


@pytest.mark.parametrize(
    ("subwords", "sizes"), [(0, []), (254, [254]), (255, [254, 17]), (600, [254, 254, 124])]
)
def test_subwords_of_windows_overlap_by_sixteen(
    module: Any, subwords: int, sizes: list[int]
) -> None:
    made = list(module("peers_tools")._subword_windows(list(range(subwords))))
    assert [len(window) for window in made] == sizes
    assert all(a[-16:] == b[:16] for a, b in pairwise(made))


def test_the_chart_names_every_row_that_works_on_texts(module: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    rows = [
        row("int8", [76.0, 76.0], label="cleantext, int8"),
        row("ftfy", [0.5, 0.5], label="ftfy (encoding only)"),
        row("check", [3.0, 3.0], label="a comparison", reads="pairs"),
    ]
    peers = module("peers")
    first, second = tmp_path / "charts" / "first.svg", tmp_path / "second.svg"
    for path in (first, second):
        peers.chart(result(*rows), path)
    svg = first.read_text("utf-8")
    assert svg == second.read_text("utf-8")
    assert len(svg) < 40_000
    for label in ("cleantext, int8", "ftfy (encoding only)", "13,000", "2,000,000"):
        assert f">{label}</text>" in svg
    assert "a comparison" not in svg
    assert "prefers-color-scheme: dark" in svg


def test_a_chart_of_one_colour_where_nothing_is_ours(module: Any, tmp_path: Path) -> None:
    pytest.importorskip("matplotlib")
    chart = module("peers_chart")
    for label, ours in (("cleantext, int8", True), ("another tool", False)):
        chart.draw({label: 1000.0}, tmp_path / "chart.svg", title="Speed")
        assert (chart.OURS in (tmp_path / "chart.svg").read_text("utf-8")) is ours
