"""Bad input is a 4xx problem with a known code, never a 500, and it changes nothing."""

import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace

import pytest
from werkzeug.test import TestResponse

from tests.support.kassa import Json
from tests.web.api.targets import (
    CALLS,
    WITH_BODY,
    WITH_IDEMPOTENCY,
    WITH_KEY,
    WITH_OBJECT,
    Call,
    Target,
    changed,
    leaves,
    refusal_fault,
    without,
)

pytestmark = pytest.mark.each_database

MEGABYTE = 1 << 20
DEEP = 100_000
VALUES: tuple[object, ...] = (
    None, True, False, 0, -1, 1.5, 2**31, 2**63, 10**30, -(10**30), "", " ", "x", "x" * 5000, "\x00",
    "a\x00b",
    "\x1b[31m", "a\r\nb", "\u202e", "\ufffe", "🎟" * 70, "'; DROP TABLE place; --", "0", "null", "NaN",
    "2024-13-45T00:00:00Z", "2024-11-25T14:00:00", "0001-01-01T00:00:00+14:00",
    "9999-12-31T23:59:59.999999-23:59",
    "00000000-0000-0000-0000-00000000000g", "00000000-0000-0000-0000-000000000000", [], {}, [[]], {"a": 1},
    [None], ["x"] * 300, {str(n): "x" for n in range(300)},
)  # fmt: skip
OBJECTS = (
    "%00", "a%00b", "%ff%fe", "%ED%A0%80", "%zz", "%", "%2e%2e%2f", "a" * 3000, "%F0%9F%8E%9F",
    "'%20OR%201=1--",
    "%0d%0aX-Evil:%20y", "0", "-1", "%D9%A1", "{}", "%7B%7D", "99999999999999999999",
    "00000000-0000-0000-0000-000000000000", "AAA-AAAA", "aaa-aaaa", "s99", "demo_0",
)  # fmt: skip
CREDENTIALS = (
    "", " ", "Bearer", "Bearer ", "Basic a2Fzc2E6a2Fzc2E=", "Bearer x y z", "Bearer \xff\xfe", "Bearer \x01",
    "Bearer " + "x" * 60_000, "Hold \xd0\x9a", "Order " + "y" * 60_000, "\x00", "Hold", "Order",
    "Digest a=b,c",
)  # fmt: skip
TOKENS = (
    "NaN",
    "Infinity",
    "-Infinity",
    "1e400",
    "-1e400",
    "1e-400",
    "-0",
    "9" * 4000,
    "9" * 5000,
    '"\\ud800"',
)
KEYS = ("", "x" * 201, "\xd0\xba\xd0\xbb", "\x7f", "a\x01b", "\x85", "x" * 60_000)


def faults(target: Target, requests: Iterable[tuple[str, TestResponse]]) -> list[str]:
    """Return what went wrong with requests that must each be refused and together change nothing."""
    before = target.kassa.fingerprint()
    found = [f"{what}: {fault}" for what, response in requests if (fault := refusal_fault(response))]
    after = target.kassa.fingerprint()
    return found + [f"{name} was changed" for name in after if after[name] != before[name]]


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_that_is_not_the_json_it_should_be(target: Target, name: str) -> None:
    call = target.call(name)
    right = json.dumps(call.body).encode()
    first = next(iter(call.body or {}))
    bodies = {
        "empty": b"",
        "blank": b" ",
        "half": right[: len(right) // 2],
        "two": right + right,
        "null": b"null",
        "number": b"1",
        "text": b'"text"',
        "array": b"[" + right + b"]",
        "latin-1": '{"ключ": "ы"}'.encode("cp1251"),
        "utf-16": right.decode().encode("utf-16"),
        "byte order mark": b"\xef\xbb\xbf" + right,
        "raw NUL": right + b"\x00",
        "raw control": right.replace(b'"', b'"\x01', 1),
        "single quotes": right.replace(b'"', b"'"),
        "comment": b"/* */" + right,
        "trailing comma": right[:-1] + b",}",
        "lone surrogate": b'{"' + first.encode() + b'": "\\ud800"}',
        "lone surrogate as a name": right[:-1] + b', "\\udfff": 1}',
        "deep arrays": b"[" * DEEP + b"]" * DEEP,
        "deep objects": b'{"a":' * DEEP + b"1" + b"}" * DEEP,
        "deep inside": b'{"' + first.encode() + b'":' + b"[" * DEEP + b"]" * DEEP + b"}",
        "a number too long to read": b'{"' + first.encode() + b'":' + b"9" * 10_000 + b"}",
        "a name twice": right[:-1]
        + b', "'
        + first.encode()
        + b'": '
        + json.dumps(call.body[first]).encode()
        + b"}",
        "not a number": right[:-1] + b', "extra": NaN}',
        "unknown name": right[:-1] + b', "extra": 1}',
    }
    assert faults(target, ((what, target.send(call, raw)) for what, raw in bodies.items())) == []


@pytest.mark.parametrize("name", WITH_BODY)
def test_a_body_under_another_type(target: Target, name: str) -> None:
    call = target.call(name)
    types = (
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data; boundary=x",
        "json",
        "",
        "\xff",
    )
    answers = [(kind, target.send(call, content_type=kind)) for kind in types]
    assert faults(target, answers) == []
    assert {(answer.status_code, answer.get_json()["code"]) for _, answer in answers} == {
        (415, "unsupported_media_type")
    }


@pytest.mark.parametrize("name", [*WITH_BODY, "renew", "pay"])
def test_a_body_of_ten_megabytes(target: Target, name: str) -> None:
    call = target.call(name)
    before = target.kassa.fingerprint()
    response = target.send(call, b'{"screening": "' + b"x" * 10 * MEGABYTE + b'"}')
    assert refusal_fault(response) is None
    assert (response.status_code, response.get_json()["code"]) == (413, "too_large")
    assert target.kassa.fingerprint() == before


def mutations(body: Json) -> Iterator[tuple[str, Callable[[Json], str]]]:
    """Yield ways to make a body wrong, or at least odd, in one place; each makes raw JSON of a fresh body."""
    for path in leaves(body):
        for value in VALUES:
            yield (
                f"{path} = {str(value)[:60]!r}",
                lambda fresh, p=path, v=value: json.dumps(changed(fresh, p, v)),
            )
        for token in TOKENS:
            yield f"{path} = {token[:20]}", lambda fresh, p=path, t=token: with_token(fresh, p, t)
        yield f"without {path}", lambda fresh, p=path: json.dumps(without(fresh, p))
        if isinstance(path[-1], str) and path[-2:-1] != ("concessions",):
            beside = (*path[:-1], "surplus")
            yield f"something beside {path}", lambda fresh, p=beside: json.dumps(changed(fresh, p, 1))


def with_token(body: Json, path: tuple[str | int, ...], token: str) -> str:
    return json.dumps(changed(body, path, "@@")).replace('"@@"', token)


@pytest.mark.parametrize("name", WITH_BODY)
def test_every_part_of_a_body_replaced_or_left_out(target: Target, name: str) -> None:
    """What is right after all is done, to an object of its own; whatever is refused is refused whole."""
    call = target.call(name)
    refused, found = [], []
    for what, mutate in mutations(call.body or {}):
        raw = mutate(call.body or {})
        response = target.send(call, raw.encode())
        if response.status_code < 300:
            call = target.call(name)
        elif fault := refusal_fault(response):
            found.append(f"{what}: {fault}")
        else:
            refused.append((what, raw))
    assert found == []
    assert faults(target, ((what, target.send(call, raw.encode())) for what, raw in refused)) == []


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_names_in_the_path(target: Target, name: str) -> None:
    call = target.call(name)
    head, _, tail = call.path
    assert faults(target, ((one, target.send(call, url=f"{head}{one}{tail}")) for one in OBJECTS)) == []


@pytest.mark.parametrize("name", WITH_KEY)
def test_credentials(target: Target, name: str) -> None:
    call = replace(target.call(name), auth="")
    requests = (
        (repr(given[:30]), target.send(call, environ_overrides={"HTTP_AUTHORIZATION": given}))
        for given in CREDENTIALS
    )
    assert faults(target, requests) == []


@pytest.mark.parametrize("name", WITH_IDEMPOTENCY)
def test_idempotency_keys(target: Target, name: str) -> None:
    call = target.call(name)
    requests = (
        (repr(key[:30]), target.send(call, environ_overrides={"HTTP_IDEMPOTENCY_KEY": key})) for key in KEYS
    )
    assert faults(target, requests) == []


@pytest.mark.parametrize("name", CALLS)
def test_other_methods(target: Target, name: str) -> None:
    call = target.call(name)
    responses = [(method, target.send(call, method=method)) for method in ("PUT", "PATCH", "TRACE", "BREW")]
    assert faults(target, responses) == []
    for _, response in responses:
        assert (response.status_code, response.get_json()["code"]) == (405, "method_not_allowed")
        assert call.method in response.headers["Allow"]


@pytest.mark.parametrize("name", ["screening", "places", "list", "read"])
def test_headers_and_queries_that_mean_nothing_are_passed_over(target: Target, name: str) -> None:
    call = target.call(name)
    absurd = {
        "HTTP_ACCEPT_LANGUAGE": "xx;q=abc, \xff, " + "kk," * 5000,
        "HTTP_ACCEPT": "\xff\xfe",
        "HTTP_COOKIE": "language=\x01; =; session=" + "x" * 50_000,
        "HTTP_IF_NONE_MATCH": 'W/"\xff, "',
        "HTTP_IF_MODIFIED_SINCE": "yesterday",
        "HTTP_IF_RANGE": "\x00",
        "HTTP_RANGE": "bytes=9-1",
        "HTTP_HOST": "evil\xff.example",
        "HTTP_X_FORWARDED_FOR": "\x00",
        "HTTP_USER_AGENT": "\xff" * 1000,
        "HTTP_ORIGIN": "null",
    }
    before = target.kassa.fingerprint()
    for header, value in absurd.items():
        response = target.send(call, environ_overrides={header: value})
        assert response.status_code in (200, 206, 304, 416), f"{header}: {response.status_code}"
    for query in ("%00=%ff", "a=" + "x" * 10_000, "&&==&", "cursor[]=1", "%zz=%"):
        assert target.send(call, query_string=query).status_code == 200, query
    assert target.kassa.fingerprint() == before


@pytest.mark.parametrize(
    "path", ["/api/v1", "/api/v1/", "/api/v2/holds", "/api/v1/holds/", "/api/%00", "/api/v1/%ff"]
)
def test_addresses_that_nobody_has(target: Target, path: str) -> None:
    call = Call("GET", (path, "", ""))
    assert faults(target, [(path, target.send(call)), (path, target.send(call, method="POST"))]) == []
