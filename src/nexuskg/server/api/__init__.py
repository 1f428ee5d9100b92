"""The operations of the API and the SPARQL Protocol, apart from HTTP."""
