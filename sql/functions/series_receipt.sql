-- The reservations of a series as their buyer gets to see them, in order of their occurrences. Called by reserve_series.
-- locks: none
-- raises: nothing
create or replace function ticketdb.series_receipt(p_series_id bigint)
returns setof public.reservation_receipt_row
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        r.id, r.reservation_code, r.schedule_id, r.ticket_type_id, r.quantity, r.unit_price, r.total_amount, r.status,
        r.expires_at
    from public.ticket_reservations as r
    inner join public.event_schedules as s on s.id = r.schedule_id
    where r.series_id = p_series_id
    order by s.starts_at, r.schedule_id;
$$;
revoke execute on function ticketdb.series_receipt(bigint) from public;
comment on function ticketdb.series_receipt(bigint) is 'The reservations of a series as their buyer gets to see them';
