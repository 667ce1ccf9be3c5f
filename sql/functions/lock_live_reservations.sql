-- Locks the holds and sales of an occurrence that somebody has yet to settle with, and returns their ids. Called by call_off_schedule:
-- first in order, waiting; then with the buckets locked, passing over what others have, as whoever has one may wait for a bucket.
-- A place of a pass comes after its pass (count_visits).
-- locks: event_passes, ticket_reservations
-- raises: nothing
create or replace function ticketdb.lock_live_reservations(p_schedule_id int, p_wait boolean)
returns bigint[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids bigint[];
begin
    if p_wait then
        perform
        from public.event_passes as e
        where e.id in (
            select r.pass_id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.origin = 'pass' and r.status in ('held', 'confirmed')
        )
        order by e.id
        for no key update;
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
            order by r.id
            for no key update
        ) as l;
    else
        with passes as materialized (
            select e.id
            from public.event_passes as e
            where e.id in (
                select r.pass_id
                from public.ticket_reservations as r
                where r.schedule_id = p_schedule_id and r.origin = 'pass' and r.status in ('held', 'confirmed')
            )
            for no key update skip locked
        )
        select array_agg(l.id) into v_ids
        from (
            select r.id
            from public.ticket_reservations as r
            where r.schedule_id = p_schedule_id and r.status in ('held', 'confirmed')
              and (r.origin <> 'pass' or r.pass_id in (select e.id from passes as e))
            order by r.id
            for no key update skip locked
        ) as l;
    end if;
    return coalesce(v_ids, '{}');
end
$$;
revoke execute on function ticketdb.lock_live_reservations(int, boolean) from public;
comment on function ticketdb.lock_live_reservations(int, boolean) is
'Lock the holds and sales of an occurrence; returns their ids

p_wait: for those that somebody else has locked; otherwise they are passed over.';
