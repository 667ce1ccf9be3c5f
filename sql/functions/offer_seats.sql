-- Offers the free seats of an occurrence to those who wait for them: each time to the first in order of arrival whose party fits, so
-- that afterwards nobody waits for whom there is room. A smaller party may thereby pass a bigger one, which keeps its place.
-- Whoever calls has all buckets locked, or the occurrence itself. What he has not, it does not wait for: it makes do with
-- the buckets that it can have, and only where these are too few and all would not be, looks again for a moment.
-- Called when a transaction that freed seats ends, by gather_seats ahead of a newcomer, by enter_waitlist and maintain.
-- locks: ticketdb.seat_buckets, event_waitlist (both passing over locked ones); as make_offer
-- raises: lock_not_available
create or replace function ticketdb.offer_seats(p_schedule_id int, p_present bigint default null)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_price numeric;
    v_buckets int[];
    v_seats record;
    v_entry_id bigint;
    v_made int := 0;
    v_patience int := 20;
begin
    if not exists (
        select from public.event_waitlist as e where e.schedule_id = p_schedule_id and e.status = 'waiting'
    ) then
        return 0;
    end if;
    select o.ticket_price into v_price
    from ticketdb.schedule_offers as o
    where o.schedule_id = p_schedule_id and o.refusal is null;
    if not found then
        return 0;
    end if;
    loop
        -- many rows freed at once each come here, and the first has done it all
        exit when not exists (
            select from public.event_waitlist as e
            where e.schedule_id = p_schedule_id and e.status = 'waiting' and e.quantity * v_price <= 99999999.99
              and e.quantity <= (
                  select sum(b.capacity - b.held - b.sold)
                  from ticketdb.seat_buckets as b
                  where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
              )
        );
        select array_agg(l.bucket) into v_buckets
        from (
            select b.bucket
            from ticketdb.seat_buckets as b
            where b.schedule_id = p_schedule_id and b.ticket_type_id = 0
            order by b.bucket
            for no key update skip locked
        ) as l;
        loop
            select
                coalesce(sum(b.capacity - b.held - b.sold) filter (where b.bucket = any (v_buckets)), 0) as free,
                coalesce(sum(b.capacity - b.held - b.sold), 0) as free_anywhere
            into v_seats
            from ticketdb.seat_buckets as b
            where b.schedule_id = p_schedule_id and b.ticket_type_id = 0;
            select e.id into v_entry_id
            from public.event_waitlist as e
            where e.schedule_id = p_schedule_id and e.status = 'waiting' and e.quantity <= v_seats.free
              -- what freed the seats must not fail because the price has risen beyond what an amount can be
              and e.quantity * v_price <= 99999999.99
            order by e.id
            limit 1
            -- somebody who is just leaving
            for no key update skip locked;
            exit when not found;
            perform ticketdb.make_offer(v_entry_id, v_buckets, v_entry_id is not distinct from p_present);
            v_made := v_made + 1;
        end loop;
        exit when v_seats.free = v_seats.free_anywhere;
        v_patience := v_patience - 1;
        if v_patience = 0 then
            raise lock_not_available using
                message = format('seats of schedule %s, for which somebody waits, are just being sold', p_schedule_id),
                hint = 'Try again in a moment.';
        end if;
        perform pg_sleep(0.01);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.offer_seats(int, bigint) from public;
comment on function ticketdb.offer_seats(int, bigint) is
'Offer the free seats of an occurrence to those who wait for them; returns the number of offers

p_present: the place of whoever is joining just now.';
