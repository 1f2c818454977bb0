"""The browser that tests drive: one that is there, or one that a package manager brings. ``python -m tests.browser`` sees to it."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

__all__ = ["ARGUMENTS", "find"]

# A browser of a test speaks to this machine alone and leaves nothing behind.
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


def find() -> str:
    """The path of a Chromium: the one that ICSGRAPH_BROWSER names, one on the path, or Playwright's own; empty if there is none."""
    names = (os.environ.get("ICSGRAPH_BROWSER", ""), "chromium", "chromium-browser", "google-chrome", "chrome")
    for name in filter(None, names):
        if found := shutil.which(name):
            return found
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        own = playwright.chromium.executable_path
    return own if Path(own).exists() else ""


def main() -> int:
    """Say which browser the tests will drive; install one where there is none."""
    if not find():
        if hasattr(os, "geteuid") and os.geteuid() == 0 and shutil.which("apt-get"):
            subprocess.run(["apt-get", "update", "-qq"], check=True)
            subprocess.run(["apt-get", "install", "-y", "-qq", "chromium"], check=True, stdout=subprocess.DEVNULL)
        else:
            subprocess.run([sys.executable, "-m", "playwright", "install", "chromium"], check=True)
    found = find()
    sys.stdout.write(
        f"tests drive {found}\n" if found else "no browser: install Chromium, or name one in ICSGRAPH_BROWSER\n"
    )
    return 0 if found else 1


if __name__ == "__main__":
    sys.exit(main())
