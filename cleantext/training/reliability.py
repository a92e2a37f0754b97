"""The reliability diagram: the share of edits that is right over their confidence, as SVG.

Written by hand rather than with a plotting library: it is small, and the same figures give the same
bytes wherever it is drawn.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from html import escape
from pathlib import Path
from typing import Any

__all__ = ["chart", "write_chart"]

_COLUMNS = 4
#: A panel's side, and what stands around it, in pixels.
_SIDE, _LEFT, _TOP, _RIGHT, _BELOW = 150, 42, 40, 32, 26
_HEAD, _FOOT = 34, 26
_SERIES = (
    ("said", "#b0552b", "as the model says it"),
    ("mapped", "#1f5f99", "calibrated, on outlets not fitted on"),
)
_STYLE = (
    "text{font:11px sans-serif;fill:#222}.t{font-weight:bold}.n{fill:#666;font-size:10px}"
    ".e{text-anchor:end}.m{text-anchor:middle}.f{fill:none;stroke:#999}"
    ".g{stroke:#bbb;stroke-dasharray:3 3}polyline{fill:none;stroke-width:1.3}"
)


def write_chart(figures: Mapping[str, Any], path: Path) -> None:
    """Write the diagram.

    Args:
        figures: from :func:`cleantext.training.calibrate.calibration_figures`.
        path: of an SVG file.

    Raises:
        ValueError: if no topic has enough edits.
    """
    path.write_text(chart(figures["topics"]), encoding="utf-8")


def chart(topics: Mapping[str, Any]) -> str:
    """A panel for each topic, both axes alike: on the diagonal confidence is what it says.

    Args:
        topics: by name, as :func:`cleantext.training.calibrate.calibration_figures` has them.

    Raises:
        ValueError: if there is none.
    """
    if not topics:
        raise ValueError(
            "no topic has enough edits for a chart: measure more articles (a higher --limit)"
        )
    rows = -(-len(topics) // _COLUMNS)
    wide, high = _LEFT + _SIDE + _RIGHT, _TOP + _SIDE + _BELOW
    width, height = _COLUMNS * wide, _HEAD + rows * high + _FOOT
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" role="img">',
        "<title>Share of edits that is right over their confidence, by what they are of</title>",
        f'<style>{_STYLE}</style><rect width="100%" height="100%" fill="#fff"/>',
        *_legend(),
    ]
    for number, (name, found) in enumerate(topics.items()):
        row, column = divmod(number, _COLUMNS)
        place = f"{column * wide + _LEFT} {_HEAD + row * high + _TOP}"
        parts += [f'<g transform="translate({place})">', *_panel(name, found), "</g>"]
    foot = "across: confidence of the edits; up: share of them that is right; 15 bins of equal size"
    parts.append(f'<text class="m n" x="{width / 2:g}" y="{height - 10}">{foot}</text></svg>')
    return "\n".join(parts) + "\n"


def _legend() -> Iterator[str]:
    for number, (_, colour, said) in enumerate(_SERIES):
        x = _LEFT + number * 200
        yield f'<circle cx="{x}" cy="17" r="4" fill="{colour}"/><text x="{x + 9}" y="21">{said}'
        yield "</text>"


def _panel(name: str, found: Mapping[str, Any]) -> Iterator[str]:
    """The panel of one topic, its upper left corner at the origin."""
    low = _lowest(found)
    yield f'<text class="t" y="-22">{escape(name)}</text>'
    error = f"{found['said_error']:.3f} → {found['error']:.3f}"
    yield f'<text class="n" y="-8">{found["edits"]:,} edits; error {error}</text>'
    yield f'<path class="g" d="M0 {_SIDE}L{_SIDE} 0"/>'
    yield f'<rect class="f" width="{_SIDE}" height="{_SIDE}"/>'
    for share in (low, (1 + low) / 2, 1.0):
        at = (share - low) / (1 - low) * _SIDE
        yield f'<text class="e n" x="-5" y="{_SIDE - at + 4:g}">{share:g}</text>'
        yield f'<text class="m n" x="{at:g}" y="{_SIDE + 13}">{share:g}</text>'
    for key, colour, _ in _SERIES:
        points = [_place(point, low) for point in found[key]]
        yield f'<polyline stroke="{colour}" points="{" ".join(points)}"/>'
        dots = "".join(f"M{point}h0" for point in points)
        yield f'<path d="{dots}" stroke="{colour}" stroke-width="4.6" stroke-linecap="round"/>'


def _lowest(found: Mapping[str, Any]) -> float:
    """Where the axes of a panel begin: such that nothing lies outside."""
    least = min(min(point) for key, *_ in _SERIES for point in found[key])
    return max((low for low in (0.0, 0.5, 0.8, 0.9) if low <= least), default=0.0)


def _place(point: Sequence[float], low: float) -> str:
    x, y = ((share - low) / (1 - low) * _SIDE for share in point)
    return f"{round(x, 1):g},{round(_SIDE - y, 1):g}"
