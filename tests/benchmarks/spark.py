"""Speed, memory and cost of a Spark job, beside the plain run on the same machine in the same run.

    python tests/benchmarks/spark.py [--corpus DIR] [--records N] [--workers N] [--price DOLLARS]

Starts a local cluster of ``--workers`` executors, each of one core and one Python worker, restores
flattened articles with all columns added, and prints one line a figure; at the end what a large
archive takes by these figures. Needs the extra ``spark``, Java, and Linux (for the memory).
"""

from __future__ import annotations

import argparse
import json
import os
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import cycle, islice
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from time import perf_counter

import pyspark
from pyspark.sql import SparkSession
from speed import ROOT, Figure, _articles, _words

import cleantext.spark
from cleantext.damage import FLAT, degrade

#: Partitions for each worker, so that no worker waits long for the last one.
PARTITIONS = 8
#: Gets texts, says that it is ready, waits for a line, tells the time and the CPU they took.
_PLAIN = """
import json, sys
from time import perf_counter, process_time
from cleantext.pipeline import Pipeline
pipeline = Pipeline.default(threads=1)
texts = json.loads(sys.stdin.readline())
pipeline(texts[0])
print("ready", flush=True)
sys.stdin.readline()
start = perf_counter(), process_time()
for _ in pipeline.stream(texts):
    pass
print(perf_counter() - start[0], process_time() - start[1])
"""


def main() -> None:
    """Measure and print."""
    options = _options()
    texts = _flat_articles(options.corpus, options.records)
    words = _words(texts)
    middle = median(_words([text]) for text in texts)
    print(f"{len(texts)} records, {words} words, median {middle:g}; Spark {pyspark.__version__}")
    beside, beside_cpu = _plain(texts, 1)
    print(Figure("plain, one process", words / beside, "words/s"))
    if options.workers > 1:
        beside, beside_cpu = _plain(texts, options.workers)
        print(Figure(f"plain, {options.workers} at once, each", words / beside, "words/s"))
    with _cluster(options) as spark:
        _starting(spark, options.workers)
        before = _cpu()
        seconds = _job(spark, texts, options.workers * PARTITIONS)
        cpu = _cpu() - before
        by_core = words / seconds / options.workers
        print(Figure("Spark", len(texts) / seconds, "records/s"))
        print(Figure("Spark, each core", by_core, "words/s"))
        print(Figure("Spark / plain with as many at once", by_core * beside / words, ""))
        print(Figure("CPU of the Python workers / of the plain run", cpu / beside_cpu, ""))
        _memory()
    _archive(by_core, options)


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--corpus", type=Path, help="folder with dev.jsonl.xz; else the fixtures")
    parser.add_argument("--records", type=int, default=400)
    parser.add_argument("--workers", type=int, default=2, help="executors of one core")
    parser.add_argument("--batch", type=int, default=500, help="maxRecordsPerBatch")
    parser.add_argument("--articles", type=float, default=100e6, help="articles of the archive")
    parser.add_argument("--words", type=int, default=600, help="words of an article of the archive")
    parser.add_argument("--price", type=float, default=0.05, help="dollars for a core hour")
    return parser.parse_args()


def _flat_articles(corpus: Path | None, count: int) -> list[str]:
    """That many records of flat copy; articles come again if they must."""
    flat = [degrade(text, damage=FLAT).text for text in _articles(corpus)]
    return list(islice(cycle(flat), count))


def _plain(texts: Sequence[str], processes: int) -> tuple[float, float]:
    """Seconds, and those of CPU, that the texts take a process, the mean of so many at once."""
    command = [sys.executable, "-c", _PLAIN]
    runs = [
        subprocess.Popen(
            command,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            env={**os.environ, "PYTHONPATH": os.pathsep.join((str(ROOT), *sys.path))},
        )
        for _ in range(processes)
    ]
    for run in runs:
        _say(run, json.dumps(texts))
    for run in runs:
        _line(run)
    for run in runs:
        _say(run, "go")
    times = [tuple(map(float, _line(run).split())) for run in runs]
    for run in runs:
        run.wait()
    seconds, cpu = (sum(column) / processes for column in zip(*times, strict=True))
    return seconds, cpu


def _say(run: subprocess.Popen[str], line: str) -> None:
    assert run.stdin
    print(line, file=run.stdin, flush=True)


def _line(run: subprocess.Popen[str]) -> str:
    assert run.stdout
    return run.stdout.readline()


# --- on a cluster of this machine -----------------------------------------------------------------


@contextmanager
def _cluster(options: argparse.Namespace) -> Iterator[SparkSession]:
    with TemporaryDirectory() as folder:
        for part in Path(pyspark.__file__).parent.iterdir():
            Path(folder, part.name).symlink_to(part)
        os.environ |= {"SPARK_HOME": folder, "SPARK_LOCAL_IP": "127.0.0.1"}
        os.environ["PYSPARK_PYTHON"] = sys.executable
        builder = SparkSession.builder.master(f"local-cluster[{options.workers},1,1024]")
        for name, value in {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.executor.memory": "1g",
            "spark.executorEnv.PYTHONPATH": str(ROOT),
            "spark.sql.execution.arrow.maxRecordsPerBatch": str(options.batch),
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
        }.items():
            builder = builder.config(name, value)
        start = perf_counter()
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        print(Figure("cluster up", perf_counter() - start, "s"))
        yield session
        session.stop()


def _job(spark: SparkSession, texts: Sequence[str], partitions: int) -> float:
    """Seconds that a job takes, all its columns made and thrown away."""
    rows = list(enumerate(texts))
    df = spark.createDataFrame(rows, "id long, body string").repartition(partitions).cache()
    df.count()
    restored = cleantext.spark.restore(df, "body")
    start = perf_counter()
    restored.write.format("noop").mode("overwrite").save()
    seconds = perf_counter() - start
    df.unpersist()
    return seconds


def _starting(spark: SparkSession, workers: int) -> None:
    """What the first job pays for: starting Python, importing, loading the model."""
    small = ["the mayor of boston said on tuesday that she would not run"] * workers * PARTITIONS
    first, second = (_job(spark, small, workers * PARTITIONS) for _ in range(2))
    print(Figure("a small job, the first", first, "s"))
    print(Figure("the same again, on the same workers", second, "s"))
    print(Figure("starting a worker", first - second, "s"))


def _memory() -> None:
    """The high-water marks of the executors and their Python workers."""
    for name, sign in (
        ("Python worker", "pyspark.daemon"),
        ("executor (JVM)", "CoarseGrainedExecutorBackend"),
    ):
        states = [Path(folder, "status").read_text() for folder in _processes(sign)]
        peaks = [re.search(r"VmHWM:\s+(\d+)", state) for state in states]
        # the daemon that the workers are forked from is smaller than they are
        most = max(int(peak[1]) for peak in peaks if peak) / 1024
        print(Figure(f"peak memory of a process: {name}", most, "MB"))


def _cpu() -> float:
    """Seconds of CPU that the Python workers have taken so far."""
    ticks = 0
    for folder in _processes("pyspark.daemon"):
        values = Path(folder, "stat").read_text().rpartition(")")[2].split()
        ticks += int(values[11]) + int(values[12])  # fields 14 and 15 of proc(5): user and system
    return ticks / os.sysconf("SC_CLK_TCK")


def _processes(sign: str) -> list[Path]:
    """Folders in /proc of the processes below this one with a sign in their command line."""
    folders = [Path(f"/proc/{pid}") for pid in _descendants(os.getpid())]
    return [each for each in folders if sign in (each / "cmdline").read_text()]


def _descendants(pid: int) -> list[int]:
    children: dict[int, list[int]] = {}
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            parent = int((folder / "stat").read_text().rpartition(")")[2].split()[1])
        except OSError:  # it has ended
            continue
        children.setdefault(parent, []).append(int(folder.name))
    found = list(children.get(pid, ()))
    for child in found:
        found += children.get(child, ())
    return found


# --- an archive -----------------------------------------------------------------------------------


def _archive(rate: float, options: argparse.Namespace) -> None:
    """What a large archive takes at so many words a second and core."""
    hours = options.articles * options.words / rate / 3600
    print(f"an archive of {options.articles:,.0f} articles of {options.words} words:")
    print(Figure("articles / s and core", rate / options.words, ""))
    print(f"{hours:,.0f} core hours; on 400 cores {hours / 400:,.1f} hours")
    print(f"at ${options.price:g} a core hour ${hours * options.price:,.0f}")


if __name__ == "__main__":
    main()
