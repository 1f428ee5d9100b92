"""A dataset in a store of the user, on disk or at an endpoint, read and written as at home.

layout             how a dataset lies in a store: graphs, nodes without a name, the manifest
push               a dataset into a store, graph by graph, whole only at the end
push_remote        a server as the target: Graph Store Protocol, else updates in batches
disk               a folder of pyoxigraph as a store: its datasets read, or made the target of a push
disk_writer        such a folder open for writing: each change is whole, on the disk and in the ledger
ledger             how many triples each graph has, and their digest, beside the store's own files
maintenance        whether a folder is as it was left, backup, and repair
stored_dataset     what `ask --store` and `--endpoint` open: is the dataset there, and whole?
mapped_store       a stored dataset under the names that it has at home
remote             an endpoint as a `Readable`: patterns fetched in batches and kept
sparql_protocol    queries and updates by SPARQLWrapper
http_client        HTTP with time limits and patience, never sent on to another server
credentials        the user and password, or token, of an endpoint: address, environment, netrc

Imports base, rdf, queries, reasoning and pipeline; what differs between stores is a method of theirs.
"""
