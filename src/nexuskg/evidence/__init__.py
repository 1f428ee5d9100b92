"""Sources, their segments and spans, and a text held against them."""
