"""Keeping the record: what in it is out of date, and what came in its place."""
