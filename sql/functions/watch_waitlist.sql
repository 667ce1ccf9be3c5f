-- Looks, before seats of an occurrence are freed, whether somebody waits for them, and if so locks all its buckets: at the end of the
-- transaction they are offered (offer_freed_seats), and there it is too late to lock in order. The bucket is locked first, and
-- joining takes all buckets: whoever joins after the look sees what is freed. If somebody waits, that lock is given back. Called by count_seats.
-- locks: ticketdb.seat_buckets (one), or as lock_buckets
-- raises: nothing
create or replace function ticketdb.watch_waitlist(p_schedule_id int, p_bucket int)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- whoever has the occurrence itself locked waits for no bucket
    if current_setting('ticketdb.resizing', true) = p_schedule_id::text then
        return true;
    end if;
    perform from ticketdb.seat_buckets as b
    where b.schedule_id = p_schedule_id and b.ticket_type_id = 0 and b.bucket = p_bucket
    for no key update;
    if exists (select from public.event_waitlist as e where e.schedule_id = p_schedule_id and e.status = 'waiting') then
        raise sqlstate 'TD001';
    end if;
    return false;
exception
    when sqlstate 'TD001' then
        perform ticketdb.lock_buckets(p_schedule_id);
        return true;
end
$$;
revoke execute on function ticketdb.watch_waitlist(int, int) from public;
comment on function ticketdb.watch_waitlist(int, int) is
'Lock all buckets of an occurrence where somebody waits for its seats; otherwise the one that is about to change';
