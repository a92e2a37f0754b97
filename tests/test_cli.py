"""The command line: what it prints, where it writes, and what it says when it cannot."""

from __future__ import annotations

import io
import json
import os
import re
import subprocess
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest

import cleantext
from cleantext import show
from cleantext.cli import main
from cleantext.document import Document

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
    def restore(text: str, **_: Any) -> Document:
        return Document(text, text, warnings=("this is a table",))

    monkeypatch.setattr(cleantext, "restore", restore)
    assert run("restore", "-", stdin=b"1 2") == Ran(
        0, "1 2", "cleantext: standard input: this is a table\n"
    )


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
        }
    ]


def test_evaluate_hands_its_settings_on(run: Run, command: _Command) -> None:
    assert run("evaluate", "--corpus", "data", "--limit", "3", "--json") == Ran(0, "", "")
    assert command.calls == [
        {"corpus": Path("data"), "limit": 3, "model": None, "write": False, "json": True}
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

    def restore(text: str, **_: Any) -> Document:
        raise ModelError("model.onnx is missing:\n install cleantext-news again")

    monkeypatch.setattr(cleantext, "restore", restore)
    _says(run("restore", "-"), "model.onnx is missing: install cleantext-news again")


def test_a_fault_of_the_library_is_not_passed_off_as_bad_input(
    run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def restore(text: str, **_: Any) -> Document:
        raise RuntimeError("a fault")

    monkeypatch.setattr(cleantext, "restore", restore)
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
    "name", ["restore", "explain", "diagnose", "check", "degrade", "train", "evaluate"]
)
def test_every_command_has_its_help(run: Run, name: str) -> None:
    assert name in run("--help").out
    ran = run(name, "--help")
    assert (ran.status, ran.err) == (0, "")
    assert f"cleantext {name}" in ran.out


def test_version(run: Run) -> None:
    from importlib.metadata import version

    assert run("--version") == Ran(0, f"cleantext {version('cleantext-news')}\n", "")


# --- terminals, pipes and signals -----------------------------------------------------------------


def test_an_interrupt_ends_with_one_line(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def restore(text: str, **_: Any) -> Document:
        raise KeyboardInterrupt

    monkeypatch.setattr(cleantext, "restore", restore)
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
