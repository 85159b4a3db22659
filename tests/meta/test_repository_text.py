"""The repository speaks of the product alone, and can be built from anywhere."""

import json
import re

from tests.meta.repository import ROOT, name, texts

# Written in pieces, so that this file does not find itself.
MACHINE = re.compile(
    "|".join(["/wo" + "rk/", "/ro" + "ot/", r"/ho" + r"me/\w", r"\.\./sha" + "red", "/opt/py" + "pi"])
)
REGISTRY = re.compile(
    "|".join(
        [
            "regis" + r"try\.\w",
            "py" + r"pi\.org",
            "files" + r"\.pythonhosted",
            "--(?:extra-)?index" + "-url http",
        ]
    )
)


def test_no_path_of_a_machine() -> None:
    assert not [name(path) for path in texts() if MACHINE.search(path.read_text())]


def test_no_address_of_a_registry() -> None:
    assert not [name(path) for path in texts() if REGISTRY.search(path.read_text())]


def test_every_python_package_is_pinned_with_hashes_and_without_address() -> None:
    for path in ROOT.glob("requirements*.txt"):
        text = path.read_text()
        assert "http" not in text
        packages = re.findall(r"^(\S+) ?", text, re.MULTILINE)
        unpinned = [package for package in packages if package != "#" and "==" not in package]
        assert not unpinned
        assert text.count("--hash=sha256:") >= len([package for package in packages if package != "#"])


def test_every_browser_package_has_its_hash_and_no_address() -> None:
    lock = json.loads((ROOT / "package-lock.json").read_text())
    packages = {path: package for path, package in lock["packages"].items() if path}
    assert packages
    assert not [
        path for path, package in packages.items() if "resolved" in package or "integrity" not in package
    ]


def test_the_packages_asked_for_are_exact() -> None:
    asked = json.loads((ROOT / "package.json").read_text())
    versions = {**asked["dependencies"], **asked["devDependencies"]}
    assert not [
        package for package, version in versions.items() if not re.fullmatch(r"\d+\.\d+\.\d+", version)
    ]
