"""What a pattern finds and mends on the spot: entities, control and invisible characters."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ftfy.fixes
import regex

from cleantext.edits import Edit, Kind

__all__ = ["LEFT_OVER", "ODD_SPACES", "OUTRIGHT", "Rule", "directions", "entities"]


@dataclass(frozen=True, slots=True)
class Rule:
    """What a pattern finds and mends on the spot."""

    pattern: regex.Pattern[str]
    after: str | Callable[[str], str]
    kind: Kind
    reason: str
    confidence: float = 0.99

    def __call__(self, line: str) -> list[Edit]:
        """The edits of a line."""
        edits: list[Edit] = []
        for match in self.pattern.finditer(line):
            before = match.group()
            after = self.after if isinstance(self.after, str) else self.after(before)
            if after != before:
                place = match.start()
                edits.append(Edit(place, before, after, self.kind, self.reason, self.confidence))
        return edits


_ENTITY = Rule(
    regex.compile(r"&(?:[A-Za-z][0-9A-Za-z]{1,23}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});"),
    ftfy.fixes.unescape_html,
    "decode",
    "HTML entity",
)
_TAG = regex.compile(r"<[A-Za-z/!?]")


def entities(line: str) -> list[Edit]:
    """In a line that holds a tag the entities may be meant; ``5 < 6 &amp; 7`` holds none."""
    return [] if _TAG.search(line) else _ENTITY(line)


#: A letter of a script that spells with joiners or is written without spaces.
_JOINING = (
    r"[\p{L}\p{M}--[\p{Latin}\p{Greek}\p{Cyrillic}\p{Armenian}\p{Georgian}\p{Han}\p{Hiragana}"
    r"\p{Katakana}\p{Hangul}\p{Inherited}\p{Common}]]"
)
_EMOJI_JOINER = r"(?<=[\p{Extended_Pictographic}\p{Emoji_Modifier}\ufe0f])\u200d"

#: What no single-byte encoding yields. It goes first: it would keep a line from being decoded as a
#: whole.
OUTRIGHT = (
    Rule(
        regex.compile(r"[\ud800-\udbff][\udc00-\udfff]"),
        ftfy.fixes.fix_surrogates,
        "decode",
        "two surrogates that form one character",
        1.0,
    ),
    Rule(regex.compile(r"[\ud800-\udfff]"), "\ufffd", "decode", "lone surrogate", 1.0),
    Rule(regex.compile(r"\x1b\[[\d;]*[A-Za-z]"), "", "decode", "terminal escape"),
    Rule(
        regex.compile(
            r"(?:^|(?<=\r))[\x0b\x0c\u2028\u2029]++"
            r"|(?<![\x0b\x0c\u2028\u2029])[\x0b\x0c\u2028\u2029]++(?=\r?$)"
        ),
        "",
        "space",
        "separator beside a line break",
    ),
    Rule(
        regex.compile(r"[\x0b\x0c\u2028\u2029]+"),
        lambda before: "\n" if before in "\x0b\x0c\u2028" else "\n\n",
        "space",
        "line or paragraph separator",
    ),
    Rule(regex.compile(r"[\x00-\x08\x0e-\x1f\x7f]+"), "", "decode", "control characters", 1.0),
    Rule(regex.compile(r"\ufeff+"), "", "decode", "byte order mark", 1.0),
    Rule(regex.compile(r"[\ufff9-\ufffc]+"), "", "decode", "placeholder of an embedded object"),
    Rule(
        regex.compile(
            rf"(?V1)(?!{_EMOJI_JOINER}\p{{Extended_Pictographic}})(?<!{_JOINING})"
            rf"[\u200b-\u200d\u2060-\u2064\u206a-\u206f](?!{_JOINING})"
        ),
        "",
        "space",
        "zero-width character",
    ),
    Rule(
        # not the first byte of a price: "\x80 5"
        regex.compile(r"(?<![\xc2-\xf4])\x80(?=[\u2013\u2014\u2018\u2019\u201c\u201d\u2026])"),
        "",
        "decode",
        "control character left of a mark that was decoded",
        0.95,
    ),
)
_DIRECTION = Rule(
    regex.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+"),
    "",
    "space",
    "direction mark in left-to-right text",
)
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}]")


def directions(line: str) -> list[Edit]:
    """In a line of right-to-left script direction marks are meant."""
    return [] if _RIGHT_TO_LEFT.search(line) else _DIRECTION(line)


#: What may be half of a mojibake. It goes after the decoding.
LEFT_OVER = (
    Rule(
        # the five bytes that Windows-1252 leaves open; beside others they belong to what resisted
        regex.compile(r"(?<![\x80-\x9f\xc2-\xf4])[\x81\x8d\x8f\x90\x9d](?![\x80-\xff])"),
        "",
        "decode",
        "control characters",
    ),
    Rule(regex.compile(r"\xad+"), "", "space", "soft hyphen"),
)
ODD_SPACES = Rule(
    regex.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f]{2,}"),
    lambda before: before if before.isascii() else " ",
    "space",
    "run of odd spaces",
)
