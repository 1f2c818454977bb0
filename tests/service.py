"""A running service for tests: the command itself, on a free port of this machine."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from icsgraph.build.downloads import FOLDER
from icsgraph.build.pipeline import DATASET, MANIFEST, REFERENCE, Built
from icsgraph.build.place import dataset_path

__all__ = ["cached", "serving"]


@contextmanager
def serving(*words: str | Path) -> Iterator[str]:
    """The address of ``icsgraph serve`` with more words; it ends with the block, and must end well."""
    command = [sys.executable, "-m", "icsgraph", "serve", "--port", "0", *map(str, words)]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        said = []
        for line in process.stderr:
            said.append(line)
            if "serving http" in line:
                break
        else:
            raise AssertionError(f"the service did not start: {''.join(said)}")
        try:
            yield said[-1].split()[2]
        finally:
            process.terminate()
            process.stderr.read()
    assert process.returncode == 0, process.returncode


def cached(built: Built, root: Path, cache: Path) -> dict[str, str]:
    """What to add to an environment so that a build lies in its cache, and no command builds again."""
    os.environ["ICSGRAPH_CACHE"] = str(cache)
    try:
        path = dataset_path(root)
    finally:
        del os.environ["ICSGRAPH_CACHE"]
    path.parent.mkdir(parents=True)
    for name in (DATASET, REFERENCE, MANIFEST, FOLDER):
        path.with_name(name).symlink_to(built.folder / name)
    return {"ICSGRAPH_CACHE": str(cache)}
