-- The door: how often a ticket admits, scans that come late, who came. Calendars of what takes place.

alter table public.event_definitions add column admission_policy text not null default 'once';
alter table public.event_definitions add column max_entries int;
alter table public.event_definitions add constraint admission_policy_known
check (admission_policy in ('once', 'n_entries', 'once_a_day', 'in_and_out'));
-- a number of entries belongs to the policy that counts them
alter table public.event_definitions add constraint entries_counted_by_policy check (
    (admission_policy = 'n_entries') = (max_entries is not null) and (max_entries is null or max_entries >= 1)
);
comment on column public.event_definitions.admission_policy is
'How often a ticket admits its holder to an occurrence: once, n_entries (max_entries times), once_a_day (on the calendar of timezone) or
in_and_out (scans are entry and exit in turn)';
comment on column public.event_definitions.max_entries is
'How often a ticket admits where admission_policy is n_entries; null otherwise';

alter table public.event_definitions add column calendar_revision int not null default 0;
alter table public.event_definitions add column calendar_changed_at timestamptz;
alter table public.event_schedules add column calendar_revision int not null default 0;
alter table public.event_schedules add column calendar_changed_at timestamptz;
comment on column public.event_definitions.calendar_revision is
'How often it changed as calendars show it, kept by trigger';
comment on column public.event_definitions.calendar_changed_at is 'When it last did; null means never';
comment on column public.event_schedules.calendar_revision is
'How often it changed as calendars show it (a sale is no change), kept by trigger';
comment on column public.event_schedules.calendar_changed_at is 'When it last did; null means never';

alter table public.ticket_check_ins drop constraint check_in_result_known;
-- every old row meets it: the next migration validates it without keeping anybody out
alter table public.ticket_check_ins add constraint check_in_result_known check (
    result in ('admitted', 'exited', 'already_used', 'void', 'wrong_schedule')
) not valid;
comment on column public.ticket_check_ins.result is 'admitted, exited, already_used, void or wrong_schedule';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/types/any_media_type.sql
-- What a function of this type returns goes over HTTP as it stands, not as JSON, whatever the client accepts: so PostgREST reads the
-- name. Calendar programs accept anything; the function says itself which media type it is.
create domain ticketdb."*/*" as text; -- noqa: RF05
comment on domain ticketdb."*/*" is 'Text of the media type that the function names'; -- noqa: RF05
-- <<< sql/types/any_media_type.sql

-- >>> sql/functions/check_in.sql
-- The face of ticketdb.scan_ticket.
-- locks: as scan_ticket
-- raises: invalid_argument, idempotency_key_reused
create or replace function public.check_in(
    p_ticket_code uuid,
    p_schedule_id int default null,
    p_gate text default null,
    p_scan_id uuid default null,
    p_scanned_at timestamptz default null,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan record;
begin
    v_scan := ticketdb.scan_ticket(p_ticket_code, p_schedule_id, p_gate, p_scan_id, coalesce(p_scanned_at, clock_timestamp()));
    if v_scan.result = 'scan_id_reused' then
        perform ticketdb.refuse_scan_id(p_scan_id);
    end if;
    result := v_scan.result;
    ticket_id := v_scan.ticket_id;
    name := v_scan.name;
    quantity := v_scan.quantity;
    scan_count := v_scan.scan_count;
    first_scanned_at := v_scan.first_scanned_at;
end
$$;
revoke execute on function public.check_in(uuid, int, text, uuid, timestamptz) from public;
comment on function public.check_in(uuid, int, text, uuid, timestamptz) is
'Check in

Lets the holder of a ticket in, once or as often as the event''s admission_policy says. result: admitted, already_used, void,
wrong_schedule (the ticket is not for p_schedule_id) or unknown; exited where the policy is in_and_out and the holder was inside.
name is the participant''s, quantity the number of people the ticket admits, scan_count how often it was scanned,
first_scanned_at when its holder was admitted first. The same p_scan_id twice is one scan and gets the
first answer. p_ticket_code: from event_tickets; p_gate: any name; p_scanned_at: when it was scanned, by default now. Errors: invalid_argument, idempotency_key_reused.';
-- <<< sql/functions/check_in.sql

-- >>> sql/functions/check_in_batch.sql
-- The face of ticketdb.scan_tickets.
-- locks, raises: as scan_tickets
create or replace function public.check_in_batch(
    p_scans jsonb,
    out line int,
    out scan_id uuid,
    out ticket_code text,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz,
    out conflict boolean,
    out problem text
)
returns setof record
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    return query select s.* from ticketdb.scan_tickets(p_scans) as s;
end
$$;
revoke execute on function public.check_in_batch(jsonb) from public;
comment on function public.check_in_batch(jsonb) is
'Check in a batch

Does the scans of a scanner that was offline, and answers each in a row, in the order given. p_scans: array of at most 1000 objects
with ticket_code, scan_id (the scanner''s own uuid for the scan) and scanned_at (with its offset from UTC), and if there is one schedule_id and
gate. line counts from 1; result is as check_in has it, or invalid where the row cannot be read: problem says why. conflict: the
scanner may have let in somebody whom it should not have, for the ticket was used at another gate, or by a later scan that came
here before, or became void after it was scanned. scan_count and first_scanned_at are as of now. Sent again, it does nothing and answers
the same. Errors: invalid_argument.';
-- <<< sql/functions/check_in_batch.sql

-- >>> sql/functions/ics_event.sql
-- An occurrence as a VEVENT of iCalendar. The local times are read back from the instants: of a time that comes twice the first is
-- meant in both, and one that does not exist never appears. Called by schedules_ics.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.ics_event(
    p_uid text,
    p_sequence int,
    p_changed_at timestamptz,
    p_starts_at timestamptz,
    p_ends_at timestamptz,
    p_timezone text,
    p_is_cancelled boolean,
    p_title text,
    p_description text,
    p_location text,
    p_category text
)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_changed constant text := to_char(p_changed_at at time zone 'UTC', 'YYYYMMDD"T"HH24MISS"Z"');
begin
    -- what is null leaves its line out
    return concat(
        ticketdb.ics_fold('BEGIN:VEVENT'),
        ticketdb.ics_fold('UID:' || p_uid),
        ticketdb.ics_fold('DTSTAMP:' || v_changed),
        ticketdb.ics_fold('LAST-MODIFIED:' || v_changed),
        ticketdb.ics_fold('SEQUENCE:' || p_sequence),
        ticketdb.ics_fold(
            format('DTSTART;TZID=%s:', p_timezone) || to_char(p_starts_at at time zone p_timezone, 'YYYYMMDD"T"HH24MISS')
        ),
        ticketdb.ics_fold(
            format('DTEND;TZID=%s:', p_timezone) || to_char(p_ends_at at time zone p_timezone, 'YYYYMMDD"T"HH24MISS')
        ),
        ticketdb.ics_fold('STATUS:' || case when p_is_cancelled then 'CANCELLED' else 'CONFIRMED' end),
        ticketdb.ics_fold('SUMMARY:' || ticketdb.ics_text(p_title)),
        ticketdb.ics_fold('DESCRIPTION:' || ticketdb.ics_text(p_description)),
        ticketdb.ics_fold('LOCATION:' || ticketdb.ics_text(p_location)),
        ticketdb.ics_fold('CATEGORIES:' || ticketdb.ics_text(p_category)),
        ticketdb.ics_fold('END:VEVENT')
    );
end
$$;
revoke execute on function
ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text) from public;
comment on function
ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text) is
'An occurrence as a VEVENT of iCalendar';
-- <<< sql/functions/ics_event.sql

-- >>> sql/functions/ics_fold.sql
-- A line of iCalendar with its line break (RFC 5545, 3.1): cut after at most 75 octets of UTF-8, never within a character, each further
-- part after a space. Called wherever a calendar is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_fold(p_line text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded text := '';
    v_rest text := p_line;
    v_part text;
begin
    while octet_length(convert_to(v_rest, 'UTF8')) > 75 loop
        v_part := left(v_rest, 75);
        while octet_length(convert_to(v_part, 'UTF8')) > 75 loop
            v_part := left(v_part, -1);
        end loop;
        v_folded := v_folded || v_part || E'\r\n';
        v_rest := ' ' || substr(v_rest, length(v_part) + 1);
    end loop;
    return v_folded || v_rest || E'\r\n';
end
$$;
revoke execute on function ticketdb.ics_fold(text) from public;
comment on function ticketdb.ics_fold(text) is 'A line of iCalendar, folded and ended; null stays null';
-- <<< sql/functions/ics_fold.sql

-- >>> sql/functions/ics_offset.sql
-- An offset from UTC as iCalendar writes it (RFC 5545, 3.3.14): +0530, and +053020 where there are seconds. Called by ics_zone.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_offset(p_offset interval)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return case when p_offset < interval '0' then '-' else '+' end
        || to_char(
            greatest(p_offset, -p_offset),
            case when extract(second from p_offset) = 0 then 'HH24MI' else 'HH24MISS' end
        );
end
$$;
revoke execute on function ticketdb.ics_offset(interval) from public;
comment on function ticketdb.ics_offset(interval) is 'An offset from UTC as iCalendar writes it; null stays null';
-- <<< sql/functions/ics_offset.sql

-- >>> sql/functions/ics_text.sql
-- A text as the value of a property of iCalendar (RFC 5545, 3.3.11): backslash, semicolon, comma and line break escaped, other control
-- characters left out. Called wherever a calendar is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_text(p_text text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return regexp_replace(
        regexp_replace(regexp_replace(p_text, '([\\;,])', '\\\1', 'g'), E'\r\n|\n|\r', '\\n', 'g'),
        E'[\x01-\x08\x0b-\x1f\x7f]', '', 'g'
    );
end
$$;
revoke execute on function ticketdb.ics_text(text) from public;
comment on function ticketdb.ics_text(text) is 'A text as a value of iCalendar; null stays null';
-- <<< sql/functions/ics_text.sql

-- >>> sql/functions/ics_zone.sql
-- A zone as a VTIMEZONE of iCalendar, right for every instant of the period: one part for the offset with which it begins and one for
-- each clock change. A part is called DAYLIGHT where the clock was put forward. Called by schedules_ics and
-- definition_calendar.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.ics_zone(p_timezone text, p_from timestamptz, p_to timestamptz)
returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
declare
    v_lines text;
begin
    select string_agg(
        ticketdb.ics_fold('BEGIN:' || p.kind)
        -- the clock as it was before the change
        || ticketdb.ics_fold(to_char((c.changes_at at time zone 'UTC') + c.offset_before, '"DTSTART:"YYYYMMDD"T"HH24MISS'))
        || ticketdb.ics_fold('TZOFFSETFROM:' || ticketdb.ics_offset(c.offset_before))
        || ticketdb.ics_fold('TZOFFSETTO:' || ticketdb.ics_offset(c.offset_after))
        || ticketdb.ics_fold('TZNAME:' || ticketdb.ics_offset(c.offset_after))
        || ticketdb.ics_fold('END:' || p.kind),
        '' order by c.changes_at
    ) into v_lines
    from (
        select
            z.changes_at, z.offset_before, z.offset_after,
            lead(z.offset_after) over (order by z.changes_at) as next_offset
        from ticketdb.zone_changes(p_timezone, p_from, p_to) as z
    ) as c
    cross join lateral (
        select case
            when c.offset_after > c.offset_before or (c.offset_after = c.offset_before and c.next_offset < c.offset_after)
                then 'DAYLIGHT'
            else 'STANDARD'
        end as kind
    ) as p;
    return ticketdb.ics_fold('BEGIN:VTIMEZONE') || ticketdb.ics_fold('TZID:' || p_timezone)
        || v_lines || ticketdb.ics_fold('END:VTIMEZONE');
end
$$;
revoke execute on function ticketdb.ics_zone(text, timestamptz, timestamptz) from public;
comment on function ticketdb.ics_zone(text, timestamptz, timestamptz) is 'A zone as a VTIMEZONE of iCalendar, right for a period';
-- <<< sql/functions/ics_zone.sql

-- >>> sql/functions/issue_tickets.sql
-- Makes the valid tickets of a reservation as many as are wanted, and returns their codes. Missing ones are issued, the newest
-- surplus ones become void. Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller), event_tickets
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint, p_wanted int)
returns uuid[]
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_codes uuid[] := ticketdb.valid_ticket_codes(p_reservation_id);
    v_valid constant int := cardinality(v_codes);
begin
    if v_valid = p_wanted then
        return v_codes;
    end if;
    if v_valid < p_wanted then
        insert into public.event_tickets (reservation_id)
        select p_reservation_id
        from generate_series(1, p_wanted - v_valid);
    end if;
    if v_valid > p_wanted then
        -- in the order in which a batch of scans locks them
        perform t.id
        from public.event_tickets as t
        where t.reservation_id = p_reservation_id and t.status = 'valid'
        order by t.id
        for no key update;
        update public.event_tickets as t
        set status = 'void', voided_at = clock_timestamp()
        where t.id in (
            select v.id
            from public.event_tickets as v
            where v.reservation_id = p_reservation_id and v.status = 'valid'
            order by v.id desc
            limit v_valid - p_wanted
        );
    end if;
    return ticketdb.valid_ticket_codes(p_reservation_id);
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint, int) from public;
comment on function ticketdb.issue_tickets(bigint, int) is
'Issue or void tickets until the valid ones match the reservation; returns their codes';
-- <<< sql/functions/issue_tickets.sql

-- >>> sql/functions/lock_scanned.sql
-- Locks tickets and the participants they admit, each in ascending order, before the first of them is scanned: so two batches, or a
-- batch and a cancellation, never wait in a circle. Called by scan_tickets.
-- locks: event_tickets, then (the application's) program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.lock_scanned(p_ticket_codes uuid[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform t.id
    from public.event_tickets as t
    where t.ticket_code = any (p_ticket_codes)
    order by t.id
    for no key update;
    begin
        perform pp.id
        from public.program_participants as pp
        where pp.id in (select t.participant_id from public.event_tickets as t where t.ticket_code = any (p_ticket_codes))
        order by pp.id
        for no key update;
    exception
        when deadlock_detected or lock_not_available or serialization_failure then
            raise;
        -- the application's table: what fails there keeps nobody at the door
        when others then null;
    end;
end
$$;
revoke execute on function ticketdb.lock_scanned(uuid[]) from public;
comment on function ticketdb.lock_scanned(uuid[]) is 'Lock tickets, then their participants, in ascending order';
-- <<< sql/functions/lock_scanned.sql

-- >>> sql/functions/note_calendar_change.sql
-- Counts the changes that a calendar shows, so that subscribers notice them; a sale is none. Called by trigger before the update of an
-- occurrence or its event that changes when, where or what it is.
-- locks: none
-- raises: nothing
create or replace function ticketdb.note_calendar_change()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.calendar_revision := old.calendar_revision + 1;
    new.calendar_changed_at := clock_timestamp();
    return new;
end
$$;
revoke execute on function ticketdb.note_calendar_change() from public;
comment on function ticketdb.note_calendar_change() is 'Trigger: count the changes that a calendar shows';
-- <<< sql/functions/note_calendar_change.sql

-- >>> sql/functions/read_scans.sql
-- The rows of a batch of scans, one for each element, whatever it is; problem says why one cannot be a scan. A code that is no uuid
-- is of somebody else's ticket: ticket_code stays null. Called by scan_tickets.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_scans(
    p_scans jsonb,
    out line int,
    out ticket_code uuid,
    out schedule_id int,
    out gate text,
    out scan_id uuid,
    out scanned_at timestamptz,
    out problem text
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_scan jsonb;
    v_field text;
begin
    line := 0;
    for v_scan in select s.scan from jsonb_array_elements(p_scans) as s (scan) loop
        line := line + 1;
        ticket_code := null;
        schedule_id := null;
        gate := null;
        scan_id := null;
        scanned_at := null;
        problem := null;
        if jsonb_typeof(v_scan) <> 'object' then
            problem := 'not an object';
        elsif v_scan ->> 'ticket_code' is null or v_scan ->> 'scan_id' is null or v_scan ->> 'scanned_at' is null then
            problem := 'ticket_code, scan_id and scanned_at are all needed';
        elsif v_scan ->> 'scanned_at' !~ '^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d(:?\d\d)?)$' then
            problem := 'scanned_at is not a date and a time with their offset from UTC';
        else
            begin
                v_field := 'scan_id';
                scan_id := (v_scan ->> 'scan_id')::uuid;
                v_field := 'scanned_at';
                scanned_at := (v_scan ->> 'scanned_at')::timestamptz;
                v_field := 'schedule_id';
                schedule_id := (v_scan ->> 'schedule_id')::int;
                gate := v_scan ->> 'gate';
                v_field := 'ticket_code';
                ticket_code := (v_scan ->> 'ticket_code')::uuid;
            exception
                when data_exception then
                    if v_field <> 'ticket_code' then
                        problem := format('%s %L cannot be read', v_field, v_scan ->> v_field);
                    end if;
            end;
        end if;
        return next;
    end loop;
end
$$;
revoke execute on function ticketdb.read_scans(jsonb) from public;
comment on function ticketdb.read_scans(jsonb) is 'The rows of a batch of scans, those that cannot be read with their problem';
-- <<< sql/functions/read_scans.sql

-- >>> sql/functions/repeated_scan.sql
-- What the door is told when a ticket that has admitted its holder is scanned again: the admission policy of the event decides, by the
-- scans on record, in the order in which they came here. Called by scan_ticket with the ticket locked; so it must be volatile, to see
-- what was written by whoever had the lock before.
-- locks: none
-- raises: nothing
create or replace function ticketdb.repeated_scan(p_ticket_id bigint, p_schedule_id int, p_scanned_at timestamptz)
returns text
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_event record;
    v_past record;
begin
    select d.admission_policy, d.max_entries, d.timezone into v_event
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
    if v_event.admission_policy = 'once' then
        return 'already_used';
    end if;

    select
        count(*) filter (where c.result = 'admitted') as entries,
        count(*) filter (where c.result = 'exited') as exits,
        coalesce(bool_or(
            c.result = 'admitted'
            and (c.scanned_at at time zone v_event.timezone)::date = (p_scanned_at at time zone v_event.timezone)::date
        ), false) as came_that_day
    into v_past
    from public.ticket_check_ins as c
    where c.ticket_id = p_ticket_id;
    return case
        when v_event.admission_policy = 'in_and_out' and v_past.entries > v_past.exits then 'exited'
        when v_event.admission_policy = 'n_entries' and v_past.entries >= v_event.max_entries then 'already_used'
        when v_event.admission_policy = 'once_a_day' and v_past.came_that_day then 'already_used'
        else 'admitted'
    end;
end
$$;
revoke execute on function ticketdb.repeated_scan(bigint, int, timestamptz) from public;
comment on function ticketdb.repeated_scan(bigint, int, timestamptz) is
'Verdict on a further scan of a ticket: admitted, exited or already_used';
-- <<< sql/functions/repeated_scan.sql

-- >>> sql/functions/revoke_default_grants.sql
-- Closes what ticketdb made to everybody, to PostgREST's roles, and to whom the database grants rights on all that is new, as Supabase
-- does; row level security does not cover all of them, truncate for one. grant_roles opens what is needed. Called by migrations
-- after they made something.
-- locks: the objects themselves, briefly
-- raises: nothing
create or replace function ticketdb.revoke_default_grants()
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_object record;
    -- the inside, where it has a schema of its own
    v_inside constant oid := (
        select nullif(i.relnamespace, f.relnamespace)
        from pg_class as i
        cross join pg_class as f
        where i.oid = 'ticketdb.seat_buckets'::regclass and f.oid = 'public.event_schedules'::regclass
    );
begin
    for v_object in
        with ours as (
            select c.oid, c.relacl as acl, c.relowner as owner,
                case c.relkind when 'S' then 'sequence' else 'table' end as kind, c.oid::regclass::text as name
            from pg_class as c
            where c.relkind in ('r', 'p', 'v', 'm', 'S')
              and (
                  c.relnamespace = v_inside
                  or c.oid in (
                      select g.object::regclass from ticketdb.role_grants as g where g.kind in ('table', 'sequence')
                  )
                  -- the sequences of their keys
                  or exists (
                      select
                      from pg_depend as d
                      inner join ticketdb.role_grants as g on g.kind = 'table' and g.object::regclass = d.refobjid
                      where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype in ('a', 'i')
                  )
              )
            union all
            select p.oid, p.proacl, p.proowner, 'function', p.oid::regprocedure::text
            from pg_proc as p
            where p.pronamespace = v_inside
               or p.oid in (
                   select g.object::regprocedure from ticketdb.role_grants as g where g.kind = 'function'
                   union all
                   -- the owner's alone, and so in no list
                   select to_regprocedure(f.name)
                   from (
                       values
                       ('public.link_legacy_data(boolean)'),
                       ('public.schedule_maintenance_jobs(interval, int)'),
                       ('public.unschedule_maintenance_jobs()')
                   ) as f (name)
               )
        )
        select distinct o.kind, o.name, case when a.grantee = 0 then 'public' else quote_ident(r.rolname) end as grantee
        from ours as o
        cross join aclexplode(o.acl) as a
        left join pg_roles as r on r.oid = a.grantee
        -- what somebody granted to a role of his own stays
        where a.grantee <> o.owner
          and (
              a.grantee = 0
              or r.rolname in (select g.role_name from ticketdb.role_grants as g)
              or a.grantee in (
                  select e.grantee from pg_default_acl as d cross join aclexplode(d.defaclacl) as e
              )
          )
    loop
        execute format('revoke all on %s %s from %s', v_object.kind, v_object.name, v_object.grantee);
    end loop;
end
$$;
revoke execute on function ticketdb.revoke_default_grants() from public;
comment on function ticketdb.revoke_default_grants() is 'Close what ticketdb made to all to whom it was opened by default';
-- <<< sql/functions/revoke_default_grants.sql

-- >>> sql/functions/scan_ticket.sql
-- Admits the holder of a ticket: whoever scans it first, at whichever gate, for the ticket stays locked until that is
-- written. What a later scan is told, repeated_scan decides. Every scan of a ticket is put on record. The inside of check_in and,
-- row by row, of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants
-- raises: invalid_argument. A p_scan_id that was of another ticket is the result scan_id_reused: what it means is for the caller
create or replace function ticketdb.scan_ticket(
    p_ticket_code uuid,
    p_schedule_id int,
    p_gate text,
    p_scan_id uuid,
    p_scanned_at timestamptz,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_ticket record;
    v_scanned record;
begin
    perform ticketdb.require_read_committed();
    if p_ticket_code is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_ticket_code is null', 'Pass the code of a row of event_tickets.'
        );
    end if;
    select t.id, t.status, t.scan_count, t.first_scanned_at, t.participant_id, r.schedule_id into v_ticket
    from public.event_tickets as t
    inner join public.ticket_reservations as r on r.id = t.reservation_id
    where t.ticket_code = p_ticket_code
    for no key update of t;
    if not found then
        result := 'unknown';
        return;
    end if;
    ticket_id := v_ticket.id;
    quantity := 1;
    scan_count := v_ticket.scan_count;
    first_scanned_at := v_ticket.first_scanned_at;
    if v_ticket.participant_id is not null then
        select p.name::text into name
        from public.program_participants as p
        where p.id = v_ticket.participant_id;
    end if;

    if p_scan_id is not null then
        select c.ticket_id, c.result into v_scanned
        from public.ticket_check_ins as c
        where c.scan_id = p_scan_id;
        result := case when v_scanned.ticket_id <> v_ticket.id then 'scan_id_reused' else v_scanned.result end;
        if result is not null then
            return;
        end if;
    end if;

    result := case
        when v_ticket.schedule_id <> p_schedule_id then 'wrong_schedule'
        when v_ticket.status = 'void' then 'void'
        when v_ticket.first_scanned_at is null then 'admitted'
        else ticketdb.repeated_scan(v_ticket.id, v_ticket.schedule_id, p_scanned_at)
    end;
    insert into public.ticket_check_ins (ticket_id, scan_id, result, gate, scanned_at)
    values (v_ticket.id, p_scan_id, result, p_gate, p_scanned_at)
    on conflict do nothing;
    if not found then
        -- somebody used it for another ticket a moment ago
        result := 'scan_id_reused';
        return;
    end if;
    if result in ('admitted', 'exited', 'already_used') then
        scan_count := v_ticket.scan_count + 1;
        first_scanned_at := coalesce(v_ticket.first_scanned_at, p_scanned_at);
        update public.event_tickets as t
        set scan_count = scan_ticket.scan_count, first_scanned_at = scan_ticket.first_scanned_at
        where t.id = v_ticket.id;
    end if;
    if result = 'admitted' and v_ticket.participant_id is not null then
        perform ticketdb.verify_participant(v_ticket.participant_id);
    end if;
end
$$;
revoke execute on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) from public;
comment on function ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz) is 'Admit the holder of a ticket';
-- <<< sql/functions/scan_ticket.sql

-- >>> sql/functions/scan_tickets.sql
-- Scans that a scanner made while it was offline: each is done as scan_ticket does it, in the order in which they were scanned, and
-- answered from the record, so that a batch that is sent again gets the same answers. What a door has done stands, whenever the
-- other door's scans arrive; who may have let somebody in twice is told so. The inside of check_in_batch.
-- locks: event_tickets, then (the application's) program_participants, each ascending
-- raises: invalid_argument
create or replace function ticketdb.scan_tickets(
    p_scans jsonb,
    out line int,
    out scan_id uuid,
    out ticket_code text,
    out result text,
    out ticket_id bigint,
    out name text,
    out quantity int,
    out scan_count int,
    out first_scanned_at timestamptz,
    out conflict boolean,
    out problem text
)
returns setof record
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
#variable_conflict use_column
declare
    v_most constant int := 1000;
begin
    perform ticketdb.require_read_committed();
    if jsonb_typeof(p_scans) is distinct from 'array' or jsonb_array_length(p_scans) > v_most then
        perform ticketdb.raise_error(
            'invalid_argument', format('p_scans is not an array of at most %s scans', v_most),
            'Pass [{"ticket_code", "scan_id", "scanned_at", "schedule_id", "gate"}, …], a part at a time where there are more.',
            jsonb_build_object('at_most', v_most)
        );
    end if;
    perform ticketdb.lock_scanned(
        array(select s.ticket_code from ticketdb.read_scans(p_scans) as s where s.problem is null and s.ticket_code is not null)
    );
    perform ticketdb.scan_ticket(d.ticket_code, d.schedule_id, d.gate, d.scan_id, d.scanned_at)
    from (
        select s.ticket_code, s.schedule_id, s.gate, s.scan_id, s.scanned_at
        from ticketdb.read_scans(p_scans) as s
        where s.problem is null and s.ticket_code is not null
        order by s.scanned_at, s.line
    ) as d;

    return query
    select
        s.line, s.scan_id, p_scans -> (s.line - 1) ->> 'ticket_code',
        case
            when s.problem is not null or c.ticket_id <> t.id then 'invalid'
            when t.id is null then 'unknown'
            else c.result
        end,
        t.id, pp.name::text, case when t.id is not null then 1 end, t.scan_count, t.first_scanned_at,
        coalesce(
            c.ticket_id = t.id and case c.result
                when 'already_used' then used.gate is distinct from c.gate or used.scanned_at > c.scanned_at
                when 'void' then c.scanned_at < t.voided_at
            end,
            false
        ),
        case when c.ticket_id <> t.id then 'the scan_id was of another ticket' else s.problem end
    from ticketdb.read_scans(p_scans) as s
    left join public.event_tickets as t on t.ticket_code = s.ticket_code and s.problem is null
    left join public.program_participants as pp on pp.id = t.participant_id
    left join public.ticket_check_ins as c on c.scan_id = s.scan_id and t.id is not null
    -- the scan that used it up
    left join lateral (
        select a.gate, a.scanned_at
        from public.ticket_check_ins as a
        where a.ticket_id = c.ticket_id and a.result = 'admitted' and a.id < c.id
        order by a.id desc
        limit 1
    ) as used on true
    order by s.line;
end
$$;
revoke execute on function ticketdb.scan_tickets(jsonb) from public;
comment on function ticketdb.scan_tickets(jsonb) is 'Do the scans that a scanner made while it was offline';
-- <<< sql/functions/scan_tickets.sql

-- >>> sql/functions/schedules_ics.sql
-- The occurrences of an event or in a space as a calendar to subscribe to. It reads as its caller: what he may not see is not in it.
-- locks: none
-- raises: invalid_argument, definition_not_found
create or replace function public.schedules_ics(
    p_event_definition_id int default null,
    p_space_id int default null,
    p_from_date date default null,
    p_to_date date default null
)
returns ticketdb."*/*" -- noqa: RF05
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_today constant date := (now() at time zone 'UTC')::date;
    v_from constant date := coalesce(p_from_date, least(v_today - 30, p_to_date));
    v_to constant date := coalesce(p_to_date, greatest(v_today, v_from) + 366);
    v_name text;
    v_zones text;
    v_events text;
begin
    if num_nonnulls(p_event_definition_id, p_space_id) <> 1 then
        perform ticketdb.raise_error(
            'invalid_argument', 'a calendar is of one event or of one space',
            'Pass either p_event_definition_id or p_space_id.'
        );
    end if;
    if v_to < v_from or not isfinite(v_from) or not isfinite(v_to) or v_from < v_to - interval '10 years' then
        perform ticketdb.raise_error(
            'invalid_argument', format('no calendar is made from %s to %s', v_from, v_to),
            'Pass the earlier date first, and at most ten years.'
        );
    end if;
    if p_event_definition_id is not null then
        select d.title::text into v_name from public.event_definitions as d where d.id = p_event_definition_id;
        if not found then
            perform ticketdb.refuse_definition(p_event_definition_id);
        end if;
    end if;

    with entries as materialized (
        select e.*
        from ticketdb.calendar_entries as e
        where (e.event_definition_id = p_event_definition_id or e.space_id = p_space_id)
          and e.schedule_date between v_from and v_to
    )
    select
        coalesce(v_name, (select max(e.space_name) from entries as e)),
        (
            select string_agg(ticketdb.ics_zone(z.timezone, z.first_start - interval '24 hours', z.last_end), '' order by z.timezone)
            from (
                select e.timezone, min(e.starts_at) as first_start, max(e.ends_at) as last_end
                from entries as e
                group by e.timezone
            ) as z
        ),
        (
            select string_agg(
                ticketdb.ics_event(
                    e.uid, e.sequence, e.changed_at, e.starts_at, e.ends_at, e.timezone, e.status = 'cancelled',
                    e.title, e.description, e.location, e.event_category
                ),
                '' order by e.starts_at, e.schedule_id
            )
            from entries as e
        )
    into v_name, v_zones, v_events;
    -- PostgREST reads it; to others it is nothing
    perform set_config('response.headers', '[{"Content-Type": "text/calendar; charset=utf-8"}]', true);
    return concat(
        ticketdb.ics_fold('BEGIN:VCALENDAR'),
        ticketdb.ics_fold('VERSION:2.0'),
        ticketdb.ics_fold('PRODID:-//ticketdb//ticketdb//EN'),
        ticketdb.ics_fold('X-WR-CALNAME:' || ticketdb.ics_text(v_name)),
        -- a calendar must have something in it
        coalesce(v_zones, ticketdb.ics_zone('UTC', v_from::timestamp at time zone 'UTC', v_to::timestamp at time zone 'UTC')),
        v_events,
        ticketdb.ics_fold('END:VCALENDAR')
    )::ticketdb."*/*"; -- noqa: RF05
end
$$;
revoke execute on function public.schedules_ics(int, int, date, date) from public;
comment on function public.schedules_ics(int, int, date, date) is
'Schedules as iCalendar

A calendar (text/calendar, RFC 5545) of the occurrences of an event or in a space, to subscribe to or to import. Each keeps its UID
when it is moved; cancelled ones say so; blocked slots and private bookings are not in it. p_event_definition_id or p_space_id: whose,
one of them; p_from_date, p_to_date: local dates, both included, by default from 30 days ago for a year ahead, at most ten years.
Errors: invalid_argument, definition_not_found.';
-- <<< sql/functions/schedules_ics.sql

-- >>> sql/functions/zone_changes.sql
-- The clock changes of a zone in a period, to the second, as PostgreSQL's own rules have them: days whose offsets differ are halved until
-- the instant is found. The first row is the offset with which the period begins. Called by ics_zone.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.zone_changes(
    p_timezone text,
    p_from timestamptz,
    p_to timestamptz,
    out changes_at timestamptz,
    out offset_before interval,
    out offset_after interval
)
returns setof record
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_day timestamptz := date_trunc('second', p_from);
    v_low timestamptz;
    v_middle timestamptz;
begin
    changes_at := v_day;
    offset_after := ticketdb.zone_offset(v_day, p_timezone);
    offset_before := offset_after;
    return next;
    while v_day < p_to loop
        v_low := v_day;
        v_day := v_day + interval '24 hours';
        offset_before := offset_after;
        offset_after := ticketdb.zone_offset(v_day, p_timezone);
        if offset_after <> offset_before then
            changes_at := v_day;
            while changes_at - v_low > interval '1 second' loop
                v_middle := date_trunc('second', v_low + (changes_at - v_low) / 2);
                if ticketdb.zone_offset(v_middle, p_timezone) = offset_before then
                    v_low := v_middle;
                else
                    changes_at := v_middle;
                end if;
            end loop;
            return next;
        end if;
    end loop;
end
$$;
revoke execute on function ticketdb.zone_changes(text, timestamptz, timestamptz) from public;
comment on function ticketdb.zone_changes(text, timestamptz, timestamptz) is
'Clock changes of a zone in a period, after the offset with which it begins';
-- <<< sql/functions/zone_changes.sql

-- >>> sql/functions/zone_offset.sql
-- How far the clocks of a zone are ahead of UTC at an instant. Called where a calendar describes a zone.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.zone_offset(p_instant timestamptz, p_timezone text)
returns interval
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return (p_instant at time zone p_timezone) - (p_instant at time zone 'UTC');
end
$$;
revoke execute on function ticketdb.zone_offset(timestamptz, text) from public;
comment on function ticketdb.zone_offset(timestamptz, text) is 'Offset of a zone from UTC at an instant; null where an argument is null';
-- <<< sql/functions/zone_offset.sql

-- >>> sql/views/calendar_entries.sql
-- The occurrences that a calendar shows, as far as the caller may see them: those of active events; staff see the others too. A blocked slot
-- is nobody's event. It reads the names of venues and spaces with its owner's rights, for a public event must say where it is, and
-- nothing else of them. The uid is made of what never changes, moved or restored from a dump; the sequence rises with each change that
-- calendars show, but not with a sale. Read by schedules_ics.
create or replace view ticketdb.calendar_entries
with (security_barrier = true)
as
select
    s.id as schedule_id,
    s.event_definition_id,
    s.schedule_date,
    s.starts_at,
    s.ends_at,
    s.status,
    d.title,
    d.description,
    d.event_category,
    d.timezone,
    coalesce(s.space_id, d.space_id) as space_id,
    -- the application's tables: that they have these columns is likely, and not ours to demand
    to_jsonb(sp) ->> 'name' as space_name,
    nullif(concat_ws(', ', to_jsonb(sp) ->> 'name', to_jsonb(v) ->> 'name', to_jsonb(v) ->> 'address'), '') as location,
    format('%s-%s@ticketdb', s.id, to_hex((extract(epoch from s.created_at) * 1000000)::bigint)) as uid,
    greatest(s.created_at, s.calendar_changed_at, d.calendar_changed_at) as changed_at,
    s.calendar_revision + d.calendar_revision as sequence
from public.event_schedules as s
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
where not s.is_blocked and (d.is_active or (select ticketdb.is_staff()));
revoke all on ticketdb.calendar_entries from public;
comment on view ticketdb.calendar_entries is 'Occurrences as a calendar shows them, as far as the caller may see them';
comment on column ticketdb.calendar_entries.schedule_id is 'Occurrence';
comment on column ticketdb.calendar_entries.event_definition_id is 'Its event';
comment on column ticketdb.calendar_entries.schedule_date is 'Local date on which it starts';
comment on column ticketdb.calendar_entries.starts_at is 'Instant of the start';
comment on column ticketdb.calendar_entries.ends_at is 'Instant of the end';
comment on column ticketdb.calendar_entries.status is 'scheduled, cancelled or completed';
comment on column ticketdb.calendar_entries.title is 'Title of the event';
comment on column ticketdb.calendar_entries.description is 'Text shown to buyers';
comment on column ticketdb.calendar_entries.event_category is 'Category of the event';
comment on column ticketdb.calendar_entries.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.calendar_entries.space_id is 'Space it takes place in';
comment on column ticketdb.calendar_entries.space_name is 'Name of the space';
comment on column ticketdb.calendar_entries.location is 'Names of space and venue, and the address';
comment on column ticketdb.calendar_entries.uid is 'The same for ever, and different everywhere else';
comment on column ticketdb.calendar_entries.changed_at is 'When it was made or last changed, or its event did; a sale is no change';
comment on column ticketdb.calendar_entries.sequence is 'Number of such changes';
-- <<< sql/views/calendar_entries.sql

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
    ('table', 'public.pass_types', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.pass_types', 'insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.pass_types_id_seq', 'usage', '{authenticated,service_role}'),
    ('table', 'public.v_event_availability', 'select', '{anon,authenticated,service_role}'),
    ('function', 'public.check_ticket_availability(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    -- the spaces
    ('table', 'public.v_space_calendar', 'select', '{anon,authenticated,service_role}'),
    ('table', 'public.v_space_conflicts', 'select', '{authenticated,service_role}'),
    ('function', 'public.get_available_time_slots(int, date, int, time, time)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.schedules_ics(int, int, date, date)', 'execute', '{anon,authenticated,service_role}'),
    -- orders, written by functions alone
    ('table', 'public.ticket_reservations', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_payments', 'select', '{authenticated,service_role}'),
    ('table', 'public.event_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_schedule_participants', 'select', '{authenticated,service_role}'),
    ('function', 'public.reserve_tickets(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.reserve_series(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.release_reservation(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.event_waitlist', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_waitlist', 'select', '{authenticated,service_role}'),
    ('function', 'public.join_waitlist(int, int, int, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.leave_waitlist(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_reservation(bigint, text, numeric, jsonb)', 'execute', '{service_role}'),
    ('function', 'public.cancel_reservation(bigint, text)', 'execute', '{service_role}'),
    ('function', 'public.move_reservation(bigint, int)', 'execute', '{service_role}'),
    ('function', 'public.settle_refund(text, text, numeric)', 'execute', '{service_role}'),
    ('table', 'public.event_passes', 'select', '{authenticated,service_role}'),
    ('table', 'public.pass_pauses', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_event_passes', 'select', '{authenticated,service_role}'),
    ('function', 'public.buy_pass(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.redeem_pass(bigint, int)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.return_visit(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_pass(bigint, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.set_pass_renewal(bigint, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.confirm_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'public.pause_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'public.extend_pass(bigint, date)', 'execute', '{service_role}'),
    -- the house
    ('table', 'public.ticket_check_ins', 'select', '{authenticated,service_role}'),
    ('table', 'public.ticket_notifications', 'select, update', '{authenticated,service_role}'),
    ('function', 'public.claim_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'public.complete_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'public.retry_notification(bigint)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.v_attendance', 'select', '{authenticated,service_role}'),
    ('table', 'public.legacy_link_issues', 'select', '{authenticated,service_role}'),
    ('function', 'public.generate_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.preview_recurring_schedules(int, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('table', 'public.schedule_exceptions', 'select, insert, update, delete', '{authenticated,service_role}'),
    ('sequence', 'public.schedule_exceptions_id_seq', 'usage', '{authenticated,service_role}'),
    ('function', 'public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_schedule(int, date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.cancel_schedule(int, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.check_in(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'public.check_in_batch(jsonb)', 'execute', '{service_role}'),
    ('function', 'public.run_maintenance(int)', 'execute', '{service_role}'),
    ('function', 'public.verify_inventory()', 'execute', '{service_role}'),
    -- the books
    ('table', 'public.ticket_audit_log', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_ticket_sales_by_event', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_revenue_by_event_type', 'select', '{authenticated,service_role}'),
    ('table', 'public.v_refunds_due', 'select', '{authenticated,service_role}'),
    ('function', 'public.report_sales(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_revenue(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_attendance(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_occupancy(date, date)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.report_no_shows(date, date)', 'execute', '{authenticated,service_role}'),
    -- the inside, as far as views, policies, defaults and the faces above read it in the caller's name
    ('schema', 'ticketdb.', 'usage', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_sales', 'select', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.calendar_entries', 'select', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_text(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_fold(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.ics_offset(interval)', 'execute', '{anon,authenticated,service_role}'),
    (
        'function',
        'ticketdb.ics_event(text, int, timestamptz, timestamptz, timestamptz, text, boolean, text, text, text, text)',
        'execute', '{anon,authenticated,service_role}'
    ),
    ('function', 'ticketdb.ics_zone(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_changes(text, timestamptz, timestamptz)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.zone_offset(timestamptz, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.refuse_definition(int)', 'execute', '{anon,authenticated,service_role}'),
    ('table', 'ticketdb.schedule_people', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sales_ledger', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.held_schedules', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.sold_tickets', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.due_refunds', 'select', '{authenticated,service_role}'),
    ('table', 'ticketdb.ticket_cards', 'select', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.seats_past_waitlist(int, int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.local_instant(timestamp, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.time_before(timestamptz, interval, text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_offer(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.type_seats(int, int)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.reserve_for_caller(int, int, int, int, interval, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.reserve_series_for_caller(int, timestamp, timestamp, int, int, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.release_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.call_off_as_admin(int, text)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.buy_pass_for_caller(int, date, int, boolean, text, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.redeem_pass_for_caller(bigint, int)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.return_visit_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.cancel_pass_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.set_pass_renewal_for_caller(bigint, boolean)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.pass_visits_left(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.join_for_caller(int, int, int, jsonb)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.leave_for_caller(bigint)', 'execute', '{authenticated}'),
    ('function', 'ticketdb.waitlist_position(bigint)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_staff()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.require_admin()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_schedule(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_settled(int, text, timestamptz)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.refuse_unknown_space(int)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.check_report_period(date, date)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.hold_pass(int, date, int, boolean, text, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pay_pass(bigint, text, numeric)', 'execute', '{service_role}'),
    ('function', 'ticketdb.take_visit(bigint, int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.give_visit_back(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.suspend_pass(bigint, date, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.prolong_pass(bigint, date)', 'execute', '{service_role}'),
    ('function', 'ticketdb.close_pass(bigint, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.change_renewal(bigint, boolean)', 'execute', '{service_role}'),
    ('function', 'ticketdb.pass_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.visit_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.enter_waitlist(int, int, int, jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.quit_waitlist(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.waitlist_receipt(bigint)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_ticket(uuid, int, text, uuid, timestamptz)', 'execute', '{service_role}'),
    ('function', 'ticketdb.lease_notifications(int, interval)', 'execute', '{service_role}'),
    ('function', 'ticketdb.read_notifications(bigint[])', 'execute', '{service_role}'),
    ('function', 'ticketdb.settle_notification(bigint, uuid, text)', 'execute', '{service_role}'),
    ('function', 'ticketdb.scan_tickets(jsonb)', 'execute', '{service_role}'),
    ('function', 'ticketdb.refuse_scan_id(uuid)', 'execute', '{service_role}'),
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

-- >>> sql/views/ticket_cards.sql
-- What stands on a ticket. It reads the application's tables with its owner's rights, and shows each caller no more than he may
-- see: staff every ticket, a signed-in buyer his own. Read by v_tickets.
create or replace view ticketdb.ticket_cards
with (security_barrier = true)
as
select
    t.id as ticket_id,
    t.ticket_code,
    t.status,
    r.id as reservation_id,
    r.reservation_code,
    d.event_code,
    d.title,
    s.id as schedule_id,
    s.schedule_date,
    s.start_time,
    s.end_time,
    s.starts_at,
    s.ends_at,
    d.timezone,
    s.status as schedule_status,
    -- the application's tables: that they have a name is likely, and not ours to demand
    to_jsonb(v) ->> 'name' as venue_name,
    to_jsonb(sp) ->> 'name' as space_name,
    k.name as ticket_type,
    coalesce(pp.name, r.contact ->> 'name', nullif(concat_ws(' ', u.first_name, u.last_name), '')) as name,
    d.admission_policy,
    d.max_entries,
    t.scan_count,
    t.first_scanned_at
from public.event_tickets as t
inner join public.ticket_reservations as r on r.id = t.reservation_id
inner join public.event_schedules as s on s.id = r.schedule_id
inner join public.event_definitions as d on d.id = s.event_definition_id
left join public.ticket_types as k on k.id = r.ticket_type_id
left join public.spaces as sp on sp.id = coalesce(s.space_id, d.space_id)
left join public.venues as v on v.id = d.venue_id
left join public.program_participants as pp on pp.id = t.participant_id
left join public.users as u on u.id = r.user_id
where (select ticketdb.is_staff()) or r.user_id = (select ticketdb.caller_user_id());
revoke all on ticketdb.ticket_cards from public;
comment on view ticketdb.ticket_cards is
'What stands on each ticket, as far as the caller may see it';
comment on column ticketdb.ticket_cards.ticket_id is 'Ticket';
comment on column ticketdb.ticket_cards.ticket_code is 'Code that the ticket carries';
comment on column ticketdb.ticket_cards.status is 'valid, or void after a cancellation';
comment on column ticketdb.ticket_cards.reservation_id is 'Reservation it was sold with';
comment on column ticketdb.ticket_cards.reservation_code is 'Code of the reservation';
comment on column ticketdb.ticket_cards.event_code is 'Code of the event';
comment on column ticketdb.ticket_cards.title is 'Title of the event';
comment on column ticketdb.ticket_cards.schedule_id is 'Occurrence';
comment on column ticketdb.ticket_cards.schedule_date is 'Local date on which it starts';
comment on column ticketdb.ticket_cards.start_time is 'Local start time';
comment on column ticketdb.ticket_cards.end_time is 'Local end time';
comment on column ticketdb.ticket_cards.starts_at is 'Instant of the start';
comment on column ticketdb.ticket_cards.ends_at is 'Instant of the end';
comment on column ticketdb.ticket_cards.timezone is 'IANA name of the zone of the local times';
comment on column ticketdb.ticket_cards.schedule_status is 'scheduled, cancelled or completed';
comment on column ticketdb.ticket_cards.venue_name is 'Venue';
comment on column ticketdb.ticket_cards.space_name is 'Space';
comment on column ticketdb.ticket_cards.ticket_type is 'Ticket type; null where it has none';
comment on column ticketdb.ticket_cards.name is 'Person it admits, else the buyer';
comment on column ticketdb.ticket_cards.admission_policy is 'How often it admits: once, n_entries, once_a_day or in_and_out';
comment on column ticketdb.ticket_cards.max_entries is 'How often where the policy is n_entries';
comment on column ticketdb.ticket_cards.scan_count is 'How often it was scanned';
comment on column ticketdb.ticket_cards.first_scanned_at is 'When its holder was admitted; null until then';
-- <<< sql/views/ticket_cards.sql

-- >>> sql/views/v_attendance.sql
-- Who came, per occurrence, in numbers; staff only. Tickets count by the scans of the door. Whom the application itself marks as
-- verified, and who has no ticket that the door scanned, counts with his ticket_quantity, apart from them: imported participants
-- of past occurrences have no tickets.
create or replace view public.v_attendance
with (security_invoker = true)
as
select
    es.id as schedule_id,
    es.event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    es.schedule_date,
    es.start_time,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    ed.admission_policy,
    es.tickets_sold,
    door.tickets_admitted,
    app.verified_without_scan,
    least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold) as attended,
    case
        when es.status <> 'cancelled' and es.ends_at <= now()
            then es.tickets_sold - least(door.tickets_admitted + app.verified_without_scan, es.tickets_sold)
    end as no_shows,
    case when ed.admission_policy = 'in_and_out' then door.entries - door.exits end as inside_now,
    door.entries,
    door.exits,
    door.refused_scans,
    door.first_scanned_at,
    door.last_scanned_at,
    door.entries_by_gate
from public.event_schedules as es
inner join public.event_definitions as ed on ed.id = es.event_definition_id
cross join lateral (
    select
        coalesce(sum(g.tickets), 0)::int as tickets_admitted,
        coalesce(sum(g.entries), 0)::int as entries,
        coalesce(sum(g.exits), 0)::int as exits,
        coalesce(sum(g.refused), 0)::int as refused_scans,
        min(g.first_scanned_at) as first_scanned_at,
        max(g.last_scanned_at) as last_scanned_at,
        coalesce(jsonb_object_agg(g.gate, g.entries order by g.gate) filter (where g.entries > 0), '{}') as entries_by_gate
    from (
        select
            coalesce(c.gate, '') as gate,
            -- a ticket is counted with the scan that admitted it first
            count(*) filter (where t.status = 'valid' and c.id = c.first_entry) as tickets,
            count(*) filter (where c.result = 'admitted') as entries,
            count(*) filter (where c.result = 'exited') as exits,
            count(*) filter (where c.result not in ('admitted', 'exited')) as refused,
            min(c.scanned_at) as first_scanned_at,
            max(c.scanned_at) as last_scanned_at
        from public.ticket_reservations as r
        inner join public.event_tickets as t on t.reservation_id = r.id
        cross join lateral (
            select
                i.id, i.gate, i.result, i.scanned_at,
                min(i.id) filter (where i.result = 'admitted') over () as first_entry
            from public.ticket_check_ins as i
            where i.ticket_id = t.id
        ) as c
        where r.schedule_id = es.id
        group by coalesce(c.gate, '')
    ) as g
) as door
cross join lateral (
    select coalesce(sum(coalesce(nullif(p.ticket_quantity, 0), 1)), 0)::int as verified_without_scan
    from ticketdb.schedule_people as p
    where p.schedule_id = es.id
      and p.is_verified and p.is_active is not false
      and not exists (
          select from public.event_tickets as t
          where t.participant_id = p.participant_id and t.first_scanned_at is not null
      )
      and not exists (
          select from public.ticket_reservations as r
          inner join public.event_tickets as t on t.reservation_id = r.id
          where r.booking_id = p.booking_id and t.first_scanned_at is not null
      )
) as app
where (select ticketdb.is_staff());
revoke all on public.v_attendance from public;
comment on view public.v_attendance is
'Attendance

Who came to each occurrence, in numbers: tickets sold, admitted, not used, people inside, scans by gate. Staff only.';
comment on column public.v_attendance.schedule_id is 'Occurrence';
comment on column public.v_attendance.event_definition_id is 'Event';
comment on column public.v_attendance.event_code is 'Code of the event';
comment on column public.v_attendance.title is 'Title of the event';
comment on column public.v_attendance.event_category is 'Category of the event';
comment on column public.v_attendance.event_type is 'Type of the event';
comment on column public.v_attendance.schedule_date is 'Local date on which it starts';
comment on column public.v_attendance.start_time is 'Local start time';
comment on column public.v_attendance.starts_at is 'Instant of the start';
comment on column public.v_attendance.ends_at is 'Instant of the end';
comment on column public.v_attendance.timezone is 'IANA name of the zone of the local times';
comment on column public.v_attendance.status is 'scheduled, cancelled or completed';
comment on column public.v_attendance.space_id is 'Space it takes place in';
comment on column public.v_attendance.venue_id is 'Venue it takes place at';
comment on column public.v_attendance.admission_policy is
'How often a ticket admits: once, n_entries, once_a_day or in_and_out';
comment on column public.v_attendance.tickets_sold is 'Confirmed tickets';
comment on column public.v_attendance.tickets_admitted is 'Valid tickets that admitted their holder at least once';
comment on column public.v_attendance.verified_without_scan is
'Tickets of participants whom the application marks as verified and of whom the door scanned no ticket';
comment on column public.v_attendance.attended is 'Both together, not more than were sold';
comment on column public.v_attendance.no_shows is
'Sold tickets whose holders did not come; null before the end and for a cancelled occurrence';
comment on column public.v_attendance.inside_now is
'Entries less exits where the policy is in_and_out; null elsewhere';
comment on column public.v_attendance.entries is 'Scans that admitted; with re-entries more than tickets';
comment on column public.v_attendance.exits is 'Scans of holders who left';
comment on column public.v_attendance.refused_scans is
'Scans that admitted nobody: already used, void or for another occurrence';
comment on column public.v_attendance.first_scanned_at is 'When the first ticket was scanned, by the scanner''s word';
comment on column public.v_attendance.last_scanned_at is 'When the last one was';
comment on column public.v_attendance.entries_by_gate is
'Entries at each gate: {"north": 12}; without a gate under the empty name';
-- <<< sql/views/v_attendance.sql

-- >>> sql/views/v_tickets.sql
-- What stands on a ticket, as ticket_cards says.
create or replace view public.v_tickets
with (security_invoker = true)
as
select
    c.ticket_id,
    c.ticket_code,
    c.status,
    c.reservation_id,
    c.reservation_code,
    c.event_code,
    c.title,
    c.schedule_id,
    c.schedule_date,
    c.start_time,
    c.end_time,
    c.starts_at,
    c.ends_at,
    c.timezone,
    c.schedule_status,
    c.venue_name,
    c.space_name,
    c.ticket_type,
    c.name,
    c.admission_policy,
    c.max_entries,
    c.scan_count,
    c.first_scanned_at
from ticketdb.ticket_cards as c;
revoke all on public.v_tickets from public;
comment on view public.v_tickets is
'Tickets as shown

What stands on each ticket: event, time, place, name and state. Staff see every ticket, a signed-in buyer his own.';
comment on column public.v_tickets.ticket_id is 'Ticket';
comment on column public.v_tickets.ticket_code is 'Code that the ticket carries';
comment on column public.v_tickets.status is 'valid, or void after a cancellation';
comment on column public.v_tickets.reservation_id is 'Reservation it was sold with';
comment on column public.v_tickets.reservation_code is 'Code of the reservation';
comment on column public.v_tickets.event_code is 'Code of the event';
comment on column public.v_tickets.title is 'Title of the event';
comment on column public.v_tickets.schedule_id is 'Occurrence';
comment on column public.v_tickets.schedule_date is 'Local date on which it starts';
comment on column public.v_tickets.start_time is 'Local start time';
comment on column public.v_tickets.end_time is 'Local end time';
comment on column public.v_tickets.starts_at is 'Instant of the start';
comment on column public.v_tickets.ends_at is 'Instant of the end';
comment on column public.v_tickets.timezone is 'IANA name of the zone of the local times';
comment on column public.v_tickets.schedule_status is 'scheduled, cancelled or completed';
comment on column public.v_tickets.venue_name is 'Venue';
comment on column public.v_tickets.space_name is 'Space';
comment on column public.v_tickets.ticket_type is 'Ticket type; null where it has none';
comment on column public.v_tickets.name is 'Person it admits, else the buyer';
comment on column public.v_tickets.admission_policy is 'How often it admits: once, n_entries, once_a_day or in_and_out';
comment on column public.v_tickets.max_entries is 'How often where the policy is n_entries';
comment on column public.v_tickets.scan_count is 'How often it was scanned';
comment on column public.v_tickets.first_scanned_at is 'When its holder was admitted; null until then';
-- <<< sql/views/v_tickets.sql

-- >>> sql/triggers/event_definitions_in_calendars.sql
-- Trigger of event_definitions: note a change that calendars show.
create or replace trigger note_calendar_change
before update of title, description, event_category, timezone, space_id, venue_id on public.event_definitions
for each row when (
    (new.title, new.description, new.event_category, new.timezone, new.space_id, new.venue_id)
    is distinct from
    (old.title, old.description, old.event_category, old.timezone, old.space_id, old.venue_id)
)
execute function ticketdb.note_calendar_change();
-- <<< sql/triggers/event_definitions_in_calendars.sql

-- >>> sql/triggers/event_schedules_in_calendars.sql
-- Trigger of event_schedules: note a change that calendars show. A sale names none of these columns.
create or replace trigger note_calendar_change
before update of event_definition_id, schedule_date, start_time, end_time, starts_at, ends_at, space_id, status, is_blocked
on public.event_schedules
for each row when (
    (new.event_definition_id, new.starts_at, new.ends_at, new.space_id, new.status = 'cancelled', new.is_blocked)
    is distinct from
    (old.event_definition_id, old.starts_at, old.ends_at, old.space_id, old.status = 'cancelled', old.is_blocked)
)
execute function ticketdb.note_calendar_change();
-- <<< sql/triggers/event_schedules_in_calendars.sql
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
