"""Samples of articles, always the same ones: by the hash of their ids."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Iterable

from cleantext.training.corpus import Article

__all__ = ["digest", "pinned", "sample"]


def digest(identifier: str) -> str:
    """What articles are ordered by, so that a sample has nothing to do with their order."""
    return hashlib.sha256(identifier.encode()).hexdigest()


def sample(articles: Iterable[Article], limit: int | None) -> list[Article]:
    """At most ``limit`` articles of each outlet."""
    by_outlet: dict[str, list[Article]] = defaultdict(list)
    for article in articles:
        by_outlet[article.source].append(article)
    return [article for outlet in sorted(by_outlet) for article in pinned(by_outlet[outlet], limit)]


def pinned(articles: Iterable[Article], limit: int | None) -> list[Article]:
    """At most ``limit`` articles, whatever their outlets."""
    return sorted(articles, key=lambda article: digest(article.id))[:limit]
