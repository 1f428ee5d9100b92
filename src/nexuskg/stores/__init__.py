"""A dataset in a store of the user, on disk or at an endpoint."""
