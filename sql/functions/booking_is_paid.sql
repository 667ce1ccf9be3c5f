-- Whether a status of the application's bookings means that the booking is paid. Called wherever bookings are read.
-- locks: none
-- raises: nothing
create or replace function ticketdb.booking_is_paid(p_status text)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return coalesce(p_status in ('paid', 'confirmed', 'completed'), false);
end
$$;
revoke execute on function ticketdb.booking_is_paid(text) from public;
comment on function ticketdb.booking_is_paid(text) is 'Whether a status of the application''s bookings means paid';
