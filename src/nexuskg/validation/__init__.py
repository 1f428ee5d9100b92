"""What is wrong with a graph, an ontology or its shapes -> `errors.Finding`s.

checks             all checks of a home or a dataset: stored queries, shapes, contradictions, what no query can say
shacl              the shapes of ontology/shapes on the data; chooses the engine
shacl_engines      pySHACL and the package `shacl`, brought to one result
shape_lint         shapes that a validator passes over in silence
owl_consistency    whether the ontology can be true at all, by HermiT over terms, data and facts (nexuskg check --dl)

Nothing is mended here. Imports base, rdf, evidence, queries, reasoning and pipeline.
"""
