"""The measure of other punctuation models: ten random sentences glued, lowered, without marks.

As pcs_en and its XLM-RoBERTa sister were measured by their author on news, so that figures can be
set side by side: 3,000 texts of ten sentences each, scored micro over all of them, one mark a gap
(none, period, comma or question mark), casing letter by letter.

What that leaves open is settled here so:

- A sentence is what :func:`cleantext.canon.sentences.sentence_ends` parts in a paragraph of dev,
  brought to the common style; it has three words or more, ends in a full stop, question mark,
  exclamation mark or ellipsis (with closing quotes and brackets) and does not begin with a small
  letter. Headlines and what follows the last such mark of a paragraph are left out.
- The ten articles of a text are drawn at random and differ; each gives one random sentence.
- The copy is flattened as everywhere in this project: apostrophes, hyphens, grouping and initials
  become blanks as well, which those models get for nothing.
- Of the marks in a gap the last of ``.``, ``,`` and ``?`` counts: ``."`` is a period, ``Inc.,`` a
  comma. Everything that those models do not set is taken off: quotes, brackets, dashes, colons,
  semicolons, exclamation marks, ellipses, apostrophes, hyphens. The stops of initials (``U.S.``,
  ``p.m.``, the closing one included) are a class of their own for pcs_en, not periods; they do not
  count, nor do points and commas inside numbers. The stop of ``Mr.`` is a period.
- Where words were dropped or completed, the marks and letters of what cannot be aligned count
  as missed.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import lru_cache
from random import Random
from typing import Any

from cleantext.canon.align import align
from cleantext.canon.marks import Mark, gap_marks
from cleantext.canon.score import Count, Counts
from cleantext.canon.segments import lowered
from cleantext.canon.sentences import phrase_start, sentence_ends
from cleantext.damage import FLAT, degrade
from cleantext.document import Document
from cleantext.pipeline import Pipeline
from cleantext.training.corpus import Article, clean
from cleantext.words import split

__all__ = ["ROWS", "compare", "glued_table", "glued_texts", "on_glued", "peer_marks", "sentences"]

#: Key of a count, what a reader calls it, and what pcs_en and the XLM-RoBERTa model have by their
#: own cards (F1 in points; None where the card has none).
ROWS: tuple[tuple[str, str, float | None, float | None], ...] = (
    ("period", "period", 91.8, 92.4),
    ("comma", "comma", 78.2, 78.8),
    ("question", "question mark", 75.6, 80.5),
    ("case_char", "upper-case letters", 93.8, None),
)
_KEPT = frozenset(("period", "comma", "question"))
_SENTENCES = 10
_TEXTS = 3000
_LEAST_WORDS = 3
#: What the default pipeline has beyond setting marks and case.
_AROUND = ("encoding", "boilerplate", "edges", "glued")


def sentences(article: Article) -> tuple[str, ...]:
    """The sentences of an article, as the module's text says.

    >>> sentences(Article("1", "", "A headline", ("“No,” he said. Mr Hun won 1.5 points! And so",)))
    ('"No," he said.', 'Mr. Hun won 1.5 points!')
    """
    found: list[str] = []
    for paragraph in clean(article):
        if not paragraph.headline:
            found += _cut(paragraph.text)
    return tuple(found)


def _cut(text: str) -> Iterator[str]:
    """The whole sentences of a paragraph."""
    words = split(text)
    first = begin = 0
    for end in sorted(sentence_ends(words)):
        stop = phrase_start(words, end)
        if end - first >= _LEAST_WORDS and not words.words[first][0].islower():
            yield text[begin:stop].strip()
        first, begin = end, stop


def glued_texts(
    articles: Sequence[Article], count: int = _TEXTS, *, seed: int = 7
) -> Iterator[str]:
    """Texts of ten random sentences of different articles; fewer where there are fewer articles.

    Args:
        articles: to take them from.
        count: how many texts.
        seed: of the draws: the same articles and seed give the same texts.
    """
    by_article = lru_cache(maxsize=None)(sentences)
    chance = Random(seed)
    usable = [article for article in articles if by_article(article)]
    for _ in range(count if usable else 0):
        drawn = chance.sample(usable, min(_SENTENCES, len(usable)))
        yield " ".join(chance.choice(by_article(article)) for article in drawn)


def peer_marks(marks: Mapping[int, Iterable[Mark]]) -> dict[int, str]:
    """One of ``period``, ``comma`` and ``question`` for each gap that has any.

    Args:
        marks: of every gap, as :func:`cleantext.canon.marks.gap_marks` finds them.

    >>> peer_marks(gap_marks(split("Is Acme Inc., in the U.S., ill? — He said: 1,500.")))
    {3: 'comma', 7: 'comma', 8: 'question', 12: 'period'}
    """
    found: dict[int, str] = {}
    for i, those in marks.items():
        kept = [kind for kind, _ in those if kind in _KEPT]
        if kept:
            found[i] = kept[-1]
    return found


def compare(text: str, gold: str) -> Counts:
    """Counts of the marks that other models set, and of capital letters.

    >>> compare("Is he Ill? no.", 'Is "he" ill? No.')["case_char"]
    Count(tp=1, predicted=2, gold=2)
    """
    ours, ought = split(text), split(gold)
    set_, wanted = peer_marks(gap_marks(ours)), peer_marks(gap_marks(ought))
    alignment = align(lowered(ours), lowered(ought))
    gap_of = _places(alignment.gap_runs())
    right = Counter(kind for i, kind in set_.items() if wanted.get(gap_of.get(i, -1)) == kind)
    has, has_gold = Counter(set_.values()), Counter(wanted.values())
    counts = {key: Count(right[key], has[key], has_gold[key]) for key in sorted(_KEPT)}
    same = sum(_capitals(ours.words[i], ought.words[j]) for i, j in _places(alignment.runs).items())
    raised, raised_gold = (sum(map(str.isupper, "".join(each.words))) for each in (ours, ought))
    counts["case_char"] = Count(same, raised, raised_gold)
    return Counts(counts)


def _places(runs: Iterable[Any]) -> dict[int, int]:
    """The partner of each place that an alignment has one for."""
    return {run.text + k: run.canonical + k for run in runs for k in range(run.length)}


def _capitals(one: str, other: str) -> int:
    """How many letters are capitals in both words."""
    return sum(a.isupper() and b.isupper() for a, b in zip(one, other, strict=True))


def on_glued(articles: Sequence[Article], pipeline: Pipeline, *, texts: int) -> dict[str, Any]:
    """F1 in points by the other models' measure: what users get, and the tagger without the rest.

    Args:
        articles: to take sentences from.
        pipeline: the default one.
        texts: how many texts.
    """
    golds = list(glued_texts(articles, min(texts, _TEXTS)))
    docs = list(pipeline.stream([degrade(gold, damage=FLAT).text for gold in golds]))
    bare = _bare(docs, pipeline)
    return {
        "texts": len(golds),
        "words": sum(len(split(doc.raw)) for doc in docs),
        "otherwise": sum(a.text != b.text for a, b in zip(docs, bare, strict=True)),
        "default": _points(docs, golds),
        "bare": _points(bare, golds),
    }


def _bare(docs: Sequence[Document], pipeline: Pipeline) -> list[Document]:
    """The documents of the tagger alone; read again only where something else had a hand in it."""
    touched = [
        i for i, doc in enumerate(docs) if any(edit.normalizer in _AROUND for edit in doc.edits)
    ]
    again = pipeline.without(*_AROUND).stream([docs[i].raw for i in touched])
    found = list(docs)
    for i, doc in zip(touched, again, strict=True):
        found[i] = doc
    return found


def _points(docs: Sequence[Document], golds: Sequence[str]) -> dict[str, float | None]:
    total = Counts()
    for doc, gold in zip(docs, golds, strict=True):
        total += compare(doc.text, gold)
    shares = {key: total.scores[key].f1 for key, *_ in ROWS}
    return {key: None if f1 is None else round(100 * f1, 2) for key, f1 in shares.items()}


def glued_table(figures: Mapping[str, Any]) -> str:
    """The figures of :func:`on_glued` as a table, beside what the other models' cards say."""
    head = (
        f"| ten sentences glued, F1 in points ({figures['texts']:,} texts) | as users get it"
        " | tagger alone | pcs_en | XLM-RoBERTa |\n|---|--:|--:|--:|--:|"
    )
    rows = [
        f"| {name} | {_cell(figures['default'][key])} | {_cell(figures['bare'][key])}"
        f" | {_cell(pcs)} | {_cell(xlm)} |"
        for key, name, pcs, xlm in ROWS
    ]
    note = (
        f"The last two columns are their author's own figures, on other news. {figures['words']:,}"
        f" words; {figures['otherwise']:,} texts come out otherwise with the whole pipeline."
    )
    return "\n".join([head, *rows, "", note])


def _cell(value: float | None) -> str:
    return "–" if value is None else f"{value:.1f}"
