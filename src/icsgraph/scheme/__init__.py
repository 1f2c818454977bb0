"""A body's scheme of reservation and delegation: from its workbook to a checked graph, and back to what it publishes."""
