"""Scrapy: an item pipeline that restores one field of every item.

In the settings of a project::

    ITEM_PIPELINES = {"cleantext.scrapy.CleantextPipeline": 300}
    CLEANTEXT_FIELD = "body"

Restoring is work for the processor, so it is done in a thread beside the reactor, an item at a
time: downloads go on meanwhile, and ``CONCURRENT_ITEMS`` bounds how many items wait.
"""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, Self, TypeVar

from cleantext.canon.library import Library
from cleantext.diagnosis import Diagnosis, diagnose
from cleantext.document import Document
from cleantext.jobs.summary import Tally
from cleantext.pipeline import Pipeline

if TYPE_CHECKING:
    from scrapy.crawler import Crawler
    from scrapy.settings import BaseSettings
    from scrapy.statscollectors import StatsCollector

__all__ = ["CleantextPipeline", "Fields"]

Made = TypeVar("Made")

logger = logging.getLogger(__name__)

_MISSING = (
    'the Scrapy pipeline needs Scrapy: pip install "cleantext-news[scrapy]" (cleantext.scrapy is'
    " this library's module, not Scrapy itself)"
)
_LISTED = (
    "the field holds a list of texts, as an item loader makes it: give it an output processor that"
    " makes one text of them, such as TakeFirst() or Join()"
)
#: Counts of records under the names that a user of Scrapy looks for.
_RECORDS = {"written": "records"}


@dataclass(frozen=True, slots=True)
class Fields:
    """Which fields of an item are read and written.

    Attributes:
        text: the field that holds the text; ``CLEANTEXT_FIELD``, ``text`` by default.
        output: the field that takes the restored text; ``CLEANTEXT_OUTPUT_FIELD``, the field of
            the text by default.
        canonical: the field that holds a good version of the same story, if there is one;
            ``CLEANTEXT_CANONICAL_FIELD``.
        edits: a field that takes the passes of edits, as ``Document.to_dict()["passes"]`` has them;
            ``CLEANTEXT_EDITS_FIELD``.
        quality: a field that takes ``Document.quality``; ``CLEANTEXT_QUALITY_FIELD``.
    """

    text: str = "text"
    output: str | None = None
    canonical: str | None = None
    edits: str | None = None
    quality: str | None = None

    @classmethod
    def from_settings(cls, settings: BaseSettings) -> Self:
        """The fields that the settings of a project name."""
        named = {
            name: settings.get(f"CLEANTEXT_{name.upper()}_FIELD") or None
            for name in ("output", "canonical", "edits", "quality")
        }
        return cls(settings.get("CLEANTEXT_FIELD") or "text", **named)

    def values(self, document: Document) -> dict[str, Any]:
        """What an item gets, by field."""
        found: dict[str, Any] = {self.output or self.text: document.text}
        if self.edits:
            found[self.edits] = document.to_dict()["passes"]
        if self.quality:
            found[self.quality] = document.quality
        return found


class CleantextPipeline:
    """Restores one field of every item; items may be dicts, Items, dataclasses or attrs objects.

    An item whose field is missing, null or empty is left alone and counted. Where something goes
    wrong the item goes on untouched; the error is logged and counted. No item is dropped or lost.

    Settings, beside those of :class:`Fields`: ``CLEANTEXT_LIBRARY``, the file of a library of
    canonical versions; ``CLEANTEXT_MIN_CONFIDENCE``, 0 by default; ``CLEANTEXT_THREADS``, the
    processors that one item may use, 1 by default.

    The stats are ``cleantext/records`` (restored), ``cleantext/changed``, ``cleantext/words``,
    ``cleantext/no_text``, ``cleantext/errors`` and ``cleantext/errors/{type}``, and by name
    ``cleantext/edits/{kind}``, ``cleantext/diagnosis/{damage}``, ``cleantext/declined/{reason}``
    (spans left alone), ``cleantext/dropped/{spans, words}``, ``cleantext/quality/{tenth}`` and
    ``cleantext/warnings/{warning}``.

    Args:
        pipeline: what restores; a class of your own may build another one in ``from_crawler``.
        fields: what is read and written.
        stats: the crawler's stats.

    Raises:
        ImportError: if Scrapy is not installed.
    """

    def __init__(self, pipeline: Pipeline, fields: Fields, stats: StatsCollector) -> None:
        try:
            from itemadapter import ItemAdapter
        except ImportError as error:
            raise ImportError(_MISSING) from error
        self.pipeline, self.fields, self.stats = pipeline, fields, stats
        self._adapter: type[ItemAdapter] = ItemAdapter
        self._tally = Tally()
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="cleantext")

    @classmethod
    def from_crawler(cls, crawler: Crawler) -> Self:
        """The pipeline that the settings ask for.

        Raises:
            LibraryError: if ``CLEANTEXT_LIBRARY`` names no library.
            PipelineError: if ``CLEANTEXT_MIN_CONFIDENCE`` is no share.
        """
        settings = crawler.settings
        library = settings.get("CLEANTEXT_LIBRARY") or None
        if library is not None:
            Library(library, mode="r").close()  # now, rather than once for every item
        pipeline = Pipeline.default(
            library=library,
            min_confidence=settings.getfloat("CLEANTEXT_MIN_CONFIDENCE"),
            threads=settings.getint("CLEANTEXT_THREADS", 1),
        )
        return cls(pipeline, Fields.from_settings(settings), crawler.stats)

    async def process_item(self, item: Any, spider: object = None) -> Any:
        """The item with its text restored, or as it came. Older Scrapy gives the spider as well."""
        try:
            adapter = self._adapter(item)
            text = adapter.get(self.fields.text)
            if text is None or text == "" or text != text:
                self.stats.inc_value("cleantext/no_text")
                return item
            if isinstance(text, list | tuple):
                raise TypeError(_LISTED)
            canonical = adapter.get(self.fields.canonical) if self.fields.canonical else None
            document, diagnosis = await _aside(
                self._thread, partial(self._restored, text, canonical or None)
            )
            _write(adapter, self.fields.values(document))
        except Exception as error:
            self._failed(item, error)
        else:
            self._count(document, diagnosis)
        return item

    def close_spider(self, spider: object = None) -> None:
        """End the thread; say so if the settings name a field that no item had."""
        self._thread.shutdown(wait=False)
        seen = [self.stats.get_value(f"cleantext/{name}") for name in ("records", "errors")]
        if self.stats.get_value("cleantext/no_text") and not any(seen):
            logger.warning(
                "No item had a text in its field %r, so nothing was restored: set CLEANTEXT_FIELD"
                " to the field that holds the text.",
                self.fields.text,
            )

    def _restored(self, text: Any, canonical: Any) -> tuple[Document, Diagnosis]:
        document = self.pipeline(text, canonical=canonical)
        return document, diagnose(document.raw)

    def _failed(self, item: object, error: Exception) -> None:
        self.stats.inc_value("cleantext/errors")
        self.stats.inc_value(f"cleantext/errors/{type(error).__name__}")
        logger.error(
            "An item was left as it came, its field %r could not be restored: %s; the item: %.300r",
            self.fields.text,
            error,
            item,
            exc_info=error,
        )

    def _count(self, document: Document, diagnosis: Diagnosis) -> None:
        """Counts of the crawl so far; names are bounded by the tally, reasons may quote texts."""
        self._tally.document(document, diagnosis)
        for topic, names in self._tally.to_dict().items():
            for name, count in names.items():
                key = f"{topic}/{name}" if topic != "records" else _RECORDS.get(name, name)
                self.stats.set_value(f"cleantext/{key}", count)


def _write(adapter: Any, values: dict[str, Any]) -> None:
    """Set the fields of an item, all or none."""
    before = {name: adapter[name] for name in values if name in adapter}
    try:
        adapter.update(values)
    except Exception:
        for name in values:
            if name not in before:
                adapter.pop(name, None)
            elif adapter[name] is not before[name]:
                adapter[name] = before[name]
        raise


async def _aside(thread: ThreadPoolExecutor, work: Callable[[], Made]) -> Made:
    """What some work gives that is done in a thread, under asyncio or a plain Twisted reactor."""
    try:
        loop = asyncio.get_running_loop()
    except RuntimeError:
        made: Made = await _deferred(thread.submit(work))
        return made
    return await loop.run_in_executor(thread, work)


def _deferred(future: Future[Made]) -> Any:
    """A future as a Deferred, which fires in the reactor's thread."""
    from twisted.internet import reactor
    from twisted.internet.defer import Deferred

    deferred: Deferred[Made] = Deferred()

    def fire(done: Future[Made]) -> None:
        error = done.exception()
        if error is None:
            deferred.callback(done.result())
        else:
            deferred.errback(error)

    future.add_done_callback(lambda done: reactor.callFromThread(fire, done))
    return deferred
