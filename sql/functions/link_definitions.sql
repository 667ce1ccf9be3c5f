-- Makes the events: one for each type of show, one for each type and start time of class. An event that has the code already is
-- used as it is. The first step of link_legacy_data.
-- locks: bookings
-- raises: nothing
create or replace function ticketdb.link_definitions()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_made bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    insert into public.event_definitions (
        event_code, title, event_category, event_type, recurrence_type, default_start_time, default_end_time,
        max_tickets, default_ticket_price, space_id, venue_id, banner_image_url, created_by_user_id
    )
    -- the earliest announcement speaks for its type
    select distinct on (a.code)
        a.code,
        coalesce(left(initcap(a.event_type), 255), case when a.is_class then 'Daily Class' else 'Live Show' end),
        case when a.is_class then 'wellness' else 'live-show' end,
        coalesce(left(a.event_type, 50), case when a.is_class then 'class' else 'show' end),
        case when a.is_class then 'daily' else 'none' end,
        case when a.is_class then a.start_time end,
        case when a.is_class then a.end_time end,
        -- shows of one type differ in place, price and capacity: those stand with the occurrence
        case when a.is_class then a.capacity else 50 end,
        case when a.is_class then a.price else 0 end,
        case when a.is_class then a.space_id end,
        case when a.is_class then a.venue_id end,
        a.banner_image_url, a.user_id
    from ticketdb.legacy_announcements() as a
    where a.definition_id is null and a.first_date is not null
    order by a.code, a.booking_id
    on conflict on constraint event_code_unique do nothing;
    get diagnostics v_made = row_count;

    update public.bookings as b
    set event_definition_id = d.id
    from ticketdb.legacy_announcements() as a
    inner join public.event_definitions as d on d.event_code = a.code
    where b.id = a.booking_id and a.definition_id is null and a.first_date is not null;
    perform ticketdb.legacy_progress('definitions', v_made, v_made);
    return v_made;
end
$$;
revoke execute on function ticketdb.link_definitions() from public;
comment on function ticketdb.link_definitions() is
'Make the events of the shows and classes that the application announced; returns how many';
