"""Two texts side by side as an HTML table, what differs marked, named in a third column."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from itertools import pairwise

import regex

from cleantext.canon.differences import KINDS, Difference
from cleantext.canon.rows import Row
from cleantext.page import attribute, escaped, percent, quoted, short, slug, unmarked, visible

__all__ = ["described", "filters", "rows_table"]

#: Below this the kind of a difference is in doubt.
_SURE = 0.75
#: Most differences of one kind named one by one beside a row, and characters of a quotation there.
_NAMED, _QUOTED = 3, 24

#: Kinds whose differences are better told by the name of the mark.
_OF_MARKS = frozenset({"mark", "quote style", "mark style"})

_BLANKS = regex.compile(r"\s+")


def rows_table(
    rows: Sequence[Row],
    texts: tuple[str, str],
    *,
    numbers: Mapping[Difference, int],
    lang: str,
    most: int,
    same: bool = True,
) -> str:
    """The table.

    Args:
        rows: as :meth:`cleantext.Report.side_by_side` gives them.
        texts: the text and the canonical version.
        numbers: of the differences that a list on the same page names.
        lang: language of both, a BCP 47 tag.
        most: rows that are shown; the others are counted.
        same: whether rows without a difference are shown.
    """
    heads = "".join(
        f'<th scope="col">{head}</th>' for head in ("Text", "Canonical version", "Differences")
    )
    seen: set[tuple[int, Difference]] = set()
    body: list[str] = []
    alike = shown = left = 0
    for at, row in enumerate(rows):
        if shown == most:
            left = sum(1 for row in rows[at:] if same or row.differences)
            break
        if not row.differences:
            alike += 1
            if not same:
                continue
        elif alike:
            body.append(_alike(alike))
            alike = 0
        cells = "".join(
            f'<td class="ct-side" data-label="{label}" lang={attribute(lang)} dir="auto">'
            f"{_cell(row, texts[side], side, numbers, seen)}</td>"
            for side, label in enumerate(("Text", "Canonical version"))
        )
        body.append(
            f'<tr class="{" ".join(_classes(row))}"><th scope="row">{at + 1}</th>{cells}'
            f'<td class="ct-notes">{_notes(row.differences, numbers)}</td></tr>\n'
        )
        shown += 1
    if alike:
        body.append(_alike(alike))
    more = f'<p class="ct-note">{left:,} more rows are not shown.</p>' if left else ""
    return (
        '<table class="ct-table ct-rows"><thead><tr><th scope="col"><span class="ct-unseen">Row'
        f"</span></th>{heads}</tr></thead><tbody>{''.join(body)}</tbody></table>{more}"
    )


def described(found: Difference) -> str:
    """A difference in one line.

    >>> described(Difference("casing", 0, 2, 0, 2, "he", "He", "lower for title"))
    'casing: “he”, canonical “He”; lower for title; 100 % sure'
    """
    sides = [quoted(found.text)] if found.text else []
    sides += [f"canonical {quoted(found.canonical)}"] if found.canonical else []
    parts = [", ".join(sides), found.detail, f"{percent(found.confidence)} sure"]
    return f"{found.kind}: {'; '.join(filter(None, parts))}"


def filters() -> str:
    """Rules that leave unmarked, or out, what the legend's checkboxes say."""
    only = ".ct:has(.ct-f-only:checked)"
    style = ".ct:has(.ct-f-style:not(:checked))"
    rules = [
        unmarked("ct-f-style:not(:checked)", ".ct-c.ct-house"),
        f"{style} .ct-u-house{{display:none}}",
        f"{only} .ct-row{{--ct-shown:none}}{only} .ct-alike{{display:var(--ct-row)}}",
    ]
    for kind in map(slug, KINDS):
        on = f"{only}:has(.ct-f-{kind}:checked)"
        rules += [
            unmarked(f"ct-f-{kind}:not(:checked)", f".ct-c.ct-{kind}"),
            f".ct:has(.ct-f-{kind}:not(:checked)) .ct-u-{kind}{{display:none}}",
            f"{on} .ct-r-{kind},{on}:has(.ct-f-style:checked) .ct-s-{kind}"
            "{--ct-shown:var(--ct-row)}",
        ]
    return "\n".join(rules)


# --- rows -----------------------------------------------------------------------------------------


def _alike(count: int) -> str:
    rows = "row" if count == 1 else "rows"
    return f'<tr class="ct-alike"><td colspan="4">{count:,} {rows} without a difference</td></tr>\n'


def _classes(row: Row) -> Iterator[str]:
    """What the filters of whole rows go by."""
    yield "ct-row"
    yield from sorted(
        {f"ct-{'s' if d.house_style else 'r'}-{slug(d.kind)}" for d in row.differences}
    )


def _span(found: Row | Difference, side: int) -> tuple[int, int]:
    if side:
        return found.canonical_start, found.canonical_stop
    return found.text_start, found.text_stop


def _cell(
    row: Row,
    text: str,
    side: int,
    numbers: Mapping[Difference, int],
    seen: set[tuple[int, Difference]],
) -> str:
    """One side of a row, what differs marked; the first mark of a difference is its place."""
    start, stop = _span(row, side)
    pieces = list(_pieces(row, side, start, stop))
    owners = {around[-1] for _, _, around in pieces if around}
    parts: list[str] = []
    for first, last, around in pieces:
        if not around:
            parts.append(visible(_BLANKS.sub(" ", text[first:last])))
            continue
        inner, number = around[-1], numbers.get(around[-1])
        html = escaped(short(text[first:last], most=last - first))
        if number:
            place = _place(inner, side, numbers, seen)
            told = attribute(described(inner))
            html = f'<a{place} href="#l{number}" tabindex="-1" title={told}>{html}</a>'
        for found in reversed(around):
            # what stands wholly under others has its place on the mark
            hidden = number and found not in owners
            place = _place(found, side, numbers, seen) if hidden else ""
            focus = "" if number and not place else ' tabindex="-1"'
            told = "" if found is inner and number else f" title={attribute(described(found))}"
            marks = _marks(found, inner=found is inner)
            html = f'<mark class="{marks}"{place}{focus}{told}>{html}</mark>'
        parts.append(html)
    return "".join(parts)


def _pieces(
    row: Row, side: int, start: int, stop: int
) -> Iterator[tuple[int, int, list[Difference]]]:
    """A side of a row in stretches, each with the differences around it, the longest first."""
    spans = [(*_span(found, side), found) for found in row.differences]
    spans = sorted((s for s in spans if s[0] < s[1]), key=lambda span: (span[0], -span[1]))
    cuts = {start, stop}
    cuts.update(cut for first, last, _ in spans for cut in (first, last) if start < cut < stop)
    around: list[tuple[int, Difference]] = []
    at = 0
    for first, last in pairwise(sorted(cuts)):
        around = [(end, found) for end, found in around if end > first]
        while at < len(spans) and spans[at][0] <= first:
            if spans[at][1] > first:
                around.append(spans[at][1:])
            at += 1
        yield first, last, [found for _, found in sorted(around, key=lambda one: -one[0])]


def _place(
    found: Difference,
    side: int,
    numbers: Mapping[Difference, int],
    seen: set[tuple[int, Difference]],
) -> str:
    """The id of a place the list leads to; empty if it has been given or is not listed."""
    if found not in numbers or (side, found) in seen:
        return ""
    seen.add((side, found))
    return f' id="{"tc"[side]}{numbers[found]}"'


def _marks(found: Difference, *, inner: bool) -> str:
    """Classes of a mark; that a kind is in doubt shows only where nothing else is marked."""
    house, low = found.house_style, inner and found.confidence < _SURE
    return f"ct-c ct-{slug(found.kind)}{' ct-house' * house}{' ct-low' * low}"


def _notes(differences: Sequence[Difference], numbers: Mapping[Difference, int]) -> str:
    """The differences of a row by kind: the first few told, the others counted."""
    groups: dict[tuple[str, bool], list[Difference]] = {}
    for found in differences:
        groups.setdefault((found.kind, found.house_style), []).append(found)
    items: list[str] = []
    for (kind, house), group in groups.items():
        told = list(Counter(map(_told, group)).items())
        shown = [f"{escaped(what)}{f' ×{n}' if n > 1 else ''}" for what, n in told[:_NAMED]]
        more = sum(n for _, n in told[_NAMED:])
        shown += [f"{more:,} more"] * bool(more)
        label = f'<span class="ct-sample ct-{slug(kind)}">{kind}</span>'
        number = next(filter(None, map(numbers.get, group)), None)
        link = f'<a href="#l{number}">{label}</a>' if number else label
        classes = f"ct-u-{slug(kind)}{' ct-u-house' * house}"
        items.append(f'<li class="{classes}">{link} {", ".join(shown)}</li>')
    return f"<ul>{''.join(items)}</ul>" if items else ""


def _told(found: Difference) -> str:
    """What a note says of a difference: of a mark its name, of words the words."""
    both = found.text and found.canonical
    if found.detail and (found.kind in _OF_MARKS or (any(found.marks) and not both)):
        return found.detail
    return " / ".join(quoted(text, most=_QUOTED) for text in (found.text, found.canonical) if text)
