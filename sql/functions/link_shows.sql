-- Makes the occurrence of each announced show and lets its booking name it. A step of link_legacy_data.
-- locks: bookings, event_schedules (new rows only)
-- raises: nothing
create or replace function ticketdb.link_shows()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_made bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    with made as (
        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            a.definition_id, a.booking_id, a.first_date, a.start_time, a.end_time, a.capacity, a.price,
            case
                when a.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            a.space_id
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        cross join lateral ticketdb.schedule_times(a.first_date, a.start_time, a.end_time, 0, d.timezone) as i
        where not a.is_class
          and a.first_date is not null
          and not exists (select from public.event_schedules as s where s.booking_id = a.booking_id)
        order by a.booking_id
        returning id
    )
    select array_agg(m.id) into v_schedules from made as m;
    -- on its own: by now the occurrences have taken over the spaces of their bookings, all at once
    update public.bookings as b
    set event_schedule_id = s.id
    from public.event_schedules as s
    where s.id = any (v_schedules) and b.id = s.booking_id;
    get diagnostics v_made = row_count;
    perform ticketdb.legacy_progress('shows', v_made, v_made);
    return v_made;
end
$$;
revoke execute on function ticketdb.link_shows() from public;
comment on function ticketdb.link_shows() is
'Make the occurrence of each show that the application announced; returns how many';
