"""RDF terms, stores, reasoners and validators: the only package that imports RDF libraries."""
