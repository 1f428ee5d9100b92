"""From files to a compiled dataset: views, derivations, the closure, and the cache."""
