"""Tells a file that is broken inside from a bug of ours: both arrive as the same kinds of exception."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from xml.etree.ElementTree import ParseError

from icsgraph.core.errors import IcsgraphError

__all__ = ["broken_inside"]

# What libraries raise for files that are broken inside, which have no types of their own for it.
_RAISED = (
    ParseError,
    KeyError,
    ValueError,
    TypeError,
    IndexError,
    AttributeError,
    AssertionError,
    RecursionError,
    OSError,
)
_OURS = __name__.partition(".")[0]


def _raised_by_us(error: BaseException) -> bool:
    """Whether the frame that raised it is of this package, and not of the library that reads the file."""
    trace = error.__traceback__
    while trace and trace.tb_next:
        trace = trace.tb_next
    return trace is not None and str(trace.tb_frame.f_globals.get("__name__")).partition(".")[0] == _OURS


@contextmanager
def broken_inside(name: str, hint: str) -> Iterator[None]:
    """Within it, what a library cannot read of the file ``name`` is an ``IcsgraphError`` with this ``hint``.

    An error of our own code goes on as it is, so that it is logged and not laid to the file.
    """
    try:
        yield
    except IcsgraphError:
        raise
    except _RAISED as error:
        if _raised_by_us(error):
            raise
        raise IcsgraphError(f"{name} is broken inside: {error}.", hint) from error
