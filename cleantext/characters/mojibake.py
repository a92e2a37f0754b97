"""Mojibake: finding text that was read in the wrong encoding, and reading it in the right one."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import ftfy
import regex
from ftfy.badness import is_bad

from cleantext.edits import Edit

__all__ = ["mojibake"]

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
        behind = _shared(before[::-1], after[::-1])
        before, after = before[: len(before) - behind], after[: len(after) - behind]
        ahead = _shared(before, after)
        before, after, start = before[ahead:], after[ahead:], start + ahead
        group = int(decoded.linked)
        edits.append(
            Edit(start, before, after, "decode", decoded.reason, decoded.confidence, group)
        )
    return edits


def _shared(first: str, second: str) -> int:
    """How many characters two strings begin with alike."""
    pairs = enumerate(zip(first, second, strict=False))
    return next((i for i, (a, b) in pairs if a != b), min(len(first), len(second)))


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


def mojibake(line: str) -> list[Edit]:
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
