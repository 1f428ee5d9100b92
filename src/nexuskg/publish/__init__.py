"""A compiled dataset -> the files of a release, the same bytes for the same input.

release           every distribution file (N-Quads, Turtle, VoID, coverage, SHA256SUMS), and the folder put in place
jsonld_context    ontology/context.jsonld, and the catalogue by which Protege opens the ontology offline
model_diagram     the classes that carry the model and how they are joined, as a Mermaid flow chart

Imports base, rdf, evidence, queries and pipeline.
"""
