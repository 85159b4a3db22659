"""Programme files to read, and copies to break."""

import shutil
from pathlib import Path

import pytest

from tests.unit.catalogue.programme_files import DEMO, ProgrammeFiles, cut_small


@pytest.fixture(scope="session")
def demo_folder() -> Path:
    """Return the demo festival's own folder, to be read only."""
    return DEMO


@pytest.fixture
def demo(tmp_path: Path) -> ProgrammeFiles:
    """Return a copy of the demo festival."""
    shutil.copytree(DEMO, tmp_path / "demo")
    return ProgrammeFiles(tmp_path / "demo")


@pytest.fixture(scope="session")
def small_folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return a small festival's folder, to be copied only."""
    folder = tmp_path_factory.mktemp("small") / "demo"
    shutil.copytree(DEMO, folder)
    cut_small(folder)
    return folder


@pytest.fixture
def small(small_folder: Path, tmp_path: Path) -> ProgrammeFiles:
    """Return a small festival, without faults."""
    shutil.copytree(small_folder, tmp_path / "demo")
    return ProgrammeFiles(tmp_path / "demo")
