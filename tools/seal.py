"""Seals migrations, so that what was shipped cannot change unnoticed: `make seal`."""

import hashlib
from pathlib import Path

from tools.project import Project, rollback_of


def sealed_files(project: Project) -> dict[str, str]:
    """Return name and hash of every sealed file."""
    sums = project.migrations / "SHA256SUMS"
    lines = sums.read_text(encoding="ascii").splitlines() if sums.exists() else []
    return {name: digest for digest, _, name in (line.partition("  ") for line in lines)}


def broken_seals(project: Project) -> list[str]:
    """Return what is wrong with sealed files."""
    found = []
    for name, digest in sealed_files(project).items():
        path = project.migrations / name
        if not path.exists():
            found.append(f"{name} is sealed, but gone")
        elif _digest(path) != digest:
            found.append(f"{name} was changed after it was sealed")
    return found


def unsealed(project: Project) -> list[str]:
    """Return what still has to be sealed, and what no migration needs."""
    sealed = sealed_files(project)
    files = project.migration_files()
    found = [f"{path.name} is not sealed" for path in files if path.name not in sealed]
    found += [f"{path.name} has no rollback" for path in project.forward() if not rollback_of(path).exists()]
    strangers = (
        {path.name for path in project.migrations.iterdir()} - {path.name for path in files} - {"SHA256SUMS"}
    )
    return found + [f"{name} is no migration" for name in sorted(strangers)]


def seal(project: Project) -> None:
    """Seal every migration; refuse if a sealed one was changed."""
    broken = broken_seals(project)
    missing = [path.name for path in project.forward() if not rollback_of(path).exists()]
    if broken or missing:
        raise SystemExit("\n".join(broken + [f"{name} has no rollback" for name in missing]))
    lines = [f"{_digest(path)}  {path.name}\n" for path in project.migration_files()]
    (project.migrations / "SHA256SUMS").write_text("".join(lines), encoding="ascii")


def _digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


if __name__ == "__main__":
    seal(Project(Path()))
    print("sealed", len(sealed_files(Project(Path()))), "files")
