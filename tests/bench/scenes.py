"""What a generated source tells: groups and places, seizures and plans, supply chains, taxing, causes, figures.

Every source brings its own cast, named after it, and speaks of the casts of earlier ones too, of the earliest most
often, so that a few nodes are known to many sources, as in life. What shapes and checks ask of a node is always told;
what merely may be said varies in modality, voice and hedge as in the real claims. Countries and goods are those of the
real graph; all groups are invented.
"""

from __future__ import annotations

from itertools import pairwise

from cast import ACTIVITIES, CONDITIONS, COUNTRIES, STAGES, introduce
from document import Document, claim, close_record, compare, decimal, entity, open_record, term, text

CLAIMS = 200
"""Claims a source."""

GOODS = ["cocaine", "cocaine", "coca-leaf", "narcotics", "coal"]
_HEDGES = ["principally", "largely", "in-part", "mostly"]
_DOUBTS = ["apparently", "allegedly"]
_RATINGS = ("rapidly expanding", "significant", "alarming", "small but growing")
_VERBS = ["causes", "drives", "increases", "reinforces", "sustains", "enables"]


def tell(doc: Document, index: int) -> None:
    """Nothing; the document is then the source of that number, whole: its cast, its record and its claims."""
    introduce(doc)
    open_record(doc, f"Report {index} on illicit trade", f"{1995 + index % 30}-{1 + index % 12:02d}")
    _bibliography(doc, index)
    for scene in (_groups, _seizures, _plan, _chain, _taxing, _causes, _figures, _judgments):
        scene(doc)
    _earlier(doc, index)
    while doc.numbered < CLAIMS:
        _passing(doc, index)
    close_record(doc)


def key(index: int) -> str:
    """The key of the source of that number."""
    return f"report-{index:05d}"


def _bibliography(doc: Document, index: int) -> None:
    source, said = term(f"source:{doc.key}"), {"kind": term("kind:bibliographic")}
    # The title is what the page shows, so it is the publisher who says it.
    shown = {"modality": term("modality:reported"), "voice": term("voice:publishing-page")}
    shown |= {"claimedBy": doc.name("actor:office-0"), **said}
    claim(doc, source, "dcterms:title", text(f"Report {index} on illicit trade"), "The report has this title", **shown)
    claim(doc, source, "nx:documentType", term("document-type:report"), "It is a report", **said)
    extent = term(f"extent:{'full' if index % 3 else 'excerpt'}")
    claim(doc, term(f"text:{doc.key}"), "nx:textExtent", extent, "So much of it is at hand", **said)


def _groups(doc: Document) -> None:
    own, pick = doc.name, doc.random.choice
    country = term(f"place:{pick(COUNTRIES)}")
    claim(doc, own("place:region"), "nx:locatedIn", country, "The region lies in the country")
    for number in range(2):
        town, site = own(f"place:town-{number}"), own(f"facility:site-{number}")
        claim(doc, town, "nx:locatedIn", own("place:region"), "The town lies in the region")
        claim(doc, town, "nx:placeType", term("place-type:city"), "It is a city")
        claim(doc, site, "nx:nearTo" if number else "nx:locatedIn", town, "The site lies by the town")
        claim(doc, site, "nx:placeType", term("place-type:factory"), "It is a factory")
        claim(doc, site, "nx:usedFor", own("activity:activity-0"), "The site served the trade")
    claim(doc, own("zone:zone"), "nx:locatedIn", own("place:region"), "The zone lies in the region")
    claim(doc, own("actor:front-0"), "nx:influences", own("zone:zone"), "The front influences the zone", **_varied(doc))
    claim(doc, own("actor:agency-0"), "nx:subGroupOf", own("actor:office-0"), "The agency belongs to the office")
    claim(doc, own("actor:front-1"), "nx:subGroupOf", own("actor:front-0"), "The front has a splinter")
    for number in range(3):
        front, ring, crew = (own(f"actor:{kind}-{number}") for kind in ("front", "ring", "crew"))
        claim(doc, front, "rdf:type", term("nx:TerroristOrganization"), "The front is called terrorist", **_varied(doc))
        claim(doc, ring, "rdf:type", term("nx:CriminalOrganization"), "The ring is called criminal", **_varied(doc))
        claim(doc, ring, "nx:hasScope", term("scope:transnational"), "The ring works across borders", **_varied(doc))
        claim(doc, ring, "nx:operatesIn", own(f"place:town-{number % 2}"), "The ring works in the town", **_varied(doc))
        claim(doc, front, "nx:concentratedIn", own("place:region"), "The front keeps to the region", **_varied(doc))
        claim(doc, crew, "nx:hasForm", term(f"form:{pick(('gang', 'network', 'family-clan'))}"), "Of this form")
        claim(doc, crew, "nx:hasNationality", term(f"place:{pick(COUNTRIES)}"), "They come from there", **_varied(doc))
        claim(doc, crew, "nx:linkedTo", ring, "The crew has links to the ring", **_varied(doc))
        claim(doc, ring, "nx:engagesIn", own(f"activity:activity-{number}"), "The ring does this", **_varied(doc))
    claim(doc, own("actor:front-0"), "rdf:type", term("nx:CriminalOrganization"), "Criminal too", **_varied(doc))
    claim(doc, own("actor:crew-0"), "nx:uses", own("facility:site-1"), "The crew used the site")
    claim(doc, own("actor:crew-0"), "nx:cooperatesWith", own("actor:crew-1"), "The crews worked together")
    denied = {"polarity": term("polarity:negative")}
    claim(doc, own("actor:front-0"), "nx:rivalOf", own("actor:ring-0"), "The two are no rivals", **denied)


def _seizures(doc: Document) -> None:
    own, pick = doc.name, doc.random.choice
    for number in range(2):
        event, load = own(f"event:seizure-{number}"), own(f"consignment:load-{number}")
        goods, month = (
            term(f"commodity:{pick(GOODS)}"),
            f'"{doc.random.randint(1995, 2024)}-{doc.random.randint(1, 12):02d}"',
        )
        claim(doc, event, "nx:seizedBy", own("actor:agency-0"), "The agency made the seizure")
        claim(doc, event, "nx:involvesCommodity", goods, "These goods were seized")
        claim(doc, event, "nx:seizedLoad", load, "This load was seized", **_varied(doc))
        claim(doc, load, "nx:involvesCommodity", goods, "The load was of these goods")
        claim(doc, event, "nx:atPlace", own(f"facility:site-{number}"), "It happened at the site")
        claim(doc, event, "nx:edtf", month, "It happened in this month", timeAsStated=text("in that month"))
        _figure(doc, event, f"seized-{number}", "cocaine-seized", "metric-ton")
    cover = own("consignment:cover")
    claim(doc, cover, "nx:involvesCommodity", term("commodity:coal"), "The cover was coal")
    claim(doc, own("consignment:load-0"), "nx:insertedInto", cover, "The load went into the cover")
    claim(doc, own("consignment:load-1"), "nx:concealedIn", cover, "The load was hidden in the cover", **_varied(doc))


def _plan(doc: Document) -> None:
    plan, places = doc.name("plan:plan"), doc.random.sample(COUNTRIES, 3)
    claim(doc, plan, "nx:plannedCargo", doc.name("consignment:cover"), "The cover was to be shipped")
    claim(doc, plan, "nx:plannedOrigin", doc.name("place:town-0"), "It was to leave from the town")
    for place in places:
        claim(doc, plan, "nx:plannedDestination", term(f"place:{place}"), "It was meant for that country")


def _chain(doc: Document) -> None:
    own, random = doc.name, doc.random
    chain, illicit = own("chain:chain"), own("economy:illicit")
    claim(doc, illicit, "nx:partOf", own("economy:national"), "The illicit economy is a part", openList=_true())
    claim(doc, chain, "nx:partOf", illicit, "The chain belongs to the illicit economy")
    claim(doc, chain, "nx:involvesCommodity", term("commodity:cocaine"), "The chain moves these goods")
    claim(doc, chain, "nx:originatesIn", term(f"place:{random.choice(COUNTRIES)}"), "The chain starts there")
    for number, stage in enumerate(STAGES):
        here = own(f"stage:{stage}")
        claim(doc, here, "nx:stageOf", chain, "The stage belongs to the chain")
        claim(doc, here, "nx:stageRole", term(f"role:{stage}"), "The stage does this")
        claim(doc, own(f"actor:crew-{number % 3}"), "nx:performsStage", here, "The crew did it", **_varied(doc))
        if number:
            claim(doc, own(f"stage:{STAGES[number - 1]}"), "nx:precedes", here, "One stage precedes the other")
    for activity in range(1, len(ACTIVITIES)):
        claim(doc, own(f"activity:activity-{activity}"), "nx:partOf", illicit, "It is a part", **_varied(doc))
    supplier, market = random.sample(COUNTRIES, 2)
    claim(
        doc, term(f"place:{supplier}"), "nx:supplies", term(f"place:{market}"), "One supplies the other", **_varied(doc)
    )


def _taxing(doc: Document) -> None:
    own = doc.name
    for number in range(3):
        front, activity = own(f"actor:front-{number}"), own(f"activity:activity-{number}")
        claim(doc, front, "nx:taxes", activity, "The front taxes the trade", **_varied(doc))
        claim(doc, own(f"actor:crew-{number}"), "nx:derivesRevenueFrom", activity, "It pays them", **_varied(doc))
        claim(doc, front, "nx:playsPartIn", own("economy:illicit"), "The front has a part in it", **_varied(doc))


def _causes(doc: Document) -> None:
    own, random = doc.name, doc.random
    states = [own(f"condition:state-{number}") for number in range(len(CONDITIONS))]
    for one, other in pairwise(states):
        _cause(doc, one, other)
    if random.random() < 0.3:
        _cause(doc, states[2], states[0])
    factors = own("factor-set:factors")
    for part in states[1:3]:
        claim(doc, part, "nx:componentOf", factors, "It is one of the factors")
    # Two causes work together: one mechanism, which both claims describe with one verb.
    joint = {"describesNode": own("mechanism:joint"), "causalRelation": term("causal-relation:causes")}
    for cause in (factors, own("activity:activity-2")):
        _cause(doc, cause, states[4], **joint)
    claim(doc, own("mechanism:joint"), "nx:underCondition", states[5], "In this context")
    claim(doc, own("economy:national"), "nx:undergoes", states[5], "The economy slows down", **_varied(doc))
    claim(doc, own("actor:community-0"), "nx:hasCondition", states[3], "The community is in this state", **_varied(doc))


def _cause(doc: Document, cause: str, effect: str, **said: str) -> None:
    verb = term(f"causal-relation:{doc.random.choice(_VERBS)}")
    given = {"kind": term("kind:causal"), "causalRelation": verb, **said}
    claim(doc, cause, "nx:contributesTo", effect, "The one bears on the other", **given)


def _figures(doc: Document) -> None:
    pick = doc.random.choice
    for number in range(4):
        _figure(
            doc, term(f"place:{pick(COUNTRIES)}"), f"exports-{number}", "cocaine-exports", "ton-unspecified-per-year"
        )
    observation = doc.name("observation:growth")
    entity(doc, observation, None, f"growth in {doc.key}")
    said = {"measures": term("quantity:economic-growth"), "quantityWord": text("brisk")}
    claim(doc, doc.name("economy:national"), "nx:hasObservation", observation, "Growth was brisk", **said)


def _figure(doc: Document, of: str, slug: str, quantity: str, unit: str) -> str:
    random = doc.random
    observation, value = doc.name(f"observation:{slug}"), random.randint(5, 4000) / 10
    entity(doc, observation, None, f"{slug} of {doc.key}")
    said = {
        "claimValue": decimal(value),
        "comparator": term(f"comparator:{random.choice(('equal-to', 'more-than', 'at-most', 'about'))}"),
        "measures": term(f"quantity:{quantity}"),
        "unit": term(f"unit:{unit}"),
        "valueAsStated": text(f"{value:.1f} tons"),
    }
    if random.random() < 0.4:
        said |= {"modality": term("modality:estimated"), "voice": term("voice:unnamed-experts")}
        said |= {"claimedBy": doc.name("actor:office-0")}
    return claim(doc, of, "nx:hasObservation", observation, "There were so many tons", **said)


def _judgments(doc: Document) -> None:
    said = {"kind": term("kind:evaluation")}
    for local in ("market:market", "actor:front-0", "economy:illicit"):
        rating = text(doc.random.choice(_RATINGS))
        claim(doc, doc.name(local), "nx:ratedAs", rating, "It is rated so", **said)


def _earlier(doc: Document, index: int) -> None:
    """What the source says again of an earlier one's figures and groups, and where it differs."""
    if not index:
        return
    earlier = Document(key(_before(doc, index)), doc.random)
    theirs = earlier.name(f"claim:c{_FIRST_FIGURE:03d}")
    mine = _figure(doc, earlier.name("event:seizure-0"), "seized-again", "cocaine-seized", "metric-ton")
    compare(doc, mine, theirs, "contradiction")
    region, town = earlier.name("place:region"), earlier.name("place:town-0")
    again = claim(doc, town, "nx:locatedIn", region, "The town lies in the region, as reported before")
    compare(doc, again, earlier.name(f"claim:c{_FIRST_TOWN:03d}"), "agreement")
    if doc.random.random() < 0.3:
        _cause(doc, doc.name("condition:state-5"), earlier.name("condition:state-0"))


_FIRST_TOWN, _FIRST_FIGURE = 5, 56
"""The numbers of two claims that every source has: that its first town lies in its region, and what was seized."""


def _passing(doc: Document, index: int) -> None:
    """One of the many remarks that tie what a source tells to what others told."""
    random = doc.random
    there = Document(key(_before(doc, index)), random) if index and random.random() < 0.7 else doc
    ring, front, crew = (f"actor:{kind}-{random.randrange(3)}" for kind in ("ring", "front", "crew"))
    subject, predicate, value = random.choice(
        (
            (doc.name(ring), "nx:operatesIn", there.name("place:region")),
            (doc.name(front), "nx:operatesIn", there.name(f"place:town-{random.randrange(2)}")),
            (doc.name(crew), "nx:linkedTo", there.name(ring)),
            (doc.name(ring), "nx:cooperatesWith", there.name(front)),
            (doc.name(ring), "nx:engagesIn", there.name(f"activity:activity-{random.randrange(6)}")),
            (doc.name(crew), "nx:inSupplyChain", there.name("chain:chain")),
            (doc.name(front), "nx:taxes", there.name(f"activity:activity-{random.randrange(6)}")),
            (doc.name(front), "nx:alliedWith", there.name(ring)),
        )
    )
    claim(doc, subject, predicate, value, "This is said in passing", **_varied(doc))


def _before(doc: Document, index: int) -> int:
    """The number of an earlier source: the earliest are spoken of most."""
    return int(index * doc.random.random() ** 2)


def _varied(doc: Document) -> dict[str, str]:
    """How a claim is said that no other one hangs on: mostly plainly, at times by others, with a hedge, or unsurely."""
    chance = doc.random.random()
    if chance < 0.72:
        return {}
    if chance < 0.80:
        return {"hedge": text(doc.random.choice(_HEDGES))}
    if chance < 0.87:
        reported = {"modality": term("modality:reported"), "voice": term("voice:named-authority")}
        return {**reported, "claimedBy": doc.name("actor:office-0")}
    if chance < 0.90:
        return {"modality": term("modality:presupposed"), "footnote": f'"{doc.random.randint(1, 40)}"'}
    if chance < 0.95:
        return {"modality": term("modality:implied")}
    if chance < 0.97:
        return {"modality": term("modality:possible"), "hedge": text(doc.random.choice(_DOUBTS))}
    return {"modality": term("modality:possible" if chance < 0.98 else "modality:predicted")}


def _true() -> str:
    return f'"true"^^{term("xsd:boolean")}'
