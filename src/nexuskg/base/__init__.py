"""What needs no graph: every other room may use it, and it imports only errors.

namespaces      namespaces, the prefix table, CURIE <-> IRI, key <-> IRI of a source
data_home       where ontology/ and queries/ are, and whether they are the package's own
version         the one version number
edtf            a date in EDTF -> its first and last second
atomic          files and folders that are there as a whole or not at all
input_limits    what a file or an answer of somebody else may not have, found before a parser dies of it
safe_text       text that cannot steer the terminal that shows it
text_table      tables of text on standard output
headings        what columns are called in English, Spanish and Portuguese
media_types     the form that a client wants, by its Accept header
"""
