"""Corrections are part of the record: a claim is corrected, withdrawn and reviewed, an entity edited and merged.

Nothing is deleted. What changes what a claim says makes a new claim, and the old one keeps its IRI and its statement,
out of every view; what does not is changed in place, and the act of curation keeps the former value in words.

record_edit         triples that the files gain and lose -> `FileChange`s
claim_record        what a claim file says of a claim; its revision and withdrawal, as a `RecordEdit`
claim_correction    options as those of claim new -> what the claim is to say -> its revision, tried out
entity_correction   labels, aliases, notes and kind of an entity; two entities that are one
claim_review        who read which claims against their source, with which outcome

Imports authoring and what that imports.
"""
