"""A name or plain words to a question, and a question to rows with their evidence; each step hands on one value.

plain_words            words -> `Reading`s: a stored question and its parameters as one would type them, how sure
(plain_words_parameters, function_words: what words name, and the small words of three languages)
parameters             what was typed -> terms
question               a name and terms -> `Question`: the query that is run, and the plan of its evidence
rows                   `Question` -> table -> `Answer`
row_evidence           a table -> the claims of each row, and where these stand
answer, table          `Answer`, `Row`, `Evidence`; an answer as a table of text, CSV, Markdown, HTML or JSON

Imports base, rdf, queries, reasoning, search and pipeline.
"""
