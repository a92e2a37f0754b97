"""House style: the form in which marks are set, taken from what survives in a text."""

from __future__ import annotations

from dataclasses import dataclass

import regex

__all__ = ["Style"]

_SPACED_EN = regex.compile(r"(?<=\w) – (?=\w)")
_SPACED_EM = regex.compile(r"(?<=\w) — (?=\w)")
_TIGHT_EM = regex.compile(r"(?<=\w)—(?=\w)")


@dataclass(frozen=True, slots=True)
class Style:
    """How inserted marks look. The defaults are the house form.

    >>> Style.of("“It’s late,” he said.").mark('"', opening=True)
    '“'
    >>> Style.of("no marks at all").mark('"', opening=True)
    '"'
    """

    curly: bool = False
    dash: str = " — "
    break_: str = "\n\n"

    @classmethod
    def of(cls, text: str, *, wrapped: bool = False) -> Style:
        """The style that survives in a text; the house form where nothing does.

        Args:
            text: the text.
            wrapped: whether its lines are hard-wrapped and so end no paragraphs.
        """
        curly = sum(map(text.count, "“”‘’")) > text.count('"') + text.count("'")
        counts = {
            " — ": len(_SPACED_EM.findall(text)),
            " – ": len(_SPACED_EN.findall(text)),
            "—": len(_TIGHT_EM.findall(text)),
        }
        dash = max(counts, key=lambda form: counts[form])
        end = "\r\n" if "\r\n" in text else "\n"
        body = text.strip().replace("\r\n", "\n")
        single = "\n" in body and "\n\n" not in body and not wrapped
        return cls(curly, dash, end if single else 2 * end)

    def mark(self, mark: str, *, opening: bool) -> str:
        """A mark of the common style in this one."""
        if self.curly and mark in "\"'":
            return ("“" if opening else "”") if mark == '"' else ("‘" if opening else "’")
        return mark
