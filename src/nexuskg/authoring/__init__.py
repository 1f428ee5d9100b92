"""From what an analyst proposes to changed files: a claim or a source is drafted, held against the graph, and written.

A claim goes one way through the modules; each step hands on one value:

drafts             a file or a command line -> `Draft`: text in named fields, nothing trusted
source_context     what the graph has of the source, and the analyst's copy of its text -> `SourceContext`
vocabulary         what words mean in the graph -> predicates, concepts, nodes, literals
entities           KIND:SLUG=Class:"Label" -> `NewEntity`
qualifiers         the fields that say how it is meant -> properties, gathered in an `Interpretation` with all problems
spans              words pasted from the text -> `evidence.sources.SourceSpan`
claim_drafts       all of these -> `AuthoredClaim`, or `RefusedDraft` with the reasons
review             claims -> `FileChange`s tried out -> `Review`; what a check says is put down to its drafts
file_changes       changes on a copy of the home, checked -> `Trial`; the only module that writes files

source_record and bibliographic_record make a new source in the same way: its text and segments, its record. The facts
follow from the files in nexuskg.pipeline.derivation. Imports base, rdf, evidence, reasoning, search, pipeline and
validation.
"""
