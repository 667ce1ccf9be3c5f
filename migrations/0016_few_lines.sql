-- A transaction that sells on many occurrences stands in no more than 16 lines: advisory locks fill a table that all connections share.

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
    -- a transaction that sells on many occurrences, such as a bulk update of bookings, must not fill the server's table of locks
    v_joined constant int := coalesce(nullif(current_setting('ticketdb.lines', true), ''), '0')::int;
    -- the table's number keeps the line apart from other advisory locks
    v_line constant int := 'public.event_schedules'::regclass::oid::int;
    v_queued constant boolean := v_joined < 16 and (
        pg_try_advisory_xact_lock(v_line, p_schedule_id) or ticketdb.queue_for_schedule(v_line, p_schedule_id)
    );
    v_setting text := set_config('ticketdb.counting', p_schedule_id::text, true);
begin
    if v_queued then
        v_setting := set_config('ticketdb.lines', (v_joined + 1)::text, true);
    end if;
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
