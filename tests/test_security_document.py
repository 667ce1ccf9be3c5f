"""docs/security.md says what the catalog says."""

from __future__ import annotations

from pathlib import Path

import psycopg
from factories import value

from tools.security import DOCUMENT, document

ROOT = Path(__file__).parent.parent


def test_security_document_is_what_the_catalog_says(tx: psycopg.Connection) -> None:
    value(tx, "select ticketdb.create_roles()")
    value(tx, "select ticketdb.grant_roles()")
    # differs? make security
    assert (ROOT / DOCUMENT).read_text(encoding="utf-8") == document(tx)
    tx.execute("grant truncate on public.ticket_payments to anon")
    assert (ROOT / DOCUMENT).read_text(encoding="utf-8") != document(tx)
