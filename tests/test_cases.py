"""The cases of ``cases/restore.json``: each does what its label ``expect`` says, strictly.

A case that is expected to fail and passes fails the run, so that the labels stay true. After a new
model ``python -m tests.test_cases`` writes them anew; read the difference before it is committed.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import pytest

from cleantext.document import Document
from cleantext.pipeline import Pipeline

FILE = Path(__file__).parent / "cases" / "restore.json"


@dataclass(frozen=True, slots=True)
class Verdict:
    """What is wrong with the restoration of a case; nothing if it passes."""

    faults: tuple[str, ...]
    text: str

    @property
    def passes(self) -> bool:
        """Whether nothing is wrong."""
        return not self.faults


def read_cases() -> list[dict[str, Any]]:
    cases: list[dict[str, Any]] = json.loads(FILE.read_text("utf-8"))
    return cases


def judge(case: dict[str, Any], doc: Document) -> Verdict:
    """A case that must stay is compared byte for byte, any other by what it contains."""
    faults = [f"lacks {part!r}" for part in case["contains"] if part not in doc.text]
    faults += [f"has {part!r}" for part in case["absent"] if part in doc.text]
    if case["original"] == case["fixed"] and doc.text != case["fixed"]:
        faults.append("should have stayed as it was")
    if doc.undo() != case["original"]:
        faults.append("cannot be undone")
    return Verdict(tuple(faults), doc.text)


@cache
def verdicts() -> dict[str, Verdict]:
    """The verdict on every case, by its label."""
    return {case["label"]: verdict for case, verdict in judged(read_cases())}


def judged(cases: Sequence[dict[str, Any]]) -> list[tuple[dict[str, Any], Verdict]]:
    docs = Pipeline.default().stream(case["original"] for case in cases)
    return [(case, judge(case, doc)) for case, doc in zip(cases, docs, strict=True)]


CASES = read_cases()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["label"])
def test_case(case):
    verdict = verdicts()[case["label"]]
    if case["expect"] == "pass":
        assert verdict.passes, f"{'; '.join(verdict.faults)}: {verdict.text}"
    else:
        assert not verdict.passes, (
            "passes, though it is marked to fail: run python -m tests.test_cases"
        )


@pytest.mark.parametrize(
    ("fixed", "contains", "absent", "text", "faults"),
    [
        ("The U.S. left.", ["U.S."], ["u.s."], "The U.S. left", ()),
        ("The U.S. left.", ["U.S."], ["u s"], "The u s left", ("lacks 'U.S.'", "has 'u s'")),
        ("the u s left", [], [], "The u s left", ("should have stayed as it was",)),
        ("the u s left", [], [], "the u s left", ()),
    ],
)
def test_judge(fixed, contains, absent, text, faults):
    original = "the u s left"
    doc = Document(original, text)
    case = {"original": original, "fixed": fixed, "contains": contains, "absent": absent}
    found = judge(case, doc).faults
    assert tuple(fault for fault in found if fault != "cannot be undone") == faults


def mark() -> None:
    """Write what the model at hand passes into the cases' ``expect``; print what changed."""
    results = judged(read_cases())
    for case, verdict in results:
        expect = "pass" if verdict.passes else "fail"
        if expect != case["expect"]:
            print(f"{case['label']}: {case['expect']} -> {expect} {'; '.join(verdict.faults)}")
            if not verdict.passes:
                print(f"    {verdict.text}")
        case["expect"] = expect
    cases = [case for case, _ in results]
    FILE.write_text(json.dumps(cases, ensure_ascii=False, indent=2) + "\n", "utf-8")
    passed = sum(case["expect"] == "pass" for case in cases)
    print(f"{passed} of {len(cases)} cases pass")


if __name__ == "__main__":
    mark()
