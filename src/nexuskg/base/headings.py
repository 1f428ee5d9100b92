"""What columns are called in English, Spanish and Portuguese, and the few words that stand beside a table.

A column is a projected variable. In English its name is taken apart; in the other languages a table has it, and a
variable that nobody foresaw (a user's own) is taken apart in any language.
"""

from __future__ import annotations

import re
from typing import Final

LANGUAGES: Final = ("en", "es", "pt")
"""The languages in which every term, concept and entity has a label."""

HEADINGS: Final = {
    "about": ("tema", "tema"),
    "activity": ("actividad", "atividade"),
    "actor": ("actor", "ator"),
    "also": ("también", "também"),
    "anchor": ("palabras clave", "palavras-chave"),
    "answer": ("respuesta", "resposta"),
    "as": ("como", "como"),
    "aspect": ("aspecto", "aspecto"),
    "asStated": ("según el texto", "segundo o texto"),
    "attacker": ("atacante", "atacante"),
    "attributedTo": ("atribuido a", "atribuído a"),
    "broader": ("más general", "mais geral"),
    "by": ("por", "por"),
    "called": ("llamado", "chamado"),
    "cause": ("causa", "causa"),
    "change": ("cambio", "mudança"),
    "claim": ("afirmación", "afirmação"),
    "claims": ("afirmaciones", "afirmações"),
    "closure": ("cierre", "fechamento"),
    "comparator": ("comparador", "comparador"),
    "comparedIn": ("comparado en", "comparado em"),
    "comparison": ("comparación", "comparação"),
    "concept": ("concepto", "conceito"),
    "condition": ("condición", "condição"),
    "container": ("recipiente", "recipiente"),
    "context": ("contexto", "contexto"),
    "contradictedBy": ("contradicho por", "contradito por"),
    "country": ("país", "país"),
    "credibility": ("credibilidad", "credibilidade"),
    "date": ("fecha", "data"),
    "definedBy": ("definido por", "definido por"),
    "definition": ("definición", "definição"),
    "designation": ("designación", "designação"),
    "difference": ("diferencia", "diferença"),
    "direction": ("dirección", "direção"),
    "domain": ("dominio", "domínio"),
    "economy": ("economía", "economia"),
    "effect": ("efecto", "efeito"),
    "elsewhere": ("en otro lugar", "em outro lugar"),
    "end": ("fin", "fim"),
    "event": ("suceso", "evento"),
    "evidence": ("evidencia", "evidência"),
    "evidenceClaims": ("afirmaciones de la evidencia", "afirmações da evidência"),
    "evidenceGrade": ("grado de evidencia", "grau de evidência"),
    "example": ("ejemplo", "exemplo"),
    "facility": ("instalación", "instalação"),
    "footnote": ("nota", "nota"),
    "force": ("fuerza", "força"),
    "form": ("forma", "forma"),
    "formerRank": ("puesto anterior", "posição anterior"),
    "foundBy": ("hallado por", "encontrado por"),
    "from": ("de", "de"),
    "grade": ("grado", "grau"),
    "group": ("grupo", "grupo"),
    "hedge": ("reserva", "ressalva"),
    "identifier": ("identificador", "identificador"),
    "issued": ("publicado", "publicado"),
    "jointly": ("conjuntamente", "conjuntamente"),
    "kind": ("clase", "tipo"),
    "label": ("etiqueta", "rótulo"),
    "length": ("longitud", "comprimento"),
    "load": ("carga", "carga"),
    "location": ("ubicación", "localização"),
    "loop": ("bucle", "ciclo"),
    "market": ("mercado", "mercado"),
    "match": ("correspondencia", "correspondência"),
    "material": ("material", "material"),
    "measured": ("magnitud", "grandeza"),
    "mechanism": ("mecanismo", "mecanismo"),
    "member": ("miembro", "membro"),
    "missingFrom": ("falta desde", "falta de"),
    "missingTo": ("falta hasta", "falta até"),
    "modality": ("modalidad", "modalidade"),
    "nearTo": ("cerca de", "perto de"),
    "name": ("nombre", "nome"),
    "naming": ("denominación", "denominação"),
    "nationality": ("nacionalidad", "nacionalidade"),
    "nextTie": ("vínculo siguiente", "vínculo seguinte"),
    "notation": ("notación", "notação"),
    "object": ("objeto", "objeto"),
    "one": ("uno", "um"),
    "openList": ("lista abierta", "lista aberta"),
    "order": ("orden", "ordem"),
    "organization": ("organización", "organização"),
    "other": ("otro", "outro"),
    "otherSays": ("el otro dice", "o outro diz"),
    "otherUnit": ("otra unidad", "outra unidade"),
    "otherValue": ("otro valor", "outro valor"),
    "outcome": ("resultado", "resultado"),
    "paragraph": ("párrafo", "parágrafo"),
    "parameters": ("parámetros", "parâmetros"),
    "part": ("parte", "parte"),
    "percent": ("por ciento", "por cento"),
    "person": ("persona", "pessoa"),
    "place": ("lugar", "lugar"),
    "placeType": ("tipo de lugar", "tipo de lugar"),
    "plan": ("plan", "plano"),
    "polarity": ("polaridad", "polaridade"),
    "position": ("posición", "posição"),
    "predicate": ("predicado", "predicado"),
    "quantity": ("magnitud medida", "grandeza medida"),
    "question": ("pregunta", "pergunta"),
    "range": ("rango", "contradomínio"),
    "rank": ("puesto", "posição"),
    "rating": ("valoración", "avaliação"),
    "reason": ("razón", "razão"),
    "relation": ("relación", "relação"),
    "relationship": ("vínculo", "vínculo"),
    "reliability": ("fiabilidad", "confiabilidade"),
    "replaced": ("reemplazado", "substituído"),
    "restsOn": ("se apoya en", "apoia-se em"),
    "says": ("dice", "diz"),
    "scheme": ("vocabulario", "vocabulário"),
    "score": ("puntuación", "pontuação"),
    "seizure": ("incautación", "apreensão"),
    "side": ("lado", "lado"),
    "sign": ("signo", "sinal"),
    "site": ("sitio", "local"),
    "siteType": ("tipo de sitio", "tipo de local"),
    "source": ("fuente", "fonte"),
    "spans": ("pasajes", "trechos"),
    "stage": ("etapa", "etapa"),
    "start": ("inicio", "início"),
    "state": ("estado", "estado"),
    "statesBefore": ("estados anteriores", "estados anteriores"),
    "subject": ("sujeto", "sujeito"),
    "successor": ("sucesor", "sucessor"),
    "supplier": ("proveedor", "fornecedor"),
    "thing": ("cosa", "coisa"),
    "things": ("cosas", "coisas"),
    "through": ("mediante", "mediante"),
    "tie": ("vínculo", "vínculo"),
    "ties": ("vínculos", "vínculos"),
    "time": ("tiempo", "tempo"),
    "to": ("a", "a"),
    "type": ("tipo", "tipo"),
    "unit": ("unidad", "unidade"),
    "value": ("valor", "valor"),
    "verb": ("verbo", "verbo"),
    "verdict": ("veredicto", "veredito"),
    "via": ("a través de", "por meio de"),
    "voice": ("voz", "voz"),
    "way": ("modo", "modo"),
    "what": ("qué", "o quê"),
    "whatItAsks": ("qué pregunta", "o que pergunta"),
    "who": ("quién", "quem"),
    "word": ("palabra", "palavra"),
    "year": ("año", "ano"),
}
"""The Spanish and the Portuguese heading of a variable."""

_STANDING: Final = {
    "claims": ("afirmaciones", "afirmações"),
    "absence": ("ausencia", "ausência"),
    "claims and absence": ("afirmaciones y ausencia", "afirmações e ausência"),
    "curation": ("datos propios", "dados próprios"),
    "not traced": ("sin rastrear", "não rastreado"),
}
MESSAGES: Final = {
    "no rows": (
        "No rows: nothing in the graph answers this.",
        "Sin filas: nada en el grafo responde a esto.",
        "Sem linhas: nada no grafo responde a isto.",
    ),
    "no rows here": ("No rows.", "Sin filas.", "Sem linhas."),
    "nowhere": (
        "{names} is nowhere in this view of the graph.",
        "{names} no está en ninguna parte de esta vista del grafo.",
        "{names} não está em parte alguma desta visão do grafo.",
    ),
    "closest": ("The closest: {names}.", "Lo más cercano: {names}.", "O mais próximo: {names}."),
    "default": ("{value} (default)", "{value} (por defecto)", "{value} (padrão)"),
    "with defaults": ("With {values}.", "Con {values}.", "Com {values}."),
    "counted": (
        "In this view ({view}) {here} of {every} claims count.",
        "En esta vista ({view}) cuentan {here} de {every} afirmaciones.",
        "Nesta visão ({view}) contam {here} de {every} afirmações.",
    ),
    "locator": (
        "--evidence locator admits those without a span, too.",
        "--evidence locator admite también las que no tienen pasaje.",
        "--evidence locator admite também as que não têm trecho.",
    ),
    "understood": (
        "Understood as: {title}  (sure: {sure} of 100)\nExactly: {call}",
        "Entendido como: {title}  (seguridad: {sure} de 100)\nExactamente: {call}",
        "Entendido como: {title}  (certeza: {sure} de 100)\nExatamente: {call}",
    ),
    "by claims": ("by claims", "según afirmaciones", "segundo alegações"),
    "found none": (
        "This question found no rows.",
        "Esta pregunta no halló filas.",
        "Esta pergunta não achou linhas.",
    ),
    "with a locator": (
        "Rows where every claim counts (--evidence locator): {rows}.",
        "Filas donde cuenta toda afirmación (--evidence locator): {rows}.",
        "Linhas onde conta toda alegação (--evidence locator): {rows}.",
    ),
    "left out": ("leaves out: {names}", "deja fuera: {names}", "deixa de fora: {names}"),
    "unsure": (
        "No stored question is surely meant, so none is answered. The nearest:",
        "Ninguna pregunta guardada corresponde con seguridad, y ninguna se responde. Las más cercanas:",
        "Nenhuma pergunta guardada corresponde com certeza, e nenhuma é respondida. As mais próximas:",
    ),
    "unknown": (
        "No stored question is like this. All of them: nexuskg list; your own: nexuskg sparql",
        "Ninguna pregunta guardada se parece a esta. Todas: nexuskg list; una propia: nexuskg sparql",
        "Nenhuma pergunta guardada se parece com esta. Todas: nexuskg list; uma própria: nexuskg sparql",
    ),
}


def heading(name: str, language: str = "en") -> str:
    """What the column of a variable is called.

    >>> heading("comparedIn"), heading("comparedIn", "es"), heading("myOwnName", "pt")
    ('compared in', 'comparado en', 'my own name')
    """
    if language != "en" and name in HEADINGS:
        return HEADINGS[name][LANGUAGES.index(language) - 1]
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", name).lower()


def basis(rests_on: str, language: str = "en") -> str:
    """What a row rests on, in words.

    >>> basis("absence", "es")
    'ausencia'
    """
    if language == "en" or rests_on not in _STANDING:
        return rests_on
    return _STANDING[rests_on][LANGUAGES.index(language) - 1]


def message(name: str, language: str = "en", **values: object) -> str:
    """A sentence that stands in the place of a table, or beside it.

    >>> message("no rows", "pt")
    'Sem linhas: nada no grafo responde a isto.'
    """
    return MESSAGES[name][LANGUAGES.index(language)].format(**values)
