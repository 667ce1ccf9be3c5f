"""PostgREST in front of a test database, and the requests that a front end sends to it."""

from __future__ import annotations

import base64
import hmac
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from decimal import Decimal
from http.client import HTTPConnection, HTTPMessage
from typing import IO, Any, NamedTuple

import psycopg
from psycopg.conninfo import conninfo_to_dict, make_conninfo

HOST = "127.0.0.1"
PATIENCE = 20.0  # seconds after which something that should happen counts as stuck
CONNECTIONS = 20  # of PostgREST to the database: more than any test has buyers


class Answer(NamedTuple):
    """A response; numbers with a point are decimals, a calendar is text."""

    status: int
    body: Any
    headers: HTTPMessage


@dataclass(frozen=True)
class Api:
    """What PostgREST serves on a port of this machine, to whoever has this token."""

    port: int
    token: str | None = None

    def signed_in(self, token: str | None) -> Api:
        """The same, for somebody else."""
        return replace(self, token=token)

    def get(self, path: str, **headers: str) -> Answer:
        return self._ask("GET", path, None, headers)

    def post(self, path: str, body: Any, **headers: str) -> Answer:
        return self._ask("POST", path, body, headers)

    def patch(self, path: str, body: Any, **headers: str) -> Answer:
        return self._ask("PATCH", path, body, headers)

    def _ask(self, method: str, path: str, body: Any, headers: Mapping[str, str]) -> Answer:
        """One request; the _ in the name of a header is a -."""
        sent = {name.replace("_", "-"): text for name, text in headers.items()}
        if self.token is not None:
            sent["Authorization"] = f"Bearer {self.token}"
        data = None
        if body is not None:
            data = json.dumps(body)
            sent["Content-Type"] = "application/json"
        with closing(HTTPConnection(HOST, self.port, timeout=PATIENCE)) as connection:
            connection.request(method, path, data, sent)
            response = connection.getresponse()
            return Answer(response.status, _decode(response.read(), response.headers), response.headers)


def _decode(data: bytes, headers: HTTPMessage) -> Any:
    if not data or headers.get_content_type() == "text/calendar":
        return data.decode() or None
    return json.loads(data, parse_float=Decimal)


def assert_refused(answer: Answer, status: int, reason: str, **detail: Any) -> None:
    """The answer is a refusal of ours: status and code, a hint, and a reason in JSON for programs."""
    assert answer.status == status, answer
    assert answer.body["code"] == f"PT{status}"
    assert answer.body["message"]
    assert answer.body["hint"], "a refusal says the next step"
    told = answer.body["details"]
    if isinstance(told, str):
        told = json.loads(told)
    assert told["reason"] == reason
    assert {key: told.get(key) for key in detail} == detail


def find_program() -> str | None:
    """The PostgREST to test with: that of TICKETDB_TEST_POSTGREST, or the one on the PATH."""
    return os.environ.get("TICKETDB_TEST_POSTGREST") or shutil.which("postgrest")


def token(secret: str, **claims: Any) -> str:
    """A signed token as JWT has it (HS256)."""
    head, body = (_base64(json.dumps(part).encode()) for part in ({"alg": "HS256", "typ": "JWT"}, claims))
    signature = hmac.digest(secret.encode(), f"{head}.{body}".encode(), "sha256")
    return f"{head}.{body}.{_base64(signature)}"


def _base64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


@contextmanager
def serving(program: str, dsn: str, **settings: str) -> Iterator[Api]:
    """PostgREST on a database, stopped at the end. Without a role for it everybody is the owner."""
    with psycopg.connect(dsn) as connection:
        role = connection.info.user
    port = _free_port()
    environment = {name: text for name, text in os.environ.items() if not name.startswith("PGRST_")}
    environment |= {
        # a postgresql:// URL has no room for the folder of a unix socket; key=value has room for all
        "PGRST_DB_URI": make_conninfo("", **conninfo_to_dict(dsn)),
        "PGRST_DB_SCHEMAS": "public",
        "PGRST_DB_ANON_ROLE": role,
        "PGRST_DB_POOL": str(CONNECTIONS),
        "PGRST_DB_CONFIG": "false",
        "PGRST_SERVER_HOST": HOST,
        "PGRST_SERVER_PORT": str(port),
        **settings,
    }
    with tempfile.TemporaryFile("w+") as log:
        process = subprocess.Popen(
            [program], env=environment, stdin=subprocess.DEVNULL, stdout=log, stderr=subprocess.STDOUT
        )
        try:
            api = Api(port)
            _wait_until_ready(api, process, log)
            yield api
        finally:
            process.terminate()
            try:
                process.wait(PATIENCE)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind((HOST, 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(api: Api, process: subprocess.Popen[bytes], log: IO[str]) -> None:
    """Wait until it has read the catalog; it answers 503 before."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            if api.get("/event_definitions?limit=0").status == 200:
                return
        except ConnectionError:
            pass
        time.sleep(0.02)
    log.seek(0)
    raise RuntimeError(f"PostgREST did not get ready (exit status {process.poll()}):\n{log.read()}")
