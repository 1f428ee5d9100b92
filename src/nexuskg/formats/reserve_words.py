"""Whether a wording shows a word of its source, of doubt, degree, time or number; also in another language.

Sources are quoted in their own words, English as a rule. A wording shows "principally" by "mainly", "principalmente" or
"sobretudo"; where it does not, whoever cites tells the word beside it, as it stands.
"""

from __future__ import annotations

import re
from functools import cache
from typing import Final

_SMALL: Final = frozenset(
    (
        *("a", "an", "the", "in", "on", "at", "by", "of", "for", "to", "from", "during", "since", "until", "and"),
        *("or", "as", "is", "was", "than", "so", "s"),
    )
)
_UNITS: Final = frozenset(
    ("ton", "tons", "tonne", "tonnes", "metric", "percent", "hectares", "dollars", "kilograms", "per", "cent")
)
_WORD: Final = re.compile(
    r"\d{1,3}(?:[\u00a0\u202f ]\d{3})+(?!\d)(?:[.,]\d+)?|\d+(?:[.,]\d+)*|[^\W\d_]+(?:[-'\u2019][^\W\d_]+)*"
)

# The words of a source, then what shows them in English, Spanish and Portuguese; a star stands for any ending,
# and an indented line goes on.
_TABLE: Final = """
principally mainly primarily chiefly mostly largely | principal*, main*, primar*, chief*, mostly, large* | principal*,
    sobre todo, mayor parte, mayormente, en gran medida, gran parte | principal*, sobretudo, maior parte,
    majoritariamente, em grande parte, em grande medida
generally usually typically | general*, usual*, typical*, mostly | general*, por lo común, por lo general, suele*,
    habitual* | geral*, em geral, costuma*, habitual*
relatively rather comparatively somewhat | relative*, rather, comparative*, somewhat | relativ*, bastante, más bien,
    comparativ*, un tanto, algo | relativ*, bastante, comparativ*, um tanto, um pouco
almost nearly | almost, nearly | casi | quase
about around approximately roughly | about, around, approximate*, roughly | alrededor de, cerca de, aproximad*, unos,
    unas | cerca de, em torno de, aproximad*, uns, umas
partly partially | part*, in part | en parte, parcial* | em parte, parcial*
least | least | al menos, por lo menos, como mínimo | pelo menos, ao menos, no mínimo
far | far | hasta ahora, hasta entonces, hasta ese momento, hasta el momento | até agora, até então, até o momento,
    até aquele momento
first initially | first, initial* | al principio, en un primer momento, inicial*, primer* | de início, no início,
    inicial*, primeir*, a princípio
increasingly | increasing*, more and more, getting, ever more, ever larger | cada vez, crecient* | cada vez, crescent*
significant significantly | significan* | significativ*, considerable*, importante* | significativ*, considerá*,
    considerave*, importante*
rapid rapidly fast quickly | rapid*, fast, quick* | rápid*, rapid* | rápid*, rapid*
even | even, still | aún, incluso, todavía | ainda, até mesmo
more | more | más, mayor* | mais, maior*
all | all, every | todo, toda, todos, todas | todo, toda, todos, todas
several | several | varios, varias | vários, várias
hundred hundreds | hundred* | cien*, centenar* | cem, centen*
multiple many numerous | multiple, many, several, numerous | múltipl*, much*, varias, varios, diversas, numeros* |
    múltipl*, muit*, várias, vários, diversas, numeros*
number | number, first, top | número, primer*, mayor | número, primeir*, maior
one | one, first, top | uno, una, primer*, mayor | um, uma, primeir*, maior
two | two | dos | dois, duas
three | three | tres | três
four | four | cuatro | quatro
five | five | cinco | cinco
six | six | seis | seis
seven | seven | siete | sete
eight | eight | ocho | oito
nine | nine | nueve | nove
ten | ten | diez | dez
highest | highest | más alt*, mayor* | mais alt*, maior*
among | among, one of | entre | entre
after | after, since | después de, tras, desde, a partir de | depois de, após, desde, a partir de
record | record | récord | recorde
estimate estimates estimated | estimat* | estim*, cálculo | estim*
fell fall drop | fell, fall*, shrank, drop*, decreas* | cay*, caí*, contraj*, disminu*, baj*, redujo, descen* | ca*,
    encolh*, diminu*, recu*, reduz*, qued*
pass passed exceed | pass*, exceed*, more than, over | super*, más de, pas* | super*, mais de, pass*
region | region | región | região
country | country | país | país
world | world | mundo, mundial* | mundo, mundial*
continents | continents | continentes | continentes
now today currently nowadays | now, today, current* | ahora, hoy, actual* | agora, hoje, atual*
once formerly | once, former*, used to | antes, antaño, en otro tiempo, solía*, antigu*, en el pasado, en su momento,
    llegó a | antes, outrora, costumava*, antig*, no passado, já fo*, já est*, chegou a
old | old, former* | antigu*, viej* | antig*, velh*
recently recent | recent*, latest | recient*, últim* | recente*, últim*
most | most | más | mais
late | late, end of | fines de, fines del, finales de, finales del, fin de | fins d*, final d*, fim d*
early | early, beginning of | comienzos d*, principios d*, inicios d* | começo d*, início d*
end | end | fin, fines, final, finales | fim, fins, final
past last | past, last, previous | pasad*, últim* | passad*, últim*
decade | decade | década, decenio | década, decênio
year years | year* | año* | ano*
month months | month* | mes, meses | mês, meses
could might can possible possibly potentially | could, may, might, can, possibl*, potential* | podr*, puede*, pud*,
    posible*, potencial* | pod*, possív*, possive*, potencia*
believed thought | believe*, thought, belief | cree*, creen, considera* | acredit*, considera*, crença*
suspected suspect | suspect*, suspicion | sospech* | suspeit*
likely probably | likely, probabl* | probabl* | prováve*, provave*
allegedly alleged | alleg* | presunt*, supuest* | supost*, alega*
reportedly | report*, said to | se dice, según se dice, al parecer, según se informa | diz-se, segundo se informa,
    segundo se diz, segundo consta
january | january | enero | janeiro
february | february | febrero | fevereiro
march | march | marzo | março
april | april | abril | abril
may | may, could, might, possible | mayo, podr*, puede*, posible* | maio, pod*, possív*
june | june | junio | junho
july | july | julio | julho
august | august | agosto | agosto
september | september | septiembre, setiembre | setembro
october | october | octubre | outubro
november | november | noviembre | novembro
december | december | diciembre | dezembro
major | major, big, large, important | importante*, gran, grande*, principal* | importante*, grande*, principa*
only | only, just | solo, sólo, únic*, solamente | só, apenas, somente, únic*
further | further, even more, still more | aún más, todavía más, además, más | ainda mais, além disso, mais
already | already | ya | já
strategic | strategic* | estratégic* | estratégic*
severely severe | severe* | grave*, sever* | grave*, sever*
no not | no, not, never | no, nunca, ni, sin, ningun*, ningún | não, nunca, nem, sem, nenhum*
longer | longer, more, ceased | ya | mais, já, deixou
perhaps maybe | perhaps, maybe | quizá*, tal vez, acaso | talvez, quiçá
before | before, earlier, prior | antes, anterior*, prev* | antes, anterior*, prév*
week weeks | week* | semana* | semana*
third | third | tercer* | terceir*
row | row, running, consecutive | consecutiv*, seguid* | consecutiv*, seguid*
often | often | a menudo, frecuente*, con frecuencia | com frequência, frequente*, muitas vezes
monday | monday | lunes | segunda-feira
tuesday | tuesday | martes | terça-feira
wednesday | wednesday | miércoles | quarta-feira
thursday | thursday | jueves | quinta-feira
friday | friday | viernes | sexta-feira
saturday | saturday | sábado | sábado
sunday | sunday | domingo | domingo
"""


def shows(wording: str, said: str, language: str) -> bool:
    """Whether the wording, in that language, shows the words of a source: as they are, or each by one like it.

    >>> shows("Peru mainly grows coca", "principally", "en"), shows("El Perú cultiva coca", "principally", "es")
    (True, False)
    >>> shows("a fines de 2014 fueron 7,6 toneladas", "by late 2014", "es"), shows("7,6 toneladas", "7.6 tons", "es")
    (True, True)
    """
    if stands_in(wording, said):
        return True
    words = [word for word in _words(said) if word not in _SMALL]
    content = [word for word in words if word not in _UNITS or len(words) == 1]
    there = set(_words(wording))
    return bool(content) and all(word in there or _has_like(word, wording, language) for word in content)


def stands_in(wording: str, said: str) -> bool:
    """Whether the words stand in the wording as whole words.

    >>> stands_in("something", "some"), stands_in("it is at least 3", "At least")
    (False, True)
    """
    return re.search(rf"(?<!\w){re.escape(said)}(?!\w)", wording, re.IGNORECASE) is not None


def _words(text: str) -> list[str]:
    """The words of a text in small letters; a number by its digits alone, however it is punctuated."""
    return [re.sub(r"(?<=\d)\D(?=\d)", "", word) for word in _WORD.findall(text.casefold())]


def _has_like(word: str, wording: str, language: str) -> bool:
    pattern = _table().get((word, language))
    return pattern is not None and pattern.search(wording) is not None


@cache
def _table() -> dict[tuple[str, str], re.Pattern[str]]:
    """For each word and language, what shows it in a wording."""
    table: dict[tuple[str, str], re.Pattern[str]] = {}
    for line in _TABLE.strip().replace("\n    ", " ").splitlines():
        words, *columns = line.split(" | ")
        for language, column in zip(("en", "es", "pt"), columns, strict=True):
            any_of = "|".join(re.escape(each.strip()).replace(r"\*", r"\w*") for each in column.split(","))
            pattern = re.compile(rf"(?<!\w)(?:{any_of})(?!\w)", re.IGNORECASE)
            table |= {(word, language): pattern for word in words.split()}
    return table
