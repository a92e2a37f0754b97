"""Ours beside other tools: one table, on one machine, in one run, over the same degraded articles.

    python tests/benchmarks/peers.py [--corpus DIR] [--articles N] [--rounds N] [--threads N]
                                     [--rows KEY ...] [--json FILE] [--chart FILE] [--quick]
    python tests/benchmarks/peers.py --from FILE --chart FILE

DIR holds dev.jsonl.xz, which is read, and train.jsonl.xz, on which the peers' tokenizer is trained;
without it the fixtures are read, and the published shapes left out. Needs the extra ``train``, jiwer,
truecase, and matplotlib for the chart; a row whose library is missing is left out. Each row runs in
processes of its own. Models of published shapes are built once and kept in --cache; clean-text is
installed there on its own, because its import name is ours.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from importlib.util import find_spec
from pathlib import Path
from random import Random
from typing import Any

import onnxruntime
from peers_chart import draw
from peers_measure import ROOT, Measured, Row, Story, measure
from peers_models import SHAPES, TRAIN, ours_fp32
from peers_table import table

from cleantext.damage import degrade
from cleantext.training.corpus import read
from cleantext.words import split

CLEAN_TEXT = "clean-text[gpl]==0.7.1"
#: An article of fewer words is no test.
SHORTEST = 100
NAMED = {"named": "yes"}
QUICK = ("int8", "ftfy", "check", "jiwer")
#: The extra or package that each row needs, and the module by which it is known.
NEEDED = {
    "truecase": ("truecase", "truecase"),
    "jiwer": ("jiwer", "jiwer"),
    "fp32": ("torch", "cleantext-news[train]"),
    "bare-fp32": ("torch", "cleantext-news[train]"),
} | {
    f"{shape}-{form}": ("torch", "cleantext-news[train]")
    for shape in SHAPES
    for form in ("fp32", "int8")
}


def rows(cache: Path, threads: int) -> list[Row]:
    """Every row, in the order of the table."""
    both = f"{threads} threads"
    shipped, alone = {"threads": threads}, {"threads": 1}
    plain = {"threads": threads, "model": ours_fp32(cache)}
    site = {"folder": cache / "clean-text"}
    return [
        Row("int8", f"cleantext, int8, {both}", "ours", shipped, scored=True),
        Row("one-thread", "cleantext, int8, 1 thread", "ours", alone),
        Row("workers", "cleantext, int8, 2 workers of 1 thread", "ours", alone, workers=2),
        Row("fp32", f"cleantext, fp32, {both}", "ours", plain),
        *_published("pcs", "pcs_en", cache, threads),
        *_published("fullstop", "FullStop", cache, threads, articles=1),
        Row("truecase", "truecase (case only)", "truecase", scored=True),
        Row("ftfy", "ftfy (encoding only)", "ftfy"),
        Row("clean-text", "clean-text (folds to ASCII, lowers)", "clean-text", site, isolated=True),
        Row("unidecode", "Unidecode (folds to ASCII)", "unidecode", site, isolated=True),
        Row("bare", "bare session, int8", "ours-bare", shipped, reads="windows", beside="bare"),
        Row("bare-fp32", "bare session, fp32", "ours-bare", plain, reads="windows", beside="bare"),
        Row("check", "cleantext.check", "check", reads="pairs", beside="check"),
        Row(
            "named",
            "cleantext.check, differences named",
            "check",
            NAMED,
            reads="pairs",
            beside="check",
        ),
        Row("jiwer", "jiwer, word level", "jiwer", reads="pairs", beside="check"),
    ]


def _published(
    key: str, name: str, cache: Path, threads: int, articles: int | None = None
) -> Iterator[Row]:
    for form in ("fp32", "int8"):
        model, tokenizer = cache / f"{key}.{form}.onnx", cache / "tokenizer.json"
        settings = {"model": model, "tokenizer": tokenizer, "threads": threads}
        label = f"shape of {name}, {form}, {threads} threads"
        yield Row(f"{key}-{form}", label, key, settings, articles=articles)


def main() -> None:
    """Measure, or read what was measured; print; draw."""
    options = _options()
    if options.saved:
        result = json.loads(options.saved.read_text("utf-8"))
    else:
        result = _run(options)
        if options.json:
            options.json.write_text(json.dumps(result, indent=1) + "\n", "utf-8")
    print("\n".join(table(result)))
    if options.chart:
        chart(result, options.chart)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, help="folder with dev.jsonl.xz; else the fixtures")
    parser.add_argument("--articles", type=int, default=20, help="in each round")
    parser.add_argument("--rounds", type=int, default=8)
    parser.add_argument("--starts", type=int, default=3, help="processes started of each row")
    parser.add_argument("--threads", type=int, default=2)
    parser.add_argument("--rows", nargs="+", help="keys; int8 is always there")
    parser.add_argument("--cache", type=Path, default=ROOT / ".benchmarks")
    parser.add_argument("--json", type=Path, help="keep the figures here")
    parser.add_argument("--from", dest="saved", type=Path, help="figures that were kept")
    parser.add_argument("--chart", type=Path, help="draw into this SVG file")
    parser.add_argument("--quick", action="store_true", help="the cheapest rows, two small rounds")
    options = parser.parse_args()
    if options.quick:
        options.articles, options.rounds, options.starts, options.rows = 5, 2, 1, QUICK
    return options


# --- what runs, and over what ---------------------------------------------------------------------


def _run(options: argparse.Namespace) -> dict[str, Any]:
    chosen = rows(options.cache, options.threads)
    if options.rows:
        unknown = set(options.rows) - {row.key for row in chosen}
        if unknown:
            raise SystemExit(f"no rows are called {sorted(unknown)}; --rows takes the table's keys")
        chosen = [row for row in chosen if row.key in {"int8", *options.rows}]
    chosen = list(_prepared(chosen, options))
    stories = _stories(options.corpus, options.articles * options.rounds)
    found = measure(chosen, stories, rounds=options.rounds, starts=options.starts)
    return {
        "machine": f"{_processor()}, {os.cpu_count()} cores",
        "versions": f"Python {platform.python_version()}, onnxruntime {onnxruntime.__version__}",
        "threads": options.threads,
        "rounds": options.rounds,
        "articles": len(stories),
        "words": sum(len(split(story.text)) for story in stories),
        "rows": [asdict(row) for row in found],
    }


def _prepared(chosen: Sequence[Row], options: argparse.Namespace) -> Iterator[Row]:
    """The rows that can run; what they need is made, what cannot be had is said."""
    missing = {
        row.key: f"pip install {NEEDED[row.key][1]!r}"
        for row in chosen
        if row.key in NEEDED and find_spec(NEEDED[row.key][0]) is None
    }
    if options.corpus is None or not (options.corpus / TRAIN).exists():
        said = f"its tokenizer is trained on {TRAIN}: give --corpus"
        missing |= {row.key: said for row in chosen if row.tool in SHAPES}
    if any("model" in row.settings and row.key not in missing for row in chosen):
        _build_models(options.cache, options.corpus)
    if any(row.isolated for row in chosen) and not (options.cache / "clean-text").exists():
        target = ["--target", options.cache / "clean-text"]
        pip = [sys.executable, "-m", "pip", "install", "--quiet", *target, CLEAN_TEXT]
        if subprocess.run(pip).returncode:
            missing |= {row.key: "pip could not install it" for row in chosen if row.isolated}
    for row in chosen:
        if row.key in missing:
            print(f"left out: {row.label} ({missing[row.key]})")
        else:
            yield row


def _build_models(cache: Path, corpus: Path | None) -> None:
    """In a process of its own, whose memory is given back."""
    trained = ["--corpus", str(corpus)] if corpus and (corpus / TRAIN).exists() else []
    paths = os.pathsep.join(filter(None, (str(ROOT), os.environ.get("PYTHONPATH"))))
    script = Path(__file__).with_name("peers_models.py")
    environment = {**os.environ, "PYTHONPATH": paths}
    subprocess.run([sys.executable, str(script), str(cache), *trained], check=True, env=environment)


def _stories(corpus: Path | None, count: int) -> list[Story]:
    """Articles drawn at random, always the same ones."""
    if corpus is None:
        files = sorted((ROOT / "fixtures").glob("*/canonical.txt"))
        found = [("fixtures", file.read_text("utf-8")) for file in files]
    else:
        found = [(article.source, article.text) for article in read(corpus / "dev.jsonl.xz")]
    long_enough = [(source, text) for source, text in found if len(split(text)) >= SHORTEST]
    if count > len(long_enough):
        raise SystemExit(
            f"{count} articles are asked for and there are {len(long_enough)}:"
            " give --corpus, or fewer with --articles and --rounds"
        )
    drawn = Random(1).sample(long_enough, count)
    return [Story(source, text, degrade(text).text) for source, text in drawn]


def _processor() -> str:
    """Its name, as Linux has it or as Python knows it."""
    path = Path("/proc/cpuinfo")
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    names = (line.partition(":")[2].strip() for line in lines if line.startswith("model name"))
    return next(names, platform.processor() or platform.machine())


def chart(result: Mapping[str, Any], path: Path) -> None:
    """Words a second of every row that restores or cleans."""
    found = [Measured(**row) for row in result["rows"]]
    speeds = {row.label: 1e6 / row.microseconds for row in found if row.reads == "texts"}
    draw(speeds, path, title=f"Words a second (log axis); {result['machine']}")


if __name__ == "__main__":
    main()
