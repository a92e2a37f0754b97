"""Lines that look like headlines in copy whose lines are kept: what the tagger is asked about."""

from __future__ import annotations

from cleantext.boilerplate.lines import lines_of

__all__ = ["headline_runs"]

#: Words and code points of a headline, at least and at most; words of one where others were found.
_WORDS, _LONGEST, _FEWEST = (4, 25), 200, 2
_STOPS = frozenset(".?!…:;,")
_QUOTES = "\"'”’)]"


def headline_runs(text: str, *, alone: bool = False) -> list[tuple[int, int]]:
    """Spans of two or more lines in a row that end in no stop, in code points, by place.

    The first line of a text and what follows it at once are its own headline and are left out.

    Args:
        text: any string.
        alone: one line is enough, and shorter ones count: for texts in which furniture was found.
            Elsewhere a line that stands alone is a section's heading as often as not.

    >>> text = "Headline of the story here\\n\\nIt rained.\\n\\nOne boat sinks in bay\\nMayor quits"
    >>> headline_runs(text + " over a parade\\n\\nIt stopped.")
    [(40, 87)]
    """
    runs: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    first = True
    fewest, lines = (_FEWEST, 1) if alone else (_WORDS[0], 2)
    for start, stop in (*lines_of(text), (len(text), len(text))):
        if _is_headline(text[start:stop], fewest):
            run.append((start, stop))
            continue
        if len(run) >= lines and not first:
            runs.append((run[0][0], run[-1][1]))
        run, first = [], False
    return runs


def _is_headline(line: str, fewest: int) -> bool:
    if len(line) > _LONGEST or line.rstrip(_QUOTES)[-1:] in _STOPS:
        return False
    return fewest <= len(line.split()) <= _WORDS[1] and any(map(str.isalpha, line))
