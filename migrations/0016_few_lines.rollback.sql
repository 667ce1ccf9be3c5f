-- Takes out 0016_few_lines. No cascade: what somebody built on it must make this fail.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/count_sold_tickets.sql
-- Adds to tickets_sold of an occurrence, the one row that all its sales share: called as late in a sale as can be. The setting
-- tells guard_schedule who writes, and updated_at needs no trigger of its own here.
-- locks: as queue_for_schedule, event_schedules
-- raises: nothing
create or replace function ticketdb.count_sold_tickets(p_schedule_id int, p_tickets int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- the table's number keeps the line apart from other advisory locks
    v_line constant int := 'public.event_schedules'::regclass::oid::int;
    v_queued constant boolean := pg_try_advisory_xact_lock(v_line, p_schedule_id)
        or ticketdb.queue_for_schedule(v_line, p_schedule_id);
    v_setting text := set_config('ticketdb.counting', p_schedule_id::text, true);
begin
    update public.event_schedules as s
    set tickets_sold = s.tickets_sold + p_tickets, updated_at = clock_timestamp()
    where s.id = p_schedule_id;
    v_setting := set_config('ticketdb.counting', '', true);
    return true;
end
$$;
revoke execute on function ticketdb.count_sold_tickets(int, int) from public;
comment on function ticketdb.count_sold_tickets(int, int) is
'Add to tickets_sold of an occurrence; a negative number takes off. True when done';
-- <<< sql/functions/count_sold_tickets.sql
-- <<< generated
