"""Plain ideas of the product: no files, no network, no clock, no RDF library."""
