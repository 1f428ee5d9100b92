"""The application that listens, and what it does with a request."""
