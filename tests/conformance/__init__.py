"""Runs of the public test suites of the standards we speak; see README.md."""
