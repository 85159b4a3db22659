"""Requests that a machine thinks up: none is a server error, and none that is refused changes anything."""

import json
from collections.abc import Callable
from typing import Any

import pytest
import schemathesis
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from schemathesis.core.transport import Response
from schemathesis.generation import GenerationMode

from tests.web.api.targets import WITH_BODY, Target, changed, leaves, refusal_fault

pytestmark = pytest.mark.each_database

TEXT = st.text(st.characters(codec="utf-8"), max_size=80)  # with NUL and the controls
JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | TEXT
    | st.uuids().map(str)
    | st.datetimes().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)
SETTINGS = settings(
    max_examples=6,
    suppress_health_check=[
        HealthCheck.function_scoped_fixture,
        HealthCheck.filter_too_much,
        HealthCheck.too_slow,
    ],
)


@pytest.mark.parametrize("name", WITH_BODY)
def test_bodies_with_something_else_in_one_place(target: Target, name: str) -> None:
    @SETTINGS
    @given(st.data())
    def check(data: st.DataObject) -> None:
        call = target.call(name)
        path = data.draw(st.sampled_from(list(leaves(call.body))))
        raw = json.dumps(changed(call.body or {}, path, data.draw(JSON))).encode()
        before = target.kassa.fingerprint()
        response = target.send(call, raw)
        if response.status_code >= 300:
            assert refusal_fault(response) is None
            assert target.kassa.fingerprint() == before

    check()


@pytest.mark.parametrize("name", WITH_BODY)
def test_bytes(target: Target, name: str) -> None:
    call = target.call(name)
    right = json.dumps(call.body).encode()
    before = target.kassa.fingerprint()

    @SETTINGS
    @given(st.binary(max_size=60) | cut_and_filled(right))
    def check(raw: bytes) -> None:
        assert refusal_fault(target.send(call, raw)) is None

    check()
    assert target.kassa.fingerprint() == before


def cut_and_filled(right: bytes) -> st.SearchStrategy[bytes]:
    """Return right bodies with a hole; holes that leave right JSON are never that short."""
    return st.tuples(st.integers(0, len(right) - 2), st.sampled_from([b"\x00", b"\xff", b"\\", b"\x1f"])).map(
        lambda hole: right[: hole[0]] + hole[1] + b"\x00" + right[hole[0] + 1 :]
    )


@pytest.mark.parametrize("mode", list(GenerationMode))
def test_what_the_openapi_document_suggests(target: Target, mode: GenerationMode) -> None:
    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", target.kassa.app)
    credentials = {
        "/refunds": target.staff,
        "/swaps": target.staff,
        "/door/quarantine": target.revoked,
        "/door/": target.device,
        "/orders/": target.call("read").auth,
    }
    tried = set()
    for found in schema.get_all_operations():
        operation = found.ok()
        auth = next((given for part, given in credentials.items() if part in operation.path), "Hold x")
        if mode in applicable(operation):
            tries(operation, mode, auth)()
            tried.add(operation.label)
    assert len(tried) == (23 if mode is GenerationMode.POSITIVE else 13)


def tries(operation: Any, mode: GenerationMode, auth: str) -> Callable[[], None]:
    @SETTINGS
    @given(case=operation.as_strategy(generation_mode=mode))
    def check(case: Any) -> None:
        response: Response = case.call(headers={"Authorization": auth})
        assert response.status_code < 500, response.text

    return check


def applicable(operation: Any) -> set[GenerationMode]:
    """Only a body has a schema that can be gone against: any text is a name in a path or a query."""
    return set(GenerationMode) if operation.body else {GenerationMode.POSITIVE}
