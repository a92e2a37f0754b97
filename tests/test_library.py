"""The library of stories: what it finds, what it does not, and what a crash leaves of it."""

from __future__ import annotations

import json
import multiprocessing
import os
import pickle
import signal
import sqlite3
import subprocess
import sys
import tempfile
import threading
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import pairwise
from pathlib import Path
from random import Random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from cleantext.canon import storage
from cleantext.canon.finding import LEAST, is_same_story
from cleantext.canon.library import Library, LibraryError
from cleantext.canon.shingles import fingerprints, folded_words
from cleantext.damage import FLAT, Letters, TitleCase, UpperCase, degrade
from cleantext.words import split

ROOT = Path(__file__).parents[1]
SYLLABLES = "ba ce di fo gu la me ni po ru sa te vi wo zu".split()


def story(seed: int, words: int = 300) -> str:
    """Copy with capitals, marks, numbers and accents, unlike that of any other seed."""
    rng = Random(seed)
    parts = []
    for i in range(words):
        word = "".join(rng.choices(SYLLABLES, k=rng.randint(1, 4)))
        if i % 12 == 0:
            word = word.capitalize()
        end = "." if i % 12 == 11 else "," if i % 12 == 5 else ""
        parts.append(
            rng.choice(("U.S.", "$3,000", "Beyoncé", "don't")) if i % 17 == 9 else word + end
        )
    return " ".join(parts)


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "stories.db"


@pytest.fixture
def library(path: Path) -> Iterator[Library]:
    with Library(path) as opened:
        opened.add_many((f"story {i}", story(i)) for i in range(40))
        yield opened


def run(code: str, *arguments: object, check: bool = True) -> subprocess.CompletedProcess[str]:
    """A fresh interpreter that has ``Library`` and the arguments as ``sys.argv[1:]``."""
    return subprocess.run(command(code, *arguments), capture_output=True, text=True, check=check)


def command(code: str, *arguments: object) -> list[str]:
    head = f"import sys\nsys.path[:0] = {[str(ROOT), str(ROOT / 'tests')]!r}\n"
    head += "from cleantext.canon.library import Library, LibraryError\n"
    return [sys.executable, "-c", head + code, *map(str, arguments)]


# --- fingerprints ---------------------------------------------------------------------------------


@pytest.mark.parametrize("damage", [*((d,) for d in FLAT), FLAT, (UpperCase(),), (TitleCase(),)])
def test_fingerprints_survive_the_loss_of_case_marks_and_layout(damage):
    text = story(1).replace(". ", ".\n\n")
    assert fingerprints(degrade(text, damage=damage).text) == fingerprints(text)


def test_fingerprints_survive_folded_accents():
    text = "Beyoncé Knowles, born Gießen, sang Łódź before Ørsted and his Ænima followers. " * 2
    folded = degrade(text, damage=(Letters("ascii"), *FLAT)).text
    assert "lodz" in folded
    assert fingerprints(folded) == fingerprints(text)


def test_other_words_give_other_fingerprints():
    assert not set(fingerprints(story(1))) & set(fingerprints(story(2)))
    words = folded_words(story(1))
    assert not set(fingerprints(" ".join(reversed(words)))) & set(fingerprints(story(1)))


def test_fingerprints_are_those_of_every_other_machine():
    """A file written elsewhere is read here: a change of these numbers needs a new FORMAT."""
    text = "The quick brown fox jumps over the lazy dog, and the dog sleeps on."
    assert fingerprints(text) == [
        43435445667203,
        51754457089796,
        107173390745905,
        124013447496714,
        135333616666559,
        184675961462092,
        208977614793612,
        220181517773970,
        230982265501441,
    ]


def test_a_passage_keeps_its_fingerprints_wherever_it_stands():
    passage = story(5, 200)
    alone, within = (
        set(fingerprints(passage)),
        set(fingerprints(f"{story(6)} {passage} {story(7)}")),
    )
    assert len(alone) > 10
    assert alone <= within


def test_a_join_on_fingerprints_finds_what_the_library_finds(library):
    """Any engine that can join and group can stand in for the file."""
    rows = [(each, f"story {i}") for i in range(40) for each in fingerprints(story(i))]
    window = degrade(story(17), damage=FLAT).text[200:700]
    wanted = set(fingerprints(window))
    hits = Counter(id for each, id in rows if each in wanted)
    assert hits.most_common(1)[0][0] == library.find(window)[0].id == "story 17"


@given(st.text())
def test_folding_keeps_the_number_of_words_and_fingerprints_any_text(text):
    assert len(folded_words(text)) == len(split(text))
    prints = fingerprints(text)
    assert all(a < b for a, b in pairwise(prints))
    assert all(0 <= each < 1 << 48 for each in prints)
    assert bool(prints) == bool(folded_words(text))


# --- finding --------------------------------------------------------------------------------------


@pytest.mark.parametrize("policy", ["keep", "ascii", "space"])
def test_a_degraded_window_finds_its_story(library, policy):
    for i in range(40):
        flat = degrade(story(i), damage=(Letters(policy), *FLAT)).text
        found = library.find(flat[300:800])
        assert [match.id for match in found] == [f"story {i}"]
        assert found[0].same_story
        assert found[0].text == story(i)


def test_shares_say_how_much_of_each_text_the_other_covers(library):
    words = split(degrade(story(3), damage=FLAT).text).words
    foreign = split(story(1000)).words[:50]
    (match,) = library.find(" ".join((*words[100:250], *foreign)))
    assert (match.id, match.shared) == ("story 3", 150)
    assert match.share_of_text == pytest.approx(0.75)
    assert match.share_of_canonical == pytest.approx(150 / len(words))


def test_a_story_that_is_not_there_gives_nothing(library):
    assert library.find(story(1000)) == []
    assert library.find(story(1000), related=True) == []


def test_two_stories_that_quote_the_same_words_are_not_one(library):
    quoted = " ".join(story(8).split()[100:160])
    other = f"{story(1001, 150)} {quoted} {story(1002, 150)}"
    assert library.find(other) == []
    (match,) = library.find(other, related=True)
    assert match.id == "story 8"
    assert not match.same_story
    assert library.find(quoted)[0].same_story


def test_the_version_that_covers_most_comes_first(library):
    library.add("first half", " ".join(story(9).split()[:150]))
    library.add("roundup", f"{story(9)} {story(1003)}")
    found = [match.id for match in library.find(degrade(story(9), damage=FLAT).text)]
    assert found == [
        "story 9",
        "roundup",
        "first half",
    ]  # story 9 is covered whole, the roundup half
    assert [match.id for match in library.find(story(9), 1)] == ["story 9"]


@pytest.mark.parametrize("share", [0.3, 0.35, 0.5, 0.8])
def test_what_is_not_aligned_would_not_be_the_same_story(library, share):
    """Stories with too few fingerprints are passed over; none of them may be one to find."""
    for i in range(40):
        words = folded_words(story(i))
        own = words[: round(share * len(words))]
        text = " ".join((*own, *folded_words(story(1000 + i))[len(own) :]))
        same = [match.id for match in library.find(text, related=True) if match.same_story]
        assert [match.id for match in library.find(text)] == same


def test_moved_words_are_no_passage(library):
    words = folded_words(story(4))
    Random(0).shuffle(words)
    assert library.find(" ".join(words), related=True) == []


def test_a_story_held_hundreds_of_times_is_found_still(path):
    with Library(path) as library:
        library.add_many((f"copy {i:03}", story(1)) for i in range(200))
        library.add("other", story(2))
        assert library.find(story(1), 3)[0].share_of_text == 1.0
        assert [match.id for match in library.find(story(2))] == ["other"]


def test_common_boilerplate_does_not_hide_the_story(path):
    plea = story(500, 60)
    with Library(path) as library:
        library.add_many((f"story {i}", f"{story(i)} {plea}") for i in range(120))
        assert library.find(f"{story(90)} {plea}")[0].id == "story 90"
        assert library.find(f"{story(1000)} {plea}") == []


@pytest.mark.parametrize("text", ["", " ", "?!", "word", "\ud800"])
def test_next_to_nothing_finds_nothing(library, text):
    assert library.find(text) == []


def test_very_long_text_finds_a_story_in_it(library):
    long = " ".join(story(2000 + i, 1000) for i in range(20))
    library.add("book", long)
    assert [match.id for match in library.find(long.lower())] == ["book"]


def test_the_threshold():
    assert not is_same_story(LEAST - 1, LEAST - 1)
    assert is_same_story(LEAST, LEAST)
    assert [is_same_story(60, words) for words in (70, 80, 120, 200)] == [True, True, True, False]
    assert is_same_story(180, 600)
    assert not is_same_story(150, 600)  # a quarter of foreign text is no story


# --- adding, replacing, removing ------------------------------------------------------------------


def test_what_goes_in_comes_out(path):
    texts = {"a": "Curly “quotes”, café\n\n\tand a tab", "ü": "x" * 100_000, "c": "lone \ud800 end"}
    with Library(path) as library:
        assert library.add_many(texts.items()) == 3
        assert {id: library.get(id) for id in texts} == texts
        assert len(library) == 3
        assert "ü" in library
        assert "u" not in library
        assert library.get("u") is None


def test_adding_a_known_id_replaces_its_story(library):
    library.add("story 3", story(1000))
    assert library.get("story 3") == story(1000)
    assert library.find(story(3)) == []
    assert [match.id for match in library.find(story(1000))] == ["story 3"]
    assert len(library) == 40


def test_of_two_stories_with_one_id_the_later_counts(path):
    with Library(path) as library:
        library.add_many([("a", story(1)), ("b", story(2)), ("a", story(3))])
        assert library.get("a") == story(3)
        assert library.find(story(1)) == []


def test_adding_the_same_again_changes_nothing(library):
    before = library.stats()
    assert library.add_many((f"story {i}", story(i)) for i in range(40)) == 0
    assert library.stats() == before


def test_removing_leaves_no_trace(library):
    before = library.stats().fingerprints
    library.add("extra", story(1000))
    assert library.stats().fingerprints > before
    assert library.remove("extra")
    assert not library.remove("extra")
    assert library.stats().fingerprints == before
    assert library.find(story(1000)) == []
    assert "extra" not in library


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from("abcd"), st.integers(0, 5), st.booleans()), max_size=12))
def test_a_library_is_a_dict_of_stories(tmp_path_factory, steps):
    held: dict[str, str] = {}
    with Library(tmp_path_factory.mktemp("dict") / "stories.db") as library:
        for id, seed, stays in steps:
            if stays:
                library.add(id, story(seed, 80))
                held[id] = story(seed, 80)
            else:
                assert library.remove(id) == (held.pop(id, None) is not None)
        assert len(library) == len(held)
        assert {id: library.get(id) for id in "abcd" if id in library} == held
        assert library.stats().fingerprints == sum(len(fingerprints(t)) for t in held.values())
        for seed in range(6):
            found = {match.id for match in library.find(story(seed, 80))}
            assert found == {id for id, text in held.items() if text == story(seed, 80)}


@pytest.mark.parametrize(
    ("id", "text", "error"),
    [
        ("a", b"bytes", TypeError),
        ("a", None, TypeError),
        ("a", 7, TypeError),
        (b"a", "a text", TypeError),
        (7, "a text", TypeError),
        ("", "a text", ValueError),
        ("\ud800", "a text", ValueError),
        ("a", "", ValueError),
        ("a", " — ", ValueError),
    ],
)
def test_what_cannot_be_added_is_refused(library, id, text, error):
    with pytest.raises(error):
        library.add(id, text)
    with pytest.raises(error):
        library.add_many([("before", story(1000)), (id, text)])
    assert len(library) == 40


def test_messages_say_what_to_do(library):
    with pytest.raises(TypeError, match=r"'a' is bytes; decode it first"):
        library.add("a", b"text")
    with pytest.raises(TypeError, match=r"the text is bytes; decode"):
        library.find(b"text")
    with pytest.raises(TypeError, match=r"must be a str, not NoneType"):
        library.find(None)
    with pytest.raises(TypeError, match=r"give its \.items\(\)"):
        library.add_many({"ab": "text"})
    with pytest.raises(ValueError, match="1 match or more"):
        library.find("text", 0)


def test_batches_before_a_bad_story_stay(path, monkeypatch):
    monkeypatch.setattr("cleantext.canon.library.BATCH_STORIES", 3)
    stories = [(str(i), story(i) if i != 7 else "") for i in range(10)]
    with Library(path) as library:
        with pytest.raises(ValueError, match="'7' has no word"):
            library.add_many(stories)
        assert len(library) == 6


def test_a_batch_that_fails_half_way_leaves_nothing(library):
    before = library.stats()
    with library._storage._lock:
        library._storage._connection.execute(
            "CREATE TEMP TRIGGER full BEFORE INSERT ON prints WHEN new.print % 3 = 0"
            " BEGIN SELECT RAISE(ABORT, 'no more'); END"
        )
    with pytest.raises(LibraryError, match="no more"):
        library.add_many((f"new {i}", story(1000 + i)) for i in range(5))
    assert library.stats() == before
    assert library.find(story(1000)) == []


# --- the file -------------------------------------------------------------------------------------


def test_a_closed_library_says_so(library):
    library.close()
    library.close()
    with pytest.raises(LibraryError, match="is closed"):
        library.find("text that is looked for")


def test_what_was_added_is_there_when_opened_again(library, path):
    library.close()
    with Library(str(path)) as again:
        assert len(again) == 40
        assert again.find(story(7))[0].id == "story 7"


def test_a_file_of_another_kind_is_refused(tmp_path):
    text = tmp_path / "notes.txt"
    text.write_text("no library, " * 100)
    other = tmp_path / "other.db"
    with sqlite3.connect(other) as connection:
        connection.execute("CREATE TABLE songs (title)")
    for path in (text, other):
        before = path.read_bytes()
        for mode in ("a", "r"):
            with pytest.raises(LibraryError, match="is no library of cleantext"):
                Library(path, mode=mode)
        assert path.read_bytes() == before


def test_a_library_of_another_version_is_refused(library, path):
    library.close()
    with sqlite3.connect(path) as connection:
        connection.execute(f"PRAGMA user_version = {storage.FORMAT + 1}")
    with pytest.raises(LibraryError, match=f"has format {storage.FORMAT + 1} and .* reads"):
        Library(path)


def test_a_damaged_file_is_named(library, path):
    library.close()
    data = bytearray(path.read_bytes())
    data[4096:] = bytes(len(data) - 4096)
    path.write_bytes(data)
    with pytest.raises(LibraryError, match="is damaged"), Library(path) as damaged:
        damaged.find(story(1))


def test_a_path_that_cannot_be_is_refused(tmp_path):
    with pytest.raises(LibraryError, match="is a folder"):
        Library(tmp_path)
    with pytest.raises(LibraryError, match="cannot be opened: is its folder there"):
        Library(tmp_path / "missing" / "stories.db")
    with pytest.raises(LibraryError, match="there is no library"):
        Library(tmp_path / "stories.db", mode="r")
    with pytest.raises(LibraryError, match="mode is"):
        Library(tmp_path / "stories.db", mode="w")
    assert list(tmp_path.iterdir()) == []


def test_read_only_reads_and_refuses_to_write(library, path):
    with Library(path, mode="r") as reader:
        assert reader.find(story(5))[0].id == "story 5"
        library.add("later", story(1000))
        assert reader.find(story(1000))[0].id == "later"
        for change in (lambda: reader.add("a", story(1)), lambda: reader.remove("story 5")):
            with pytest.raises(LibraryError, match='opened with mode="r"'):
                change()


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_a_library_in_a_folder_that_cannot_be_written_to():
    with tempfile.TemporaryDirectory() as name:
        folder, path = Path(name), Path(name, "stories.db")
        with Library(path) as library:
            library.add("a", story(1))
        path.chmod(0o444)
        folder.chmod(0o555)
        child = os.fork()
        if not child:
            os._exit(_read_as_nobody(path))
        _, status = os.waitpid(child, 0)
        folder.chmod(0o755)
    assert status == 0


def _read_as_nobody(path: Path) -> int:
    """0 if the library can be read and not be written to."""
    if os.getuid() == 0:  # root may write anywhere
        os.setgid(65534)
        os.setuid(65534)
    try:
        with Library(path, mode="r") as library:
            if library.find(story(1))[0].id != "a":
                return 1
        with Library(path) as library:
            library.add("b", story(2))
    except LibraryError as error:
        return 0 if "may not be written to" in str(error) else 2
    return 3


# --- processes and threads ------------------------------------------------------------------------


def test_it_pickles_as_its_path(library, path, monkeypatch, tmp_path):
    data = pickle.dumps(library)
    assert len(data) < 500
    monkeypatch.chdir(tmp_path.parent)
    with pickle.loads(data) as again:
        assert (again.path, again.mode) == (path, "a")
        assert again.find(story(5))[0].id == "story 5"
    library.close()
    path.unlink()
    with pytest.raises(LibraryError, match="there is no library"):
        pickle.loads(data)  # and does not make an empty one


def test_a_relative_path_holds_when_the_folder_changes(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    with Library("stories.db") as library:
        library.add("a", story(1))
        monkeypatch.chdir(tmp_path.parent)
        with pickle.loads(pickle.dumps(library)) as again:
            assert "a" in again


def found_by(library: Library, i: int) -> str:
    return library.find(story(i))[0].id


@pytest.mark.parametrize("method", ["spawn", "forkserver"])
def test_other_processes_open_it_for_themselves(library, method):
    with multiprocessing.get_context(method).Pool(1) as pool:
        assert pool.starmap(found_by, [(library, 3), (library, 4)]) == ["story 3", "story 4"]


@pytest.mark.skipif(not hasattr(os, "fork"), reason="no fork here")
def test_both_sides_of_a_fork_read_and_write(library):
    code = """
import os
from test_library import story
library = Library(sys.argv[1])
library.find(story(3))
child = os.fork()
if not child:
    ok = library.find(story(3))[0].id == "story 3"
    library.add("child", story(1000))
    os._exit(0 if ok else 1)
library.add("parent", story(1001))
_, status = os.waitpid(child, 0)
print(status, library.find(story(1000))[0].id, library.find(story(1001))[0].id)
"""
    done = run(code, library.path)
    assert done.stdout.split() == ["0", "child", "parent"]
    assert len(library) == 42


def test_threads_share_a_library(library):
    """Four threads look up and one writes, all through one object."""

    def look_up(i: int) -> str:
        return library.find(degrade(story(i % 40), damage=FLAT).text)[0].id

    def write() -> None:
        for i in range(10):
            library.add(f"new {i}", story(1000 + i))

    writer = threading.Thread(target=write)
    with ThreadPoolExecutor(4) as pool:
        writer.start()
        found = list(pool.map(look_up, range(120)))
    writer.join()
    assert found == [f"story {i % 40}" for i in range(120)]
    assert len(library) == 50


def test_many_processes_make_one_library_at_once(path):
    code = """
from test_library import story
with Library(sys.argv[1]) as library:
    library.add_many((f"{sys.argv[2]}/{i}", story(int(sys.argv[2]) * 10 + i, 60)) for i in range(10))
"""
    makers = [subprocess.Popen(command(code, path, n)) for n in range(4)]
    assert [maker.wait(60) for maker in makers] == [0] * 4
    with Library(path, mode="r") as library:
        assert len(library) == 40
        assert library.find(story(25, 60))[0].id == "2/5"


def test_a_new_library_waits_for_another_that_is_being_made(path):
    other = sqlite3.connect(path, isolation_level=None, check_same_thread=False)
    other.execute("BEGIN IMMEDIATE")
    release = threading.Timer(0.3, other.rollback)
    release.start()
    with Library(path) as library:
        library.add("a", story(1, 60))
        assert len(library) == 1
    release.join()


WRITE_FOR_EVER = """
from itertools import count
from test_library import story
import cleantext.canon.library as module
module.BATCH_STORIES = 50
def stories():
    for i in count():
        if i % 50 == 1: print(i, flush=True)
        yield str(i), story(i, 60)
Library(sys.argv[1]).add_many(stories())
"""


@pytest.mark.parametrize("batches", [1, 4])
def test_a_killed_writer_leaves_whole_transactions(path, batches):
    """SIGKILL in the middle of add_many, while another process reads."""
    writer = subprocess.Popen(command(WRITE_FOR_EVER, path), stdout=subprocess.PIPE, text=True)
    assert writer.stdout is not None
    try:
        while int(writer.stdout.readline()) < 50 * batches:
            pass
        with Library(path, mode="r") as reader:
            seen = len(reader)  # it is written to at this moment
            assert seen >= 50 * batches
            assert seen % 50 == 0
            assert reader.find(story(7, 60))[0].id == "7"
    finally:
        writer.send_signal(signal.SIGKILL)
        writer.wait()
        writer.stdout.close()
    with Library(path) as library:
        count = len(library)
        assert count >= seen
        assert count % 50 == 0
        expected = sum(len(fingerprints(story(i, 60))) for i in range(count))
        assert library.stats().fingerprints == expected
        assert library.find(story(count - 1, 60))[0].id == str(count - 1)
        assert library.find(story(count, 60)) == []
        library.add(str(count), story(count, 60))
    with sqlite3.connect(path) as connection:
        assert connection.execute("PRAGMA integrity_check").fetchone() == ("ok",)


def test_a_writer_that_waits_too_long_says_so(library, path, monkeypatch):
    monkeypatch.setattr(storage, "PATIENCE", 0.1)
    with Library(path) as second, library._storage.writing():
        assert second.find(story(2))[0].id == "story 2"  # readers do not wait
        with pytest.raises(LibraryError, match="another process has been writing"):
            second.add("a", story(1000))
    with Library(path) as second:
        second.add("a", story(1000))


def test_import_stays_light():
    code = "import cleantext, json; print(json.dumps([m in sys.modules for m in ('sqlite3', 'numpy')]))"
    done = subprocess.run(
        [sys.executable, "-c", f"import sys; sys.path.insert(0, {str(ROOT)!r}); {code}"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert json.loads(done.stdout) == [False, False]


# --- real copy ------------------------------------------------------------------------------------


def test_dev_articles_find_themselves_and_nothing_else(dev_articles, path):
    held, absent = dev_articles[:120], dev_articles[120:240]
    with Library(path) as library:
        library.add_many(held)
        first = [library.find(degrade(text).text, 1) for _, text in held]
        assert [match[0].id for match in first if match] == [id for id, _ in held]
        found = [id for id, text in absent if library.find(degrade(text).text)]
    assert len(found) <= 1


@pytest.mark.parametrize("damage", ["zeroblob(40)", "'text'", "x'789c00'"])
def test_a_damaged_story_is_said_to_be_damaged(tmp_path: Path, damage: str) -> None:
    path = tmp_path / "stories.db"
    story = " ".join(f"word{i} left the harbour" for i in range(40))
    with Library(path) as library:
        library.add("a", story)
    with sqlite3.connect(path) as file:
        file.execute(f"UPDATE stories SET text = {damage}")
    with Library(path, mode="r") as library, pytest.raises(LibraryError, match="damaged"):
        library.get("a")
    with Library(path, mode="r") as library, pytest.raises(LibraryError, match="damaged"):
        library.find(story)
