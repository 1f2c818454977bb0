"""Hold what is installed against what is pinned: versions, hashes of files, licences. Asks no other machine; run by ``make audit``."""

from __future__ import annotations

import base64
import csv
import hashlib
import re
import sys
from collections.abc import Iterable, Mapping
from importlib.metadata import Distribution, distributions
from pathlib import Path

__all__ = ["altered", "locked", "unlicensed", "unlisted", "unpinned"]

ROOT = Path(__file__).resolve().parents[1]
LOCKS = ("requirements.lock", "requirements-dev.lock", "requirements-bench.lock", "tests/engines/requirements.lock")
LICENCES = ROOT / "licences.csv"
# What makes an environment, and the product itself.
OURS = {"pip", "setuptools", "wheel", "icsgraph"}
# A requirement with its hashes: flask==3.1.3 ; marker \ --hash=sha256:…
_PINNED = re.compile(r"([A-Za-z0-9._-]+)==([A-Za-z0-9.+!]+)\b(?:[^\n]*)")


def _plain(name: str) -> str:
    """A name of a package as it is compared: ``et-xmlfile`` for ``et_xmlfile``."""
    return re.sub(r"[-_.]+", "-", name).lower()


def _entries(text: str) -> list[str]:
    """The requirements of a lock file, each with its hashes on one line."""
    joined = re.sub(r"\\\n\s*", " ", text)
    return [line for line in joined.splitlines() if line.strip() and not line.lstrip().startswith("#")]


def unpinned(text: str) -> list[str]:
    r"""The entries of a lock file that do not name one version and the SHA-256 of each file that may be installed.

    >>> unpinned("flask>=3\nclick==8.5.1 --hash=sha256:" + "0" * 64)
    ['flask>=3']
    """
    return [e for e in _entries(text) if not (_PINNED.match(e) and re.search(r"--hash=sha256:[0-9a-f]{64}\b", e))]


def locked(texts: Iterable[str]) -> dict[str, str]:
    """The versions of all lock files by name; raises ``ValueError`` where two disagree."""
    found: dict[str, str] = {}
    for text in texts:
        for entry in _entries(text):
            if match := _PINNED.match(entry):
                name = _plain(match[1])
                if found.setdefault(name, match[2]) != match[2]:
                    raise ValueError(f"{name} is pinned as {found[name]} and as {match[2]}")
    return found


def unlisted(installed: Mapping[str, str], pinned: Mapping[str, str]) -> list[str]:
    """What is installed and not pinned so."""
    return [
        f"{name} {version} is installed, and {pinned.get(name, 'no version')} is pinned"
        for name, version in sorted(installed.items())
        if name not in OURS and pinned.get(name) != version
    ]


def unlicensed(pinned: Iterable[str], licences: Mapping[str, str]) -> list[str]:
    """Pinned packages whose licence is not on the list, and lines of the list that no package is pinned for."""
    names = set(pinned)
    return [f"{n} has no licence on the list" for n in sorted(names - set(licences))] + [
        f"{n} is on the list of licences and not pinned" for n in sorted(set(licences) - names)
    ]


def altered(package: Distribution) -> list[str]:
    """The files of an installed package whose content is not what its own record says."""
    found = []
    for file in package.files or ():
        path = Path(str(file.locate()))
        if file.hash and file.hash.mode == "sha256" and path.exists():
            digest = base64.urlsafe_b64encode(hashlib.sha256(path.read_bytes()).digest()).rstrip(b"=").decode()
            if digest != file.hash.value:
                found.append(str(file))
    return found


def read_licences(path: Path = LICENCES) -> dict[str, str]:
    """The licence of each package by name."""
    with path.open(encoding="utf-8", newline="") as file:
        return {_plain(row["package"]): row["licence"] for row in csv.DictReader(file)}


def licence_of(package: Distribution) -> str:
    """The licence that an installed package says it has."""
    told = package.metadata
    if expression := told.get_all("License-Expression"):
        return str(expression[0])
    classes = [c.rpartition(" :: ")[2] for c in told.get_all("Classifier") or () if c.startswith("License ::")]
    return (
        " / ".join(c for c in classes if c != "OSI Approved")
        or str((told.get_all("License") or [""])[0]).partition("\n")[0]
    )


def main() -> None:
    """Print each fault, and end with 1 where there is one."""
    texts = {name: (ROOT / name).read_text(encoding="utf-8") for name in LOCKS}
    faults = [
        f"{name}: {entry[:60]} is not pinned with its hash" for name, text in texts.items() for entry in unpinned(text)
    ]
    pinned = locked(texts.values())
    installed = {_plain(d.metadata["Name"]): d for d in distributions()}
    faults += unlisted({n: d.version for n, d in installed.items()}, pinned)
    faults += unlicensed(pinned, read_licences())
    for name, package in sorted(installed.items()):
        faults += [f"{name}: {file} is not what was installed" for file in altered(package)]
    for fault in faults:
        print(fault)
    print(f"{len(pinned)} packages pinned, {len(installed)} installed, {len(faults)} faults")
    sys.exit(1 if faults else 0)


if __name__ == "__main__":
    main()
