"""Second readers: a source's claims as they read and mark them, how far two agree, and what was decided where not.

A reader marks on a page of HTML or in a CSV file; both come back as `Marks`. Nothing here writes to the graph, and no
text of a source is kept: a page has it only because whoever asked for the page gave it.
"""
