"""Why, why not, and what falls without something."""
