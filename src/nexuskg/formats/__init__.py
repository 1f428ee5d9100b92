"""An answer in a format, one module each."""
