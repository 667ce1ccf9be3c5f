import pytest
from race_helpers import *
from race_shop import Shop, assert_consistent
from test_buckets_races import client_of_bucket
from test_growth import pages_of_reservations
def test_dl(connect):
    shop=Shop(connect)
    kind=shop.ticket_type(None); s=shop.schedule(16)
    shop.admin.release(shop.admin.reserve(s).reservation_id)
    b, c, d = shop.hurried(), shop.hurried(), shop.hurried()
    b.begin(); print(b.reserve(s, ticket_type=kind))
    print("resize while the only bucket is locked", shop.client().set_capacity(s, 1024))
    b.commit()
    print(shop.admin.connection.execute("select ticket_type_id, count(*) from ticketdb.seat_buckets group by 1").fetchall())
    c.begin(); r = c.reserve(s, ticket_type=kind); print("c", r)
    d.start(d.set_capacity, s, 1100)
    print("waits", shop.waits(d, on=c))
    c.start(c.confirm, r.reservation_id, "x")
    print("c", c.finish()); c.commit(); print("d", d.finish())
def test_dangling(connect):
    shop=Shop(connect); s=shop.schedule(16); k=shop.ticket_type(5)
    r=shop.admin.reserve(s).reservation_id; shop.admin.release(r)
    print(shop.admin.ask("update public.ticket_reservations set schedule_id=99999 where id=%s returning id", r))
    print(shop.admin.ask("update public.ticket_reservations set schedule_id=%s, ticket_type_id=99999 where id=%s returning id", s, r))
    print(shop.admin.ask("insert into public.ticket_reservations(schedule_id,ticket_type_id,quantity,unit_price,total_amount,status,expires_at) values (%s,99999,1,0,0,'released',now()) returning id", s))
    s2=shop.schedule(16)
    print(shop.admin.ask("update public.ticket_reservations set schedule_id=%s, ticket_type_id=null where id=%s returning id", s2, r))
    print(shop.admin.ask("delete from public.event_schedules where id=%s returning id", s2))
    print("held insert w bucket", shop.admin.ask("insert into public.ticket_reservations(schedule_id,quantity,unit_price,total_amount,status,expires_at,bucket) values (%s,1,0,0,'held',now(),0) returning id", s))
    print(shop.admin.connection.execute("select * from public.verify_inventory()").fetchall())
def test_bulk(connect):
    import time
    shop=Shop(connect)
    for n in (500,1000,2000):
        s=shop.schedule(n); t=time.time()
        shop.admin.ask("insert into public.ticket_reservations (schedule_id, quantity, unit_price, total_amount, expires_at) select %s, 1, 0, 0, clock_timestamp() + interval '1h' from generate_series(1, %s) as n", s, n)
        print(n, time.time()-t)
def test_pages(connect):
    print(pages_of_reservations(connect()))
