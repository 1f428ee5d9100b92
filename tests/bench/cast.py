"""Who and what a generated source brings with it: groups, places, goods on the move, activities, states of affairs."""

from __future__ import annotations

from document import Document, entity, term

COUNTRIES = ("belgium", "brazil", "canada", "chile", "china", "colombia")
COUNTRIES += ("mexico", "peru", "russia", "spain", "united-states")
ACTIVITIES = ("DrugTrafficking", "IllegalMining", "Intimidation")
ACTIVITIES += ("EconomicActivity", "IllegalLogging", "ContrabandSmuggling")
CONDITIONS = (
    ("illicit-revenue", "criminal-revenue", "increase"),
    ("expansion-of-illicit-activity", "illicit-activity-scale", "increase"),
    ("limited-state-presence", "state-presence", "decrease"),
    ("weak-state-community-bond", "state-community-bond", "decrease"),
    ("delayed-investment", "investment", "decrease"),
    ("slow-growth", "economic-growth", "decrease"),
)
STAGES = ["cultivation", "processing", "inland-transport", "export"]


def introduce(doc: Document) -> None:
    """Nothing; everybody and everything that the source brings is then described."""

    def people(slug: str, kind: str, count: int) -> None:
        for number in range(count):
            entity(doc, doc.name(f"actor:{slug}-{number}"), f"nx:{kind}", f"{slug} {number} of {doc.key}")

    people("front", "NonStateArmedGroup", 3)
    people("ring", "Organization", 3)
    people("crew", "UnnamedGroup", 3)
    people("agency", "LawEnforcementAgency", 1)
    people("office", "StateBody", 1)
    people("community", "Community", 1)
    for local, kind in (
        ("place:region", "Place"),
        ("place:town-0", "Place"),
        ("place:town-1", "Place"),
        ("facility:site-0", "Facility"),
        ("facility:site-1", "Facility"),
        ("zone:zone", "ZoneOfInfluence"),
        ("economy:illicit", "IllicitEconomy"),
        ("economy:national", "Economy"),
        ("chain:chain", "SupplyChain"),
        ("event:seizure-0", "Seizure"),
        ("event:seizure-1", "Seizure"),
        ("consignment:load-0", "Consignment"),
        ("consignment:load-1", "Consignment"),
        ("consignment:cover", "Consignment"),
        ("plan:plan", "Plan"),
        ("factor-set:factors", "FactorSet"),
        ("mechanism:joint", None),
    ):
        what = local.replace(":", " ")
        entity(doc, doc.name(local), kind and f"nx:{kind}", f"{what} of {doc.key}")
    for number, kind in enumerate(ACTIVITIES):
        entity(doc, doc.name(f"activity:activity-{number}"), f"nx:{kind}", f"{kind} of {doc.key}")
    for stage in STAGES:
        entity(doc, doc.name(f"stage:{stage}"), "nx:SupplyChainStage", f"{stage} in {doc.key}")
    country = term(f"place:{doc.random.choice(COUNTRIES)}")
    entity(doc, doc.name("market:market"), "nx:Market", f"market of {doc.key}", ("nx:marketIn", country))
    for number, (kind, variable, direction) in enumerate(CONDITIONS):
        entity(
            doc,
            doc.name(f"condition:state-{number}"),
            "nx:Condition",
            f"{kind} in {doc.key}",
            ("nx:conditionType", term(f"condition-type:{kind}")),
            ("nx:changeOf", term(f"variable:{variable}")),
            ("nx:changeDirection", term(f"change:{direction}")),
        )
