"""What a server has at hand while it runs.

host makes a view ready to be served: a `Hosted`. live says which is served now, and lets it be written; withdrawals
works out for one asker at a time what falls without something.
"""
