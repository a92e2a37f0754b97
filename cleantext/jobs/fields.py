"""Where in a record its parts stand, and which texts are taken."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["CANONICAL", "Fields", "RefusedError", "checked"]

#: What a canonical version is called in reasons.
CANONICAL = "the canonical version"


@dataclass(frozen=True, slots=True)
class Fields:
    """Where in a record its parts stand, and how long a text may be (in code points)."""

    text: str
    id: str | None = None
    canonical: str | None = None
    max_chars: int = 2_000_000

    @property
    def named(self) -> tuple[str, ...]:
        """All that a header must have."""
        return tuple(name for name in (self.text, self.id, self.canonical) if name is not None)


class RefusedError(ValueError):
    """Why a record is not taken, in a sentence without numbers that differ from one to the next.

    So rejects can be counted by reason.
    """


def checked(text: str, fields: Fields, *, what: str = "the text") -> str:
    """The text, if it is not too long.

    Raises:
        RefusedError: if it is.
    """
    if len(text) > fields.max_chars:
        raise RefusedError(f"{what} has more than {fields.max_chars:,} characters")
    return text
