"""The search: the best path over the gaps that the grammar of marks allows.

Exact: a Viterbi search whose states are what is open. Only gaps where something may open, close or
break take part; at every other one the best role leaves the state as it is.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from cleantext.tagger.evidence import BREAKABLE, BROKEN, CLAMPED, Evidence
from cleantext.tagger.grammar import CLOSED, QUOTE, STATES, Grammar, Move, open_after

__all__ = ["OFF", "Offer", "best_path"]

Floats = NDArray[np.float32]

#: Worth of what is not on offer.
OFF = -1e9
#: Cost of leaving a quotation open at the end of the text: a window may have cut it off.
_LEFT_OPEN = 0.4
#: Cost of closing silently at a break where the copy itself forgot the mark, of closing what is
#: not open, and of opening what is.
_FORGOTTEN = 2.0
_OPENS = frozenset('"“„«')
_PAIRED = frozenset('"“”„«»()[]\n')


@dataclass(frozen=True, slots=True)
class Offer:
    """What is on offer at the gaps that are not plainly flat.

    Attributes:
        places: ``int[rows]``, the gaps, ascending.
        worth: ``float32[rows, roles]``; :data:`OFF` for what is not offered.
        broken: ``float32[rows]``, what a paragraph break behind surviving marks is worth.
    """

    places: NDArray[np.int64]
    worth: Floats
    broken: Floats


def best_path(
    offer: Offer, evidence: Evidence, grammar: Grammar
) -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
    """The role of every gap, and the gaps whose marks open and close together.

    Returns:
        ``int16[n + 1]``: -1 where the gap stays as it stands, -2 where only its white space
        becomes a paragraph break; and pairs of gaps.
    """
    kinds = evidence.kinds
    roles = np.where((kinds == CLAMPED) | (kinds == BREAKABLE), -1, 0).astype(np.int16)
    ordered = offer.worth[:, grammar.order]
    best = np.maximum.reduceat(ordered, grammar.bounds, axis=1)
    own = kinds[offer.places]
    free = (own != CLAMPED) & (own != BREAKABLE)
    neutral = grammar.order[: grammar.bounds[1]]
    choice = neutral[ordered[:, : grammar.bounds[1]].argmax(axis=1)]
    roles[offer.places[free]] = choice[free]
    contested = {
        int(offer.places[row]): row
        for row in np.flatnonzero(free & (best[:, 1:] > OFF / 2).any(axis=1)).tolist()
    }
    breakable = np.flatnonzero((own == BREAKABLE) & (offer.broken > 0)).tolist()
    contested |= {int(offer.places[row]): row for row in breakable}
    for i in np.flatnonzero((kinds == CLAMPED) | (kinds == BREAKABLE)).tolist():
        if i not in contested and not _PAIRED.isdisjoint(evidence.gaps[i]):
            contested[i] = -1
    return _Trellis(offer, best, evidence, grammar).run(roles, sorted(contested.items()))


class _Trellis:
    """The forward pass and the way back."""

    def __init__(self, offer: Offer, best: Floats, evidence: Evidence, grammar: Grammar) -> None:
        self.offer, self.best = offer, best
        self.evidence, self.grammar = evidence, grammar

    def _options(self, i: int, row: int) -> list[tuple[int, float, tuple[int, ...]]]:
        """What gap ``i`` offers: move (or the code of a role), worth, state after each state."""
        kind, gap = int(self.evidence.kinds[i]), self.evidence.gaps[i]
        if kind in (CLAMPED, BREAKABLE):
            options = [(-1, -cost, states) for cost, states in _kept(gap)]
            if kind == BREAKABLE and row >= 0:
                options.append((-2, float(self.offer.broken[row]), _broken_states(gap)))
            return options
        values = self.best[row]
        found = [
            (move, float(values[move]), self.grammar.moves[move])
            for move in np.flatnonzero(values > OFF / 2).tolist()
        ]
        if kind == BROKEN:  # copy that forgot a mark: close silently, then go on from there
            found += [
                (move, worth - _FORGOTTEN, (-1,) + (after[CLOSED],) * (STATES - 1))
                for move, worth, after in found
                if after[CLOSED] >= 0
            ]
        return found

    def run(
        self, roles: NDArray[np.int16], contested: list[tuple[int, int]]
    ) -> tuple[NDArray[np.int16], list[tuple[int, int]]]:
        """Fill in the roles of the contested gaps; the pairs they make."""
        totals = [-np.inf] * STATES
        totals[self.evidence.state] = 0.0
        steps: list[list[tuple[int, int]]] = []
        for i, row in contested:
            after = [-np.inf] * STATES
            back = [(-1, -1)] * STATES
            for choice, gain, states in self._options(i, row):
                for state, total in enumerate(totals):
                    target = states[state]
                    if target >= 0 and total + gain > after[target]:
                        after[target] = total + gain
                        back[target] = (state, choice)
            totals = after
            steps.append(back)
        state = self._end(totals)
        path: list[tuple[int, int, int, Move]] = []
        for back, (i, row) in zip(reversed(steps), reversed(contested), strict=True):
            before, choice = back[state]
            path.append((before, state, i, self.grammar.moves[max(choice, 0)]))
            roles[i] = choice if choice < 0 else self._role(row, choice)
            state = before
        return roles, _pairs(path[::-1])

    def _end(self, totals: list[float]) -> int:
        """The best state to end in."""
        final = self.evidence.final
        wanted, cost = (CLOSED, _LEFT_OPEN) if final is None else (final, _FORGOTTEN)
        return max(range(STATES), key=lambda s: totals[s] - (0.0 if s == wanted else cost))

    def _role(self, row: int, move: int) -> int:
        """The best role of a move."""
        bounds, order = self.grammar.bounds, self.grammar.order
        stop = bounds[move + 1] if move + 1 < len(bounds) else len(order)
        members = order[bounds[move] : stop]
        return int(members[self.offer.worth[row, members].argmax()])


@lru_cache(maxsize=4096)
def _kept(gap: str) -> tuple[tuple[float, tuple[int, ...]], ...]:
    """The states after a gap that stays, by what it costs to come to it in the state before."""
    after = [open_after(state, gap) for state in range(STATES)]
    forgets = [_forgets(state, gap) for state in range(STATES)]
    fits = tuple(-1 if bad else state for state, bad in zip(after, forgets, strict=True))
    if not any(forgets):
        return ((0.0, fits),)
    left = tuple(state if bad else -1 for state, bad in zip(after, forgets, strict=True))
    return ((0.0, fits), (_FORGOTTEN, left))


def _forgets(state: int, gap: str) -> bool:
    """Whether a mark is missing, before or in a gap that is come to in this state."""
    for place, char in enumerate(gap):
        if (char in "”»" and not state & QUOTE) or (char in "“„«" and state & QUOTE):
            return True
        if char == "\n" and state & QUOTE and _OPENS.isdisjoint(gap[place:]):
            return True
        state = open_after(state, char)
    return False


def _broken_states(gap: str) -> tuple[int, ...]:
    """The states after a paragraph break set into a gap that stands: nothing may be left open."""
    left = gap[: len(gap) - len(gap.lstrip("\"'”’)].,;:?!…"))]
    right = gap[len(left) :].lstrip()
    return tuple(
        open_after(CLOSED, right) if open_after(state, left) == CLOSED else -1
        for state in range(STATES)
    )


def _pairs(path: list[tuple[int, int, int, Move]]) -> list[tuple[int, int]]:
    """The gaps at which something opened and closed again, or closed and reopened."""
    pairs: list[tuple[int, int]] = []
    for bit in (1, 2, 4):
        opened: int | None = None
        for before, after, gap, move in path:
            if before & bit and opened is not None:
                reopened = after & bit and move[before & ~bit] != after & ~bit
                if reopened or not after & bit:
                    pairs.append((opened, gap))
                    opened = gap if reopened else None
            elif after & bit and not before & bit:
                opened = gap
    return pairs
