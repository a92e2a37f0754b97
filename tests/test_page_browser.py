"""The pages in a real headless Chromium; skipped where there is none."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from chromium import Chromium, find
from test_page import FRAGMENTS, PAGES, Html

from cleantext.canon.differences import KINDS as DIFFERENCES
from cleantext.edits import KINDS as EDITS
from cleantext.page import page, slug

pytestmark = pytest.mark.skipif(find() is None, reason="no Chromium is installed")

#: Elements that text stands in, each with its colour and what is painted behind it, both opaque.
CONTRASTS = """
(() => {
  const rgb = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const behind = (element) => {
    const layers = [];
    for (let e = element; e; e = e.parentElement) layers.push(rgb(getComputedStyle(e).backgroundColor));
    return layers.reverse().reduce(
      (under, [r, g, b, a = 1]) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a)), [255, 255, 255]);
  };
  const light = (colour) => {
    const [r, g, b] = colour.map((c) => (c /= 255) <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4);
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const ratio = (a, b) => {
    const [low, high] = [light(a), light(b)].sort((x, y) => x - y);
    return (high + 0.05) / (low + 0.05);
  };
  const found = [];
  for (const e of document.body.querySelectorAll('*')) {
    if (!e.checkVisibility() || ['STYLE', 'SCRIPT'].includes(e.tagName)) continue;
    const back = behind(e);
    if ([...e.childNodes].some((n) => n.nodeType === 3 && n.data.trim()))
      found.push([e.className || e.tagName, ratio(rgb(getComputedStyle(e).color), back)]);
    for (const pseudo of ['::before', '::after']) {
      const style = getComputedStyle(e, pseudo);
      if (style.content === 'none') continue;
      const own = rgb(style.backgroundColor);
      found.push([e.className + pseudo, ratio(rgb(style.color), own[3] === 0 ? back : own)]);
    }
  }
  return found;
})()
"""
#: The colours of what the page is made of.
COLOURS = """
['body', '.ct-case, .ct-casing', 'a'].map((selector) => {
  const style = getComputedStyle(document.querySelector(selector));
  return [style.color, style.backgroundColor].join();
})
"""
SHOWN = "(s) => [...document.querySelectorAll(s)].filter((e) => e.checkVisibility()).length"


@pytest.fixture(scope="module")
def chromium() -> Iterator[Chromium]:
    browser = Chromium(str(find()))
    yield browser
    browser.close()


@pytest.fixture
def opened(chromium: Chromium, tmp_path: Path) -> Any:
    """Opens HTML as a file and gives the browser; says what went wrong on the page at the end."""

    def load(html: str, **look: Any) -> Chromium:
        file = tmp_path / "page.html"
        file.write_text(html, encoding="utf-8")
        chromium.look(**look)
        chromium.open(file.as_uri())
        return chromium

    yield load
    troubles = ("Log.entryAdded", "Runtime.consoleAPICalled", "Runtime.exceptionThrown")
    assert [event for event in chromium.events if event[0] in troubles] == []
    asked = [p["request"]["url"] for n, p in chromium.events if n == "Network.requestWillBeSent"]
    assert asked == [(tmp_path / "page.html").as_uri()]


def notebook() -> str:
    """Two fragments of a kind each between what does not belong to them."""
    cells = "".join(
        f"<div class=out>{FRAGMENTS[name]()}</div>" for name in ("document", "report") * 2
    )
    return (
        '<!DOCTYPE html><html lang="en"><meta charset="utf-8"><title>n</title>'
        f'<link rel="icon" href="data:,"><body><p id="outside">x <ins>y</ins></p>{cells}</body></html>'
    )


# --- loading --------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", PAGES)
def test_a_page_loads_alone_and_is_what_was_written(opened: Any, name: str) -> None:
    html = PAGES[name]()
    browser = opened(html)
    tags = browser.run("[...document.querySelectorAll('*')].map((e) => e.tagName.toLowerCase())")
    assert tags == [tag for tag, _ in Html(html).elements]  # the parser moved and mended nothing
    assert browser.run("document.compatMode") == "CSS1Compat"
    assert browser.run("typeof pwned") == "undefined"


def test_the_policy_stops_what_was_not_written_by_us(chromium: Chromium, tmp_path: Path) -> None:
    hole = "<script>pwned = true</script><img src='https://example.com/x.png'>"
    file = tmp_path / "page.html"
    file.write_text(PAGES["document"]().replace("</main>", f"{hole}</main>"), encoding="utf-8")
    chromium.open(file.as_uri())
    assert chromium.run("typeof pwned") == "undefined"
    refused = [p["entry"]["text"] for n, p in chromium.events if n == "Log.entryAdded"]
    assert len(refused) == 2
    assert all("Content Security Policy" in text for text in refused)


@pytest.mark.parametrize("name", ["document", "report"])
@pytest.mark.parametrize("width", [320, 700, 1400])
def test_nothing_runs_out_of_the_window(opened: Any, name: str, width: int) -> None:
    browser = opened(PAGES[name](), width=width)
    assert browser.run("document.documentElement.scrollWidth") == width


def test_a_narrow_window_stacks_rows_and_keeps_them_rows(opened: Any) -> None:
    sides = (
        "[...document.querySelectorAll('.ct-row .ct-side')].slice(0, 2).map((e) => e.offsetLeft)"
    )
    browser = opened(PAGES["report"](), width=1200)
    assert len(set(browser.run(sides))) == 2
    wide = [node["role"]["value"] for node in browser.tree()].count("row")
    browser = opened(PAGES["report"](), width=400)
    assert len(set(browser.run(sides))) == 1
    assert [node["role"]["value"] for node in browser.tree()].count("row") == wide > 5


# --- colours --------------------------------------------------------------------------------------


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("name", ["document", "report", "notebook", "kinds"])
def test_all_text_stands_out(opened: Any, name: str, scheme: str) -> None:
    if name == "kinds":
        names = [*EDITS, *map(slug, DIFFERENCES)]
        marks = "".join(f'<p><ins class="ct-c ct-low ct-{kind}">{kind}</ins></p>' for kind in names)
        html = page(
            "t",
            [("all", "All", f'{marks}<p><mark class="ct-kept">kept</mark></p>')],
            css="",
            skip="all",
        )
    else:
        html = notebook() if name == "notebook" else PAGES[name]()
    browser = opened(html, scheme=scheme)
    browser.run("document.querySelectorAll('details').forEach((e) => { e.open = true })")
    contrasts = [c for c in browser.run(CONTRASTS) if c[0] != "P" or name != "notebook"]
    assert len(contrasts) > 20
    assert [contrast for contrast in contrasts if contrast[1] < 4.5] == []


@pytest.mark.parametrize("name", ["document", "report"])
def test_the_dark_is_dark(opened: Any, name: str) -> None:
    light = opened(PAGES[name](), scheme="light").run(COLOURS)
    dark = opened(PAGES[name](), scheme="dark").run(COLOURS)
    assert all(a != b for a, b in zip(light, dark, strict=True))


def test_no_two_kinds_look_alike_but_for_their_colour(opened: Any) -> None:
    """Within the kinds that share a colour, the line has another shape."""
    for kinds in (EDITS, DIFFERENCES):
        marks = "".join(f'<ins class="ct-c ct-{slug(kind)}">a</ins>' for kind in kinds)
        html = page("t", [("all", "All", f"<p>{marks}</p>")], css="", skip="all")
        looks = opened(html).run(
            "[...document.querySelectorAll('main ins')].map((e) => { const s = getComputedStyle(e);"
            " return [s.backgroundColor, s.textDecorationStyle, s.textDecorationThickness].join() })"
        )
        assert len(set(looks)) == len(kinds)


# --- filters --------------------------------------------------------------------------------------


def marked(browser: Chromium, kind: str) -> bool:
    """Whether what was changed in this way is marked in the text."""
    look = browser.run(
        f"(() => {{ const s = getComputedStyle(document.querySelector('.ct-prose .ct-{kind},"
        f" .ct-side .ct-{kind}'));"
        " return [s.textDecorationLine, s.backgroundColor, s.display].join('|') })()"
    )
    return look not in ("none|rgba(0, 0, 0, 0)|inline", "none|rgba(0, 0, 0, 0)|none")


@pytest.mark.parametrize("scripts", [True, False])
def test_checkboxes_filter_the_changes(opened: Any, chromium: Chromium, scripts: bool) -> None:
    chromium.send("Emulation.setScriptExecutionDisabled", value=not scripts)
    try:
        browser = opened(PAGES["document"]())
        for kind in EDITS:
            assert marked(browser, kind), kind
            browser.run(f"document.querySelector('.ct-f-{kind}').click()")
            assert not marked(browser, kind), kind
            browser.run(f"document.querySelector('.ct-f-{kind}').click()")
        browser.run("document.querySelector('.ct-f-drop').click()")
        assert browser.run(f"({SHOWN})('.ct-prose .ct-drop')") == 0
        browser.run("document.querySelector('.ct-f-unsure').click()")
        assert marked(browser, "complete")
        assert not marked(browser, "split")
    finally:
        chromium.send("Emulation.setScriptExecutionDisabled", value=False)


def test_filters_leave_the_text_as_it_is(opened: Any) -> None:
    browser = opened(PAGES["document"]())
    text = "document.querySelector('.ct-prose').innerText.replace(/\\s+/g, ' ')"
    for kind in EDITS:
        browser.run(f"document.querySelector('.ct-f-{kind}').click()")
    assert browser.run(text).strip() == (
        "Government ministers said on Tuesday the vote would go ahead & no one objected,"
        " \\u202ereversed\\u202c and the count was 52-48 in 2010 said Mr Levy"
        " <script>pwned = true</script> שלום עולם 123 abc Photo: A. Person"
    )


def test_only_rows_that_differ_in_what_is_asked_for(opened: Any) -> None:
    browser = opened(PAGES["report"]())
    rows = f"({SHOWN})('.ct-row')"
    differing = browser.run("document.querySelectorAll('.ct-row[class*=\" ct-\"]').length")
    everything = browser.run(rows)
    browser.run("document.querySelector('.ct-f-only').click()")
    assert browser.run(rows) == differing < everything
    assert browser.run(f"({SHOWN})('.ct-alike')") == 1
    browser.run(
        "document.querySelectorAll('.ct-legend input:not(.ct-f-only, .ct-f-casing)')"
        ".forEach((e) => e.click())"
    )
    assert browser.run(rows) == browser.run("document.querySelectorAll('.ct-r-casing').length") >= 1
    browser.run("document.querySelector('.ct-f-casing').click()")
    assert browser.run(rows) == 0


def test_house_style_goes_with_one_click(opened: Any) -> None:
    browser = opened(PAGES["report"]())
    assert marked(browser, "quote-style")
    browser.run("document.querySelector('.ct-f-style').click()")
    assert not marked(browser, "quote-style")
    assert marked(browser, "casing")


# --- the keyboard ---------------------------------------------------------------------------------


def focused(browser: Chromium) -> str:
    """What has the focus, as its number among all elements."""
    return str(browser.run("[...document.querySelectorAll('*')].indexOf(document.activeElement)"))


@pytest.mark.parametrize("name", ["document", "report"])
def test_tab_reaches_every_control_in_order(opened: Any, name: str) -> None:
    browser = opened(PAGES[name]())
    controls = browser.run(
        "[...document.querySelectorAll('*')].map((e, i) => [e, i]).filter(([e]) =>"
        ' e.matches(\'a[href]:not([tabindex="-1"]), input, summary, [tabindex="0"]\')'
        " && e.checkVisibility()).map(([, i]) => String(i))"
    )
    reached = []
    for _ in controls:
        browser.press("Tab")
        reached.append(focused(browser))
    assert reached == controls
    assert len(controls) > 10


def test_the_skip_link_comes_first_and_leads_to_the_text(opened: Any) -> None:
    browser = opened(PAGES["document"]())
    browser.press("Tab")
    assert browser.run("document.activeElement.className") == "ct-skip"
    assert browser.run("document.activeElement.getBoundingClientRect().left") >= 0
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "text"


def test_arrows_lead_through_the_changes_that_are_shown(opened: Any) -> None:
    browser = opened(PAGES["document"]())
    browser.run("document.querySelector('.ct-c a').focus()")
    words = [browser.run("document.activeElement.textContent")]
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        browser.press(key)
        words.append(browser.run("document.activeElement.textContent"))
    assert words == ["Gov", "Tuesday", "&", "no one", "&"]
    told = browser.run("getComputedStyle(document.activeElement, '::before').content")
    assert told.startswith('"decoding: “&amp;” → “&”; entity; 100 % sure"')
    browser.run("document.querySelector('.ct-f-split').click()")
    browser.press("ArrowRight")
    assert browser.run("document.activeElement.textContent") == ","


def test_a_listed_change_leads_to_its_place_and_back(opened: Any) -> None:
    browser = opened(PAGES["document"]())
    browser.run("document.querySelector('#l2').focus()")
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "e2"
    browser.press("Enter")
    assert browser.run("document.activeElement.id") == "l2"


def test_a_listed_difference_leads_to_its_places_and_back(opened: Any) -> None:
    browser = opened(PAGES["report"]())
    for side in "tc":
        browser.run(f"document.querySelector('#l1 a[href=\"#{side}1\"]').focus()")
        browser.press("Enter")
        assert browser.run("document.activeElement.id") == f"{side}1"
        browser.press("Enter")
        assert browser.run("document.activeElement.id") == "l1"


# --- screen readers -------------------------------------------------------------------------------


def nodes(browser: Chromium, *roles: str) -> list[tuple[str, str, str]]:
    """Role, name and description of the nodes of the accessibility tree that have these roles."""
    return [
        (
            node["role"]["value"],
            node.get("name", {}).get("value", ""),
            node.get("description", {}).get("value", ""),
        )
        for node in browser.tree()
        if node["role"]["value"] in roles
    ]


def test_the_tree_of_a_document_names_landmarks_controls_and_marks(opened: Any) -> None:
    browser = opened(PAGES["document"]())
    landmarks = nodes(browser, "banner", "main", "navigation", "contentinfo", "region")
    assert sorted((role, name) for role, name, _ in landmarks) == [
        ("banner", ""),
        ("contentinfo", ""),
        ("main", ""),
        ("navigation", "On this page"),
        ("region", "Least sure changes"),
        ("region", "Raw text"),
        ("region", "Summary"),
        ("region", "Text"),
    ]
    boxes = [name for _, name, _ in nodes(browser, "checkbox")]
    assert {"casing 2", "dropped 2", "only less sure 3"} <= set(boxes)
    assert nodes(browser, "group")[0][1] == "Show changes"
    assert ("note", "Warnings", "") in nodes(browser, "note")
    told = nodes(browser, "insertion", "deletion", "link", "mark")
    said = " ".join(name + description for _, name, description in told)
    for part in (
        "casing: “tuesday” → “Tuesday”; name; 99 % sure",
        "words completed: “ernment” → “government”; cut word; 70 % sure",
        "dropped: “advertisement” taken out; advert; 99 % sure",
        "told apart from the story and kept: photo credit; 90 % sure",
    ):
        assert part in said


def test_the_tree_of_a_report_has_headers_and_named_marks(opened: Any) -> None:
    browser = opened(PAGES["report"]())
    headers = [name for _, name, _ in nodes(browser, "columnheader")]
    assert headers[:4] == ["Row", "Text", "Canonical version", "Differences"]
    assert [name for _, name, _ in nodes(browser, "rowheader")][:3] == ["1", "2", "3"]
    links = nodes(browser, "link")
    assert ("link", "the", "casing: “the”, canonical “The”; lower for title; 100 % sure") in links
    tables = [name for _, name, _ in nodes(browser, "table")]
    assert any(name.startswith("casing") for name in tables)


# --- notebooks and paper --------------------------------------------------------------------------


def test_fragments_touch_neither_each_other_nor_what_is_around(opened: Any) -> None:
    plain = notebook().split("<div class=out>")[0]
    look = (
        "['#outside', '#outside ins'].map((s) => { const c = getComputedStyle("
        "document.querySelector(s)); return [c.color, c.font, c.textDecoration, c.margin].join() })"
    )
    alone = opened(plain).run(look)
    browser = opened(notebook())
    assert browser.run(look) == alone
    browser.run("document.querySelector('.ct-f-split').click()")
    lines = browser.run(
        "[...document.querySelectorAll('.ct-prose .ct-split')]"
        ".map((e) => getComputedStyle(e).textDecorationLine)"
    )
    assert lines == ["none", "underline"]


@pytest.mark.parametrize("theme", [True, False])
def test_a_notebook_s_own_theme_goes_before_the_system_s(opened: Any, theme: bool) -> None:
    html = notebook().replace("<body>", f'<body data-jp-theme-light="{str(theme).lower()}">')
    browser = opened(html, scheme="dark" if theme else "light")
    back = browser.run("getComputedStyle(document.querySelector('.ct')).backgroundColor")
    assert back == ("rgb(251, 250, 247)" if theme else "rgb(22, 24, 28)")


def test_on_paper_there_are_no_controls(opened: Any) -> None:
    browser = opened(PAGES["document"](), scheme="dark")
    assert browser.run(f"({SHOWN})('input, nav')") > 1
    browser.send("Emulation.setEmulatedMedia", media="print")
    try:
        assert browser.run(f"({SHOWN})('input, nav')") == 0
        assert browser.run("getComputedStyle(document.body).color") == "rgb(32, 36, 42)"
        assert browser.run(f"({SHOWN})('.ct-prose details p')") == 1  # what was dropped is printed
    finally:
        browser.send("Emulation.setEmulatedMedia", media="")
