"""Edits made one after the other, as edits made at once."""

from __future__ import annotations

from dataclasses import replace

from cleantext.edits import Edit, apply, invert

__all__ = ["composed"]


def composed(first: list[Edit], second: list[Edit], between: str) -> list[Edit]:
    """The edits that do at once what ``first`` and then ``second`` do.

    ``between`` is the text after the first and before the second.
    """
    spans: list[tuple[int, int, bool, Edit]] = [(e.start, e.end, True, e) for e in second]
    shift = 0
    for edit in first:
        start = edit.start + shift
        spans.append((start, start + len(edit.after), False, edit))
        shift += len(edit.after) - len(edit.before)
    spans.sort(key=lambda span: span[:3])

    clusters: list[list[tuple[int, int, bool, Edit]]] = []
    reach = -1
    for span in spans:
        # to touch is enough where one came after the other: a deletion left an empty span
        if span[0] < reach or (span[0] == reach and span[2] != clusters[-1][-1][2]):
            clusters[-1].append(span)
        else:
            clusters.append([span])
        reach = max(reach, span[1])

    shift = 0
    found: list[Edit] = []
    for cluster in clusters:
        middle = between[cluster[0][0] : max(end for _, end, _, _ in cluster)]
        found += _joined(cluster, middle, shift)
        shift += sum(len(e.after) - len(e.before) for _, _, later, e in cluster if not later)
    return found


def _joined(cluster: list[tuple[int, int, bool, Edit]], middle: str, shift: int) -> list[Edit]:
    """The one edit that a cluster amounts to; none if it restores what was there."""
    low = cluster[0][0]
    start = low - shift
    earlier = [replace(e, start=e.start - start) for _, _, later, e in cluster if not later]
    before = invert(middle, earlier)
    after = apply(middle, [replace(e, start=e.start - low) for _, _, later, e in cluster if later])
    if before == after:
        return []
    edits = [edit for *_, edit in sorted(cluster, key=lambda span: span[2])]
    return [
        Edit(
            start,
            before,
            after,
            "space" if all(edit.kind == "space" for edit in edits) else "decode",
            "; ".join(dict.fromkeys(edit.reason for edit in edits)),
            min(edit.confidence for edit in edits),
            max(edit.group for edit in edits),
        )
    ]
