-- The application's bookings for classes that nobody is entered for, with ids above p_after, up to p_to, yet to be linked: they
-- count like purchases, with their attendees on their date.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_class_bookings(p_after bigint, p_to bigint)
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
    select
        b.id, s.id, q.quantity,
        case
            when s.id is null and cardinality(m.candidates) > 1 then 'ambiguous_class'
            when s.id is null then 'no_matching_class'
            when q.quantity not between 1 and 10000 then 'unreadable_quantity'
        end,
        case
            when s.id is null
                then jsonb_build_object(
                    'event_type', b.event_type, 'start_datetime', b.start_datetime, 'candidates', m.candidates
                )
            else jsonb_build_object('quantity', q.quantity)
        end
    from ticketdb.legacy_class_matches('bookings', p_after, p_to) as m
    inner join public.bookings as b on b.id = m.source_id
    cross join lateral (select coalesce(nullif(b.attendees, 0), 1)::bigint as quantity) as q
    left join public.event_schedules as s
        on s.booking_id = m.class_id and s.schedule_date = b.start_datetime::date
    where not exists (select from public.ticket_reservations as r where r.booking_id = b.id);
$$;
revoke execute on function ticketdb.legacy_class_bookings(bigint, bigint) from public;
comment on function ticketdb.legacy_class_bookings(bigint, bigint) is
'Bookings of classes without participants that are yet to be linked';
