"""Packing a corpus into flat arrays: labels, lexicon, vocabulary and tokens, made once a corpus.

Three passes: count (the lexicon of casings), label (the table of roles and patterns, the pruned
vocabulary), pack (tokens and labels of every article in flat arrays that a training run maps).
"""

from __future__ import annotations

import json
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tokenizers import Tokenizer

from cleantext.tagger.labels import FLAT, OTHER, PARTS, Labels, LabelTable, Role, case_of, label
from cleantext.training.blocks import LEAD_INS
from cleantext.training.corpus import Article, Paragraph, clean, held_out, read
from cleantext.training.outlets import source_weights
from cleantext.training.packed import IGNORE
from cleantext.words import lower_word, split

__all__ = ["pack", "pack_held_out"]

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


def _articles(paths: Sequence[Path], *, kept_back: bool = False) -> Iterator[Article]:
    for path in paths:
        for article in read(path):
            if held_out(article.id) is kept_back:
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
    """Labels of an article, masks of what is not learnt, and parts.

    Returns:
        ``(labels, gap_blind[n + 1], case_blind[n], parts[n])``.
    """
    paragraphs = clean(article, furniture)
    labels = label("\n\n".join(p.text for p in paragraphs), lexicon)
    n = len(labels.words)
    gap_blind = np.zeros(n + 1, bool)
    case_blind = np.zeros(n, bool)
    parts = np.zeros(n, np.uint8)
    starts = np.asarray(labels.words.starts, np.int64)
    offset = 0
    for paragraph in paragraphs:
        end = offset + len(paragraph.text)
        if not paragraph.learn_case:
            case_blind[np.searchsorted(starts, offset) : np.searchsorted(starts, end)] = True
        whole = len(paragraph.text) if paragraph.headline else paragraph.dateline
        part = PARTS.index("headline" if paragraph.headline else "dateline")
        parts[np.searchsorted(starts, offset) : np.searchsorted(starts, offset + whole)] = part
        for a, b in paragraph.blind:
            first, behind = np.searchsorted(starts, [offset + a, offset + b])
            case_blind[first:behind] = True
            gap_blind[first:behind] = True
        offset = end + 2
    return labels, gap_blind, case_blind, parts


_STATE: dict[str, Any] = {}


def _start_worker(
    lexicon: dict[str, float], furniture: frozenset[str], weights: dict[str, float]
) -> None:
    _STATE.update(lexicon=lexicon, furniture=furniture, weights=weights)


def _survey_chunk(articles: list[Article]) -> tuple[dict[Any, float], dict[str, float]]:
    roles: dict[Any, float] = defaultdict(float)
    cases: dict[str, float] = defaultdict(float)
    for article in articles:
        labels, gap_blind, _, _ = _label_article(article, _STATE["lexicon"], _STATE["furniture"])
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
        labels, gap_blind, case_blind, parts = _label_article(
            article, _STATE["lexicon"], _STATE["furniture"]
        )
        if len(labels.words) >= _STATE["shortest"]:
            arrays = _encode(labels, gap_blind, case_blind, parts, tokenizer, table, cache, unknown)
            packed.append((article.source, *arrays))
    return packed


def _encode(
    labels: Labels,
    gap_blind: NDArray[np.bool_],
    case_blind: NDArray[np.bool_],
    word_parts: NDArray[np.uint8],
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
    parts = np.full(len(tokens), IGNORE, np.uint8)
    parts[begins] = word_parts
    title = int(ends[int((word_parts == 1).sum()) - 1]) + 1 if word_parts[0] == 1 else 0
    return tokens, roles, cases, parts, starts, int(role_ids[0]), title


def _start_packer(
    lexicon: dict[str, float],
    furniture: frozenset[str],
    weights: dict[str, float],
    tokenizer: str,
    table: dict[str, object],
    shortest: int,
) -> None:
    _start_worker(lexicon, furniture, weights)
    _STATE.update(
        tokenizer=Tokenizer.from_str(tokenizer),
        table=LabelTable.from_dict(table),
        shortest=shortest,
    )


def pack(
    corpora: Sequence[Path],
    folder: Path,
    *,
    base_tokenizer: Path,
    furniture: Mapping[str, int] | None = None,
    processes: int = 2,
) -> None:
    """Pack corpora into ``folder``: arrays, ``table.json``, ``tokenizer.json``, ``counts.json``.

    What a packing that was stopped had counted and surveyed is taken up again. The lines that
    training sets between the paragraphs of articles stand in ``folder/lines``.

    Args:
        corpora: JSON-lines files (see :mod:`cleantext.training.corpus`).
        base_tokenizer: ``tokenizer.json`` of the starting model.
        furniture: lines that collectors leave in articles, with the number of articles each stood
            in: left out of the articles, and set between their paragraphs on purpose.
        processes: worker processes.
    """
    folder.mkdir(parents=True, exist_ok=True)
    chunks = list(_chunks(_articles(corpora)))
    known = dict(furniture or {})
    counts = _counted(folder, chunks, frozenset(known), processes)
    words = Counter({word: sum(cases.values()) for word, cases in counts.items()})
    lexicon = _lower_shares(counts)
    sources = Counter(article.source for chunk in chunks for article in chunk)
    weights = {s: w / sources[s] for s, w in source_weights(sources).items()}
    state = (lexicon, frozenset(known), weights)
    if not (folder / "tokenizer.json").exists():
        _survey(folder, chunks, state, words, base_tokenizer, processes)
    table = LabelTable.load(folder / "table.json").to_dict()
    tokenizer = (folder / "tokenizer.json").read_text(encoding="utf-8")
    lines = folder / "lines"
    lines.mkdir(exist_ok=True)
    bank = list(_chunks(bank_articles(known), 5000))
    _write_pack(lines, bank, (lexicon, frozenset(), {}, tokenizer, table, 1), processes)
    _write_pack(folder, chunks, (*state, tokenizer, table, 20), processes)


def pack_held_out(
    corpora: Sequence[Path], folder: Path, *, furniture: Mapping[str, int] | None = None
) -> None:
    """Pack the articles that no training run sees into ``folder/held_out``, to measure losses on.

    Args:
        corpora: the files that ``folder`` was packed from.
        folder: the pack, whose labels and vocabulary are used.
        furniture: as in :func:`pack`.
    """
    counts = json.loads((folder / "counts.json").read_text(encoding="utf-8"))
    lexicon, known = _lower_shares(counts), frozenset(furniture or {})
    table = LabelTable.load(folder / "table.json").to_dict()
    tokenizer = (folder / "tokenizer.json").read_text(encoding="utf-8")
    inner = folder / "held_out"
    inner.mkdir(exist_ok=True)
    chunks = list(_chunks(_articles(corpora, kept_back=True)))
    _write_pack(inner, chunks, (lexicon, known, {}, tokenizer, table, 20), processes=1)


def _lower_shares(counts: Mapping[str, Mapping[str, int]]) -> dict[str, float]:
    """For each word seen three times or more the share that is all small letters."""
    totals = {word: sum(cases.values()) for word, cases in counts.items()}
    return {w: c.get("lower", 0) / totals[w] for w, c in counts.items() if totals[w] >= 3}


def bank_articles(furniture: Mapping[str, int]) -> Iterator[Article]:
    """Lead-ins and lines of furniture as articles of one paragraph; common lines stand oftener.

    One line in five, by its hash, is kept for measuring.
    """
    for line in LEAD_INS:
        yield Article(line, "lead-in", "", (line,))
    for line, articles in furniture.items():
        sentence = line.endswith((".", '"', "”")) and len(line.split()) > 12
        if not held_out(line, one_in=5) and not (articles == 1 and sentence):
            for turn in range(articles.bit_length()):
                yield Article(f"{line} {turn}", "furniture", "", (line,))


def _counted(
    folder: Path, chunks: list[list[Article]], furniture: frozenset[str], processes: int
) -> dict[str, dict[str, int]]:
    path = folder / "counts.json"
    if path.exists():
        found: dict[str, dict[str, int]] = json.loads(path.read_text(encoding="utf-8"))
        return found
    counts: CaseCounts = defaultdict(Counter)
    with ProcessPoolExecutor(processes) as pool:
        for part in pool.map(_count_chunk, [(chunk, furniture) for chunk in chunks]):
            for word, cases in part.items():
                counts[word].update(cases)
    _write(path, counts)
    print(f"counted {sum(cases.total() for cases in counts.values()):,} words", flush=True)
    return {word: dict(cases) for word, cases in counts.items()}


def _survey(
    folder: Path,
    chunks: list[list[Article]],
    state: tuple[dict[str, float], frozenset[str], dict[str, float]],
    words: Counter[str],
    base_tokenizer: Path,
    processes: int,
) -> None:
    role_counts: Counter[Any] = Counter()
    case_counts: Counter[str] = Counter()
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


def _write_pack(
    folder: Path, chunks: list[list[Article]], packer: tuple[Any, ...], processes: int
) -> None:
    with ProcessPoolExecutor(processes, initializer=_start_packer, initargs=packer) as pool:
        packed = [row for rows in pool.map(_pack_chunk, chunks) for row in rows]
    columns: Any = zip(*packed, strict=True)
    outlets, tokens, roles, cases, parts, starts, leads, titles = columns
    names = sorted(set(outlets))
    index = {name: i for i, name in enumerate(names)}
    flat = {"tokens": tokens, "roles": roles, "cases": cases, "parts": parts, "starts": starts}
    for name, arrays in flat.items():
        np.save(folder / f"{name}.npy", np.concatenate(arrays))
    np.save(folder / "offsets.npy", np.cumsum([0, *map(len, tokens)], dtype=np.int64))
    np.save(folder / "leads.npy", np.asarray(leads, np.uint8))
    np.save(folder / "titles.npy", np.asarray(titles, np.int64))
    np.save(folder / "sources.npy", np.asarray([index[s] for s in outlets], np.int32))
    _write(folder / "sources.json", names)
    print(f"packed {len(packed):,} texts, {sum(map(len, tokens)):,} subwords", flush=True)


def _write(path: Path, data: object) -> None:
    path.write_text(json.dumps(data, ensure_ascii=False), encoding="utf-8")
