"""Installs what the suite runs of other people."""

from tests.engines import install

install()
