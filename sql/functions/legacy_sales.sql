-- What the application's bookings with ids above p_after, up to p_to, become: legacy_purchases and legacy_class_bookings together,
-- with all that a reservation needs. Called by link_purchases.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_sales(p_after bigint, p_to bigint)
returns table (
    booking_id bigint,
    user_id bigint,
    schedule_id int,
    quantity bigint,
    unit_price numeric,
    total_amount numeric,
    status text,
    booked_at timestamptz,
    problem text,
    detail jsonb
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
set enable_nestloop = off
set jit = off
as $$
    with bookings as (
        select p.booking_id, p.schedule_id, p.quantity, p.problem, p.detail
        from ticketdb.legacy_purchases(p_after, p_to) as p
        union all
        select c.booking_id, c.schedule_id, c.quantity, c.problem, c.detail
        from ticketdb.legacy_class_bookings(p_after, p_to) as c
    )
    select
        n.booking_id, b.user_id,
        -- linked with a doubt is linked
        case when n.problem is null or n.problem = 'ambiguous_show' then n.schedule_id end,
        n.quantity, coalesce(s.ticket_price, d.default_ticket_price), greatest(coalesce(b.total_amount, 0), 0),
        case
            when ticketdb.booking_is_paid(b.status) then 'confirmed'
            when b.status = 'cancelled' then 'cancelled'
            else 'expired'
        end,
        coalesce(b.created_at at time zone d.timezone, now()),
        n.problem, n.detail
    from bookings as n
    inner join public.bookings as b on b.id = n.booking_id and b.id > p_after and b.id <= p_to
    left join public.event_schedules as s on s.id = n.schedule_id
    left join public.event_definitions as d on d.id = s.event_definition_id;
$$;
revoke execute on function ticketdb.legacy_sales(bigint, bigint) from public;
comment on function ticketdb.legacy_sales(bigint, bigint) is
'Reservations that the application''s bookings become

schedule_id is null where a booking cannot be linked; problem and detail say why, or what is doubtful.';
