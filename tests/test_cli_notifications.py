"""`ticketdb notifications`: messages handed to a command or posted to a webhook, each until it is taken."""

from __future__ import annotations

import base64
import hashlib
import hmac
import itertools
import json
import os
import shlex
import signal
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import psycopg
import pytest
from factories import call, schedule, sell, value
from outbox import claim, make_due, messages
from test_cli import rows, run
from test_cli_maintain import running

KEY = bytes(range(24))
SECRET = f"whsec_{base64.b64encode(KEY).decode()}"
# what the command of these tests does with a message: a line in a file
APPEND = "import sys; open(sys.argv[1], 'a').write(sys.stdin.read() + chr(10))"


@pytest.fixture
def shop(db: str) -> Iterator[psycopg.Connection]:
    with psycopg.connect(db, autocommit=True) as connection:
        yield connection


def command(code: str, *arguments: object) -> str:
    return shlex.join([sys.executable, "-c", code, *map(str, arguments)])


@dataclass
class Receiver:
    """A webhook: what it got, and the statuses that it answers with, at last 200."""

    url: str = ""
    statuses: list[int] = field(default_factory=list)
    requests: list[tuple[dict[str, str], bytes]] = field(default_factory=list)


@contextmanager
def receiving(*statuses: int) -> Iterator[Receiver]:
    receiver = Receiver(statuses=list(statuses))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["content-length"]))
            receiver.requests.append(({k.lower(): v for k, v in self.headers.items()}, body))
            self.send_response(receiver.statuses.pop(0) if receiver.statuses else 200)
            self.send_header("content-length", "0")
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        receiver.url = f"http://127.0.0.1:{server.server_port}/hook?token=abc"
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield receiver
        server.shutdown()


def test_a_command_gets_each_message_as_json(db: str, shop: psycopg.Connection, tmp_path: Path) -> None:
    show = schedule(shop)
    sold = [sell(shop, show, contact='{"name": "Ásha"}') for _ in range(3)]
    got = tmp_path / "got"
    result = run("notifications", "run", "--once", "--command", command(APPEND, got), "--batch", "2", dsn=db)
    assert result.exit_code == 0, result.stderr
    bodies = sorted(map(json.loads, got.read_text().splitlines()), key=lambda b: b["data"]["reservation_id"])
    assert [body["data"]["reservation_id"] for body in bodies] == sold
    first = bodies[0]
    assert (first["type"], first["data"]["contact_name"]) == ("ticket_confirmation", "Ásha")
    assert first["timestamp"].endswith("+00:00")
    assert first["data"]["total_amount"] == "100.00"
    assert first["data"]["start_datetime"].endswith("T07:00:00")
    assert first["data"]["starts_at"].endswith("T01:30:00+00:00")
    assert "lease_id" not in first["data"]
    assert {status for _, status in messages(shop)} == {"sent"}


def test_a_command_that_fails_is_tried_again_later(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    refuse = command("import sys; sys.exit('no such\\naddress')")
    result = run("notifications", "run", "--once", "--command", refuse, dsn=db)
    assert result.exit_code == 1
    assert "exit status 1: address" in result.stderr
    (pending,) = rows("notifications", "list", "--status", "pending", dsn=db)
    assert (pending["attempts"], pending["last_error"]) == (1, "exit status 1: address")
    assert run("notifications", "run", "--once", "--command", refuse, dsn=db).exit_code == 0


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("/no/such/program", "did not start"),
        (command("import time; time.sleep(60)"), "more than 0.5 seconds"),
    ],
)
def test_a_command_that_does_not_run_or_end_is_a_failure(
    db: str, shop: psycopg.Connection, line: str, said: str
) -> None:
    sell(shop, schedule(shop))
    result = run("notifications", "run", "--once", "--command", line, "--timeout", "0.5", dsn=db)
    assert result.exit_code == 1
    assert said in value(shop, "select last_error from public.ticket_notifications")


def test_a_webhook_gets_signed_messages(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    with receiving() as receiver:
        result = run(
            "notifications", "run", "--once", "--webhook", receiver.url, dsn=db,
            TICKETDB_NOTIFICATIONS_RUN_SECRET=SECRET,
        )  # fmt: skip
    assert result.exit_code == 0, result.stderr
    assert SECRET not in result.stderr
    ((headers, body),) = receiver.requests
    told = json.loads(body)
    assert headers["webhook-id"] == f"ticketdb_{told['data']['notification_id']}"
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    digest = base64.b64encode(hmac.new(KEY, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{digest}"
    assert headers["content-type"] == "application/json"


def test_the_signature_is_that_of_standard_webhooks() -> None:
    from ticketdb.notifications.webhook import key_of, signature

    # the example of the specification
    key = key_of("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    signed = signature(key, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, b'{"test": 2432232314}')
    assert signed == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="


def test_a_webhook_that_refuses_is_tried_again_with_the_same_id(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    with receiving(500, 302) as receiver:
        options = ("--once", "--webhook", receiver.url, "--secret", SECRET)
        for status, said in ((1, "status 500"), (1, "status 302"), (0, "is sent")):
            result = run("notifications", "run", *options, dsn=db)
            assert (result.exit_code, said in result.stderr) == (status, True), result.stderr
            make_due(shop)
    assert len({headers["webhook-id"] for headers, _ in receiver.requests}) == 1
    assert messages(shop) == [("ticket_confirmation", "sent")]


def test_a_webhook_that_does_not_answer_is_told_without_its_url(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    url = "http://127.0.0.1:9/?token=abc"
    result = run("notifications", "run", "--once", "--webhook", url, "--secret", SECRET, dsn=db)
    assert result.exit_code == 1
    assert value(shop, "select last_error from public.ticket_notifications") == "no answer: ConnectError"


@pytest.mark.parametrize(
    "options",
    [
        (),
        ("--command", "cat", "--webhook", "http://127.0.0.1:9"),
        ("--command", ""),
        ("--command", "echo '"),
        ("--webhook", "http://127.0.0.1:9"),
        ("--webhook", "example.org/hook", "--secret", SECRET),
        ("--webhook", "ftp://example.org/hook", "--secret", SECRET),
        ("--webhook", "http://", "--secret", SECRET),
        ("--webhook", "http://[::1", "--secret", SECRET),
        ("--webhook", "http://127.0.0.1:9", "--secret", SECRET, "--interval", "inf"),
        ("--webhook", "http://127.0.0.1:9", "--secret", "not base64"),
        ("--webhook", "http://127.0.0.1:9", "--secret", "whsec_c2hvcnQ="),
    ],
)
def test_wrong_usage_is_refused_before_anything_is_claimed(
    db: str, shop: psycopg.Connection, options: tuple[str, ...]
) -> None:
    sell(shop, schedule(shop))
    result = run("notifications", "run", "--once", *options, dsn=db)
    assert result.exit_code == 2
    assert len(claim(shop)) == 1


def test_what_was_given_up_is_listed_and_sent_again(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    shop.execute("update public.ticket_notifications set attempts = 9")
    run("notifications", "run", "--once", "--command", "false", dsn=db)
    (dead,) = rows("notifications", "list", dsn=db)
    assert (dead["status"], dead["last_error"]) == ("dead", "exit status 1")
    (again,) = rows("notifications", "retry", str(dead["notification_id"]), dsn=db)
    assert (again["status"], again["attempts"]) == ("pending", 0)
    assert run("notifications", "run", "--once", "--command", "cat", dsn=db).exit_code == 0
    assert rows("notifications", "list", dsn=db) == []
    assert run("notifications", "list", "--status", "ded", dsn=db).exit_code == 2


@pytest.mark.parametrize("how", [signal.SIGTERM, signal.SIGINT])
def test_a_runner_sends_what_comes_until_it_is_told_to_stop(
    db: str, shop: psycopg.Connection, tmp_path: Path, how: signal.Signals
) -> None:
    show = schedule(shop)
    got = tmp_path / "got"
    # so rarely that only being woken explains the second message
    options = ("--interval", "600", "--command", command(APPEND, got))
    sold = sell(shop, show)
    with running("notifications", "run", *options, dsn=db) as process:
        assert process.stderr is not None
        assert "ticket_confirmation" in process.stderr.readline()
        wait_until_it_listens(shop)
        call(shop, "cancel_reservation", sold)
        assert "refund_due" in process.stderr.readline()
        process.send_signal(how)
        assert process.wait(10) == 0
    assert len(got.read_text().splitlines()) == 2


def wait_until_it_listens(shop: psycopg.Connection) -> None:
    last = """
    select a.query like 'listen %%' or exists (
        select from pg_stat_activity as o where o.pid = a.pid and o.query like '%%claim_notifications%%'
    ) from pg_stat_activity as a where a.application_name = 'ticketdb' and a.state = 'idle'
    """
    while not shop.execute(last).fetchall():
        pass


def test_a_runner_that_lost_its_connection_goes_on(db: str, shop: psycopg.Connection) -> None:
    show = schedule(shop)
    sell(shop, show)
    with running("notifications", "run", "--interval", "0.2", "--command", "cat", dsn=db) as process:
        assert process.stderr is not None
        assert "is sent" in process.stderr.readline()
        shop.execute(
            "select pg_terminate_backend(pid) from pg_stat_activity where application_name = 'ticketdb'"
        )
        sell(shop, show)
        while "is sent" not in process.stderr.readline():
            pass
        process.terminate()
        assert process.wait(10) == 0


def test_two_runners_side_by_side_send_each_message_once(
    db: str, shop: psycopg.Connection, tmp_path: Path
) -> None:
    show = schedule(shop, max_tickets=50)
    sold = [sell(shop, show) for _ in range(30)]
    got = tmp_path / "got"
    options = ("--once", "--batch", "3", "--command", command(APPEND, got))
    with (
        running("notifications", "run", *options, dsn=db) as one,
        running("notifications", "run", *options, dsn=db) as other,
    ):
        assert (one.wait(60), other.wait(60)) == (0, 0)
    told = [json.loads(line)["data"]["reservation_id"] for line in got.read_text().splitlines()]
    assert sorted(told) == sold


def test_no_transaction_is_open_while_a_message_is_sent(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    look = "import psycopg, sys; sys.exit(str(psycopg.connect(sys.argv[1]).execute(sys.argv[2]).fetchone()))"
    states = "select string_agg(state, ' ') from pg_stat_activity where application_name = 'ticketdb'"
    line = command(look, db, states)
    run("notifications", "run", "--once", "--command", line, dsn=db)
    assert value(shop, "select last_error from public.ticket_notifications") == "exit status 1: ('idle',)"


@contextmanager
def answering(*parts: bytes, pause: float) -> Iterator[str]:
    """The URL of a webhook that sends these parts of an answer, one after each pause, for ever."""
    stopped = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["content-length"]))
            with suppress(OSError):
                for part in itertools.chain(parts, itertools.repeat(b"x")):
                    self.wfile.write(part)
                    if stopped.wait(pause):
                        return

        def log_message(self, *_: object) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_port}/"
        stopped.set()
        server.shutdown()


def test_an_answer_that_never_ends_is_one_by_its_status(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    with answering(b"HTTP/1.1 200 OK\r\ncontent-length: 1000000\r\n\r\n", pause=0.2) as url:
        options = ("--once", "--webhook", url, "--secret", SECRET, "--timeout", "0.5")
        began = time.monotonic()
        result = run("notifications", "run", *options, dsn=db)
    assert (result.exit_code, messages(shop)) == (0, [("ticket_confirmation", "sent")]), result.stderr
    assert time.monotonic() - began < 10


def test_what_a_command_says_is_kept_as_a_database_can(db: str, shop: psycopg.Connection) -> None:
    sell(shop, schedule(shop))
    say = "import sys; sys.stderr.buffer.write(b'first\\n' + b'a' * 9000 + b' \\0\\xff end\\n'); sys.exit(7)"
    result = run("notifications", "run", "--once", "--command", command(say), dsn=db)
    assert result.exit_code == 1
    kept = value(shop, "select last_error from public.ticket_notifications")
    assert kept.startswith("exit status 7: aaa")
    assert kept.endswith("aaa \N{REPLACEMENT CHARACTER}\N{REPLACEMENT CHARACTER} end")
    assert len(result.stderr) < 3000


# what it starts keeps its standard output and error open
LEAVE = """
import subprocess, sys
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(60)"])
open(sys.argv[1], "w").write(str(child.pid))
"""


def test_what_a_command_leaves_behind_is_not_waited_for(
    db: str, shop: psycopg.Connection, tmp_path: Path
) -> None:
    sell(shop, schedule(shop))
    line = command(LEAVE, tmp_path / "pid")
    result = run("notifications", "run", "--once", "--command", line, "--timeout", "20", dsn=db)
    os.kill(int((tmp_path / "pid").read_text()), signal.SIGKILL)
    assert (result.exit_code, messages(shop)) == (0, [("ticket_confirmation", "sent")]), result.stderr


def test_a_command_that_takes_too_long_ends_with_all_it_has_started(
    db: str, shop: psycopg.Connection, tmp_path: Path
) -> None:
    sell(shop, schedule(shop))
    line = command(LEAVE + "child.wait()", tmp_path / "pid")
    result = run("notifications", "run", "--once", "--command", line, "--timeout", "3", dsn=db)
    assert "more than 3 seconds" in result.stderr
    left = int((tmp_path / "pid").read_text())
    deadline = time.monotonic() + 20
    while alive(left):
        assert time.monotonic() < deadline, "what the command started still runs"
        time.sleep(0.02)


def alive(process: int) -> bool:
    """Whether it runs; one that ended and that nobody has asked for yet does not."""
    status = Path(f"/proc/{process}/stat")
    try:
        return status.read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False
