"""One of the processes of `sellers`: `python -m ticketdb.bench.seller SCHEDULE WARM_UP SECONDS`.

Says that it is ready, waits for a line, sells until the time is over, and says how many sales it made after
the warm-up. The DSN comes in the environment, where other users of the machine cannot read it.
"""

import os
import sys
import time

from ticketdb import TicketDB

DSN = "TICKETDB_BENCH_SELLER_DSN"


def sell(client: TicketDB, schedule: int, warm_up: int, seconds: int) -> int:
    """Reserve one ticket and confirm it, again and again."""
    begin = time.monotonic() + warm_up
    sales = 0
    while (now := time.monotonic()) < begin + seconds:
        held = client.reserve_tickets(schedule)
        client.confirm_reservation(held.reservation_id, f"bench-{held.reservation_id}")
        sales += now >= begin
    return sales


if __name__ == "__main__":
    with TicketDB(os.environ[DSN], prepare_threshold=5) as seller:
        print("ready", flush=True)
        sys.stdin.readline()
        print(sell(seller, *map(int, sys.argv[1:])), flush=True)
