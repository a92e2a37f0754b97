"""Finding the story a text is a copy of: candidates by fingerprints, then alignment.

The stories that share the rarest fingerprints with a text are aligned with it word by word. This is
the home of the threshold that tells a copy of a story from another story on its topic.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass

from cleantext.canon.align import align
from cleantext.canon.shingles import SAMPLE, folded_words
from cleantext.canon.storage import Connection

__all__ = ["Match", "candidates", "hits_needed", "is_same_story", "matched"]

#: Equal words in a row that count as a passage: two stories on one topic share a quarter of their
#: words in order, but few runs of five.
PASSAGE = 5
#: A text is a copy of a story that shares ``QUOTED + SHARE * words`` of its words with it, in
#: passages; but no more than ``WHOLE * words`` are asked for, nor fewer than ``LEAST``. A quotation
#: that two stories share fills a short window and not a long one: hence ``QUOTED``. Chosen on
#: train, so that of 200 texts of 80 words or more at most one is taken for another story on its
#: topic. Lower, and quotations are taken for stories; higher, and what an outlet has half rewritten
#: is not found. ``SHARE`` is what other copy on a page may take up before it is found as well.
QUOTED, SHARE, WHOLE, LEAST = 28, 0.25, 0.85, 20
#: Stories looked at for each fingerprint: one that more have says little, and costs much.
COMMON = 64
#: Fingerprints of a text that are looked up (those of some 12,000 words).
LOOKED_UP = 1024
#: What changed words, and chance in the sample, may leave of the fingerprints of a passage.
SLACK = 0.15
#: Stories aligned with a text, at the least.
ALIGNED = 8


@dataclass(frozen=True, slots=True)
class Match:
    """A story of the library that has passages in common with a text.

    Attributes:
        id: the story's id.
        text: the story as it was added.
        shared: words in the passages (:data:`PASSAGE` words or more) that both have in order.
        share_of_text: part (0..1) of the text's words that stand in these passages.
        share_of_canonical: part (0..1) of the story's words that do.
        same_story: whether text and story are one story, not two that quote the same words.
    """

    id: str
    text: str
    shared: int
    share_of_text: float
    share_of_canonical: float
    same_story: bool


def candidates(
    file: Connection, prints: list[int], *, most: int, hits: float
) -> Iterator[tuple[str, bytes]]:
    """Id and packed text of the stories that share the rarest fingerprints, best first.

    Args:
        file: the library's.
        prints: fingerprints of the text, ascending.
        most: how many stories to give.
        hits: fingerprints that a story must share at the least.
    """
    weights: dict[int, float] = defaultdict(float)
    counts: Counter[int] = Counter()
    query = f"SELECT story FROM prints WHERE print = ? LIMIT {COMMON}"
    for each in prints[:LOOKED_UP]:  # the smallest: every copy of a text keeps the same ones
        stories = [story for (story,) in file.execute(query, (each,))]
        counts.update(stories)
        for story in stories:
            weights[story] += 1 / len(stories)
    enough = [story for story in weights if counts[story] >= hits]
    for story in sorted(enough, key=lambda story: (-weights[story], story))[:most]:
        row = file.execute("SELECT id, text FROM stories WHERE number = ?", (story,)).fetchone()
        if row:
            yield row


def hits_needed(words: int) -> float:
    """Fingerprints that a copied story shares with a text of so many words, at the very least.

    That is :data:`SLACK` of those in the share of the text that it must cover. It saves aligning
    the text with every story that has a phrase of it.
    """
    return SLACK * SHARE * min(words / SAMPLE, LOOKED_UP)


def matched(words: list[str], id: str, canonical: str) -> Match:
    """What a text, as its folded words, shares with a story."""
    theirs = folded_words(canonical)
    shared = sum(run.length for run in align(words, theirs).runs if run.length >= PASSAGE)
    same_story = is_same_story(shared, len(words))
    return Match(id, canonical, shared, shared / len(words), shared / len(theirs), same_story)


def is_same_story(shared: int, words: int) -> bool:
    """Whether a text of so many words that shares so many with a story is a copy of it.

    >>> is_same_story(50, 80), is_same_story(50, 600)
    (True, False)
    """
    return shared >= max(min(QUOTED + SHARE * words, WHOLE * words), LEAST)
