-- Locks an occurrence until the end of the transaction. Whoever moves its seats or changes one of its reservations does this
-- first, so that within one occurrence nobody waits for anything else. A sale that is refused without it costs nobody a wait.
-- locks: event_schedules
-- raises: nothing
create or replace function ticketdb.lock_schedule(p_schedule_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- not FOR UPDATE: a new reservation's foreign key must not wait for it
    perform from public.event_schedules as s where s.id = p_schedule_id for no key update;
end
$$;
revoke execute on function ticketdb.lock_schedule(int) from public;
comment on function ticketdb.lock_schedule(int) is 'Lock an occurrence until the end of the transaction';
