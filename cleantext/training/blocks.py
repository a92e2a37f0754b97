"""Other stories' headlines and page furniture set into articles, as collectors sweep them in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from random import Random

__all__ = ["LEAD_INS", "Inserted", "insert"]

#: What pages write over a list of other stories.
LEAD_INS: tuple[str, ...] = (
    "Top stories",
    "Top Stories",
    "Top stories",
    "More top stories",
    "Today's top stories",
    "Related",
    "Related:",
    "RELATED",
    "Related stories",
    "Related articles",
    "Related Articles",
    "Related content",
    "Related coverage",
    "Related topics",
    "Read more",
    "Read more:",
    "READ MORE",
    "READ MORE:",
    "Read also",
    "Also read",
    "Read next",
    "Up next",
    "Must read",
    "Must reads",
    "Trending",
    "Trending now",
    "TRENDING",
    "Trending stories",
    "Most read",
    "Most popular",
    "Most viewed",
    "Popular now",
    "More from this section",
    "More from us",
    "More on this story",
    "More on this",
    "More stories",
    "More news",
    "More like this",
    "More coverage",
    "More headlines",
    "Latest news",
    "Latest headlines",
    "Latest stories",
    "The latest",
    "Breaking news",
    "Top headlines",
    "Headlines",
    "Don't miss",
    "Don't Miss",
    "In case you missed it",
    "You may also like",
    "You might also like",
    "You may be interested in",
    "Recommended",
    "Recommended for you",
    "Recommended stories",
    "Suggested stories",
    "Editor's picks",
    "Editors' picks",
    "Editor's choice",
    "Featured",
    "Featured stories",
    "What to read next",
    "What others are reading",
    "See also",
    "See more",
    "From around the web",
    "Around the web",
    "Elsewhere on the web",
    "Promoted stories",
    "Sponsored content",
    "Sponsored stories",
    "Top videos",
    "Watch now",
    "Watch",
    "Video",
    "Top news",
    "World news",
    "In other news",
    "Also in the news",
    "Other stories",
    "Other top stories",
    "Stories you may have missed",
    "Story continues below",
    "Story continues below advertisement",
    "Article continues below",
    "Continue reading below",
    "Advertisement",
    "ADVERTISEMENT",
)


@dataclass(frozen=True, slots=True)
class Inserted:
    """An article with blocks set into it.

    Attributes:
        text: paragraphs parted by empty lines.
        blocks: spans of the blocks in the text, in code points, without the white space around.
    """

    text: str
    blocks: tuple[tuple[int, int], ...]


def insert(
    paragraphs: Sequence[str],
    rng: Random,
    *,
    titles: Sequence[str],
    furniture: Sequence[str],
    blocks: int = 2,
) -> Inserted:
    """Set blocks between the paragraphs of an article, or behind its last one.

    A block is a lead-in (three times in five) and one to five headlines, or one to three lines of
    furniture. A single headline without a lead-in is no block that a reader could tell, so two or
    more stand together then.

    Args:
        paragraphs: of the article, two or more for a block to stand between.
        rng: chooses places and lines.
        titles: headlines of other stories.
        furniture: lines of page furniture.
        blocks: how many to set.
    """
    places = sorted(rng.sample(range(1, len(paragraphs) + 1), min(blocks, len(paragraphs))))
    lines: list[tuple[str, bool]] = []
    for i, paragraph in enumerate(paragraphs):
        lines.append((paragraph, False))
        if i + 1 in places:
            lines.append(("\n\n".join(_block(rng, titles, furniture)), True))
    spans: list[tuple[int, int]] = []
    at = 0
    for line, foreign in lines:
        if foreign:
            spans.append((at, at + len(line)))
        at += len(line) + 2
    return Inserted("\n\n".join(line for line, _ in lines), tuple(spans))


def _block(rng: Random, titles: Sequence[str], furniture: Sequence[str]) -> list[str]:
    if rng.random() < 0.3 and furniture:
        return rng.sample(furniture, rng.randint(1, min(3, len(furniture))))
    lead = [rng.choice(LEAD_INS)] if rng.random() < 0.6 else []
    return [*lead, *rng.sample(titles, rng.randint(1 if lead else 2, 5))]
