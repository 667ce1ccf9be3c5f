"""A PostgreSQL server of our own, for people and tests that have none.

`EmbeddedServer` lives as long as the process that starts it; `up` and `down` keep one for a folder.
Clients reach it through a unix socket in a folder that only its owner can enter, so it needs no password.
"""

from ticketdb.embedded.errors import EmbeddedError
from ticketdb.embedded.folder import down, running, up
from ticketdb.embedded.server import EmbeddedServer

__all__ = ["EmbeddedError", "EmbeddedServer", "down", "running", "up"]
