"""A question, stored or in plain words, to rows with their evidence."""
