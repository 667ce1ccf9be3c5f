"""Make `ticketdb/_sync` of `ticketdb/_async`: `python -m tools.unasync`."""

import subprocess
import sys
import tempfile
from pathlib import Path

import unasync  # type: ignore[import-untyped]

SOURCE = Path("ticketdb/_async")
RESULT = Path("ticketdb/_sync")
_NAMES = {
    "AbstractAsyncContextManager": "AbstractContextManager",
    "AsyncConnection": "Connection",
    "AsyncCursor": "Cursor",
    "AsyncLock": "Lock",
    "AsyncPool": "Pool",
    "AsyncTicketDB": "TicketDB",
    "_async": "_sync",
    "asleep": "sleep",
}


def generate(root: Path) -> dict[Path, str]:
    """The text of each generated file, by its path from the root of the project."""
    sources = _modules(root / SOURCE)
    with tempfile.TemporaryDirectory() as folder:
        rule = unasync.Rule(str(root / SOURCE), folder, additional_replacements=_NAMES)
        unasync.unasync_files([str(source) for source in sources], [rule])
        return {
            RESULT / path.name: _tidy(root, RESULT / path.name, path.read_text(encoding="utf-8"))
            for path in _modules(Path(folder))
        }


def stale(root: Path) -> list[str]:
    """The generated files that are not what would be generated now."""
    made = generate(root)
    return [
        f"{path} differs from what {SOURCE / path.name} gives: python -m tools.unasync"
        for path, text in made.items()
        if not (root / path).is_file() or (root / path).read_text(encoding="utf-8") != text
    ] + [
        f"{RESULT / path.name} is left over: there is no {SOURCE / path.name}"
        for path in _modules(root / RESULT)
        if RESULT / path.name not in made
    ]


def _modules(folder: Path) -> list[Path]:
    return sorted(path for path in folder.glob("*.py") if path.name != "__init__.py")


def _tidy(root: Path, path: Path, text: str) -> str:
    """Names have become shorter and stand in another order: sort the imports, wrap the lines anew."""
    text = f"# Made by tools/unasync.py of {SOURCE / path.name}: change that, and run it again.\n{text}"
    for command in (["check", "--quiet", "--select", "I", "--fix"], ["format"]):
        text = subprocess.run(
            [sys.executable, "-m", "ruff", *command, "--stdin-filename", str(path), "-"],
            cwd=root, input=text, capture_output=True, encoding="utf-8", check=True,
        ).stdout  # fmt: skip
    return text


if __name__ == "__main__":
    for target, content in generate(Path()).items():
        target.write_text(content, encoding="utf-8")
