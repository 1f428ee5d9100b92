"""What the graph has of its sources, and how a user's own copy of a text compares with that.

The texts are not in the project. A source (`source:ellis-2015`) has a record; its text (`SourceText`) a digest,
`SourceSegment`s and `SourceSpan`s by offsets in code points. In the order in which a text becomes evidence:

anchors     digests, anchor phrases and parts of a text; knows nothing of the graph
segments    a text -> segments numbered by paragraph, to be recorded
phrases     where pasted words stand in a text, seeing through quotes, dashes, case and white space
records     the bibliographic record by its fields, the date of issue -> `BibliographicRecord`
sources     keys, texts, segments, spans and the claims on them, as the graph has them
coverage    what each segment yields: claims or a reason -> `CoverageReport`
verify      every span against a copy: in place, moved, changed, missing -> `VerifyReport`

Imports base and rdf only. New records, spans and claims are written by nexuskg.authoring.
"""
