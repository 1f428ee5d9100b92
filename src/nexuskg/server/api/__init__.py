"""The operations that programs call, apart from HTTP.

routes is the table of `Operation`s; handlers does them; operation says what one takes and gives; openapi describes them
from the table; sparql_protocol reads requests of the SPARQL Protocol and describes the service.
"""
