"""Names of things, and what there is to say of one.

find resolves a name to a node, or lists what is alike; names finds the things that a text names; describe gathers the
`Description` of one thing (usage: who uses it), which description puts into text. Imports base, rdf, queries and
reasoning.
"""
