"""`ticketdb bench`: ticketdb's speed as ratios; what it is compared with runs beside it on the same server.

The scripts in `scripts` are for pgbench and can be run by hand; each says how.
"""
