-- Spaces and passes at the size of a big application: a booking's claim is found by its key rather than by reading all bookings, and
-- link_legacy_data writes each place of a pass once and hands the spaces of all shows over at once.

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/fill_space_occupations.sql
-- Enters who occupies which space where that is not known yet, and mends it where it is wrong; overlaps that it finds are kept. Called
-- by hand: after the database's time zone was changed, or rows were written with triggers off. The migration that filled the table
-- did the same, but committed in between. Occurrences that may be on sale come last, so that their sales wait for no more than they must.
-- locks: bookings and event_schedules (share) that differ, then as occupy_spaces
-- raises: nothing
create or replace function ticketdb.fill_space_occupations()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_some record;
    v_mended bigint := 0::bigint;
begin
    for v_some in
        select
            array_agg(n.source_id) filter (where n.source = 'booking') as bookings,
            array_agg(n.source_id::int) filter (where n.source = 'schedule') as schedules,
            count(*) as number
        from (
            select d.source, d.source_id, row_number() over (order by d.source, s.ends_at > now(), d.source_id) as place
            from (select distinct p.source, p.source_id from ticketdb.space_problems as p) as d
            left join public.event_schedules as s on d.source = 'schedule' and s.id = d.source_id
        ) as n
        group by n.place / 500
        order by n.place / 500
    loop
        perform from public.event_schedules as s where s.id = any (v_some.schedules) order by s.id for share;
        perform ticketdb.occupy_spaces(coalesce(v_some.schedules, '{}'), coalesce(v_some.bookings, '{}'), true);
        v_mended := v_mended + v_some.number;
    end loop;
    return v_mended;
end
$$;
revoke execute on function ticketdb.fill_space_occupations() from public;
comment on function ticketdb.fill_space_occupations() is
'Enter or mend who occupies which space; returns for how many schedules and bookings';
-- <<< sql/functions/fill_space_occupations.sql

-- >>> sql/functions/follow_booking_space.sql
-- A booking of the application's with a space was made, changed or deleted: its occupation follows. Tickets, which are most of all
-- bookings, have none. Called by trigger on bookings.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_booking_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if (
        tg_op <> 'DELETE' and ticketdb.booking_takes_space(
            new.space_id, new.status::text, new.booking_type::text, new.is_admin_booking, new.event_schedule_id
        )
    ) or (
        tg_op <> 'INSERT' and exists (
            -- an occurrence that it announced may have taken it over, as it does with every show in link_shows
            select from ticketdb.space_occupations as o where o.source = 'booking' and o.source_id = old.id
        )
    ) then
        perform ticketdb.occupy_spaces('{}', array[case tg_op when 'DELETE' then old.id else new.id end]::bigint[]);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_booking_space() from public;
comment on function ticketdb.follow_booking_space() is 'Trigger: the occupation of a booking';
-- <<< sql/functions/follow_booking_space.sql

drop function ticketdb.link_passes;

-- >>> sql/functions/link_passes.sql
-- Makes the passes of monthly participants whose places were linked before there were passes, and lets the places name them; those of
-- places that this run linked are made already (link_places). Returns how many both made. By ranges of ids, so that memory stays
-- flat. A step of link_legacy_data.
-- locks: event_passes (new rows), ticket_reservations
-- raises: nothing
create or replace function ticketdb.link_passes(p_after_pass bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a pass has some thirty places
    v_chunk constant int := 4000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of
    from public.program_participants as pp
    where lower(btrim(pp.subscription_type)) = 'monthly';
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and lower(btrim(pp.subscription_type)) = 'monthly'
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        perform
        from public.ticket_reservations as r
        where r.participant_id > v_after and r.participant_id <= v_to and r.pass_id is null
        order by r.id
        for no key update;
        perform ticketdb.make_legacy_passes(v_after, v_to, null);
        update public.ticket_reservations as r
        set pass_id = e.id
        from public.event_passes as e, public.event_schedules as s
        where e.participant_id > v_after and e.participant_id <= v_to
          and r.participant_id = e.participant_id and r.pass_id is null
          and s.id = r.schedule_id and s.event_definition_id = e.event_definition_id;
        v_after := v_to;
        perform ticketdb.legacy_progress('passes', v_done, v_of);
    end loop;
    return (select count(*) from public.event_passes as e where e.id > p_after_pass and e.origin = 'legacy');
end
$$;
revoke execute on function ticketdb.link_passes(bigint) from public;
comment on function ticketdb.link_passes(bigint) is
'Make passes of the monthly participants whose places are linked; returns how many have ids above p_after_pass';
-- <<< sql/functions/link_passes.sql

-- >>> sql/functions/link_places.sql
-- Makes a reservation of each place that a participant holds: a day of a class, each day of a pass, a show that he was entered for
-- directly. His own booking names the first of them. By ranges of ids, so that memory stays flat. A step of link_legacy_data.
-- locks: bookings, ticket_reservations, then as link_capacity
-- raises: nothing
create or replace function ticketdb.link_places()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a pass has some thirty places
    v_chunk constant int := 4000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_first bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
    v_schedules int[];
    v_quantities bigint[];
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    select count(*) into v_of
    from public.program_participants as pp
    left join public.bookings as b on b.id = pp.booking_id
    where pp.event_schedule_id is null and pp.is_active is not false
      and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%');
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            left join public.bookings as b on b.id = pp.booking_id
            where pp.id > v_after and pp.event_schedule_id is null and pp.is_active is not false
              and (b.id is null or b.is_admin_booking or b.booking_type is null or b.booking_type not like 'live-%')
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;
        -- bookings come first in the lock order, and are not to change under the step
        perform from public.bookings as b
        where b.is_admin_booking is not true and b.id in (
            select pp.booking_id from public.program_participants as pp where pp.id > v_after and pp.id <= v_to
        )
        order by b.id
        for no key update;

        insert into public.legacy_link_issues (source_table, source_id, problem, detail)
        select 'program_participants', p.participant_id, p.problem, p.detail
        from ticketdb.legacy_places(v_after, v_to) as p
        where p.problem is not null
        order by p.participant_id
        on conflict on constraint one_issue_per_source do nothing;

        select array_agg(n.schedule_id), array_agg(n.quantity) into v_schedules, v_quantities
        from (
            select p.schedule_id, sum(p.quantity) as quantity
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            group by p.schedule_id
        ) as n;
        perform ticketdb.link_capacity(v_schedules, v_quantities);

        -- without seats at first: the update below counts them once for each occurrence, not once for each row
        with made as (
            insert into public.ticket_reservations (
                schedule_id, user_id, booking_id, participant_id, quantity, unit_price, total_amount, status, expires_at,
                origin, created_at, confirmed_at, bucket
            )
            select
                p.schedule_id, p.user_id, p.booking_id, p.participant_id, p.quantity, p.unit_price, p.total_amount,
                'released', p.booked_at, 'legacy', p.booked_at, p.booked_at, 0
            from ticketdb.legacy_places(v_after, v_to) as p
            where p.schedule_id is not null
            order by p.participant_id, p.schedule_id
            returning id
        )
        select min(m.id), count(*) into v_first, v_rows from made as m;
        -- now, for a place is written only once more
        perform ticketdb.make_legacy_passes(v_after, v_to, v_first);
        update public.ticket_reservations as r
        set
            status = 'confirmed',
            pass_id = (
                -- one for each participant, and found by him alone whatever is known of so new a table
                select
                    case
                        when e.event_definition_id = (
                            select s.event_definition_id from public.event_schedules as s where s.id = r.schedule_id
                        ) then e.id
                    end
                from public.event_passes as e
                where e.participant_id = r.participant_id
            )
        where r.id >= v_first and r.origin = 'legacy' and r.bucket = 0 and r.status = 'released';
        update public.bookings as b
        set event_schedule_id = r.schedule_id
        from public.ticket_reservations as r
        where r.id >= v_first and r.origin = 'legacy' and r.booking_id = b.id;
        v_made := v_made + v_rows;
        v_after := v_to;
        perform ticketdb.legacy_progress('places', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_places() from public;
comment on function ticketdb.link_places() is
'Make a reservation of each place that a participant holds; returns how many';
-- <<< sql/functions/link_places.sql

-- >>> sql/functions/link_shows.sql
-- Makes the occurrence of each announced show and lets its booking name it. A step of link_legacy_data.
-- locks: bookings, event_schedules (new rows only)
-- raises: nothing
create or replace function ticketdb.link_shows()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_made bigint;
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    with made as (
        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            a.definition_id, a.booking_id, a.first_date, a.start_time, a.end_time, a.capacity, a.price,
            case
                when a.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            a.space_id
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        cross join lateral ticketdb.schedule_instants(a.first_date, a.start_time, a.end_time, d.timezone) as i
        where not a.is_class
          and a.first_date is not null
          and not exists (select from public.event_schedules as s where s.booking_id = a.booking_id)
        order by a.booking_id
        returning id
    )
    select array_agg(m.id) into v_schedules from made as m;
    -- on its own: by now the occurrences have taken over the spaces of their bookings, all at once
    update public.bookings as b
    set event_schedule_id = s.id
    from public.event_schedules as s
    where s.id = any (v_schedules) and b.id = s.booking_id;
    get diagnostics v_made = row_count;
    perform ticketdb.legacy_progress('shows', v_made, v_made);
    return v_made;
end
$$;
revoke execute on function ticketdb.link_shows() from public;
comment on function ticketdb.link_shows() is
'Make the occurrence of each show that the application announced; returns how many';
-- <<< sql/functions/link_shows.sql

-- >>> sql/functions/link_steps.sql
-- Runs the steps of link_legacy_data in order. The application goes on meanwhile: what it changes between two steps reaches the
-- reservation through follow_booking as soon as the booking is linked.
-- locks: as the steps
-- raises: nothing
create or replace function ticketdb.link_steps()
returns table (step text, rows bigint)
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_reservation bigint;
    v_issue bigint;
    v_schedule int;
    v_pass bigint;
begin
    -- what the application let overlap in a space is imported so
    perform set_config('ticketdb.keep_overlaps', 'on', true);
    select coalesce(max(r.id), 0) into v_reservation from public.ticket_reservations as r;
    select coalesce(max(s.id), 0) into v_schedule from public.event_schedules as s;
    select coalesce(max(e.id), 0) into v_pass from public.event_passes as e;
    select coalesce(max(i.id), 0) into v_issue from public.legacy_link_issues as i;

    return query select 'definitions', ticketdb.link_definitions();
    return query select 'shows', ticketdb.link_shows();
    return query select 'class_dates', ticketdb.link_class_dates();
    return query select 'purchases', ticketdb.link_purchases();
    return query select 'places', ticketdb.link_places();
    return query select 'passes', ticketdb.link_passes(v_pass);
    return query select 'participants', ticketdb.link_attendance();
    return query select 'payments', ticketdb.link_payments(v_reservation);
    return query select 'tickets', ticketdb.link_tickets(v_reservation);
    return query select 'issues', ticketdb.link_issues(v_issue, v_schedule, v_reservation);
    perform set_config('ticketdb.keep_overlaps', 'off', true);
end
$$;
revoke execute on function ticketdb.link_steps() from public;
comment on function ticketdb.link_steps() is 'Link the application''s data, step by step; a row for each';
-- <<< sql/functions/link_steps.sql

-- >>> sql/functions/make_legacy_passes.sql
-- Makes a pass of each monthly participant with an id above p_after, up to p_to, who has places in a class that name none; what he paid
-- is its price. That his places name it is up to the caller: link_places, which is just making them, or link_passes.
-- locks: event_passes (new rows)
-- raises: nothing
create or replace function ticketdb.make_legacy_passes(p_after bigint, p_to bigint, p_sold_from bigint)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into public.event_passes (
        event_definition_id, user_id, participant_id, kind, starts_on, ends_on, visits, price, status, expires_at, origin,
        created_at, confirmed_at, closed_at
    )
    select
        n.event_definition_id, n.user_id, n.participant_id, 'monthly', n.starts_on, n.ends_on, n.places, n.price,
        case when n.is_active then 'active' else 'cancelled' end, n.booked_at, 'legacy', n.booked_at, n.booked_at,
        case when not n.is_active then n.closed_at end
    from (
        select
            r.participant_id, s.event_definition_id, max(r.user_id) as user_id,
            least(min(pp.start_date::date) filter (where isfinite(pp.start_date)), min(s.schedule_date)) as starts_on,
            greatest(max(pp.end_date::date) filter (where isfinite(pp.end_date)), max(s.schedule_date)) as ends_on,
            count(*) as places, sum(r.total_amount) as price,
            bool_or(r.status = 'confirmed' or r.id >= p_sold_from) as is_active,
            min(r.created_at) as booked_at, max(r.closed_at) as closed_at,
            row_number() over (partition by r.participant_id order by min(s.schedule_date)) as n
        from public.ticket_reservations as r
        inner join public.program_participants as pp on pp.id = r.participant_id
        inner join public.event_schedules as s on s.id = r.schedule_id
        inner join public.event_definitions as d on d.id = s.event_definition_id
        where r.participant_id > p_after and r.participant_id <= p_to
          and r.pass_id is null
          and lower(btrim(pp.subscription_type)) = 'monthly'
          -- somebody entered for a show has a ticket, whatever his entry says
          and d.recurrence_type <> 'none'
        group by r.participant_id, s.event_definition_id
    ) as n
    -- a place that was moved to another event since belongs to that
    where n.n = 1
    order by n.participant_id
    on conflict do nothing;
end
$$;
revoke execute on function ticketdb.make_legacy_passes(bigint, bigint, bigint) from public;
comment on function ticketdb.make_legacy_passes(bigint, bigint, bigint) is
'Make passes of monthly participants

p_after, p_to: their ids; p_sold_from: reservations with this id and above are about to be sold, null for none.';
-- <<< sql/functions/make_legacy_passes.sql

-- >>> sql/functions/occupy_around.sql
-- Enters one occupation where somebody is in the way, or may come to be at any moment. Who is in the way because the same statement is
-- just moving him is moved first. What is left of an overlap is refused, but for time that p_had names or where p_keep says so; then
-- it holds the rest. Called by occupy_spaces.
-- locks: as occupy_spaces
-- raises: slot_conflict
create or replace function ticketdb.occupy_around(
    p_source text,
    p_source_id bigint,
    p_space_id int,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_had tstzmultirange,
    p_keep boolean
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_space constant int8range := int8range(p_space_id, p_space_id, '[]');
    v_wanted constant tstzmultirange := tstzmultirange(tstzrange(p_starts_at, p_ends_at));
    v_taken tstzmultirange;
    v_schedules int[];
    v_bookings bigint[];
begin
    for v_attempt in 1 .. 100 loop
        -- where overlaps are kept, his own turn comes
        select
            array_agg(o.source_id::int) filter (where o.source = 'schedule'),
            array_agg(o.source_id) filter (where o.source = 'booking')
        into v_schedules, v_bookings
        from ticketdb.space_occupations as o
        where not p_keep
          and int8range(o.space_id, o.space_id, '[]') && v_space
          and o.holds && v_wanted
          -- looked up one by one: joined, the claims of everybody would be worked out
          and not exists (
              select from ticketdb.schedule_claims as c
              where o.source = 'schedule'
                and (c.schedule_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          )
          and not exists (
              select from ticketdb.booking_claims as c
              where o.source = 'booking'
                and (c.booking_id, c.space_id, c.starts_at, c.ends_at) = (o.source_id, o.space_id, o.starts_at, o.ends_at)
              offset 0
          );
        if coalesce(v_schedules, v_bookings::int[]) is not null then
            perform ticketdb.occupy_spaces(coalesce(v_schedules, '{}'), coalesce(v_bookings, '{}'));
        end if;

        select coalesce(range_agg(o.holds), '{}') * v_wanted into v_taken
        from ticketdb.space_occupations as o
        where int8range(o.space_id, o.space_id, '[]') && v_space and o.holds && v_wanted;
        if not p_keep and not isempty(v_taken - coalesce(p_had, '{}')) then
            perform ticketdb.refuse_slot(p_space_id, v_taken - coalesce(p_had, '{}'));
        end if;
        begin
            insert into ticketdb.space_occupations (source, source_id, space_id, starts_at, ends_at, holds)
            values (
                p_source, p_source_id, p_space_id, p_starts_at, p_ends_at, v_wanted - v_taken
            );
            return;
        exception
            -- somebody was faster, and is seen now
            when exclusion_violation then null;
        end;
        exit when current_setting('transaction_isolation') <> 'read committed';
    end loop;
    -- he is not seen in a snapshot from before
    perform ticketdb.refuse_slot(p_space_id, v_wanted);
end
$$;
revoke execute on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) from public;
comment on function ticketdb.occupy_around(text, bigint, int, timestamptz, timestamptz, tstzmultirange, boolean) is
'Enter one occupation beside those that are there

p_had: time it had already, null for none; p_keep: keep an overlap rather than refuse it.';
-- <<< sql/functions/occupy_around.sql

-- >>> sql/functions/occupy_spaces.sql
-- Brings the occupations of some occurrences and bookings up to what they claim now (space_claims): what is claimed no more goes, what
-- is new comes, the rest stays. Time that they had already they may keep, even where it overlaps; new time must be free. What they
-- give up goes to those who shared it. Called by the triggers of both tables and of event_definitions, and by fill_space_occupations.
-- p_keep: overlaps are kept rather than refused, as within link_legacy_data.
-- locks: bookings (those that occurrences name), event_definitions (share), space_occupations; waits for whoever is just taking the same time
-- raises: slot_conflict
create or replace function ticketdb.occupy_spaces(
    p_schedules int[],
    p_bookings bigint[],
    p_keep boolean default false
)
returns void
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_keep constant boolean := p_keep or coalesce(current_setting('ticketdb.keep_overlaps', true) = 'on', false);
    -- elsewhere "on conflict" would end in 40001
    v_at_once constant boolean := current_setting('transaction_isolation') = 'read committed';
    v_gone ticketdb.space_occupations[];
    v_freed ticketdb.space_occupations[];
    v_left ticketdb.space_occupations[];
    v_heirs ticketdb.space_occupations[];
    v_more ticketdb.space_occupations[];
    v_claim ticketdb.space_occupations;
begin
    perform from public.bookings as b where b.id = any (p_bookings) order by b.id for no key update;
    perform
    from public.event_definitions as d
    where d.id in (select s.event_definition_id from public.event_schedules as s where s.id = any (p_schedules))
    order by d.id
    for share;

    with claims as materialized (
        -- not by space_claims: its ids, made alike, are found by no index
        select 'schedule' as source, s.schedule_id::bigint as source_id, s.space_id, s.starts_at, s.ends_at
        from ticketdb.schedule_claims as s
        where s.schedule_id = any (p_schedules)
        union all
        select 'booking', b.booking_id, b.space_id, b.starts_at, b.ends_at
        from ticketdb.booking_claims as b
        where b.booking_id = any (p_bookings)
    ),
    gone as (
        delete from ticketdb.space_occupations as o
        where (
            (o.source = 'schedule' and o.source_id = any (p_schedules))
            or (o.source = 'booking' and o.source_id = any (p_bookings))
        )
        and not exists (
            select from claims as c
            where (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
                = (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
        )
        returning o.*
    ),
    missing as materialized (
        select
            c.source, c.source_id, c.space_id, c.starts_at, c.ends_at,
            tstzmultirange(tstzrange(c.starts_at, c.ends_at)) as holds
        from claims as c
        where not exists (
            select from ticketdb.space_occupations as o
            where (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
                = (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
        )
    ),
    placed as (
        insert into ticketdb.space_occupations as o (source, source_id, space_id, starts_at, ends_at, holds)
        select m.source, m.source_id, m.space_id, m.starts_at, m.ends_at, m.holds
        from missing as m
        -- what goes must be gone first
        where v_at_once and (select count(*) from gone) >= 0
        order by m.space_id, m.starts_at
        on conflict on constraint space_taken_once do nothing
        returning o.source, o.source_id, o.starts_at
    )
    select
        (select array_agg(row(g.*)::ticketdb.space_occupations) from gone as g),
        (
            -- less what they take again, as an occurrence does from the booking that announced it
            select array_agg(
                row(g.source, g.source_id, g.space_id, g.starts_at, g.ends_at, f.holds)::ticketdb.space_occupations
            )
            from gone as g
            cross join lateral (
                select g.holds - coalesce(range_agg(m.holds), '{}') as holds
                from missing as m
                where m.space_id = g.space_id and m.starts_at < g.ends_at and m.ends_at > g.starts_at
            ) as f
            where not isempty(f.holds)
        ),
        (
            select array_agg(row(m.*)::ticketdb.space_occupations order by m.space_id, m.starts_at)
            from missing as m
            where not exists (
                select from placed as p
                where (p.source, p.source_id, p.starts_at) = (m.source, m.source_id, m.starts_at)
            )
        )
    into v_gone, v_freed, v_left;

    -- those who shared what was given up come to it after the others
    while v_freed is not null loop
        with heirs as (
            delete from ticketdb.space_occupations as o
            using unnest(v_freed) as g
            where o.space_id = g.space_id
              and o.holds <> tstzmultirange(tstzrange(o.starts_at, o.ends_at))
              and tstzrange(o.starts_at, o.ends_at) && g.holds
            returning o.*
        )
        select array_agg(row(h.*)::ticketdb.space_occupations) into v_more from heirs as h;
        exit when v_more is null;
        v_heirs := v_heirs || v_more;
    end loop;

    foreach v_claim in array coalesce(v_left, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at,
            case when not v_keep then (
                select range_agg(tstzrange(h.starts_at, h.ends_at))
                from (
                    select g.space_id, g.starts_at, g.ends_at from unnest(v_gone) as g
                    union all
                    select o.space_id, o.starts_at, o.ends_at
                    from ticketdb.space_occupations as o
                    where (o.source = 'schedule' and o.source_id = any (p_schedules))
                       or (o.source = 'booking' and o.source_id = any (p_bookings))
                ) as h
                where h.space_id = v_claim.space_id
            ) end,
            v_keep
        );
    end loop;
    foreach v_claim in array coalesce(v_heirs, '{}') loop
        perform ticketdb.occupy_around(
            v_claim.source, v_claim.source_id, v_claim.space_id, v_claim.starts_at, v_claim.ends_at, null, true
        );
    end loop;
end
$$;
revoke execute on function ticketdb.occupy_spaces(int[], bigint[], boolean) from public;
comment on function ticketdb.occupy_spaces(int[], bigint[], boolean) is
'Bring the occupations of some occurrences and bookings up to date

p_keep: keep overlaps rather than refuse them.';
-- <<< sql/functions/occupy_spaces.sql

-- >>> sql/views/booking_claims.sql
-- What bookings of the application's take a space when, by the rows themselves: those that are no ticket (booking_takes_space). The venue's
-- daily booking announces a class: it takes its hours on each of its dates. For what occurrences name as their announcement they
-- speak themselves, for a show or a hall wholly, for a class from the first to the last of them; so do occurrences of its event that
-- were generated at its hour. A part of space_claims; the id as the table has it, so that a few of them are found by its index.
create or replace view ticketdb.booking_claims as
select
    b.id as booking_id,
    b.space_id,
    t.starts_at,
    t.ends_at
from (
    select
        o.id, o.space_id, o.event_definition_id, o.start_datetime::timestamp as starts, o.end_datetime::timestamp as ends,
        coalesce(o.is_admin_booking and o.booking_type = 'daily', false) as is_class
    from public.bookings as o
    where ticketdb.booking_takes_space(
        o.space_id, o.status::text, o.booking_type::text, o.is_admin_booking, o.event_schedule_id
    )
) as b
cross join lateral (
    select min(s.schedule_date) as first_date, max(s.schedule_date) as last_date
    from public.event_schedules as s
    where s.booking_id = b.id
       or (b.is_class and s.event_definition_id = b.event_definition_id and s.start_time = b.starts::time)
) as told
cross join lateral (
    -- the days of a class; one for all else, and none where the times make no sense
    select
        case
            when b.starts not between timestamp '1900-01-01' and timestamp '9999-01-01'
                or b.ends not between timestamp '1900-01-01' and timestamp '9999-01-01' then -1
            when not b.is_class then case when b.ends > b.starts and told.first_date is null then 0 else -1 end
            when b.ends > b.starts + interval '10 years' then -1
            else b.ends::date - b.starts::date
        end as last_day,
        -- in which the times of bookings are meant; asked once
        (select ticketdb.database_time_zone()) as timezone
    from (values (0)) as one (row_number)
    order by one.row_number
    offset 0
) as n
cross join lateral generate_series(0, n.last_day) as g (day)
cross join lateral (
    select i.starts_at, i.ends_at
    from ticketdb.schedule_instants(
        b.starts::date + g.day, b.starts::time,
        -- as legacy_announcements reads it
        case when b.ends::time = b.starts::time then (b.starts + interval '1 hour')::time else b.ends::time end,
        n.timezone
    ) as i
    where b.is_class and (b.starts::date + g.day between told.first_date and told.last_date) is not true
    union all
    select ticketdb.local_instant(b.starts, n.timezone), ticketdb.local_instant(b.ends, n.timezone)
    where not b.is_class
) as t
where t.ends_at > t.starts_at;
revoke all on ticketdb.booking_claims from public;
comment on view ticketdb.booking_claims is 'What bookings of the application''s take a space when';
comment on column ticketdb.booking_claims.booking_id is 'Booking';
comment on column ticketdb.booking_claims.space_id is 'Space';
comment on column ticketdb.booking_claims.starts_at is 'From when';
comment on column ticketdb.booking_claims.ends_at is 'Until when';
-- <<< sql/views/booking_claims.sql

-- >>> sql/views/schedule_claims.sql
-- What occurrences take a space when, by the rows themselves: each takes its space, blocked or over, unless it is cancelled. A part of
-- space_claims; the id as the table has it, so that a few of them are found by its index.
create or replace view ticketdb.schedule_claims as
select
    s.id as schedule_id,
    coalesce(s.space_id, d.space_id) as space_id,
    s.starts_at - make_interval(mins => d.setup_minutes) as starts_at,
    s.ends_at + make_interval(mins => d.teardown_minutes) as ends_at
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and coalesce(s.space_id, d.space_id) is not null;
revoke all on ticketdb.schedule_claims from public;
comment on view ticketdb.schedule_claims is 'What occurrences take a space when';
comment on column ticketdb.schedule_claims.schedule_id is 'Occurrence';
comment on column ticketdb.schedule_claims.space_id is 'Space';
comment on column ticketdb.schedule_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.schedule_claims.ends_at is 'Until when, tear-down included';
-- <<< sql/views/schedule_claims.sql

-- >>> sql/views/space_claims.sql
-- What takes a space when, by the rows themselves: the one reading of event_schedules (schedule_claims) and bookings (booking_claims).
-- Made into space_occupations by occupy_spaces, and compared with them by verify_inventory.
create or replace view ticketdb.space_claims as
select
    'schedule' as source,
    s.schedule_id::bigint as source_id,
    s.space_id,
    s.starts_at,
    s.ends_at
from ticketdb.schedule_claims as s
union all
select
    'booking',
    b.booking_id::bigint,
    b.space_id,
    b.starts_at,
    b.ends_at
from ticketdb.booking_claims as b;
revoke all on ticketdb.space_claims from public;
comment on view ticketdb.space_claims is 'What takes a space when, by the rows of event_schedules and bookings';
comment on column ticketdb.space_claims.source is 'schedule or booking';
comment on column ticketdb.space_claims.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_claims.space_id is 'Space';
comment on column ticketdb.space_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.space_claims.ends_at is 'Until when, tear-down included';
-- <<< sql/views/space_claims.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
