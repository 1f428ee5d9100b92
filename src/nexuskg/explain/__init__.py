"""Why something is in the graph, why it is not, and what falls without something.

why          a statement or an answer's row -> a tree through rules and axioms to claims and spans
why_not      the claims that speak of a statement without counting, and the rules that come nearest
what_if      what falls when a claim, source, span or axiom is withdrawn
linchpins    the claims and axioms on which most rests, each alone
rivals       the claims that a view sets aside for others or does not count, and why
render       explanations as text, JSON and Mermaid

Graphs come in and trees go out; the steps themselves are found in nexuskg.reasoning. Imports base, rdf, queries,
reasoning, search, pipeline and answers.
"""
