"""OpenAPI: the description of the API, made from the table of its operations, so that it cannot drift from them."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Final

from nexuskg.base.version import __version__
from nexuskg.queries.catalogue import OPEN, PATTERNS
from nexuskg.server.api.operation import ALTERNATIVES, LONGEST, VISIBLE, Operation, OperationParameter
from nexuskg.server.api.routes import OPERATIONS

if TYPE_CHECKING:
    from nexuskg.queries.catalogue import Parameter
    from nexuskg.server.state.host import Hosted

_ERRORS: Final = {
    "400": "A parameter is wrong or missing.",
    "404": "There is nothing of that name.",
    "406": "It cannot be given in the form asked for.",
    "501": "It is worked out from the files, and a store is served.",
    "503": "The server is busy.",
}


def openapi_document(hosted: Hosted) -> dict[str, Any]:
    """The OpenAPI 3.1 document: every operation, and every stored question with the parameters that it takes."""
    paths = {operation.path: {"get": _operation(operation)} for operation in OPERATIONS}
    general = next(operation for operation in OPERATIONS if operation.open)
    for name, query in sorted(hosted.data.catalogue.items()):
        own = tuple(
            OperationParameter(
                p.name,
                f"{p.meaning} ({p.takes}; default {p.shown_default})",
                schema={"type": "array", "maxItems": ALTERNATIVES, "items": schema_of(p)},
            )
            for p in query.params
        )
        shared = tuple(parameter for parameter in general.parameters if parameter.inside == "query")
        one = Operation(general.path.format(name=name), query.summary, general.does, (*own, *shared), general.media)
        paths[one.path] = {"get": _operation(one)}
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "nexuskg",
            "version": __version__,
            "summary": "A knowledge graph of the crime-terror nexus in which every answer leads back to its passage.",
            "license": {"name": "CC BY 4.0", "identifier": "CC-BY-4.0"},
        },
        "paths": paths,
        "components": {
            "schemas": {
                "Error": {
                    "type": "object",
                    "required": ["error"],
                    "properties": {"error": {"type": "string", "description": "What is wrong, in a sentence."}},
                }
            }
        },
    }


def schema_of(parameter: Parameter) -> dict[str, Any]:
    """The schema of one value of a parameter of a question; an empty one leaves it open, as "any" does.

    What a question has to be about is named.
    """
    schema: dict[str, Any] = {"type": "string", "maxLength": LONGEST}
    pattern = PATTERNS.get(parameter.type)
    if parameter.required and not pattern:
        return schema | {"pattern": VISIBLE}
    return schema | ({"pattern": f"^({'|'.join(OPEN)}|{pattern})?$"} if pattern else {})


def _operation(operation: Operation) -> dict[str, Any]:
    error = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    content = {media: {"schema": {} if media.endswith("json") else {"type": "string"}} for media in operation.media}
    return {
        "summary": operation.summary,
        "parameters": [_parameter(parameter) for parameter in operation.parameters],
        "responses": {
            "200": {"description": "What was asked for.", "content": content},
            "304": {"description": "It is still as it was."},
            **{status: {"description": says, "content": error} for status, says in _ERRORS.items()},
        },
    }


def _parameter(parameter: OperationParameter) -> dict[str, Any]:
    text = parameter.schema.get("type") == "string"
    found = {
        "name": parameter.name,
        "in": parameter.inside,
        "description": parameter.says,
        "required": parameter.required,
        "schema": dict(parameter.schema) | ({"pattern": VISIBLE} if text and parameter.required else {}),
    }
    return found | ({"example": parameter.example} if parameter.example else {})
