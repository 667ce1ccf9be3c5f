-- The places of participants who hold them themselves, with ids above p_after, up to p_to, yet to be linked: those of classes, a
-- place on a day or on each day of a pass, and those entered directly on a show. Participants of a purchase are not among
-- them, their booking holds the places. Called by link_places.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_places(p_after bigint, p_to bigint)
returns table (
    participant_id bigint,
    user_id bigint,
    schedule_id int,
    booking_id bigint,
    quantity int,
    unit_price numeric,
    total_amount numeric,
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
    with classes as (
        select s.booking_id, min(s.schedule_date) as first_date, max(s.schedule_date) as last_date
        from public.bookings as a
        inner join public.event_schedules as s on s.booking_id = a.id
        where a.is_admin_booking and a.booking_type = 'daily'
        group by s.booking_id
    ),
    people as (
        select
            pp.id, pp.user_id, pp.booking_id, pp.program_type, pp.start_date,
            coalesce(nullif(pp.ticket_quantity, 0), 1) as quantity,
            greatest(coalesce(pp.amount_paid, 0), 0) as amount, pp.joined_at,
            case when b.booking_type = 'daily' and b.is_admin_booking is not true then b.id end as own_booking,
            case when b.is_admin_booking and b.booking_type like 'live-%' then b.event_schedule_id end as show_id,
            coalesce(pp.start_date, b.start_datetime)::date as first_day,
            case when lower(btrim(pp.subscription_type)) = 'monthly'
                then coalesce(pp.end_date::date, coalesce(pp.start_date, b.start_datetime)::date + 29)
                else coalesce(pp.start_date, b.start_datetime)::date
            end as last_day
        from public.program_participants as pp
        left join public.bookings as b on b.id = pp.booking_id
        where pp.id > p_after and pp.id <= p_to
          and pp.event_schedule_id is null
          and pp.is_active is not false
          and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%')
          and not exists (select from public.ticket_reservations as r where r.participant_id = pp.id)
    ),
    dated as (
        select p.id, p.show_id as schedule_id, null::date as schedule_date, null::bigint[] as candidates
        from people as p
        where p.show_id is not null
        union all
        select p.id, s.id, s.schedule_date, m.candidates
        from people as p
        inner join ticketdb.legacy_class_matches('program_participants', p_after, p_to) as m on m.source_id = p.id
        left join classes as c on c.booking_id = m.class_id
        -- not before the class begins nor after it ends, or a pass without end would have days without end
        left join lateral generate_series(
            greatest(p.first_day, c.first_date)::timestamp, least(p.last_day, c.last_date)::timestamp, interval '1 day'
        ) as g (day) on true
        left join public.event_schedules as s on s.booking_id = m.class_id and s.schedule_date = g.day::date
        where p.show_id is null
    ),
    numbered as (
        select
            x.*,
            row_number() over (partition by x.id order by x.schedule_date) as place,
            row_number() over (partition by p.own_booking order by x.id, x.schedule_date) as place_of_booking
        from dated as x
        inner join people as p on p.id = x.id
    )
    select
        p.id, p.user_id,
        case when p.quantity between 1 and 10000 then n.schedule_id end,
        -- a booking has one reservation: the first place of its first participant
        case
            when n.place_of_booking = 1
                and not exists (select from public.ticket_reservations as r where r.booking_id = p.own_booking)
                then p.own_booking
        end,
        p.quantity,
        -- a pass is paid for once
        case when n.place = 1 then coalesce(s.ticket_price, d.default_ticket_price) else 0 end,
        case when n.place = 1 then p.amount else 0 end,
        coalesce(p.joined_at at time zone d.timezone, now()),
        case
            when p.quantity not between 1 and 10000 then 'unreadable_quantity'
            when n.schedule_id is not null then null
            when cardinality(n.candidates) > 1 then 'ambiguous_class'
            else 'orphan_participant'
        end,
        jsonb_build_object(
            'program_type', p.program_type, 'start_date', p.start_date, 'booking_id', p.booking_id,
            'quantity', p.quantity, 'candidates', n.candidates
        )
    from numbered as n
    inner join people as p on p.id = n.id
    left join public.event_schedules as s on s.id = n.schedule_id
    left join public.event_definitions as d on d.id = s.event_definition_id
    -- days on which the class does not run, beside days on which it does
    where n.schedule_id is not null or n.place = 1;
$$;
revoke execute on function ticketdb.legacy_places(bigint, bigint) from public;
comment on function ticketdb.legacy_places(bigint, bigint) is
'Places of participants that are yet to be linked

schedule_id is null where there is none; problem and detail say why.';
