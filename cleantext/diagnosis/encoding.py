"""Signs of a damaged encoding, cheaply; mending it is the Encoding normalizer's."""

from __future__ import annotations

import re
from collections.abc import Iterator

from cleantext.diagnosis.findings import Damage

_ENCODING = re.compile(
    "(?P<mojibake>\u00e2\u20ac[\\S\u0080-\u00a0]?|\u00e2\u0080[\u0080-\u00bf]"
    "|\u00c3[\u0080-\u00bf\u0192\u2020\u2021\u02c6\u2030\u0160\u2039\u2018-\u201e\u2022\u2122]"
    "|\u00c2[\u00a0-\u00bf]|\u00ef\u00bf\u00bd|\ufffd)"
    "|(?P<entities>&(?:[a-z]{2,6}|[A-Z][a-z]{3,6}|#[0-9]{2,6}|#x[0-9a-fA-F]{2,5});)"
    "|(?P<control>[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\u00ad\u200b\u200e\u200f\u2028-\u202e"
    "\u2060-\u2064\u206a-\u206f\ufeff\ufff9-\ufffc\ud800-\udfff])"
    "|(?<![\u0600-\U0010ffff])(?P<joiner>[\u200c\u200d])"
    "|(?P<spaces>[ \u00a0\u2000-\u200a\u202f]{2,})"
)
_NEAR = 40


def encoding(text: str) -> Iterator[Damage]:
    """Mojibake, entities and control characters; neighbours of one kind as one span."""
    form, start, end = "", 0, 0
    for match in _ENCODING.finditer(text):
        kind = match.lastgroup or ""
        if kind == "spaces" and match.group().isascii():
            continue
        kind = "control" if kind == "joiner" else kind
        if kind == form and match.start() - end <= _NEAR:
            end = match.end()
            continue
        if form:
            yield _encoding_damage(form, start, end)
        form, (start, end) = kind, match.span()
    if form:
        yield _encoding_damage(form, start, end)


def _encoding_damage(form: str, start: int, end: int) -> Damage:
    reason = {
        "mojibake": "characters decoded by the wrong table",
        "entities": "HTML entities",
        "control": "characters that cannot be seen",
        "spaces": "runs of odd spaces",
    }[form]
    return Damage("encoding", form, start, end, 0.9, reason)
