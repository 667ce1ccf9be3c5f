"""`python -m ticketdb` is the command line."""

from ticketdb.cli import main

main()
