"""The version of the package, of the ontology and of the data."""

__version__ = "0.1.0"
