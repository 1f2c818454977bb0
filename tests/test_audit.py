"""The supply chain: every file that may be installed is pinned by its hash, every licence is listed; each check sees its planted fault."""

from __future__ import annotations

from importlib.metadata import Distribution, distributions
from pathlib import Path

import pytest

from tests import audit

TEXTS = {name: (audit.ROOT / name).read_text(encoding="utf-8") for name in audit.LOCKS}
HASH = "--hash=sha256:" + "0" * 64


@pytest.mark.parametrize("name", TEXTS)
def test_every_requirement_is_pinned_with_its_hash(name: str) -> None:
    assert audit.unpinned(TEXTS[name]) == []


@pytest.mark.parametrize(
    "entry",
    [
        "flask",
        "flask>=3",
        "flask==3.1.3",
        f"flask~=3.1 {HASH}",
        "flask==3.1.3 --hash=md5:0",
        f"https://x.example/flask.whl {HASH}",
    ],
)
def test_a_requirement_that_is_not_is_noticed(entry: str) -> None:
    assert audit.unpinned(f"# a remark\nclick==8.5.1 \\\n    {HASH}\n{entry}\n") == [entry]


def test_the_lock_files_agree_and_what_is_installed_is_pinned() -> None:
    pinned = audit.locked(TEXTS.values())
    runtime = audit.locked([TEXTS["requirements.lock"]])
    installed = {audit._plain(d.metadata["Name"]): d.version for d in distributions()}
    assert audit.unlisted({n: v for n, v in installed.items() if n in runtime}, pinned) == []
    assert audit.unlisted({"flask": "0.1", "evil": "1"}, pinned) == [
        "evil 1 is installed, and no version is pinned",
        f"flask 0.1 is installed, and {pinned['flask']} is pinned",
    ]
    with pytest.raises(ValueError, match="flask is pinned as"):
        audit.locked(["flask==1", "flask==2"])


def test_every_licence_is_listed() -> None:
    pinned = audit.locked(TEXTS.values())
    licences = audit.read_licences()
    assert audit.unlicensed(pinned, licences) == []
    assert audit.unlicensed([*pinned, "evil"], licences) == ["evil has no licence on the list"]
    assert audit.unlicensed([n for n in pinned if n != "flask"], licences) == [
        "flask is on the list of licences and not pinned"
    ]
    # What is installed at a user's must not carry terms that would bind what they make of it.
    runtime = audit.locked([TEXTS["requirements.lock"]])
    assert [n for n in runtime if "GPL" in licences[n].replace("LGPL", "")] == []


def test_a_file_that_was_altered_is_noticed(tmp_path: Path) -> None:
    assert audit.altered(Distribution.from_name("flask")) == []
    folder = tmp_path / "small-1.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: small\nVersion: 1\n", encoding="utf-8")
    (tmp_path / "small.py").write_text("changed", encoding="utf-8")
    (folder / "RECORD").write_text("small.py,sha256=47DEQpj8HBSa-_TImW-5JCeuQeRkm5NMpJWZG3hSuFU,0\n", encoding="utf-8")
    assert audit.altered(Distribution.at(folder)) == ["small.py"]
