"""Encoding damage: mojibake, entities, control and invisible characters, runs of odd spaces.

The one home of ftfy, which finds and decodes mojibake. ftfy rewrites whole lines; here each line is
brought to a fixed point and what changed is kept as small local edits. Legitimate characters stay:
curly quotes, ligatures, full-width forms, loose accents, a lone no-break space, line endings.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import ftfy
import ftfy.fixes
import regex
from ftfy.badness import is_bad

from cleantext.edits import Edit, Kind, apply, invert

__all__ = ["Encoding", "HasText"]


class HasText(Protocol):
    """Whatever holds a text: a draft of the pipeline, a document."""

    @property
    def text(self) -> str:
        """The text as it is now."""
        ...


#: What no damaged line is without. Left out are ASCII and what is so common in clean English copy
#: that no mojibake consists of it alone: a quote and a pound sign would read as Mac Roman. This one
#: scan is all that clean text costs, and ``re`` does it six times faster than ``regex``.
_SUSPECT = re.compile(
    "[^\t\n\r -%'-~\u2013\u2014\u2018\u2019\u201c\u201d\u2022\u2026£€°½éèêëáàíìóòôöúùüçñïÉÁÓÚÑÇÖÜ]"
)

#: Rounds after which a line that still changes is refused: ``&amp;amp;amp;`` peels off one a round,
#: so that without a bound the cost of a line would be quadratic.
_ROUNDS = 8

_Step = Callable[[str], Sequence[Edit]]


# --- what a pattern finds and mends on the spot ---------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Rule:
    pattern: regex.Pattern[str]
    after: str | Callable[[str], str]
    kind: Kind
    reason: str
    confidence: float = 0.99

    def __call__(self, line: str) -> list[Edit]:
        edits: list[Edit] = []
        for match in self.pattern.finditer(line):
            before = match.group()
            after = self.after if isinstance(self.after, str) else self.after(before)
            if after != before:
                place = match.start()
                edits.append(Edit(place, before, after, self.kind, self.reason, self.confidence))
        return edits


_ENTITY = _Rule(
    regex.compile(r"&(?:[A-Za-z][0-9A-Za-z]{1,23}|#\d{1,7}|#[xX][0-9A-Fa-f]{1,6});"),
    ftfy.fixes.unescape_html,
    "decode",
    "HTML entity",
)
_TAG = regex.compile(r"<[A-Za-z/!?]")


def _entities(line: str) -> list[Edit]:
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
_OUTRIGHT = (
    _Rule(
        regex.compile(r"[\ud800-\udbff][\udc00-\udfff]"),
        ftfy.fixes.fix_surrogates,
        "decode",
        "two surrogates that form one character",
        1.0,
    ),
    _Rule(regex.compile(r"[\ud800-\udfff]"), "\ufffd", "decode", "lone surrogate", 1.0),
    _Rule(regex.compile(r"\x1b\[[\d;]*[A-Za-z]"), "", "decode", "terminal escape"),
    _Rule(
        regex.compile(
            r"(?:^|(?<=\r))[\x0b\x0c\u2028\u2029]++"
            r"|(?<![\x0b\x0c\u2028\u2029])[\x0b\x0c\u2028\u2029]++(?=\r?$)"
        ),
        "",
        "space",
        "separator beside a line break",
    ),
    _Rule(
        regex.compile(r"[\x0b\x0c\u2028\u2029]+"),
        lambda before: "\n" if before in "\x0b\x0c\u2028" else "\n\n",
        "space",
        "line or paragraph separator",
    ),
    _Rule(regex.compile(r"[\x00-\x08\x0e-\x1f\x7f]+"), "", "decode", "control characters", 1.0),
    _Rule(regex.compile(r"\ufeff+"), "", "decode", "byte order mark", 1.0),
    _Rule(regex.compile(r"[\ufff9-\ufffc]+"), "", "decode", "placeholder of an embedded object"),
    _Rule(
        regex.compile(
            rf"(?V1)(?!{_EMOJI_JOINER}\p{{Extended_Pictographic}})(?<!{_JOINING})"
            rf"[\u200b-\u200d\u2060-\u2064\u206a-\u206f](?!{_JOINING})"
        ),
        "",
        "space",
        "zero-width character",
    ),
    _Rule(
        # not the first byte of a price: "\x80 5"
        regex.compile(r"(?<![\xc2-\xf4])\x80(?=[\u2013\u2014\u2018\u2019\u201c\u201d\u2026])"),
        "",
        "decode",
        "control character left of a mark that was decoded",
        0.95,
    ),
)
_DIRECTION = _Rule(
    regex.compile(r"[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]+"),
    "",
    "space",
    "direction mark in left-to-right text",
)
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}\p{Bidi_Class=AN}]")


def _directions(line: str) -> list[Edit]:
    return [] if _RIGHT_TO_LEFT.search(line) else _DIRECTION(line)


#: What may be half of a mojibake. It goes after the decoding.
_LEFT_OVER = (
    _Rule(
        # the five bytes that Windows-1252 leaves open; beside others they belong to what resisted
        regex.compile(r"(?<![\x80-\x9f\xc2-\xf4])[\x81\x8d\x8f\x90\x9d](?![\x80-\xff])"),
        "",
        "decode",
        "control characters",
    ),
    _Rule(regex.compile(r"\xad+"), "", "space", "soft hyphen"),
)
_ODD_SPACES = _Rule(
    regex.compile(r"[ \u00a0\u2000-\u200a\u202f\u205f]{2,}"),
    lambda before: before if before.isascii() else " ",
    "space",
    "run of odd spaces",
)


# --- mojibake -------------------------------------------------------------------------------------

#: ``fix_and_explain`` loops for as long as a line changes and ``fix_text`` ignores the sub-options;
#: ``fix_encoding_and_explain`` does neither.
_CONFIG = ftfy.TextFixerConfig()

_NAMES = {
    **{
        f"sloppy-windows-{page}": f"Windows-{page}" for page in (1250, 1251, 1252, 1253, 1254, 1257)
    },
    "windows-1252": "Windows-1252",
    "latin-1": "Latin-1",
    "iso-8859-2": "Latin-2",
    "macroman": "Mac Roman",
    "cp437": "code page 437",
    "utf-8": "UTF-8",
    "utf-8-variants": "UTF-8",
}
_LOSSY = frozenset({"restore_byte_a0", "replace_lossy_sequences"})

#: Bytes that were lost on the way and that the rest determines. Put back, they let the line decode.
_LOST_BYTES = (
    # a closing quote's last byte, which Windows-1252 has no character for: "Yes,â€ she said"
    (regex.compile(r"â€\ufffd|(?<=[.,!?\u2026])â€\?|â€\?(?= \p{Ll}|[,.;:])"), "â€\x9d"),
    (regex.compile(r"â€(?=$|[\x00-\x7f]|â€)"), "â€\x9d"),
    # the first byte of a quote or dash: "reforms worked \x80\x94to reduce"
    (regex.compile(r"(?<![\xc2-\xf4])\x80(?=[\x93\x94\x98\x99\x9c\x9d\xa6])"), "â\x80"),
    # the second: "â¢ Farmers"; with two bytes behind it the first begins another character
    (regex.compile(r"â(?=[\x93\x94\x98\x99\x9c\x9d¢¦](?![\x80-\xbf]))"), "â\x80"),
    # í without its soft hyphen: "MarÃa", "DÃaz"; between capitals it is Portuguese: "SÃO"
    (regex.compile(r"(?<=[a-z])Ã(?=[a-z])|(?<=\b[A-Z])Ã(?=[a-z]{2})"), "Ã\xad"),
)

#: An apostrophe that lost two bytes, in lines that hold a sure one; "Abbâs" and "dégât" are none.
_SURE_APOSTROPHE = regex.compile(
    r"(?i)\b(?:(?:it|that|there|what|here|let|he|she|who)âs"
    r"|(?:we|they|you)â(?:re|ve|ll)|iâ(?:m|ve|ll)"
    r"|(?:do|does|did|is|are|was|were|ca|wo|would|could|should|have|has|had)nât)\b"
)
_APOSTROPHE = regex.compile(
    r"(?i)(?<=\p{Latin})â(?=(?:s|re|ve|ll)\b)|(?<=\bi)â(?=m\b)|(?<=n)â(?=t\b)"
)

#: Runs that no decoding touches, by which the text between them is paired: with the plain spaces,
#: and without, as some are put back as the second byte of a no-break space or of "à".
_UNTOUCHED = (regex.compile(r"[ !->@-~]+"), regex.compile(r"[!->@-~]+"))
_TOKEN = regex.compile(r"\S+")

#: What does not stand alone in English copy, as the Greek of formulas does.
_FOREIGN = (
    r"[[\p{Any}--[\p{Latin}\p{Inherited}\p{Common}]]"
    r"--[\u03b1-\u03c9\u0394\u03a0\u03a3\u03a6\u03a9]]"
)

#: What mojibake in news copy does not decode to: a rare letter, braille, no character at all, or a
#: letter of another script that stands alone.
_IMPLAUSIBLE = regex.compile(
    r"(?V1)[\p{Latin}--[\p{ASCII}\u00aa-\u017f\u01a0\u01a1\u01af\u01b0\u01cd-\u01dc\u0218-\u021b"
    r"\u1e00-\u1eff\ufb00-\ufb06]]|[\u2800-\u28ff]|[\x80-\x9f\p{Cn}\p{Co}\p{Cs}]"
    rf"|(?<!{_FOREIGN}){_FOREIGN}(?!{_FOREIGN})"
)
_QUOTES = (
    ("\u201c", "\u201d"),
    ("\u2018", "\u2019"),
    ("\u201e", "\u201c"),
    ("\u00ab", "\u00bb"),
    ("\u2039", "\u203a"),
)


@dataclass(frozen=True, slots=True)
class _Decoded:
    """What ftfy made of a part of a line; ``linked`` if all of it was decoded in one go."""

    text: str
    reason: str
    confidence: float
    linked: bool


def _restore_lost_bytes(part: str) -> str:
    for pattern, restored in _LOST_BYTES:
        part = pattern.sub(restored, part)
    return _APOSTROPHE.sub("â\x80\x99", part) if _SURE_APOSTROPHE.search(part) else part


def _decode(part: str) -> _Decoded | None:
    """The part decoded; None if it is no mojibake that ftfy can decode."""
    if part.isascii():
        return None
    whole = _restore_lost_bytes(part)
    if not is_bad(whole):
        return None
    text, steps = ftfy.fix_encoding_and_explain(whole, _CONFIG)
    if text == part or not steps:
        return None
    reason = "mojibake: " + ", ".join(dict.fromkeys(_told(steps)))
    linked = all(step.action != "apply" for step in steps)
    if whole == part and all(step.parameter not in _LOSSY for step in steps):
        return _Decoded(text, reason, 0.97, linked)
    return _Decoded(text, f"{reason}, some bytes lost", 0.9, linked)


def _told(steps: list[ftfy.ExplanationStep]) -> Iterator[str]:
    """What went wrong, from the steps that put it right."""
    encoding = ""
    for action, parameter in steps:
        if action == "encode":
            encoding = _NAMES[parameter]
        elif action == "decode":
            yield f"{_NAMES[parameter]} read as {encoding}"
        elif parameter == "decode_inconsistent_utf8":
            yield "UTF-8 read as another encoding in places"
        elif parameter == "fix_c1_controls":
            yield "Windows-1252 read as Latin-1"


def _paired_gaps(old: str, new: str) -> Iterator[tuple[int, int, int, int]]:
    """Spans of ``old`` and of ``new`` between what no decoding touched."""
    for untouched in _UNTOUCHED:
        if untouched.findall(old) == untouched.findall(new):
            edges = [
                [0, *(edge for run in untouched.finditer(text) for edge in run.span()), len(text)]
                for text in (old, new)
            ]
            yield from zip(*(side[i::2] for side in edges for i in (0, 1)), strict=True)
            return
    yield 0, len(old), 0, len(new)


def _edits(old: str, decoded: _Decoded) -> list[Edit]:
    """The decoding as edits: as small as they get, in one group if they are linked."""
    edits: list[Edit] = []
    for start, end, new_start, new_end in _paired_gaps(old, decoded.text):
        before, after = old[start:end], decoded.text[new_start:new_end]
        if before == after:
            continue
        while before and after and before[-1] == after[-1]:
            before, after = before[:-1], after[:-1]
        while before and after and before[0] == after[0]:
            before, after, start = before[1:], after[1:], start + 1
        group = int(decoded.linked)
        edits.append(
            Edit(start, before, after, "decode", decoded.reason, decoded.confidence, group)
        )
    return edits


def _plausible(old: str, new: str, edits: list[Edit]) -> bool:
    """Whether what was decoded reads as text and took no quote that closes an open one."""
    last = shift = 0
    depth = dict.fromkeys(_QUOTES, 0)
    for edit in edits:
        start = edit.start + shift
        if _IMPLAUSIBLE.search(new, start, start + len(edit.after)):
            return False
        if edit.after.count("\ufffd") > edit.before.count("\ufffd"):
            return False
        # in MANHÃ— the mark is no half of a times sign, in 2Ã—4 it is
        capitals = edit.start > 1 and all(map(str.isupper, old[edit.start - 2 : edit.start]))
        pair = len(edit.before) == 2 and edit.before[0] == "Ã"
        if capitals and pair and not edit.after.isupper():
            return False
        for opening, closing in _QUOTES:
            kept = last, edit.start
            depth[opening, closing] += old.count(opening, *kept) - old.count(closing, *kept)
            # in “AMANHÃ” the mark is no half of an Ô, in a decoded word a letter follows
            taken = closing in edit.before and closing not in edit.after
            if taken and depth[opening, closing] > 0 and not old[edit.end : edit.end + 1].isalpha():
                return False
        last = edit.end
        shift += len(edit.after) - len(edit.before)
    return True


def _mojibake(line: str) -> list[Edit]:
    """Decode the line as a whole or, where that reads badly, each of its tokens alone."""
    decoded = _decode(line)
    if decoded is None:
        return []
    edits = _edits(line, decoded)
    if _plausible(line, decoded.text, edits):
        return edits
    found: list[Edit] = []
    for match in _TOKEN.finditer(line):
        token = match.group()
        alone = _decode(token)
        if alone is not None:
            edits = _edits(token, alone)
            if _plausible(token, alone.text, edits):
                found += (replace(e, start=e.start + match.start(), group=0) for e in edits)
    return found


# --- a line to its fixed point --------------------------------------------------------------------


def _composed(first: list[Edit], second: list[Edit], between: str) -> list[Edit]:
    """The edits that do at once what ``first`` and then ``second`` do.

    ``between`` is the text after the first and before the second.
    """
    spans: list[tuple[int, int, bool, Edit]] = [(e.start, e.end, True, e) for e in second]
    shift = 0
    for edit in first:
        start = edit.start + shift
        spans.append((start, start + len(edit.after), False, edit))
        shift += len(edit.after) - len(edit.before)
    spans.sort(key=lambda span: span[:3])

    clusters: list[list[tuple[int, int, bool, Edit]]] = []
    reach = -1
    for span in spans:
        # to touch is enough where one came after the other: a deletion left an empty span
        if span[0] < reach or (span[0] == reach and span[2] != clusters[-1][-1][2]):
            clusters[-1].append(span)
        else:
            clusters.append([span])
        reach = max(reach, span[1])

    shift = 0
    composed: list[Edit] = []
    for cluster in clusters:
        middle = between[cluster[0][0] : max(end for _, end, _, _ in cluster)]
        composed += _joined(cluster, middle, shift)
        shift += sum(len(e.after) - len(e.before) for _, _, later, e in cluster if not later)
    return composed


def _joined(cluster: list[tuple[int, int, bool, Edit]], middle: str, shift: int) -> list[Edit]:
    """The one edit that a cluster amounts to; none if it restores what was there."""
    low = cluster[0][0]
    start = low - shift
    earlier = [replace(e, start=e.start - start) for _, _, later, e in cluster if not later]
    before = invert(middle, earlier)
    after = apply(middle, [replace(e, start=e.start - low) for _, _, later, e in cluster if later])
    if before == after:
        return []
    edits = [edit for *_, edit in sorted(cluster, key=lambda span: span[2])]
    return [
        Edit(
            start,
            before,
            after,
            "space" if all(edit.kind == "space" for edit in edits) else "decode",
            "; ".join(dict.fromkeys(edit.reason for edit in edits)),
            min(edit.confidence for edit in edits),
            max(edit.group for edit in edits),
        )
    ]


def _by_line(step: _Step, text: str) -> list[Edit]:
    """A step over what may have become several lines, so that a second run sees the same lines."""
    found: list[Edit] = []
    offset = 0
    for line in text.split("\n"):
        found += (replace(edit, start=edit.start + offset) for edit in step(line))
        offset += len(line) + 1
    return found


def _repair(line: str, steps: Sequence[_Step]) -> list[Edit]:
    """The edits that bring a line to where no step finds anything; none if it never gets there."""
    edits: list[Edit] = []
    text = line
    for _ in range(_ROUNDS):
        before = text
        for step in steps:
            found = _by_line(step, text)
            if found:
                edits = _composed(edits, found, text)
                text = apply(text, found)
        if text == before:
            return edits
    return []


def _suspect_lines(text: str) -> Iterator[tuple[int, str]]:
    """The lines that hold a suspect character, with their offsets."""
    end = 0
    while (match := _SUSPECT.search(text, end)) is not None:
        start = text.rfind("\n", 0, match.start()) + 1
        end = text.find("\n", match.end())
        end = len(text) if end < 0 else end
        yield start, text[start:end]


@dataclass(frozen=True, slots=True)
class Encoding:
    """Repairs what a wrong decoding or a scraper did to the characters of a text.

    Attributes:
        entities: decode HTML entities, but in lines that hold a tag.
        spaces: turn a run of spaces that are not all plain into one plain space.

    >>> from cleantext.document import Document
    >>> for edit in Encoding().propose(Document.start("Itâ€™s AT&amp;T")):
    ...     print(edit.start, edit.before, ascii(edit.after), edit.reason)
    2 â€™ '\\u2019' mojibake: UTF-8 read as Windows-1252
    9 &amp; '&' HTML entity
    """

    entities: bool = True
    spaces: bool = True

    name: ClassVar[str] = "encoding"
    kinds: ClassVar[frozenset[Kind]] = frozenset({"decode", "space"})

    def propose(self, draft: HasText) -> list[Edit]:
        """The edits that repair the text, in order.

        Made all together they leave a text for which nothing more is proposed. Edits of one line
        that were decoded in one go share a group.
        """
        steps = self._steps()
        proposed: list[Edit] = []
        groups = 0
        for offset, line in _suspect_lines(draft.text):
            edits = _repair(line, steps)
            together = sum(edit.group for edit in edits) > 1
            groups += together
            proposed.extend(
                replace(
                    edit,
                    start=offset + edit.start,
                    group=groups if together and edit.group else 0,
                    normalizer=self.name,
                )
                for edit in edits
            )
        return proposed

    def _steps(self) -> tuple[_Step, ...]:
        first = (_entities,) if self.entities else ()
        last = (_ODD_SPACES,) if self.spaces else ()
        return (*first, *_OUTRIGHT, _directions, _mojibake, *_LEFT_OVER, *last)
