-- Whether a booking of the application's takes its space: pending or not, unless it is cancelled or a ticket. A ticket is a booking for a
-- show or a class that is not the venue's own, or one that names an occurrence. Called by follow_booking_space and in space_claims.
-- locks: none
-- raises: nothing
create or replace function ticketdb.booking_takes_space(
    p_space_id bigint,
    p_status text,
    p_booking_type text,
    p_is_admin_booking boolean,
    p_event_schedule_id int
)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return p_space_id is not null
        and p_status is distinct from 'cancelled'
        and p_event_schedule_id is null
        and (p_is_admin_booking is true or (p_booking_type like 'live-%' or p_booking_type = 'daily') is not true);
end
$$;
revoke execute on function ticketdb.booking_takes_space(bigint, text, text, boolean, int) from public;
comment on function ticketdb.booking_takes_space(bigint, text, text, boolean, int) is
'Whether a booking of the application''s takes its space, rather than being cancelled or a ticket';
