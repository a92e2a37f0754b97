"""Lines that look like headlines in copy whose lines are kept: what the tagger is asked about."""

from __future__ import annotations

from cleantext.boilerplate.lines import lines_of

__all__ = ["headline_runs"]

#: Words and code points of a headline, at least and at most.
_WORDS, _LONGEST = (4, 25), 200
#: Lines of a run: one alone is a section's heading as often as not.
_LINES = 2
_STOPS = frozenset(".?!…:;,")
_QUOTES = "\"'”’)]"


def headline_runs(text: str) -> list[tuple[int, int]]:
    """Spans of two or more lines in a row that end in no stop, in code points, by place.

    The first line of a text and what follows it at once are its own headline and are left out.

    >>> text = "Headline of the story here\\n\\nIt rained.\\n\\nOne boat sinks in bay\\nMayor quits"
    >>> headline_runs(text + " over a parade\\n\\nIt stopped.")
    [(40, 87)]
    """
    runs: list[tuple[int, int]] = []
    run: list[tuple[int, int]] = []
    first = True
    for start, stop in (*lines_of(text), (len(text), len(text))):
        if _is_headline(text[start:stop]):
            run.append((start, stop))
            continue
        if len(run) >= _LINES and not first:
            runs.append((run[0][0], run[-1][1]))
        run, first = [], False
    return runs


def _is_headline(line: str) -> bool:
    if len(line) > _LONGEST or line.rstrip(_QUOTES)[-1:] in _STOPS:
        return False
    return _WORDS[0] <= len(line.split()) <= _WORDS[1] and any(map(str.isalpha, line))
