"""What a server has at hand while it runs."""
