"""Refreshes the frozen copies in migrations that are not sealed yet: `make freeze`."""

from pathlib import Path

from tools.project import Project, copies, has_section, rollback_of, with_section
from tools.seal import sealed_files
from tools.transition import Definitions, transition


def freeze(project: Project) -> list[Path]:
    """Bring the generated parts of unsealed migrations up to today's definition; return the files changed."""
    sealed = sealed_files(project)
    sources = project.sources()
    unsealed = [path for path in project.forward() if path.name not in sealed]
    state: Definitions = {}
    changed = []
    for path in project.forward():
        if path not in unsealed:
            for name, text in copies(path.read_text(encoding="utf-8")).items():
                _set(state, name, text)
            continue
        held = copies(path.read_text(encoding="utf-8"))
        last = path == unsealed[-1]
        after = dict(state)
        for name in sorted(state.keys() | sources.keys()):
            if _belongs(name, held, last):
                _set(after, name, sources.get(name))
        changed += _write(path, state, after, mark_gone=True)
        changed += _write(rollback_of(path), after, state, mark_gone=False)
        state = after
    return changed


def _belongs(name: str, held: dict[str, str | None], last: bool) -> bool:
    # changes of tables are written by hand; what no unsealed migration holds yet goes into the newest
    return not name.startswith("tables/") and (last or name in held)


def _set(state: Definitions, name: str, text: str | None) -> None:
    if text is None:
        state.pop(name, None)
    else:
        state[name] = text


def _write(path: Path, old: Definitions, new: Definitions, *, mark_gone: bool) -> list[Path]:
    before = path.read_text(encoding="utf-8")
    # a file without a generated part is written by hand
    if not has_section(before):
        return []
    after = with_section(before, transition(old, new, mark_gone=mark_gone))
    path.write_text(after, encoding="utf-8")
    return [] if after == before else [path]


if __name__ == "__main__":
    for file in freeze(Project(Path())):
        print("refreshed", file)
