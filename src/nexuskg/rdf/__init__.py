"""Files to and from graphs, and what a store that can be read answers.

`Readable` (store) is whatever answers queries and patterns: the embedded store, one on disk, an endpoint; a query gives
a `Table`. Turtle files become named graphs (load), canonical text again (turtle), and tables of links quads (sssom);
labels says what a node is called, locate where it is written, void what a dataset has. Imports base.
"""
