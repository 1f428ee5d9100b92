"""Files to and from graphs, and what a store that can be read answers."""
