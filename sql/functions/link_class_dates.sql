-- Makes an occurrence for each date of each announced class. One that was generated already is taken over rather than doubled.
-- A step of link_legacy_data.
-- locks: event_schedules (new rows only)
-- raises: nothing
create or replace function ticketdb.link_class_dates()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_class record;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of from ticketdb.legacy_announcements() as a where a.is_class and a.first_date is not null;
    for v_class in
        select a.*, d.timezone
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        where a.is_class and a.first_date is not null
        order by a.booking_id
    loop
        update public.event_schedules as s
        set booking_id = v_class.booking_id
        where s.event_definition_id = v_class.definition_id
          and s.schedule_date between v_class.first_date and v_class.last_date
          and s.start_time = v_class.start_time
          and s.booking_id is null
          and not exists (
              select from public.event_schedules as o
              where o.booking_id = v_class.booking_id and o.schedule_date = s.schedule_date
          );
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;

        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            v_class.definition_id, v_class.booking_id, g.day::date, v_class.start_time, v_class.end_time,
            v_class.capacity, v_class.price,
            case
                when v_class.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            v_class.space_id
        from generate_series(v_class.first_date::timestamp, v_class.last_date::timestamp, interval '1 day') as g (day)
        cross join lateral ticketdb.schedule_times(
            g.day::date, v_class.start_time, v_class.end_time, 0, v_class.timezone
        ) as i
        where not exists (
            select from public.event_schedules as s
            where s.booking_id = v_class.booking_id and s.schedule_date = g.day::date
        )
        order by g.day;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_done := v_done + 1;
        perform ticketdb.legacy_progress('class_dates', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_class_dates() from public;
comment on function ticketdb.link_class_dates() is
'Make an occurrence for each date of each class that the application announced; returns how many';
