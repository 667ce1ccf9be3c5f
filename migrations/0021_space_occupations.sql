-- Who occupies a space when: bookings of the application's and occurrences together. Short, for the triggers keep the application's
-- writers out while they are made; what is there already is entered by the next migration.

alter table public.event_definitions
add column setup_minutes int not null default 0,
add column teardown_minutes int not null default 0,
add constraint setup_and_teardown_within_a_day check (
    setup_minutes between 0 and 1440 and teardown_minutes between 0 and 1440
);
comment on column public.event_definitions.setup_minutes is 'Minutes before the start for which its space is taken already';
comment on column public.event_definitions.teardown_minutes is 'Minutes after the end for which its space is taken still';

-- Who occupies a space when: a row for each occurrence in a space, and for each booking of the application's that takes one, or each
-- day of it. Made from both by trigger (occupy_spaces), from the one reading of them, ticketdb.space_claims. Overlaps that were there
-- before ticketdb are kept: then only one holds the time in common, and it goes to the other when the first gives it up.

create table ticketdb.space_occupations (
    source text not null,
    source_id bigint not null,
    space_id int not null,
    starts_at timestamptz not null,
    ends_at timestamptz not null,
    holds tstzmultirange not null,

    constraint space_occupations_pkey primary key (source, source_id, starts_at),
    constraint occupation_source_known check (source in ('schedule', 'booking')),
    constraint occupation_ends_after_start check (ends_at > starts_at),
    constraint occupation_holds_its_own_time check (holds <@ tstzrange(starts_at, ends_at)),
    -- the rule that everything else is about: no moment of a space is held twice. A range of one number stands for the number, so
    -- that no extension is needed
    constraint space_taken_once exclude using gist (
        int8range(space_id, space_id, '[]') with &&, holds with &&
    )
);
create index space_occupations_calendar on ticketdb.space_occupations (space_id, starts_at);
-- those in an overlap that was kept: few
create index space_occupations_kept on ticketdb.space_occupations (space_id, starts_at)
where holds <> tstzmultirange(tstzrange(starts_at, ends_at));

comment on table ticketdb.space_occupations is
'Who occupies a space when

Kept by trigger from event_schedules and bookings; verify_inventory compares.';
comment on column ticketdb.space_occupations.source is 'schedule or booking';
comment on column ticketdb.space_occupations.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_occupations.space_id is 'Space';
comment on column ticketdb.space_occupations.starts_at is 'From when, set-up included';
comment on column ticketdb.space_occupations.ends_at is 'Until when, tear-down included';
comment on column ticketdb.space_occupations.holds is
'What of this time nobody else had: all of it, less where it is the later one of an overlap that was kept';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/booking_takes_space.sql
-- Whether a booking of the application's takes its space: pending or not, unless it is cancelled or a ticket. A ticket is a booking for a
-- show or a class that is not the venue's own, or one that names an occurrence. Called by follow_booking_space and in space_claims.
-- locks: none
-- raises: nothing
create or replace function ticketdb.booking_takes_space(
    p_space_id bigint,
    p_status text,
    p_booking_type text,
    p_is_admin_booking boolean,
    p_event_schedule_id int
)
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return p_space_id is not null
        and p_status is distinct from 'cancelled'
        and p_event_schedule_id is null
        and (p_is_admin_booking is true or (p_booking_type like 'live-%' or p_booking_type = 'daily') is not true);
end
$$;
revoke execute on function ticketdb.booking_takes_space(bigint, text, text, boolean, int) from public;
comment on function ticketdb.booking_takes_space(bigint, text, text, boolean, int) is
'Whether a booking of the application''s takes its space, rather than being cancelled or a ticket';
-- <<< sql/functions/booking_takes_space.sql

-- >>> sql/functions/check_slot_arguments.sql
-- Refuses to cut a day into slots where that makes no sense. Called by get_available_time_slots in the caller's name, who need not see
-- the application's spaces.
-- locks: none
-- raises: invalid_argument, space_not_found
create or replace function ticketdb.check_slot_arguments(
    p_space_id int,
    p_date date,
    p_slot_minutes int,
    p_opens time,
    p_closes time
)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_space_id is null or p_date is null or p_slot_minutes is null or p_opens is null or p_closes is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'space, date, length of a slot, opening and closing time are all needed, one is null',
            'Leave out what has a default, or pass a value.'
        );
    end if;
    if p_date not between date '1900-01-01' and date '9998-12-31' then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s is not a day of this calendar', p_date), 'Pass a date from 1900 to 9998.',
            jsonb_build_object('date', p_date)
        );
    end if;
    if p_slot_minutes not between 5 and 1440 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a slot of %s minutes', p_slot_minutes), 'Pass 5 to 1440 minutes.',
            jsonb_build_object('slot_minutes', p_slot_minutes)
        );
    end if;
    if p_closes <= p_opens then
        perform ticketdb.raise_error(
            'invalid_argument', format('closing at %s is not after opening at %s', p_closes, p_opens),
            'Pass a later p_closes; 24:00 is midnight.', jsonb_build_object('opens', p_opens, 'closes', p_closes)
        );
    end if;
    if not exists (select from public.spaces as s where s.id = p_space_id) then
        perform ticketdb.raise_error(
            'space_not_found', format('space %s does not exist', p_space_id), 'Use the id of a row of spaces.',
            jsonb_build_object('space_id', p_space_id)
        );
    end if;
end
$$;
revoke execute on function ticketdb.check_slot_arguments(int, date, int, time, time) from public;
comment on function ticketdb.check_slot_arguments(int, date, int, time, time) is 'Refuse slots that make no sense';
-- <<< sql/functions/check_slot_arguments.sql

-- >>> sql/functions/fill_space_occupations.sql
-- Enters who occupies which space where that is not known yet, and mends it where it is wrong; overlaps that it finds are kept. Called once
-- by the migration that made the table, and by hand: after the database's time zone was changed, or rows were written with triggers
-- off. Occurrences that may be on sale come last, so that their sales wait for no more than they must.
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
        tg_op <> 'INSERT' and ticketdb.booking_takes_space(
            old.space_id, old.status::text, old.booking_type::text, old.is_admin_booking, old.event_schedule_id
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

-- >>> sql/functions/follow_definition_space.sql
-- An event changed its space, or the time that it takes before and after: its occurrences without a space of their own follow. Those that
-- are over cannot be in anybody's way; where they overlap with what else was there, that is kept. Called by trigger.
-- locks: as occupy_spaces
-- raises: slot_conflict
create or replace function ticketdb.follow_definition_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_over int[];
    v_coming int[];
begin
    select
        coalesce(array_agg(s.id) filter (where s.ends_at <= now()), '{}'),
        coalesce(array_agg(s.id) filter (where s.ends_at > now()), '{}')
    into v_over, v_coming
    from public.event_schedules as s
    where s.event_definition_id = new.id;
    perform ticketdb.occupy_spaces(v_over, '{}', true);
    perform ticketdb.occupy_spaces(v_coming, '{}');
    return null;
end
$$;
revoke execute on function ticketdb.follow_definition_space() from public;
comment on function ticketdb.follow_definition_space() is
'Trigger: the occupations of an event whose space, set-up or tear-down changed';
-- <<< sql/functions/follow_definition_space.sql

-- >>> sql/functions/follow_deleted_schedules.sql
-- Occurrences were deleted: they give up their spaces, and a booking that announced them speaks for itself again. Called by trigger
-- once for each statement.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_deleted_schedules()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_bookings bigint[];
begin
    select array_agg(g.id), array_agg(distinct g.booking_id::bigint) filter (where g.booking_id is not null)
    into v_schedules, v_bookings
    from gone as g
    where g.booking_id is not null
       or exists (select from ticketdb.space_occupations as o where o.source = 'schedule' and o.source_id = g.id);
    if v_schedules is not null then
        perform ticketdb.occupy_spaces(v_schedules, coalesce(v_bookings, '{}'));
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_deleted_schedules() from public;
comment on function ticketdb.follow_deleted_schedules() is 'Trigger: deleted occurrences give up their spaces';
-- <<< sql/functions/follow_deleted_schedules.sql

-- >>> sql/functions/follow_made_schedules.sql
-- Occurrences were made: those in a space occupy it. Called by trigger once for each statement, so that a year of them is one piece of
-- work, and next to none where the event has no space.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_made_schedules()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedules int[];
    v_bookings bigint[];
begin
    select array_agg(m.id), array_agg(distinct m.booking_id::bigint) filter (where m.booking_id is not null)
    into v_schedules, v_bookings
    from made as m
    inner join public.event_definitions as d on d.id = m.event_definition_id
    where m.booking_id is not null or (coalesce(m.space_id, d.space_id) is not null and m.status <> 'cancelled');
    if v_schedules is not null then
        perform ticketdb.occupy_spaces(v_schedules, coalesce(v_bookings, '{}'));
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_made_schedules() from public;
comment on function ticketdb.follow_made_schedules() is 'Trigger: the occupations of new occurrences';
-- <<< sql/functions/follow_made_schedules.sql

-- >>> sql/functions/follow_schedule_space.sql
-- An occurrence was moved, cancelled or told apart from its announcement: its occupation follows, and that of the booking which
-- announced it. Called by trigger.
-- locks, raises: as occupy_spaces
create or replace function ticketdb.follow_schedule_space()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.occupy_spaces(array[new.id], array_remove(array[old.booking_id, new.booking_id]::bigint[], null));
    return null;
end
$$;
revoke execute on function ticketdb.follow_schedule_space() from public;
comment on function ticketdb.follow_schedule_space() is 'Trigger: the occupation of a changed occurrence';
-- <<< sql/functions/follow_schedule_space.sql

-- >>> sql/functions/generate_recurring_schedules.sql
-- Inserts the occurrences of a recurring event that are missing, in one statement. Safe beside itself: what another run
-- inserts meanwhile is passed over. Where the space is taken it is left out and told as a notice; the preview names who has it.
-- Dates arrive as timestamps, so that CURRENT_DATE + INTERVAL '30 days' can be passed as it is.
-- locks: event_schedules (new rows only), then as occupy_spaces
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.generate_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_inserted int;
    v_taken timestamp[];
    v_left_out bigint;
    v_first timestamp;
begin
    perform ticketdb.require_staff();
    perform ticketdb.require_read_committed();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    for v_attempt in 1 .. 10 loop
        select coalesce(array_agg(c.schedule_date + c.start_time), '{}') into v_taken
        from ticketdb.occurrence_conflicts(p_event_definition_id, p_start_date::date, p_end_date::date) as c;
        begin
            insert into public.event_schedules (
                event_definition_id, schedule_date, start_time, end_time, max_tickets, ticket_price
            )
            select d.id, o.schedule_date, o.start_time, o.end_time, d.max_tickets, d.default_ticket_price
            from public.event_definitions as d
            cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
            where d.id = p_event_definition_id
              and not exists (
                  select from public.event_schedules as s
                  where s.event_definition_id = d.id
                    and s.schedule_date = o.schedule_date
                    and s.start_time = o.start_time
              )
              -- what was moved away still stands for its date
              and not exists (
                  select from public.event_schedules as s
                  where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
              )
              and o.schedule_date + o.start_time <> all (v_taken)
            order by o.schedule_date
            on conflict do nothing;
            get diagnostics v_inserted = row_count;
            exit;
        exception
            -- somebody has just taken the space on one of the dates: he is seen now
            when sqlstate 'PT409' then
                if v_attempt = 10 then
                    raise;
                end if;
        end;
    end loop;
    select count(*), min(t.starts) into v_left_out, v_first
    from unnest(v_taken) as t (starts)
    where not exists (
        select from public.event_schedules as s
        where s.event_definition_id = p_event_definition_id
          and (s.original_start = t.starts or s.schedule_date = t.starts::date and s.start_time = t.starts::time)
    );
    if v_left_out > 0 then
        raise notice 'event definition %: % left out, for the space is taken, the first on %', p_event_definition_id, v_left_out, v_first;
    end if;
    return v_inserted;
end
$$;
revoke execute on function public.generate_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.generate_recurring_schedules(int, timestamp, timestamp) is
'Generate schedules

Inserts the missing occurrences of a recurring event from p_start_date to p_end_date, both included, and returns how
many it inserted. Dates on which the space is taken are left out; preview_recurring_schedules names them. Running it again inserts nothing,
and an occurrence that was moved is not made again. schedule_exceptions says where an event or its venue does not keep to the
recurrence. p_event_definition_id: from event_definitions. Errors: not_allowed, invalid_argument, definition_not_found, not_recurring.';
-- <<< sql/functions/generate_recurring_schedules.sql

-- >>> sql/functions/get_available_time_slots.sql
-- The slots of a day in a space, free or taken. Reads through space_calendar, which decides who may know names.
-- locks: none
-- raises: space_not_found, invalid_argument
create or replace function public.get_available_time_slots(
    p_space_id int,
    p_date date,
    p_slot_minutes int default 60,
    p_opens time default '06:00',
    p_closes time default '22:00'
)
returns table (
    slot_start timestamp,
    slot_end timestamp,
    is_available boolean,
    blocked_by text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_timezone constant text := ticketdb.database_time_zone();
begin
    perform ticketdb.check_slot_arguments(p_space_id, p_date, p_slot_minutes, p_opens, p_closes);
    return query
    select
        g.slot_start, g.slot_end, taken.names is null, taken.names
    from (
        select o.opens as slot_start, o.opens + make_interval(mins => p_slot_minutes) as slot_end
        from generate_series(
            p_date + p_opens, p_date + p_closes - make_interval(mins => p_slot_minutes), make_interval(mins => p_slot_minutes)
        ) as o (opens)
    ) as g
    cross join lateral (
        select string_agg(distinct c.name, ', ' order by c.name) as names
        from ticketdb.space_calendar as c
        where int8range(c.space_id, c.space_id, '[]') && int8range(p_space_id, p_space_id, '[]')
          and c.holds && tstzrange(
              ticketdb.local_instant(g.slot_start, v_timezone),
              greatest(ticketdb.local_instant(g.slot_end, v_timezone), ticketdb.local_instant(g.slot_start, v_timezone))
          )
    ) as taken
    order by g.slot_start;
end
$$;
revoke execute on function public.get_available_time_slots(int, date, int, time, time) from public;
comment on function public.get_available_time_slots(int, date, int, time, time) is
'Available time slots

The slots of a day in a space, each as long as p_slot_minutes, from p_opens to p_closes; is_available says whether nobody has any of it,
blocked_by who has: code of the event or reference of the booking for staff, for others the title of an event that all see, or only
booking. Times are those of the clock in the database''s time zone. p_space_id: from spaces; p_closes: 24:00 is midnight. Bookings and schedules count alike,
with the set-up and tear-down of events. Errors: space_not_found, invalid_argument.';
-- <<< sql/functions/get_available_time_slots.sql

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
begin
    -- what the application let overlap in a space is imported so
    perform set_config('ticketdb.keep_overlaps', 'on', true);
    select coalesce(max(r.id), 0) into v_reservation from public.ticket_reservations as r;
    select coalesce(max(s.id), 0) into v_schedule from public.event_schedules as s;
    select coalesce(max(i.id), 0) into v_issue from public.legacy_link_issues as i;

    return query select 'definitions', ticketdb.link_definitions();
    return query select 'shows', ticketdb.link_shows();
    return query select 'class_dates', ticketdb.link_class_dates();
    return query select 'purchases', ticketdb.link_purchases();
    return query select 'places', ticketdb.link_places();
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
          and not exists (
              select from ticketdb.space_claims as c
              where (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
                  = (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
              -- looked up one by one: joined, the claims of everybody would be worked out
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
        select c.source, c.source_id, c.space_id, c.starts_at, c.ends_at
        from ticketdb.space_claims as c
        where (c.source = 'schedule' and c.source_id = any (p_schedules))
           or (c.source = 'booking' and c.source_id = any (p_bookings))
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

-- >>> sql/functions/occurrence_conflicts.sql
-- The occurrences of a recurring event in a period whose space is taken, and by whom: by somebody else, or by the occurrence of the event
-- before it. One reading for generating, which leaves them out, and for the preview, which names them.
-- locks: none
-- raises: nothing
create or replace function ticketdb.occurrence_conflicts(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out conflict text
)
returns setof record
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
begin
    select d.event_code, d.space_id, d.timezone, d.setup_minutes, d.teardown_minutes into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    -- most events have no space, and no year of dates to look at
    if v_event.space_id is null then
        return;
    end if;
    return query
    select w.schedule_date, w.start_time, coalesce(taken.who, 'schedule ' || v_event.event_code || ' before it')
    from (
        select
            o.schedule_date, o.start_time, t.taken_from, t.taken_until,
            -- what is there already, moved or called off maybe, has what occupied_spaces says
            max(t.taken_until) filter (where not t.is_there) over (
                order by t.taken_from rows between unbounded preceding and 1 preceding
            ) > t.taken_from as is_own
        from ticketdb.definition_occurrences(p_event_definition_id, p_from, p_to) as o
        cross join lateral ticketdb.schedule_instants(o.schedule_date, o.start_time, o.end_time, v_event.timezone) as i
        cross join lateral (
            select
                i.starts_at - make_interval(mins => v_event.setup_minutes) as taken_from,
                i.ends_at + make_interval(mins => v_event.teardown_minutes) as taken_until,
                exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.schedule_date = o.schedule_date and e.start_time = o.start_time
                )
                or exists (
                    select from public.event_schedules as e
                    where e.event_definition_id = p_event_definition_id
                      and e.original_start = o.schedule_date + o.start_time
                ) as is_there
        ) as t
    ) as w
    left join lateral (
        select q.source || ' ' || q.reference || ' ' || q.period as who
        from ticketdb.occupied_spaces as q
        left join public.event_schedules as s on s.id = q.schedule_id
        where int8range(q.space_id, q.space_id, '[]') && int8range(v_event.space_id, v_event.space_id, '[]')
          and q.holds && tstzrange(w.taken_from, w.taken_until)
          -- the occurrence itself, where it is there already
          and (s.event_definition_id, s.schedule_date, s.start_time)
              is distinct from (p_event_definition_id, w.schedule_date, w.start_time)
        order by q.starts_at, q.source, q.source_id
        limit 1
    ) as taken on true
    where taken.who is not null or w.is_own;
end
$$;
revoke execute on function ticketdb.occurrence_conflicts(int, date, date) from public;
comment on function ticketdb.occurrence_conflicts(int, date, date) is
'Occurrences of an event in a period whose space is taken, and by whom';
-- <<< sql/functions/occurrence_conflicts.sql

-- >>> sql/functions/preview_recurring_schedules.sql
-- What generate_recurring_schedules would do, without doing it.
-- locks: none
-- raises: not_allowed, invalid_argument, definition_not_found, not_recurring
create or replace function public.preview_recurring_schedules(
    p_event_definition_id int,
    p_start_date timestamp,
    p_end_date timestamp
)
returns table (
    schedule_date date,
    start_time time,
    end_time time,
    starts_at timestamptz,
    ends_at timestamptz,
    already_exists boolean,
    conflict text
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    perform ticketdb.check_recurrence_arguments(p_event_definition_id, p_start_date, p_end_date);
    return query
    select
        o.schedule_date, o.start_time, o.end_time, i.starts_at, i.ends_at,
        exists (
            select from public.event_schedules as s
            where s.event_definition_id = d.id
              and s.schedule_date = o.schedule_date
              and s.start_time = o.start_time
        )
        or exists (
            select from public.event_schedules as s
            where s.event_definition_id = d.id and s.original_start = o.schedule_date + o.start_time
        ),
        c.conflict
    from public.event_definitions as d
    cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    cross join lateral ticketdb.schedule_instants(o.schedule_date, o.start_time, o.end_time, d.timezone) as i
    left join ticketdb.occurrence_conflicts(p_event_definition_id, p_start_date::date, p_end_date::date) as c
        on c.schedule_date = o.schedule_date and c.start_time = o.start_time
    where d.id = p_event_definition_id
    order by o.schedule_date, o.start_time;
end
$$;
revoke execute on function public.preview_recurring_schedules(int, timestamp, timestamp) from public;
comment on function public.preview_recurring_schedules(int, timestamp, timestamp) is
'Preview schedules

The occurrences that generate_recurring_schedules would make, those that exist already, and for each who
has the space at that time already (conflict): those are left out. Writes nothing. p_event_definition_id: from event_definitions;
p_start_date and p_end_date: both included. Errors: not_allowed, invalid_argument, definition_not_found,
not_recurring.';
-- <<< sql/functions/preview_recurring_schedules.sql

-- >>> sql/functions/refuse_slot.sql
-- Says who has a space at a time that somebody else wants. Names are told on a direct connection and to staff; to others by token only
-- what kind it is, for they may not see each other's bookings. Called by occupy_around.
-- locks: none
-- raises: slot_conflict
create or replace function ticketdb.refuse_slot(p_space_id int, p_wanted tstzmultirange)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_claims constant jsonb := ticketdb.caller_claims();
    v_may_know constant boolean := v_claims is null
        or coalesce(v_claims ->> 'role' = 'service_role' or v_claims #>> '{app_metadata,role}' = 'admin', false);
    v_taken record;
    v_who text;
begin
    select o.source, o.reference, o.title, o.starts_at, o.ends_at, o.timezone, o.period into v_taken
    from ticketdb.occupied_spaces as o
    where int8range(o.space_id, o.space_id, '[]') && int8range(p_space_id, p_space_id, '[]') and o.holds && p_wanted
    order by o.starts_at, o.source, o.source_id
    limit 1;
    v_who := case
        when v_taken.source is null then 'somebody who has just come first'
        when v_may_know then v_taken.source || ' ' || v_taken.reference || coalesce(' (' || v_taken.title || ')', '')
        else 'a ' || v_taken.source
    end;
    perform ticketdb.raise_error(
        'slot_conflict',
        format(
            '%s (space %s) is taken%s by %s',
            (select s.name from public.spaces as s where s.id = p_space_id), p_space_id, coalesce(' ' || v_taken.period, ''), v_who
        ),
        'Choose another time or space; get_available_time_slots shows what is free.',
        jsonb_strip_nulls(
            jsonb_build_object(
                'space_id', p_space_id, 'source', v_taken.source,
                'reference', case when v_may_know then v_taken.reference end,
                'title', case when v_may_know then v_taken.title end,
                'starts_at', v_taken.starts_at, 'ends_at', v_taken.ends_at
            )
        )
    );
end
$$;
revoke execute on function ticketdb.refuse_slot(int, tstzmultirange) from public;
comment on function ticketdb.refuse_slot(int, tstzmultirange) is 'Refuse a time at which a space is taken, naming by whom';
-- <<< sql/functions/refuse_slot.sql

-- >>> sql/functions/verify_inventory.sql
-- Recomputes every counter from the rows it stands for. No row means all is well. Reads only, in one snapshot.
-- locks: none
-- raises: nothing
create or replace function public.verify_inventory()
returns table (schedule_id int, problem text, expected bigint, actual bigint)
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    with seats as (
        -- one row for each bucket that reservations lie in: of the occurrence (0) and of each ticket type on it
        select
            r.schedule_id,
            r.bucket,
            case when grouping(r.ticket_type_id) = 1 then 0 else r.ticket_type_id end as ticket_type_id,
            coalesce(sum(r.quantity) filter (where r.status = 'held'), 0) as held,
            coalesce(sum(r.quantity) filter (where r.status = 'confirmed'), 0) as sold
        from public.ticket_reservations as r
        group by grouping sets ((r.schedule_id, r.bucket), (r.schedule_id, r.bucket, r.ticket_type_id))
        having grouping(r.ticket_type_id) = 1 or r.ticket_type_id is not null
    ),
    capacities as (
        select b.schedule_id, b.ticket_type_id, sum(b.capacity) as capacity
        from ticketdb.seat_buckets as b
        group by b.schedule_id, b.ticket_type_id
    ),
    schedules as (
        select s.id, s.status, s.max_tickets, s.tickets_sold, coalesce(c.capacity, s.max_tickets) as capacity, coalesce(n.sold, 0) as sold
        from public.event_schedules as s
        -- no bucket is made before the first reservation
        left join capacities as c on c.schedule_id = s.id and c.ticket_type_id = 0
        left join (
            select n.schedule_id, sum(n.sold) as sold from seats as n where n.ticket_type_id = 0 group by n.schedule_id
        ) as n on n.schedule_id = s.id
    ),
    buckets as (
        select
            coalesce(b.schedule_id, n.schedule_id) as schedule_id,
            case
                when coalesce(b.ticket_type_id, n.ticket_type_id) = 0 then ''
                else ' of ticket type ' || coalesce(b.ticket_type_id, n.ticket_type_id)
            end || coalesce(' in bucket ' || coalesce(b.bucket, n.bucket), ' without a bucket') as whose,
            b.held, b.sold, coalesce(n.held, 0) as held_now, coalesce(n.sold, 0) as sold_now
        from ticketdb.seat_buckets as b
        full join seats as n
            on n.schedule_id = b.schedule_id and n.ticket_type_id = b.ticket_type_id and n.bucket = b.bucket
    ),
    tickets as (
        select
            r.id, r.schedule_id,
            case when r.status = 'confirmed' then r.quantity else 0 end as due,
            count(t.id) filter (where t.status = 'valid') as valid
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.event_tickets as t on t.reservation_id = r.id
        group by r.id, s.ends_at
        -- an imported sale of an occurrence that was over needs no tickets
        having r.origin <> 'legacy' or s.ends_at > now() or count(t.id) > 0
    )
    select s.id, 'tickets_sold', s.sold, s.tickets_sold
    from schedules as s
    where s.tickets_sold <> s.sold
    union all
    select s.id, 'capacity', s.max_tickets, s.capacity
    from schedules as s
    -- one that cancel_schedule called off has no seat left
    where s.capacity is distinct from s.max_tickets and (s.status <> 'cancelled' or s.capacity > s.max_tickets)
    union all
    select s.id, 'oversold', s.max_tickets, s.sold
    from schedules as s
    where s.sold > s.max_tickets
    union all
    select b.schedule_id, 'seats held' || b.whose, b.held_now, b.held
    from buckets as b
    where coalesce(b.held, 0) <> b.held_now
    union all
    select b.schedule_id, 'seats sold' || b.whose, b.sold_now, b.sold
    from buckets as b
    where coalesce(b.sold, 0) <> b.sold_now
    union all
    select c.schedule_id, 'limit of ticket type ' || t.id, t.max_quantity, c.capacity
    from capacities as c
    inner join public.ticket_types as t on t.id = c.ticket_type_id
    where c.capacity is distinct from t.max_quantity
    union all
    select t.schedule_id, 'valid tickets of reservation ' || t.id, t.due, t.valid
    from tickets as t
    where t.valid <> t.due
    union all
    select p.schedule_id, p.problem, p.expected, p.actual
    from ticketdb.space_problems as p
    order by 1, 2;
$$;
revoke execute on function public.verify_inventory() from public;
comment on function public.verify_inventory() is
'Verify the inventory

Recomputes every counter from its rows and returns those that differ, schedule_id null where a booking has a space wrongly; no
row means all is well.';
-- <<< sql/functions/verify_inventory.sql

-- >>> sql/views/occupied_spaces.sql
-- Occupations with the names of who occupies. For the inside alone: what of it a caller may see is decided by space_calendar and
-- refuse_slot.
create or replace view ticketdb.occupied_spaces as
select
    o.source,
    o.source_id,
    o.space_id,
    p.name as space_name,
    o.starts_at,
    o.ends_at,
    o.holds,
    s.id as schedule_id,
    b.id as booking_id,
    d.id as event_definition_id,
    coalesce(d.title, nullif(btrim(b.event_type), '')) as title,
    coalesce(d.event_code, b.booking_reference) as reference,
    coalesce(s.status, b.status) as status,
    coalesce(d.is_active, false) as is_public,
    t.timezone,
    o.starts_at at time zone t.timezone as start_datetime,
    o.ends_at at time zone t.timezone as end_datetime,
    to_char(o.starts_at at time zone t.timezone, 'YYYY-MM-DD HH24:MI') || ' to '
        || to_char(
            o.ends_at at time zone t.timezone,
            case
                when (o.ends_at at time zone t.timezone)::date = (o.starts_at at time zone t.timezone)::date then 'HH24:MI'
                else 'YYYY-MM-DD HH24:MI'
            end
        ) as period,
    coalesce(s.starts_at, o.starts_at) as event_starts_at,
    coalesce(s.ends_at, o.ends_at) as event_ends_at
from ticketdb.space_occupations as o
left join public.spaces as p on p.id = o.space_id
left join public.event_schedules as s on o.source = 'schedule' and s.id = o.source_id
left join public.event_definitions as d on d.id = s.event_definition_id
left join public.bookings as b on o.source = 'booking' and b.id = o.source_id
cross join lateral (select coalesce(d.timezone, (select ticketdb.database_time_zone())) as timezone) as t;
revoke all on ticketdb.occupied_spaces from public;
comment on view ticketdb.occupied_spaces is 'Who occupies a space when, with names';
comment on column ticketdb.occupied_spaces.source is 'schedule or booking';
comment on column ticketdb.occupied_spaces.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.occupied_spaces.space_id is 'Space';
comment on column ticketdb.occupied_spaces.space_name is 'Its name';
comment on column ticketdb.occupied_spaces.starts_at is 'From when, set-up included';
comment on column ticketdb.occupied_spaces.ends_at is 'Until when, tear-down included';
comment on column ticketdb.occupied_spaces.holds is 'What of this time it has for itself';
comment on column ticketdb.occupied_spaces.schedule_id is 'Occurrence; null for a booking';
comment on column ticketdb.occupied_spaces.booking_id is 'Booking; null for an occurrence';
comment on column ticketdb.occupied_spaces.event_definition_id is 'Event of the occurrence';
comment on column ticketdb.occupied_spaces.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.occupied_spaces.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.occupied_spaces.status is 'Status of the occurrence or booking';
comment on column ticketdb.occupied_spaces.is_public is 'Whether it is an occurrence of an event that everybody sees';
comment on column ticketdb.occupied_spaces.timezone is 'IANA name of the zone of the local times: the event''s, else the database''s';
comment on column ticketdb.occupied_spaces.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.occupied_spaces.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.occupied_spaces.period is 'Both, for people';
comment on column ticketdb.occupied_spaces.event_starts_at is 'Start without set-up';
comment on column ticketdb.occupied_spaces.event_ends_at is 'End without tear-down';
-- <<< sql/views/occupied_spaces.sql

-- >>> sql/views/role_grants.sql
-- What each of PostgREST's roles may do with each object of ours: the one list from which rights are granted (grant_roles), documented
-- and tested. What is not here is granted to nobody. anon reads what is public; authenticated, besides, reserves for itself and gives up
-- what is its own, and row level security lets an admin manage events; service_role is the payment server.
create or replace view ticketdb.role_grants as
select
    g.kind,
    -- a schema is named with its dot
    rtrim(g.object, '.') as object,
    p.privilege,
    r.role_name,
    case
        when to_regrole(r.role_name) is null then false
        when g.kind = 'table' then has_table_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'sequence' then has_sequence_privilege(r.role_name, g.object, p.privilege)
        when g.kind = 'function' then has_function_privilege(r.role_name, g.object, p.privilege)
        else has_schema_privilege(r.role_name, rtrim(g.object, '.'), p.privilege)
    end as is_granted
from (
    values
    -- the events
    ('table', 'public.event_definitions', 'select', '{anon,authenticated,service_role}'::text[]),
    ('table', 'public.event_definitions', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_definitions_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.event_schedules', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.event_schedules', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.event_schedules_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.ticket_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.ticket_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.ticket_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.seat_buckets', 'select', '{service_role}'),
    ('function', 'ticketdb.caller_claims()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.caller_user_id()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.may_sell()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_staff()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.is_admin()', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.raise_error(text, text, text, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_reservation_arguments(int, int, int, interval, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.describe_refusal(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.lapsed_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_recurrence_arguments(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.definition_occurrences(int, date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.schedule_instants(date, time, time, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_read_committed()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.database_time_zone()', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.check_slot_arguments(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.space_overlaps', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.space_problems', 'select', '{service_role}'),
    ('function', 'ticketdb.booking_takes_space(bigint, text, text, boolean, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.occurrence_conflicts(int, date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside of selling, for anybody
    ('function', 'ticketdb.hold_tickets(int, int, int, int, interval, jsonb, text, jsonb, int, numeric, bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_tickets_once(int, int, int, int, interval, jsonb, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.reservation_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.hold_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.series_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.release_hold(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.confirm_payment(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.cancel_sale(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.sale_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.call_off_schedule(int, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.move_sale(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.record_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.maintain(int)', 'execute', '{service_role}')
) as g (kind, object, privileges, roles)
cross join unnest(string_to_array(g.privileges, ', ')) as p (privilege)
cross join unnest(g.roles) as r (role_name);
revoke all on ticketdb.role_grants from public;
comment on view ticketdb.role_grants is 'Rights of PostgREST''s roles on each object of ours';
comment on column ticketdb.role_grants.kind is 'table (a view too), sequence, function or schema';
comment on column ticketdb.role_grants.object is 'Object, as grant names it';
comment on column ticketdb.role_grants.privilege is 'Privilege, as grant names it';
comment on column ticketdb.role_grants.role_name is 'Role: anon, authenticated or service_role';
comment on column ticketdb.role_grants.is_granted is 'Whether the role exists and has the privilege';
-- <<< sql/views/role_grants.sql

-- >>> sql/views/space_calendar.sql
-- What a caller may know of who occupies a space when: that it is occupied, everybody; which public event it is, everybody; which
-- booking, and events that are not public, staff alone. It reads the application's tables with its owner's rights. Read by
-- v_space_calendar and get_available_time_slots.
create or replace view ticketdb.space_calendar as
select
    o.space_id,
    o.space_name,
    o.source,
    case when w.may_know or o.is_public then o.schedule_id end as schedule_id,
    case when w.may_know then o.booking_id end as booking_id,
    case when w.may_know or o.is_public then o.event_definition_id end as event_definition_id,
    case when w.may_know or o.is_public then o.title end as title,
    case when w.may_know or o.is_public then o.reference end as reference,
    case
        when w.may_know then coalesce(o.reference, o.source)
        when o.is_public then o.title
        else o.source
    end as name,
    case when w.may_know or o.is_public then o.status end as status,
    o.starts_at,
    o.ends_at,
    o.start_datetime,
    o.end_datetime,
    o.timezone,
    o.event_starts_at,
    o.event_ends_at,
    o.holds
from ticketdb.occupied_spaces as o
cross join (select (select ticketdb.is_staff()) as may_know) as w;
revoke all on ticketdb.space_calendar from public;
comment on view ticketdb.space_calendar is 'Who occupies a space when, as far as the caller may know';
comment on column ticketdb.space_calendar.space_id is 'Space';
comment on column ticketdb.space_calendar.space_name is 'Its name';
comment on column ticketdb.space_calendar.source is 'schedule or booking';
comment on column ticketdb.space_calendar.schedule_id is 'Occurrence';
comment on column ticketdb.space_calendar.booking_id is 'Booking; for staff alone';
comment on column ticketdb.space_calendar.event_definition_id is 'Event';
comment on column ticketdb.space_calendar.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_calendar.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.space_calendar.name is 'The best name for it that the caller may know';
comment on column ticketdb.space_calendar.status is 'Status of the occurrence or booking';
comment on column ticketdb.space_calendar.starts_at is 'From when, set-up included';
comment on column ticketdb.space_calendar.ends_at is 'Until when, tear-down included';
comment on column ticketdb.space_calendar.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.space_calendar.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.space_calendar.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.space_calendar.event_starts_at is 'Start without set-up';
comment on column ticketdb.space_calendar.event_ends_at is 'End without tear-down';
comment on column ticketdb.space_calendar.holds is 'What of this time it has for itself';
-- <<< sql/views/space_calendar.sql

-- >>> sql/views/space_claims.sql
-- What takes a space when, by the rows themselves: the one reading of event_schedules and bookings. Made into space_occupations by
-- occupy_spaces, and compared with them by verify_inventory. An occurrence takes its space, blocked or over, unless it is cancelled;
-- so does a booking that is no ticket (booking_takes_space). The venue's daily booking announces a class: it takes its hours on each
-- of its dates. For what occurrences name as their announcement they speak themselves, for a show or a hall wholly, for a class from
-- the first to the last of them; so do occurrences of its event that were generated at its hour.
create or replace view ticketdb.space_claims as
select
    'schedule' as source,
    s.id::bigint as source_id,
    coalesce(s.space_id, d.space_id) as space_id,
    s.starts_at - make_interval(mins => d.setup_minutes) as starts_at,
    s.ends_at + make_interval(mins => d.teardown_minutes) as ends_at
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
where s.status <> 'cancelled' and coalesce(s.space_id, d.space_id) is not null
union all
select
    'booking',
    b.id::bigint,
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
revoke all on ticketdb.space_claims from public;
comment on view ticketdb.space_claims is 'What takes a space when, by the rows of event_schedules and bookings';
comment on column ticketdb.space_claims.source is 'schedule or booking';
comment on column ticketdb.space_claims.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_claims.space_id is 'Space';
comment on column ticketdb.space_claims.starts_at is 'From when, set-up included';
comment on column ticketdb.space_claims.ends_at is 'Until when, tear-down included';
-- <<< sql/views/space_claims.sql

-- >>> sql/views/space_overlaps.sql
-- Overlaps that were kept: each pair that has some time of a space in common, with that time. One of a pair at least holds less than all of
-- its own. Staff alone see any. Reads the application's tables with its owner's rights; read by v_space_conflicts.
create or replace view ticketdb.space_overlaps
with (security_barrier = true)
as
with kept as (
    select o.source, o.source_id, o.space_id, o.starts_at, o.ends_at
    from ticketdb.space_occupations as o
    where o.holds <> tstzmultirange(tstzrange(o.starts_at, o.ends_at))
),

pairs as (
    -- with who holds all of his time, found by what he holds
    select
        o.source, o.source_id, o.starts_at, k.source as other_source, k.source_id as other_source_id,
        k.starts_at as other_starts_at
    from kept as k
    inner join ticketdb.space_occupations as o
        on int8range(o.space_id, o.space_id, '[]') && int8range(k.space_id, k.space_id, '[]')
            and o.holds && tstzrange(k.starts_at, k.ends_at)
            and o.holds = tstzmultirange(tstzrange(o.starts_at, o.ends_at))
    union all
    -- and with each other
    select
        o.source, o.source_id, o.starts_at, k.source as other_source, k.source_id as other_source_id,
        k.starts_at as other_starts_at
    from kept as k
    inner join kept as o
        on o.space_id = k.space_id
            and o.starts_at < k.ends_at
            and o.ends_at > k.starts_at
            and (o.source, o.source_id, o.starts_at) < (k.source, k.source_id, k.starts_at)
)

select
    a.space_id,
    a.space_name,
    greatest(a.starts_at, b.starts_at) as starts_at,
    least(a.ends_at, b.ends_at) as ends_at,
    greatest(a.starts_at, b.starts_at) at time zone a.timezone as start_datetime,
    least(a.ends_at, b.ends_at) at time zone a.timezone as end_datetime,
    a.source,
    a.schedule_id,
    a.booking_id,
    a.title,
    a.reference,
    b.source as other_source,
    b.schedule_id as other_schedule_id,
    b.booking_id as other_booking_id,
    b.title as other_title,
    b.reference as other_reference
from pairs as p
-- looked up one by one: joined, the names of all would be read for each
cross join lateral (
    select o.space_id, o.space_name, o.starts_at, o.ends_at, o.timezone, o.source, o.schedule_id, o.booking_id, o.title, o.reference
    from ticketdb.occupied_spaces as o
    where o.source = p.source and o.source_id = p.source_id and o.starts_at = p.starts_at
    order by o.starts_at
    offset 0
) as a
cross join lateral (
    select o.starts_at, o.ends_at, o.source, o.schedule_id, o.booking_id, o.title, o.reference
    from ticketdb.occupied_spaces as o
    where o.source = p.other_source and o.source_id = p.other_source_id and o.starts_at = p.other_starts_at
    order by o.starts_at
    offset 0
) as b
where (select ticketdb.is_staff());
revoke all on ticketdb.space_overlaps from public;
comment on view ticketdb.space_overlaps is 'Overlaps in a space that were kept, as far as the caller may see them';
comment on column ticketdb.space_overlaps.space_id is 'Space';
comment on column ticketdb.space_overlaps.space_name is 'Its name';
comment on column ticketdb.space_overlaps.starts_at is 'From when both have it';
comment on column ticketdb.space_overlaps.ends_at is 'Until when both have it';
comment on column ticketdb.space_overlaps.start_datetime is 'starts_at on the local clock';
comment on column ticketdb.space_overlaps.end_datetime is 'ends_at on the local clock';
comment on column ticketdb.space_overlaps.source is 'schedule or booking';
comment on column ticketdb.space_overlaps.schedule_id is 'Schedule; null for a booking';
comment on column ticketdb.space_overlaps.booking_id is 'Booking; null for a schedule';
comment on column ticketdb.space_overlaps.title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_overlaps.reference is 'Code of the event, or reference of the booking';
comment on column ticketdb.space_overlaps.other_source is 'The other one: schedule or booking';
comment on column ticketdb.space_overlaps.other_schedule_id is 'Schedule; null for a booking';
comment on column ticketdb.space_overlaps.other_booking_id is 'Booking; null for a schedule';
comment on column ticketdb.space_overlaps.other_title is 'Title of the event, or what the booking is for';
comment on column ticketdb.space_overlaps.other_reference is 'Code of the event, or reference of the booking';
-- <<< sql/views/space_overlaps.sql

-- >>> sql/views/space_problems.sql
-- Where space_occupations is not what the rows claim (space_claims), or time of a kept overlap went to nobody. No row means all is well.
-- Read by verify_inventory; mended by fill_space_occupations.
create or replace view ticketdb.space_problems as
select
    d.source,
    d.source_id,
    case when d.source = 'schedule' then d.source_id::int end as schedule_id,
    case when d.is_claimed then 'space not occupied by ' else 'space occupied for nothing by ' end
        || d.source || ' ' || d.source_id as problem,
    count(*) filter (where d.is_claimed) as expected,
    count(*) filter (where not d.is_claimed) as actual
from (
    select coalesce(c.source, o.source) as source, coalesce(c.source_id, o.source_id) as source_id, c.source is not null as is_claimed
    from ticketdb.space_claims as c
    full join ticketdb.space_occupations as o
        on (o.source, o.source_id, o.space_id, o.starts_at, o.ends_at)
            = (c.source, c.source_id, c.space_id, c.starts_at, c.ends_at)
    where c.source is null or o.source is null
) as d
group by d.source, d.source_id, d.is_claimed
union all
select
    k.source,
    k.source_id,
    case when k.source = 'schedule' then k.source_id::int end,
    'time in a space that nobody holds, wanted by ' || k.source || ' ' || k.source_id,
    1,
    0
from ticketdb.space_occupations as k
cross join lateral (
    select range_agg(o.holds) as holds
    from ticketdb.space_occupations as o
    where int8range(o.space_id, o.space_id, '[]') && int8range(k.space_id, k.space_id, '[]')
      and o.holds && tstzrange(k.starts_at, k.ends_at)
) as taken
where k.holds <> tstzmultirange(tstzrange(k.starts_at, k.ends_at))
  and (taken.holds @> tstzrange(k.starts_at, k.ends_at)) is not true;
revoke all on ticketdb.space_problems from public;
comment on view ticketdb.space_problems is 'Where the occupations of spaces are not what the rows say';
comment on column ticketdb.space_problems.source is 'schedule or booking';
comment on column ticketdb.space_problems.source_id is 'Its id in event_schedules or bookings';
comment on column ticketdb.space_problems.schedule_id is 'Occurrence; null for a booking';
comment on column ticketdb.space_problems.problem is 'What is wrong';
comment on column ticketdb.space_problems.expected is 'Number of times it should have';
comment on column ticketdb.space_problems.actual is 'Number of times it has';
-- <<< sql/views/space_problems.sql

-- >>> sql/views/v_space_calendar.sql
-- What occupies which space when, as space_calendar says: bookings of the application's and occurrences together.
create or replace view public.v_space_calendar
with (security_invoker = true)
as
select
    c.space_id,
    c.space_name,
    c.starts_at,
    c.ends_at,
    c.start_datetime,
    c.end_datetime,
    c.timezone,
    c.source,
    c.title,
    c.reference,
    c.status,
    c.schedule_id,
    c.booking_id,
    c.event_definition_id,
    c.event_starts_at,
    c.event_ends_at
from ticketdb.space_calendar as c;
revoke all on public.v_space_calendar from public;
comment on view public.v_space_calendar is
'Space calendar

What occupies which space when: schedules, with the set-up and tear-down of their event, and bookings. Filter by space_id and starts_at.
Everybody sees that a space is taken and by which event, if it is active; staff see all names.';
comment on column public.v_space_calendar.space_id is 'Space';
comment on column public.v_space_calendar.space_name is 'Its name';
comment on column public.v_space_calendar.starts_at is 'From when it is taken, set-up included';
comment on column public.v_space_calendar.ends_at is 'Until when, tear-down included';
comment on column public.v_space_calendar.start_datetime is 'starts_at on the local clock';
comment on column public.v_space_calendar.end_datetime is 'ends_at on the local clock';
comment on column public.v_space_calendar.timezone is 'IANA name of the zone of the local times: the event''s, for bookings the database''s';
comment on column public.v_space_calendar.source is 'schedule or booking';
comment on column public.v_space_calendar.title is 'Title of the event, or what the booking is for; null where the caller may not know';
comment on column public.v_space_calendar.reference is 'Code of the event, or reference of the booking; null likewise';
comment on column public.v_space_calendar.status is 'Status of the schedule or booking; null likewise';
comment on column public.v_space_calendar.schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_calendar.booking_id is 'Booking, for staff; null for a schedule';
comment on column public.v_space_calendar.event_definition_id is 'Event of the schedule';
comment on column public.v_space_calendar.event_starts_at is 'Start without set-up';
comment on column public.v_space_calendar.event_ends_at is 'End without tear-down';
-- <<< sql/views/v_space_calendar.sql

-- >>> sql/views/v_space_conflicts.sql
-- Spaces that two have at once, as space_overlaps says.
create or replace view public.v_space_conflicts
with (security_invoker = true)
as
select
    o.space_id,
    o.space_name,
    o.starts_at,
    o.ends_at,
    o.start_datetime,
    o.end_datetime,
    o.source,
    o.schedule_id,
    o.booking_id,
    o.title,
    o.reference,
    o.other_source,
    o.other_schedule_id,
    o.other_booking_id,
    o.other_title,
    o.other_reference
from ticketdb.space_overlaps as o;
revoke all on public.v_space_conflicts from public;
comment on view public.v_space_conflicts is
'Space conflicts

Each pair of schedules or bookings that has a space at the same time. They were there before any was refused, or came with link_legacy_data:
a new one is refused. Cancel or move one of a pair, and the pair is gone. For staff.';
comment on column public.v_space_conflicts.space_id is 'Space';
comment on column public.v_space_conflicts.space_name is 'Its name';
comment on column public.v_space_conflicts.starts_at is 'From when both have it';
comment on column public.v_space_conflicts.ends_at is 'Until when both have it';
comment on column public.v_space_conflicts.start_datetime is 'starts_at on the local clock';
comment on column public.v_space_conflicts.end_datetime is 'ends_at on the local clock';
comment on column public.v_space_conflicts.source is 'schedule or booking';
comment on column public.v_space_conflicts.schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_conflicts.booking_id is 'Booking; null for a schedule';
comment on column public.v_space_conflicts.title is 'Title of the event, or what the booking is for';
comment on column public.v_space_conflicts.reference is 'Code of the event, or reference of the booking';
comment on column public.v_space_conflicts.other_source is 'The other one: schedule or booking';
comment on column public.v_space_conflicts.other_schedule_id is 'Schedule; null for a booking';
comment on column public.v_space_conflicts.other_booking_id is 'Booking; null for a schedule';
comment on column public.v_space_conflicts.other_title is 'Title of the event, or what the booking is for';
comment on column public.v_space_conflicts.other_reference is 'Code of the event, or reference of the booking';
-- <<< sql/views/v_space_conflicts.sql

-- >>> sql/triggers/event_definitions.sql
-- Triggers of event_definitions: refuse what makes no sense, keep updated_at, carry a new time zone to coming occurrences, and a new
-- space, set-up or tear-down to their occupations.
create or replace trigger guard_definition
before insert or update on public.event_definitions
for each row execute function ticketdb.guard_definition();
create or replace trigger touch_updated_at
before update on public.event_definitions
for each row execute function ticketdb.touch_updated_at();
create or replace trigger follow_definition_time_zone
after update of timezone on public.event_definitions
for each row when (new.timezone <> old.timezone)
execute function ticketdb.follow_definition_time_zone();
create or replace trigger follow_definition_space
after update of space_id, setup_minutes, teardown_minutes on public.event_definitions
for each row when (
    (new.space_id, new.setup_minutes, new.teardown_minutes) is distinct from (old.space_id, old.setup_minutes, old.teardown_minutes)
)
execute function ticketdb.follow_definition_space();
-- <<< sql/triggers/event_definitions.sql

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at, occupy the space. Their conditions keep functions out of the way
-- of a sale, which writes tickets_sold.
create or replace trigger derive_schedule_times
before insert or update of event_definition_id, schedule_date, start_time, end_time, starts_at, ends_at
on public.event_schedules
for each row execute function ticketdb.derive_schedule_times();
create or replace trigger guard_new_schedule
before insert on public.event_schedules
for each row when (new.tickets_sold is distinct from 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_inserted_schedule
after insert on public.event_schedules
for each row when (new.tickets_sold <> 0)
execute function ticketdb.guard_schedule();
create or replace trigger guard_schedule
before update of tickets_sold on public.event_schedules
for each row when (
    new.tickets_sold is distinct from old.tickets_sold
    and current_setting('ticketdb.counting', true) is distinct from new.id::text
)
execute function ticketdb.guard_schedule();
create or replace trigger guard_updated_schedule
after update on public.event_schedules
for each row when (
    new.tickets_sold <> old.tickets_sold
    and current_setting('ticketdb.counting', true) is distinct from new.id::text
)
execute function ticketdb.guard_schedule();
create or replace trigger resize_schedule
before update of max_tickets, status on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger resize_updated_schedule
after update on public.event_schedules
for each row when (new.max_tickets <> old.max_tickets or old.status = 'cancelled' and new.status <> 'cancelled')
execute function ticketdb.resize_schedule();
create or replace trigger tell_holders
after update of schedule_date, start_time, end_time, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.space_id)
)
execute function ticketdb.tell_holders();
create or replace trigger refuse_truncate
before truncate on public.event_schedules
for each statement execute function ticketdb.refuse_truncate();
create or replace trigger touch_updated_at
before update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.touch_updated_at();
create or replace trigger follow_made_schedules
after insert on public.event_schedules
referencing new table as made
for each statement execute function ticketdb.follow_made_schedules();
create or replace trigger follow_schedule_space
after update of
event_definition_id, booking_id, schedule_date, start_time, end_time, starts_at, ends_at, status, space_id
on public.event_schedules
for each row when (
    (
        new.event_definition_id, new.booking_id, new.schedule_date, new.starts_at, new.ends_at, new.space_id,
        new.status = 'cancelled'
    ) is distinct from (
        old.event_definition_id, old.booking_id, old.schedule_date, old.starts_at, old.ends_at, old.space_id,
        old.status = 'cancelled'
    )
)
execute function ticketdb.follow_schedule_space();
create or replace trigger follow_deleted_schedules
after delete on public.event_schedules
referencing old table as gone
for each statement execute function ticketdb.follow_deleted_schedules();
-- <<< sql/triggers/event_schedules.sql

-- >>> sql/triggers/host_bookings.sql
-- Triggers on the application's bookings. They cost bookings that name neither an occurrence nor a space nothing: the conditions keep
-- them out.
create or replace trigger ticketdb_link_booking
before insert or update of event_schedule_id on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_unlink_booking
before update of event_schedule_id on public.bookings
for each row when (old.event_schedule_id is not null and new.event_schedule_id is null)
execute function ticketdb.link_booking();
create or replace trigger ticketdb_follow_new_booking
after insert on public.bookings
for each row when (new.event_schedule_id is not null)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_changed_booking
after update on public.bookings
for each row when (
    (new.event_schedule_id is not null or old.event_schedule_id is not null)
    and (new.event_schedule_id, new.status, new.attendees, new.ticket_type_id, new.is_admin_booking)
    is distinct from (old.event_schedule_id, old.status, old.attendees, old.ticket_type_id, old.is_admin_booking)
)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_follow_deleted_booking
before delete on public.bookings
for each row when (old.event_schedule_id is not null)
execute function ticketdb.follow_booking();
create or replace trigger ticketdb_occupy_space
after insert on public.bookings
for each row when (new.space_id is not null and new.event_schedule_id is null)
execute function ticketdb.follow_booking_space();
create or replace trigger ticketdb_occupy_other_space
after update on public.bookings
for each row when (
    (new.space_id is not null or old.space_id is not null)
    and (
        new.space_id, new.start_datetime, new.end_datetime, new.booking_type, new.is_admin_booking, new.event_schedule_id,
        new.status is not distinct from 'cancelled'
    ) is distinct from (
        old.space_id, old.start_datetime, old.end_datetime, old.booking_type, old.is_admin_booking, old.event_schedule_id,
        old.status is not distinct from 'cancelled'
    )
)
execute function ticketdb.follow_booking_space();
create or replace trigger ticketdb_leave_space
after delete on public.bookings
for each row when (old.space_id is not null)
execute function ticketdb.follow_booking_space();
-- <<< sql/triggers/host_bookings.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
