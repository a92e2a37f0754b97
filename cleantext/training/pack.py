"""Packing a corpus into flat arrays: labels, lexicon, vocabulary and tokens, made once a corpus.

Three passes: count (the lexicon of casings), label (the table of roles and patterns, the pruned
vocabulary), pack (tokens and labels of every article in flat arrays that a training run maps).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from cleantext.tagger.labels import FLAT, OTHER, Labels, LabelTable, Role, case_of, label
from cleantext.training.corpus import Article, Paragraph, clean, held_out, read, source_weights
from cleantext.words import lower_word, split

__all__ = ["IGNORE", "Pack", "pack"]

#: Label of a subword that carries none.
IGNORE = 255
ROLES = 192
CASES = 16
#: A subword seen less often than this in a corpus of ``FULL_CORPUS`` words leaves the vocabulary;
#: a smaller corpus says less of what is rare and keeps more.
MIN_SUBWORD, FULL_CORPUS = 60, 35_000_000
#: Roles that are in the table whatever the corpus: the bare break, British and European money.
ALWAYS = ("\n\n", " £", " €", ", £", " (£", " — £", "$", "£", "€", " (€", "% (", "%. ", "%; ")
#: One chunk of articles in so many is surveyed for the table of roles and patterns.
SURVEY = 6
_MID_SENTENCE = frozenset((" ", ", ", " — ", "; "))

CaseCounts = dict[str, Counter[str]]


@dataclass(frozen=True)
class Pack:
    """A packed corpus.

    Attributes:
        tokens: ``uint16[subwords]``.
        roles: ``uint8[subwords]``, the gap behind a word at its last subword, else ``IGNORE``.
        cases: ``uint8[subwords]``, the case of a word at its first subword, else ``IGNORE``.
        starts: ``bool[subwords]``, whether a word begins here.
        offsets: ``int64[articles + 1]``, where each article's subwords begin.
        leads: ``uint8[articles]``, the gap before an article's first word.
        sources: ``int32[articles]``, index into ``source_names``.
    """

    tokens: NDArray[np.uint16]
    roles: NDArray[np.uint8]
    cases: NDArray[np.uint8]
    starts: NDArray[np.bool_]
    offsets: NDArray[np.int64]
    leads: NDArray[np.uint8]
    sources: NDArray[np.int32]
    source_names: tuple[str, ...]

    @classmethod
    def load(cls, folder: Path) -> Pack:
        """Map the arrays of a folder that :func:`pack` wrote."""
        names = json.loads((folder / "sources.json").read_text(encoding="utf-8"))
        arrays: dict[str, Any] = {
            name: np.load(folder / f"{name}.npy", mmap_mode="r")
            for name in ("tokens", "roles", "cases", "starts", "offsets", "leads", "sources")
        }
        return cls(**arrays, source_names=tuple(names))


def _articles(paths: Sequence[Path]) -> Iterator[Article]:
    for path in paths:
        for article in read(path):
            if not held_out(article.id):
                yield article


def _chunks(articles: Iterable[Article], size: int = 400) -> Iterator[list[Article]]:
    iterator = iter(articles)
    while chunk := list(islice(iterator, size)):
        yield chunk


def count_cases(texts: Iterable[Paragraph]) -> CaseCounts:
    """How often each lowered word stands in each case pattern inside a sentence."""
    counts: CaseCounts = defaultdict(Counter)
    for paragraph in texts:
        if paragraph.learn_case:
            words = split(paragraph.text)
            for gap, word in zip(words.gaps, words.words, strict=False):
                if gap in _MID_SENTENCE:
                    counts[lower_word(word)][case_of(word)] += 1
    return counts


def _count_chunk(job: tuple[list[Article], frozenset[str]]) -> dict[str, dict[str, int]]:
    articles, furniture = job
    counts = count_cases(p for article in articles for p in clean(article, furniture))
    return {word: dict(cases) for word, cases in counts.items()}


def _label_article(article: Article, lexicon: dict[str, float], furniture: frozenset[str]) -> Any:
    """Labels of an article with a mask of what is not learnt: ``(labels, gaps, cases)``."""
    paragraphs = clean(article, furniture)
    labels = label("\n\n".join(p.text for p in paragraphs), lexicon)
    n = len(labels.words)
    gap_blind = np.zeros(n + 1, bool)
    case_blind = np.zeros(n, bool)
    starts = np.asarray(labels.words.starts, np.int64)
    offset = 0
    for paragraph in paragraphs:
        end = offset + len(paragraph.text)
        if not paragraph.learn_case:
            case_blind[np.searchsorted(starts, offset) : np.searchsorted(starts, end)] = True
        for a, b in paragraph.blind:
            first, behind = np.searchsorted(starts, [offset + a, offset + b])
            case_blind[first:behind] = True
            gap_blind[first:behind] = True
        offset = end + 2
    return labels, gap_blind, case_blind


_STATE: dict[str, Any] = {}


def _start_worker(
    lexicon: dict[str, float], furniture: frozenset[str], weights: dict[str, float]
) -> None:
    _STATE.update(lexicon=lexicon, furniture=furniture, weights=weights)


def _survey_chunk(articles: list[Article]) -> tuple[dict[Any, float], dict[str, float]]:
    roles: dict[Any, float] = defaultdict(float)
    cases: dict[str, float] = defaultdict(float)
    for article in articles:
        labels, gap_blind, _ = _label_article(article, _STATE["lexicon"], _STATE["furniture"])
        weight = _STATE["weights"][article.source]
        for role, blind in zip(labels.roles[1:-1], gap_blind[1:-1], strict=True):
            if not blind:
                roles[role.text, role.tag] += weight
        for case in labels.cases:
            if case is not None:
                cases[case] += weight
    return roles, cases


def make_table(roles: Counter[Any], cases: Counter[str]) -> LabelTable:
    """The commonest roles and patterns; ``FLAT`` and ``OTHER`` come first among the roles."""
    chosen = [FLAT, OTHER, *(Role(text, "start" if text == "%. " else "") for text in ALWAYS)]
    for (text, tag), _ in roles.most_common():
        role = Role(text, tag)
        if len(chosen) < ROLES and role not in chosen and _usable(role):
            chosen.append(role)
    patterns = ["lower", "title", "upper"]
    patterns += [case for case, _ in cases.most_common() if case not in patterns]
    return LabelTable(tuple(chosen), tuple(patterns[:CASES]))


def _usable(role: Role) -> bool:
    """A role we would set: no furniture signs, no quote in a gap without a blank."""
    if set(role.text) & set("|#@_=+*>•·<\\^~¬") or ' " ' in role.text:
        return False
    return bool(role.space) or '"' not in role.text


def make_tokenizer(base: Path, words: Counter[str]) -> tuple[Tokenizer, list[int]]:
    """The starting model's tokenizer with its vocabulary pruned to what ``words`` use.

    Returns:
        The tokenizer, and for each of its ids the id in the starting vocabulary.
    """
    whole = Tokenizer.from_file(str(base))
    whole.no_padding()
    whole.no_truncation()
    used: Counter[str] = Counter()
    for word, count in words.items():
        for token in whole.encode(word, add_special_tokens=False).tokens:
            used[token] += count
    config = json.loads(whole.to_str())
    vocab: dict[str, int] = config["model"]["vocab"]
    special = {t["content"] for t in config["added_tokens"]}
    least = int(MIN_SUBWORD * min(1.0, words.total() / FULL_CORPUS))
    keep = [
        token
        for token in sorted(vocab, key=vocab.__getitem__)
        if token in special
        or used[token] >= least
        or (len(token.removeprefix("##")) == 1 and token.isascii())
    ]
    config["model"]["vocab"] = {token: i for i, token in enumerate(keep)}
    config["added_tokens"] = [
        {**t, "id": config["model"]["vocab"][t["content"]]} for t in config["added_tokens"]
    ]
    config["post_processor"] = None
    return Tokenizer.from_str(json.dumps(config)), [vocab[token] for token in keep]


def _pack_chunk(articles: list[Article]) -> list[Any]:
    tokenizer: Tokenizer = _STATE["tokenizer"]
    table: LabelTable = _STATE["table"]
    cache: dict[str, list[int]] = _STATE.setdefault("cache", {})
    unknown = tokenizer.token_to_id("[UNK]") or 0
    packed = []
    for article in articles:
        labels, gap_blind, case_blind = _label_article(
            article, _STATE["lexicon"], _STATE["furniture"]
        )
        if len(labels.words) < 20:
            continue
        arrays = _encode(labels, gap_blind, case_blind, tokenizer, table, cache, unknown)
        packed.append((article.source, *arrays))
    return packed


def _encode(
    labels: Labels,
    gap_blind: NDArray[np.bool_],
    case_blind: NDArray[np.bool_],
    tokenizer: Tokenizer,
    table: LabelTable,
    cache: dict[str, list[int]],
    unknown: int,
) -> Any:
    pieces = []
    for word in map(lower_word, labels.words.words):
        ids = cache.get(word)
        if ids is None:
            ids = tokenizer.encode(word, add_special_tokens=False).ids or [unknown]
            cache[word] = ids
        pieces.append(ids)
    lengths = np.fromiter(map(len, pieces), np.int64, len(pieces))
    tokens = np.fromiter((t for ids in pieces for t in ids), np.uint16, int(lengths.sum()))
    ends = np.cumsum(lengths) - 1
    begins = ends - lengths + 1
    role_ids = np.fromiter((table.role_index.get(r, 1) for r in labels.roles), np.uint8)
    role_ids[-1] = table.role_index.get(Role(labels.roles[-1].text + "\n\n"), IGNORE)
    role_ids[0] = table.role_index.get(Role(" " + labels.roles[0].text), IGNORE)
    role_ids[gap_blind] = IGNORE
    case_ids = np.fromiter(
        (IGNORE if c is None else table.case_index.get(c, 1) for c in labels.cases), np.uint8
    )
    case_ids[case_blind] = IGNORE
    roles = np.full(len(tokens), IGNORE, np.uint8)
    roles[ends] = role_ids[1:]
    cases = np.full(len(tokens), IGNORE, np.uint8)
    cases[begins] = case_ids
    starts = np.zeros(len(tokens), bool)
    starts[begins] = True
    return tokens, roles, cases, starts, int(role_ids[0])


def _start_packer(
    lexicon: dict[str, float],
    furniture: frozenset[str],
    weights: dict[str, float],
    tokenizer: str,
    table: dict[str, object],
) -> None:
    _start_worker(lexicon, furniture, weights)
    _STATE.update(tokenizer=Tokenizer.from_str(tokenizer), table=LabelTable.from_dict(table))


def pack(
    corpora: Sequence[Path],
    folder: Path,
    *,
    base_tokenizer: Path,
    furniture: frozenset[str] = frozenset(),
    processes: int = 2,
) -> None:
    """Pack corpora into ``folder``: arrays, ``table.json``, ``tokenizer.json``, ``lexicon.json``.

    Args:
        corpora: JSON-lines files (see :mod:`cleantext.training.corpus`).
        base_tokenizer: ``tokenizer.json`` of the starting model.
        furniture: lines to leave out.
        processes: worker processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = list(_chunks(_articles(corpora)))
    counts: CaseCounts = defaultdict(Counter)
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(_count_chunk, [(chunk, furniture) for chunk in chunks]):
            for word, cases in part.items():
                counts[word].update(cases)
    _write(folder / "counts.json", counts)
    words = Counter({word: cases.total() for word, cases in counts.items()})
    lexicon = {w: c["lower"] / words[w] for w, c in counts.items() if words[w] >= 3}
    print(f"counted {words.total():,} words", flush=True)

    role_counts: Counter[Any] = Counter()
    case_counts: Counter[str] = Counter()
    sources = Counter(article.source for chunk in chunks for article in chunk)
    weights = {s: w / sources[s] for s, w in source_weights(sources).items()}
    state = (lexicon, furniture, weights)
    with ProcessPoolExecutor(processes, initializer=_start_worker, initargs=state) as pool:
        for role_part, case_part in pool.map(_survey_chunk, chunks[::SURVEY]):
            role_counts.update(role_part)
            case_counts.update(case_part)
    table = make_table(role_counts, case_counts)
    tokenizer, kept = make_tokenizer(base_tokenizer, words)
    _write(folder / "table.json", table.to_dict())
    _write(folder / "kept.json", kept)
    tokenizer.save(str(folder / "tokenizer.json"))
    print(f"{len(table.roles)} roles, {len(kept):,} subwords", flush=True)

    packer = (*state, tokenizer.to_str(), table.to_dict())
    with ProcessPoolExecutor(processes, initializer=_start_packer, initargs=packer) as pool:
        packed = [row for rows in pool.map(_pack_chunk, chunks) for row in rows]
    columns: Any = zip(*packed, strict=True)
    outlets, tokens, roles, case_ids, starts, leads = columns
    names = sorted(set(outlets))
    index = {name: i for i, name in enumerate(names)}
    np.save(folder / "tokens.npy", np.concatenate(tokens))
    np.save(folder / "roles.npy", np.concatenate(roles))
    np.save(folder / "cases.npy", np.concatenate(case_ids))
    np.save(folder / "starts.npy", np.concatenate(starts))
    np.save(folder / "offsets.npy", np.cumsum([0, *map(len, tokens)], dtype=np.int64))
    np.save(folder / "leads.npy", np.asarray(leads, np.uint8))
    np.save(folder / "sources.npy", np.asarray([index[s] for s in outlets], np.int32))
    _write(folder / "sources.json", names)
    print(f"packed {len(packed):,} articles, {sum(map(len, tokens)):,} subwords", flush=True)


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
