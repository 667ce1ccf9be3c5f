"""The wheel: what it carries, and that it works where nothing else is installed."""

import subprocess
import sys
import zipfile
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
STATUS = """
import sys
from ticketdb.migrate import migrate, status
assert len(migrate(sys.argv[1]).applied) >= 7
print(status(sys.argv[1]).up_to_date)
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    """The wheel, built as a release is."""
    folder = tmp_path_factory.mktemp("wheel")
    command = [sys.executable, "-m", "build", "--wheel", "--no-isolation", "--outdir", str(folder), str(ROOT)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stdout + done.stderr
    (path,) = folder.glob("*.whl")
    return path


@pytest.mark.no_database
def test_the_wheel_carries_all_the_sql(wheel):
    with zipfile.ZipFile(wheel) as archive:
        names = set(archive.namelist())
    for folder in ("sql", "migrations"):
        wanted = {str(path.relative_to(ROOT)) for path in (ROOT / folder).rglob("*.sql")}
        assert wanted
        assert {f"ticketdb/{name}" for name in wanted} <= names
    assert "ticketdb/py.typed" in names
    assert not [name for name in names if name.startswith(("tests/", "tools/"))]


@pytest.mark.no_database
def test_the_wheel_works_in_an_empty_environment(wheel, empty_db, tmp_path):
    subprocess.run([sys.executable, "-m", "venv", tmp_path / "venv"], check=True)
    python = tmp_path / "venv" / "bin" / "python"
    install = [python, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", wheel]
    done = subprocess.run(install, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr

    # from another folder, so that the checkout is not what is imported
    def run(*command: object) -> str:
        return subprocess.run(command, capture_output=True, text=True, check=True, cwd=tmp_path).stdout

    assert "migrate" in run(python.parent / "ticketdb", "--help")
    assert run(python, "-W", "error", "-c", STATUS, empty_db).strip() == "True"
