"""Axioms as rules, the closure, steps and grounds, justifications, contradictions, causal loops."""
