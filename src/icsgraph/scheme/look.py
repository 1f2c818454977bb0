"""The first look at a stranger's packed file: what it costs is known before anything of it is kept, and it costs what it weighs."""

from __future__ import annotations

import struct
import zipfile
from collections.abc import Callable, Mapping
from typing import Any
from xml.parsers.expat import ExpatError, ParserCreate, errors

from icsgraph.scheme.refusals import refusal

__all__ = ["Budget", "Handlers", "bounded_entries", "look_at_parts", "parse"]

MAX_UNPACKED = 200_000_000
MAX_ENTRIES = 2_000
# A workbook of words packs to a tenth, one of the same words to a fiftieth; what packs further is made to fill memory.
MAX_RATIO = 200
# What any file may unpack to, however small it is.
ALWAYS = 8_000_000
MAX_DEPTH = 100
MAX_ELEMENTS = 4_000_000
# The directory of a file with so many entries has at most so many bytes.
_DIRECTORY = 500 * MAX_ENTRIES
_CHUNK = 65_536

# Called with the name of an element without its namespace and its attributes likewise; with its name; with text.
Handlers = tuple[
    Callable[[str, Mapping[str, str]], None] | None, Callable[[str], None] | None, Callable[[str], None] | None
]


class Budget:
    """How many elements of XML the parts of one file may still have."""

    def __init__(self, name: str, left: int = MAX_ELEMENTS) -> None:
        self.name = name
        self.left = left

    def spend(self, elements: int) -> None:
        """Note that so many were seen; raises ``Refusal`` where there are too many."""
        self.left -= elements
        if self.left < 0:
            raise refusal("xml-too-long", self.name, most=MAX_ELEMENTS)


def bounded_entries(content: bytes, name: str) -> zipfile.ZipFile:
    """A packed file opened, once it is known to be small enough unpacked; raises ``Refusal`` or what ``zipfile`` raises."""
    if _directory_size(content) > _DIRECTORY:
        raise refusal("too-many-files", name)
    import io

    packed = zipfile.ZipFile(io.BytesIO(content))
    infos = packed.infolist()
    unpacked = sum(i.file_size for i in infos)
    swollen = [i for i in infos if i.file_size > 1_000_000 and i.file_size > MAX_RATIO * max(i.compress_size, 1)]
    most = min(MAX_UNPACKED, MAX_RATIO * len(content) + ALWAYS)
    if len(infos) > MAX_ENTRIES or unpacked > most or swollen:
        raise refusal("out-of-proportion", name, megabytes=unpacked // 1_000_000, files=len(infos))
    # Two names may mean one file on some machines, and one stretch of bytes may be said to be many files.
    if len({i.filename.lower() for i in infos}) < len(infos) or len({i.header_offset for i in infos}) < len(infos):
        raise refusal("files-overlap", name)
    return packed


def _directory_size(content: bytes) -> int:
    """How many bytes the directory of a packed file says that it has; nought where there is none to be seen."""
    end = content.rfind(b"PK\x05\x06", max(0, len(content) - 66_000))
    if end < 0 or end + 22 > len(content):
        return 0
    (size,) = struct.unpack_from("<L", content, end + 12)
    wide = content.rfind(b"PK\x06\x06", max(0, end - 200), end)
    if wide >= 0 and wide + 48 <= len(content):
        size = max(size % 0xFFFFFFFF, *struct.unpack_from("<Q", content, wide + 40))
    return int(size)


def look_at_parts(packed: zipfile.ZipFile, name: str) -> Budget:
    """Look through every part in XML, keeping nothing: entities, depth, length, and whether it is whole. Raises ``Refusal``."""
    budget = Budget(name)
    for info in packed.infolist():
        if info.filename.lower().endswith((".xml", ".rels", ".vml")):
            parse(packed, info.filename, budget, (None, None, None))
    return budget


def parse(packed: zipfile.ZipFile, part: str, budget: Budget, handlers: Handlers) -> None:
    """Give the elements of a part to handlers as they come; raises ``Refusal`` for entities, depth, length and broken XML."""
    name = budget.name
    begin, end, text = handlers
    depth = 0
    seen = 0

    def started(element: str, attributes: dict[str, str]) -> None:
        nonlocal depth, seen
        depth += 1
        seen += 1
        if depth > MAX_DEPTH:
            raise refusal("xml-too-deep", name, part, part=part, most=MAX_DEPTH)
        if begin:
            begin(element.rpartition(" ")[2], {k.rpartition(" ")[2]: v for k, v in attributes.items()})

    def ended(element: str) -> None:
        nonlocal depth
        depth -= 1
        if end:
            end(element.rpartition(" ")[2])

    def declared(*given: Any) -> None:
        raise refusal("entities", name, part)

    parser = ParserCreate(namespace_separator=" ")
    parser.buffer_text = True
    parser.StartElementHandler, parser.EndElementHandler = started, ended
    parser.StartDoctypeDeclHandler = parser.EntityDeclHandler = declared
    if text:
        parser.CharacterDataHandler = text
    with packed.open(part) as source:
        try:
            while chunk := source.read(_CHUNK):
                before = seen
                parser.Parse(chunk, False)
                budget.spend(seen - before)
            parser.Parse(b"", True)
        except ExpatError as error:
            why = f"{errors.messages[error.code]} at line {error.lineno}, column {error.offset + 1}"
            raise refusal("xml-broken", name, part, part=part, why=why) from None
        except (LookupError, ValueError):
            # An encoding that is not known.
            raise refusal("xml-broken", name, part, part=part, why="its encoding is not known") from None
