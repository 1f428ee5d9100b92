"""The server under load beside another, in one run: python tests/bench/load.py --seconds 120 --clients 8 -o FILE

`nexuskg serve` and `oxigraph serve-read-only` have the same quads, each in a process of its own. Clients, also
processes, ask them every stored question and a few queries more, in slices that alternate: what else the machine does
meanwhile falls on both alike, which it would not if one were measured after the other. While one is asked, the other
waits. Every answer is held against that of the engine in this process. Ends with 1 if one failed or differed.
"""

from __future__ import annotations

import argparse
import http.client
import os
import statistics
import sys
import tempfile
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))  # run as a script, it finds support too

from pyoxigraph import QueryBoolean, QueryResultsFormat, QueryTriples, RdfFormat, Store

from clients import Query, Seen, Server, answered, load
from nexuskg.answers.question import question_of
from nexuskg.pipeline.views import FACTS
from nexuskg.queries.catalogue import with_prefixes
from nexuskg.queries.tokens import tokenize
from nexuskg.server.sandbox.jobs import QueryJob
from nexuskg.server.sandbox.pool import Pool
from nexuskg.server.state.host import Hosted, host_view
from support import servers
from support.needs import Failed

SLICE = 5.0
"""Seconds for which one server is asked before it is the other's turn."""
REPEATS = 15
"""So often is each query asked for what the guard costs; the median counts."""
ASKS = 200
OTHERS = {
    "every class, counted": "SELECT ?class (COUNT(?s) AS ?n) { ?s a ?class } GROUP BY ?class ORDER BY DESC(?n) ?class",
    "claims that are hedged": "SELECT ?claim ?hedge { ?claim nx:hedge ?hedge ; a nx:Claim }",
    "what is known of a group": "SELECT ?p ?o { actor:sendero-luminoso ?p ?o }",
    "labels in Spanish": "SELECT ?s ?label { ?s skos:prefLabel ?label FILTER(LANG(?label) = 'es') } ORDER BY ?s ?label",
    "what is near a place": "SELECT DISTINCT ?other { place:vraem (!a|^(!a)) ?other FILTER(isIRI(?other)) }",
    "facts of a graph": "SELECT ?s ?p ?o { GRAPH <https://w3id.org/nexuskg/graph/facts> { ?s ?p ?o } }",
    "whether anything is taxed": "ASK { ?group nx:taxes ?activity }",
    "who taxes, as triples": "CONSTRUCT { ?group nx:taxes ?activity } WHERE { ?group nx:taxes ?activity }",
}
"""Queries beside the stored questions, of the kinds that people write; prefixes are supplied."""
EMPTY = "ASK {}"


def main() -> int:
    """1 where an answer failed or differed, else 0; prints the report, and writes it where `-o` says."""
    parser = argparse.ArgumentParser(description="Put the server under load beside oxigraph.")
    parser.add_argument("--seconds", type=float, default=120.0, help="so long is each of the two asked")
    parser.add_argument("--clients", type=int, default=8)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("-o", "--output", type=Path, help="the file of the report")
    args = parser.parse_args()
    site = host_view(FACTS)
    if site.pool is None:
        raise SystemExit("This system cannot confine queries.")
    try:
        quads = site.pool.content().quads
        store = Store()
        store.bulk_load(quads, RdfFormat.N_QUADS)
        queries = every_query(site, store)
        count = max(1, round(args.seconds / SLICE))
        slices = [args.seconds / count] * count
        with (
            tempfile.TemporaryDirectory() as folder,
            servers.nexuskg(Path(folder)) as first,
            servers.oxigraph(Path(folder), quads) as other,
        ):
            both = (under_load(first), under_load(other))
            seen = load(both, queries, args.clients, slices, args.seed)
            asks = {server.name: over_http(server) for server in both}
        text = report(both, seen, guard(site.pool, store, queries), asks, args)
    except Failed as failed:
        raise SystemExit(str(failed)) from None
    finally:
        site.close()
    print(text)
    if args.output:
        args.output.write_text(text + "\n", encoding="utf-8")
    return int(any(one.errors or one.differences for one in seen))


def under_load(running: servers.Running) -> Server:
    """A server as the clients know it."""
    at = urlsplit(running.endpoint)
    return Server(running.name, at.port or 80, at.path)


def every_query(site: Hosted, store: Store) -> list[Query]:
    """The stored questions with their defaults, and the others, each with the answer of the engine in this process."""
    texts = {name: question_of(site.data, name).sparql(site.data.prefixes) for name in sorted(site.data.catalogue)}
    texts |= {name: with_prefixes(text, site.data.prefixes) for name, text in OTHERS.items()}
    found = []
    for name, text in texts.items():
        ordered = any(word.kind == "word" and word.key == "ORDER" for word in tokenize(text))
        media, right = evaluated(store, text)
        found.append(Query(name, text, media, ordered, right))
    return found


def evaluated(store: Store, text: str) -> tuple[str, bytes]:
    """The media type and the bytes of the answer, in this process and without a guard."""
    result = store.query(text)
    if isinstance(result, QueryTriples):
        return "application/n-triples", result.serialize(format=RdfFormat.N_TRIPLES) or b""
    if isinstance(result, QueryBoolean):
        return "application/sparql-results+json", result.serialize(format=QueryResultsFormat.JSON) or b""
    return "text/csv", result.serialize(format=QueryResultsFormat.CSV) or b""


def over_http(server: Server) -> float:
    """The median of seconds that the smallest query takes over a connection that stays open, nothing else going on."""
    line = http.client.HTTPConnection("127.0.0.1", server.port, timeout=60)
    smallest = Query("ask", EMPTY, "application/sparql-results+json", True, b"")
    times = []
    for _ in range(ASKS):
        start = time.perf_counter()
        status, _ = answered(line, server.path, smallest)
        times.append(time.perf_counter() - start)
        if status != 200:
            raise SystemExit(f"{server.name} answers {EMPTY} with {status}.")
    line.close()
    return statistics.median(times)


def guard(pool: Pool, store: Store, queries: Sequence[Query]) -> dict[str, tuple[float, float]]:
    """The seconds of each query by a guarded worker, and by the engine alone; medians of repeats taken in turn."""
    found = {}
    for query in queries:
        question = QueryJob(query.text, query.media, query.media)
        ways: tuple[Callable[[], object], ...] = (
            lambda question=question: pool.answer(question),
            lambda query=query: evaluated(store, query.text),
        )
        times: list[list[float]] = [[], []]
        for _ in range(REPEATS):
            for at, way in enumerate(ways):
                start = time.perf_counter()
                way()
                times[at].append(time.perf_counter() - start)
        found[query.name] = (statistics.median(times[0]), statistics.median(times[1]))
    return found


def report(
    servers: Sequence[Server],
    seen: Sequence[Seen],
    costs: Mapping[str, tuple[float, float]],
    asks: Mapping[str, float],
    args: argparse.Namespace,
) -> str:
    """The whole of it as Markdown."""
    lines = [
        "# Load",
        "",
        f"{args.clients} clients, {args.seconds:g} seconds each server in alternating slices, {len(costs)} queries, "
        f"seed {args.seed}, {os.cpu_count()} cores shared with the clients.",
        "",
        "| | requests | a second | p50 | p95 | p99 | max | errors | differences |",
        "|---|--:|--:|--:|--:|--:|--:|--:|--:|",
    ]
    lines += [line(server.name, one) for server, one in zip(servers, seen, strict=True)]
    mine, other = (sorted(time for times in one.times.values() for time in times) for one in seen)
    if mine and other:
        shares = [quantile(mine, q) / quantile(other, q) for q in (50, 95, 99, 100)]
        rate = (len(mine) / seen[0].spent) / (len(other) / seen[1].spent)
        ratios = " | ".join(f"{share:.2f}x" for share in shares)
        lines.append(f"| ratio | {len(mine) / len(other):.2f}x | {rate:.2f}x | {ratios} | | |")
    more = sorted(guarded - bare for guarded, bare in costs.values())
    worst = max(costs, key=lambda name: costs[name][0] - costs[name][1])
    lines += [
        "",
        "## What the guard costs",
        "",
        f"By a worker rather than in process, nothing else going on: {ms(quantile(more, 50))} more a query (p50 of "
        f"{len(more)} queries, each the median of {REPEATS}; p95 {ms(quantile(more, 95))}; most, {worst}: "
        f"{ms(more[-1])}).",
        "",
        f"`{EMPTY}` over HTTP, p50: " + ", ".join(f"{name} {ms(took)}" for name, took in asks.items()) + ".",
    ]
    for server, one in zip(servers, seen, strict=True):
        lines += [
            f"\n## {what} of {server.name}\n" + "".join(f"\n- {said}" for said in sorted(set(several))[:20])
            for what, several in (("Errors", one.errors), ("Differences", one.differences))
            if several
        ]
    lines += ["", "## By query, p50 under load", "", "| query | " + " | ".join(s.name for s in servers) + " |"]
    lines += ["|---|--:|--:|"]
    for name in costs:
        cells = [ms(statistics.median(one.times[name])) if name in one.times else "" for one in seen]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)


def line(name: str, seen: Seen) -> str:
    """The row of a server in the table."""
    times = sorted(time for times in seen.times.values() for time in times)
    wrong = f"{len(seen.errors)} | {len(seen.differences)} |"
    if not times:
        return f"| {name} | 0 | | | | | | {wrong}"
    cells = " | ".join(ms(quantile(times, q)) for q in (50, 95, 99, 100))
    return f"| {name} | {len(times):,} | {len(times) / seen.spent:,.0f} | {cells} | {wrong}"


def quantile(ordered: Sequence[float], percent: float) -> float:
    """The least value that so many percent of them do not exceed.

    >>> quantile([1, 2, 3, 4], 50), quantile([1, 2, 3, 4], 99)
    (2, 4)
    """
    return ordered[max(0, -(-len(ordered) * percent // 100) - 1)]


def ms(seconds: float) -> str:
    """A time in milliseconds.

    >>> ms(0.01234), ms(0.00034)
    ('12 ms', '0.34 ms')
    """
    value = 1000 * seconds
    return f"{value:,.0f} ms" if abs(value) >= 10 else f"{value:.1f} ms" if abs(value) >= 1 else f"{value:.2f} ms"


if __name__ == "__main__":
    sys.exit(main())
