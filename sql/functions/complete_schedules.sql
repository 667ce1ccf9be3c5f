-- Completes occurrences that are over. A step of the daily round.
-- locks: event_schedules (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.complete_schedules(p_limit int)
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ids constant int[] := array(
        select o.id
        from public.event_schedules as o
        where o.status = 'scheduled' and o.ends_at <= now() and o.schedule_date <= current_date + 1
        order by o.id
        limit p_limit
        for no key update skip locked
    );
begin
    update public.event_schedules as s
    set status = 'completed'
    where s.id = any (v_ids);
    return cardinality(v_ids);
end
$$;
revoke execute on function ticketdb.complete_schedules(int) from public;
comment on function ticketdb.complete_schedules(int) is
'Complete occurrences that are over; returns how many

p_limit: at most so many.';
