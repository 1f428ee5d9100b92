"""Releases, the JSON-LD context, and pictures of the model."""
