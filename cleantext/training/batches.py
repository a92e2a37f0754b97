"""Batches: random windows of a packed corpus, with other stories' headlines set into some."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.roles import PARTS, LabelTable, Role
from cleantext.training.outlets import source_weights
from cleantext.training.packed import IGNORE, Pack

__all__ = ["Batch", "Mixture", "Windows"]

_HEADLINE, _BOILERPLATE = PARTS.index("headline"), PARTS.index("boilerplate")
#: Longest headline, in subwords, that is set into another article.
_LONGEST_TITLE = 32
#: Subwords read beyond a window, to fill it up where something in front was taken away.
_SPARE = 96


@dataclass(frozen=True)
class Mixture:
    """What share of the windows is made how; the rest is cut at random from an article.

    Attributes:
        first: begin where an article does, its own headline included; two in five of these are
            drawn from the articles with a dateline, which are few.
        block: hold a block of other stories' headlines or of page furniture.
        stray: begin with another story's headline.
    """

    first: float = 0.15
    block: float = 0.35
    stray: float = 0.1


@dataclass(frozen=True)
class Batch:
    """Windows of one length: ``tokens``, ``roles``, ``cases`` and ``parts``, all ``[b, l]``.

    Labels are bytes, so that a batch that another process made is quickly handed over.

    ``roles[:, t]`` is the gap behind the word that ends at ``t``, ``roles[:, 0]`` the one before
    the first word; cases and parts stand at the first subword of a word; ``IGNORE`` elsewhere.
    """

    tokens: NDArray[np.int32]
    roles: NDArray[np.uint8]
    cases: NDArray[np.uint8]
    parts: NDArray[np.uint8]


@dataclass
class _Piece:
    """A stretch of subwords with its labels; ``lead`` is the role of the gap before it."""

    tokens: NDArray[np.uint16]
    roles: NDArray[np.uint8]
    cases: NDArray[np.uint8]
    parts: NDArray[np.uint8]
    starts: NDArray[np.bool_]
    lead: int = IGNORE

    def __len__(self) -> int:
        return len(self.tokens)

    def cut(self, start: int, stop: int) -> _Piece:
        """A part of it; begins at a word, so it may be longer than asked for."""
        while start > 0 and not self.starts[start]:
            start -= 1
        lead = self.lead if start == 0 else int(self.roles[start - 1])
        return _Piece(
            self.tokens[start:stop],
            self.roles[start:stop],
            self.cases[start:stop],
            self.parts[start:stop],
            self.starts[start:stop],
            lead,
        )

    def marked(self, part: int) -> _Piece:
        """The same with every word of one part."""
        parts = np.where(self.starts, part, IGNORE).astype(np.uint8)
        return _Piece(self.tokens, self.roles, self.cases, parts, self.starts, self.lead)


def _joined(pieces: Sequence[_Piece]) -> _Piece:
    return _Piece(
        np.concatenate([piece.tokens for piece in pieces]),
        np.concatenate([piece.roles for piece in pieces]),
        np.concatenate([piece.cases for piece in pieces]),
        np.concatenate([piece.parts for piece in pieces]),
        np.concatenate([piece.starts for piece in pieces]),
        pieces[0].lead,
    )


@dataclass
class _Roles:
    """What becomes of a gap's role where it is parted by something set into it."""

    ends: NDArray[np.bool_]
    left: NDArray[np.uint8]
    right: NDArray[np.uint8]
    lead: NDArray[np.uint8]

    @classmethod
    def of(cls, table: LabelTable) -> _Roles:
        bare = table.role_index.get(Role("\n\n"), IGNORE)
        ends = np.zeros(256, bool)
        left, right, lead = (np.full(256, IGNORE, np.uint8) for _ in range(3))
        for i, role in enumerate(table.roles):
            ends[i] = role.ends
            left[i] = table.role_index.get(Role(role.left + "\n\n"), i)
            right[i] = table.role_index.get(Role("\n\n" + role.right), bare)
            lead[i] = table.role_index.get(Role(" " + role.right), 0)
        return cls(ends, left, right, lead)


@dataclass
class Windows:
    """An endless stream of random windows from a packed corpus.

    Attributes:
        pack: the articles.
        lines: the bank of lead-ins and furniture (:func:`cleantext.training.pack.bank_articles`).
        table: labels the pack was made with.
        cls, sep: ids of the special subwords.
        seed: another seed, other windows.
        mixture: how windows are made.
    """

    pack: Pack
    lines: Pack
    table: LabelTable
    cls: int
    sep: int
    seed: int
    mixture: Mixture = field(default_factory=Mixture)

    def __post_init__(self) -> None:
        pack = self.pack
        self.rng = np.random.default_rng(self.seed)
        self._sizes = np.diff(pack.offsets)
        counts = np.bincount(pack.sources, minlength=len(pack.source_names))
        by_name = dict(zip(pack.source_names, counts.tolist(), strict=True))
        weights = source_weights(by_name)
        shares = np.array([weights[name] for name in pack.source_names]) / np.maximum(counts, 1)
        # an article is drawn by the share of its outlet and, within it, by its length
        self._chance = shares[pack.sources] * np.minimum(self._sizes, 3000)
        self._cumulative: dict[int, NDArray[np.float64]] = {}
        self._roles = _Roles.of(self.table)
        titled = (pack.titles > 3) & (pack.titles <= _LONGEST_TITLE)
        self._titled = np.flatnonzero(titled)
        dated = np.flatnonzero(np.asarray(pack.parts) == PARTS.index("dateline"))
        self._dated = np.unique(np.searchsorted(pack.offsets, dated, side="right") - 1)
        kinds = {name: i for i, name in enumerate(self.lines.source_names)}
        self._lead_ins = np.flatnonzero(self.lines.sources == kinds["lead-in"])
        self._furniture = np.flatnonzero(self.lines.sources == kinds.get("furniture", -1))

    def _draw(self, inner: int, count: int) -> NDArray[np.int64]:
        if inner not in self._cumulative:
            chance = np.where(self._sizes >= inner, self._chance, 0.0)
            if not chance.any():
                raise ValueError(
                    f"no article has {inner} subwords or more; join short records into longer"
                    " ones, or train on more of them"
                )
            self._cumulative[inner] = np.cumsum(chance) / chance.sum()
        return np.searchsorted(self._cumulative[inner], self.rng.random(count), side="right")

    @staticmethod
    def _stretch(pack: Pack, start: int, stop: int, lead: int) -> _Piece:
        return _Piece(
            pack.tokens[start:stop],
            pack.roles[start:stop],
            pack.cases[start:stop],
            pack.parts[start:stop],
            pack.starts[start:stop],
            lead,
        )

    def batch(self, length: int, count: int) -> Batch:
        """``count`` windows of ``length`` subwords, the two special ones included."""
        inner = length - 2
        tokens = np.empty((count, length), np.int32)
        roles, cases, parts = (np.full((count, length), IGNORE, np.uint8) for _ in range(3))
        tokens[:, 0], tokens[:, -1] = self.cls, self.sep
        for row, article in enumerate(self._draw(inner, count).tolist()):
            piece = self._window(article, inner)
            tokens[row, 1:-1] = piece.tokens[:inner]
            roles[row, 1:-1] = piece.roles[:inner]
            cases[row, 1:-1] = piece.cases[:inner]
            parts[row, 1:-1] = piece.parts[:inner]
            roles[row, 0] = self._roles.lead[piece.lead] if piece.lead != IGNORE else IGNORE
        return Batch(tokens, roles, cases, parts)

    def _window(self, article: int, inner: int) -> _Piece:
        pack = self.pack
        turn = self.rng.random()
        if turn < self.mixture.first and len(self._dated) and self.rng.random() < 0.4:
            dated = int(self.rng.choice(self._dated))
            article = dated if self._sizes[dated] >= inner else article
        begin, end = int(pack.offsets[article]), int(pack.offsets[article + 1])
        if turn < self.mixture.first:
            stop = min(end, begin + inner + _SPARE)
            piece = self._stretch(pack, begin, stop, int(pack.leads[article]))
            return self._with_block(piece, inner) if self.rng.random() < 0.3 else piece
        start = begin + int(self.rng.integers(0, end - begin - inner + 1))
        while not pack.starts[start] and start > begin:
            start -= 1
        lead = int(pack.leads[article]) if start == begin else int(pack.roles[start - 1])
        piece = self._stretch(pack, start, min(end, start + inner + _SPARE), lead)
        if turn < self.mixture.first + self.mixture.block:
            return self._with_block(piece, inner)
        if turn < self.mixture.first + self.mixture.block + self.mixture.stray:
            return self._with_headline(piece, inner)
        return piece

    def _ends(self, piece: _Piece, inner: int) -> NDArray[np.int64]:
        return np.flatnonzero(self._roles.ends[piece.roles[: inner - 4]])

    def _title(self) -> _Piece:
        article = int(self.rng.choice(self._titled))
        begin = int(self.pack.offsets[article])
        stop = begin + int(self.pack.titles[article])
        return self._stretch(self.pack, begin, stop, int(self.pack.leads[article]))

    def _line(self, bank: NDArray[np.int64]) -> _Piece:
        line = int(self.rng.choice(bank))
        begin, end = int(self.lines.offsets[line]), int(self.lines.offsets[line + 1])
        return self._stretch(self.lines, begin, end, int(self.lines.leads[line]))

    def _block(self) -> _Piece:
        rng = self.rng
        if rng.random() < 0.3 and len(self._furniture):
            lines = [self._line(self._furniture) for _ in range(rng.integers(1, 4))]
        else:
            lead = [self._line(self._lead_ins)] if rng.random() < 0.6 else []
            count = int(rng.integers(1 if lead else 2, 6))
            lines = [*lead, *(self._title() for _ in range(count))]
        block = _joined(lines).marked(_BOILERPLATE)
        if rng.random() < 0.5:  # neither quotes nor the case of foreign copy are the lesson here
            block.cases = np.full(len(block), IGNORE, np.uint8)
        return block

    def _with_block(self, piece: _Piece, inner: int) -> _Piece:
        """The window with a block set in at one of its sentence ends, or in front of a sentence."""
        ends = self._ends(piece, inner)
        if not len(ends) or not len(self._titled):
            return piece
        block = self._block()
        if self.rng.random() < 0.1:
            return self._in_front(piece, block, int(ends[0]) + 1, inner)
        at = int(self.rng.choice(ends)) + 1
        before, after = piece.cut(0, at), piece.cut(at, len(piece))
        role = int(before.roles[-1])
        before.roles = before.roles.copy()
        before.roles[-1] = self._roles.left[role]
        self._end_with(block, role)
        whole = _joined([before, block, after])
        first = int(self.rng.integers(0, min(len(block), at) + 1))
        return whole.cut(first, len(whole))

    def _end_with(self, block: _Piece, role: int) -> None:
        """Give the last gap of a block the opening marks of the gap it parts."""
        block.roles = block.roles.copy()
        if block.roles[-1] != IGNORE and self.table.roles[block.roles[-1]].text == "\n\n":
            block.roles[-1] = self._roles.right[role]

    def _in_front(self, piece: _Piece, block: _Piece, at: int, inner: int) -> _Piece:
        """The block, and then what follows place ``at``, if that fills a window."""
        self._end_with(block, int(piece.roles[at - 1]))
        joined = _joined([block, piece.cut(at, len(piece))])
        return joined if len(joined) >= inner else piece

    def _with_headline(self, piece: _Piece, inner: int) -> _Piece:
        """Another story's headline, with its first words cut off or not, in front."""
        ends = self._ends(piece, inner)
        if not len(ends) or not len(self._titled):
            return piece
        title = self._title().marked(_HEADLINE)
        if self.rng.random() < 0.3:
            title = title.cut(int(self.rng.integers(0, len(title) // 2 + 1)), len(title))
        return self._in_front(piece, title, int(ends[0]) + 1, inner)

    def stream(self, lengths: Sequence[int], subwords: int) -> Iterator[Batch]:
        """Batches of about so many subwords, each of windows of one of these lengths."""
        while True:
            length = int(self.rng.choice(lengths))
            yield self.batch(length, max(1, subwords // length))
