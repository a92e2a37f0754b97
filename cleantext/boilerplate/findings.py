"""What a finding of boilerplate is, and how findings become cuts that leave good breaks."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Literal, get_args

from cleantext.words import LINE_END

__all__ = ["KINDS", "BoilerplateKind", "Cut", "Finding", "cuts", "disjoint"]

BoilerplateKind = Literal[
    "advert",
    "newsletter",
    "sharing",
    "contact",
    "copyright",
    "tail",
    "byline",
    "dateinfo",
    "player",
    "caption",
    "credit",
    "teaser",
    "repeat",
    "foreign",
]
"""What a piece of boilerplate is.

``tail`` is who contributed, ``player`` the page's machinery, ``foreign`` what the tagger took for
other stories' headlines or page furniture in copy that lost its layout.
"""

KINDS: tuple[BoilerplateKind, ...] = get_args(BoilerplateKind)


@dataclass(frozen=True, slots=True, order=True)
class Finding:
    """A span of a text that is no part of the story.

    Attributes:
        start: where it begins, in code points; white space around it is not counted in.
        stop: just behind it.
        rule: id of the rule, or of the way in which it was found.
        kind: see :data:`BoilerplateKind`.
        reason: why, in a few words for a person.
        confidence: 0..1.
    """

    start: int
    stop: int
    rule: str
    kind: BoilerplateKind
    reason: str
    confidence: float


@dataclass(frozen=True, slots=True)
class Cut:
    """Findings with nothing but white space between them, and the span to take away for them.

    Attributes:
        start: where the cut begins, in code points.
        stop: just behind it.
        findings: in order.
    """

    start: int
    stop: int
    findings: tuple[Finding, ...]


def disjoint(findings: Iterable[Finding]) -> list[Finding]:
    """Findings by place, none overlapping another: the surest are taken first."""
    starts: list[int] = []
    kept: list[Finding] = []
    for finding in sorted(findings, key=lambda f: (-f.confidence, f.start, f.stop)):
        at = bisect_left(starts, finding.start)
        before = at > 0 and kept[at - 1].stop > finding.start
        behind = at < len(kept) and kept[at].start < finding.stop
        if not before and not behind:
            starts.insert(at, finding.start)
            kept.insert(at, finding)
    return kept


def cuts(text: str, findings: Sequence[Finding]) -> list[Cut]:
    """The spans to take away, so that what stays is joined by a break that stood there.

    Of the breaks before and after a cut the one with more line ends stays, but none with more than
    two if the other will do; at the text's edges the break inside goes.

    Args:
        text: what the findings are of.
        findings: as of :func:`disjoint`.

    >>> text = "One.\\n\\nADVERTISEMENT\\nTwo."
    >>> [cut] = cuts(text, [Finding(6, 19, "advert-label", "advert", "", 1.0)])
    >>> text[: cut.start] + text[cut.stop :]
    'One.\\n\\nTwo.'
    """
    made: list[Cut] = []
    block: list[Finding] = []
    for finding in findings:
        if block and _blank(text, block[-1].stop, finding.start):
            block.append(finding)
            continue
        if block:
            made.append(_cut(text, block))
        block = [finding]
    if block:
        made.append(_cut(text, block))
    return made


def _blank(text: str, start: int, stop: int) -> bool:
    return not text[start:stop].strip()


def _cut(text: str, block: list[Finding]) -> Cut:
    start, stop = block[0].start, block[-1].stop
    left, right = start, stop
    while left and text[left - 1].isspace():
        left -= 1
    while right < len(text) and text[right].isspace():
        right += 1
    before, after = text[left:start], text[stop:right]
    if not left:
        return Cut(start, right, tuple(block))
    if right == len(text) or _rank(before) > _rank(after):
        # what stands at the text's end, or the weaker break after the cut
        return Cut(*((left, stop) if right == len(text) else (start, right)), tuple(block))
    return Cut(left, stop, tuple(block))


def _rank(gap: str) -> tuple[int, bool]:
    """How good a break is to be kept: two line ends, one, more than two, none."""
    ends = len(LINE_END.findall(gap))
    return (ends if ends <= 2 else 1), bool(gap)
