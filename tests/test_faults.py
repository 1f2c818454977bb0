"""Faults of the machine while starting and building: builders that race, files half written, no room, no memory, no threads."""

from __future__ import annotations

import errno
import json
import multiprocessing
import os
import signal
import threading
import time
from collections.abc import Callable
from pathlib import Path

import pytest

from icsgraph.build import kept, place, whole
from icsgraph.build.pipeline import DATASET, MANIFEST, REFERENCE
from icsgraph.core.errors import IcsgraphError
from icsgraph.core.machine import machine_fault

ROOT = Path(__file__).resolve().parents[1]


def small_build(root: Path, out: Path, reasoner: str = "", progress: Callable[[str], None] = print) -> None:
    """A build in the place of the real one, which takes a minute: it writes the same kinds of file in the same way."""
    with (out / "builds").open("a") as counted:
        counted.write("x")
    with whole.aside(out) as new:
        (new / DATASET).write_text("<a:b> <a:b> <a:b> <a:b> .\n", encoding="utf-8")
        (new / "downloads").mkdir()
        (new / "downloads" / "one.csv").write_text("a,b\n", encoding="utf-8")
        time.sleep(0.3)
        (new / REFERENCE).write_text("", encoding="utf-8")
        sums = {name: whole.sha256_of(new / name) for name in (DATASET, REFERENCE)}
        listed = [{"path": DATASET, "bytes": 26}, {"path": "one.csv", "bytes": 4}]
        (new / MANIFEST).write_text(json.dumps({whole.SHA256: sums, "downloads": listed}), encoding="utf-8")


@pytest.fixture
def folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder in which the dataset of this version lies, nothing built yet."""
    monkeypatch.setenv("ICSGRAPH_CACHE", str(tmp_path))
    monkeypatch.setattr(place, "build_alone", small_build)
    return place.dataset_path(ROOT).parent


def built(folder: Path) -> int:
    """How often was built."""
    return len((folder / "builds").read_text(encoding="utf-8")) if (folder / "builds").exists() else 0


def ensure() -> Path:
    return place.ensure(ROOT, lambda message: None)


def test_of_builders_that_start_at_once_one_builds_and_the_others_wait(folder: Path) -> None:
    context = multiprocessing.get_context("fork")
    several = [context.Process(target=ensure) for _ in range(4)]
    for process in several:
        process.start()
    for process in several:
        process.join()
    assert [p.exitcode for p in several] == [0] * 4
    assert (built(folder), whole.is_whole(folder)) == (1, True)
    assert [p.name for p in folder.glob(".aside-*")] == []


def test_threads_that_build_at_once_build_once(folder: Path) -> None:
    several = [threading.Thread(target=ensure) for _ in range(3)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    assert (built(folder), whole.is_whole(folder)) == (1, True)


def test_a_builder_that_is_killed_releases_the_lock_and_its_rest_is_cleared_away(folder: Path) -> None:
    context = multiprocessing.get_context("fork")

    def endless() -> None:
        with whole.builder_lock(folder, print), whole.aside(folder) as new:
            (new / DATASET).write_text("half", encoding="utf-8")
            time.sleep(60)

    process = context.Process(target=endless)
    process.start()
    while not [*folder.glob(f".aside-*/{DATASET}")]:
        time.sleep(0.01)
    assert process.pid
    os.kill(process.pid, signal.SIGKILL)
    process.join()
    began = time.monotonic()
    ensure()
    assert time.monotonic() - began < 10
    assert (whole.is_whole(folder), [*folder.glob(".aside-*")]) == (True, [])


def test_a_builder_that_never_ends_is_not_waited_for_without_end(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(whole, "_PATIENCE", 0.5)
    told: list[str] = []
    with (
        whole.builder_lock(folder, print),
        pytest.raises(IcsgraphError, match="Another process has been building"),
        whole.builder_lock(folder, told.append),
    ):
        pass
    assert told == ["waiting for another process that builds the dataset"]


def folder_for_file(path: Path) -> None:
    """Put a folder where a file was."""
    path.unlink()
    path.mkdir()


def link_to_nowhere(path: Path) -> None:
    """Put a name that leads nowhere where a file was."""
    path.unlink()
    path.symlink_to(path.with_name("nowhere"))


# What was done to a whole build: each must be seen, and built again.
DAMAGES: dict[str, Callable[[Path], object]] = {
    "manifest empty": lambda f: (f / MANIFEST).write_bytes(b""),
    "manifest cut in half": lambda f: (f / MANIFEST).write_bytes((f / MANIFEST).read_bytes()[:40]),
    "manifest no object": lambda f: (f / MANIFEST).write_bytes(b"[1]"),
    "manifest without checksums": lambda f: (f / MANIFEST).write_bytes(b"{}"),
    "manifest of bytes": lambda f: (f / MANIFEST).write_bytes(bytes(range(256))),
    "manifest nested without end": lambda f: (f / MANIFEST).write_bytes(b"[" * 100_000),
    "manifest gone": lambda f: (f / MANIFEST).unlink(),
    "manifest a folder": lambda f: folder_for_file(f / MANIFEST),
    "dataset cut": lambda f: (f / DATASET).write_bytes((f / DATASET).read_bytes()[:-5]),
    "dataset empty": lambda f: (f / DATASET).write_bytes(b""),
    "dataset of the same size and another content": lambda f: (f / DATASET).write_bytes(b"x" * 26),
    "dataset gone": lambda f: (f / DATASET).unlink(),
    "dataset of zeros after a power cut": lambda f: (f / DATASET).write_bytes(b"\0" * 26),
    "facts for checks changed": lambda f: (f / REFERENCE).write_bytes(b"#"),
    "facts for checks gone": lambda f: (f / REFERENCE).unlink(),
    "a file to take away gone": lambda f: (f / "downloads" / "one.csv").unlink(),
    "a file to take away cut": lambda f: (f / "downloads" / "one.csv").write_bytes(b"a"),
    "a name that leads nowhere": lambda f: link_to_nowhere(f / DATASET),
}


@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_what_is_half_written_is_built_again(folder: Path, damage: Callable[[Path], object]) -> None:
    ensure()
    ensure()
    assert built(folder) == 1, "what is whole is kept"
    damage(folder)
    assert not whole.is_whole(folder)
    assert ensure().read_bytes().startswith(b"<a:b>")
    assert (built(folder), whole.is_whole(folder)) == (2, True)


@pytest.mark.parametrize("note", [b"", b"[" * 100_000, b"[]", b'{"icsgraph.nq": 7}', bytes(range(256))])
def test_a_note_that_says_nothing_is_made_anew(folder: Path, note: bytes) -> None:
    """What is noted of files that fitted spares reading them again, and no more."""
    ensure()
    assert whole.is_whole(folder)
    good = (folder / ".sound").read_bytes()
    (folder / ".sound").write_bytes(note)
    assert whole.is_whole(folder)
    assert (folder / ".sound").read_bytes() == good
    # A file that was written to is read again, whatever the note says of it.
    (folder / DATASET).write_bytes(b"x" * 26)
    assert not whole.is_whole(folder)


def test_a_build_that_stays_broken_is_refused_and_not_served(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(root: Path, out: Path, progress: object = None) -> None:
        small_build(root, out)
        (out / DATASET).write_bytes(b"x")

    monkeypatch.setattr(place, "build_alone", broken)
    with pytest.raises(IcsgraphError, match="not what its manifest says"):
        ensure()


def test_the_manifest_is_moved_last_and_a_failure_leaves_the_old_build(folder: Path) -> None:
    ensure()

    def fill() -> None:
        with whole.builder_lock(folder, print), whole.aside(folder) as new:
            (new / DATASET).write_text("new", encoding="utf-8")
            raise OSError("full")

    with pytest.raises(OSError, match="full"):
        fill()
    assert whole.is_whole(folder)
    moved: list[str] = []
    replace = Path.replace

    def noted(self: Path, to: Path) -> Path:
        moved.append(self.name)
        return replace(self, to)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Path, "replace", noted)
        small_build(ROOT, folder)
    assert moved == ["downloads", DATASET, REFERENCE, MANIFEST]


def test_the_cache_is_its_owners_alone(folder: Path) -> None:
    folder.parent.mkdir(mode=0o755)
    ensure()
    assert folder.parent.stat().st_mode & 0o777 == 0o700


@pytest.mark.parametrize("number", [errno.ENOLCK, errno.EOPNOTSUPP, errno.ENOSYS])
def test_where_the_file_system_has_no_locks_it_builds_all_the_same(
    folder: Path, monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    import fcntl

    def refused(descriptor: int, how: int) -> None:
        raise OSError(number, os.strerror(number))

    monkeypatch.setattr(fcntl, "flock", refused)
    ensure()
    assert whole.is_whole(folder)


def test_a_cache_that_can_only_be_read_serves_what_is_whole(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    ensure()
    read_only = OSError(errno.EROFS, os.strerror(errno.EROFS), str(folder))

    def refused(self: Path, *given: object, **named: object) -> None:
        raise read_only

    monkeypatch.setattr(Path, "mkdir", refused)
    assert ensure().exists()
    (folder / MANIFEST).unlink()
    with pytest.raises(IcsgraphError, match="Read-only file system") as told:
        ensure()
    assert "ICSGRAPH_CACHE" in told.value.hint


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (OSError(errno.ENOSPC, os.strerror(errno.ENOSPC)), "No space left"),
        (OSError(errno.EDQUOT, os.strerror(errno.EDQUOT)), "quota"),
        (OSError(errno.EIO, os.strerror(errno.EIO)), "Input/output"),
        (MemoryError(), "not enough memory"),
        (RuntimeError("can't start new thread"), "No thread"),
        (OSError(errno.EMFILE, os.strerror(errno.EMFILE)), "open files"),
        (BlockingIOError(errno.EAGAIN, os.strerror(errno.EAGAIN)), "temporarily"),
    ],
)
@pytest.mark.parametrize("apart", [True, False])
def test_a_fault_in_the_middle_of_a_build_is_one_line(
    folder: Path, monkeypatch: pytest.MonkeyPatch, error: Exception, says: str, apart: bool
) -> None:
    def faulty(root: Path, out: Path, progress: object = None) -> None:
        with whole.aside(out):
            raise error

    monkeypatch.setattr(place, "build_alone", faulty)
    if not apart:
        monkeypatch.setattr(threading, "active_count", lambda: 2)
    with pytest.raises(IcsgraphError, match=says) as told:
        ensure()
    assert told.value.hint
    assert "\n" not in str(told.value)
    assert [*folder.glob(".aside-*")] == []


def test_a_build_that_memory_ends_says_so(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(place, "build_alone", lambda *given, **named: os.kill(os.getpid(), signal.SIGABRT))
    # A thread that another test left would have it build here, and end the tests with it.
    monkeypatch.setattr(threading, "active_count", lambda: 1)
    with pytest.raises(IcsgraphError, match="memory"):
        ensure()


def test_a_bug_of_ours_is_no_fault_of_the_machine() -> None:
    assert [machine_fault(e) for e in (KeyError("x"), TypeError("x"), RuntimeError("x"), KeyboardInterrupt())] == [
        None
    ] * 4


def kept_builds(base: Path, number: int) -> list[Path]:
    """So many builds in a cache, the last used first; one of them is a stranger's folder."""
    found = []
    for n in range(number):
        build = base / f"{n:016x}-00000000"
        build.mkdir()
        (build / ".used").touch()
        os.utime(build / ".used", (1_000_000 - n, 1_000_000 - n))
        found.append(build)
    (base / "notes").mkdir()
    return found


def test_of_builds_that_nobody_uses_the_last_used_are_kept(tmp_path: Path) -> None:
    builds = kept_builds(tmp_path, 5)
    assert kept.prune(tmp_path, 2) == builds[2:]
    assert sorted(p.name for p in tmp_path.iterdir()) == [builds[0].name, builds[1].name, "notes"]


def test_a_build_that_a_process_reads_or_makes_is_not_removed(tmp_path: Path) -> None:
    read, made, idle = kept_builds(tmp_path, 3)
    context = multiprocessing.get_context("fork")
    ready, end = context.Event(), context.Event()

    def use() -> None:
        kept.hold(read)
        with whole.builder_lock(made, print):
            ready.set()
            end.wait(60)

    process = context.Process(target=use)
    process.start()
    assert ready.wait(60)
    os.utime(read / ".used", (1, 1))
    assert kept.prune(tmp_path, 0) == [idle]
    end.set()
    process.join(60)
    # However a process ends, it holds nothing any more.
    assert sorted(kept.prune(tmp_path, 0)) == [read, made]


def test_a_new_build_makes_room_and_is_not_itself_removed(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.parent.mkdir(parents=True)
    old = kept_builds(folder.parent, kept.MOST + 1)
    assert ensure().exists()
    assert [build.exists() for build in old] == [True] * (kept.MOST - 1) + [False] * 2
