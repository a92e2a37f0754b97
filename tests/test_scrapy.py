"""The Scrapy pipeline: real crawls, each in a process of its own, of pages served on this machine."""

from __future__ import annotations

import asyncio
import html
import json
import logging
import os
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from cleantext import Document, Encoding, Library, LibraryError, Pipeline, restore
from cleantext.scrapy import CleantextPipeline, Fields

scrapy = pytest.importorskip("scrapy", reason="needs the extra scrapy")
attrs = pytest.importorskip("attrs", reason="comes with Scrapy")

FIXTURES = Path(__file__).parents[1] / "fixtures"
STORIES = {
    name: {file.stem: file.read_bytes().decode("utf-8") for file in (FIXTURES / name).glob("*.txt")}
    for name in ("wire-river-accord", "clean-night-library", "mojibake-portrait", "sports-roundup")
}
FLAT, CLEAN, MOJIBAKE, SPORTS = STORIES
#: How the spider packs what it finds on each page.
KINDS = {FLAT: "item", CLEAN: "dict", MOJIBAKE: "dataclass", SPORTS: "attrs"}
#: Pages with no story that could be restored, and what the spider makes of them.
ODD = {"nothing": None, "empty": "", "number": 12, "list": ["one", "two"]}

# --- pages on this machine ------------------------------------------------------------------------


def page(slug: str) -> str:
    """A page as a site would serve it; the front page links to all others."""
    if slug == "":
        links = (f'<a href="/{name}">{name}</a>' for name in (*STORIES, *ODD))
        return f"<html><body><nav>{' '.join(links)}</nav></body></html>"
    story = STORIES.get(slug)
    body = f'<div id="story">{html.escape(story["scraped"])}</div>' if story else "<p>-</p>"
    return f'<html><head><meta charset="utf-8"></head><body><h1>{slug}</h1>{body}</body></html>'


class Site(BaseHTTPRequestHandler):
    """Serves the pages and logs nothing."""

    def do_GET(self) -> None:
        body = page(self.path.strip("/")).encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/html; charset=utf-8")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/"
    server.shutdown()
    thread.join()
    server.server_close()


SPIDER = """
import json
import sys
from dataclasses import dataclass
from typing import Any

import attr
import scrapy
from scrapy.crawler import CrawlerProcess

job = json.loads(sys.argv[1])


class Story(scrapy.Item):
    slug, text, canonical, clean, edits, quality = (scrapy.Field() for _ in range(6))


@dataclass
class Row:
    slug: str
    text: Any = None
    canonical: Any = None
    clean: Any = None
    edits: Any = None
    quality: Any = None


@attr.s(auto_attribs=True)
class Entry:
    slug: str
    text: Any = None
    canonical: Any = None
    clean: Any = None
    edits: Any = None
    quality: Any = None


MADE = {"item": Story, "dict": dict, "dataclass": Row, "attrs": Entry}


class Stories(scrapy.Spider):
    name = "stories"
    start_urls = [job["url"]]

    def parse(self, response):
        yield from response.follow_all(css="nav a", callback=self.story)

    def story(self, response):
        slug = response.url.rsplit("/", 1)[-1]
        text = response.css("#story::text").get()
        found = {"slug": slug} | ({"text": text} if text else job["odd"].get(slug, {}))
        if slug in job["canonicals"]:
            found["canonical"] = job["canonicals"][slug]
        yield MADE[job["kinds"].get(slug, "dict")](**found)


process = CrawlerProcess(
    {
        "ITEM_PIPELINES": {"cleantext.scrapy.CleantextPipeline": 300},
        "FEEDS": {job["feed"]: {"format": "jsonlines", "encoding": "utf8"}},
        "TELNETCONSOLE_ENABLED": False,
        "HTTPPROXY_ENABLED": False,
        "LOG_LEVEL": "WARNING",
        **job["settings"],
    }
)
crawler = process.create_crawler(Stories)
process.crawl(crawler)
process.start()
print(json.dumps(crawler.stats.get_stats() if crawler.stats else {}, default=str))
sys.exit(process.bootstrap_failed)
"""


@dataclass(frozen=True, slots=True)
class Crawl:
    """What a crawl left behind."""

    items: Mapping[str, Mapping[str, Any]]
    stats: Mapping[str, Any]
    log: str
    status: int


def crawl(
    folder: Path,
    url: str,
    settings: Mapping[str, Any],
    *,
    kinds: Mapping[str, str] = KINDS,
    canonicals: Mapping[str, str] | None = None,
) -> Crawl:
    (folder / "crawl.py").write_text(SPIDER, encoding="utf-8")
    odd = {slug: {"text": text} for slug, text in ODD.items() if text is not None}
    job = {
        "url": url,
        "feed": str(folder / "items.jsonl"),
        "settings": settings,
        "kinds": kinds,
        "canonicals": canonicals or {},
        "odd": odd,
    }
    path = [str(Path(__file__).parents[1]), os.environ.get("PYTHONPATH", "")]
    done = subprocess.run(
        [sys.executable, "crawl.py", json.dumps(job)],
        cwd=folder,
        env=os.environ | {"PYTHONPATH": os.pathsep.join(filter(None, path))},
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    feed = folder / "items.jsonl"
    lines = feed.read_text(encoding="utf-8").splitlines() if feed.exists() else []
    items = [json.loads(line) for line in lines]
    stats = json.loads(done.stdout) if done.stdout else {}
    assert len({item["slug"] for item in items}) == len(items)
    return Crawl({item["slug"]: item for item in items}, stats, done.stderr, done.returncode)


# --- crawls ---------------------------------------------------------------------------------------


@pytest.fixture(scope="module")
def crawled(site: str, tmp_path_factory: pytest.TempPathFactory) -> Crawl:
    """Every story and every odd page, items of all four kinds, all settings but the library."""
    settings = {
        "CLEANTEXT_FIELD": "text",
        "CLEANTEXT_OUTPUT_FIELD": "clean",
        "CLEANTEXT_CANONICAL_FIELD": "canonical",
        "CLEANTEXT_EDITS_FIELD": "edits",
        "CLEANTEXT_QUALITY_FIELD": "quality",
    }
    canonicals = {SPORTS: STORIES[SPORTS]["canonical"], FLAT: ""}
    return crawl(tmp_path_factory.mktemp("crawl"), site, settings, canonicals=canonicals)


def test_every_page_gives_its_item_once(crawled: Crawl) -> None:
    assert set(crawled.items) == {*STORIES, *ODD}
    assert crawled.stats["item_scraped_count"] == len(STORIES) + len(ODD)
    assert crawled.status == 0


@pytest.mark.parametrize("slug", STORIES, ids=lambda slug: f"{slug}-{KINDS[slug]}")
def test_crawled_story_is_what_restore_gives(crawled: Crawl, slug: str) -> None:
    item, raw = crawled.items[slug], STORIES[slug]["scraped"]
    want = restore(raw, canonical=STORIES[slug]["canonical"] if slug == SPORTS else None)
    assert item["text"] == raw
    assert item["clean"] == want.text
    assert item["quality"] == want.quality
    kept = want.to_dict() | {"passes": item["edits"]}
    assert Document.from_dict(kept).undo() == raw
    assert (item["clean"] == raw) == (slug == CLEAN)


def test_canonical_field_is_used(crawled: Crawl) -> None:
    alone = restore(STORIES[SPORTS]["scraped"])
    assert crawled.items[SPORTS]["clean"] != alone.text
    assert "2:04:11" in crawled.items[SPORTS]["clean"]


def test_items_without_a_text_are_left_alone_and_counted(crawled: Crawl) -> None:
    assert crawled.items["nothing"] == {"slug": "nothing"}
    assert crawled.items["empty"] == {"slug": "empty", "text": ""}
    assert crawled.stats["cleantext/no_text"] == 2


def test_errors_leave_the_item_and_are_logged_and_counted(crawled: Crawl) -> None:
    assert crawled.items["number"] == {"slug": "number", "text": 12}
    assert crawled.items["list"] == {"slug": "list", "text": ["one", "two"]}
    assert crawled.stats["cleantext/errors"] == crawled.stats["cleantext/errors/TypeError"] == 2
    assert crawled.stats["log_count/ERROR"] == 2
    for told in ("a text is a str; got int", "TakeFirst()"):
        assert told in crawled.log
    assert "Traceback" in crawled.log


def test_stats_add_up(crawled: Crawl) -> None:
    stats = {key: value for key, value in crawled.stats.items() if key.startswith("cleantext/")}
    counts = [
        restore(story["scraped"], canonical=story["canonical"] if slug == SPORTS else None).counts()
        for slug, story in STORIES.items()
    ]
    for kind in ("case", "mark", "number", "space", "decode"):
        assert stats[f"cleantext/edits/{kind}"] == sum(each.get(kind, 0) for each in counts)
    assert stats["cleantext/records"] == 4
    assert stats["cleantext/changed"] == 3
    assert stats["cleantext/diagnosis/case lower"] == 2
    assert stats["cleantext/diagnosis/no damage"] == 1
    assert stats["cleantext/declined/an address, a handle or a hashtag"] == 3
    assert sum(value for key, value in stats.items() if "/quality/" in key) == 4


def test_without_asyncio_in_place_with_a_library(site: str, tmp_path: Path) -> None:
    with Library(tmp_path / "stories.db") as library:
        library.add(SPORTS, STORIES[SPORTS]["canonical"])
    settings = {
        "TWISTED_REACTOR": "twisted.internet.selectreactor.SelectReactor",
        "CLEANTEXT_LIBRARY": str(tmp_path / "stories.db"),
        "CLEANTEXT_MIN_CONFIDENCE": 0.8,
    }
    made = crawl(tmp_path, site, settings, kinds={FLAT: "item"})
    careful = Pipeline.default(min_confidence=0.8, library=tmp_path / "stories.db")
    for slug, story in STORIES.items():
        assert made.items[slug] == {"slug": slug, "text": careful(story["scraped"]).text}
    assert careful(STORIES[SPORTS]["scraped"]).canonical_id == SPORTS
    assert made.stats["cleantext/records"] == 4
    assert made.stats["cleantext/errors"] == 2


def test_a_field_that_no_item_has_is_told(site: str, tmp_path: Path) -> None:
    made = crawl(tmp_path, site, {"CLEANTEXT_FIELD": "body"}, kinds={})
    assert made.items[FLAT]["text"] == STORIES[FLAT]["scraped"]
    assert made.stats["cleantext/no_text"] == len(made.items)
    assert "cleantext/records" not in made.stats
    assert "No item had a text in its field 'body'" in made.log


def test_a_library_that_is_not_there_stops_the_crawl_at_once(site: str, tmp_path: Path) -> None:
    made = crawl(tmp_path, site, {"CLEANTEXT_LIBRARY": str(tmp_path / "none.db")})
    assert made.items == {}
    assert "item_scraped_count" not in made.stats
    assert "LibraryError" in made.log


# --- the pipeline alone ---------------------------------------------------------------------------


@pytest.fixture
def stats() -> Any:
    from scrapy.settings import Settings
    from scrapy.statscollectors import MemoryStatsCollector

    return MemoryStatsCollector(SimpleNamespace(settings=Settings()))


def run(pipeline: CleantextPipeline, *items: Any) -> list[Any]:
    """The items, all handed in at once."""

    async def all_of_them() -> list[Any]:
        return await asyncio.gather(*map(pipeline.process_item, items))

    try:
        return asyncio.run(asyncio.wait_for(all_of_them(), 60))
    finally:
        pipeline.close_spider()


RAW, GOOD = "The cafÃ© opened at noon.", "The café opened at noon."


def test_restoring_does_not_hold_up_the_loop(stats: Any) -> None:
    go = threading.Event()

    class Waiting:
        name, kinds = "waiting", frozenset[str]()

        def propose(self, draft: object) -> tuple[()]:
            assert threading.current_thread().name.startswith("cleantext")
            assert go.wait(30)
            return ()

    pipeline = CleantextPipeline(Pipeline((Waiting(),)), Fields(), stats)

    async def both() -> None:
        task = asyncio.ensure_future(pipeline.process_item({"text": RAW}))
        await asyncio.sleep(0.05)
        assert not task.done()
        go.set()
        await task

    asyncio.run(asyncio.wait_for(both(), 60))
    pipeline.close_spider()
    assert stats.get_value("cleantext/records") == 1
    assert stats.get_value("cleantext/errors") is None


def test_many_items_at_once_keep_their_own_texts(stats: Any) -> None:
    items = [{"id": n, "text": RAW.replace("noon", str(n))} for n in range(40)]
    done = run(CleantextPipeline(Pipeline((Encoding(),)), Fields(), stats), *items)
    assert all(one is other for one, other in zip(done, items, strict=True))
    assert [item["text"] for item in done] == [GOOD.replace("noon", str(n)) for n in range(40)]
    assert stats.get_value("cleantext/changed") == 40


def test_an_item_is_written_whole_or_not_at_all(stats: Any) -> None:
    class Story(scrapy.Item):
        text = scrapy.Field()

    @dataclass(frozen=True)
    class Frozen:
        text: str

    @attrs.define
    class Checked:
        text: str
        quality: Any = attrs.field(default="-", validator=attrs.validators.instance_of(str))

    items = [Story(text=RAW), Frozen(RAW), Checked(RAW), RAW]
    fields = Fields(quality="quality")
    done = run(CleantextPipeline(Pipeline((Encoding(),)), fields, stats), *items, {"text": RAW})
    assert done[:2] == [Story(text=RAW), Frozen(RAW)]
    assert (done[2].text, done[2].quality) == (RAW, "-")
    assert done[3] == RAW
    assert done[4] == {"text": GOOD, "quality": 0.0}
    assert stats.get_value("cleantext/errors") == 4
    assert stats.get_value("cleantext/records") == 1


def test_missing_values_of_tables_are_no_text(stats: Any) -> None:
    items: list[dict[str, Any]] = [{"text": None}, {"text": float("nan")}, {}]
    done = run(CleantextPipeline(Pipeline((Encoding(),)), Fields(output="clean"), stats), *items)
    assert not any("clean" in item for item in done)
    assert stats.get_value("cleantext/no_text") == 3


def test_bytes_are_an_error_that_says_how_to_decode(
    stats: Any, caplog: pytest.LogCaptureFixture
) -> None:
    done = run(CleantextPipeline(Pipeline((Encoding(),)), Fields(), stats), {"text": b"?"})
    assert done == [{"text": b"?"}]
    assert stats.get_value("cleantext/errors") == 1
    assert "decode it first" in caplog.text


def test_a_closing_crawl_with_texts_warns_of_nothing(
    stats: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        run(CleantextPipeline(Pipeline((Encoding(),)), Fields(), stats), {"text": RAW}, {})
    assert not caplog.records


def test_settings_that_cannot_hold_are_refused(tmp_path: Path, stats: Any) -> None:
    from scrapy.settings import Settings

    for settings, error in (
        ({"CLEANTEXT_MIN_CONFIDENCE": 80}, ValueError),
        ({"CLEANTEXT_LIBRARY": str(tmp_path / "none.db")}, LibraryError),
    ):
        with pytest.raises(error):
            CleantextPipeline.from_crawler(
                SimpleNamespace(settings=Settings(settings), stats=stats)  # type: ignore[arg-type]
            )
    made = CleantextPipeline.from_crawler(
        SimpleNamespace(settings=Settings({"CLEANTEXT_LIBRARY": ""}), stats=stats)  # type: ignore[arg-type]
    )
    assert (made.fields, made.pipeline.threads) == (Fields(), 1)


def test_without_scrapy_the_error_gives_the_command() -> None:
    code = (
        "import sys; sys.modules['itemadapter'] = None\n"
        "from cleantext.scrapy import CleantextPipeline, Fields\n"
        "assert 'scrapy' not in sys.modules and 'twisted' not in sys.modules\n"
        "CleantextPipeline(None, Fields(), None)"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert 'pip install "cleantext-news[scrapy]"' in done.stderr
