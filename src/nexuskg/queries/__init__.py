"""Stored queries as text: what they ask, which parameters they take, and which patterns their rows rest on.

A `StoredQuery` is a file of queries/ (catalogue). Its tokens are read by pattern_parser, which gives the `Plan` of its
evidence (evidence_plan); the plan is instantiated for the rows of a table as a `Trace` (evidence_trace), along property
paths by a shortest witness (property_paths). query_lint says what another engine would answer otherwise, query_guard
and update_guard what a stranger's text may not have; shacl_executables publishes the catalogue. Imports base and rdf.
"""
