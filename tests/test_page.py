"""The pages as HTML: well formed, safe for any text, alone in the world, linked up, linear."""

from __future__ import annotations

import re
import time
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256
from html.parser import HTMLParser
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from test_document import documents
from typer.testing import CliRunner

from cleantext.canon.check import Report, check
from cleantext.cli import app
from cleantext.document import Document, Span
from cleantext.edits import Edit, Kind
from cleantext.page import attribute, quoted, short, visible
from cleantext.page_document import document_fragment, document_page
from cleantext.page_report import report_fragment, report_page

VOID = {"meta", "link", "input", "br"}
IN_PARAGRAPH = {"a", "bdi", "code", "del", "ins", "mark", "span"}


def after(document: Document, *places: tuple[str, str, Kind, str, float]) -> Document:
    """The document with a pass of edits: the place in brackets, what comes there, why, how surely."""
    edits = []
    for place, new, kind, reason, sure in places:
        left, rest = place.split("[")
        old, right = rest.split("]")
        start = document.text.index(left + old + right) + len(left)
        edits.append(Edit(start, old, new, kind, reason, sure))
    return document.after_pass(sorted(edits, key=lambda edit: edit.start))


def every_kind() -> Document:
    """Edits of every kind, a span that was kept, warnings, and characters that drive what shows them."""
    document = Document.start(
        "ernment ministers said on tuesday the vote would go ahead &amp; noone objected"
        " \u202ereversed\u202c and advertisement\nthe count was 52 48 in 2 010\x07 said Mr. Levy\n"
        "Sign up for the letter.\nFive things to know\n<script>pwned = true</script>\n\n"
        "שלום עולם 123 abc\n\nPhoto: A. Person\n"
    )
    document = after(
        document,
        ("[&amp;]", "&", "decode", "entity", 1.0),
        ("010[\x07]", "", "decode", "control", 1.0),
    )
    document = after(
        document,
        ("[advertisement]", "", "drop", "advert", 0.99),
        ("[Sign up for the letter.\nFive things to know\n]", "", "drop", "newsletter", 0.93),
    )
    document = after(
        document,
        ("[ernment]", "government", "complete", "cut word", 0.7),
        ("[noone]", "no one", "split", "glued words", 0.9),
    )
    document = after(
        document,
        ("[government]", "Government", "case", "sentence start", 0.95),
        ("[tuesday]", "Tuesday", "case", "name", 0.99),
        ("and [\n]the", "\n\n", "space", "paragraph", 0.74),
        ("52[ ]48", "-", "number", "score", 0.98),
        ("2[ ]010", "", "number", "grouping", 0.9),
        ("objected[]", ",", "mark", "comma", 0.6),
        ("Mr[.]", "", "mark", "house style", 0.9),
    )
    photo = document.raw.index("Photo")
    kept = Span(photo, photo + 16, "Photo: A. Person", "photo credit", 0.9)
    return replace(document, quality=0.125, warnings=("the end seems <cut>",), marked=(kept,))


CANONICAL = (
    "Fog came in at dawn. The harbour master left at 2 p.m. He told Mr. Hun, 40, what he saw there; nobody slept.\n\n"
    "“The ships came in before the storm broke over the town,” she said. The crowd went home to"
    " wait for news of the other boats that night. It rained until noon in the U.S. and beyond."
    " Two men were found on the beach in the morning by a woman who was walking her dog."
)
TEXT = (
    "Fog came in at dawn. the harbor master left at 2pm. he told Hun 40 what he saw there; nobody slept. The crowd went"
    ' home to wait for news of the other boats that night. "The ships came in before the storm'
    ' broke over the town", she said. It poured until noon in the US & beyond <b>\u202e.'
    " Read more: five things to know about ships"
)


def report() -> Report:
    """Differences of many kinds, and a sentence that is missing."""
    return check(TEXT, CANONICAL)


PAGES = {
    "document": lambda: document_page(every_kind()),
    "untouched": lambda: document_page(Document.start("As it was.")),
    "empty": lambda: document_page(Document.start("")),
    "report": lambda: report_page(report()),
    "other story": lambda: report_page(check("One two three.", "Ships sail at night.")),
    "same": lambda: report_page(check("One two three.", "One two three.")),
    "nothing": lambda: report_page(check("", "")),
}
FRAGMENTS = {
    "document": lambda: document_fragment(every_kind()),
    "untouched": lambda: document_fragment(Document.start("As it was.")),
    "report": lambda: report_fragment(report()),
    "same": lambda: report_fragment(check("One two three.", "One two three.")),
}


class Html(HTMLParser):
    """What a page holds; refuses tags that do not close in turn and blocks inside a paragraph."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.elements: list[tuple[str, dict[str, str]]] = []
        self.prose: list[str] = []
        self._stack: list[tuple[str, str]] = []
        self.feed(html)
        self.close()
        assert not self._stack, f"left open: {self._stack}"

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        names = [name for name, _ in attrs]
        assert len(names) == len(set(names)), f"an attribute twice: {tag} {names}"
        inside = [name for name, _ in self._stack]
        assert "p" not in inside or tag in IN_PARAGRAPH, f"{tag} inside a paragraph"
        assert tag != "a" or "a" not in inside, "a link inside a link"
        attributes = {name: value or "" for name, value in attrs}
        self.elements.append((tag, attributes))
        if tag not in VOID:
            self._stack.append((tag, attributes.get("class", "")))

    def handle_endtag(self, tag: str) -> None:
        assert self._stack, f"</{tag}> without a start"
        assert self._stack.pop()[0] == tag

    def handle_data(self, data: str) -> None:
        classes = [name for _, name in self._stack]
        taken_out = any(tag in ("del", "details") for tag, _ in self._stack)
        if "ct-prose" in classes and not taken_out and "ct-glyph" not in " ".join(classes):
            self.prose.append(data)

    def values(self, name: str) -> list[str]:
        return [attributes[name] for _, attributes in self.elements if name in attributes]


@pytest.mark.parametrize("name", PAGES)
def test_a_page_is_well_formed_and_linked_up(name: str) -> None:
    html = PAGES[name]()
    page = Html(html)
    assert html.startswith("<!DOCTYPE html>\n<html lang=")
    ids = page.values("id")
    assert len(ids) == len(set(ids))
    links = [attributes["href"] for tag, attributes in page.elements if tag == "a"]
    assert {link[1:] for link in links} <= set(ids)
    for names in page.values("aria-labelledby"):
        assert names in ids
    html.encode("utf-8")


@pytest.mark.parametrize("name", PAGES)
def test_a_page_asks_for_nothing_and_its_policy_forbids_it(name: str) -> None:
    html = PAGES[name]()
    page = Html(html)
    assert not page.values("src")
    assert not page.values("style")
    assert all(link.startswith("#") or link == "data:," for link in page.values("href"))
    assert not re.search(r"url\(|@import|https?:", html)
    (policy,) = [a["content"] for _, a in page.elements if "http-equiv" in a]
    assert policy.startswith("default-src 'none'; ")
    for tag in ("style", "script"):
        (body,) = re.findall(f"<{tag}>(.*?)</{tag}>", html, re.DOTALL)
        digest = b64encode(sha256(body.encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in policy


@pytest.mark.parametrize("name", FRAGMENTS)
def test_a_fragment_stays_in_its_frame(name: str) -> None:
    html = FRAGMENTS[name]()
    page = Html(html)
    assert html.startswith('<div class="ct ct-fragment">')
    tags = [tag for tag, _ in page.elements]
    assert not {"script", "html", "body", "h1", "main"} & set(tags)
    assert not page.values("id")
    assert not page.values("href")
    (style,) = re.findall("<style>(.*?)</style>", html, re.DOTALL)
    style = re.sub(r"/\*.*?\*/", "", style, flags=re.DOTALL)
    for selector in re.findall(r"(?:^|[{};])\s*([^{};@]+?)\s*\{", style):
        for part in re.split(r",(?![^(]*\))", selector):
            assert ".ct" in part, selector


def test_every_kind_of_edit_is_marked_with_its_reason() -> None:
    page = Html(document_page(every_kind()))
    told = {
        attributes["title"]
        for tag, attributes in page.elements
        if tag in ("ins", "del", "a") and "title" in attributes
    }
    assert told == {
        "casing: “government” → “Government”; sentence start; 95 % sure; before that,"
        " words completed: “ernment” → “government”; cut word; 70 % sure",
        "casing: “tuesday” → “Tuesday”; name; 99 % sure",
        "decoding: “&amp;” → “&”; entity; 100 % sure",
        "words split: “noone” → “no one”; glued words; 90 % sure",
        "punctuation: “,” inserted; comma; 60 % sure",
        "dropped: “advertisement” taken out; advert; 99 % sure",
        "spacing: “¶” → “¶¶”; paragraph; 74 % sure",
        "marks in numbers: “␣” → “-”; score; 98 % sure",
        "marks in numbers: “␣” taken out; grouping; 90 % sure",
        "decoding: “\\x07” taken out; control; 100 % sure",
        "punctuation: “.” taken out; house style; 90 % sure",
    }
    assert "told apart from the story and kept: photo credit; 90 % sure" in page.values("title")


def test_of_a_completed_word_what_was_cut_off_is_marked() -> None:
    html = document_page(every_kind())
    assert re.search(r'<ins class="ct-c ct-complete ct-low"><a [^>]*>Gov</a></ins>ernment', html)
    start = after(Document.start("the govern"), ("[govern]", "government", "complete", "cut", 0.9))
    assert re.search(r">the govern<ins [^>]*>ment</ins></p>", document_page(start))


def test_what_was_dropped_is_struck_through_at_its_place() -> None:
    html = document_page(every_kind())
    assert re.search(r"and <del [^>]*>advertisement</del><ins", html)
    assert (
        "<summary>Dropped: “Sign up for the letter.¶Five things to know” (9 words); newsletter;"
        ' 93 % sure</summary><p dir="auto"><del>Sign up for the letter.\nFive things to know</del>'
    ) in html


def test_only_less_sure_changes_look_so_and_are_listed() -> None:
    html = document_page(every_kind())
    low = re.findall(r'<(?:ins|del) class="ct-c ct-(\w+) ct-low[ "]', html)
    assert low == ["complete", "mark", "space"]
    rows = re.findall(r'<tr class="ct-u-(\w+)">.*?href="#(e\d)".*?class="ct-n">(\d+)', html)
    assert rows == [("mark", "e2", "60"), ("complete", "e1", "70"), ("space", "e3", "74")]
    sure = after(Document.start("a b"), ("a[]", ",", "mark", "comma", 0.75))
    assert "Least sure changes" not in document_page(sure)


def test_the_summary_says_what_the_document_says() -> None:
    html = document_page(every_kind(), title="a <b>.txt", lang='x"y')
    assert "<title>a &lt;b&gt;.txt</title>" in html
    assert "<li>the end seems &lt;cut&gt;</li>" in html
    assert "<dd>12.5 %</dd>" in html
    assert 'lang="x&quot;y"' in html
    counts = re.findall(r'class="ct-f-(\w+)"(?: checked)?>.*?ct-count">(\d+)<', html)
    assert dict(counts) == {
        **{kind: str(count) for kind, count in every_kind().counts().items()},
        "unsure": "3",
        "kept": "1",
    }
    assert "Nothing was changed." in document_page(Document.start("x"))


HOSTILE = st.text(st.sampled_from("ab .\n<>&\"'\x00\u202e\ud800\u05d0"), max_size=60)


@given(documents(), HOSTILE, st.lists(st.integers(0, 40), min_size=2, max_size=4))
@settings(max_examples=150)
def test_any_document_gives_a_well_formed_page(
    document: Document, text: str, places: list[int]
) -> None:
    spans = [Span(*sorted(places[:2]), text, text, 0.5), Span(*sorted(places[-2:]), "", text, 1.0)]
    document = replace(document, warnings=(text,), marked=tuple(spans))
    for html in (document_page(document, title=text, lang=text), document_fragment(document)):
        Html(html).close()
        html.encode("utf-8")


@given(HOSTILE, st.data())
@settings(max_examples=150)
def test_the_prose_is_the_text(text: str, data: st.DataObject) -> None:
    document = Document.start(text)
    for _ in range(2):
        places = sorted(data.draw(st.lists(st.integers(0, len(document.text)), max_size=6)))
        spans = zip(places[::2], places[1::2], strict=False)
        edits = [(i, document.text[i:j], data.draw(HOSTILE.map(lambda t: t[:4]))) for i, j in spans]
        document = document.after_pass(
            [Edit(i, old, new, "decode", "r", 0.5) for i, old, new in edits if old != new]
        )
    page = Html(document_page(document))
    shown = re.sub("[\x00\u202e\ud800]", lambda m: repr(m[0])[1:-1], document.text)
    assert "".join("".join(page.prose).split()) == "".join(shown.split())


@given(HOSTILE, HOSTILE)
@settings(max_examples=100)
def test_any_two_texts_give_a_well_formed_page(text: str, canonical: str) -> None:
    found = check(text, canonical)
    for html in (report_page(found, title=text), report_fragment(found)):
        Html(html)
        html.encode("utf-8")


def test_characters_that_cannot_be_seen_show_and_those_that_shape_words_stay() -> None:
    assert visible("a\u202eb") == 'a<span class="ct-odd">\\u202e</span>b'
    assert visible("\ud800\x00\xad") == "".join(
        f'<span class="ct-odd">{code}</span>' for code in ("\\ud800", "\\x00", "\\xad")
    )
    assert visible("می\u200cخواهم\u200f 👩\u200d🚀 10\xa0km\tx\r\ny") == (
        "می\u200cخواهم\u200f 👩\u200d🚀 10\xa0km\tx\ny"
    )
    assert attribute('"\u2066') == '"&quot;\\u2066"'
    assert quoted("שלום") == "\u2068“שלום”\u2069"
    assert attribute(quoted("שלום")) == '"\u2068“שלום”\u2069"'
    assert short("x" * 100, most=10) == "xxxxx … xxxxx"


def test_a_report_names_every_difference_and_leads_to_its_places() -> None:
    found = report()
    html = report_page(found)
    page = Html(html)
    ids = set(page.values("id"))
    kinds = {difference.kind for difference in found.differences}
    assert {"casing", "mark", "spelling variant", "honorific", "sentence moved"} <= kinds
    for number, difference in enumerate(found.differences, start=1):
        assert f"l{number}" in ids
        assert (f"t{number}" in ids) == bool(difference.text)
        assert (f"c{number}" in ids) == bool(difference.canonical)
    assert "<h3>The end</h3>" in html
    assert "by a woman who was walking her dog.</blockquote>" in html
    assert "The two are not the same story" not in html
    assert "The two are not the same story" in PAGES["other story"]()
    assert "The two texts do not differ." in PAGES["same"]()


def test_a_style_report_has_no_difference_of_house_style() -> None:
    assert 'class="ct-f-quote-style"' in report_page(report())
    html = report_page(check(TEXT, CANONICAL, style=True))
    assert 'class="ct-f-quote-style"' not in html
    assert 'class="ct-f-style"' not in html
    assert 'class="ct-f-casing"' in html


def test_a_fragment_of_a_report_holds_the_rows_that_differ() -> None:
    found = check("One two.\n\nThree four five.\n\nsix.", "One two.\n\nThree four five.\n\nSix.")
    html = report_fragment(found)
    assert "2 rows without a difference" in html
    assert "Three" not in html
    assert "Three" in report_page(found)


def test_past_the_most_edits_the_text_goes_on_unmarked_and_says_so() -> None:
    text = "ab " * 30_000
    edits = [Edit(3 * i, "a", "A", "case", "name", 0.6) for i in range(30_000)]
    html = document_page(Document.start(text).after_pass(edits))
    assert html.count("<ins ") == 20_000 + 100  # the list of the least sure shows a hundred again
    assert "The last 10,000 edits are not marked from here on" in html
    assert "The 100 least sure of 20,000." in html
    assert len("".join(Html(html).prose)) >= len(text) - 1
    fragment = document_fragment(Document.start(text).after_pass(edits))
    assert "80,000 more characters are not shown here" in fragment
    assert len(fragment) < 1_000_000


def test_cost_is_linear() -> None:
    def seconds(size: int) -> float:
        text = "word other " * size
        edits = [Edit(11 * i, "w", "W", "case", "name", 0.6) for i in range(size)]
        document = Document.start(text).after_pass(edits)
        document = document.after_pass(
            [Edit(5 + 11 * i, "o", "O", "case", "name") for i in range(size)]
        )
        begin = time.perf_counter()
        document_page(document)
        return time.perf_counter() - begin

    seconds(1_000)
    assert seconds(40_000) < 12 * seconds(10_000) + 0.2


def test_the_methods_give_the_pages() -> None:
    document, found = every_kind(), report()
    assert document.to_html(title="t", lang="fr") == document_page(document, title="t", lang="fr")
    assert document._repr_html_() == document_fragment(document)
    assert found.to_html(title="t", lang="fr") == report_page(found, title="t", lang="fr")
    assert found._repr_html_() == report_fragment(found)


def test_the_command_line_writes_pages(tmp_path: Path) -> None:
    text, canonical, out = (tmp_path / name for name in ("a.txt", "b.txt", "out.html"))
    text.write_text("The ship left.", encoding="utf-8")
    canonical.write_text("The Ship left.", encoding="utf-8")
    runner = CliRunner()
    for command in (["check", str(text), str(canonical)], ["explain", str(text)]):
        done = runner.invoke(app, [*command, "--html", str(out)])
        assert (done.exit_code, done.output) == (0, "")
        html = out.read_text(encoding="utf-8")
        assert f"{text}" in html
        Html(html)
        assert runner.invoke(app, [*command, "--html", str(out), "--json"]).exit_code == 2
        assert runner.invoke(app, [*command, "--html", "-"]).output == html
