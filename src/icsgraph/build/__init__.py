"""From tables and Turtle to one dataset."""
