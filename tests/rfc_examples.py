"""The examples of RFC 5545, section 3.8.5.3, with the dates that it lists.

Of rules without an end, the listed ones.
Left out are those of FREQ=HOURLY and MINUTELY.
"""

from __future__ import annotations

WEEKDAYS = "MO,TU,WE,TH,FR"
# the RFC's usual DTSTART
START = "1997-09-02 09:00"


def on(year: int, **months: range | tuple[int, ...] | int) -> list[str]:
    """Nine o'clock on days of a year, by the month: on(1997, sep=(2, 12))."""
    names = ["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"]
    days = {
        names.index(month) + 1: (found,) if isinstance(found, int) else found
        for month, found in months.items()
    }
    return [f"{year}-{month:02}-{day:02} 09:00" for month in days for day in days[month]]


AUTUMN = on(1997, sep=range(2, 31), oct=range(1, 32), nov=range(1, 31), dec=range(1, 24))
JANUARIES = [day for year in (1998, 1999, 2000) for day in on(year, jan=range(1, 32))]
TUESDAYS = on(1997, sep=(2, 9, 16, 23, 30), oct=(7, 14, 21, 28), nov=(4, 11, 18, 25), dec=(2, 9, 16, 23))
FIVE_WEEKS = on(1997, sep=(2, 4, 9, 11, 16, 18, 23, 25, 30), oct=2)
EXAMPLES = [
    ("FREQ=DAILY;COUNT=10", START, AUTUMN[:10]),
    ("FREQ=DAILY;UNTIL=19971224T000000Z", START, AUTUMN),
    ("FREQ=DAILY;INTERVAL=2", START, AUTUMN[::2]),
    ("FREQ=DAILY;INTERVAL=10;COUNT=5", START, on(1997, sep=(2, 12, 22), oct=(2, 12))),
    (
        "FREQ=YEARLY;UNTIL=20000131T140000Z;BYMONTH=1;BYDAY=SU,MO,TU,WE,TH,FR,SA",
        "1998-01-01 09:00",
        JANUARIES,
    ),
    ("FREQ=DAILY;UNTIL=20000131T140000Z;BYMONTH=1", "1998-01-01 09:00", JANUARIES),
    ("FREQ=WEEKLY;COUNT=10", START, TUESDAYS[:10]),
    ("FREQ=WEEKLY;UNTIL=19971224T000000Z", START, TUESDAYS),
    (
        "FREQ=WEEKLY;INTERVAL=2;WKST=SU",
        START,
        TUESDAYS[::2] + on(1998, jan=(6, 20), feb=(3, 17)),
    ),
    ("FREQ=WEEKLY;UNTIL=19971007T000000Z;WKST=SU;BYDAY=TU,TH", START, FIVE_WEEKS),
    ("FREQ=WEEKLY;COUNT=10;WKST=SU;BYDAY=TU,TH", START, FIVE_WEEKS),
    (
        "FREQ=WEEKLY;INTERVAL=2;UNTIL=19971224T000000Z;WKST=SU;BYDAY=MO,WE,FR",
        "1997-09-01 09:00",
        on(
            1997,
            sep=(1, 3, 5, 15, 17, 19, 29),
            oct=(1, 3, 13, 15, 17, 27, 29, 31),
            nov=(10, 12, 14, 24, 26, 28),
            dec=(8, 10, 12, 22),
        ),
    ),
    (
        "FREQ=WEEKLY;INTERVAL=2;COUNT=8;WKST=SU;BYDAY=TU,TH",
        START,
        on(1997, sep=(2, 4, 16, 18, 30), oct=(2, 14, 16)),
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYDAY=1FR",
        "1997-09-05 09:00",
        on(1997, sep=5, oct=3, nov=7, dec=5) + on(1998, jan=2, feb=6, mar=6, apr=3, may=1, jun=5),
    ),
    (
        "FREQ=MONTHLY;UNTIL=19971224T000000Z;BYDAY=1FR",
        "1997-09-05 09:00",
        on(1997, sep=5, oct=3, nov=7, dec=5),
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;COUNT=10;BYDAY=1SU,-1SU",
        "1997-09-07 09:00",
        on(1997, sep=(7, 28), nov=(2, 30)) + on(1998, jan=(4, 25), mar=(1, 29), may=(3, 31)),
    ),
    (
        "FREQ=MONTHLY;COUNT=6;BYDAY=-2MO",
        "1997-09-22 09:00",
        on(1997, sep=22, oct=20, nov=17, dec=22) + on(1998, jan=19, feb=16),
    ),
    (
        "FREQ=MONTHLY;BYMONTHDAY=-3",
        "1997-09-28 09:00",
        on(1997, sep=28, oct=29, nov=28, dec=29) + on(1998, jan=29, feb=26),
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=2,15",
        START,
        on(1997, sep=(2, 15), oct=(2, 15), nov=(2, 15), dec=(2, 15)) + on(1998, jan=(2, 15)),
    ),
    (
        "FREQ=MONTHLY;COUNT=10;BYMONTHDAY=1,-1",
        "1997-09-30 09:00",
        on(1997, sep=30, oct=(1, 31), nov=(1, 30), dec=(1, 31)) + on(1998, jan=(1, 31), feb=1),
    ),
    (
        "FREQ=MONTHLY;INTERVAL=18;COUNT=10;BYMONTHDAY=10,11,12,13,14,15",
        "1997-09-10 09:00",
        on(1997, sep=range(10, 16)) + on(1999, mar=range(10, 14)),
    ),
    (
        "FREQ=MONTHLY;INTERVAL=2;BYDAY=TU",
        START,
        on(1997, sep=(2, 9, 16, 23, 30), nov=(4, 11, 18, 25))
        + on(1998, jan=(6, 13, 20, 27), mar=(3, 10, 17, 24, 31)),
    ),
    (
        "FREQ=YEARLY;COUNT=10;BYMONTH=6,7",
        "1997-06-10 09:00",
        [day for year in range(1997, 2002) for day in on(year, jun=10, jul=10)],
    ),
    (
        "FREQ=YEARLY;INTERVAL=2;COUNT=10;BYMONTH=1,2,3",
        "1997-03-10 09:00",
        on(1997, mar=10) + [day for year in (1999, 2001, 2003) for day in on(year, jan=10, feb=10, mar=10)],
    ),
    (
        "FREQ=YEARLY;INTERVAL=3;COUNT=10;BYYEARDAY=1,100,200",
        "1997-01-01 09:00",
        on(1997, jan=1, apr=10, jul=19)
        + on(2000, jan=1, apr=9, jul=18)
        + on(2003, jan=1, apr=10, jul=19)
        + on(2006, jan=1),
    ),
    ("FREQ=YEARLY;BYDAY=20MO", "1997-05-19 09:00", on(1997, may=19) + on(1998, may=18) + on(1999, may=17)),
    (
        "FREQ=YEARLY;BYWEEKNO=20;BYDAY=MO",
        "1997-05-12 09:00",
        on(1997, may=12) + on(1998, may=11) + on(1999, may=17),
    ),
    (
        "FREQ=YEARLY;BYMONTH=3;BYDAY=TH",
        "1997-03-13 09:00",
        on(1997, mar=(13, 20, 27)) + on(1998, mar=(5, 12, 19, 26)) + on(1999, mar=(4, 11, 18, 25)),
    ),
    (
        "FREQ=YEARLY;BYDAY=TH;BYMONTH=6,7,8",
        "1997-06-05 09:00",
        on(1997, jun=(5, 12, 19, 26), jul=(3, 10, 17, 24, 31), aug=(7, 14, 21, 28))
        + on(1998, jun=(4, 11, 18, 25), jul=(2, 9, 16, 23, 30), aug=(6, 13, 20, 27)),
    ),
    (
        "FREQ=MONTHLY;BYDAY=FR;BYMONTHDAY=13",
        START,
        on(1998, feb=13, mar=13, nov=13) + on(1999, aug=13) + on(2000, oct=13),
    ),
    (
        "FREQ=MONTHLY;BYDAY=SA;BYMONTHDAY=7,8,9,10,11,12,13",
        "1997-09-13 09:00",
        on(1997, sep=13, oct=11, nov=8, dec=13) + on(1998, jan=10, feb=7, mar=7, apr=11, may=9, jun=13),
    ),
    (
        "FREQ=YEARLY;INTERVAL=4;BYMONTH=11;BYDAY=TU;BYMONTHDAY=2,3,4,5,6,7,8",
        "1996-11-05 09:00",
        on(1996, nov=5) + on(2000, nov=7) + on(2004, nov=2),
    ),
    (
        "FREQ=MONTHLY;COUNT=3;BYDAY=TU,WE,TH;BYSETPOS=3",
        "1997-09-04 09:00",
        on(1997, sep=4, oct=7, nov=6),
    ),
    (
        f"FREQ=MONTHLY;BYDAY={WEEKDAYS};BYSETPOS=-2",
        "1997-09-29 09:00",
        on(1997, sep=29, oct=30, nov=27, dec=30) + on(1998, jan=29, feb=26, mar=30),
    ),
    (
        "FREQ=DAILY;BYHOUR=9,10,11,12,13,14,15,16;BYMINUTE=0,20,40",
        START,
        [
            f"1997-09-{day:02} {hour:02}:{minute:02}"
            for day in (2, 3)
            for hour in range(9, 17)
            for minute in (0, 20, 40)
        ],
    ),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=MO", "1997-08-05 09:00", on(1997, aug=(5, 10, 19, 24))),
    ("FREQ=WEEKLY;INTERVAL=2;COUNT=4;BYDAY=TU,SU;WKST=SU", "1997-08-05 09:00", on(1997, aug=(5, 17, 19, 31))),
    (
        "FREQ=MONTHLY;BYMONTHDAY=15,30;COUNT=5",
        "2007-01-15 09:00",
        on(2007, jan=(15, 30), feb=15, mar=(15, 30)),
    ),
]
