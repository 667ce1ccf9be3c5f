"""PostgREST out of its image, where no program is at hand: its one file, taken out for the tests."""

from __future__ import annotations

import io
import os
import platform
import tarfile
from pathlib import Path

from servers import NotHere, engine, missing

IMAGE = os.environ.get("TICKETDB_TEST_POSTGREST_IMAGE") or "postgrest/postgrest:v12.0.2"


def program_of_image(folder: Path) -> str:
    """The path of the program, which the image has for Linux alone; NotHere says why it cannot be had."""
    if platform.system() != "Linux":
        raise NotHere("the program of the image runs on Linux only")
    client = engine()
    try:
        if reason := missing(client, IMAGE):
            raise NotHere(reason)
        container = client.containers.create(IMAGE)
        try:
            # linked statically, it needs nothing else of the image
            inside = container.attrs["Path"]
            parts, _ = container.get_archive(inside)
            with tarfile.open(fileobj=io.BytesIO(b"".join(parts))) as archive:
                (member,) = archive.getmembers()
                content = archive.extractfile(member)
                assert content is not None
                program = folder / "postgrest"
                program.write_bytes(content.read())
        finally:
            container.remove()
    finally:
        client.close()
    program.chmod(0o755)
    return str(program)
