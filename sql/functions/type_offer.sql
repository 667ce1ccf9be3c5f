-- A ticket type of an occurrence's event: what it costs and whether it is on sale now, within its own window. No row where
-- the type belongs to another event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.type_offer(
    p_schedule_id int,
    p_ticket_type_id int,
    out price numeric,
    out max_quantity int,
    out is_on_sale boolean,
    out opens_at timestamptz,
    out closes_at timestamptz
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        t.price,
        t.max_quantity,
        t.is_active
        and coalesce(w.opens_at <= statement_timestamp(), true)
        and coalesce(w.closes_at > statement_timestamp(), true),
        w.opens_at,
        w.closes_at
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    inner join public.ticket_types as t on t.event_definition_id = d.id
    cross join lateral (
        select
            coalesce(t.sales_open_at, ticketdb.time_before(s.starts_at, t.sales_open_before, d.timezone)) as opens_at,
            coalesce(t.sales_close_at, ticketdb.time_before(s.starts_at, t.sales_close_before, d.timezone)) as closes_at
    ) as w
    where s.id = p_schedule_id and t.id = p_ticket_type_id;
$$;
revoke execute on function ticketdb.type_offer(int, int) from public;
comment on function ticketdb.type_offer(int, int) is 'A ticket type on one occurrence: price, limit and window';
