"""Pages and documents of linked data."""
