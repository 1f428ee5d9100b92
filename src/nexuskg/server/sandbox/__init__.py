"""Queries and updates of strangers, in processes that can be killed.

pool keeps the processes and ends them at their limits; worker is such a process; evaluate is what it does with the
`QueryJob`, `UpdateJob` or `DocumentJob` that it is given (jobs). Imports base, rdf and queries.
"""
