-- The one reading of the bookings with which the venue announces something: a show (live-…) or a class (daily). Every step that
-- makes events and occurrences of them starts from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_announcements()
returns table (
    booking_id bigint,
    is_class boolean,
    definition_id int,
    code text,
    event_type text,
    space_id bigint,
    venue_id bigint,
    user_id bigint,
    banner_image_url text,
    status text,
    first_date date,
    last_date date,
    start_time time,
    end_time time,
    capacity int,
    price numeric,
    claimed int,
    note_problem text,
    has_odd_times boolean
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        b.id, c.is_class, b.event_definition_id, ticketdb.legacy_code(c.is_class, b.event_type, b.start_datetime::timestamp),
        nullif(btrim(b.event_type), ''), b.space_id, b.venue_id, b.user_id, b.banner_image_url, b.status,
        -- dates without occurrences: null
        case when t.is_possible then b.start_datetime::date end,
        case when t.is_possible then b.end_datetime::date end,
        b.start_datetime::time,
        -- only the times of day count; an occurrence needs a length, and an hour is the usual one
        case when t.is_empty then (b.start_datetime + interval '1 hour')::time else b.end_datetime::time end,
        case when c.is_class and n.problem is not null then coalesce(nullif(greatest(b.attendees, 0), 0), 50)
            else n.capacity end,
        n.price, n.sold,
        -- nobody types tickets into the note of a class
        case when not c.is_class then n.problem end,
        not t.is_possible or t.is_empty or (not c.is_class and abs(extract(epoch from t.length)) > 86400)
    from public.bookings as b
    cross join lateral (select b.booking_type = 'daily' as is_class) as c
    cross join lateral (
        -- what derive_schedule_times takes
        select case
            when b.start_datetime between timestamp '1900-01-01' and timestamp '9998-12-31'
                and b.end_datetime between timestamp '1900-01-01' and timestamp '9998-12-31'
                then b.end_datetime - b.start_datetime
        end as length
    ) as l
    cross join lateral (
        select
            l.length,
            l.length is not null and (
                not c.is_class
                or (b.end_datetime::date >= b.start_datetime::date
                    and b.end_datetime <= b.start_datetime + interval '10 years')
            ) as is_possible,
            b.end_datetime::time = b.start_datetime::time
            and (c.is_class or l.length <> interval '1 day') as is_empty
    ) as t
    cross join lateral ticketdb.read_show_note(b.customer_note) as n
    where b.is_admin_booking
      and (b.booking_type like 'live-%' or b.booking_type = 'daily');
$$;
revoke execute on function ticketdb.legacy_announcements() from public;
comment on function ticketdb.legacy_announcements() is
'Shows and classes that the application announced

first_date and last_date are null where the times cannot be used; has_odd_times: they are doubtful.';
