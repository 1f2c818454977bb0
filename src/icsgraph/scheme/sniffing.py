"""Whether something is a workbook, told by its first bytes and its name; without the library that opens one, which takes long to load."""

from __future__ import annotations

__all__ = ["OLD_OFFICE", "is_workbook"]

# How files of Office before 2007 begin, and those with a password.
OLD_OFFICE = bytes.fromhex("d0cf11e0a1b11ae1")


def is_workbook(content: bytes, name: str = "") -> bool:
    """Whether content is to be opened as a workbook: a packed file, an old Excel file, or a table in CSV."""
    return content.startswith((b"PK\x03\x04", b"PK\x05\x06", OLD_OFFICE)) or name.lower().endswith(
        (".xlsx", ".xlsm", ".xls", ".csv", ".docx", ".docm", ".doc", ".pdf")
    )
