"""Stored queries: their catalogue, tokens, paths, evidence plans and traces, lint and guards."""
