"""The command line: what it prints, where it writes, and what it says when it cannot."""

from __future__ import annotations

import gzip
import io
import json
import lzma
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from types import ModuleType
from typing import Annotated, Any, Literal, get_args, get_origin, get_type_hints

import pytest

import cleantext
from cleantext import show
from cleantext.canon.library import Library
from cleantext.cli import main, options
from cleantext.document import Document
from cleantext.normalizers import Boilerplate, Canonical, Edges
from cleantext.pipeline import Pipeline

SCRAPED = (
    "phnom penh cambodia ap cambodian prime minister hun sen has responded positively to a"
    " letter from u s president donald trump he said on thursday that the two countries would"
    " work together"
)
CLEAN = (
    "PHNOM PENH, Cambodia (AP) — Cambodian Prime Minister Hun Sen has responded positively to a"
    " letter from U.S. President Donald Trump.\r\n\r\nHe said on Thursday that the two countries"
    " would work together.\n"
)
posix = pytest.mark.skipif(os.name != "posix", reason="needs a POSIX terminal, pipe or mode")


@dataclass(frozen=True, slots=True)
class Ran:
    """What a run of the command line left behind."""

    status: int
    out: str
    err: str


Run = Callable[..., Ran]


@pytest.fixture
def run(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capfdbinary: pytest.CaptureFixture[bytes]
) -> Run:
    """Run ``cleantext`` with some arguments in an empty folder."""
    monkeypatch.chdir(tmp_path)

    def ran(*arguments: str, stdin: bytes = b"") -> Ran:
        monkeypatch.setattr("sys.argv", ["cleantext", *arguments])
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        status = main()
        out, err = capfdbinary.readouterr()
        return Ran(status, out.decode("utf-8"), err.decode("utf-8"))

    return ran


def _write(name: str, text: str | bytes) -> Path:
    path = Path(name)
    path.write_bytes(text.encode("utf-8") if isinstance(text, str) else text)
    return path


def _says(ran: Ran, *parts: str, status: int = 1) -> None:
    """One line on standard error that names all parts, nothing on standard output."""
    assert (ran.status, ran.out) == (status, "")
    assert ran.err.startswith("cleantext: ")
    assert ran.err.count("\n") == 1
    for part in parts:
        assert part in ran.err


@pytest.fixture(scope="module")
def restored() -> str:
    """What the library makes of SCRAPED; it differs, or nothing below says anything."""
    text: str = cleantext.restore(SCRAPED).text
    assert text != SCRAPED
    return text


# --- restore --------------------------------------------------------------------------------------


def test_restore_prints_exactly_the_text(run: Run, restored: str) -> None:
    _write("a.txt", SCRAPED)
    assert run("restore", "a.txt") == Ran(0, restored, "")


def test_restore_reads_standard_input(run: Run, restored: str) -> None:
    assert run("restore", "-", stdin=SCRAPED.encode()) == Ran(0, restored, "")


def test_restore_keeps_clean_copy_and_its_newlines_byte_for_byte(run: Run) -> None:
    _write("a.txt", CLEAN)
    assert run("restore", "a.txt") == Ran(0, CLEAN, "")
    assert run("restore", "a.txt", "-o", "b.txt") == Ran(0, "", "")
    assert Path("b.txt").read_bytes() == CLEAN.encode()


def test_restore_sets_several_texts_on_lines_of_their_own(run: Run, restored: str) -> None:
    _write("a.txt", SCRAPED)
    _write("b.txt", CLEAN)
    _write("empty.txt", "")
    ran = run("restore", "a.txt", "empty.txt", "b.txt", "a.txt")
    assert ran == Ran(0, f"{restored}\n{CLEAN}{restored}\n", "")


def test_restore_leaves_out_what_is_less_sure(run: Run) -> None:
    _write("a.txt", SCRAPED)
    ran = run("restore", "a.txt", "--min-confidence", "0.9")
    assert ran.out == cleantext.restore(SCRAPED, min_confidence=0.9).text


def test_restore_writes_one_object_for_each_file(run: Run, restored: str) -> None:
    _write("a.txt", SCRAPED)
    _write("b.txt", CLEAN)
    ran = run("restore", "a.txt", "b.txt", "--json")
    first, second = map(json.loads, ran.out.splitlines())
    assert (first["file"], first["text"], second["file"]) == ("a.txt", restored, "b.txt")
    assert Document.from_dict(first).undo() == SCRAPED
    assert second["passes"] == []


def test_restore_in_place_keeps_the_old_copy(run: Run, restored: str) -> None:
    path = _write("a.txt", SCRAPED)
    path.chmod(0o640)
    assert run("restore", "--in-place", "a.txt") == Ran(0, "", "")
    assert path.read_bytes() == restored.encode()
    assert Path("a.txt.bak").read_bytes() == SCRAPED.encode()
    assert sorted(os.listdir()) == ["a.txt", "a.txt.bak"]
    assert path.stat().st_mode & 0o777 == 0o640


def test_restore_in_place_never_overwrites_a_backup(run: Run, restored: str) -> None:
    _write("a.txt.bak", "precious")
    _write("a.txt.bak1", "more precious")
    _write("a.txt", SCRAPED)
    assert run("restore", "--in-place", "a.txt").status == 0
    assert Path("a.txt.bak").read_text() == "precious"
    assert Path("a.txt.bak1").read_text() == "more precious"
    assert Path("a.txt.bak2").read_text() == SCRAPED
    assert Path("a.txt").read_text() == restored


def test_restore_in_place_leaves_a_good_file_alone(run: Run) -> None:
    path = _write("a.txt", CLEAN)
    before = path.stat()
    assert run("restore", "--in-place", "a.txt") == Ran(0, "", "")
    assert os.listdir() == ["a.txt"]
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@posix
def test_restore_in_place_writes_through_a_link(run: Run, restored: str) -> None:
    real = _write("real.txt", SCRAPED)
    Path("link.txt").symlink_to("real.txt")
    assert run("restore", "--in-place", "link.txt").status == 0
    assert Path("link.txt").is_symlink()
    assert real.read_text() == restored


def test_restore_replaces_its_output_only_when_all_went_well(run: Run) -> None:
    _write("a.txt", SCRAPED)
    _write("out.txt", "as it was")
    ran = run("restore", "a.txt", "missing.txt", "-o", "out.txt")
    _says(ran, "missing.txt")
    assert Path("out.txt").read_text() == "as it was"
    assert sorted(os.listdir()) == ["a.txt", "out.txt"]


def test_restore_goes_on_after_a_bad_file(run: Run) -> None:
    _write("a.txt", CLEAN)
    ran = run("restore", "missing.txt", "a.txt")
    assert (ran.status, ran.out) == (1, CLEAN)
    assert ran.err.count("\n") == 1
    assert "missing.txt" in ran.err


def test_restore_writes_its_warnings_to_standard_error(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(_: Pipeline, text: str, **__: Any) -> Document:
        return Document(text, text, warnings=("this is a table",))

    monkeypatch.setattr(Pipeline, "__call__", restore)
    assert run("restore", "-", stdin=b"1 2") == Ran(
        0, "1 2", "cleantext: standard input: this is a table\n"
    )


# --- restore by the canonical version, and its policies ------------------------------------------

#: A story that the model alone would not set so, and what a collector kept of it.
STORY = (
    'POTI, Georgia (AP) — The ferry "Medea" left at dawn; 40 people were on board, said Capt. NINO'
    " Beridze, the harbor master.\n\nIt came back at 3:05 p.m. without its cargo of 1,200 quinces,"
    " and nobody on the quay could say where the fruit had gone."
)
KEPT = (
    "poti georgia ap the ferry medea left at dawn 40 people were on board said capt nino beridze the"
    " harbor master it came back at 3 05 p m without its cargo of 1 200 quinces and nobody on the"
    " quay could say where the fruit had gone"
)
OTHER = (
    "a baker in the old town sold his last loaf on friday after sixty years at the same oven and said"
    " he would sleep until noon for the rest of his life"
)
FURNISHED = (
    "The ferry left the harbor at dawn on Tuesday.\n\nADVERTISEMENT\n\nIt came back at noon"
    " without its captain, the harbor master said.\n"
)
CUT = (
    "The ferry left the harbor at dawn on Tuesday.\n\nIt came back at noon without its captain, the"
    " harbor master said, and nobody on the quay could explain what had happ"
)


@pytest.fixture
def stories(run: Run) -> str:
    """A library of two stories, in the folder that ``run`` runs in."""
    _write("poti.txt", STORY)
    _write("mill.txt", "The mill on the hill closed in March, and its wheel has not turned since.")
    assert run("library", "add", "stories.db", "poti.txt", "mill.txt").status == 0
    return "stories.db"


def test_restore_takes_what_was_lost_from_the_canonical_version(run: Run) -> None:
    _write("a.txt", KEPT)
    _write("true.txt", STORY)
    expected = cleantext.restore(KEPT, canonical=STORY).text
    assert expected != cleantext.restore(KEPT).text
    assert run("restore", "a.txt", "--canonical", "true.txt") == Ran(0, expected, "")
    assert run("restore", "-", "--canonical", "true.txt", stdin=KEPT.encode()).out == expected
    assert run("restore", "a.txt", "--canonical", "-", stdin=STORY.encode()).out == expected


def test_restore_says_that_the_canonical_version_is_of_another_story(run: Run) -> None:
    _write("a.txt", OTHER)
    _write("true.txt", STORY)
    ran = run("restore", "a.txt", "--canonical", "true.txt")
    assert (ran.status, ran.out) == (0, cleantext.restore(OTHER).text)
    assert "a.txt: the canonical version was left out of account" in ran.err


def test_a_canonical_version_that_is_no_text_is_bad_input(run: Run) -> None:
    _write("a.txt", KEPT)
    _write("empty.txt", "\n")
    _says(run("restore", "a.txt", "--canonical", "missing.txt"), "missing.txt cannot be read")
    _says(run("restore", "a.txt", "--canonical", "empty.txt"), "empty.txt is empty")


def test_restore_says_which_story_of_the_library_was_used(run: Run, stories: str) -> None:
    _write("a.txt", KEPT)
    _write("b.txt", OTHER)
    ran = run("restore", "a.txt", "b.txt", "--library", stories)
    known, alone = cleantext.restore(KEPT, canonical=STORY).text, cleantext.restore(OTHER).text
    assert (ran.status, ran.out) == (0, f"{known}\n{alone}\n")
    assert ran.err.splitlines() == [
        "cleantext: a.txt: canonical version 'poti.txt' in stories.db",
        "cleantext: b.txt: no canonical version found in stories.db",
    ]
    told = run("restore", "a.txt", "b.txt", "--library", stories, "--json")
    ids = [json.loads(line)["canonical_id"] for line in told.out.splitlines()]
    assert (ids, told.err) == (["poti.txt", ""], "")


def test_a_library_that_cannot_be_used_is_named_once(run: Run) -> None:
    _write("a.txt", KEPT)
    _write("b.txt", OTHER)
    ran = run("restore", "a.txt", "b.txt", "--library", "none.db")
    _says(ran, "there is no library none.db")
    assert not Path("none.db").exists()
    _says(run("restore", "a.txt", "--library", "b.txt"), "b.txt is no library")


@pytest.mark.parametrize("style", ["canonical", "own"])
def test_restore_sets_the_house_style_that_is_asked_for(run: Run, style: Any) -> None:
    _write("a.txt", KEPT)
    _write("true.txt", STORY.replace("Capt.", "Capt"))
    ran = run("restore", "a.txt", "--canonical", "true.txt", "--style", style)
    assert ("Capt. " in ran.out, "Capt " in ran.out) == (style == "own", style == "canonical")


@pytest.mark.parametrize("policy", ["drop", "mark", "keep"])
def test_restore_handles_boilerplate_as_asked(run: Run, policy: str) -> None:
    _write("a.txt", FURNISHED)
    ran = run("restore", "a.txt", "--boilerplate", policy)
    assert (ran.status, "ADVERTISEMENT" in ran.out) == (0, policy != "drop")
    told = json.loads(run("restore", "a.txt", "--boilerplate", policy, "--json").out)
    found = {name: [span["text"].strip() for span in told[name]] for name in ("dropped", "marked")}
    expected = ["ADVERTISEMENT"]
    assert found == {
        "dropped": expected if policy == "drop" else [],
        "marked": expected if policy == "mark" else [],
    }
    for span in told["dropped"]:
        assert FURNISHED[span["start"] : span["end"]] == span["text"]


@pytest.mark.parametrize(
    ("policy", "end"), [("complete", "happened"), ("mark", "happ..."), ("trim", "what had")]
)
def test_restore_handles_a_cut_word_as_asked(run: Run, policy: str, end: str) -> None:
    _write("a.txt", CUT)
    _write("true.txt", CUT + "ened to it in the night.")
    ran = run("restore", "a.txt", "--edges", policy, "--canonical", "true.txt")
    assert ran.status == 0
    assert ran.out.endswith(end)


def test_the_policies_are_those_of_the_normalizers() -> None:
    def choices(hint: Any) -> set[Any]:
        if get_origin(hint) is Literal:
            return set(get_args(hint))
        parts = get_args(hint)[:1] if get_origin(hint) is Annotated else get_args(hint)
        return {choice for part in parts for choice in choices(part)}

    for kind, name, option in (
        (Boilerplate, "policy", options.BoilerplatePolicy),
        (Edges, "policy", options.EdgesPolicy),
        (Canonical, "style", options.StyleOption),
    ):
        assert choices(option) == choices(get_type_hints(kind)[name])
        assert len(choices(option)) > 1


# --- library --------------------------------------------------------------------------------------


def test_library_add_takes_the_file_name_for_the_id(run: Run) -> None:
    Path("desk").mkdir()
    _write("desk/poti.txt", STORY)
    assert run("library", "add", "s.db", "desk/poti.txt") == Ran(
        0, "stories read: 1, new or changed: 1\n", ""
    )
    assert run("library", "add", "s.db", "desk/poti.txt").out.endswith("new or changed: 0\n")
    _write("desk/poti.txt", STORY + " It was found on Friday.")
    assert run("library", "add", "s.db", "desk/poti.txt").out.endswith("new or changed: 1\n")
    with Library("s.db", mode="r") as library:
        assert (len(library), library.get("poti.txt")) == (1, STORY + " It was found on Friday.")


def test_library_add_goes_on_after_a_bad_file(run: Run) -> None:
    _write("poti.txt", STORY)
    _write("blank.txt", "... !\n")
    ran = run("library", "add", "s.db", "missing.txt", "blank.txt", "poti.txt")
    assert (ran.status, ran.out) == (1, "stories read: 1, new or changed: 1\n")
    assert "missing.txt cannot be read" in ran.err
    assert "blank.txt has no word" in ran.err
    assert ran.err.count("\n") == 2


PACKERS = {".xz": lzma.compress, ".gz": gzip.compress}


@pytest.mark.skipif(sys.platform != "linux", reason="names need not be UTF-8 on Linux alone")
def test_library_add_goes_on_after_a_name_that_is_no_text(run: Run) -> None:
    _write("poti.txt", STORY)
    with open(b"caf\xe9.txt", "wb") as file:
        file.write(STORY.encode())
    ran = run("library", "add", "s.db", "poti.txt", os.fsdecode(b"caf\xe9.txt"))
    assert (ran.status, ran.out) == (1, "stories read: 1, new or changed: 1\n")
    assert "its name is not UTF-8" in ran.err


@pytest.mark.parametrize("name", ["stories.jsonl", "stories.jsonl.xz", "stories.jsonl.gz", "-"])
def test_library_add_reads_json_lines(run: Run, name: str) -> None:
    records: list[dict[str, Any]] = [
        {"id": "a", "text": "The mill closed.\u2028It opened again."},
        {"id": 7, "paragraphs": ["A ferry left.", "It came back."], "source": "The Daily Quince"},
    ]
    data = "\n\n".join(json.dumps(each, ensure_ascii=False) for each in records).encode()
    _write(name, PACKERS.get(Path(name).suffix, bytes)(data))
    ran = run("library", "add", "s.db", "--jsonl", name, stdin=data)
    assert ran == Ran(0, "stories read: 2, new or changed: 2\n", "")
    with Library("s.db", mode="r") as library:
        assert library.get("a") == records[0]["text"]
        assert library.get("7") == "A ferry left.\n\nIt came back."


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (b"nope", "is not JSON"),
        (b'{"id": "a", "text": "caf\xe9"}', "is not JSON in UTF-8"),
        (b"[" * 100_000, "is not JSON"),
        (b"[1]", "is not an object"),
        (b'{"text": "A ferry left."}', 'no field "id"'),
        (b'{"id": "", "text": "A ferry left."}', 'no field "id"'),
        (b'{"id": true, "text": "A ferry left."}', 'no field "id"'),
        (b'{"id": "\\ud800", "text": "A ferry left."}', 'no field "id"'),
        (b'{"id": "a"}', '"text"'),
        (b'{"id": "a", "text": 3}', '"text"'),
        (b'{"id": "a", "paragraphs": ["A ferry", null]}', '"paragraphs"'),
        (b'{"id": "a", "text": "..."}', "the story 'a' has no word"),
    ],
)
def test_library_add_names_a_bad_line_and_goes_on(run: Run, line: bytes, message: str) -> None:
    good = b'{"id": "good", "text": "A ferry left."}\n'
    _write("s.jsonl", good + line + b"\n" + good.replace(b"good", b"better"))
    ran = run("library", "add", "s.db", "--jsonl", "s.jsonl")
    assert (ran.status, ran.out) == (1, "stories read: 2, new or changed: 2\n")
    assert ran.err.startswith("cleantext: s.jsonl, line 2")
    assert ran.err.count("\n") == 1
    assert message in ran.err


def test_library_add_names_an_archive_that_ends_early(run: Run) -> None:
    data = lzma.compress(b'{"id": "a", "text": "A ferry left."}\n' * 50)
    _write("cut.jsonl.xz", data[:-20])
    _write("not.jsonl.xz", b'{"id": "a", "text": "A ferry left."}\n')
    ran = run("library", "add", "s.db", "--jsonl", "cut.jsonl.xz", "not.jsonl.xz")
    assert ran.status == 1
    assert [line.split(" is ")[0] for line in ran.err.splitlines()] == [
        "cleantext: cut.jsonl.xz",
        "cleantext: not.jsonl.xz",
    ]


@pytest.mark.parametrize("head", [b"\x28\xb5\x2f\xfd", b"\x1f\x8b"])
def test_library_add_says_that_a_file_is_packed(run: Run, head: bytes) -> None:
    _write("s.jsonl", head + b"rest")
    ran = run("library", "add", "s.db", "--jsonl", "s.jsonl")
    assert (ran.status, ran.err.count("\n")) == (1, 1)
    assert "s.jsonl is packed; unpack it and pipe it in" in ran.err


def test_library_find_shows_the_story(run: Run, stories: str) -> None:
    _write("a.txt", KEPT)
    ran = run("library", "find", stories, "a.txt")
    assert (ran.status, ran.err, ran.out.count("\n")) == (0, "", 1)
    assert re.search(r"% of the text .*% of the story .* words  poti\.txt$", ran.out.rstrip("\n"))
    told = json.loads(run("library", "find", stories, "a.txt", "--json").out)
    with Library(stories, mode="r") as library:
        assert told == {"file": "a.txt", "matches": [asdict(m) for m in library.find(KEPT)]}
    assert [match["id"] for match in told["matches"]] == ["poti.txt"]


def test_library_find_says_so_if_there_is_none(run: Run, stories: str) -> None:
    _write("b.txt", OTHER)
    assert run("library", "find", stories, "b.txt") == Ran(
        0, "", "cleantext: b.txt: it is a copy of no story in stories.db\n"
    )
    told = json.loads(run("library", "find", stories, "b.txt", "--json").out)
    assert told == {"file": "b.txt", "matches": []}


def test_library_find_shows_no_more_than_asked_for(run: Run, stories: str) -> None:
    _write("a.txt", KEPT)
    _write("poti-2.txt", STORY)
    run("library", "add", stories, "poti-2.txt")
    assert run("library", "find", stories, "a.txt").out.count("\n") == 2
    assert run("library", "find", stories, "a.txt", "-n", "1").out.count("\n") == 1


def test_library_remove_takes_a_story_out(run: Run, stories: str) -> None:
    assert run("library", "remove", stories, "poti.txt") == Ran(0, "", "")
    _says(run("library", "remove", stories, "poti.txt"), "stories.db has no story 'poti.txt'")
    _says(run("library", "remove", stories, ""), "cannot be an id")
    assert json.loads(run("library", "stats", stories, "--json").out)["stories"] == 1


def test_library_stats(run: Run, stories: str) -> None:
    with Library(stories, mode="r") as library:
        held = library.stats()
    assert held.stories == 2
    ran = run("library", "stats", stories)
    assert ran.out == (f"2 stories, {held.fingerprints:,} fingerprints, {held.bytes:,} bytes\n")
    told = json.loads(run("library", "stats", stories, "--json").out)
    assert told == {"library": stories, **asdict(held)}


@pytest.mark.parametrize(
    "arguments", ["find {} a.txt", "remove {} a", "stats {}"], ids=["find", "remove", "stats"]
)
def test_a_library_is_made_by_add_alone(run: Run, arguments: str) -> None:
    _write("a.txt", KEPT)
    _says(run("library", *arguments.format("none.db").split()), "there is no library none.db")
    _says(run("library", *arguments.format("a.txt").split()), "a.txt is no library")
    assert os.listdir() == ["a.txt"]


def test_a_text_file_is_never_taken_for_a_library_to_add_to(run: Run) -> None:
    _write("a.txt", KEPT)
    _write("b.txt", OTHER)
    _says(run("library", "add", "a.txt", "b.txt"), "a.txt is no library")
    assert Path("a.txt").read_text() == KEPT


# --- the other commands ---------------------------------------------------------------------------


def test_explain_prints_what_the_library_explains(run: Run) -> None:
    _write("a.txt", SCRAPED)
    assert run("explain", "a.txt") == Ran(0, cleantext.restore(SCRAPED).explain() + "\n", "")


def test_explain_lists_edits_for_a_machine(run: Run) -> None:
    _write("a.txt", SCRAPED)
    told = json.loads(run("explain", "a.txt", "--json").out)
    document = cleantext.restore(SCRAPED)
    assert (told["file"], told["counts"]) == ("a.txt", document.counts())
    assert told["edits"] == [row.to_dict() for row in show.placed(document)]


def test_explain_shows_what_was_dropped_and_where_the_rest_came_from(
    run: Run, stories: str
) -> None:
    _write("a.txt", FURNISHED)
    ran = run("explain", "a.txt")
    (line,) = [line for line in ran.out.splitlines() if "drop" in line and "→" in line]
    assert "ADVERTISEMENT" in line
    assert "advert" in line
    told = json.loads(run("explain", "a.txt", "--json").out)
    assert [span["text"].strip() for span in told["dropped"]] == ["ADVERTISEMENT"]
    kept = run("explain", "a.txt", "--boilerplate", "keep")
    assert kept.out.startswith("nothing was changed")

    _write("b.txt", KEPT)
    ran = run("explain", "b.txt", "--library", stories)
    assert ran.err == "cleantext: b.txt: canonical version 'poti.txt' in stories.db\n"
    assert "canonical version: " in ran.out
    assert ran.out == run("explain", "b.txt", "--canonical", "poti.txt").out
    told = json.loads(run("explain", "b.txt", "--library", stories, "--json").out)
    assert told["canonical_id"] == "poti.txt"


def test_explain_shows_the_text(run: Run, restored: str) -> None:
    _write("a.txt", SCRAPED)
    ran = run("explain", "a.txt", "--highlight")
    assert (ran.status, ran.out.rstrip("\n")) == (0, restored.rstrip("\n"))


def test_diagnose_prints_what_the_library_finds(run: Run) -> None:
    _write("a.txt", SCRAPED)
    diagnosis = cleantext.diagnose(SCRAPED)
    assert run("diagnose", "a.txt").out.rstrip("\n") == diagnosis.explain().rstrip("\n")
    told = json.loads(run("diagnose", "a.txt", "--json").out)
    assert told == {"file": "a.txt", **json.loads(json.dumps(diagnosis.to_dict()))}


@pytest.mark.parametrize("style", [False, True])
def test_check_prints_the_report(run: Run, *, style: bool) -> None:
    _write("a.txt", SCRAPED)
    _write("b.txt", CLEAN)
    arguments = ["check", "a.txt", "b.txt", *(["--style"] if style else [])]
    report = cleantext.check(SCRAPED, CLEAN, style=style)
    assert run(*arguments) == Ran(0, str(report).rstrip("\n") + "\n", "")
    told = json.loads(run(*arguments, "--json").out)
    assert told["files"] == ["a.txt", "b.txt"]
    assert {**told, **json.loads(json.dumps(report.to_dict()))} == told


def test_degrade_is_the_same_for_the_same_seed(run: Run) -> None:
    article = CLEAN * 5
    _write("a.txt", article)
    zero, one = run("degrade", "a.txt"), run("degrade", "a.txt", "--seed", "1")
    assert zero == Ran(0, cleantext.degrade(article, seed=0).text, "")
    assert one == Ran(0, cleantext.degrade(article, seed=1).text, "")
    assert len({zero.out, one.out, article}) == 3


class _Command(ModuleType):
    """Stands in for the training command, which takes hours."""

    def __init__(self) -> None:
        super().__init__("cleantext.training.command")
        self.calls: list[dict[str, Any]] = []

    def train(self, **settings: Any) -> None:
        self.calls.append(settings)

    def evaluate(self, **settings: Any) -> None:
        self.calls.append(settings)


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch) -> _Command:
    """The training command that only notes how it is called."""
    import cleantext.training

    stand_in = _Command()
    monkeypatch.setitem(sys.modules, stand_in.__name__, stand_in)
    monkeypatch.setattr(cleantext.training, "command", stand_in, raising=False)
    return stand_in


def test_train_hands_its_settings_on(run: Run, command: _Command) -> None:
    arguments = "a.jsonl b.jsonl.xz --output model --weights w --tokenizer t.json --hours 0.5"
    assert run("train", *arguments.split()) == Ran(0, "", "")
    assert command.calls == [
        {
            "corpus": [Path("a.jsonl"), Path("b.jsonl.xz")],
            "output": Path("model"),
            "weights": Path("w"),
            "tokenizer": Path("t.json"),
            "hours": 0.5,
            "device": "cpu",
            "start": None,
            "seed": 1,
        }
    ]


def test_train_hands_on_a_rate_that_is_given(run: Run, command: _Command) -> None:
    arguments = "a.jsonl --output model --device cuda --start last.pt --rate 1e-4 --seed 7"
    assert run("train", *arguments.split()) == Ran(0, "", "")
    (settings,) = command.calls
    given = {key: settings[key] for key in ("device", "start", "rate", "seed")}
    assert given == {"device": "cuda", "start": Path("last.pt"), "rate": 1e-4, "seed": 7}


def test_evaluate_hands_its_settings_on(run: Run, command: _Command) -> None:
    assert run("evaluate", "--corpus", "data", "--limit", "3", "--json") == Ran(0, "", "")
    assert command.calls == [
        {
            "corpus": Path("data"),
            "limit": 3,
            "model": None,
            "write": False,
            "json": True,
            "chart": None,
        }
    ]


def test_train_without_its_extra_gives_the_command_that_installs_it(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    import cleantext.training

    for name in [name for name in sys.modules if name.startswith("cleantext.training.")]:
        monkeypatch.delitem(sys.modules, name)
        monkeypatch.delattr(cleantext.training, name.rpartition(".")[2], raising=False)
    monkeypatch.setitem(sys.modules, "torch", None)
    _write("a.jsonl", "{}")
    ran = run("train", "a.jsonl", "--output", "m", "--weights", "w", "--tokenizer", "t")
    _says(ran, "torch", 'pip install "cleantext-news[train]"')


# --- bad input ------------------------------------------------------------------------------------


@pytest.mark.parametrize("name", ["restore", "explain", "diagnose", "degrade"])
def test_a_missing_file_is_named(run: Run, name: str) -> None:
    _says(run(name, "missing.txt"), "missing.txt cannot be read: there is no such file")


def test_a_folder_is_no_text(run: Run) -> None:
    Path("folder").mkdir()
    _says(run("restore", "folder"), "folder cannot be read: it is a folder")
    _write("a.txt", CLEAN)
    _says(run("restore", "a.txt", "-o", "folder"), "folder cannot be written: it is a folder")
    _says(run("restore", "a.txt", "-o", "none/out.txt"), "none/out.txt cannot be written")


@pytest.mark.parametrize(
    ("data", "byte", "likely"),
    [
        ("caf\u00e9 society".encode("cp1252"), "byte 0xe9 at offset 3", "-f WINDOWS-1252"),
        ("plain".encode("utf-16"), "byte 0xff at offset 0", "-f UTF-16"),
        (b"cut \xe2\x80", "byte 0xe2 at offset 4", "-f WINDOWS-1252"),
    ],
)
def test_what_is_not_utf_8_says_where_and_how_to_convert_it(
    run: Run, data: bytes, byte: str, likely: str
) -> None:
    _write("old copy.txt", data)
    _says(run("diagnose", "old copy.txt"), byte, f"iconv {likely} -t UTF-8 'old copy.txt'")


def test_a_byte_order_mark_is_part_of_the_text(run: Run) -> None:
    _write("a.txt", "\ufeff" + CLEAN)
    assert json.loads(run("restore", "a.txt", "--json").out)["raw"] == "\ufeff" + CLEAN


def test_a_text_that_is_too_long_is_refused(run: Run) -> None:
    _write("a.txt", "a " * 1_000_001)
    ran = run("restore", "a.txt")
    _says(ran, "a.txt: ")
    assert re.search(r"\b2([,_ ]?000){2}\b|\b2 million\b", ran.err)


def test_a_model_that_cannot_be_used_is_an_error_in_one_sentence(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    from cleantext.tagger.onnx import ModelError

    def restore(_: Pipeline, text: str, **__: Any) -> Document:
        raise ModelError("model.onnx is missing:\n install cleantext-news again")

    monkeypatch.setattr(Pipeline, "__call__", restore)
    _says(run("restore", "-"), "model.onnx is missing: install cleantext-news again")


def test_a_fault_of_the_library_is_not_passed_off_as_bad_input(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(_: Pipeline, text: str, **__: Any) -> Document:
        raise RuntimeError("a fault")

    monkeypatch.setattr(Pipeline, "__call__", restore)
    with pytest.raises(RuntimeError, match="a fault"):
        run("restore", "-")


def test_a_file_that_may_not_be_written_stays(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    path = _write("a.txt", SCRAPED)
    monkeypatch.setattr(os, "access", lambda *_: False)  # a mode would not stop root
    _says(run("restore", "--in-place", "a.txt"), "a.txt cannot be written: permission is denied")
    assert os.listdir() == ["a.txt"]
    assert path.read_text() == SCRAPED


def test_nothing_is_left_of_a_write_that_failed(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    _write("a.txt", SCRAPED)

    def fsync(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", fsync)
    _says(run("restore", "a.txt", "-o", "b.txt"), "b.txt cannot be written: No space left")
    assert os.listdir() == ["a.txt"]


# --- wrong usage ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("", "Missing command"),
        ("restor a.txt", "No such command 'restor'"),
        ("restore", "Missing argument"),
        ("restore a.txt --wrong", "No such option: --wrong"),
        ("restore a.txt --min-confidence 2", "--min-confidence"),
        ("restore a.txt --in-place -o b.txt", "--in-place cannot be used with -o"),
        ("restore - --in-place", "--in-place cannot be used with standard input"),
        ("restore - -", "only once"),
        ("restore - --canonical -", "only once"),
        ("restore a.txt b.txt --canonical c.txt", "--canonical is a version of one story"),
        ("restore a.txt --canonical c.txt --library s.db", "cannot be used with --library"),
        ("restore a.txt --style own", "--style needs a canonical version"),
        ("restore a.txt --boilerplate burn", "--boilerplate"),
        ("restore a.txt --edges burn", "--edges"),
        ("restore a.txt --style burn", "--style"),
        ("explain - --canonical -", "only once"),
        ("library", "Missing command"),
        ("library burn", "No such command 'burn'"),
        ("library add s.db", "Missing argument"),
        ("library add s.db -", "--jsonl"),
        ("library add s.db --jsonl - -", "only once"),
        ("library add s.db a.txt b/a.txt", "2 FILEs are called 'a.txt'"),
        ("library find s.db a.txt -n 0", "-n"),
        ("library remove s.db", "Missing argument 'ID'"),
        ("check - -", "only once"),
        ("check a.txt", "Missing argument 'CANONICAL'"),
        ("degrade a.txt --seed one", "--seed"),
        ("evaluate --corpus . --limit 0", "--limit"),
    ],
)
def test_wrong_usage_is_one_sentence_and_points_to_the_help(
    run: Run, arguments: str, message: str
) -> None:
    _write("a.txt", CLEAN)
    _says(run(*arguments.split()), message, "--help", status=2)


@pytest.mark.parametrize(
    "name",
    ["restore", "explain", "diagnose", "check", "degrade", "train", "evaluate", "library"],
)
def test_every_command_has_its_help(run: Run, name: str) -> None:
    assert name in run("--help").out
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"cleantext {name}" in ran.out


@pytest.mark.parametrize("name", ["add", "find", "remove", "stats"])
def test_every_command_of_a_library_has_its_help(run: Run, name: str) -> None:
    assert name in run("library", "-h").out
    ran = run("library", name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"cleantext library {name}" in ran.out


def test_version(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version") == Ran(0, f"cleantext {version('cleantext-news')}\n", "")


# --- terminals, pipes and signals -----------------------------------------------------------------


def test_an_interrupt_ends_with_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def restore(_: Pipeline, text: str, **__: Any) -> Document:
        raise KeyboardInterrupt

    monkeypatch.setattr(Pipeline, "__call__", restore)
    _write("a.txt", SCRAPED)
    assert run("restore", "a.txt", "-o", "b.txt") == Ran(130, "", "cleantext: stopped\n")
    assert os.listdir() == ["a.txt"]


@posix
def test_a_reader_that_went_away_ends_it_quietly(tmp_path: Path) -> None:
    read, write = os.pipe()
    os.close(read)
    ran = subprocess.run(
        [sys.executable, "-m", "cleantext", "degrade", "-"],
        input=CLEAN.encode(),
        stdout=write,
        stderr=subprocess.PIPE,
        check=False,
    )
    os.close(write)
    assert (ran.returncode, ran.stderr) == (141, b"")


@posix
def test_the_last_line_ends_on_a_terminal() -> None:
    import pty

    ours, theirs = pty.openpty()
    command = [sys.executable, "-m", "cleantext", "degrade", "-"]
    subprocess.run(command, input=CLEAN.encode(), stdout=theirs, check=True)
    os.close(theirs)
    shown = os.read(ours, 4096).decode()
    os.close(ours)
    assert shown == cleantext.degrade(CLEAN).text + "\r\n"


def test_help_loads_neither_the_model_nor_rich() -> None:
    code = (
        "import sys; sys.argv = ['cleantext', '--help']; from cleantext.cli import main; main();"
        " print([m for m in ('onnxruntime', 'tokenizers', 'torch', 'rich') if m in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.endswith("[]\n")
