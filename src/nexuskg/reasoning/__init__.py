"""Axioms and domain rules as clauses, what follows from them, and the way back.

axioms takes class expressions apart into patterns; rules and domain_rules give `Clause`s; closure runs them to a
fixpoint inside the store; steps are single applications, grounds what claims state, justifications the way from an
inference back to both. contradictions and causal_loops are found in what is closed; verbalize puts statements and rules
into English, axiom_sentences what the ontology says of a term. Imports base, rdf and queries.
"""
