-- Stands in line for an occurrence's own row, on which every sale of it counts. Whoever waits for the row itself is woken with all
-- the others by each commit, to find it locked again: with 64 at once that costs more than the sales. In this line one is woken at
-- a time. It guards nothing: who waits in vain, because somebody before him waits for a row that he himself has changed, goes
-- on without, well before the server looks for deadlocks. Called by count_sold_tickets where somebody stands there.
-- locks: an advisory lock of its own for the occurrence, until the transaction ends
-- raises: nothing
create or replace function ticketdb.queue_for_schedule(p_line int, p_schedule_id int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
set lock_timeout = '200ms'
as $$
begin
    perform pg_advisory_xact_lock(p_line, p_schedule_id);
    return true;
exception
    when lock_not_available or deadlock_detected then
        return false;
end
$$;
revoke execute on function ticketdb.queue_for_schedule(int, int) from public;
comment on function ticketdb.queue_for_schedule(int, int) is
'Wait for the others that sell an occurrence; false where that takes too long

p_line: first key of the advisory lock; the second is the occurrence.';
