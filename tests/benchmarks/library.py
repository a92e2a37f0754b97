"""Size, speed and hits of a library of stories.

    python tests/benchmarks/library.py --corpus DIR [--stories N] [--queries N] [--file FILE] [--json]
    python tests/benchmarks/library.py --scale N

DIR holds train.jsonl.xz, dev.jsonl.xz, reprints.jsonl and stripped.jsonl. The library is filled with
train (or its first N stories), asked for windows of dev, which is not in it, then filled with dev and
asked for windows of both. Prints one line a figure, beside what the project asks of it.

With --scale nothing but the index is measured, filled with the made-up fingerprints of N stories.
"""

from __future__ import annotations

import argparse
import json
import sqlite3
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass
from itertools import islice
from pathlib import Path
from random import Random
from statistics import median
from time import perf_counter
from typing import Any

from cleantext.canon.finding import candidates
from cleantext.canon.library import BATCH_STORIES, Library
from cleantext.canon.shingles import folded_words
from cleantext.canon.storage import Storage
from cleantext.damage import FLAT, Letters, degrade
from cleantext.pipeline import Pipeline
from cleantext.training.corpus import read
from cleantext.words import split

Stories = Sequence[tuple[str, str]]

#: Two articles that share more of their runs of ten words carry one story, as the corpus has it.
REPRINT = 0.08
#: As train has it.
PRINTS_OF_A_STORY = 92


@dataclass(frozen=True, slots=True)
class Figure:
    """One measured figure, and what is asked of it if anything is."""

    name: str
    value: float
    unit: str = ""
    wanted: str = ""

    def __str__(self) -> str:
        wanted = f"   (wanted: {self.wanted})" if self.wanted else ""
        return f"{self.name:<58}{self.value:>10,.4g} {self.unit}{wanted}"


@dataclass(frozen=True, slots=True)
class Window:
    """A kind of query: ``words`` of a story in all, of which ``foreign`` (0..1) of another one."""

    words: int
    foreign: float
    wanted: str = ""

    def __str__(self) -> str:
        foreign = f", {self.foreign:.0%} foreign" if self.foreign else ""
        return f"{self.words} words{foreign}"


WINDOWS = (
    Window(600, 0.25, "99 or more"),
    Window(600, 0.0),
    Window(200, 0.25),
    Window(80, 0.0, "97 or more"),
    Window(80, 0.25, "97 or more"),
    Window(40, 0.0),
)


def main() -> None:
    """Measure and print."""
    options = _options()
    figures: list[Figure] = []
    with tempfile.TemporaryDirectory() as folder:
        path = options.file or Path(folder, "stories.db")
        found = _scale(path, options.scale) if options.scale else _corpus(path, options)
        for figure in found:
            figures.append(figure)
            if not options.json:
                print(figure, flush=True)
    if options.json:
        print(json.dumps([asdict(figure) for figure in figures], indent=2))


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    what = parser.add_mutually_exclusive_group(required=True)
    what.add_argument("--corpus", type=Path)
    what.add_argument("--scale", type=int)
    parser.add_argument("--stories", type=int, help="take so many of train; all by default")
    parser.add_argument("--queries", type=int, default=1000, help="windows of each kind")
    parser.add_argument("--file", type=Path, help="keep the library here; filled already or not")
    parser.add_argument("--json", action="store_true")
    return parser.parse_args()


def _stories(path: Path, limit: int | None) -> Stories:
    return [(a.id, a.text) for a in islice(read(path), limit) if folded_words(a.text)]


def _corpus(path: Path, options: argparse.Namespace) -> Iterator[Figure]:
    train = _stories(options.corpus / "train.jsonl.xz", options.stories)
    dev = _stories(options.corpus / "dev.jsonl.xz", None)
    with Library(path) as library:
        yield from _figures(library, train, dev, options)


def _figures(
    library: Library, train: Stories, dev: Stories, options: argparse.Namespace
) -> Iterator[Figure]:
    yield from _build(library, train)
    yield from _size(library)
    queries = _sample(dev, options.queries)
    for window in WINDOWS:
        yield from _absent(library, window, queries, train)
    yield from _topic(library, _sample(train, options.queries), dict(train))
    library.add_many(dev)
    for name, stories in (("dev", dev), ("train", train)):
        for window in WINDOWS:
            yield from _present(library, name, window, _sample(stories, options.queries), train)
    yield from _default_damage(library, queries)
    yield from _reprints(library, options.corpus)
    yield from _stripped(library, options.corpus)
    yield from _beside_restoring(library, queries[:20], train)


def _sample(stories: Stories, count: int) -> Stories:
    return Random(1).sample(stories, min(count, len(stories)))


# --- building -------------------------------------------------------------------------------------


def _build(library: Library, stories: Stories) -> Iterator[Figure]:
    start, last, changed = perf_counter(), 0.0, 0
    for i in range(0, len(stories), 4000):
        last = perf_counter()
        changed += library.add_many(stories[i : i + 4000])
    end = perf_counter()
    yield Figure("stories", len(library))
    if changed == len(stories):
        yield Figure("added, all", changed / (end - start), "stories/s")
        yield Figure("added, the last", len(stories[i:]) / (end - last), "stories/s")


def _size(library: Library) -> Iterator[Figure]:
    with sqlite3.connect(library.path) as file:
        file.execute("PRAGMA wal_checkpoint(TRUNCATE)")  # as closing the library does
        packed = file.execute("SELECT sum(length(text)) FROM stories").fetchone()[0]
        ids = [row[0] for row in file.execute("SELECT id FROM stories")]
    stats = library.stats()
    size = sum(len((library.get(id) or "").encode("utf-8", "surrogatepass")) for id in ids)
    yield Figure("fingerprints of a story", stats.fingerprints / stats.stories)
    yield Figure("text of a story, UTF-8", size / stats.stories, "bytes")
    yield Figure("text of a story, as stored", packed / stats.stories, "bytes")
    yield Figure("file, by story", stats.bytes / stats.stories, "bytes")
    yield Figure("file / text", stats.bytes / size, "", "under 1.5")
    yield Figure("file for ten million such stories", stats.bytes / stats.stories / 100, "GB")


# --- windows --------------------------------------------------------------------------------------


def _query(text: str, window: Window, others: Stories, rng: Random) -> str:
    """A window of a degraded story; half of the foreign text stands before it, half behind it."""
    own = _part(text, round(window.words * (1 - window.foreign)), rng)
    count = round(len(own) * window.foreign / (1 - window.foreign))
    foreign: list[str] = []
    while len(foreign) < count:
        foreign += _part(rng.choice(others)[1], count - len(foreign), rng)
    return " ".join((*foreign[: count // 2], *own, *foreign[count // 2 :]))


def _part(text: str, words: int, rng: Random) -> list[str]:
    letters = Letters(rng.choice(("keep", "ascii", "space")))
    found = split(degrade(text, damage=(letters, *FLAT)).text).words
    start = rng.randrange(max(len(found) - words, 0) + 1)
    return list(found[start : start + words])


def _long_enough(stories: Stories, window: Window) -> Stories:
    return [(id, text) for id, text in stories if len(folded_words(text)) >= window.words / 2]


def _timed(library: Library, query: str, times: list[float]) -> list[str]:
    start = perf_counter()
    found = library.find(query)
    times.append(1000 * (perf_counter() - start))
    return [match.id for match in found]


def _times(name: str, times: list[float]) -> Iterator[Figure]:
    yield Figure(f"{name}: a look-up, median", median(times), "ms")
    yield Figure(f"{name}: a look-up, 95 %", sorted(times)[int(0.95 * len(times))], "ms")


def _present(
    library: Library, name: str, window: Window, stories: Stories, others: Stories
) -> Iterator[Figure]:
    rng, first = Random(2), 0
    times: list[float] = []
    asked = _long_enough(stories, window)
    for id, text in asked:
        found = _timed(library, _query(text, window, others, rng), times)
        first += found[:1] == [id]
    yield Figure(f"{name}, {window}: found first", 100 * first / len(asked), "%", window.wanted)
    yield from _times(f"{name}, {window}", times)


def _absent(
    library: Library, window: Window, stories: Stories, others: Stories
) -> Iterator[Figure]:
    """Stories that the library does not have; it has the stories of the foreign text."""
    rng, none = Random(3), 0
    times: list[float] = []
    asked = _long_enough(stories, window)
    for _, text in asked:
        none += not _timed(library, _query(text, window, others, rng), times)
    wanted = "99.5 or more"
    yield Figure(f"absent, {window}: nothing found", 100 * none / len(asked), "%", wanted)
    yield from _times(f"absent, {window}", times)


def _topic(library: Library, stories: Stories, texts: dict[str, str]) -> Iterator[Figure]:
    """What else is called the same story, parted by whether it is one."""
    for window in WINDOWS:
        rng, wrong, reprints = Random(4), 0, 0
        asked = _long_enough(stories, window)
        for id, text in asked:
            query = _query(text, window, [(id, text)], rng)
            others = [m.id for m in library.find(query) if m.id != id and m.id in texts]
            again = [other for other in others if _is_reprint(text, texts[other])]
            wrong += len(again) < len(others)
            reprints += bool(again)
        yield Figure(f"train, {window}: another story found too", 100 * wrong / len(asked), "%")
        yield Figure(f"train, {window}: a reprint found too", 100 * reprints / len(asked), "%")


def _is_reprint(text: str, other: str) -> bool:
    first, second = _tens(text), _tens(other)
    return len(first & second) >= REPRINT * min(len(first), len(second))


def _tens(text: str) -> set[tuple[str, ...]]:
    words = folded_words(text)
    return set(zip(*(words[k:] for k in range(10)), strict=False))


# --- real pairs -----------------------------------------------------------------------------------


def _default_damage(library: Library, stories: Stories) -> Iterator[Figure]:
    times: list[float] = []
    first = sum(_timed(library, degrade(text).text, times)[:1] == [id] for id, text in stories)
    yield Figure("dev, default damage: found first", 100 * first / len(stories), "%")
    yield from _times("dev, default damage", times)


def _pairs(
    library: Library, name: str, pairs: Sequence[tuple[str, str]], damaged: Callable[[str], str]
) -> Iterator[Figure]:
    """Pairs of scraped and canonical text; the canonical ones are in the library meanwhile."""
    ids = [f"{name} {i}" for i in range(len(pairs))]
    library.add_many((id, canonical) for id, (_, canonical) in zip(ids, pairs, strict=True))
    first = sum(
        [m.id for m in library.find(damaged(scraped), 1)] == [id]
        for id, (scraped, _) in zip(ids, pairs, strict=True)
    )
    for id in ids:
        library.remove(id)
    yield Figure(f"{name}: found first, of {len(pairs)}", first)


def _reprints(library: Library, corpus: Path) -> Iterator[Figure]:
    records = _records(corpus / "reprints.jsonl")
    both = [tuple("\n\n".join(r[side]["paragraphs"]) for side in "ab") for r in records]
    ways = {"a finds b": [(a, b) for a, b in both], "b finds a": [(b, a) for a, b in both]}
    for way, pairs in ways.items():
        yield from _pairs(library, f"reprints, {way}", pairs, lambda text: degrade(text).text)


def _stripped(library: Library, corpus: Path) -> Iterator[Figure]:
    records = _records(corpus / "stripped.jsonl")
    pairs = [(r["degraded"], "\n\n".join(r["paragraphs"])) for r in records]
    yield from _pairs(library, "stripped", pairs, str.casefold)


def _records(path: Path) -> list[dict[str, Any]]:
    with path.open(encoding="utf-8") as lines:
        return [json.loads(line) for line in lines]


def _beside_restoring(library: Library, stories: Stories, others: Stories) -> Iterator[Figure]:
    pipeline = Pipeline.default(threads=1)
    pipeline("the first text loads the model")
    for window in WINDOWS[:1] + WINDOWS[3:4]:
        rng = Random(5)
        queries = [_query(text, window, others, rng) for _, text in stories]
        start = perf_counter()
        for query in queries:
            library.find(query)
        middle = perf_counter()
        for query in queries:
            pipeline(query)
        ratio = (middle - start) / (perf_counter() - middle)
        yield Figure(f"{window}: a look-up / restoring, one thread", ratio, "", "under 1")


# --- at scale -------------------------------------------------------------------------------------


def _scale(path: Path, stories: int) -> Iterator[Figure]:
    """How the index grows: batches as the library writes them, of fingerprints that are chance."""
    rng = Random(6)
    storage = Storage(path, "a", create=True)
    for start in range(0, stories, BATCH_STORIES):
        numbers = range(start, min(start + BATCH_STORIES, stories))
        prints = sorted((rng.getrandbits(48), n) for n in numbers for _ in range(PRINTS_OF_A_STORY))
        began = perf_counter()
        with storage.writing() as file:
            file.executemany("INSERT INTO prints VALUES (?, ?)", prints)
        rate = len(numbers) / (perf_counter() - began)
        if start % (stories // 4 // BATCH_STORIES * BATCH_STORIES or 1) == 0:
            yield Figure(f"into the index of {start:,} stories", rate, "stories/s")
    times: list[float] = []
    for _ in range(200):
        asked = sorted(rng.getrandbits(48) for _ in range(PRINTS_OF_A_STORY))
        began = perf_counter()
        with storage.reading() as file:
            list(candidates(file, asked, most=8, hits=1))
        times.append(1000 * (perf_counter() - began))
    storage.close()
    yield from _times(f"index of {stories:,} stories", times)
    yield Figure("index, by story", path.stat().st_size / stories, "bytes")


if __name__ == "__main__":
    main()
