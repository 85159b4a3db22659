"""OpenAPI 3.1 from the views themselves: what each declares of its bodies, answers and refusals."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, TypeVar

from flask import Flask
from pydantic import BaseModel
from pydantic.json_schema import models_json_schema
from werkzeug.routing import Rule

View = TypeVar("View", bound=Callable[..., Any])
_SECURITY = {"device": "device", "staff": "staff", "buyer": "key"}
_HIDDEN = frozenset({"HEAD", "OPTIONS"})


@dataclass(frozen=True, kw_only=True)
class Operation:
    """One call of the API in words: `refusals` are the codes that it may answer with."""

    summary: str
    body: type[BaseModel] | None = None
    status: int = 200
    answer: str = ""
    refusals: tuple[str, ...] = ()
    query: tuple[str, ...] = field(default=())


def describe(operation: Operation) -> Callable[[View], View]:
    """Attach a description to a view."""

    def mark(view: View) -> View:
        view.operation = operation  # type: ignore[attr-defined]
        return view

    return mark


def document(app: Flask, title: str, version: str) -> dict[str, Any]:
    """Return the OpenAPI document of every described view."""
    operations: list[tuple[Rule, Any]] = [
        (rule, app.view_functions[rule.endpoint])
        for rule in app.url_map.iter_rules()
        if hasattr(app.view_functions[rule.endpoint], "operation")
    ]
    bodies = {view.operation.body for _, view in operations if view.operation.body}
    refs, schemas = models_json_schema(
        [(model, "validation") for model in sorted(bodies, key=lambda m: m.__name__)],
        ref_template="#/components/schemas/{model}",
    )
    paths: dict[str, dict[str, Any]] = {}
    for rule, view in sorted(operations, key=lambda pair: pair[0].rule):
        path = "".join(
            f"{{{data}}}" if is_dynamic else data
            for is_dynamic, data in rule._trace  # noqa: SLF001
        ).lstrip("|")
        for method in sorted((rule.methods or set()) - _HIDDEN):
            paths.setdefault(path, {})[method.lower()] = _operation(view, rule.arguments, refs)
    return {
        "openapi": "3.1.0",
        "info": {"title": title, "version": version},
        "paths": paths,
        "components": {
            "schemas": {**schemas.get("$defs", {}), "Problem": _PROBLEM},
            "securitySchemes": {
                "staff": {"type": "http", "scheme": "bearer", "description": "A staff token"},
                "device": {"type": "http", "scheme": "bearer", "description": "A device's token"},
                "key": {
                    "type": "apiKey",
                    "in": "header",
                    "name": "Authorization",
                    "description": "`Hold <key>` or `Order <key>`",
                },
            },
        },
    }


_PROBLEM = {
    "type": "object",
    "required": ["type", "title", "status", "code"],
    "properties": {
        "type": {"type": "string"},
        "title": {"type": "string"},
        "status": {"type": "integer"},
        "code": {"type": "string"},
    },
}


def _operation(view: Any, arguments: set[str], refs: Any) -> dict[str, Any]:
    about: Operation = view.operation
    problem = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}
    ok: dict[str, Any] = {"description": about.answer or "done"}
    if about.status != 204:  # noqa: PLR2004 - no content
        ok["content"] = {"application/json": {"schema": {"type": "object"}}}
    result: dict[str, Any] = {
        "summary": about.summary,
        "operationId": view.__name__,
        "responses": {
            str(about.status): ok,
            "4XX": {
                "description": "refused: " + ", ".join(about.refusals or ("invalid_request",)),
                "content": problem,
            },
            "503": {"description": "busy: try again", "content": problem},
        },
    }
    parameters = [_parameter(name, "path", required=True) for name in sorted(arguments)]
    parameters += [_parameter(name, "query", required=False) for name in about.query]
    if parameters:
        result["parameters"] = parameters
    if about.body is not None:
        schema = refs[about.body, "validation"]
        result["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
    security: list[dict[str, list[str]]] = [
        {_SECURITY[c.partition(":")[0]]: []} for c in view.callers if c.partition(":")[0] in _SECURITY
    ]
    if security:
        result["security"] = security
    return result


def _parameter(name: str, place: str, *, required: bool) -> dict[str, Any]:
    return {"name": name, "in": place, "required": required, "schema": {"type": "string"}}
