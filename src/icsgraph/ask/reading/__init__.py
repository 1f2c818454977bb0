"""Reads questions in people's words, in stages: normalise, recognise, intent, rank, decide."""
