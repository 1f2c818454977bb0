"""The command line: a thin skin over one Python call each."""
