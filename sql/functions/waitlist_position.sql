-- At which position of its occurrence's waiting list an entry stands. Called by v_waitlist, in the caller's name: a number only, so that
-- a buyer who sees nothing of others learns his place.
-- locks: none
-- raises: nothing
create or replace function ticketdb.waitlist_position(p_entry_id bigint)
returns int
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select count(*)::int
    from public.event_waitlist as m
    inner join public.event_waitlist as e
        on e.schedule_id = m.schedule_id and e.status = 'waiting' and e.id <= m.id
    where m.id = p_entry_id and m.status = 'waiting'
    having count(*) > 0;
$$;
revoke execute on function ticketdb.waitlist_position(bigint) from public;
comment on function ticketdb.waitlist_position(bigint) is
'Position in the waiting list, from 1; null for who does not wait (any more)';
