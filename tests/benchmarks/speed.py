"""Speed and memory of the library, as ratios within one run where the machine would decide.

    python tests/benchmarks/speed.py [--corpus DIR] [--large CHARS] [--repeat N] [--threads N] [--json]

Prints one line a figure, beside what the project asks of it. Times are the best of the repeats: on
a machine that others use too the best is the figure that says most about the library.
"""

from __future__ import annotations

import argparse
import json
import lzma
import os
import subprocess
import sys
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from itertools import cycle, islice
from pathlib import Path
from time import perf_counter
from typing import Any

from cleantext.damage import FLAT, degrade
from cleantext.pipeline import Pipeline
from cleantext.tagger.onnx import MODEL_FOLDER, Tagger, load_tagger
from cleantext.words import split

ROOT = Path(__file__).parents[2]
#: Code points of the texts that the main comparison runs over.
SAMPLE = 120_000

Feed = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and what is asked of it if anything is."""

    name: str
    value: float
    unit: str
    wanted: str = ""

    def __str__(self) -> str:
        wanted = f"   (wanted: {self.wanted})" if self.wanted else ""
        return f"{self.name:<52}{self.value:>10,.4g} {self.unit}{wanted}"


def main() -> None:
    """Measure and print."""
    options = _options()
    articles = _articles(options.corpus)
    figures: list[Figure] = []
    for part in (_end_to_end, _by_length, _clean_copy, _starting, _memory):
        for figure in part(articles, options):
            figures.append(figure)
            if not options.json:
                print(figure, flush=True)
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, help="folder with dev.jsonl.xz; else the fixtures")
    parser.add_argument("--large", type=int, default=1_000_000, help="code points of a large text")
    parser.add_argument("--repeat", type=int, default=3)
    parser.add_argument("--threads", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _articles(corpus: Path | None) -> list[str]:
    """Clean articles, enough for the main comparison."""
    if corpus is None:
        files = sorted((ROOT / "fixtures").glob("*/canonical.txt"))
        texts = [file.read_text("utf-8") for file in files]
    else:
        with lzma.open(corpus / "dev.jsonl.xz", "rt", encoding="utf-8") as lines:
            texts = ["\n\n".join(json.loads(line)["paragraphs"]) for line in islice(lines, 200)]
    return texts


def _flattened(articles: Sequence[str], size: int) -> list[str]:
    """Flat copy of that many code points in all; articles come again if they must."""
    flat = [degrade(text, damage=FLAT).text for text in articles]
    chosen: list[str] = []
    left = size
    for text in cycle(flat):
        if left <= 0:
            return chosen
        chosen.append(text[:left])
        left -= len(text)
    raise ValueError("there are no articles")


def _words(texts: Sequence[str]) -> int:
    return sum(len(split(text)) for text in texts)


def _best(run: Callable[[], object], repeat: int) -> float:
    """Seconds of the fastest run."""
    times: list[float] = []
    for _ in range(repeat):
        start = perf_counter()
        run()
        times.append(perf_counter() - start)
    return min(times)


# --- beside the bare session ----------------------------------------------------------------------


class _Recording:
    """Stands in for a session and keeps what it is fed."""

    def __init__(self, session: Any) -> None:
        self.session = session
        self.feeds: list[Feed] = []

    def run(self, names: Sequence[str], feed: Feed) -> Any:
        """Keep the feed and pass it on."""
        self.feeds.append(feed)
        return self.session.run(names, feed)


@contextmanager
def _recorded(tagger: Tagger) -> Iterator[_Recording]:
    recording = _Recording(tagger._session)
    tagger._session = recording
    try:
        yield recording
    finally:
        tagger._session = recording.session


def _bare(session: Any, feeds: Sequence[Feed], threads: int) -> None:
    """The same windows through the network and nothing else."""
    with ThreadPoolExecutor(threads) as pool:
        for _ in pool.map(lambda feed: session.run(["gaps", "cases"], feed), feeds):
            pass


def _end_to_end(articles: Sequence[str], options: argparse.Namespace) -> Iterator[Figure]:
    texts = _flattened(articles, SAMPLE)
    pipeline = Pipeline.default(threads=options.threads)
    tagger = load_tagger(MODEL_FOLDER, threads=options.threads)
    with _recorded(tagger) as recording:
        for _ in pipeline.stream(texts):
            pass
    whole, bare = float("inf"), float("inf")
    for _ in range(options.repeat):  # by turns, so that both meet the same machine
        whole = min(whole, _best(lambda: list(pipeline.stream(texts)), 1))
        bare = min(
            bare, _best(lambda: _bare(recording.session, recording.feeds, options.threads), 1)
        )
    words = _words(texts)
    yield Figure("end to end", words / whole, "words/s")
    yield Figure("bare session, same windows", words / bare, "words/s")
    yield Figure("end to end / bare session", bare / whole, "", "0.75 or more")


# --- by length ------------------------------------------------------------------------------------


def _by_length(articles: Sequence[str], options: argparse.Namespace) -> Iterator[Figure]:
    pipeline = Pipeline.default(threads=options.threads)
    large = " ".join(_flattened(articles, options.large))[: options.large]
    small = [large[i : i + 1000] for i in range(0, min(len(large), 60_000), 1000)]

    def each() -> None:
        for text in small:
            pipeline(text)

    one_kb = _best(each, options.repeat) / _words(small) * 1e6
    whole = _best(lambda: pipeline(large), 1) / _words([large]) * 1e6
    yield Figure("a word in texts of 1 kB", one_kb, "µs")
    yield Figure(f"a word in a text of {len(large) / 1e6:g} MB", whole, "µs")
    yield Figure("large / small, by word", whole / one_kb, "", "about 1")


def _clean_copy(articles: Sequence[str], options: argparse.Namespace) -> Iterator[Figure]:
    pipeline = Pipeline.default(threads=options.threads)
    best = _best(lambda: list(pipeline.stream(articles)), options.repeat)
    yield Figure("clean copy", _words(articles) / best, "words/s")
    for names in (("boilerplate",), ("edges", "glued"), ("canonical",)):
        less = pipeline.without(*names)
        ratios = []
        for _ in range(options.repeat):
            whole = _best(lambda: list(pipeline.stream(articles)), 1)
            ratios.append(_best(lambda less=less: list(less.stream(articles)), 1) / whole)  # type: ignore[misc]
        name = f"clean copy, speed with {' and '.join(names)} / without"
        yield Figure(name, sorted(ratios)[len(ratios) // 2], "", ".8 or more")


# --- in a process of its own ----------------------------------------------------------------------

_IMPORT = """
from time import perf_counter
start = perf_counter()
import cleantext
print(perf_counter() - start)
"""
_FIRST = """
import sys
from time import perf_counter
text = sys.stdin.read()
start = perf_counter()
import cleantext
cleantext.restore(text)
print(perf_counter() - start)
"""
#: The high-water mark of the process itself: on Linux ``ru_maxrss`` counts its parent's too.
_PEAK = """
import json, re, resource, sys
from itertools import cycle, islice
from pathlib import Path
import cleantext
texts, count, threads = json.load(sys.stdin)
for doc in cleantext.Pipeline.default(threads=threads).stream(islice(cycle(texts), count)):
    pass
status = Path("/proc/self/status")
if status.exists():
    print(int(re.search("VmHWM:\\\\s+(\\\\d+)", status.read_text())[1]) / 1024)
else:
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    print(most / (1024**2 if sys.platform == "darwin" else 1024))
"""


def _child(code: str, given: str = "") -> float:
    """The figure a fresh interpreter prints."""
    done = subprocess.run(
        [sys.executable, "-c", code],
        input=given,
        capture_output=True,
        text=True,
        check=True,
        env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))},
    )
    return float(done.stdout)


def _starting(articles: Sequence[str], options: argparse.Namespace) -> Iterator[Figure]:
    text = degrade(articles[0], damage=FLAT).text[:3500]
    imported = min(_child(_IMPORT) for _ in range(options.repeat))
    first = min(_child(_FIRST, text) for _ in range(options.repeat))
    yield Figure("import cleantext", imported, "s", "under 0.2")
    yield Figure("import and first result", first, "s", "under 1.5")


def _memory(articles: Sequence[str], options: argparse.Namespace) -> Iterator[Figure]:
    texts = _flattened(articles, 100_000)
    for count in (len(texts), 8 * len(texts)):
        peak = _child(_PEAK, json.dumps((texts, count, options.threads)))
        yield Figure(f"peak memory of a stream of {count} texts", peak, "MB", "under 500")
    large = " ".join(_flattened(articles, options.large))[: options.large]
    peak = _child(_PEAK, json.dumps(([large], 1, options.threads)))
    yield Figure(f"peak memory of one text of {len(large) / 1e6:g} MB", peak, "MB")


if __name__ == "__main__":
    main()
