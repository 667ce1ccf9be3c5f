-- A code that a person can read out: ten characters, without those that look alike. Default of
-- ticket_reservations.reservation_code; 50 random bits, and a unique constraint behind them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.new_reservation_code()
returns text
language sql
volatile
set search_path = pg_catalog, pg_temp
as $$
    -- 32 characters, so that the lowest five bits of each random byte pick one without bias
    select 'R-' || string_agg(
        substr('23456789ABCDEFGHJKLMNPQRSTUVWXYZ', (get_byte(b.bytes, i.n) & 31) + 1, 1), ''
    )
    -- bytes 0 to 5 and 10 to 13 of a version 4 UUID are random
    from (select uuid_send(gen_random_uuid()) as bytes) as b
    cross join unnest(array[0, 1, 2, 3, 4, 5, 10, 11, 12, 13]) as i (n);
$$;
revoke execute on function ticketdb.new_reservation_code() from public;
comment on function ticketdb.new_reservation_code() is 'A random code such as R-7K3F9Q2M4T';
