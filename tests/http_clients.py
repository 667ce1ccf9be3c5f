"""The clients that people use against PostgREST: supabase-py and supabase-js, each in its process."""

from __future__ import annotations

import json
import select
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

import npm
import pytest
from postgrest import HOST, PATIENCE, Api

HERE = Path(__file__).parent
JS = HERE / "js"


class Reply(NamedTuple):
    """What a client makes of an answer; `error` has code, message, details and hint.

    supabase-py does not tell the status.
    """

    status: int | None
    data: Any
    count: int | None
    error: dict[str, Any] | None


class Lines(NamedTuple):
    """The same question in each language."""

    python: str
    js: str


Ask = Callable[[Api, Lines], Reply]


class Clients:
    """Runs lines of Python and of JavaScript. Both start when they are asked first."""

    def __init__(self) -> None:
        self._workers: dict[str, subprocess.Popen[str]] = {}

    def ask(self, language: str, api: Api, line: str) -> Reply:
        """What a line, with `supabase` in it, is answered."""
        if language not in self._workers:
            self._workers[language] = subprocess.Popen(
                COMMANDS[language](), stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
            )
        worker = self._workers[language]
        assert worker.stdin is not None
        assert worker.stdout is not None
        question = {"url": f"http://{HOST}:{api.port}", "token": api.token, "line": line}
        print(json.dumps(question), file=worker.stdin, flush=True)
        ready, _, _ = select.select([worker.stdout], [], [], PATIENCE)
        # one that is late would give its answer to the next question
        if not ready:
            self._stop(language)
        assert ready, f"no answer: {line}"
        answer = json.loads(worker.stdout.readline() or '{"fault": "it ended"}')
        assert "fault" not in answer, f"{line}: {answer['fault']}"
        return Reply(**answer)

    def close(self) -> None:
        """Stop what was started."""
        for language in list(self._workers):
            self._stop(language)

    def _stop(self, language: str) -> None:
        with self._workers.pop(language) as worker:
            worker.kill()


def _node() -> list[str]:
    """The command for JavaScript, with its package installed."""
    if shutil.which("node") is None:
        pytest.skip("no program `node` is on the PATH")
    npm.install(JS)
    return ["node", str(JS / "worker.mjs")]


def _python() -> list[str]:
    """The command for Python, isolated: the tests have a module with the package's name."""
    return [sys.executable, "-I", str(HERE / "python_client.py")]


COMMANDS: dict[str, Callable[[], list[str]]] = {"python": _python, "js": _node}


def rpc(function: str, arguments: dict[str, Any], *, get: bool = False) -> Lines:
    """A call of a function."""
    return Lines(
        f"supabase.rpc({function!r}, {arguments!r}, get={get}).execute()",
        f"supabase.rpc('{function}', {json.dumps(arguments)}, {{ get: {json.dumps(get)} }})",
    )


def post(table: str, columns: dict[str, Any]) -> Lines:
    """A new row."""
    return Lines(
        f"supabase.table({table!r}).insert({columns!r}).execute()",
        f"supabase.from('{table}').insert({json.dumps(columns)}).select()",
    )


def patch(table: str, row_id: int, columns: dict[str, Any]) -> Lines:
    """A changed row."""
    return Lines(
        f"supabase.table({table!r}).update({columns!r}).eq('id', {row_id}).execute()",
        f"supabase.from('{table}').update({json.dumps(columns)}).eq('id', {row_id}).select()",
    )
