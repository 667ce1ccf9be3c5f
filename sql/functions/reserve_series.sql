-- The face of ticketdb.hold_series, and of reserve_series_for_caller for a signed-in buyer.
-- locks, raises: as these
create or replace function public.reserve_series(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp,
    p_quantity int default 1,
    p_user_id int default null,
    p_idempotency_key text default null,
    p_contact jsonb default null
)
returns setof public.reservation_receipt_row
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if not ticketdb.may_sell() then
        return query
        select s.*
        from ticketdb.reserve_series_for_caller(
            p_event_definition_id, p_start_date, p_end_date, p_quantity, p_user_id, p_idempotency_key, p_contact
        ) as s;
        return;
    end if;
    return query
    select s.*
    from ticketdb.series_receipt(ticketdb.hold_series(
        p_event_definition_id, p_start_date, p_end_date, p_quantity, p_user_id, p_idempotency_key, p_contact
    )) as s;
end
$$;
revoke execute on function public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb) from public;
comment on function public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb) is
'Reserve a series

Reserves p_quantity tickets of every occurrence of an event from p_start_date to p_end_date, both included: all of them or
none, as for a monthly pass. Occurrences that are cancelled or blocked do not take place and are left out. Each reservation
is paid, released or cancelled on its own. The same p_idempotency_key with the same arguments returns the same
reservations. A signed-in buyer reserves for himself. p_event_definition_id: from event_definitions; p_user_id: a row of users,
null for a guest; p_contact: {"name", "mobile", "email"}. Errors: those of reserve_tickets, definition_not_found.';
