"""The OpenAPI document: valid 3.1, and it names every call."""

import re

import pytest
from schemathesis.specs.openapi.definitions import OPENAPI_31_VALIDATOR

from tests.support.kassa import Json, Kassa, expect
from ticketing.texts import ERRORS

DOCUMENT = "/api/v1/openapi.json"


@pytest.fixture
def document(reader: Kassa) -> Json:
    return expect(reader.get(DOCUMENT), 200)


def test_it_is_valid(document: Json) -> None:
    assert [error.message for error in OPENAPI_31_VALIDATOR.iter_errors(document)] == []
    broken = {**document, "paths": {"no-slash": {}}}
    assert list(OPENAPI_31_VALIDATOR.iter_errors(broken))


def test_it_names_every_call(reader: Kassa, document: Json) -> None:
    described = {
        (method.upper(), re.sub(r"\{.*?\}", "{}", path))
        for path, operations in document["paths"].items()
        for method in operations
    }
    served = {
        (method, re.sub(r"<.*?>", "{}", rule.rule))
        for rule in reader.app.url_map.iter_rules()
        if rule.rule.startswith("/api/") and rule.rule != DOCUMENT
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert described == served


def test_path_parameters_are_declared(document: Json) -> None:
    for path, operations in document["paths"].items():
        for operation in operations.values():
            declared = {one["name"] for one in operation.get("parameters", []) if one["in"] == "path"}
            assert declared == set(re.findall(r"\{(.*?)\}", path))


def test_every_refusal_that_it_names_has_words(document: Json) -> None:
    for operations in document["paths"].values():
        for operation in operations.values():
            named = operation["responses"]["4XX"]["description"].removeprefix("refused: ").split(", ")
            assert set(named) <= ERRORS.keys()


def test_references_lead_somewhere(document: Json) -> None:
    def references(node: object) -> set[str]:
        if isinstance(node, dict):
            own = {node["$ref"]} if isinstance(node.get("$ref"), str) else set()
            return own.union(*(references(value) for value in node.values()))
        return set().union(*(references(value) for value in node)) if isinstance(node, list) else set()

    found = references(document)
    assert found
    for reference in found:
        part = document
        for name in reference.removeprefix("#/").split("/"):
            part = part[name]


def test_who_may_call_is_told(document: Json) -> None:
    security = {
        (method, path): [next(iter(one)) for one in operation.get("security", [])]
        for path, operations in document["paths"].items()
        for method, operation in operations.items()
    }
    assert security["post", "/api/v1/orders/{code}/refunds"] == ["staff"]
    assert security["post", "/api/v1/door/scans"] == ["device"]
    assert security["delete", "/api/v1/holds/{hold}"] == ["key"]
    assert security["post", "/api/v1/holds"] == []
