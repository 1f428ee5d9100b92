"""The answers to the stored questions, each worked out once for all tests of a process: evidence of rows is dear."""

from __future__ import annotations

from functools import cache
from pathlib import Path

from nexuskg.answers.answer import Answer
from nexuskg.answers.rows import answer_typed
from nexuskg.pipeline import compilation, views
from nexuskg.pipeline.dataset import Local

CHECKOUT = Path(__file__).parents[2]


@cache
def real_data(grade: str = "span", accept: str = "facts") -> Local:
    """The real dataset with evidence of that grade."""
    return compilation.compiled(views.view(accept, evidence=grade), CHECKOUT)


@cache
def stored_answer(name: str, grade: str = "span", accept: str = "facts") -> Answer:
    """What a stored question answers there, its parameters as they come."""
    return answer_typed(real_data(grade, accept), name)
