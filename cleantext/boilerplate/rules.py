"""The rules of ``data/boilerplate.toml``, and what each takes of a line."""

from __future__ import annotations

import re
import tomllib
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, Literal

from cleantext.boilerplate.findings import KINDS, BoilerplateKind
from cleantext.boilerplate.lines import flatten

__all__ = ["Rule", "RuleError", "load_prose", "load_rules"]

_FILE = Path(__file__).parents[1] / "data" / "boilerplate.toml"
#: Longest line of each place, in code points: no pattern reads more, so that its cost is bounded.
_LONGEST = {"line": 700, "lead": 90, "start": 1 << 40, "end": 1 << 40}
#: How much of a line is read for what is glued to its start or its end.
GLUED = 220
_TERM = re.compile(r"\{([A-Za-z]+)\}")


class RuleError(ValueError):
    """A rule that cannot be read."""


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """One shape of boilerplate, see the head of the file for the fields.

    >>> rule = next(rule for rule in load_rules() if rule.id == "story-continues")
    >>> rule.match("Story Continued Below"), rule.match("The story continues at sea.")
    ((0, 21), None)
    """

    id: str
    kind: BoilerplateKind
    where: Literal["line", "lead", "start", "end"]
    form: Literal["words", "text"]
    keys: tuple[str, ...]
    glued: tuple[str, ...]
    pattern: re.Pattern[str]
    confidence: float
    longest: int
    examples: tuple[str, ...] = ()
    counter_examples: tuple[str, ...] = ()

    @property
    def whole(self) -> bool:
        """Whether it takes whole lines."""
        return self.where in ("line", "lead")

    @property
    def reason(self) -> str:
        """What it found, for a person."""
        return f"{self.kind}: {self.id.replace('-', ' ')}"

    def match(self, line: str, flat: str | None = None) -> Span | None:
        """The part of a line that the rule takes, without white space around it, if any.

        Args:
            line: without white space at its edges.
            flat: its words, as of :func:`~cleantext.boilerplate.lines.flatten`.
        """
        if len(line) > self.longest:
            return None
        if self.where == "lead" and line.endswith(".") and not line.endswith("..."):
            return None  # a sentence
        if self.whole:
            read = line if self.form == "text" else flatten(line.lower()) if flat is None else flat
            return (0, len(line)) if self.pattern.fullmatch(read) else None
        if self.where == "start":
            found = self.pattern.match(line[:GLUED])
            return (0, len(found[0].rstrip())) if found else None
        found = self.pattern.search(line, max(0, len(line) - GLUED))
        return (found.end() - len(found[0].lstrip()), len(line)) if found else None


Span = tuple[int, int]


@cache
def load_rules(path: Path = _FILE) -> tuple[Rule, ...]:
    """The rules of a file, by default this package's own, surest first; read once a process.

    Raises:
        RuleError: names the rule that cannot be read, and why.
    """
    data = _data(path)
    terms = data.get("terms", {})
    rules = [_rule(table, terms) for table in data.get("rule", [])]
    names = [rule.id for rule in rules]
    for name in names:
        if names.count(name) > 1:
            raise RuleError(f"two rules are called {name!r}; ids must be unique")
    return tuple(sorted(rules, key=lambda rule: -rule.confidence))


@cache
def load_prose(path: Path = _FILE) -> dict[str, int]:
    """Words that speak for a sentence and against a headline, with their weight (1 or 2).

    Raises:
        RuleError: if the file cannot be read.
    """
    words = _data(path).get("prose", {})
    weak, strong = (str(words.get(name, "")).split() for name in ("weak", "strong"))
    return {**dict.fromkeys(weak, 1), **dict.fromkeys(strong, 2)}


def _data(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise RuleError(
            f"the rules {path.name} cannot be read ({error}); install the package again"
        ) from error


def _rule(table: dict[str, Any], terms: dict[str, str]) -> Rule:
    name = table.get("id", "without an id")
    try:
        pattern = _TERM.sub(lambda found: terms[found[1]], table["pattern"])
        if table["where"] == "end":
            pattern = rf"(?:{pattern})\s*\Z"
        rule = Rule(
            id=table["id"],
            kind=table["kind"],
            where=table["where"],
            form=table["form"],
            keys=tuple(table.get("keys", ())),
            glued=tuple(table.get("glued", ())),
            pattern=re.compile(pattern),
            confidence=float(table["confidence"]),
            longest=int(table.get("longest", _LONGEST[table["where"]])),
            examples=tuple(table["examples"]),
            counter_examples=tuple(table["counter_examples"]),
        )
    except (KeyError, TypeError, re.error) as error:
        raise RuleError(f"the rule {name!r} cannot be read: {error!r}") from error
    if (
        rule.kind not in KINDS
        or rule.where not in ("line", "lead", "start", "end")
        or rule.form not in ("words", "text")
        or (rule.form == "words" and not rule.whole)
    ):
        raise RuleError(
            f"the rule {name!r} has no known kind, where or form: {rule.kind!r},"
            f" {rule.where!r}, {rule.form!r}; only whole lines are read as words"
        )
    return rule
