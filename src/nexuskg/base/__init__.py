"""IRIs, prefixes, dates, files, tables of text and limits on input: what needs no graph."""
