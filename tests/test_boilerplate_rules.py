"""The rules of ``data/boilerplate.toml``: every example is found, every counter-example stays."""

from __future__ import annotations

import re

import pytest

from cleantext.boilerplate.layout import find
from cleantext.boilerplate.lines import lines_of, lowered
from cleantext.boilerplate.matches import matches
from cleantext.boilerplate.rules import RuleError, load_rules

RULES = load_rules()
EXAMPLES = [(rule, example) for rule in RULES for example in rule.examples]
COUNTER_EXAMPLES = [(rule, example) for rule in RULES for example in rule.counter_examples]
MARKED = re.compile("[‹›]")


def name(value):
    return getattr(value, "id", None) or (value[:40] if isinstance(value, str) else None)


def taken(line):
    """What the surest rule takes of a line, found by way of its keys."""
    return [line[m.start : m.stop] for m in matches(line, lowered(line), lines_of(line))]


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=name)
def test_example_is_taken(rule, example):
    line = MARKED.sub("", example)
    span = rule.match(line)
    assert span is not None
    wanted = example[example.index("‹") + 1 : example.index("›")] if "‹" in example else line
    assert line[slice(*span)] == wanted.strip()


@pytest.mark.parametrize(("rule", "example"), EXAMPLES, ids=name)
def test_keys_lead_to_the_example(rule, example):
    line = MARKED.sub("", example)
    text = f"Some other line stands here.\n{line}\nAnd one more."
    found = matches(text, lowered(text), lines_of(text))
    assert any(match.line == 1 for match in found)


@pytest.mark.parametrize(("rule", "example"), COUNTER_EXAMPLES, ids=name)
def test_counter_example_stays(rule, example):
    assert rule.match(example) is None


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_rule_is_well_formed(rule):
    assert re.fullmatch(r"[a-z]+(?:-[a-z]+)*", rule.id)
    assert rule.examples
    assert rule.counter_examples
    assert rule.keys or rule.glued
    assert 0.5 <= rule.confidence <= 1
    for key in (*rule.keys, *rule.glued):
        assert key == key.lower()
        assert key.strip()


@pytest.mark.parametrize("rule", RULES, ids=name)
def test_rule_is_quick_on_hostile_lines(rule):
    """A pattern that goes back and forth would need minutes here."""
    opener = MARKED.sub("", rule.examples[0])
    for line in (f"{opener} " * 200, opener + " A" * 300, opener + " a" * 300, "A/" * 600 + opener):
        rule.match(line.strip()[: rule.longest])


@pytest.mark.parametrize(
    "line",
    [
        "SIGN UP FOR OUR NEWSLETTER",
        "sign up for our newsletter",
        "story continues below",
        "media playback is unsupported on your device",
        "the associated press contributed to this report",
        "copyright 2019 the harbour post all rights reserved",
        "6 years ago",
    ],
)
def test_rules_of_words_hold_for_flat_lines(line):
    assert taken(line) == [line]


@pytest.mark.parametrize(
    "line",
    [
        "The newspaper said that the story continues to move readers.",
        "Copyright was the subject of the hearing on Tuesday, which ran for three hours.",
        "He told the crowd to sign up for the army before it was too late.",
        "Advertising revenue fell.",
        "What happens next",
        "Follow the money",
        "The Associated Press reported on Monday that the ferry had sunk.",
        "“Read more,” she told the children.",
        "A photo of the ship was sold to an agency.",
    ],
)
def test_ordinary_lines_stay(line):
    assert taken(line) == []
    assert find(line) == []


def test_rules_with_a_fault_are_named(tmp_path):
    path = tmp_path / "rules.toml"
    path.write_text('[[rule]]\nid = "odd"\nwhere = "line"\n', "utf-8")
    with pytest.raises(RuleError, match="'odd'"):
        load_rules(path)
    path.write_text("[[rule]", "utf-8")
    with pytest.raises(RuleError, match=r"rules\.toml"):
        load_rules(path)
    with pytest.raises(RuleError, match=r"missing\.toml"):
        load_rules(tmp_path / "missing.toml")


def test_ids_are_unique(tmp_path):
    table = (
        '[[rule]]\nid = "twice"\nkind = "advert"\nwhere = "line"\nform = "words"\nkeys = ["a"]\n'
        'pattern = "a"\nconfidence = 1\nexamples = []\ncounter_examples = []\n'
    )
    path = tmp_path / "rules.toml"
    path.write_text(table, "utf-8")
    assert len(load_rules(path)) == 1
    load_rules.cache_clear()
    path.write_text(table * 2, "utf-8")
    with pytest.raises(RuleError, match="twice"):
        load_rules(path)
