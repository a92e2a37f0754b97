"""The example notebook runs from the top, and its cells show what they say they show."""

from __future__ import annotations

import base64
import json
import os
import re
import struct
from pathlib import Path
from typing import Any

import pytest

from cleantext import check, restore

nbclient, nbformat, *_ = (
    pytest.importorskip(module, reason="needs the extra notebook")
    for module in ("nbclient", "nbformat", "ipykernel", "matplotlib", "pandas")
)

FIXTURES = Path(__file__).parents[1] / "fixtures"
NOTEBOOK = FIXTURES / "notebook.ipynb"
SLUGS = sorted(file.parent.name for file in FIXTURES.glob("*/scraped.txt"))

#: Run after the notebook, in its kernel: what its plots and tables hold, as JSON.
PROBE = """
import json

def told(figure):
    return [
        {
            "labels": [axes.get_xlabel(), axes.get_title()],
            "shown": [text.get_text() for text in axes.texts],
            "bars": float(sum(bar.get_width() for bar in axes.patches)),
            "points": [
                len(drawn.get_offsets())
                for drawn in axes.collections
                if type(drawn).__name__ == "PathCollection"
            ],
            "legend": [
                text.get_text()
                for text in (axes.get_legend().get_texts() if axes.get_legend() else [])
            ],
            "y": axes.get_ylabel(),
        }
        for axes in figure.axes
    ]

print(json.dumps({
    "kinds": told(kinds_figure),
    "before_after": told(before_after_figure),
    "confidence": told(confidence_figure),
    "edits": {slug: len(document.edits) for slug, document in documents.items()},
    "before": before.to_dict(), "after": after.to_dict(),
    "verdicts": len(verdicts), "right": float(verdicts["right"].mean()),
    "confident": float(verdicts["confidence"].mean()),
    "doubtful": list(doubtful.index), "quality": batch["restored_quality"].to_dict(),
    "stories": stories["scraped"].to_dict(), "restored": batch["restored"].to_dict(),
    "helped": helped.to_dict(),
}))
"""


@pytest.fixture(scope="module")
def source() -> Any:
    return nbformat.read(NOTEBOOK, as_version=4)


@pytest.fixture(scope="module")
def executed(source: Any) -> dict[str, Any]:
    """The code cells after a run from the top, by id, and the probe."""
    notebook = nbformat.from_dict(json.loads(json.dumps(source)))
    notebook.cells.append(nbformat.v4.new_code_cell(PROBE, id="probe"))
    client = nbclient.NotebookClient(
        notebook,
        timeout=300,
        kernel_name="python3",
        resources={"metadata": {"path": str(FIXTURES)}},
    )
    path = [str(FIXTURES.parent), os.environ.get("PYTHONPATH", "")]
    client.execute(env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))})
    return {cell.id: cell for cell in notebook.cells if cell.cell_type == "code"}


@pytest.fixture(scope="module")
def probe(executed: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(printed(executed["probe"]))
    return found


def shown(cell: Any, kind: str) -> str:
    """The output of a cell in one format."""
    found = [each.data[kind] for each in cell.outputs if kind in each.get("data", {})]
    assert len(found) == 1, f"cell {cell.id} shows {kind} {len(found)} times"
    return str(found[0])


def printed(cell: Any) -> str:
    return "".join(each.text for each in cell.outputs if each.get("name") == "stdout")


# --- the file -------------------------------------------------------------------------------------


def test_the_file_is_stripped_and_valid(source: Any) -> None:
    nbformat.validate(source)
    text = NOTEBOOK.read_text(encoding="utf-8")
    for cell in source.cells:
        assert cell.metadata == {}
        if cell.cell_type == "code":
            assert cell.outputs == []
            assert cell.execution_count is None
    assert re.search(r"/home/|/work|/tmp|[A-Z]:\\\\", text) is None
    assert text.endswith("}\n")


def test_ids_are_names_and_stay(source: Any) -> None:
    ids = [cell.id for cell in source.cells]
    assert len(set(ids)) == len(ids)
    assert all(re.fullmatch(r"[a-z]+(-[a-z]+)*", each) for each in ids)


# --- what it shows --------------------------------------------------------------------------------


def test_it_loads_every_story_as_it_stands(executed: dict[str, Any], probe: dict[str, Any]) -> None:
    assert sorted(probe["stories"]) == SLUGS
    for slug, text in probe["stories"].items():
        assert text == (FIXTURES / slug / "scraped.txt").read_bytes().decode("utf-8")
        assert slug in shown(executed["load"], "text/html")


def test_no_cell_complains(executed: dict[str, Any]) -> None:
    complaints = [
        each.text
        for cell in executed.values()
        for each in cell.outputs
        if each.get("name") == "stderr" and "font cache" not in each.text  # matplotlib's first run
    ]
    assert complaints == []


def test_one_story_is_diagnosed_and_restored(executed: dict[str, Any]) -> None:
    for told in ("case (lower)", "marks (lost)", "layout (flat)"):
        assert told in printed(executed["diagnose"])
    before, _, after = printed(executed["restore"]).partition("after:")
    assert "tbilisi georgia ap" in before
    assert "TBILISI, Georgia (AP) — Three" in after


def test_the_views_mark_the_changes(executed: dict[str, Any]) -> None:
    document = shown(executed["document"], "text/html")
    assert document.count('class="ct-') > 100
    assert "TBILISI" in document
    assert re.search(r'class="[^"]*ct-mark', document)
    report = shown(executed["report"], "text/html")
    assert "ct-rows" in report
    assert "<mark" in report


def test_tables_show_every_story(executed: dict[str, Any]) -> None:
    for cell in ("batch", "canonical"):
        table = shown(executed[cell], "text/html")
        assert [slug for slug in SLUGS if slug not in table] == []
    assert shown(executed["edits"], "text/html").count("<tr") == 11
    assert "encoding mojibake" in shown(executed["batch"], "text/html")
    assert shown(executed["documents"], "text/plain") == "(True, ())"


@pytest.mark.parametrize("cell", ["plot-kinds", "plot-before-after", "plot-confidence"])
def test_plots_are_pictures_of_some_size(executed: dict[str, Any], cell: str) -> None:
    picture = base64.b64decode(shown(executed[cell], "image/png"))
    assert picture.startswith(b"\x89PNG")
    width, height = struct.unpack(">II", picture[16:24])
    assert min(width, height) > 300


def test_every_axis_is_labelled(probe: dict[str, Any]) -> None:
    for name in ("kinds", "before_after", "confidence"):
        assert probe[name][0]["y"]
        for axes in probe[name]:
            assert all(axes["labels"])
        assert len(probe[name][0]["legend"]) >= 2


def test_bars_are_all_edits(probe: dict[str, Any]) -> None:
    (axes,) = probe["kinds"]
    assert axes["bars"] == sum(probe["edits"].values()) > 1000
    assert sorted(map(int, axes["shown"])) == sorted(probe["edits"].values())
    assert {"case", "mark", "number", "space", "decode"} <= set(axes["legend"])
    assert probe["edits"]["clean-night-library"] == 0


def test_before_and_after_are_the_scores_of_check(probe: dict[str, Any]) -> None:
    assert [axes["points"] for axes in probe["before_after"]] == [[len(SLUGS)] * 2] * 3
    for slug in SLUGS:
        texts = {
            "before": probe["stories"][slug],
            "after": restore(probe["stories"][slug]).text,
        }
        assert probe["restored"][slug] == texts["after"]
        gold = (FIXTURES / slug / "gold.txt").read_bytes().decode("utf-8")
        for when, text in texts.items():
            report = check(text, gold)
            assert probe[when]["capitals"][slug] == pytest.approx(report.case_accuracy)
            assert probe[when]["marks and spaces"][slug] == pytest.approx(report.gap_accuracy)
            assert probe[when]["words"][slug] == pytest.approx(report.coverage[1])
    broken, mended = (probe[when]["words"]["mojibake-portrait"] for when in ("before", "after"))
    assert broken < mended == 1


def test_confidence_is_judged_edit_by_edit(probe: dict[str, Any]) -> None:
    assert probe["verdicts"] == sum(probe["edits"].values())
    assert 0.5 < probe["right"] < 1
    assert abs(probe["right"] - probe["confident"]) < 0.1
    (axes,) = probe["confidence"]
    edits = [
        int(n.replace(",", "")) for n in re.findall(r"\(([\d,]+) edits\)", str(axes["legend"]))
    ]
    assert len(edits) == 2
    assert 0 < sum(edits) <= probe["verdicts"]


def test_wrong_numbers_are_listed(executed: dict[str, Any]) -> None:
    assert "around" in shown(executed["numbers"], "text/html")


def test_the_canonical_version_helps(probe: dict[str, Any]) -> None:
    for slug in SLUGS:
        gold = (FIXTURES / slug / "gold.txt").read_bytes().decode("utf-8")
        alone, helped = (
            check(probe[name][slug], gold, style=True).gap_accuracy or 0
            for name in ("restored", "helped")
        )
        assert helped >= alone


def test_the_doubtful_are_the_worst(probe: dict[str, Any]) -> None:
    assert len(probe["doubtful"]) == 4
    worst = sorted(probe["quality"].values(), reverse=True)[:4]
    assert [probe["quality"][slug] for slug in probe["doubtful"]] == worst
    assert worst[-1] > 0


def test_a_bar_leaves_edits_out(executed: dict[str, Any]) -> None:
    found = re.search(r"(\d+) edits at .*?, (\d+) with", printed(executed["bar"]))
    assert found
    usual, careful = map(int, found.groups())
    assert 0 < careful < usual


def test_undo_gives_all_raw_texts_back(executed: dict[str, Any]) -> None:
    told = shown(executed["undo"], "text/plain")
    assert told == f"'{len(SLUGS)} of {len(SLUGS)} stories are what they were'"
