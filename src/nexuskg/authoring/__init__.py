"""From a draft to checked claims."""
