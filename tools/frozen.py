"""Compares the newest frozen copies with sql/."""

from tools.project import Project, copies


def differences(project: Project) -> list[str]:
    """Return what of sql/ is not what the migrations would make; tables are compared by `same` alone."""
    newest: dict[str, tuple[str, str | None]] = {}
    for path in project.forward():
        for name, text in copies(path.read_text(encoding="utf-8")).items():
            newest[name] = (path.name, text)
    sources = project.sources()
    found = []
    for name in sorted(sources.keys() | newest.keys()):
        where, copy = newest.get(name, ("", None))
        if name.startswith("tables/") or copy == sources.get(name):
            continue
        if copy is None:
            found.append(f"sql/{name} is in no migration")
        elif name not in sources:
            found.append(f"sql/{name} is gone, but frozen in {where}")
        else:
            found.append(f"sql/{name} differs from its copy in {where}")
    return found
