"""Shapes, checks, and the logic of the ontology."""
