"""The chart of ``peers.py``: words a second by tool, on a log axis."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

__all__ = ["draw"]

PAPER, INK, GRID = "#ffffff", "#1f2328", "#d0d7de"
OURS, OTHERS = "#2f81f7", "#8b949e"
#: What a reader with a dark page sees instead: the card turns dark with its text, whatever is around.
_DARK = f"""<style>@media (prefers-color-scheme: dark) {{
[style*="fill: {PAPER}"] {{ fill: #0d1117 !important }}
[style*="fill: {INK}"] {{ fill: #e6edf3 !important }}
[style*="stroke: {GRID}"] {{ stroke: #30363d !important }}
}}</style>"""


def draw(speeds: Mapping[str, float], path: Path, *, title: str) -> None:
    """Write the chart as SVG; the same speeds give the same file.

    Args:
        speeds: words a second by label; what begins with ``cleantext`` stands out.
        path: where to; folders are made.
        title: what stands above it.
    """
    import matplotlib
    from matplotlib.figure import Figure

    ranked = sorted(speeds.items(), key=lambda item: item[1])
    labels = [label for label, _ in ranked]
    values = [value for _, value in ranked]
    colours = [OURS if label.startswith("cleantext") else OTHERS for label in labels]
    settings = {"svg.hashsalt": "peers", "svg.fonttype": "none", "font.family": "sans-serif"}
    settings |= {"text.color": INK, "xtick.color": INK, "ytick.color": INK, "font.size": 11}
    path.parent.mkdir(parents=True, exist_ok=True)
    with matplotlib.rc_context(settings):
        size = (8.6, 1.2 + 0.34 * len(labels))
        figure = Figure(figsize=size, facecolor=PAPER, layout="constrained")
        axes = figure.add_subplot()
        bars = axes.barh(labels, values, height=0.68, color=colours)
        axes.set_facecolor("none")
        axes.set_xscale("log")
        axes.set_xlim(min(values) / 3, max(values) * 6)  # room for the figures behind the bars
        axes.bar_label(bars, [f"{_rounded(value):,}" for value in values], padding=4)
        axes.set_title(title, loc="left", fontsize=12, pad=10)
        axes.xaxis.set_major_formatter(lambda value, _: _short(value))
        axes.grid(axis="x", color=GRID, linewidth=0.8)
        axes.set_axisbelow(True)
        axes.tick_params(length=0, which="both")
        for spine in axes.spines.values():
            spine.set_visible(False)
        figure.savefig(path, format="svg", metadata={"Date": None, "Creator": None})
    svg = path.read_text("utf-8")
    path.write_text(re.sub(r"(?=<defs>)", _DARK, svg, count=1), "utf-8")


def _rounded(value: float) -> int:
    """To two digits: more would say what no machine repeats."""
    return int(float(f"{value:.1e}"))


def _short(value: float) -> str:
    return f"{value / 1e6:,.0f} M" if value >= 1e6 else f"{value:,.0f}"
