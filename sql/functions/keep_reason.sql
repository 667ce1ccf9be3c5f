-- Why an occurrence is not to be changed with the others; null where it may be. Tickets were bought of it as it is, or what differs
-- from the event's own values was changed for a reason. Called by change_occurrence with the occurrence and its buckets
-- locked, so that nobody takes a seat meanwhile.
-- locks: none
-- raises: nothing
create or replace function ticketdb.keep_reason(p_schedule_id int, p_include_sold boolean, p_include_changed boolean)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when s.status = 'cancelled' then 'cancelled'
        when s.status = 'completed' or s.starts_at <= now() then 'past'
        when not p_include_sold and s.tickets_sold > 0 then 'sold'
        when not p_include_sold and exists (
            select from public.ticket_reservations as r
            where r.schedule_id = s.id and r.status = 'held' and r.expires_at > clock_timestamp()
        ) then 'held'
        -- a column that is null says as the event does
        when not p_include_changed and (
            s.original_start::date <> s.schedule_date
            or s.start_time <> d.default_start_time
            or s.end_time <> coalesce(
                d.default_end_time, d.default_start_time + make_interval(mins => d.default_duration_minutes)
            )
            or s.extra_days <> d.default_extra_days
            or s.max_tickets <> d.max_tickets
            or s.ticket_price <> d.default_ticket_price
            or s.space_id <> d.space_id
            or s.space_id is not null and d.space_id is null
        ) then 'changed_individually'
    end
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
$$;
revoke execute on function ticketdb.keep_reason(int, boolean, boolean) from public;
comment on function ticketdb.keep_reason(int, boolean, boolean) is
'Why an occurrence is not to be changed with the others; null where it may be

p_include_sold, p_include_changed: whether tickets sold and held, and values of its own, are no reason.';
