"""The graph over HTTP, in five rooms: sandbox < state, api < pages < app."""
