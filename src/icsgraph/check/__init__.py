"""Descriptions of systems held against the rules of ``shapes/``."""
