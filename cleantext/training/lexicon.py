"""Building ``data/lexicon.tsv``: how often each word stands in which case in a corpus."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

__all__ = ["build_lexicon"]

#: A word that is mostly in mixed case is kept if it was seen so as often as this.
MIXED = 3
_PLAIN = ("lower", "title", "upper")


def build_lexicon(counts: Mapping[str, Mapping[str, int]], path: Path, *, minimum: int = 20) -> int:
    """Write the lexicon that :class:`cleantext.lexicon.Lexicon` reads.

    One line a word, commonest first, tab-separated: the lowered word, its count, its counts in
    small letters, in title form and in capitals, its commonest other pattern (``-`` if none) and
    that pattern's count.

    Args:
        counts: counts by case pattern (:func:`cleantext.tagger.labels.case_of`) by lowered word,
            of words inside sentences.
        path: where to write.
        minimum: words seen less often are left out, but for those in mixed case (iOS, nCoV).

    Returns:
        The number of words written.

    Raises:
        ValueError: if no word is frequent enough, for an empty lexicon would diagnose nothing.
    """
    lines = []
    for word, cases in counts.items():
        total = sum(cases.values())
        mixed = {pattern: seen for pattern, seen in cases.items() if pattern not in _PLAIN}
        inner = sum(mixed.values())
        if total < minimum and not (inner >= MIXED and 2 * inner > total):
            continue
        pattern = max(mixed, key=lambda p: (mixed[p], p), default="-")
        plain = (cases.get(name, 0) for name in _PLAIN)
        fields = (word, total, *plain, pattern, mixed.get(pattern, 0))
        lines.append((-total, word, "\t".join(map(str, fields))))
    if not lines:
        raise ValueError(
            f"no word was counted {minimum} times or more; count a larger corpus or lower `minimum`"
        )
    path.write_text("".join(f"{line}\n" for *_, line in sorted(lines)), encoding="utf-8")
    return len(lines)
