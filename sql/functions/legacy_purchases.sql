-- The bookings for shows with ids above p_after, up to p_to, that are yet to be linked, each with the show it stands for and what
-- it bought. Of several shows at its place and time the one of its type comes first, then the one with its end, then the oldest.
-- The shows are joined by hash: at an estimate without statistics the planner would pair every purchase with every show. Compiling
-- the query for each range of ids would take longer than running it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_purchases(p_after bigint, p_to bigint)
returns table (
    booking_id bigint,
    schedule_id int,
    quantity bigint,
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
    with shows as (
        select
            a.id, a.event_schedule_id, a.start_datetime, a.end_datetime, coalesce(a.space_id, -1) as space_id,
            lower(btrim(coalesce(a.event_type, ''))) as event_type
        from public.bookings as a
        where a.is_admin_booking and a.booking_type like 'live-%' and a.event_schedule_id is not null
    ),
    purchases as (
        select
            b.id, b.start_datetime, b.end_datetime, coalesce(b.space_id, -1) as space_id,
            lower(btrim(coalesce(b.event_type, ''))) as event_type, b.attendees
        from public.bookings as b
        where b.id > p_after and b.id <= p_to
          and b.booking_type like 'live-%'
          and b.is_admin_booking is not true
          and b.event_schedule_id is null
          and not exists (select from public.ticket_reservations as r where r.booking_id = b.id)
    ),
    people as (
        select
            pp.booking_id, sum(coalesce(nullif(pp.ticket_quantity, 0), 1)) as quantity,
            min(pp.ticket_quantity) as least_quantity
        from public.program_participants as pp
        where pp.booking_id > p_after and pp.booking_id <= p_to and pp.is_active is not false
        group by pp.booking_id
    ),
    matches as (
        select distinct on (p.id)
            p.id, p.start_datetime, p.space_id, s.id as show_id, s.event_schedule_id,
            array_agg(s.id) over same_rank as candidates,
            case
                when n.booking_id is null then coalesce(nullif(p.attendees, 0), 1)
                -- one that makes no sense spoils the sum
                when n.least_quantity < 0 then n.least_quantity
                else n.quantity
            end as quantity
        from purchases as p
        left join shows as s on s.start_datetime = p.start_datetime and s.space_id = p.space_id
        left join people as n on n.booking_id = p.id
        window same_rank as (partition by p.id, s.event_type = p.event_type, s.end_datetime = p.end_datetime)
        order by p.id, (s.event_type = p.event_type) desc, (s.end_datetime = p.end_datetime) desc, s.id
    )
    select
        m.id, m.event_schedule_id, m.quantity,
        case
            when m.event_schedule_id is null then 'no_matching_show'
            when m.quantity not between 1 and 10000 then 'unreadable_quantity'
            when cardinality(m.candidates) > 1 then 'ambiguous_show'
        end,
        case
            when m.event_schedule_id is null
                then jsonb_build_object('space_id', nullif(m.space_id, -1), 'start_datetime', m.start_datetime)
            when m.quantity not between 1 and 10000 then jsonb_build_object('quantity', m.quantity)
            else
                jsonb_build_object(
                    'chosen', m.show_id,
                    'candidates', (select jsonb_agg(c.id order by c.id) from unnest(m.candidates) as c (id))
                )
        end
    from matches as m;
$$;
revoke execute on function ticketdb.legacy_purchases(bigint, bigint) from public;
comment on function ticketdb.legacy_purchases(bigint, bigint) is
'Purchases of shows that are yet to be linked

problem ambiguous_show is a doubt: the purchase is linked all the same.';
