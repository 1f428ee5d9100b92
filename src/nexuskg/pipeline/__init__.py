"""From files to a compiled dataset that can be asked.

A `View` says what counts (views). compilation loads the files, takes out what the view leaves out (restrict,
preference), derives facts (derivation), closes them, and gives a `Dataset`; with a view as its default graph that is a
`Compiled` (dataset). cache keeps it by the digest of all it depends on; increment goes on from an entry to which the
files only add. Imports base, rdf, queries, evidence and reasoning.
"""
