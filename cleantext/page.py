"""What HTML views share: text made safe to show, a page that needs nothing else, a fragment.

A page is one file: its style sheet and its script stand in it, and its Content-Security-Policy
names both by their hash and forbids all else, so nothing in a text can run or reach the network.
"""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Iterable, Mapping, Sequence
from functools import cache
from hashlib import sha256
from html import escape
from pathlib import Path

import regex

import cleantext

__all__ = [
    "attribute",
    "escaped",
    "figures",
    "fragment",
    "page",
    "percent",
    "quoted",
    "short",
    "slug",
    "switch",
    "unmarked",
    "visible",
    "warnings",
]

#: What cannot be seen, or drives what shows it: controls, bidi embeddings and overrides, lone
#: surrogates, private use. The joiners and plain direction marks stay: scripts and emoji need them.
_ODD = regex.compile(r"(?V1)[[\p{C}\p{Zl}\p{Zp}]--[\n\t\u200c\u200d\u200e\u200f\u061c]]")
#: The same but for the isolates that :func:`quoted` sets.
_ODD_BUT_ISOLATES = regex.compile(
    r"(?V1)[[\p{C}\p{Zl}\p{Zp}]--[\n\t\u200c-\u200f\u061c\u2068\u2069]]"
)
_WINDOWS_END = regex.compile(r"\r\n")
_LINE_END = regex.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
_RIGHT_TO_LEFT = regex.compile(r"[\p{Bidi_Class=R}\p{Bidi_Class=AL}]")

_DATA = Path(__file__).parent / "data"


# --- text -----------------------------------------------------------------------------------------


def visible(text: str) -> str:
    r"""A text as HTML, with what cannot be seen as its escape.

    >>> visible("R&D\x07")
    'R&amp;D<span class="ct-odd">\\x07</span>'
    """
    return _ODD.sub(_odd, escape(_WINDOWS_END.sub("\n", text), quote=False))


def attribute(text: str) -> str:
    r"""A text as the value of an attribute, quotes included.

    >>> attribute('say "ah"\x07')
    '"say &quot;ah&quot;\\x07"'
    """
    return f'"{escaped(text)}"'


def escaped(text: str) -> str:
    """A text as HTML without an element, for attributes and titles."""
    return escape(_ODD_BUT_ISOLATES.sub(_code, text))


def short(text: str, *, most: int = 60) -> str:
    r"""A text on one line, not escaped: a long one loses its middle, blanks and controls show.

    >>> short(" "), short("\n\n"), short("one two three four", most=12)
    ('␣', '¶¶', 'one … four')
    """
    if len(text) > most:
        half = most // 2
        left, right = text[:half], text[-half:]
        # whole words, but where one word alone is that long
        left, right = left.rpartition(" ")[0] or left, right.partition(" ")[2] or right
        text = f"{left.rstrip()} … {right.lstrip()}"
    shown = _LINE_END.sub("¶", text)
    return _ODD.sub(_code, shown) if shown.strip(" ") else "␣" * len(shown)


def quoted(text: str, *, most: int = 60) -> str:
    """:func:`short` in quotation marks, for a sentence or an attribute.

    >>> quoted("three")
    '“three”'
    """
    shown = f"“{short(text, most=most)}”"
    # in an attribute no element can keep a right-to-left quotation from turning what follows
    return f"\u2068{shown}\u2069" if _RIGHT_TO_LEFT.search(shown) else shown


def slug(name: str) -> str:
    """A name as part of a class or an id."""
    return name.replace(" ", "-").replace("_", "-")


def _odd(match: regex.Match[str]) -> str:
    return f'<span class="ct-odd">{_code(match)}</span>'


def _code(match: regex.Match[str]) -> str:
    return repr(match[0])[1:-1]


def percent(share: float | None, digits: int = 0) -> str:
    """A share for a person; None is a dash.

    >>> percent(0.5)
    '50 %'
    """
    return "–" if share is None else f"{100 * share:.{digits}f} %"


# --- parts ----------------------------------------------------------------------------------------


def figures(told: Mapping[str, str]) -> str:
    """Figures with their names, both plain text."""
    pairs = "".join(
        f"<div><dt>{escaped(k)}</dt><dd>{escaped(v)}</dd></div>" for k, v in told.items()
    )
    return f'<dl class="ct-figures">{pairs}</dl>'


def warnings(told: Sequence[str]) -> str:
    """Warnings, each a plain sentence; nothing if there is none."""
    items = "".join(f"<li>{visible(warning)}</li>" for warning in told)
    return (
        f'<div class="ct-warnings" role="note" aria-label="Warnings"><ul>{items}</ul></div>'
        if told
        else ""
    )


def switch(name: str, label: str, *, on: bool, count: int | None = None, sample: str = "") -> str:
    """A checkbox of class ``ct-f-NAME``, for the style sheet to filter by.

    Args:
        name: what it filters.
        label: what a person reads, as HTML.
        on: whether it is checked at first.
        count: how many it filters.
        sample: HTML that shows what they look like.
    """
    checked = " checked" * on
    number = "" if count is None else f'<span class="ct-count">{count:,}</span>'
    return (
        f'<label class="ct-switch"><input type="checkbox" class="ct-f-{name}"{checked}>'
        f'{sample}<span class="ct-label">{label}</span>{number}</label>'
    )


def unmarked(switch: str, what: str) -> str:
    """A rule that takes the marks off what a checkbox filters, and leaves out what was taken out.

    Args:
        switch: class of the checkbox and the state in which it filters: ``ct-f-case:checked``.
        what: selector of the marked elements.
    """
    when = f".ct:has(.{switch}) "
    return (
        f"{when}{what}{{--ct-off:1;background:none;text-decoration:none;outline:0}}"
        f"{when}{what}::after{{content:none}}"
        f"{when}{what}:is(del,details,.ct-glyph){{display:none}}"
    )


def fragment(body: str, *, css: str = "") -> str:
    """HTML to put into another page: no id, no script, and a style that touches nothing else.

    Args:
        body: the HTML; everything in it is styled by classes that begin with ``ct``.
        css: rules to add to those of every view.
    """
    return f'<div class="ct ct-fragment"><style>{_style() + css}</style>{body}</div>'


def page(title: str, sections: Iterable[tuple[str, str, str]], *, css: str, skip: str) -> str:
    """A whole page.

    Args:
        title: of the page, plain text.
        sections: name, heading and HTML of each.
        css: rules to add to those of every view.
        skip: name of the section that most readers come for.
    """
    sections = tuple(sections)
    style, script = _style() + css, _script()
    policy = (
        f"default-src 'none'; style-src {_hash(style)}; script-src {_hash(script)};"
        " img-src data:; base-uri 'none'; form-action 'none'"
    )
    headings = {name: heading for name, heading, _ in sections}
    links = "".join(f'<li><a href="#{n}">{heading}</a></li>' for n, heading in headings.items())
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n<meta charset="utf-8">\n'
        f'<meta http-equiv="Content-Security-Policy" content="{policy}">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<link rel="icon" href="data:,">\n'
        f"<title>{escaped(title)}</title>\n<style>{style}</style>\n</head>\n"
        f'<body class="ct ct-page">\n'
        f'<a class="ct-skip" href="#{skip}">Skip to: {headings[skip]}</a>\n'
        f'<header class="ct-head"><h1 dir="auto">{visible(title)}</h1>'
        f'<nav aria-label="On this page"><ul>{links}</ul></nav></header>\n'
        f"<main>\n{''.join(_section(*section) for section in sections)}</main>\n"
        f'<footer class="ct-foot">Made by cleantext {cleantext.__version__}.</footer>\n'
        f"<script>{script}</script>\n</body>\n</html>\n"
    )


def _section(name: str, heading: str, body: str) -> str:
    return (
        f'<section class="ct-section ct-{name}" id="{name}" tabindex="-1"'
        f' aria-labelledby="{name}-heading">'
        f'<h2 id="{name}-heading">{heading}</h2>{body}</section>\n'
    )


@cache
def _style() -> str:
    return (_DATA / "page.css").read_text(encoding="utf-8")


@cache
def _script() -> str:
    return (_DATA / "page.js").read_text(encoding="utf-8")


def _hash(text: str) -> str:
    return f"'sha256-{b64encode(sha256(text.encode('utf-8')).digest()).decode('ascii')}'"
