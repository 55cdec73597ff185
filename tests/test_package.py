"""What an installation gets, and what it must not."""

import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

from tests.test_architecture import PROJECT, ROOT, SHIPPED
from tools.govuk_assets import Leftover, neutral_stylesheet

LOCKS = sorted(ROOT.glob("requirements*.lock"))


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> zipfile.ZipFile:
    folder = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "-t", "wheel", "-d", str(folder)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    return zipfile.ZipFile(next(folder.glob("*.whl")))


def test_the_wheel_holds_every_file_of_every_package_and_the_assets(wheel: zipfile.ZipFile) -> None:
    listed = subprocess.run(
        ["git", "ls-files", *SHIPPED], cwd=ROOT, check=True, capture_output=True, text=True
    )
    kept = {name for name in listed.stdout.split("\n") if name and (ROOT / name).exists()}
    assets = {f"web/static/govuk/govuk-frontend.min.{kind}" for kind in ("css", "js")}
    assert (kept | assets) - set(wheel.namelist()) == set()


def test_the_wheel_holds_nothing_else(wheel: zipfile.ZipFile) -> None:
    assert {name.split("/")[0] for name in wheel.namelist()} - SHIPPED == {
        f"hearthline-{PROJECT['project']['version']}.dist-info"
    }


def test_the_stylesheet_has_no_typeface_and_no_picture_of_gov_uk(wheel: zipfile.ZipFile) -> None:
    css = wheel.read("web/static/govuk/govuk-frontend.min.css").decode()
    assert ".govuk-button{" in css
    assert not re.search(r"GDS Transport|@font-face|url\(/|sourceMappingURL", css)


def test_a_release_of_another_shape_is_refused_rather_than_shipped() -> None:
    with pytest.raises(Leftover):
        neutral_stylesheet('.new{font:19px "GDS Transport",serif}')


@pytest.mark.parametrize("lock", LOCKS, ids=lambda path: path.name)
def test_a_lock_has_hashes_and_names_no_registry_and_no_machine(lock: Path) -> None:
    text = lock.read_text()
    assert "--hash=sha256:" in text
    assert not re.search(
        r"https?://|index-url|find-links|file:|(?<![\w.-])/(home|root|work|tmp|Users)/", text
    )


def test_the_assets_lock_has_integrity_and_no_address() -> None:
    text = (ROOT / "package-lock.json").read_text()
    assert '"integrity": "sha512-' in text
    assert "resolved" not in text
    assert "http" not in text
