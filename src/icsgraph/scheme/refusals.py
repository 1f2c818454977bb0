"""The ways in which a stranger's file can be wrong, each by a name, with its words, its place and what to do."""

from __future__ import annotations

from icsgraph.core.errors import IcsgraphError

__all__ = ["KINDS", "Refusal", "refusal"]


class Refusal(IcsgraphError):
    """A file that is not read. ``kind`` is one of ``KINDS``; ``place`` says where in the file, empty where it is the whole."""

    def __init__(self, kind: str, message: str, hint: str, place: str = "") -> None:
        super().__init__(message, hint)
        self.kind = kind
        self.place = place


_AGAIN = "Open it in Excel and save it again."
_CELL = "Mend the cell and save it again."
# By name: what is said, with {name} for the file, and what to do.
KINDS = {
    "out-of-proportion": (
        "{name} would unpack to {megabytes} MB in {files} files, which is out of proportion.",
        "It was not opened. Copy the sheets into a new workbook.",
    ),
    "too-many-files": ("{name} holds too many files.", "It was not opened. Copy the sheets into a new workbook."),
    "files-overlap": (
        "{name} cannot be unpacked: two of its files have the same name or lie over each other.",
        _AGAIN,
    ),
    "not-unpackable": ("{name} cannot be unpacked: {why}.", _AGAIN),
    "too-many-sheets": ("{name} has more than {most} sheets.", "Split it, one workbook for each board."),
    "sheet-missing": ("{name} is broken inside: the sheet “{sheet}” is not in the file.", _AGAIN),
    "sheets-share-a-part": ("{name} is broken inside: several sheets are one and the same part of the file.", _AGAIN),
    "xml-broken": ("{name} is broken inside: {why}, in {part}.", _AGAIN),
    "xml-too-deep": ("{name} is broken inside: {part} is nested more than {most} deep.", _AGAIN),
    "xml-too-long": (
        "{name} has more than {most} elements of XML.",
        "Copy the values into a new workbook, without their formats.",
    ),
    "entities": ("{name} declares entities, which are not read here.", "Save it again as .xlsx."),
    "too-many-rows": ("{name} has more than {most} rows.", "Split it, one workbook for each board."),
    "too-many-rows-here": (
        "{name} has {rows} rows; {most} are checked here at most.",
        "Split it, one workbook for each board, or check it on a machine of your own, where there is no such limit.",
    ),
    "too-many-columns": (
        "{name} has more than {most} columns in the sheet “{sheet}”.",
        "Clear what stands to the right of the table.",
    ),
    "too-many-cells": ("{name} has more than {most} cells.", "Clear what lies outside the tables."),
    "too-much-text": ("{name} has more than {most} letters.", "Split it, one workbook for each board."),
    "cell-too-long": (
        "{name} has more than {most} letters in one cell, at {place}.",
        "Shorten it; Excel takes no more.",
    ),
    "cell-misplaced": ("{name} is broken inside: “{said}” is no place of a cell, in the sheet “{sheet}”.", _AGAIN),
    "cell-twice": ("{name} is broken inside: the cell {place} stands there twice.", _AGAIN),
    "no-number": ("{name} has “{said}” at {place}, which is marked as a number and is none.", _CELL),
    "number-beyond-range": ("{name} has a number at {place} that is larger than Excel or any sum of money.", _CELL),
    "date-beyond-calendar": ("{name} has a date at {place} that lies outside the years 1900 to 9999.", _CELL),
    "text-missing": ("{name} is broken inside: the text of the cell {place} is not in the file.", _AGAIN),
    "merges-too-many": ("{name} merges too many cells.", "Unmerge the cells of whole columns."),
    "no-table": ("{name} is not a table in CSV{why}.", "Save it again as CSV (UTF-8)."),
}


def refusal(kind: str, name: str, place: str = "", **values: object) -> Refusal:
    """The refusal of a kind for the file ``name``, at a place in it.

    >>> str(refusal("no-number", "a.xlsx", "Decisions!C2", said="x"))
    'a.xlsx has “x” at Decisions!C2, which is marked as a number and is none. Mend the cell and save it again.'
    """
    message, hint = KINDS[kind]
    return Refusal(kind, message.format(name=name, place=place, **values), hint, place)
