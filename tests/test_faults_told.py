"""Faults of the machine as somebody at the command line meets them: one line and exit code 2, never a traceback."""

from __future__ import annotations

import os
import resource
import socket
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest


def command(
    *words: str, limit: tuple[int, int] | None = None, stdin: int | None = None, **environment: str
) -> subprocess.CompletedProcess[str]:
    """A command of ours under a limit of the system."""

    def limited() -> None:
        if limit:
            resource.setrlimit(limit[0], (limit[1], limit[1]))

    return subprocess.run(
        [sys.executable, "-m", "icsgraph", *words],
        capture_output=True,
        text=True,
        check=False,
        timeout=120,
        preexec_fn=limited,
        stdin=stdin,
        env={**os.environ, **environment},
    )


def one_line(done: subprocess.CompletedProcess[str]) -> str:
    """What a command said that must end with one line and exit code 2."""
    assert (done.returncode, done.stdout, len(done.stderr.splitlines())) == (2, "", 1), done.stderr[-2000:]
    assert done.stderr.startswith("icsgraph: ")
    return done.stderr


@pytest.mark.parametrize("words", [("ask", "how-many-bodies", "kind=ICB"), ("build",), ("serve", "--port", "0")])
def test_a_cache_that_is_no_folder_is_one_line(tmp_path: Path, words: tuple[str, ...]) -> None:
    (tmp_path / "file").write_text("", encoding="utf-8")
    assert "Not a directory" in one_line(command(*words, ICSGRAPH_CACHE=str(tmp_path / "file")))


def test_a_disk_that_is_full_is_one_line(tmp_path: Path) -> None:
    # The largest file may have so many bytes, as on a disk that has no more: the build meets it when it writes.
    code = textwrap.dedent(
        """
        import sys
        from pathlib import Path
        from icsgraph.build import place, whole
        from icsgraph.cli.main import main
        def large(root, out, reasoner="", progress=None):
            with whole.aside(out) as new:
                (new / "icsgraph.nq").write_bytes(b"x" * 10_000_000)
        place.build_alone = large
        sys.argv[1:] = ["ask", "how-many-bodies", "kind=ICB"]
        main()
        """
    )
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=False,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (1_000_000, 1_000_000)),
        env={**os.environ, "ICSGRAPH_CACHE": str(tmp_path)},
    )
    assert "File too large" in one_line(done)
    assert [p.name for p in tmp_path.rglob("*") if p.is_file()] == [".lock"]


def test_an_address_that_cannot_be_listened_on_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text("<a:b> <a:b> <a:b> .", encoding="utf-8")
    served = ("serve", "--dataset", str(tmp_path / "a.nt"))
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = str(taken.getsockname()[1])
        assert "in use" in one_line(command(*served, "--port", port))
    assert "cannot be used" in one_line(command(*served, "--host", "192.0.2.1", "--port", "0"))
    assert "cannot be used" in one_line(command(*served, "--host", "no such host", "--port", "0"))


@pytest.mark.parametrize("most", [6, 12, 24])
def test_too_few_file_descriptors_are_one_line(tmp_path: Path, most: int) -> None:
    (tmp_path / "a.nt").write_text("<a:b> <a:b> <a:b> .", encoding="utf-8")
    done = command("serve", "--dataset", str(tmp_path / "a.nt"), "--port", "0", limit=(resource.RLIMIT_NOFILE, most))
    assert "open files" in one_line(done)


@pytest.mark.parametrize("megabytes", [150, 250, 400, 700])
def test_too_little_memory_is_one_line(tmp_path: Path, megabytes: int) -> None:
    (tmp_path / "a.nt").write_text("<a:b> <a:b> <a:b> .", encoding="utf-8")
    done = command(
        "serve", "--dataset", str(tmp_path / "a.nt"), "--port", "0", limit=(resource.RLIMIT_AS, megabytes * 1_000_000)
    )
    assert "memory" in one_line(done) or "thread" in done.stderr


def test_a_thread_that_cannot_be_started_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "a.nt").write_text("<a:b> <a:b> <a:b> .", encoding="utf-8")
    code = textwrap.dedent(
        """
        import sys, threading
        from icsgraph.cli.main import main
        real, started = threading.Thread.start, []
        def start(self):
            started.append(self)
            if len(started) > {most}:
                raise RuntimeError("can't start new thread")
            real(self)
        threading.Thread.start = start
        main()
        """
    )
    for most in (0, 1, 60):
        done = subprocess.run(
            [sys.executable, "-c", code.replace("{most}", str(most)), "serve", "--dataset", str(tmp_path / "a.nt"), "--port", "0"],
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        assert "thread" in one_line(done)
