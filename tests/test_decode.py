"""The decoder, with scores made by hand: what it may set, what it must not, and that it is exact."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.lexicon import Lexicon
from cleantext.tagger import search
from cleantext.tagger.case import cased
from cleantext.tagger.decode import Decision, decode
from cleantext.tagger.evidence import BLANK, BREAKABLE, BROKEN, CLAMPED, FIRST, LAST, Evidence
from cleantext.tagger.facets import Thresholds
from cleantext.tagger.grammar import (
    BRACKET,
    CLOSED,
    DOUBLE,
    SINGLE,
    STATES,
    compile_grammar,
    open_after,
    step,
)
from cleantext.tagger.labels import FLAT, LabelTable, Role
from cleantext.tagger.onnx import MODEL_FOLDER, Scores
from cleantext.words import split

TABLE = LabelTable.from_dict(json.loads((MODEL_FOLDER / "model.json").read_text("utf-8"))["labels"])
LEXICON = Lexicon.load()

STOP, ASK, COMMA = Role(". ", "start"), Role("? ", "start"), Role(", ")
ABBREVIATED = Role(". ", "inside")
OPEN, CLOSE = Role(' "'), Role('" ')
STOP_CLOSE, COMMA_CLOSE, CLOSE_END = Role('." ', "start"), Role('," '), Role('."\n\n')
BREAK, STOP_BREAK, REOPEN = Role("\n\n"), Role(".\n\n"), Role('.\n\n"')
OPEN_BRACKET, CLOSE_BRACKET = Role(" ("), Role(") ")


# --- by hand --------------------------------------------------------------------------------------


def log_rows(
    count: int, names: Sequence[object], said: Mapping[int, Mapping[object, float]]
) -> np.ndarray:
    """Log-probabilities: what is said of a place, the first name for the rest, a trace elsewhere."""
    index = {name: i for i, name in enumerate(names)}
    rows = np.full((count, len(names)), 1e-7)
    for i in range(count):
        shares = said.get(i, {})
        for name, share in shares.items():
            rows[i, index[name]] = share
        rows[i, 0] = max(1e-7, 1 - sum(share for name, share in shares.items() if index[name]))
    rows /= rows.sum(axis=1, keepdims=True)
    return np.log(rows).astype(np.float32)


def settled(
    text: str,
    gaps: Mapping[int, Mapping[Role, float]],
    cases: Mapping[int, Mapping[str, float]] | None = None,
    *,
    kinds: Mapping[int, int] | None = None,
    kept_case: Sequence[int] = (),
    layout: bool = True,
    thresholds: Thresholds | None = None,
    state: int = CLOSED,
    final: int | None = None,
) -> tuple[str, Decision]:
    """The text as decided, from probabilities by gap and by word."""
    words = split(text)
    n = len(words)
    chosen = np.full(n + 1, BLANK, np.int8)
    chosen[0], chosen[n] = FIRST, LAST
    for i, kind in (kinds or {}).items():
        chosen[i] = kind
    case = np.ones(n, bool)
    case[list(kept_case)] = False
    evidence = Evidence(
        words=words.words,
        gaps=words.gaps,
        kinds=chosen,
        layout=np.full(n + 1, layout),
        case=case,
        apart=np.zeros(n + 1, bool),
        state=state,
        final=final,
        begins=True,
    )
    scores = Scores(
        log_rows(n + 1, TABLE.roles, gaps),
        log_rows(n, TABLE.cases, cases or {}),
        np.zeros((n, 4), np.float32),
    )
    decision = decode(
        scores, evidence, TABLE, thresholds=thresholds or Thresholds(), lexicon=LEXICON
    )
    return rendered(evidence, decision), decision


def rendered(evidence: Evidence, decision: Decision) -> str:
    """What a decision makes of its words."""
    parts: list[str] = []
    for i, index in enumerate(decision.roles.tolist()):
        gap = evidence.gaps[i]
        if index >= 0:
            role = TABLE.roles[index]
            gap = {FIRST: role.right, LAST: role.left}.get(int(evidence.kinds[i]), role.text)
        elif index == -2:
            gap = gap.rstrip() + "\n\n"
        parts.append(gap)
        if i < len(evidence.words):
            word, own = evidence.words[i], decision.own[i]
            parts.append(cased(word, own, start=bool(decision.starts[i])) if own else word)
    return "".join(parts)


def test_flat_scores_change_nothing_but_the_first_capital():
    assert settled("so it went", {})[0] == "So it went"


def test_sentences_and_their_capitals():
    text, decision = settled("he left they stayed", {2: {STOP: 0.9}, 4: {STOP_BREAK: 0.9}})
    assert text == "He left. They stayed."
    assert decision.starts.tolist() == [True, False, True, False]


def test_a_stop_of_an_abbreviation_wants_no_capital():
    assert settled("at 3 p m on", {3: {Role("."): 0.9}, 4: {ABBREVIATED: 0.9}})[0] == "At 3 p.m. on"


# --- facets and thresholds ------------------------------------------------------------------------


def test_two_forms_of_a_stop_make_one_sure_stop():
    half = {2: {STOP: 0.45, STOP_BREAK: 0.45}}
    strict = Thresholds(sentence=0.8, paragraph=0.5)
    assert settled("he left they stayed", half, thresholds=strict)[0] == "He left. They stayed"
    assert settled("he left they stayed", half, layout=False)[0] == "He left. They stayed"
    assert settled("he left they stayed", {2: {STOP: 0.45}}, thresholds=strict)[0] == (
        "He left they stayed"
    )


def test_a_facet_below_its_threshold_falls_back_to_the_role_without_it():
    said = {2: {STOP_CLOSE: 0.35, CLOSE_END: 0.05, STOP: 0.3}}
    assert settled("he left they stayed", said, thresholds=Thresholds(quote=0.5))[0] == (
        "He left. They stayed"
    )


@pytest.mark.parametrize(
    ("facet", "role", "made"),
    [
        ("comma", COMMA, "one, two"),
        ("sentence", STOP, "one. Two"),
        ("hyphen", Role("-"), "one-two"),
        ("apostrophe", Role("'"), "one'two"),
        ("dash", Role(" — "), "one — two"),
        ("colon", Role(": "), "one: two"),
        ("paragraph", BREAK, "one\n\nTwo"),
    ],
)
def test_each_mark_has_its_threshold(facet, role, made):
    said = {2: {role: 0.7}}
    low, high = Thresholds(**{facet: 0.65}), Thresholds(**{facet: 0.75})
    assert settled("the one two", said, thresholds=low)[0] == f"The {made}"
    assert settled("the one two", said, thresholds=high)[0] == "The one two"


def test_a_capital_has_its_threshold_too():
    said = {1: {"title": 0.6}}
    # a word that no lexicon knows: what a known word mostly is counts as well
    assert settled("in qvolz", {}, said, thresholds=Thresholds(case=0.55))[0] == "In Qvolz"
    assert settled("in qvolz", {}, said, thresholds=Thresholds(case=0.65))[0] == "In qvolz"
    split_vote = {1: {"title": 0.4, "upper": 0.4}}  # a capital is due, which form is open
    assert settled("in qvolz", {}, split_vote)[0] == "In Qvolz"


def test_mixed_case_comes_from_the_word_list():
    assert settled("to mcconnell", {}, {1: {"title": 0.9}})[0] == "To McConnell"
    assert settled("the iphone", {}, {1: {"title": 0.9}})[0] == "The iPhone"
    assert settled("the iphone", {})[0] == "The iphone"  # no capital is due: none is set


def test_what_is_decided_against_the_odds_is_told():
    """A comma at .45 passes its threshold and is in doubt all the same."""
    _, decision = settled("one two three", {1: {COMMA: 0.45}, 2: {COMMA: 0.95}})
    assert decision.unsure.tolist() == [False, True, False, False]


# --- what cannot stand ----------------------------------------------------------------------------


def test_a_paragraph_does_not_end_in_a_comma():
    text, _ = settled("one two", {1: {Role(",\n\n"): 0.99}})
    assert ",\n" not in text


def test_no_break_where_the_layout_survived():
    assert settled("one two", {1: {BREAK: 0.99}}, layout=False)[0] == "One two"
    assert settled("one two", {1: {BREAK: 0.99}}, layout=True)[0] == "One\n\nTwo"


@pytest.mark.parametrize(
    ("text", "gap", "role", "share", "made"),
    [
        ("800 000 people", 1, Role(","), 0.95, "800,000 people"),
        ("800 000 people", 1, Role(","), 0.85, "800 000 people"),
        ("1 5 million", 1, Role("."), 0.95, "1.5 million"),
        ("u s troops", 1, Role("."), 0.85, "U.s troops"),
        ("first half year", 2, Role("-"), 0.85, "First half-year"),
        ("about 10 billion", 1, Role(" $"), 0.95, "About $10 billion"),
        ("about 10 billion", 1, Role(" $"), 0.85, "About 10 billion"),
        ("about ten billion", 1, Role(" $"), 0.95, "About ten billion"),
        ("some 10 of them", 2, Role("% "), 0.95, "Some 10% of them"),
        ("some ten of them", 2, Role("% "), 0.95, "Some ten of them"),
        ("2 30 today", 1, Role(":"), 0.95, "2:30 today"),
    ],
)
def test_numbers_are_content(text, gap, role, share, made):
    assert settled(text, {gap: {role: share}})[0] == made


@pytest.mark.parametrize(
    ("text", "tight", "loose", "share"),
    [
        ("1 5 million", Role("."), STOP, 0.85),
        ("1200 000 people", Role(","), COMMA, 0.95),
        ("800 00 people", Role(","), COMMA, 0.95),
        ("some 000 people", Role(","), COMMA, 0.95),
        ("3 2 win", Role("-"), Role("- "), 0.85),
    ],
)
def test_a_mark_forbidden_in_a_number_lends_nothing_to_its_lookalike(text, tight, loose, share):
    made, _ = settled(text, {1: {tight: share, loose: 0.04}})
    assert made.lower() == text


def test_a_row_of_groups_stays_grouped():
    said = {1: {Role(","): 0.95}, 2: {Role(","): 0.95}}
    assert settled("1 200 000 people", said)[0] == "1,200,000 people"


# --- evidence -------------------------------------------------------------------------------------


def test_what_survived_stays():
    said = {1: {STOP: 0.99}, 2: {STOP: 0.99}}
    text, decision = settled("one, two three", said, kinds={1: CLAMPED})
    assert text == "One, two. Three"
    assert decision.roles[1] == -1


@pytest.mark.parametrize(
    ("kept", "title", "made"),
    [
        ("he left They stayed", 0.001, "He left. They stayed"),
        ("he left Trump stayed", 0.999, "He left Trump stayed"),
        ("he left they stayed", 0.001, "He left they stayed"),
    ],
    ids=["no name: a sentence begins", "a name: none need", "small: none begins"],
)
def test_surviving_case_is_evidence_for_a_sentence_start(kept, title, made):
    said = {2: {STOP: 0.35}}
    assert settled(kept, said, {2: {"title": title}}, kept_case=[2])[0] == made


def test_a_small_letter_forbids_even_a_sure_stop():
    assert settled("he left they stayed", {2: {STOP: 0.999}}, kept_case=[2])[0] == (
        "He left they stayed"
    )
    assert settled("he left iPhone users", {2: {STOP: 0.999}}, kept_case=[2])[0] == (
        "He left. iPhone users"
    )


def test_only_open_words_get_a_case():
    _, decision = settled("one Two three", {}, {1: {"upper": 0.99}}, kept_case=[1, 2])
    assert decision.own == ["lower", "", ""]


@pytest.mark.parametrize(
    ("gap", "starts"),
    [(". ", True), ("? ", True), (".\n\n", True), ("\n", True), (", ", False), ("-", False)],
)
def test_a_sentence_starts_behind_marks_that_survived(gap, starts):
    text, decision = settled(f"one{gap}two", {1: {STOP: 0.9}}, kinds={1: CLAMPED})
    assert decision.starts[1] == starts
    assert text == f"One{gap}{'Two' if starts else 'two'}"


def test_but_not_behind_a_surviving_abbreviation():
    assert settled("one p.m. two", {3: {ABBREVIATED: 0.9}}, kinds={2: CLAMPED, 3: CLAMPED})[0] == (
        "One p.m. two"
    )


@pytest.mark.parametrize(
    ("gap", "share", "made"),
    [(". ", 0.9, "One.\n\nTwo"), (". ", 0.1, "One. Two"), ('." ', 0.9, 'One."\n\nTwo')],
)
def test_a_break_behind_a_stop_that_survived(gap, share, made):
    text, _ = settled(
        f"one{gap}two", {1: {STOP_BREAK: share, STOP: 1 - share}}, kinds={1: BREAKABLE},
        state=DOUBLE if '"' in gap else CLOSED,
    )  # fmt: skip
    assert text == made


@pytest.mark.parametrize(
    ("role", "made"),
    [(STOP_BREAK, "One.\n\nTwo"), (COMMA, "One\n\nTwo"), (STOP, "One\n\nTwo")],
    ids=["a stop", "no comma", "no stop that breaks nothing"],
)
def test_marks_around_a_line_break_that_survived(role, made):
    said = {1: {BREAK: 0.05, role: 0.9}}
    assert settled("one\n\ntwo", said, kinds={1: BROKEN})[0] == made


# --- quotes and brackets --------------------------------------------------------------------------


def test_a_quotation_opens_and_closes():
    said = {2: {Role(', "'): 0.9}, 4: {COMMA_CLOSE: 0.9}}
    text, decision = settled("he said we agree twice", said)
    assert text == 'He said, "we agree," twice'
    assert decision.pairs == [(2, 4)]


def test_a_mark_without_its_partner_is_not_set():
    assert settled("he said we agree twice", {4: {COMMA_CLOSE: 0.6, COMMA: 0.3}})[0] == (
        "He said we agree, twice"
    )
    assert settled("he said we agree twice", {2: {OPEN: 0.6}})[0] == "He said we agree twice"


def test_a_sure_quotation_may_stay_open_at_the_end():
    """A window may have cut its end off, and what closes before it began is clamped."""
    assert settled("he said we agree twice", {2: {OPEN: 0.9999}})[0] == 'He said "we agree twice'
    assert settled("we agree he said", {2: {COMMA_CLOSE: 0.9}}, state=DOUBLE)[0] == (
        'We agree," he said'
    )


def test_a_quotation_over_a_paragraph_reopens():
    said = {1: {OPEN: 0.9}, 3: {STOP_BREAK: 0.6, REOPEN: 0.35}, 5: {STOP_CLOSE: 0.95}}
    assert settled("says we agree they left so", said)[0] == 'Says "we agree.\n\n"They left." So'


def test_a_surviving_opening_quote_finds_its_close():
    said = {3: {COMMA: 0.5, COMMA_CLOSE: 0.45}}
    kept = settled('he "really agrees twice', said, kinds={1: CLAMPED})[0]
    assert kept == 'He "really agrees," twice'
    assert settled("he really agrees twice", said)[0] == "He really agrees, twice"


def test_what_must_be_open_behind_the_region_is_opened():
    said = {1: {OPEN: 0.45}}
    assert settled("says we agree", said, final=DOUBLE)[0] == 'Says "we agree'
    assert settled("says we agree", said, final=CLOSED)[0] == "Says we agree"


def test_copy_that_forgot_its_closing_mark_still_breaks():
    said = {2: {STOP_BREAK: 0.99}}
    assert settled('"we agree\nthey left', said, kinds={0: CLAMPED, 2: BROKEN})[0] == (
        '"We agree.\n\nThey left'
    )


@pytest.mark.parametrize("state", [SINGLE, BRACKET])
def test_a_forgotten_bracket_gets_no_quotation_mark(state):
    """At a break that survived, what is not open is not closed."""
    text, _ = settled(
        "one two\nthree", {2: {CLOSE_END: 0.9, STOP_BREAK: 0.09}}, kinds={2: BROKEN}, state=state
    )
    assert '"' not in text


def balanced(text: str) -> bool:
    """Whether marks open and close in turn; the last paragraph may break off.

    Written apart from the decoder: an opening mark has white space or an opening mark before it.
    """
    paragraphs = text.replace("[...]", "...").split("\n\n")
    reopen = False
    for number, paragraph in enumerate(paragraphs):
        if reopen and not paragraph.startswith('"'):
            return False
        quote = bracket = False
        before = " "
        for char in paragraph:
            if char == '"':
                opens = before in ' ("['
                if opens is quote:
                    return False
                quote = opens
            elif char in "([":
                if bracket:
                    return False
                bracket = True
            elif char in ")]":
                if not bracket:
                    return False
                bracket = False
            before = char
        if bracket and number < len(paragraphs) - 1:
            return False
        reopen = quote
    return True


@pytest.mark.parametrize(
    ("text", "fine"),
    [
        ('He "said" so.', True),
        ('He "said so.\n\n"And left."', True),
        ('He "said so.\n\nAnd left."', False),
        ('He said" so.', False),
        ('He ("really") left', True),
        ("He (really left.\n\nSo.", False),
    ],
)
def test_the_check_of_balance(text, fine):
    assert balanced(text) is fine


@settings(max_examples=150)
@given(st.integers(0, 2**32), st.integers(1, 14), st.sampled_from([0.0, 0.05, 0.2]))
def test_marks_always_balance(seed, n, threshold):
    rng = np.random.default_rng(seed)
    words = [str(word) for word in rng.choice(["he", "said", "we", "agree", "10"], n)]
    gaps = rng.normal(size=(n + 1, len(TABLE.roles))) * 3
    cases = rng.normal(size=(n, len(TABLE.cases)))
    evidence = Evidence(
        words=words,
        gaps=["", *[" "] * (n - 1), ""],
        kinds=np.array([FIRST, *[BLANK] * (n - 1), LAST], np.int8),
        layout=np.ones(n + 1, bool),
        case=np.ones(n, bool),
        apart=np.zeros(n + 1, bool),
        begins=True,
    )
    scores = Scores(
        (gaps - np.logaddexp.reduce(gaps, axis=1, keepdims=True)).astype(np.float32),
        (cases - np.logaddexp.reduce(cases, axis=1, keepdims=True)).astype(np.float32),
        np.zeros((len(words), 4), np.float32),
    )
    low = Thresholds(**dict.fromkeys(Thresholds.__slots__, threshold))
    decision = decode(scores, evidence, TABLE, thresholds=low, lexicon=LEXICON)
    text = rendered(evidence, decision)
    assert balanced(text), text
    assert [word.lower() for word in split(text).words] == words


# --- exactness ------------------------------------------------------------------------------------

OFFERED = (FLAT, COMMA, STOP, OPEN, COMMA_CLOSE, STOP_CLOSE, STOP_BREAK, REOPEN, CLOSE_END,
           OPEN_BRACKET, CLOSE_BRACKET)  # fmt: skip
BREAKING = (BREAK, STOP_BREAK, REOPEN, CLOSE_END)
STEPS = {role: [step(state, role) for state in range(STATES)] for role in (*OFFERED, *BREAKING)}
WORTH = st.floats(-1, 1).map(lambda worth: round(worth, 3))


def worths(roles: Sequence[Role]) -> st.SearchStrategy[dict[Role, float]]:
    """Some of the roles, each with what it is worth; the first one always."""
    rest = st.dictionaries(st.sampled_from(roles[1:]), WORTH)
    return st.builds(lambda first, others: {roles[0]: first, **others}, WORTH, rest)


#: Kind, the string that stands there, what the roles (or a break behind what stands) are worth.
GAPS = st.lists(
    st.one_of(
        st.tuples(st.just(BLANK), st.just(" "), worths(OFFERED)),
        st.tuples(st.just(BROKEN), st.just("\n\n"), worths(BREAKING)),
        st.tuples(
            st.just(CLAMPED), st.sampled_from(('" ', ' "', ", ", " (", ".\n\n")), st.just({})
        ),
        st.tuples(
            st.just(BREAKABLE), st.sampled_from((". ", '." ')), WORTH.map(lambda w: {BREAK: w})
        ),
    ),
    min_size=1,
    max_size=4,
)
Gap = tuple[int, str, dict[Role, float]]


def ways(gap: Gap, state: int) -> list[tuple[int, float, int]]:
    """Everything a gap may become in a state: role (or code), worth, state after."""
    kind, stands, worth = gap
    after = open_after(state, stands)
    if kind == CLAMPED:
        torn = "\n" in stands and bool(state & DOUBLE)  # a break that leaves a quotation open
        return [(-1, -search._FORGOTTEN if torn else 0.0, after)]
    if kind == BREAKABLE:
        shut = [(-2, worth[BREAK], CLOSED)] if after == CLOSED and worth[BREAK] > 0 else []
        return [(-1, 0.0, after), *shut]
    found = [
        (TABLE.role_index[role], value, STEPS[role][state])
        for role, value in worth.items()
        if STEPS[role][state] >= 0
    ]
    if kind == BROKEN and state != CLOSED:  # the copy itself forgot to close
        found += [
            (TABLE.role_index[role], value - search._FORGOTTEN, STEPS[role][CLOSED])
            for role, value in worth.items()
            if STEPS[role][CLOSED] >= 0
        ]
    return found


def best_by_enumeration(gaps: Sequence[Gap], state: int, final: int | None) -> float:
    """The worth of the best of all ways through the gaps."""
    if not gaps:
        if final is None:
            return -search._LEFT_OPEN if state != CLOSED else 0.0
        return -search._FORGOTTEN if state != final else 0.0
    return max(
        (
            value + best_by_enumeration(gaps[1:], after, final)
            for _, value, after in ways(gaps[0], state)
        ),
        default=-np.inf,
    )


def worth_of(roles: Sequence[int], gaps: Sequence[Gap], state: int, final: int | None) -> float:
    """The worth of one way through the gaps, the best if the roles allow several."""
    if not gaps:
        return best_by_enumeration((), state, final)
    return max(
        (
            value + worth_of(roles[1:], gaps[1:], after, final)
            for role, value, after in ways(gaps[0], state)
            if role == roles[0]
        ),
        default=-np.inf,
    )


@settings(max_examples=300)
@given(GAPS, st.sampled_from([CLOSED, DOUBLE, BRACKET]), st.sampled_from([None, CLOSED, DOUBLE]))
def test_the_search_is_exact(gaps, state, final):
    n = len(gaps) + 1
    rows = np.full((len(gaps), len(TABLE.roles)), search.OFF, np.float32)
    broken = np.zeros(len(gaps), np.float32)
    for row, (kind, _, worth) in enumerate(gaps):
        if kind == BREAKABLE:
            broken[row] = worth[BREAK]
            continue
        for role, value in worth.items():
            rows[row, TABLE.role_index[role]] = value
    evidence = Evidence(
        words=["word"] * n,
        gaps=["", *(stands for _, stands, _ in gaps), ""],
        kinds=np.array([CLAMPED, *(kind for kind, _, _ in gaps), CLAMPED], np.int8),
        layout=np.ones(n + 1, bool),
        case=np.ones(n, bool),
        apart=np.zeros(n + 1, bool),
        state=state,
        final=final,
    )
    offer = search.Offer(np.arange(1, n), rows, broken)
    roles, _ = search.best_path(offer, evidence, compile_grammar(TABLE))
    found = worth_of(roles[1:-1].tolist(), gaps, state, final)
    assert found == pytest.approx(best_by_enumeration(gaps, state, final), abs=1e-4)


# --- the grammar alone ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("state", "role", "after"),
    [
        (CLOSED, OPEN, DOUBLE),
        (DOUBLE, OPEN, -1),
        (CLOSED, CLOSE, -1),
        (DOUBLE, CLOSE, CLOSED),
        (DOUBLE, BREAK, -1),
        (DOUBLE, REOPEN, DOUBLE),
        (CLOSED, REOPEN, DOUBLE),
        (DOUBLE, CLOSE_END, CLOSED),
        (CLOSED, BREAK, CLOSED),
        (BRACKET, BREAK, -1),
        (BRACKET, CLOSE_BRACKET, CLOSED),
        (CLOSED, CLOSE_BRACKET, -1),
        (DOUBLE, OPEN_BRACKET, DOUBLE | BRACKET),
        (DOUBLE, Role(" '", "quote"), DOUBLE | SINGLE),
        (DOUBLE | SINGLE, Role("' ", "quote"), DOUBLE),
        (DOUBLE, Role("' ", "elision"), DOUBLE),
        (CLOSED, Role("'"), CLOSED),
        (DOUBLE, FLAT, DOUBLE),
    ],
)
def test_step(state, role, after):
    assert step(state, role) == after


@pytest.mark.parametrize(
    ("state", "gap", "after"),
    [
        (CLOSED, ' "', DOUBLE),
        (DOUBLE, '" ', CLOSED),
        (CLOSED, " “", DOUBLE),
        (DOUBLE, "” ", CLOSED),
        (DOUBLE, '."\n\n"', DOUBLE),
        (DOUBLE | BRACKET, "\n", CLOSED),
        (DOUBLE, ", ", DOUBLE),
        (CLOSED, ' ("', DOUBLE | BRACKET),
    ],
)
def test_open_after_what_survived(state, gap, after):
    assert open_after(state, gap) == after
