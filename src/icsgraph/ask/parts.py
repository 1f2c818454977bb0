"""Who answers for a small part of an area only, told apart from whoever has the rest and named beside them.

A question whose header names ``who`` it asks for projects ``?small_areas`` and ``?small_share`` where a row is of such a part,
and ``?open`` where the law that carries a row names others besides.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from icsgraph.graph.rdf import Term

__all__ = ["Part", "among_others", "apart", "is_open", "measure", "with_parts"]

AREAS, SHARE, OPEN = "small_areas", "small_share", "open"


@dataclass(frozen=True)
class Part:
    """The rows of whoever answers for a part of an area of so many whole small areas; ``share`` is empty where it is not known."""

    areas: str
    share: str
    rows: list[dict[str, Term]]

    def within(self, area: str) -> str:
        """The part in words.

        >>> Part("6", "0.0339", []).within("Cumberland"), Part("1", "", []).within("Preston")
        ('a small part of Cumberland (6 small areas, 3.4 %)', 'a small part of Preston (1 small area)')
        """
        return f"a small part of {area} ({self.size})"

    @property
    def size(self) -> str:
        """How large the part is, in words."""
        return measure(self.areas, self.share)


def measure(areas: str, share: str) -> str:
    """How large a part is: how many small areas, and which share of all, where known.

    >>> measure("21", "0.0428"), measure("1", "")
    ('21 small areas, 4.3 %', '1 small area')
    """
    number = f"{areas} small area{'' if areas == '1' else 's'}"
    return f"{number}, {100 * float(share):.1f} %".replace(".0 %", " %") if share else number


def apart(rows: Sequence[dict[str, Term]], who: str) -> tuple[list[dict[str, Term]], list[Part]]:
    """Rows without those of small parts, and these part by part; whoever has a row of the whole has no part besides."""
    whole = [row for row in rows if AREAS not in row]
    main = {row[who].value for row in whole if who in row}
    found: dict[tuple[str, str], list[dict[str, Term]]] = {}
    for row in rows:
        if AREAS in row and who in row and row[who].value not in main:
            share = row[SHARE].value if SHARE in row else ""
            found.setdefault((row[AREAS].value, share), []).append(row)
    ordered = sorted(found.items(), key=lambda f: (-int(f[0][0]), f[0][1]))
    return whole, [Part(areas, share, those) for (areas, share), those in ordered]


def with_parts(says: str, parts: Sequence[str]) -> str:
    """A sentence with what is said of small parts behind it.

    >>> with_parts("A arranges it in B.", ["C arranges it in a small part of B."])
    'A arranges it in B; C arranges it in a small part of B.'
    >>> with_parts("Complain to A.", ["Complain in a small part of B to C."])
    'Complain to A; complain in a small part of B to C.'
    """
    small = [p.replace("Complain ", "complain ", 1) if p.startswith("Complain ") else p for p in parts]
    return "; ".join([says.removesuffix("."), *(p.removesuffix(".") for p in small)]) + "."


def among_others(says: str) -> str:
    """A sentence that names some of those whom the law names, said so.

    >>> among_others("A and B hold it in law.")
    'A and B hold it in law; the law names others besides.'
    """
    return says.removesuffix(".") + "; the law names others besides."


def is_open(rows: Sequence[Mapping[str, Term]]) -> bool:
    """Whether the law behind any of the rows names others besides."""
    return any(OPEN in row and row[OPEN].value == "true" for row in rows)
