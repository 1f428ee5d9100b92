"""What people and linked-data programs get: HTML and documents about IRIs.

linked_data answers for every IRI of ours; site has the pages about none; markup is all HTML there is; schema_org says
what a page is about in the words of schema.org.
"""
