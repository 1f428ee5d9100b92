"""An `Answer` in the format that is asked for, one module a format; tables are in nexuskg.answers.table.

registry        which formats can hold an answer, and the text of it in each: the way in
cite            sentences with numbered footnotes (-f cite)
row_statement   which claims and inferences say a row, and which only led to it; for cite
claim_clause    what one claim says as a clause, its hedges and doubts kept; for cite
reserve_words   whether a wording shows a word of its source, in three languages; for cite
claim_frames    the verbs and words around a claim in English, Spanish and Portuguese; for cite
bibliography    the sources as BibTeX and CSL-JSON; their records are read by nexuskg.evidence.records
geojson         a feature a row, at the points of its places
graphml         the nodes of the rows and edges between them, for Gephi or yEd
turtle          the claims, spans, sources and facts behind the rows as Turtle

Takes a dataset and an answer, and returns text. Imports base, rdf, evidence, queries, reasoning, search and answers.
"""
