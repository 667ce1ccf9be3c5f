-- A booking of the application's with a space was made, changed or deleted: its occupation follows. Tickets, which are most of all
-- bookings, have none. Called by trigger on bookings.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_booking_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (
        tg_op <> 'DELETE' and ticketdb.booking_takes_space(
            new.space_id, new.status::text, new.booking_type::text, new.is_admin_booking, new.event_schedule_id
        )
    ) or (
        tg_op <> 'INSERT' and exists (
            -- an occurrence that it announced may have taken it over, as it does with every show in link_shows
            select from ticketdb.space_occupations as o where o.source = 'booking' and o.source_id = old.id
        )
    ) then
        perform ticketdb.occupy_spaces('{}', array[case tg_op when 'DELETE' then old.id else new.id end]::bigint[]);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_booking_space() from public;
comment on function ticketdb.follow_booking_space() is 'Trigger: the occupation of a booking';
