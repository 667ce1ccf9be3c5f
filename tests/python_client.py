"""Answers questions, one line of JSON each: runs a line of Python as a program would, with `supabase` on the
address and the token of the question. `postgrest` is the part of supabase-py that speaks to PostgREST.

A program of its own, to be run isolated (`python -I`).
"""

import json
import sys
from typing import Any

from postgrest import APIError, SyncPostgrestClient


def answer(url: str, token: str | None, line: str) -> dict[str, Any]:
    """What the line is answered."""
    headers = {"Authorization": f"Bearer {token}"} if token else {}
    with SyncPostgrestClient(url, headers=headers) as supabase:
        try:
            # the line is a test's own
            response = eval(f"({line})", {"supabase": supabase})
        except APIError as error:
            told = {
                "code": error.code,
                "message": error.message,
                "details": error.details,
                "hint": error.hint,
            }
            return {"status": None, "data": None, "count": None, "error": told}
        return {"status": None, "data": response.data, "count": response.count, "error": None}


for question in sys.stdin:
    try:
        reply = answer(**json.loads(question))
    except Exception as fault:
        reply = {"fault": repr(fault)}
    print(json.dumps(reply), flush=True)
