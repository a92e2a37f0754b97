"""The label codec: from clean copy to labels and back, shared by training and running.

Copy is first brought to one style (:func:`normalise`), then each gap gets a *role* and each word a
*case pattern*. A role is a gap string plus a tag, because the same string can stand for different
things: ``". "`` after a sentence or after an abbreviation, ``"' "`` as a closing quote or as a
possessive. The tag is what lets the decoder hold to "a full stop wants a capital" without breaking
``U.S. and``.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

import regex

from cleantext.tagger.roles import FLAT, OTHER, PARTS, SCHEME, LabelTable, Role, Tag
from cleantext.words import Words, is_cased, lower_char, lower_word, split, upper_char

__all__ = [
    "AGENCIES",
    "FLAT",
    "HONORIFICS",
    "OTHER",
    "PARTS",
    "SCHEME",
    "LabelTable",
    "Labels",
    "Role",
    "Tag",
    "apply_case",
    "case_of",
    "label",
    "normalise",
]

#: Before a name these take a stop.
HONORIFICS = frozenset(
    "mr mrs ms dr prof sen sens rep reps gov govs gen lt col maj capt cmdr adm sgt cpl pvt rev"
    " hon messrs pres supt det insp amb".split()
)
#: News agencies and services, as datelines name them in brackets.
AGENCIES = frozenset(("ap", "reuters", "afp", "upi", "cnn", "bloomberg"))
#: After these a stop ends no sentence, whatever follows.
TITLES = HONORIFICS | frozenset(
    "fr st ste mt ft vs v atty asst assoc dist jan feb mar apr jun jul aug sept oct nov dec".split()
)
#: After these a stop may end a sentence: the word that follows decides.
ABBREVIATIONS = frozenset(
    "inc corp co ltd llc bros jr sr esq etc al no nos vol pp ph d c m p s u k n e w b a i j"
    " ala ariz ark calif colo conn del fla ga ill ind kan ky la md mass mich minn miss mo mont"
    " neb nev okla ore pa penn tenn tex vt va wash wis wyo ave blvd rd dept univ est approx"
    " mich gmbh intl natl govt bldg".split()
)

_ENDS_TERMINAL = regex.compile(r"[.?!][\"'\])]*$")
_LETTER_STOP_SPACE = regex.compile(r"(?<=\b\p{L})\. (?=\p{L}\.(?!\p{L}))")

#: Style rules, applied in order. Each brings one habit of an outlet to the common form.
_STYLE: tuple[tuple[regex.Pattern[str], str], ...] = tuple(
    (regex.compile(pattern), replacement)
    for pattern, replacement in (
        ("[\u00ad\u200b-\u200f\u202a-\u202e\u2060\ufeff]", ""),
        ("[\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000\t ]+", " "),
        ("[\u201c\u201d\u201e\u201f\u00ab\u00bb\u2033]", '"'),
        ("[\u2018\u2019\u201a\u201b\u2032\u0060\u00b4]", "'"),
        ("''", '"'),
        (r"\u2026|(?<=\S) ?\. ?\. ?\.", "..."),
        (r"\.{4,}", "..."),
        (r" *\.\.\. *(?=[\p{L}\p{N}])", "... "),
        # dashes: an en dash between figures or names joins, every other one parts
        ("\u2015|\u2500|\u2012", "\u2014"),
        (r"(?<=[\p{L}\p{N}])[\u2013\u2010\u2011\u2212](?=[\p{L}\p{N}])", "-"),
        (r" *(?:\u2014|\u2013|(?<!-)---?(?!-)) *", " \u2014 "),
        (r"(?<=\S) -(?= )", " \u2014"),
        (r"^ \u2014 ", "\u2014 "),
        # comma and stop inside the closing double quote
        (r'(?<=[\p{L}\p{N}%])(\x27?)"([.,])(?!\.)', r'\2\1"'),
        (r" +([,.;:?!])(?=[\s\x22\x27]|$)", r"\1"),
        # honorifics with a stop
        (r"\b(Mr|Mrs|Ms|Dr|Prof|St|Sen|Gov|Rep|Gen|Lt|Sgt|Capt)(?= \p{Lu})", r"\1."),
        (r"(?<=\p{Lu}\p{Ll}+,? )(Jr|Sr)(?=[ ,;:])", r"\1."),
        (r"\b([ap])\. m\.", r"\1.m."),
        (r"(?<=[\p{L}\p{N},.?!])\x27 \x22(?=\s|$)", "\x27\x22"),
        (r"([(\[]) +", r"\1"),
        (r" +([)\]])", r"\1"),
        (r" +", " "),
    )
)


def normalise(paragraph: str) -> str:
    """Bring one paragraph to the common style the labels are made from.

    Straight quotes, spaced dashes, ``...``, ``Mr.`` with its stop, comma and stop inside the
    closing quote, ``U.S.`` without inner space. Letters and digits are never touched.

    >>> normalise("“I agree”, Mr Hun Sen said – twice…")
    '"I agree," Mr. Hun Sen said — twice...'
    """
    for pattern, replacement in _STYLE:
        paragraph = pattern.sub(replacement, paragraph)
    return _LETTER_STOP_SPACE.sub(".", paragraph).strip()


# --- case -----------------------------------------------------------------------------------------


def _cased_positions(word: str) -> list[int]:
    return [i for i, char in enumerate(word) if is_cased(char)]


def case_of(word: str) -> str:
    """The case pattern of a word over its letters (digits do not count).

    ``lower``, ``title``, ``upper``, ``upper-last`` (MPs), ``upper-first`` (iOS), or the positions
    of the capitals among the letters, as in ``"0,2"`` for McConnell.

    >>> [case_of(w) for w in ("its", "It", "IT", "MPs", "iOS", "McConnell", "iPhone", "G20s")]
    ['lower', 'title', 'upper', 'upper-last', 'upper-first', '0,2', '1', 'title']
    """
    if word.islower():
        return "lower"
    raised = [upper_char(char) == char for char in word if is_cased(char)]
    count = sum(raised)
    if not count:
        return "lower"
    if raised[0] and count == 1:
        return "title"
    if count == len(raised):
        return "upper"
    if count == len(raised) - 1 and len(raised) > 2:
        if not raised[-1]:
            return "upper-last"
        if not raised[0]:
            return "upper-first"
    return ",".join(str(i) for i, up in enumerate(raised) if up)


@lru_cache(maxsize=65536)
def apply_case(word: str, pattern: str) -> str:
    """``word`` in the given case pattern; only letters that map one to one change.

    A pattern that asks for more letters than there are gives the title form.

    >>> apply_case("mcconnell", "0,2"), apply_case("covid", "upper"), apply_case("20th", "lower")
    ('McConnell', 'COVID', '20th')
    """
    chars = list(map(lower_char, word))
    places = _cased_positions(word)
    if pattern == "lower" or not places:
        return "".join(chars)
    if pattern == "title":
        raised: Iterable[int] = (0,)
    elif pattern == "upper":
        raised = range(len(places))
    elif pattern == "upper-last":
        raised = range(len(places) - 1)
    elif pattern == "upper-first":
        raised = range(1, len(places))
    else:
        raised = [int(i) for i in pattern.split(",")]
        if raised[-1] >= len(places):
            raised = (0,)
    for i in raised:
        chars[places[i]] = upper_char(chars[places[i]])
    return "".join(chars)


def capitalise(word: str) -> str:
    """``word`` as a sentence begins with it: its first character raised, if it is a letter.

    >>> capitalise("the"), capitalise("20th")
    ('The', '20th')
    """
    return upper_char(word[0]) + word[1:]


# --- clean copy to labels -------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Labels:
    """The labels of one text: ``roles[n + 1]`` for its gaps and ``cases[n]`` for its words.

    ``cases`` holds the word's *own* case: ``None`` where a sentence start hides it.
    """

    words: Words
    roles: tuple[Role, ...]
    cases: tuple[str | None, ...]


def _single_quotes(gaps: Sequence[str], words: Sequence[str]) -> set[int]:
    """Indices of gaps whose single marks are quotation marks, found paragraph by paragraph."""
    found: set[int] = set()
    opened: int | None = None
    candidate: int | None = None
    for i, gap in enumerate(gaps):
        if "\n" in gap or i == len(gaps) - 1:
            left, right = Role(gap).left, Role(gap).right
        elif "'" not in gap or gap == "'":
            continue
        else:
            left, right = Role(gap).left, Role(gap).right
        closes = "'" in left
        if opened is not None and closes:
            if gap == "' " and words[i - 1][-1:] in "sS":
                candidate = i
            else:
                found.update((opened, i))
                opened = candidate = None
        if "\n" in gap or i == len(gaps) - 1:
            if opened is not None and candidate is not None:
                found.update((opened, candidate))
            opened = candidate = None
        if i == 0:
            right = gap
        if "'" in right and i < len(words) and not _is_elided(words[i]):
            opened, candidate = i, None
    return found


def _is_elided(word: str) -> bool:
    return word[0].isdigit() or word.lower() in {
        "em",
        "n",
        "til",
        "till",
        "tis",
        "twas",
        "cause",
        "bout",
        "round",
        "cos",
        "s",
    }


def label(text: str, lexicon: Mapping[str, float]) -> Labels:
    """The labels of clean copy.

    Args:
        text: paragraphs in the common style (:func:`normalise`) joined by ``"\\n\\n"``.
        lexicon: share (0..1) of a word's occurrences inside a sentence that are all small letters,
            by lowered word: it tells ``Inc. The`` from ``Inc. President``.
    """
    words = split(text)
    singles = _single_quotes(words.gaps, words.words)
    last = len(words)
    roles: list[Role] = []
    cases: list[str | None] = []
    for i, gap in enumerate(words.gaps):
        tag: Tag = ""
        if "\n" not in gap and 0 < i < last:
            left = gap.split(" ", 1)[0]
            if "'" in gap and gap != "'":
                tag = "quote" if i in singles else "elision"
            if gap != left and _ENDS_TERMINAL.search(left):
                begins = _begins(words, i, lexicon)
                tag = tag if tag == "quote" and not begins else "start" if begins else "inside"
        if 0 < i < last and "\n" in gap:
            gap = regex.sub(r"\s*\n\s*", "\n\n", gap)
        role = Role(gap, tag)
        roles.append(role)
        if i < last:
            own = case_of(words.words[i])
            hidden = (i == 0 or role.starts) and own in ("title", "lower")
            cases.append(None if hidden else own)
    return Labels(words, tuple(roles), tuple(cases))


def _begins(words: Words, i: int, lexicon: Mapping[str, float]) -> bool:
    """Whether the word behind gap ``i``, which holds a terminal mark, begins a sentence."""
    word, before = words.words[i], words.words[i - 1]
    if lower_char(word[0]) == word[0] and is_cased(word[0]):
        return False
    left = words.gaps[i].split(" ", 1)[0]
    if left.startswith("..."):
        return lexicon.get(lower_word(word), 0.0) > 0.5
    if left[0] != ".":
        return True
    key = before.lower()
    if key in TITLES:
        return False
    short = len(before) == 1 and not before.isdigit()
    if short or (key in ABBREVIATIONS and (before[0].isupper() or key in {"etc", "al", "no"})):
        return left != "." or lexicon.get(lower_word(word), 0.0) > 0.5
    return True
