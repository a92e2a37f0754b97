"""Calibration: the error by hand, curves that rise, edits judged, what a model's file keeps."""

from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from xml.etree import ElementTree

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from cleantext.document import Document
from cleantext.edits import Edit
from cleantext.tagger.calibration import Calibration, Curve, topic
from cleantext.training.calibrate import (
    LEAST,
    calibration_figures,
    calibration_table,
    chance_error,
    expected_error,
    fit,
    fit_curve,
    uncalibrated,
)
from cleantext.training.judged import Judged, judge
from cleantext.training.reliability import chart

SHARES = st.floats(0, 1, allow_nan=False)


# --- the error ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("confidence", "right", "bins", "error"),
    [
        ([0.8] * 5, [1, 1, 1, 1, 0], 1, 0.0),
        ([0.8] * 5, [1, 0, 1, 0, 0], 1, 0.4),
        # two bins that are wrong in opposite ways do not cancel out: (.5 + .5) / 2
        ([0.5, 0.5, 0.5, 0.5], [0, 0, 1, 1], 2, 0.5),
        # sorted first: .2 and .4 (none right, off by .3), .6 and .8 (both right, off by .3)
        ([0.8, 0.2, 0.6, 0.4], [1, 0, 1, 0], 2, 0.3),
        # bins of 2 and 1: (2 * .1 + 1 * .4) / 3
        ([0.1, 0.1, 0.6], [0, 0, 1], 2, 0.2),
        ([1.0], [1], 15, 0.0),
    ],
)
def test_the_error_by_hand(
    confidence: list[float], right: list[int], bins: int, error: float
) -> None:
    found = expected_error(np.array(confidence), np.array(right, bool), bins=bins)
    assert found == pytest.approx(error)


def test_chance_by_hand() -> None:
    # a hundred tosses of a fair coin: .798 standard deviations of .05
    assert chance_error(np.full(100, 0.5), bins=1) == pytest.approx(0.0399, abs=1e-4)
    assert chance_error(np.ones(100), bins=1) == 0.0


def test_chance_is_what_faultless_confidences_come_to() -> None:
    chance = np.random.default_rng(1)
    sure = chance.uniform(0.3, 1.0, 3000)
    found = [expected_error(sure, chance.random(3000) < sure) for _ in range(40)]
    assert np.mean(found) == pytest.approx(chance_error(sure), rel=0.15)


# --- curves ---------------------------------------------------------------------------------------


def test_a_curve_is_straight_between_knots_and_level_beyond() -> None:
    curve = Curve((0.4, 0.8), (0.5, 0.9))
    assert [curve(x) for x in (0.0, 0.4, 0.5, 0.8, 1.0)] == [0.5, 0.5, 0.6, 0.9, 0.9]


@pytest.mark.parametrize(
    ("said", "right"),
    [
        ((), ()),
        ((0.1, 0.2), (0.3,)),
        ((0.2, 0.2), (0.3, 0.4)),
        ((0.1, 0.2), (0.4, 0.3)),
        ((0.1, 0.2), (0.3, 1.1)),
    ],
)
def test_what_is_no_curve_is_refused(said: tuple[float, ...], right: tuple[float, ...]) -> None:
    with pytest.raises(ValueError, match="fit the calibration again"):
        Curve(said, right)


@given(st.lists(st.tuples(SHARES, st.booleans()), min_size=1, max_size=700))
def test_fitted_curves_rise_and_are_shares(edits: list[tuple[float, bool]]) -> None:
    said, right = np.array([e[0] for e in edits]), np.array([e[1] for e in edits])
    curve = fit_curve(said, right)  # a curve that falls cannot be made at all
    values = [curve(x) for x in np.linspace(0, 1, 21).tolist()]
    assert values == sorted(values)
    assert 0 < values[0] <= values[-1] < 1, "nothing is certain"


def test_falling_shares_are_pooled() -> None:
    said = np.repeat([0.35, 0.45, 0.55], 200)
    right = np.concatenate([np.arange(200) < hits for hits in (80, 120, 60)])
    curve = fit_curve(said, right)
    assert curve.said == (0.35, 0.5)
    assert curve.right == pytest.approx((0.4, 0.45), abs=0.002)


def test_a_curve_mends_confidence_that_is_too_high() -> None:
    chance = np.random.default_rng(2)
    sure = chance.uniform(0.4, 1.0, 20_000)
    right = chance.random(20_000) < sure - 0.1
    curve = fit_curve(sure[:10_000], right[:10_000])
    mended = np.array([curve(x) for x in sure[10_000:].tolist()])
    assert expected_error(sure[10_000:], right[10_000:]) > 0.09
    assert expected_error(mended, right[10_000:]) < 0.02


# --- topics and what is mapped --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("edit", "name"),
    [
        (Edit(3, " ", ",", "number", "number"), "digit grouping"),
        (Edit(3, " ", ".", "number", "number"), "decimal, time, range"),
        (Edit(3, " ", ".", "mark", "abbreviation or initials"), "initials"),
        (Edit(3, "", ".", "mark", "abbreviation or initials"), "abbreviation"),
        (Edit(3, "", ",", "mark", "comma"), "comma"),
    ],
)
def test_topics(edit: Edit, name: str) -> None:
    assert topic(edit) == name


def test_only_topics_with_a_curve_are_mapped_and_nothing_but_confidence_changes() -> None:
    found = Calibration({"comma": Curve((0.0, 1.0), (0.0, 0.5))})
    edits = [
        Edit(3, "", ",", "mark", "comma", 0.8, 4, "punctuation"),
        Edit(5, "", ".", "mark", "sentence end", 0.8, 4, "punctuation"),
    ]
    comma, stop = found.applied(edits)
    assert comma == Edit(3, "", ",", "mark", "comma", 0.4, 4, "punctuation")
    assert stop == edits[1]
    assert Calibration().applied(edits) == edits


def test_to_dict_and_back() -> None:
    found = Calibration({"comma": Curve((0.25, 1.0), (0.125, 0.5))})
    assert Calibration.from_dict(json.loads(json.dumps(found.to_dict()))) == found
    with pytest.raises(ValueError, match="never falling"):
        Calibration.from_dict({"comma": [[0.1, 0.9], [0.2, 0.8]]})


# --- judging --------------------------------------------------------------------------------------

GOLD = "“No,” Mr Hun said on 1.5 acres — twice.\n\nThe U.S. agreed. It's so."


def judged(edits: Sequence[Edit], gold: str = GOLD) -> list[tuple[str, bool]]:
    """Edits of the flat copy of ``gold``, judged."""
    flat = "no mr hun said on 1 5 acres twice the u s agreed it s so"
    doc = Document.start(flat).after_pass(edits)
    return [(found.topic, found.right) for found in judge(doc, gold)]


def set_(start: int, before: str, after: str, reason: str, kind: str = "mark") -> Edit:
    return Edit(start, before, after, kind, reason, 0.7, 0, "punctuation")  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("edit", "right"),
    [
        (set_(0, "", '"', "quotation"), True),
        (set_(2, "", '"', "quotation"), True),
        (set_(3, "", '"', "quotation"), False),  # on the other side of the gap
        (set_(2, "", "'", "quotation"), True),  # single or double is a matter of style
        (set_(2, "", ",", "comma"), True),
        (set_(9, "", ",", "comma"), False),
        (set_(5, "", ".", "abbreviation or initials"), True),  # Mr is Mr. in the common style
        (set_(19, " ", ".", "number", "number"), True),
        (set_(19, " ", ",", "number", "number"), False),
        (set_(28, "", "— ", "dash"), True),
        (set_(33, "", ".", "sentence end"), True),
        (set_(33, "", "?", "question"), False),
        (set_(33, " ", "\n\n", "paragraph", "space"), True),
        (set_(27, " ", "\n\n", "paragraph", "space"), False),
        (set_(39, " ", ".", "abbreviation or initials"), True),
        (set_(51, " ", "'", "apostrophe"), True),
        (set_(39, " ", "-", "hyphen"), False),
        (set_(56, "", ".", "sentence end"), True),
    ],
)
def test_marks_are_right_where_the_article_has_them(edit: Edit, right: bool) -> None:
    assert [found for _, found in judged([edit])] == [right]


def test_case_is_judged_by_the_word_as_it_comes_out() -> None:
    raised = [
        Edit(3, "m", "M", "case", "name", 0.7, 0, "casing"),
        Edit(15, "o", "O", "case", "name", 0.7, 0, "casing"),
    ]
    assert judged(raised) == [("name", True), ("name", False)]


def test_other_normalizers_and_other_words_are_not_judged() -> None:
    edit = Edit(2, "", ",", "mark", "comma", 0.7, 0, "canonical")
    assert judged([edit]) == []
    assert judged([set_(2, "", ",", "comma")], gold="No, he said.") == []


# --- all of it ------------------------------------------------------------------------------------


def outlet(chance: np.random.Generator, size: int, *, off: float) -> list[Judged]:
    """Commas whose confidence is ``off`` by so much, and quotations in pairs that are right."""
    sure = chance.uniform(0.4, 0.95, size)
    right = chance.random(size) < sure - off
    found = [Judged("comma", float(c), bool(r)) for c, r in zip(sure, right, strict=True)]
    return [*found, Judged("quotation", 0.99, True, 2), Judged("quotation", 0.6, True, 2)]


def test_errors_are_of_outlets_that_the_curves_do_not_know() -> None:
    chance = np.random.default_rng(3)
    alike = [outlet(chance, 2000, off=0.1) for _ in range(3)]
    found = calibration_figures(["a", "b", "c"], alike)
    assert found["topics"]["comma"]["said_error"] > 0.08
    assert found["topics"]["comma"]["error"] < 0.035
    # an outlet with a habit of its own is not mended by the others
    habit = calibration_figures(["a", "b"], [alike[0], outlet(chance, 2000, off=-0.04)])
    assert habit["topics"]["comma"]["error"] > 0.05
    assert set(found["curves"]) == {"comma"}, "six quotations are too few for a curve"
    assert "| comma | 6,000 |" in calibration_table(found)


def test_bars_keep_or_drop_whole_groups() -> None:
    edits = [Judged("quotation", 0.99, True, 2), Judged("quotation", 0.6, False, 2)]
    edits += [Judged("comma", 0.85, True), Judged("comma", 0.3, False)]
    bars = {bar["bar"]: bar for bar in calibration_figures(["a"], [edits])["bars"]}
    assert (bars[0.5]["kept"], bars[0.5]["right"]) == (75.0, 66.67)
    assert (bars[0.8]["kept"], bars[0.8]["right"]) == (25.0, 100.0)


def test_what_is_near_enough_gets_no_curve() -> None:
    chance = np.random.default_rng(4)
    sure = chance.uniform(0.97, 1.0, 4 * LEAST)
    good = [Judged("apostrophe", float(c), bool(chance.random() < c)) for c in sure]
    bad = [Judged("acronym", float(c), bool(chance.random() < c - 0.2)) for c in sure]
    assert set(fit([*good, *bad]).curves) == {"acronym"}


def test_a_model_is_read_without_its_curves(tmp_path: Path) -> None:
    (tmp_path / "model.onnx").write_bytes(b"weights")
    manifest = {"files": {"model.onnx": "ab"}, "calibration": {"comma": [[0.1, 0.2]]}}
    (tmp_path / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    with uncalibrated(tmp_path) as folder:
        assert folder != tmp_path
        kept = json.loads((folder / "model.json").read_text("utf-8"))
        assert kept == {"files": manifest["files"]}
        assert (folder / "model.onnx").read_bytes() == b"weights"
    assert not folder.exists()
    del manifest["calibration"]
    (tmp_path / "model.json").write_text(json.dumps(manifest), encoding="utf-8")
    with uncalibrated(tmp_path) as folder:
        assert folder == tmp_path, "nothing to leave out, nothing to copy"


def test_the_chart_is_sound_and_always_the_same() -> None:
    chance = np.random.default_rng(5)
    figures = calibration_figures(["a", "b"], [outlet(chance, 900, off=0.1) for _ in range(2)])
    drawn = chart({**figures["topics"], "<stop & go>": figures["topics"]["comma"]})
    root = ElementTree.fromstring(drawn)
    names = [text.text for text in root.iter("{http://www.w3.org/2000/svg}text")]
    assert "comma" in names
    assert "<stop & go>" in names
    assert drawn == chart({**figures["topics"], "<stop & go>": figures["topics"]["comma"]})
    with pytest.raises(ValueError, match="measure more articles"):
        chart({})
