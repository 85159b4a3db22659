"""Reading form-encoded parameters against a list of what may be said: anything else is refused."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl

from tests.support.stripe_fake.refusals import RefusedError

_PART = re.compile(r"\[([^\]]*)\]")
_MOST_METADATA = 50
_MOST_METADATA_KEY, _MOST_METADATA_VALUE = 40, 500
Reader = Callable[[str, Any], Any]


def decode(encoded: str) -> dict[str, Any]:
    """Return nested parameters: `a[b][0]=c` is {"a": {"b": ["c"]}}."""
    tree: dict[str, Any] = {}
    for name, value in parse_qsl(encoded, keep_blank_values=True):
        head, *_ = name.split("[", 1)
        path = [head, *_PART.findall(name)]
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
            if not isinstance(node, dict):
                raise RefusedError(message=f"Invalid parameter: {name}", param=name, early=True)
        if path[-1] in node:
            raise RefusedError(message=f"Parameter given twice: {name}", param=name, early=True)
        node[path[-1]] = value
    return {name: _listed(value) for name, value in tree.items()}


def _listed(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    if value and all(key.isdigit() for key in value):
        return [_listed(value[key]) for key in sorted(value, key=int)]
    return {key: _listed(part) for key, part in value.items()}


@dataclass(frozen=True)
class Group:
    """Named parameters, of which some must be there."""

    fields: Mapping[str, Reader]
    required: tuple[str, ...] = ()

    def __call__(self, path: str, value: Any) -> dict[str, Any]:
        if not isinstance(value, dict):
            raise _invalid(path, "an object is wanted")
        for name in value:
            if name not in self.fields:
                where = _under(path, name)
                raise RefusedError(
                    message=f"Received unknown parameter: {where}",
                    code="parameter_unknown",
                    param=where,
                    early=True,
                )
        for name in self.required:
            if name not in value:
                where = _under(path, name)
                raise RefusedError(
                    message=f"Missing required param: {where}.",
                    code="parameter_missing",
                    param=where,
                    early=True,
                )
        return {name: self.fields[name](_under(path, name), part) for name, part in value.items()}


def listed(reader: Reader, most: int) -> Reader:
    """Read a list of at most so many."""

    def read(path: str, value: Any) -> list[Any]:
        if not isinstance(value, list) or len(value) > most:
            raise _invalid(path, f"a list of at most {most} is wanted")
        return [reader(f"{path}[{number}]", one) for number, one in enumerate(value)]

    return read


def text(most: int) -> Reader:
    """Read a text that is not empty."""

    def read(path: str, value: Any) -> str:
        if not isinstance(value, str) or not value:
            raise RefusedError(
                message=f"You passed an empty string for '{path}'.",
                code="parameter_invalid_empty",
                param=path,
                early=True,
            )
        if len(value) > most:
            raise _invalid(path, f"at most {most} characters are allowed")
        return value

    return read


def integer(least: int, most: int = 99_999_999) -> Reader:
    """Read a whole number."""

    def read(path: str, value: Any) -> int:
        if not isinstance(value, str) or not re.fullmatch(r"-?\d{1,18}", value, re.ASCII):
            raise RefusedError(
                message=f"Invalid integer: {value}", code="parameter_invalid_integer", param=path, early=True
            )
        if not least <= int(value) <= most:
            raise RefusedError(
                message=f"This value must be between {least} and {most}.",
                code="parameter_invalid_integer",
                param=path,
                early=True,
            )
        return int(value)

    return read


def choice(*allowed: str) -> Reader:
    """Read one of a few words."""

    def read(path: str, value: Any) -> str:
        if value not in allowed:
            raise _invalid(path, f"must be one of {', '.join(allowed)}")
        return str(value)

    return read


def flag(path: str, value: Any) -> bool:
    """Read true or false."""
    if value not in ("true", "false"):
        raise _invalid(path, "must be true or false")
    return bool(value == "true")


def metadata(path: str, value: Any) -> dict[str, str]:
    """Read metadata within its limits."""
    if not isinstance(value, dict) or len(value) > _MOST_METADATA:
        raise _invalid(path, f"at most {_MOST_METADATA} keys are allowed")
    for key, part in value.items():
        if not isinstance(part, str) or len(key) > _MOST_METADATA_KEY or len(part) > _MOST_METADATA_VALUE:
            raise _invalid(_under(path, key), "too long")
    return dict(value)


def address(path: str, value: Any) -> str:
    """Read a web address."""
    if not isinstance(value, str) or not re.fullmatch(r"https?://\S{1,5000}", value):
        raise RefusedError("Not a valid URL", code="url_invalid", param=path, early=True)
    return value


def created_range(path: str, value: Any) -> dict[str, int]:
    """Read a span of time."""
    moment = integer(0, 10**12)
    read: dict[str, int] = Group({"gte": moment, "gt": moment, "lte": moment, "lt": moment})(path, value)
    return read


def _under(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _invalid(path: str, why: str) -> RefusedError:
    return RefusedError(message=f"Invalid {path}: {why}", param=path, early=True)
