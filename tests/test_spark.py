"""Spark: a local cluster of two workers does what the plain run does, and loses no row."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterator
from dataclasses import replace
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import pytest

pa = pytest.importorskip("pyarrow", reason="the extra 'spark' is not installed")
pytest.importorskip("pandas", reason="the extra 'spark' is not installed")
pyspark = pytest.importorskip("pyspark", reason="the extra 'spark' is not installed")
if not (shutil.which("java") or os.environ.get("JAVA_HOME")):
    pytest.skip("Spark needs Java, 17 or later", allow_module_level=True)

import cleantext.spark  # noqa: E402
from cleantext import spark_rows  # noqa: E402
from cleantext.canon.library import Library  # noqa: E402
from cleantext.damage import FLAT, degrade  # noqa: E402
from cleantext.diagnosis import diagnose  # noqa: E402
from cleantext.document import Document  # noqa: E402
from cleantext.draft import Draft  # noqa: E402
from cleantext.edits import Edit  # noqa: E402
from cleantext.pipeline import Pipeline  # noqa: E402
from cleantext.spark import Columns, _Worker  # noqa: E402
from cleantext.spark_rows import ROWS, SHAPES, Rows  # noqa: E402
from cleantext.tagger import onnx  # noqa: E402

RECORDS = 20_000
LIMIT = 120
FLAT_LEAD = "the mayor of boston said on tuesday that she would not run for a third term"
STORY = (
    "The mayor of Boston said on Tuesday that she would not run for a third term. “I have done"
    " what I came for,” Ruth O’Connell told a crowd of 1,200 in the Public Garden."
)


@pytest.fixture(scope="module")
def spark(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Any]:
    """A cluster on this machine: a master, and two executors of one core and one Python worker."""
    from pyspark.sql import SparkSession

    home = tmp_path_factory.mktemp("spark")  # where the executors make their folders
    for part in Path(pyspark.__file__).parent.iterdir():
        (home / part.name).symlink_to(part)
    tests = Path(__file__).parent
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_HOME", str(home))
        patch.setenv("SPARK_LOCAL_IP", "127.0.0.1")
        patch.setenv("PYSPARK_PYTHON", sys.executable)
        builder = SparkSession.builder.master("local-cluster[2,1,1024]")
        for name, value in {
            "spark.driver.host": "127.0.0.1",
            "spark.driver.bindAddress": "127.0.0.1",
            "spark.ui.enabled": "false",
            "spark.ui.showConsoleProgress": "false",
            "spark.executor.memory": "768m",
            "spark.executorEnv.PYTHONPATH": os.pathsep.join((str(tests.parent), str(tests))),
            "spark.sql.session.timeZone": "UTC",
            "spark.sql.shuffle.partitions": "2",
            "spark.sql.warehouse.dir": str(home / "warehouse"),
        }.items():
            builder = builder.config(name, value)
        session = builder.getOrCreate()
        session.sparkContext.setLogLevel("OFF")
        yield session
        session.stop()


class Whereabouts:
    """A normalizer that changes nothing and tells which process read a text, with what."""

    name = "whereabouts"
    kinds: frozenset[Any] = frozenset()

    def propose(self, draft: Draft) -> tuple[Edit, ...]:
        return ()

    def warnings(self, draft: Draft) -> list[str]:
        return [f"in {os.getpid()}, {onnx._load.cache_info().misses} models loaded"]


# --- the same as the plain run --------------------------------------------------------------------


def _sentences() -> list[str]:
    people = (
        "Ruth O'Connell",
        "Mr. Okafor",
        "The U.S. envoy",
        "Maria de la Cruz",
        "Gov. Whitfield",
    )
    said = ("won't resign", "met Mr. Trump on Monday", "left Paris at 9 a.m.", "paid $1.5 million")
    ends = (".", ", he said.", ' and said: "We won\'t."', ", the BBC reported.")
    return ["".join((who, " ", did, end)) for who, did, end in product(people, said, ends)]


def _records() -> list[str | None]:
    """Short records of every sort, of which one in seven is damaged; sorts come in turns."""
    whole = _sentences()
    flat = [degrade(text, damage=FLAT).text for text in whole]
    shouted = [text.upper() for text in whole]
    garbled = [
        text.encode().decode("cp1252") for text in ("Café Zoë won’t open.", "São Paulo’s mayor")
    ]
    sorts: list[list[Any]] = [whole] * 24
    sorts[1] = sorts[9] = sorts[17] = flat
    sorts[5], sorts[13] = shouted, garbled
    sorts[7], sorts[11] = [None], ["", " "]
    sorts[19] = [*whole, "word " * LIMIT]  # rarely: a batch in which one fails is read one by one
    return [sorts[i % 24][i // 24 % len(sorts[i % 24])] for i in range(RECORDS)]


def _plain(texts: list[str]) -> dict[str, Document | str]:
    """For each text its document, or the error that it meets."""
    errors: dict[str, str] = {}

    def refuse(text: str, _: object, error: Exception) -> None:
        errors[text] = f"{type(error).__name__}: {error}"

    stream = Pipeline.default(threads=1, max_chars=LIMIT).stream(texts, ids=texts, on_error=refuse)
    return {**dict(stream), **errors}


def _passes(edits: list[Any]) -> list[list[dict[str, Any]]]:
    """The edits of a row, by pass, without what Spark's rows hold beside them."""
    passes: list[list[dict[str, Any]]] = []
    for edit in edits:
        passes += [[]] if edit["pass"] > len(passes) else []
        passes[-1].append(
            {name: value for name, value in edit.asDict().items() if name not in ("pass", "raw")}
        )
    return passes


def _diagnosis(text: str) -> dict[str, Any]:
    found = diagnose(text).to_dict()
    return {name: list(found[name]) for name in ("damages", "left_alone")}


def _apart(passes: list[list[dict[str, Any]]]) -> tuple[list[dict[str, Any]], list[float]]:
    """The edits without their confidences, and those: they may differ in the fourth decimal."""
    edits = [{**edit, "pass": number} for number, made in enumerate(passes) for edit in made]
    return edits, [edit.pop("confidence") for edit in edits]


@pytest.mark.slow
def test_twenty_thousand_records_on_two_workers_are_the_plain_run(spark: Any) -> None:
    records = _records()
    df = spark.createDataFrame(list(enumerate(records)), "id long, body string").repartition(12)
    pipeline = Pipeline.default(max_chars=LIMIT).adding(Whereabouts())
    rows = cleantext.spark.restore(df, "body", pipeline=pipeline).collect()
    assert sorted(row.id for row in rows) == list(range(RECORDS))

    workers = {row.body_warnings[-1] for row in rows if row.body and not row.body_error}
    assert len(workers) == 2
    assert all(worker.endswith(" 1 models loaded") for worker in workers)

    plain = _plain([text for text in dict.fromkeys(records) if text is not None])
    assert sum(isinstance(made, Document) and made.changed for made in plain.values()) > 100
    documents: dict[str, tuple[Any, Any]] = {}
    for row in rows:
        assert row.body == records[row.id]
        if row.body is None:
            assert set(row[2:]) == {None}
            continue
        made = plain[row.body]
        if isinstance(made, str):
            assert (row.body_restored, row.body_edits, row.body_error) == (row.body, [], made)
            continue
        if row.body not in documents:
            documents[row.body] = _apart(made.to_dict()["passes"]), _diagnosis(row.body)
        (edits, confidences), diagnosis = documents[row.body]
        told, told_confidences = _apart(_passes(row.body_edits))
        assert (row.body_restored, row.body_quality) == (made.text, made.quality)
        assert tuple(row.body_warnings[:-1]) == made.warnings
        assert row.body_error is None
        assert told == edits
        assert np.allclose(told_confidences, confidences, rtol=0, atol=1e-3)
        assert row.body_diagnosis.asDict(recursive=True) == diagnosis


def test_a_second_job_finds_the_workers_and_their_models(spark: Any) -> None:
    df = spark.createDataFrame([(FLAT_LEAD,)] * 64, "body string").repartition(8)
    told = cleantext.spark.restore(df, "body", pipeline=Pipeline.default().adding(Whereabouts()))
    first, second = ({row.body_warnings[-1] for row in told.collect()} for _ in range(2))
    assert len(first) == 2
    assert second == first


def test_what_is_added(spark: Any) -> None:
    df = spark.createDataFrame([(FLAT_LEAD, 7)], "body string, n int")
    restored = cleantext.spark.restore(df, "body")
    added = "restored edits diagnosis quality warnings canonical_id error".split()
    assert restored.columns == ["body", "n", *(f"body_{name}" for name in added)]
    assert restored.selectExpr("body_edits.raw", "body_edits.kind", "body_diagnosis.damages.form")
    (row,) = restored.collect()
    doc = Pipeline.default(threads=1)(FLAT_LEAD)
    again = {"raw": FLAT_LEAD, "text": row.body_restored, "passes": _passes(row.body_edits)}
    made = Document.from_dict({**again, "quality": row.body_quality, "warnings": row.body_warnings})
    assert (made.text, made.undo()) == (doc.text, FLAT_LEAD)
    assert row.body_edits[0].raw == 0
    assert row.body_diagnosis.asDict(recursive=True) == _diagnosis(FLAT_LEAD)
    assert row.body_diagnosis.damages
    assert (row.body_canonical_id, row.body_error) == (None, None)


def test_a_canonical_version_comes_from_a_column_or_from_a_library(
    spark: Any, tmp_path: Path
) -> None:
    scraped = degrade(STORY, damage=FLAT).text
    alone = Pipeline.default(threads=1)
    assert alone(scraped).text != alone(scraped, canonical=STORY).text
    other = [(scraped, STORY), (scraped, None)]
    rows = cleantext.spark.restore(
        spark.createDataFrame(other, "body string, good string"), "body", canonical="good"
    ).collect()
    assert [row.body_restored for row in rows] == [
        alone(scraped, canonical=STORY).text,
        alone(scraped).text,
    ]

    with Library(tmp_path / "sent.db") as library:
        library.add("bo-1", STORY)
    spark.sparkContext.addFile(str(tmp_path / "sent.db"))
    df = spark.createDataFrame([(scraped,), ("Nothing of the sort.",)], "body string")
    rows = cleantext.spark.restore(df, "body", library="sent.db").collect()  # not in this folder
    assert [row.body_canonical_id for row in rows] == ["bo-1", None]
    assert rows[0].body_restored == alone(scraped, canonical=STORY).text


# --- nothing is lost ------------------------------------------------------------------------------


def test_a_record_that_fails_keeps_its_text_and_says_why(spark: Any) -> None:
    df = spark.sql(
        f"select * from values (0, cast(X'6361 66E9' as string)), (1, '{FLAT_LEAD}'),"
        f" (2, '{'x' * 300}'), (3, null) as t(id, body)".replace("6361 66E9", "636166E9")
    )
    restored = cleantext.spark.restore(df, "body", pipeline=Pipeline.default(max_chars=200))
    rows = restored.drop("body_restored", "body").collect()
    assert "no valid UTF-8" in rows[0].body_error
    assert rows[1].body_error is None
    assert "300 characters, more than max_chars" in rows[2].body_error
    assert rows[3].body_error is None
    assert [row.body_edits == [] for row in rows] == [True, False, True, False]
    same = "cast(body as binary) <=> cast(body_restored as binary) as same"
    assert [row.same for row in restored.selectExpr(same).collect()] == [True, False, True, True]


def test_other_columns_keep_their_types_and_values(spark: Any) -> None:
    df = spark.sql(
        """select * from values
        (1L, 9007199254740993L, timestamp'0001-01-01 00:00:00', timestamp_ntz'2020-03-29 02:30:00',
         date'0001-01-01', 1.10BD, array(1, null), named_struct('x', 1L), map('k', 1L), X'00ff',
         interval '1' day, 'a', true, double('nan')),
        (2L, null, timestamp'9999-12-31 23:59:59.123456', null, null, null, null, null, null, null,
         null, null, null, null)
        as t(id, large, moment, local, day, amount, list, pair, pairs, bytes, wait, body, flag, real)"""
    )
    restored = cleantext.spark.restore(df, "body")
    assert restored.schema.fields[: len(df.columns)] == df.schema.fields
    readable = [f"cast({name} as string)" if name == "moment" else name for name in df.columns]
    before, after = (repr(frame.selectExpr(*readable).collect()) for frame in (df, restored))
    assert after == before


# --- refused before anything runs -----------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "error", "message"),
    [
        ("n", TypeError, r"'n' is of type int, not of strings; .*cast\(n as string\)"),
        ("raw", TypeError, r"'raw' is of type binary, not of strings; .*decode\(raw, 'UTF-8'\)"),
        ("text", ValueError, r"no column is called 'text'; there are \['body', 'n', 'raw'\]"),
    ],
)
def test_a_column_of_no_text_is_refused(
    spark: Any, column: str, error: type[Exception], message: str
) -> None:
    df = spark.createDataFrame([], "body string, n int, raw binary")
    with pytest.raises(error, match=message):
        cleantext.spark.restore(df, column)
    with pytest.raises(error, match=message):
        cleantext.spark.restore(df, "body", canonical=column)


def test_a_name_that_is_taken_is_refused(spark: Any) -> None:
    df = spark.createDataFrame([("x", 1)], "body string, Body_Edits int")
    with pytest.raises(ValueError, match="has a column 'body_edits' already"):
        cleantext.spark.restore(df, "body")
    assert "Body_Edits" in cleantext.spark.restore(df, "body", columns=Columns(edits=None)).columns
    with pytest.raises(ValueError, match="or two are to be added under that name"):
        cleantext.spark.restore(df, "body", columns=Columns(edits="a", error="A"))
    twice = df.select("body", "body")
    with pytest.raises(ValueError, match="2 columns are called 'body'"):
        cleantext.spark.restore(twice, "body")
    with pytest.raises(ValueError, match="two columns of the frame have one name"):
        cleantext.spark.restore(twice.selectExpr("'' as text", "*"), "text")
    nothing = Columns(**dict.fromkeys(SHAPES))
    with pytest.raises(ValueError, match="was left out; keep at least the text"):
        cleantext.spark.restore(df, "body", columns=nothing)


def test_names_that_differ_in_case_are_two_where_spark_says_so(spark: Any) -> None:
    df = spark.createDataFrame([("x",)], "body string")
    assert "BODY_restored" in cleantext.spark.restore(df, "BODY").columns
    spark.conf.set("spark.sql.caseSensitive", "true")
    try:
        with pytest.raises(ValueError, match="no column is called 'BODY'"):
            cleantext.spark.restore(df, "BODY")
    finally:
        spark.conf.unset("spark.sql.caseSensitive")


def test_a_type_that_spark_keeps_to_itself_is_refused(spark: Any) -> None:
    df = spark.sql("select 'x' as body, interval '1' year as age")
    with pytest.raises(TypeError, match=r"cannot hand one of the columns to Python.*df\.drop"):
        cleantext.spark.restore(df, "body")
    assert cleantext.spark.restore(df.drop("age"), "body")


def test_a_job_that_no_record_could_pass_fails(spark: Any) -> None:
    from pyspark.errors import PySparkException

    df = spark.createDataFrame([("x",)], "body string")
    with pytest.raises(PySparkException, match=r"nowhere\.db is not on this machine"):
        cleantext.spark.restore(df, "body", library="nowhere.db").collect()


# --- without a cluster ----------------------------------------------------------------------------


def _worker(pipeline: Pipeline, **settings: Any) -> _Worker:
    rows = Rows(0, None, {"text": "restored", "error": "error"})
    return replace(_Worker(pipeline, rows, shipped=True), **settings)


def _batch(texts: list[str | None]) -> Any:
    return pa.RecordBatch.from_pydict({"body": pa.array(texts, pa.string())})


def test_a_batch_comes_back_in_slices() -> None:
    texts = [FLAT_LEAD, None, *(f"Part {i} is here." for i in range(ROWS)), FLAT_LEAD]
    made = list(_worker(Pipeline.default(threads=1))(iter([_batch([]), _batch(texts)])))
    assert [batch.num_rows for batch in made] == [ROWS, 3]
    table = pa.Table.from_batches(made).to_pydict()
    assert table["body"] == texts
    plain = Pipeline.default(threads=1).stream(texts)
    assert table["restored"] == [text and doc.text for text, doc in zip(texts, plain, strict=True)]


def test_a_slice_of_large_texts_has_fewer_rows(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spark_rows, "CHARS", 2 * len(FLAT_LEAD))
    made = list(_worker(Pipeline.default(threads=1))(iter([_batch([FLAT_LEAD] * 5)])))
    assert [batch.num_rows for batch in made] == [2, 2, 1]


def test_the_model_is_that_of_the_executor(tmp_path: Path) -> None:
    elsewhere = Pipeline.default(threads=1, model=tmp_path)  # as a driver's path is elsewhere
    (made,) = _worker(elsewhere)(iter([_batch([FLAT_LEAD])]))
    assert made.column(1)[0].as_py() == Pipeline.default(threads=1)(FLAT_LEAD).text
    with pytest.raises(onnx.ModelError):  # a model of one's own is not replaced
        list(_worker(elsewhere, shipped=False)(iter([_batch([FLAT_LEAD])])))


def test_another_version_on_the_executor_is_refused() -> None:
    worker = _worker(Pipeline.default(threads=1), version="0.0.1")
    with pytest.raises(RuntimeError, match=r"the driver has 0\.0\.1; install one version"):
        list(worker(iter([_batch(["x"])])))
    assert not list(worker(iter([_batch([])])))


def test_a_missing_extra_gives_the_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(ImportError, match=r'pip install "cleantext-news\[spark\]"'):
        cleantext.spark.restore(None, "body")  # type: ignore[arg-type]
