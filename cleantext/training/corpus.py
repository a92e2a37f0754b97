"""Reading a corpus: JSON lines of paragraphs in, paragraphs fit to learn from out.

A record is ``{"id", "source", "title", "paragraphs": [...]}``; ``id``, ``source`` and ``title`` may
be missing, so that a newsroom can train on its own archive.
"""

from __future__ import annotations

import hashlib
import json
import lzma
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import IO

import regex

from cleantext.tagger.labels import normalise
from cleantext.words import split

__all__ = ["Article", "Paragraph", "clean", "dateline", "held_out", "read"]

#: Share of articles (by a hash of the id) that no training run sees.
HELD_OUT = 50

_BULLET = regex.compile(r"^(?:[•·*>‐▪●■–—-]+|\d{1,2}[.)])\s+(?=[\p{L}\p{N}\"'“‘(])")
_MARKUP = regex.compile(r"[{}<>=_|\\^~]|https?:\s*$")
_URL = regex.compile(
    r"(?:https?://|www\.)\S+|\S+@\S+|(?<![\p{L}\p{N}])[@#][\p{L}\p{N}_]+"
    r"|\b[\w-]+\.(?:com|org|net|gov|edu|co\.uk|ly|tv)\b(?:/\S*)?",
    regex.IGNORECASE,
)


@dataclass(frozen=True, slots=True)
class Article:
    """One record of a corpus, as published."""

    id: str
    source: str
    title: str
    paragraphs: tuple[str, ...]

    @property
    def text(self) -> str:
        """The paragraphs, parted by an empty line."""
        return "\n\n".join(self.paragraphs)


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A paragraph in the common style, and what of it may be learnt from."""

    text: str
    learn_case: bool
    blind: tuple[tuple[int, int], ...]  # spans of URLs, addresses, handles, in code points
    headline: bool = False
    dateline: int = 0  # how many of its first code points are a dateline


def _open(path: Path) -> IO[str]:
    if path.suffix == ".xz":
        return lzma.open(path, "rt", encoding="utf-8")
    return path.open(encoding="utf-8")


def read(path: Path) -> Iterator[Article]:
    """The articles of a JSON-lines file (``.jsonl`` or ``.jsonl.xz``), in order.

    Raises:
        ValueError: names the line that is no JSON object or has no list ``paragraphs``.
    """
    with _open(path) as lines:
        for number, line in enumerate(lines, 1):
            try:
                record = json.loads(line)
                paragraphs = tuple(str(p) for p in record["paragraphs"])
            except (ValueError, KeyError, TypeError) as error:
                raise ValueError(
                    f"{path.name}, line {number}: not a JSON object with a list"
                    f" 'paragraphs' ({error!r})"
                ) from error
            yield Article(
                id=str(record.get("id", number)),
                source=str(record.get("source", "")),
                title=str(record.get("title") or ""),
                paragraphs=paragraphs,
            )


def held_out(identifier: str, *, one_in: int = HELD_OUT) -> bool:
    """Whether an article is kept from every training run, by a hash of its id (one in fifty)."""
    digest = hashlib.sha256(identifier.encode()).digest()
    return int.from_bytes(digest[:4], "big") % one_in == 0


def _learn_case(text: str) -> bool:
    """Whether the capitals of a paragraph are its words' own: not in title case, not shouted."""
    words = [w for w in split(text).words if len(w) > 3 and w.isalpha()]
    if len(words) < 3:
        return text[-1:] in ".?!\"'"
    raised = sum(w[0].isupper() for w in words)
    shouted = sum(w.isupper() for w in words)
    return raised < 0.75 * len(words) and shouted < 0.5 * len(words)


def clean(article: Article, furniture: frozenset[str] = frozenset()) -> list[Paragraph]:
    """The paragraphs of an article to learn from, its title first.

    Left out: lines of page furniture, markup. Taken off: bullets. Marked: title case and capitals
    (their case is not learnt), URLs and handles (neither their case nor their gaps are).
    """
    kept: list[Paragraph] = []
    lines: Sequence[str] = (article.title, *article.paragraphs)
    opening = True
    for number, line in enumerate(lines):
        line = line.strip()
        if not line or line in furniture or _MARKUP.search(line):
            continue
        text = normalise(_BULLET.sub("", line))
        if not any(map(str.isalnum, text)) or (kept and text == kept[-1].text):
            continue
        spans = tuple(match.span() for match in _URL.finditer(text))
        place = dateline(text) if number and opening else 0
        opening = opening and (number < 3 and not place)
        kept.append(Paragraph(text, _learn_case(text), spans, number == 0, place))
    return kept


_PLACE = r"\p{Lu}[\p{Lu}.'\- ]+\p{Lu}\.?(?:, (?:\p{Lu}[\p{L}.]*)(?: \p{Lu}[\p{L}.]*){0,2}){0,2}"
_CITY = r"\p{Lu}\p{Ll}+(?: \p{Lu}\p{Ll}+){0,2}(?:, \p{Lu}[\p{L}.]*(?: \p{Lu}[\p{L}.]*){0,2})?"
_AGENCY = r"\((?:AP|AFP|UPI|CNN|Reuters|REUTERS|Bloomberg|RNS|KTLA|CBS[\w/ ]*)(?: Business)?\)"
_DATELINE = regex.compile(
    rf"\(?(?:{_PLACE}\)?(?: {_AGENCY})? — |{_PLACE} {_AGENCY} (?=\p{{Lu}})"
    rf"|(?:{_CITY} )?{_AGENCY} ?(?:— )?(?=[\p{{Lu}}\"]))"
)


def dateline(paragraph: str) -> int:
    """How many code points of a paragraph in the common style are its dateline; 0 if none.

    >>> [dateline(p) for p in ("KYIV, Ukraine (AP) — Rain fell.", "Kyiv said — twice — no.")]
    [20, 0]
    """
    match = _DATELINE.match(paragraph)
    if match is None or len(match.group().split()) > 9 or match.group()[:3] == "FOR":
        return 0
    return match.end()
