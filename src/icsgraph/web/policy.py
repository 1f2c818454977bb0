"""What a browser may load and who may frame a page: everything comes from here, and nothing is sent to anybody else."""

from __future__ import annotations

__all__ = ["FRAMED", "POLICY"]

_SELF = (
    "default-src 'none'",
    "script-src 'self'",
    "style-src 'self'",
    "img-src 'self'",
    "connect-src 'self'",
    "form-action 'self'",
    "base-uri 'none'",
)
POLICY = "; ".join((*_SELF, "frame-ancestors 'none'"))
# A page that others show within their own.
FRAMED = "; ".join((*_SELF, "frame-ancestors *"))
