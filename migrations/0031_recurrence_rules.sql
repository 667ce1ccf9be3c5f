-- Recurrence rules of RFC 5545: the rule of a definition, the one expander, and what it says in English.

alter table public.event_definitions
    add column rrule text,
    add column recurrence_starts_on date,
    drop constraint recurrence_type_known,
    add constraint recurrence_type_known check (recurrence_type in ('none', 'daily', 'weekly', 'rrule')),
    -- one way to say when it recurs; a rule counts from its beginning
    add constraint rule_goes_with_its_type check (
        (recurrence_type = 'rrule') = (rrule is not null)
        and (recurrence_type <> 'rrule' or (recurrence_starts_on is not null and recurrence_days is null))
    ),
    -- what is counted from there stays within what dates can say
    add constraint recurrence_starts_within_centuries check (recurrence_starts_on between '1900-01-01' and '2999-12-31');
comment on column public.event_definitions.recurrence_type is 'How occurrences repeat: none, daily, weekly or rrule';
comment on column public.event_definitions.rrule is
'Recurrence rule of RFC 5545 for recurrence_type rrule, such as FREQ=MONTHLY;BYDAY=2TU; written out in full when it is saved';
comment on column public.event_definitions.recurrence_starts_on is
'Local date of the rule''s DTSTART, with default_start_time; the date on which it is saved where none is given. For daily and
weekly: nothing takes place before it; null means no such date';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/check_rrule.sql
-- Refuses a rule that is not one, part by part: what its text may say, then which parts may stand together (refuse_rrule_mix).
-- Called when a rule is saved and when one is expanded.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.check_rrule(p_rrule text)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekday constant text := '(MO|TU|WE|TH|FR|SA|SU)';
    v_to_31 constant text := '(0?[1-9]|[12][0-9]|3[01])';
    v_to_53 constant text := '(0?[1-9]|[1-4][0-9]|5[0-3])';
    v_to_366 constant text := '(0{0,2}[1-9]|0?[1-9][0-9]|[12][0-9][0-9]|3[0-5][0-9]|36[0-6])';
    v_seen text[] := array[]::text[];
    v_part text;
    v_name text;
    v_one text;
    v_hint text;
    v_is_list boolean;
begin
    if coalesce(ticketdb.rrule_text(p_rrule), '') = '' or length(p_rrule) > 4000 then
        perform ticketdb.refuse_rrule(p_rrule, 'the recurrence rule is empty or endless', 'Give a rule such as FREQ=WEEKLY;BYDAY=MO,WE.');
    end if;
    foreach v_part in array string_to_array(ticketdb.rrule_text(p_rrule), ';') loop
        v_name := split_part(v_part, '=', 1);
        v_is_list := left(v_name, 2) = 'BY';
        v_one := null;
        case v_name
            when 'FREQ' then v_one := '(DAILY|WEEKLY|MONTHLY|YEARLY)'; v_hint := 'DAILY, WEEKLY, MONTHLY or YEARLY';
            when 'INTERVAL' then v_one := '0*[1-9][0-9]{0,3}'; v_hint := '1 to 9999';
            when 'COUNT' then v_one := '0*[1-9][0-9]{0,5}'; v_hint := '1 to 999999';
            when 'UNTIL' then v_one := '[0-9]{8}(T([01][0-9]|2[0-3])([0-5][0-9]){2}Z?)?'; v_hint := '20301231, 20301231T235959 or 20301231T235959Z';
            when 'WKST' then v_one := v_weekday; v_hint := 'MO to SU';
            when 'BYMONTH' then v_one := '(0?[1-9]|1[0-2])'; v_hint := '1 to 12';
            when 'BYWEEKNO' then v_one := '[+-]?' || v_to_53; v_hint := '1 to 53, or -53 to -1 from the end';
            when 'BYYEARDAY', 'BYSETPOS' then v_one := '[+-]?' || v_to_366; v_hint := '1 to 366, or -366 to -1 from the end';
            when 'BYMONTHDAY' then v_one := '[+-]?' || v_to_31; v_hint := '1 to 31, or -31 to -1 from the end';
            when 'BYDAY' then v_one := '([+-]?' || v_to_53 || ')?' || v_weekday; v_hint := 'MO to SU, or an ordinal with it: 2TU, -1FR';
            when 'BYHOUR' then v_one := '([01]?[0-9]|2[0-3])'; v_hint := '0 to 23';
            when 'BYMINUTE' then v_one := '[0-5]?[0-9]'; v_hint := '0 to 59';
            else
                perform ticketdb.refuse_rrule(
                    v_part, format('a recurrence rule has no part %L', v_part),
                    'Parts are FREQ, INTERVAL, COUNT, UNTIL, WKST, BYMONTH, BYWEEKNO, BYYEARDAY, BYMONTHDAY, BYDAY, BYHOUR, '
                    'BYMINUTE and BYSETPOS, each NAME=VALUE, with ; between them.'
                );
        end case;
        if v_name = any (v_seen) then
            perform ticketdb.refuse_rrule(v_part, format('%s stands there twice', v_name), 'Give each part once.');
        end if;
        v_seen := array_append(v_seen, v_name);
        if v_part !~ ('^' || v_name || '=' || v_one || case when v_is_list then '(,' || v_one || ')*$' else '$' end) then
            perform ticketdb.refuse_rrule(
                v_part, format('%L is not what %s may be', substr(v_part, length(v_name) + 2), v_name),
                format(case when v_is_list then '%s takes %s; several with commas.' else '%s takes %s.' end, v_name, v_hint)
            );
        end if;
        if v_name = 'UNTIL' then
            begin
                perform rtrim(substr(v_part, 7), 'Z')::timestamp;
            exception
                when datetime_field_overflow or invalid_datetime_format then
                    perform ticketdb.refuse_rrule(v_part, format('no calendar has %s', substr(v_part, 7)), 'Give a date that exists.');
            end;
        end if;
    end loop;
    perform ticketdb.refuse_rrule_mix(p_rrule, v_seen);
end
$$;
revoke execute on function ticketdb.check_rrule(text) from public;
comment on function ticketdb.check_rrule(text) is 'Refuse what is no recurrence rule, naming the part';
-- <<< sql/functions/check_rrule.sql

-- >>> sql/functions/check_time_zone.sql
-- Refuses a time zone that is not an IANA name, spelt exactly so, and says which was probably meant. A zone has a slash, or is UTC or
-- GMT: names without one are abbreviations, or countries as of 1990, and the IANA keep them for old data only. Called by guard_definition.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.check_time_zone(p_timezone text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    -- the list of zones takes milliseconds to read: skip it for a zone that is in use already
    if exists (select from public.event_definitions as d where d.timezone = p_timezone)
        or exists (
            select from pg_timezone_names as z
            where z.name = p_timezone
              and (z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/' or z.name in ('UTC', 'GMT'))
        )
    then
        return;
    end if;
    perform ticketdb.raise_error(
        'invalid_argument', format('time zone %L is not an IANA name', p_timezone),
        coalesce(
            'Probably ' || ticketdb.time_zone_named(p_timezone) || ' is meant, spelt exactly so.',
            'Use a name such as Asia/Kolkata, Europe/Paris or UTC, spelt exactly so; pg_timezone_names lists them.'
        ),
        jsonb_build_object('timezone', p_timezone, 'meant', ticketdb.time_zone_named(p_timezone))
    );
end
$$;
revoke execute on function ticketdb.check_time_zone(text) from public;
comment on function ticketdb.check_time_zone(text) is 'Refuse what is not an IANA time zone';
-- <<< sql/functions/check_time_zone.sql

-- >>> sql/functions/describe_rrule.sql
-- A recurrence rule in English, for those who have to say whether it is the one they meant.
-- locks: none
-- raises: invalid_recurrence
create or replace function public.describe_rrule(p_rrule text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.check_rrule(p_rrule);
    return ticketdb.spoken_rrule(p_rrule);
end
$$;
revoke execute on function public.describe_rrule(text) from public;
comment on function public.describe_rrule(text) is
'Describe a recurrence rule

A rule of RFC 5545 in English: FREQ=MONTHLY;BYDAY=2TU;BYHOUR=19;BYMINUTE=0 is "every second Tuesday of the month at 19:00". p_rrule: the
rule. Errors: invalid_recurrence, whose detail has the part.';
-- <<< sql/functions/describe_rrule.sql

-- >>> sql/functions/expand_rrule.sql
-- When a recurrence rule takes place: the face of rrule_starts for any rule, saved or not.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function public.expand_rrule(p_rrule text, p_dtstart timestamp, p_from timestamp, p_to timestamp)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if p_dtstart is null or p_from is null or p_to is null
        or least(p_dtstart, p_from, p_to) < timestamp '1000-01-01' or greatest(p_dtstart, p_from, p_to) >= timestamp '10000-01-01'
    then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s, %s to %s: not three dates of four-digit years', p_dtstart, p_from, p_to),
            'Pass the first start, and the two ends of the period.'
        );
    end if;
    -- the calendar repeats itself after so long
    if p_to - interval '400 years' > p_from then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s to %s is more than 400 years', p_from, p_to), 'Take a shorter period.'
        );
    end if;
    perform ticketdb.check_rrule(p_rrule);
    return query select s.at from ticketdb.rrule_starts(p_rrule, p_dtstart, p_from, p_to) as s (at);
end
$$;
revoke execute on function public.expand_rrule(text, timestamp, timestamp, timestamp) from public;
comment on function public.expand_rrule(text, timestamp, timestamp, timestamp) is
'Expand a recurrence rule

The local times at which a rule of RFC 5545 takes place from p_from to p_to, both included, ascending. p_rrule: such as
FREQ=WEEKLY;BYDAY=MO,WE; p_dtstart: its first start, which is an occurrence only if it matches the rule; an UNTIL in UTC is read as
if all times were. Errors: invalid_recurrence, whose detail has the part, and invalid_argument.';
-- <<< sql/functions/expand_rrule.sql

-- >>> sql/functions/guard_definition.sql
-- Says clearly what is wrong with a definition before a constraint says it tersely, and saves a recurrence rule so that everybody
-- reads it alike. Called by trigger before a definition is written.
-- locks: none
-- raises: invalid_recurrence, invalid_argument
create or replace function ticketdb.guard_definition()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.recurrence_type is null or new.recurrence_type not in ('none', 'daily', 'weekly', 'rrule') then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_type %L is not known', new.recurrence_type),
            'Use none, daily, weekly or rrule.', jsonb_build_object('recurrence_type', new.recurrence_type)
        );
    end if;
    if new.recurrence_days !~ '^[1-7](,[1-7])*$' or new.recurrence_days ~ '([1-7]).*\1' then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurrence_days %L is not a list of weekdays', new.recurrence_days),
            'Give ISO weekdays, comma-separated and each once: 1,3,5 is Monday, Wednesday, Friday.',
            jsonb_build_object('recurrence_days', new.recurrence_days)
        );
    end if;
    if new.recurrence_type = 'weekly' and new.recurrence_days is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('weekly event %s does not say on which days', new.event_code),
            'Set recurrence_days, such as 1,3,5 for Monday, Wednesday, Friday.'
        );
    end if;
    if new.recurrence_type <> 'none' and new.default_start_time is null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('recurring event %s has no start time', new.event_code),
            'Set default_start_time, such as 07:00.'
        );
    end if;

    if tg_op = 'INSERT' or new.timezone is distinct from old.timezone then
        perform ticketdb.check_time_zone(new.timezone);
    end if;
    if new.recurrence_starts_on not between date '1900-01-01' and date '2999-12-31' then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('event %s cannot recur from %s on', new.event_code, new.recurrence_starts_on),
            'Give a date from 1900 to 2999, or null.', jsonb_build_object('recurrence_starts_on', new.recurrence_starts_on)
        );
    end if;
    if new.recurrence_type <> 'rrule' then
        if new.rrule is not null then
            perform ticketdb.refuse_rrule(
                new.rrule, format('event %s has a rule and recurs %s', new.event_code, new.recurrence_type),
                'Set recurrence_type to rrule, or rrule to null.'
            );
        end if;
        return new;
    end if;
    if new.recurrence_days is not null then
        perform ticketdb.raise_error(
            'invalid_recurrence', format('event %s has a rule and recurrence_days', new.event_code),
            'Set recurrence_days to null, and say the weekdays in the rule: BYDAY=MO,WE.',
            jsonb_build_object('recurrence_days', new.recurrence_days)
        );
    end if;
    new.recurrence_starts_on := coalesce(new.recurrence_starts_on, (now() at time zone new.timezone)::date);
    if tg_op = 'INSERT'
        or (new.rrule, new.recurrence_starts_on, new.default_start_time)
            is distinct from (old.rrule, old.recurrence_starts_on, old.default_start_time)
    then
        perform ticketdb.check_rrule(new.rrule);
        new.rrule := ticketdb.normalise_rrule(new.rrule, new.recurrence_starts_on + new.default_start_time);
        perform ticketdb.refuse_endless_wait(new.rrule, new.recurrence_starts_on + new.default_start_time, new.timezone);
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.guard_definition() from public;
comment on function ticketdb.guard_definition() is 'Trigger: refuse a malformed recurrence or an unknown time zone';
-- <<< sql/functions/guard_definition.sql

-- >>> sql/functions/is_in_week.sql
-- Whether a date is in one of the weeks that BYWEEKNO names, from the beginning or the end of the year that the week is of. Called by
-- rrule_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.is_in_week(p_day date, p_week_start int, p_week_numbers int[])
returns boolean
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_week constant int := ticketdb.week_number(p_day, p_week_start);
begin
    return v_week / 100 % 100 = any (p_week_numbers) or v_week / 100 % 100 - v_week % 100 - 1 = any (p_week_numbers);
end
$$;
revoke execute on function ticketdb.is_in_week(date, int, int[]) from public;
comment on function ticketdb.is_in_week(date, int, int[]) is 'Whether a date is in one of these weeks of the year';
-- <<< sql/functions/is_in_week.sql

-- >>> sql/functions/list_moved_schedules.sql
-- The face of moved_schedules, for those who look after the time zones have been updated.
-- locks: none
-- raises: not_allowed
create or replace function public.list_moved_schedules()
returns table (
    schedule_id int,
    event_code varchar,
    schedule_date date,
    start_time time,
    timezone text,
    starts_at timestamptz,
    ends_at timestamptz,
    starts_at_now timestamptz,
    ends_at_now timestamptz,
    tickets_taken int
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    return query
    select
        m.schedule_id, m.event_code, m.schedule_date, m.start_time, m.timezone, m.starts_at, m.ends_at, m.starts_at_now,
        m.ends_at_now, m.tickets_taken
    from ticketdb.moved_schedules() as m
    order by m.starts_at, m.schedule_id;
end
$$;
revoke execute on function public.list_moved_schedules() from public;
comment on function public.list_moved_schedules() is
'List moved schedules

Coming schedules whose instants (starts_at, ends_at) are not what the rules of their time zone say now for their local times
(starts_at_now, ends_at_now), because the server''s time zones were updated, and how many tickets are held or sold (tickets_taken).
move_unsold_schedules moves those without any. Errors: not_allowed.';
-- <<< sql/functions/list_moved_schedules.sql

-- >>> sql/functions/move_unsold.sql
-- Gives those of moved_schedules of which no ticket is held or sold the instants that their zone's rules say now; returns how many.
-- With its buckets locked nobody buys a ticket of one meanwhile. The inside of move_unsold_schedules.
-- locks: for each occurrence, by id: ticketdb.seat_buckets, event_schedules
-- raises: invalid_argument
create or replace function ticketdb.move_unsold()
returns int
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_moved int := 0;
    v_schedule_id int;
begin
    perform ticketdb.require_read_committed();
    for v_schedule_id in
        select m.schedule_id from ticketdb.moved_schedules() as m where m.tickets_taken = 0 order by m.schedule_id
    loop
        perform ticketdb.lock_buckets(v_schedule_id);
        -- naming the column fires derive_schedule_times
        update public.event_schedules as s
        set start_time = s.start_time
        where s.id = v_schedule_id
          and not exists (
              select from ticketdb.seat_buckets as b
              where b.schedule_id = s.id and b.ticket_type_id = 0 and b.held + b.sold > 0
          );
        v_moved := v_moved + case when found then 1 else 0 end;
    end loop;
    return v_moved;
end
$$;
revoke execute on function ticketdb.move_unsold() from public;
comment on function ticketdb.move_unsold() is 'Move unsold occurrences to the instants of their zone''s rules';
-- <<< sql/functions/move_unsold.sql

-- >>> sql/functions/move_unsold_schedules.sql
-- The face of move_unsold.
-- locks: as move_unsold
-- raises: not_allowed, invalid_argument
create or replace function public.move_unsold_schedules()
returns int
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.require_staff();
    return ticketdb.move_unsold();
end
$$;
revoke execute on function public.move_unsold_schedules() from public;
comment on function public.move_unsold_schedules() is
'Move unsold schedules

After an update of the server''s time zones: gives those of list_moved_schedules that nobody has a ticket for the instants that the
rules say now, and returns how many. The others stay, for their buyers were told when. Errors: not_allowed, invalid_argument.';
-- <<< sql/functions/move_unsold_schedules.sql

-- >>> sql/functions/moved_schedules.sql
-- Coming occurrences for whose local times the zone's rules have another instant now than when they were saved: somebody has updated
-- the time zones. The inside of list_moved_schedules; move_unsold works on it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.moved_schedules()
returns table (
    schedule_id int,
    event_code varchar,
    schedule_date date,
    start_time time,
    timezone text,
    starts_at timestamptz,
    ends_at timestamptz,
    starts_at_now timestamptz,
    ends_at_now timestamptz,
    tickets_taken int
)
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    select
        s.id, d.event_code, s.schedule_date, s.start_time, d.timezone, s.starts_at, s.ends_at, i.starts_at, i.ends_at,
        coalesce((
            select sum(b.held + b.sold)
            from ticketdb.seat_buckets as b
            where b.schedule_id = s.id and b.ticket_type_id = 0
        ), 0)::int
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    cross join lateral ticketdb.schedule_instants(s.schedule_date, s.start_time, s.end_time, d.timezone) as i
    where s.status = 'scheduled'
      and s.starts_at > now()
      and (s.starts_at, s.ends_at) is distinct from (i.starts_at, i.ends_at);
$$;
revoke execute on function ticketdb.moved_schedules() from public;
comment on function ticketdb.moved_schedules() is
'Coming occurrences whose instants are not what their zone''s rules say now';
-- <<< sql/functions/moved_schedules.sql

-- >>> sql/functions/normalise_rrule.sql
-- A rule as it is saved: parts in one order, lists sorted and without doubles, and written out what libraries read differently, so that
-- all read the same: YEARLY with BYMONTHDAY means the days of every month, BYWEEKNO means DTSTART's weekday. The rule has passed
-- check_rrule. Called by guard_definition.
-- locks: none
-- raises: nothing
create or replace function ticketdb.normalise_rrule(p_rrule text, p_dtstart timestamp)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_names constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    v_rule record;
    v_until text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    if v_rule.freq = 'YEARLY' and v_rule.month_days is not null and v_rule.months is null then
        v_rule.months := array[1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12];
    end if;
    if v_rule.week_numbers is not null and v_rule.weekdays is null then
        v_rule.weekdays := array[date_part('isodow', p_dtstart)::int];
    end if;
    select split_part(x.part, '=', 2) into v_until
    from unnest(string_to_array(ticketdb.rrule_text(p_rrule), ';')) as x (part)
    where x.part like 'UNTIL=%';
    return (
        select string_agg(p.name || '=' || p.value, ';' order by p.place)
        from (
            values
            (1, 'FREQ', v_rule.freq),
            (2, 'INTERVAL', nullif(v_rule.step, 1)::text),
            (3, 'COUNT', v_rule.max_count::text),
            (4, 'UNTIL', v_until),
            (5, 'BYMONTH', ticketdb.number_list(v_rule.months)),
            (6, 'BYWEEKNO', ticketdb.number_list(v_rule.week_numbers)),
            (7, 'BYYEARDAY', ticketdb.number_list(v_rule.year_days)),
            (8, 'BYMONTHDAY', ticketdb.number_list(v_rule.month_days)),
            (9, 'BYDAY', (
                select string_agg(d.ordinal || v_names[d.weekday], ',' order by d.weekday, d.place)
                from (
                    select distinct w.n as weekday, 0 as place, '' as ordinal from unnest(v_rule.weekdays) as w (n)
                    union
                    select x.weekday, (x.n - x.weekday) / 8, ((x.n - x.weekday) / 8)::text
                    from (
                        select w.n, (w.n % 8 + 8) % 8 as weekday from unnest(v_rule.nth_weekdays) as w (n)
                    ) as x
                ) as d
            )),
            (10, 'BYHOUR', ticketdb.number_list(v_rule.hours)),
            (11, 'BYMINUTE', ticketdb.number_list(v_rule.minutes)),
            (12, 'BYSETPOS', ticketdb.number_list(v_rule.positions)),
            (13, 'WKST', v_names[nullif(v_rule.week_start, 1)])
        ) as p (place, name, value)
    );
end
$$;
revoke execute on function ticketdb.normalise_rrule(text, timestamp) from public;
comment on function ticketdb.normalise_rrule(text, timestamp) is
'A recurrence rule as it is saved

p_rrule: one that check_rrule has let pass; p_dtstart: its first start.';
-- <<< sql/functions/normalise_rrule.sql

-- >>> sql/functions/number_list.sql
-- Numbers as a part of a recurrence rule lists them: each once, ascending, those counted from the end last. Called by normalise_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.number_list(p_numbers int[])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(u.n::text, ',' order by u.n < 0, u.n)
        from (select distinct x.n from unnest(p_numbers) as x (n)) as u
    );
end
$$;
revoke execute on function ticketdb.number_list(int[]) from public;
comment on function ticketdb.number_list(int[]) is 'Numbers with commas between them; null for null';
-- <<< sql/functions/number_list.sql

-- >>> sql/functions/parse_rrule.sql
-- Reads a rule that check_rrule has let pass: the one reading of its text. Weekdays are ISO numbers (1 = Monday); one with an
-- ordinal is ordinal * 8 + weekday. UNTIL as a date lasts to the end of that day.
-- locks: none
-- raises: nothing
create or replace function ticketdb.parse_rrule(
    p_rrule text,
    out freq text,
    out step int,
    out max_count int,
    out until_at timestamp,
    out until_is_utc boolean,
    out week_start int,
    out months int[],
    out week_numbers int[],
    out year_days int[],
    out month_days int[],
    out weekdays int[],
    out nth_weekdays int[],
    out hours int[],
    out minutes int[],
    out positions int[]
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text := 'MOTUWETHFRSASU';
    v_part text;
    v_value text;
    v_day text;
    v_weekday int;
begin
    step := 1;
    week_start := 1;
    until_is_utc := false;
    foreach v_part in array string_to_array(ticketdb.rrule_text(p_rrule), ';') loop
        v_value := split_part(v_part, '=', 2);
        case split_part(v_part, '=', 1)
            when 'FREQ' then freq := v_value;
            when 'INTERVAL' then step := v_value::int;
            when 'COUNT' then max_count := v_value::int;
            when 'UNTIL' then
                until_is_utc := right(v_value, 1) = 'Z';
                until_at := rtrim(v_value, 'Z')::timestamp
                    + case when length(v_value) = 8 then interval '1 day -1 microsecond' else interval '0' end;
            when 'WKST' then week_start := (strpos(v_weekdays, v_value) + 1) / 2;
            when 'BYMONTH' then months := string_to_array(v_value, ',')::int[];
            when 'BYWEEKNO' then week_numbers := string_to_array(v_value, ',')::int[];
            when 'BYYEARDAY' then year_days := string_to_array(v_value, ',')::int[];
            when 'BYMONTHDAY' then month_days := string_to_array(v_value, ',')::int[];
            when 'BYHOUR' then hours := string_to_array(v_value, ',')::int[];
            when 'BYMINUTE' then minutes := string_to_array(v_value, ',')::int[];
            when 'BYSETPOS' then positions := string_to_array(v_value, ',')::int[];
            when 'BYDAY' then
                foreach v_day in array string_to_array(v_value, ',') loop
                    v_weekday := (strpos(v_weekdays, right(v_day, 2)) + 1) / 2;
                    if length(v_day) = 2 then
                        weekdays := array_append(weekdays, v_weekday);
                    else
                        nth_weekdays := array_append(nth_weekdays, left(v_day, -2)::int * 8 + v_weekday);
                    end if;
                end loop;
        end case;
    end loop;
end
$$;
revoke execute on function ticketdb.parse_rrule(text) from public;
comment on function ticketdb.parse_rrule(text) is
'The parts of a recurrence rule

freq; step: INTERVAL; max_count: COUNT; until_at, until_is_utc: UNTIL; week_start: WKST; months, week_numbers, year_days, month_days,
weekdays and nth_weekdays (BYDAY), hours, minutes, positions (BYSETPOS): null where the rule does not have them.';
-- <<< sql/functions/parse_rrule.sql

-- >>> sql/functions/recurrence_starts.sql
-- The local starts that an event's recurrence names between two dates, both included: daily and weekly are the rules that they stand
-- for. The one place that knows what a recurrence_type means. Called by definition_occurrences.
-- locks: none
-- raises: nothing
create or replace function ticketdb.recurrence_starts(p_event_definition_id int, p_from date, p_to date)
returns setof timestamp
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekdays constant text[] := array['MO', 'TU', 'WE', 'TH', 'FR', 'SA', 'SU'];
    v_definition record;
    v_rrule text;
    v_starts_on date;
begin
    select d.recurrence_type, d.recurrence_days, d.rrule, d.recurrence_starts_on, d.default_start_time, d.timezone
    into v_definition
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    case v_definition.recurrence_type
        when 'rrule' then
            v_rrule := v_definition.rrule;
            v_starts_on := v_definition.recurrence_starts_on;
        when 'daily', 'weekly' then
            v_rrule := 'FREQ=DAILY';
            if v_definition.recurrence_days is not null then
                v_rrule := v_rrule || ';BYDAY=' || (
                    select string_agg(v_weekdays[w.day::int], ',')
                    from unnest(string_to_array(v_definition.recurrence_days, ',')) as w (day)
                );
            end if;
            v_starts_on := greatest(v_definition.recurrence_starts_on, p_from);
        else
            return;
    end case;
    return query
    select s.at
    from ticketdb.rrule_starts(
        v_rrule, v_starts_on + v_definition.default_start_time, p_from, p_to + interval '1 day -1 microsecond', v_definition.timezone
    ) as s (at);
end
$$;
revoke execute on function ticketdb.recurrence_starts(int, date, date) from public;
comment on function ticketdb.recurrence_starts(int, date, date) is
'Local starts that an event''s recurrence names in a period, ascending';
-- <<< sql/functions/recurrence_starts.sql

-- >>> sql/functions/refuse_endless_wait.sql
-- Refuses a rule that never takes place: nothing in the 400 years after its start, after which the calendar repeats itself. The
-- first years answer for nearly every rule. Called when a rule is saved.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_endless_wait(p_rrule text, p_dtstart timestamp, p_timezone text)
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (select from ticketdb.rrule_starts(p_rrule, p_dtstart, p_dtstart, p_dtstart + interval '2 years', p_timezone))
        and not exists (select from ticketdb.rrule_starts(p_rrule, p_dtstart, p_dtstart, p_dtstart + interval '400 years', p_timezone))
    then
        perform ticketdb.refuse_rrule(
            p_rrule, format('%s never takes place from %s on', p_rrule, p_dtstart),
            'Look for a day that no calendar has, an UNTIL before the start, or an INTERVAL that passes it by.'
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_endless_wait(text, timestamp, text) from public;
comment on function ticketdb.refuse_endless_wait(text, timestamp, text) is 'Refuse a recurrence rule without an occurrence

p_timezone: in which an UNTIL in UTC is compared.';
-- <<< sql/functions/refuse_endless_wait.sql

-- >>> sql/functions/refuse_rrule.sql
-- Says what is wrong with a recurrence rule, and with which part of it. Called by whoever checks a rule.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_rrule(p_part text, p_message text, p_hint text)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error('invalid_recurrence', p_message, p_hint, jsonb_build_object('part', left(p_part, 200)));
end
$$;
revoke execute on function ticketdb.refuse_rrule(text, text, text) from public;
comment on function ticketdb.refuse_rrule(text, text, text) is
'Raise invalid_recurrence

p_part: the part of the rule that is wrong, as it stands there; p_message and p_hint: for people.';
-- <<< sql/functions/refuse_rrule.sql

-- >>> sql/functions/refuse_rrule_mix.sql
-- Refuses parts of a rule that may not stand together, by RFC 5545 or because libraries read them differently. Called by check_rrule,
-- when each part by itself is right.
-- locks: none
-- raises: invalid_recurrence
create or replace function ticketdb.refuse_rrule_mix(p_rrule text, p_names text[])
returns void
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_problem text;
    v_part text;
    v_hint text;
begin
    if 'FREQ' <> all (p_names) then
        perform ticketdb.refuse_rrule(p_rrule, 'the rule does not say how often', 'Add FREQ=DAILY, WEEKLY, MONTHLY or YEARLY.');
    end if;
    v_rule := ticketdb.parse_rrule(p_rrule);
    case
        when v_rule.max_count is not null and v_rule.until_at is not null then
            v_part := 'COUNT'; v_problem := 'COUNT and UNTIL cannot both end a rule'; v_hint := 'Keep one of them.';
        when v_rule.week_numbers is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYWEEKNO'; v_problem := 'weeks of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYDAY.';
        when v_rule.week_numbers is not null and v_rule.step > 1 then
            v_part := 'INTERVAL'; v_problem := 'every so many years of weeks is read in different ways';
            v_hint := 'Leave INTERVAL out, or name the days without BYWEEKNO.';
        when v_rule.year_days is not null and v_rule.freq <> 'YEARLY' then
            v_part := 'BYYEARDAY'; v_problem := 'days of the year need FREQ=YEARLY'; v_hint := 'Use FREQ=YEARLY, or BYMONTHDAY.';
        when v_rule.month_days is not null and v_rule.freq = 'WEEKLY' then
            v_part := 'BYMONTHDAY'; v_problem := 'a week has no days of the month';
            v_hint := 'Use FREQ=MONTHLY, or BYDAY; for both, FREQ=DAILY.';
        when v_rule.nth_weekdays is not null and v_rule.freq not in ('MONTHLY', 'YEARLY') then
            v_part := 'BYDAY'; v_problem := 'an ordinal of a weekday is of a month or a year';
            v_hint := 'Use FREQ=MONTHLY or YEARLY, or weekdays alone.';
        when v_rule.nth_weekdays is not null and v_rule.week_numbers is not null then
            v_part := 'BYDAY'; v_problem := 'a week has each weekday once'; v_hint := 'Leave the ordinal out, or BYWEEKNO.';
        when v_rule.nth_weekdays is not null and v_rule.freq = 'YEARLY'
            and (v_rule.month_days is not null or v_rule.year_days is not null) and v_rule.months is null
        then
            v_part := 'BYDAY'; v_problem := 'whether the ordinal counts in the month or in the year is left open here';
            v_hint := 'Add BYMONTH, or leave the ordinal out.';
        when v_rule.positions is not null and not exists (
            select from unnest(p_names) as n (name) where n.name like 'BY%' and n.name <> 'BYSETPOS'
        ) then
            v_part := 'BYSETPOS'; v_problem := 'there is no set to choose from'; v_hint := 'Add another BY part, such as BYDAY.';
        else
            return;
    end case;
    select x.part into v_part
    from unnest(string_to_array(ticketdb.rrule_text(p_rrule), ';')) as x (part)
    where split_part(x.part, '=', 1) = v_part;
    perform ticketdb.refuse_rrule(v_part, v_problem, v_hint);
end
$$;
revoke execute on function ticketdb.refuse_rrule_mix(text, text[]) from public;
comment on function ticketdb.refuse_rrule_mix(text, text[]) is
'Refuse parts of a recurrence rule that may not stand together

p_names: the names of its parts.';
-- <<< sql/functions/refuse_rrule_mix.sql

-- >>> sql/functions/rrule_days.sql
-- The days that a rule names between two dates, and for each the period (year, month, week or day) it is of, for BYSETPOS: the one
-- predicate over a calendar of days. The calendar is made month by month, for arithmetic with a month's first day is much cheaper
-- than taking each date apart. DTSTART says where periods are counted from, and what the rule leaves open.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_days(
    p_freq text,
    p_step int,
    p_week_start int,
    p_months int[],
    p_week_numbers int[],
    p_year_days int[],
    p_month_days int[],
    p_weekdays int[],
    p_nth_weekdays int[],
    p_start date,
    p_first date,
    p_last date
)
returns table (day date, period int)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
-- one plan for all rules: making one takes longer than most expansions; and no compiler for it
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    -- a Monday
    v_epoch constant date := date '2001-01-01';
    v_month constant int := date_part('year', p_start)::int * 12 + date_part('month', p_start)::int - 1;
    v_weekday constant int := date_part('isodow', p_start)::int;
    v_week constant int := p_start - v_epoch - (v_weekday - p_week_start + 7) % 7;
    v_first_month constant int := date_part('year', p_first)::int * 12 + date_part('month', p_first)::int - 1;
    v_last_month constant int := date_part('year', p_last)::int * 12 + date_part('month', p_last)::int - 1;
    -- INTERVAL, of what the rule counts; null for the others, and where it leaves nothing out
    v_year_step constant int := case p_freq when 'YEARLY' then nullif(p_step, 1) end;
    v_month_step constant int := case p_freq when 'MONTHLY' then nullif(p_step, 1) end;
    v_week_step constant int := case p_freq when 'WEEKLY' then nullif(p_step, 1) end;
    v_day_step constant int := case p_freq when 'DAILY' then nullif(p_step, 1) end;
    -- what DTSTART says where the rule names no day; null where it does
    v_is_open constant boolean := coalesce(p_weekdays, p_nth_weekdays, p_month_days, p_year_days) is null;
    v_open_weekday constant int := case when v_is_open and (p_freq = 'WEEKLY' or p_week_numbers is not null) then v_weekday end;
    v_open_month_day constant int := case when v_is_open and p_freq in ('MONTHLY', 'YEARLY') and p_week_numbers is null then
        date_part('day', p_start)::int
    end;
    v_open_month constant int := case when v_open_month_day is not null and p_freq = 'YEARLY' and p_months is null then v_month % 12 end;
    -- ordinals of weekdays count within the month
    v_nth_of_month constant boolean := p_freq = 'MONTHLY' or p_months is not null;
begin
    return query
    select
        c.day,
        case p_freq
            when 'DAILY' then c.day - v_epoch
            when 'WEEKLY' then c.week
            when 'MONTHLY' then c.month
            else case when p_week_numbers is null then c.month / 12 else ticketdb.week_number(c.day, p_week_start) / 10000 end
        end
    from (
        select
            m.first_day + (n.month_day - 1) as day,
            m.month,
            n.month_day,
            m.days as month_days,
            (m.first_weekday + n.month_day - 1) % 7 + 1 as weekday,
            m.days_before + n.month_day as year_day,
            m.year_days,
            m.first_day + (n.month_day - 1) - v_epoch - ((m.first_weekday + n.month_day - p_week_start) % 7 + 7) % 7 as week
        from (
            select
                i.n as month,
                f.first_day,
                ((f.first_day - v_epoch) % 7 + 7) % 7 as first_weekday,
                make_date((i.n + 1) / 12, (i.n + 1) % 12 + 1, 1) - f.first_day as days,
                f.first_day - make_date(i.n / 12, 1, 1) as days_before,
                make_date(i.n / 12 + 1, 1, 1) - make_date(i.n / 12, 1, 1) as year_days
            from generate_series(v_first_month, v_last_month) as i (n)
            cross join lateral (select make_date(i.n / 12, i.n % 12 + 1, 1) as first_day) as f
            where (p_months is null or i.n % 12 + 1 = any (p_months))
              and (v_open_month is null or i.n % 12 = v_open_month)
              and (v_month_step is null or (i.n - v_month) % v_month_step = 0)
              and (v_year_step is null or (i.n / 12 - v_month / 12) % v_year_step = 0)
            -- once for each month, not written out wherever a day needs it
            offset 0
        ) as m
        -- read again for each month, not made again
        inner join generate_series(1, 31) as n (month_day) on n.month_day <= m.days
    ) as c
    where c.day between p_first and p_last
      and (v_week_step is null or (c.week - v_week) / 7 % v_week_step = 0)
      and (v_day_step is null or (c.day - p_start) % v_day_step = 0)
      and (v_open_weekday is null or c.weekday = v_open_weekday)
      and (v_open_month_day is null or c.month_day = v_open_month_day)
      and (p_year_days is null or c.year_day = any (p_year_days) or c.year_day - c.year_days - 1 = any (p_year_days))
      and (p_month_days is null or c.month_day = any (p_month_days) or c.month_day - c.month_days - 1 = any (p_month_days))
      and (
          (p_weekdays is null and p_nth_weekdays is null)
          or c.weekday = any (p_weekdays)
          or case
              when p_nth_weekdays is null then false
              when v_nth_of_month then
                  ((c.month_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.month_day - c.month_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
              else
                  ((c.year_day - 1) / 7 + 1) * 8 + c.weekday = any (p_nth_weekdays)
                  or ((c.year_day - c.year_days) / 7 - 1) * 8 + c.weekday = any (p_nth_weekdays)
          end
      )
      and (p_week_numbers is null or ticketdb.is_in_week(c.day, p_week_start, p_week_numbers));
end
$$;
revoke execute on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) from public;
comment on function ticketdb.rrule_days(
    text, int, int, int[], int[], int[], int[], int[], int[], date, date, date
) is
'Days that a recurrence rule names

The parts as parse_rrule gives them; p_start: DTSTART''s date; p_first and p_last: both included.';
-- <<< sql/functions/rrule_days.sql

-- >>> sql/functions/rrule_last_counted.sql
-- The last occurrence of a daily or weekly rule that names nothing but weekdays and times, by arithmetic: so a window far from
-- DTSTART need not count all that is before it. Called by rrule_starts.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_last_counted(
    p_freq text,
    p_step int,
    p_week_start int,
    p_weekdays int[],
    p_times time[],
    p_start timestamp,
    p_count int
)
returns timestamp
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_weekday constant int := date_part('isodow', p_start)::int;
    v_period constant int := p_step * case p_freq when 'WEEKLY' then 7 else 1 end;
    v_begins constant date := p_start::date - case p_freq when 'WEEKLY' then (v_weekday - p_week_start + 7) % 7 else 0 end;
    -- when things happen within a period, since its beginning
    v_offsets constant interval[] := array(
        select d.days * interval '1 day' + t.at::interval
        from (
            select case p_freq when 'WEEKLY' then (w.weekday - p_week_start + 7) % 7 else 0 end as days
            from unnest(case p_freq when 'WEEKLY' then coalesce(p_weekdays, array[v_weekday]) else array[v_weekday] end) as w (weekday)
            group by 1
        ) as d
        cross join unnest(p_times) as t (at)
        order by 1
    );
    v_before constant int := (select count(*)::int from unnest(v_offsets) as o (at) where v_begins + o.at < p_start);
    -- counted from the beginning of DTSTART's period, from 0
    v_last constant bigint := p_count::bigint + v_before - 1;
begin
    return v_begins
        + v_last / cardinality(v_offsets) * v_period * interval '1 day'
        + v_offsets[(v_last % cardinality(v_offsets))::int + 1];
end
$$;
revoke execute on function ticketdb.rrule_last_counted(text, int, int, int[], time[], timestamp, int) from public;
comment on function ticketdb.rrule_last_counted(text, int, int, int[], time[], timestamp, int) is
'Last occurrence of a plain daily or weekly rule with COUNT';
-- <<< sql/functions/rrule_last_counted.sql

-- >>> sql/functions/rrule_starts.sql
-- When a rule that check_rrule has let pass takes place, between two local times, both included: the one expander. Starts at the
-- period of p_from, however long ago the rule began; only a rule with COUNT is counted from its beginning, and a plain daily or
-- weekly one not even then. Called by expand_rrule, recurrence_starts and refuse_endless_wait.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_starts(
    p_rrule text,
    p_dtstart timestamp,
    p_from timestamp,
    p_to timestamp,
    p_timezone text default null
)
returns setof timestamp
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
set plan_cache_mode = force_generic_plan
set jit = off
as $$
declare
    v_rule record;
    v_times time[];
    v_from timestamp := greatest(p_from, p_dtstart);
    v_to timestamp := p_to;
    v_first date;
    v_last date;
    v_until timestamptz;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_times := case
        when v_rule.hours is null and v_rule.minutes is null then array[p_dtstart::time]
        else array(
            select distinct make_time(h.n, m.n, 0) + (date_part('second', p_dtstart) * interval '1 second')
            from unnest(coalesce(v_rule.hours, array[date_part('hour', p_dtstart)::int])) as h (n)
            cross join unnest(coalesce(v_rule.minutes, array[date_part('minute', p_dtstart)::int])) as m (n)
            order by 1
        )
    end;
    if v_rule.until_is_utc and p_timezone is not null then
        v_until := v_rule.until_at at time zone 'UTC';
        -- no clock change is as long as a day but the Pacific's lost ones
        v_to := least(v_to, v_until at time zone p_timezone + interval '2 days');
    else
        v_to := least(v_to, v_rule.until_at);
    end if;
    if v_rule.max_count is not null then
        if v_rule.freq in ('DAILY', 'WEEKLY')
            and coalesce(v_rule.months, v_rule.month_days, v_rule.positions) is null
            and (v_rule.freq = 'WEEKLY' or v_rule.weekdays is null)
        then
            v_to := least(v_to, ticketdb.rrule_last_counted(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.weekdays, v_times, p_dtstart, v_rule.max_count
            ));
            v_rule.max_count := null;
        else
            v_from := p_dtstart;
        end if;
    end if;
    if v_to < v_from then
        return;
    end if;

    v_first := v_from::date;
    v_last := v_to::date;
    if v_rule.positions is null then
        return query
        select s.at
        from (
            select d.day + t.at as at
            from ticketdb.rrule_days(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.months, v_rule.week_numbers, v_rule.year_days,
                v_rule.month_days, v_rule.weekdays, v_rule.nth_weekdays, p_dtstart::date, v_first, v_last
            ) as d
            cross join unnest(v_times) as t (at)
            where d.day + t.at between v_from and v_to
            order by 1
            limit v_rule.max_count
        ) as s
        where s.at >= p_from
          and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
        return;
    end if;

    -- positions are counted in whole periods
    case v_rule.freq
        when 'YEARLY' then
            -- a year of weeks can begin in the one before and end in the one after
            v_first := make_date(date_part('year', v_first)::int - case when v_rule.week_numbers is null then 0 else 1 end, 1, 1) - 7;
            v_last := make_date(date_part('year', v_last)::int + case when v_rule.week_numbers is null then 0 else 1 end, 12, 31) + 7;
        when 'MONTHLY' then
            v_first := date_trunc('month', v_first::timestamp)::date;
            v_last := (date_trunc('month', v_last::timestamp) + interval '1 month -1 day')::date;
        when 'WEEKLY' then
            v_first := v_first - 6;
            v_last := v_last + 6;
        else
            null;
    end case;
    return query
    select s.at
    from (
        select p.at
        from (
            select
                d.day + t.at as at,
                row_number() over (partition by d.period order by d.day + t.at) as place,
                count(*) over (partition by d.period) as places
            from ticketdb.rrule_days(
                v_rule.freq, v_rule.step, v_rule.week_start, v_rule.months, v_rule.week_numbers, v_rule.year_days,
                v_rule.month_days, v_rule.weekdays, v_rule.nth_weekdays, p_dtstart::date, v_first, v_last
            ) as d
            cross join unnest(v_times) as t (at)
        ) as p
        where (p.place = any (v_rule.positions) or p.place - p.places - 1 = any (v_rule.positions))
          and p.at between v_from and v_to
        order by 1
        limit v_rule.max_count
    ) as s
    where s.at >= p_from
      and (v_until is null or ticketdb.local_instant(s.at, p_timezone) <= v_until);
end
$$;
revoke execute on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) from public;
comment on function ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text) is
'Local starts of a recurrence rule in a period, ascending

p_timezone: zone of the local times, in which an UNTIL in UTC is compared; null: as if they were in UTC.';
-- <<< sql/functions/rrule_starts.sql

-- >>> sql/functions/rrule_text.sql
-- A rule as every other function reads it: in capitals, without the property's name before it. Called by parse_rrule and check_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.rrule_text(p_rrule text)
returns text
language plpgsql
immutable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return regexp_replace(upper(btrim(p_rrule, e' \t\r\n')), '^RRULE:', '');
end
$$;
revoke execute on function ticketdb.rrule_text(text) from public;
comment on function ticketdb.rrule_text(text) is 'A rule in capitals, without RRULE: before it';
-- <<< sql/functions/rrule_text.sql

-- >>> sql/functions/spoken_days.sql
-- The days that a rule names, in English. Called by spoken_rrule, which knows what goes before a weekday there.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_days(p_rule jsonb, p_before_ordinal text, p_before_weekday text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(k.words, ', if that is ' order by k.place)
        from (
            select 1, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(y.day::int) || ' day' order by y.day::int < 0, y.day::int
            )) || ' of the year'
            from jsonb_array_elements_text(nullif(p_rule -> 'year_days', 'null')) as y (day)
            union all
            select 2, 'the ' || ticketdb.spoken_list(array_agg(
                ticketdb.spoken_ordinal(m.day::int) || ' day' order by m.day::int < 0, m.day::int
            )) || ' of the month'
            from jsonb_array_elements_text(nullif(p_rule -> 'month_days', 'null')) as m (day)
            union all
            select 3, ticketdb.spoken_list(array(
                select g.words
                from (
                    select 1, p_before_ordinal || ticketdb.spoken_list(array_agg(d.words order by d.ordinal < 0, d.ordinal, d.weekday)) || case
                        when p_rule ->> 'freq' = 'MONTHLY' then ' of the month'
                        when p_rule -> 'months' <> 'null' then ''
                        else ' of the year'
                    end
                    from (
                        select x.weekday, (x.n - x.weekday) / 8 as ordinal,
                            ticketdb.spoken_ordinal((x.n - x.weekday) / 8) || to_char(date '2000-12-31' + x.weekday, ' FMDay') as words
                        from (
                            select n.day::int as n, (n.day::int % 8 + 8) % 8 as weekday
                            from jsonb_array_elements_text(nullif(p_rule -> 'nth_weekdays', 'null')) as n (day)
                        ) as x
                    ) as d
                    union all
                    select 2, p_before_weekday || ticketdb.spoken_list(array_agg(
                        to_char(date '2000-12-31' + w.day::int, 'FMDay') order by w.day::int
                    ))
                    from jsonb_array_elements_text(nullif(p_rule -> 'weekdays', 'null')) as w (day)
                ) as g (place, words)
                where g.words is not null
                order by g.place
            ))
        ) as k (place, words)
        where k.words is not null
    );
end
$$;
revoke execute on function ticketdb.spoken_days(jsonb, text, text) from public;
comment on function ticketdb.spoken_days(jsonb, text, text) is
'The days of a recurrence rule in English; null where it names none

p_rule: what parse_rrule gives, as JSON; p_before_ordinal, p_before_weekday: such as every.';
-- <<< sql/functions/spoken_days.sql

-- >>> sql/functions/spoken_list.sql
-- Words in a row, as people say them: a, b and c. Called by describe_rrule and what it asks.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_list(p_words text[])
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_words constant int := cardinality(p_words);
begin
    return case
        when v_words > 1 then array_to_string(p_words[:v_words - 1], ', ') || ' and ' || p_words[v_words]
        else p_words[1]
    end;
end
$$;
revoke execute on function ticketdb.spoken_list(text[]) from public;
comment on function ticketdb.spoken_list(text[]) is 'Words in a row, with commas and an and; null for none';
-- <<< sql/functions/spoken_list.sql

-- >>> sql/functions/spoken_ordinal.sql
-- A place in a row, from the beginning or, negative, from the end: first, 23rd, last, third to last. Called by describe_rrule and
-- spoken_days.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_ordinal(p_place int)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place constant int := abs(p_place);
    v_ordinal constant text := case
        when v_place <= 5 then (array['first', 'second', 'third', 'fourth', 'fifth'])[v_place]
        when v_place % 100 between 11 and 13 then v_place || 'th'
        else v_place || case v_place % 10 when 1 then 'st' when 2 then 'nd' when 3 then 'rd' else 'th' end
    end;
begin
    return case when p_place = -1 then 'last' when p_place < 0 then v_ordinal || ' to last' else v_ordinal end;
end
$$;
revoke execute on function ticketdb.spoken_ordinal(int) from public;
comment on function ticketdb.spoken_ordinal(int) is 'A place in a row in English; negative counts from the end';
-- <<< sql/functions/spoken_ordinal.sql

-- >>> sql/functions/spoken_rrule.sql
-- The inside of describe_rrule. What DTSTART would say is left out.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_rrule(p_rrule text)
returns text
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_rule record;
    v_unit text;
    v_every text;
    v_days text;
    v_at text;
    v_ends text;
begin
    v_rule := ticketdb.parse_rrule(p_rrule);
    v_unit := case v_rule.freq when 'DAILY' then 'day' when 'WEEKLY' then 'week' when 'MONTHLY' then 'month' else 'year' end;
    v_every := case when v_rule.step > 1 then format('every %s %ss', v_rule.step, v_unit) else 'every ' || v_unit end;
    if v_rule.positions is not null then
        v_every := v_every || ': the ' || ticketdb.spoken_list(array(
            select ticketdb.spoken_ordinal(p.n) from unnest(v_rule.positions) as p (n) order by p.n < 0, p.n
        )) || ' of';
        v_days := coalesce(ticketdb.spoken_days(to_jsonb(v_rule), 'the ', ''), 'them');
    elsif coalesce(v_rule.month_days, v_rule.year_days) is not null then
        v_days := 'on ' || ticketdb.spoken_days(to_jsonb(v_rule), 'the ', 'a ');
    elsif v_rule.step = 1 and coalesce(v_rule.weekdays, v_rule.nth_weekdays) is not null then
        -- the days say how often
        v_every := null;
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'every ', 'every ');
    else
        v_days := ticketdb.spoken_days(to_jsonb(v_rule), 'on the ', 'on ');
    end if;
    if v_rule.hours is not null and v_rule.minutes is not null then
        v_at := 'at ' || ticketdb.spoken_list(array(
            select distinct to_char(make_time(h.n, m.n, 0), 'HH24:MI')
            from unnest(v_rule.hours) as h (n)
            cross join unnest(v_rule.minutes) as m (n)
            order by 1
        ));
    else
        -- DTSTART says the rest
        v_at := coalesce(
            'in hour ' || ticketdb.spoken_list(array(select h.n::text from unnest(v_rule.hours) as h (n) order by h.n)),
            'at minute ' || ticketdb.spoken_list(array(select m.n::text from unnest(v_rule.minutes) as m (n) order by m.n))
        );
    end if;
    v_ends := case
        when v_rule.max_count is not null then ', ' || v_rule.max_count || case v_rule.max_count when 1 then ' time' else ' times' end
        when v_rule.until_at::time = time '23:59:59.999999' then to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY')
        else to_char(v_rule.until_at, '", until "FMDD FMMonth YYYY HH24:MI') || case when v_rule.until_is_utc then ' UTC' else '' end
    end;
    return concat_ws(
        ' ',
        v_every,
        v_days,
        'in ' || ticketdb.spoken_list(array(
            select to_char(make_date(2001, m.month, 1), 'FMMonth') from unnest(v_rule.months) as m (month) order by m.month
        )),
        'in week ' || ticketdb.spoken_list(array(select w.n::text from unnest(v_rule.week_numbers) as w (n) order by w.n < 0, w.n)),
        v_at
    ) || coalesce(v_ends, '');
end
$$;
revoke execute on function ticketdb.spoken_rrule(text) from public;
comment on function ticketdb.spoken_rrule(text) is 'A recurrence rule in English; it has passed check_rrule';
-- <<< sql/functions/spoken_rrule.sql

-- >>> sql/functions/time_zone_named.sql
-- The IANA name that somebody will have meant who wrote something else: another spelling, a city alone, an abbreviation, a country's old
-- name, whole hours from UTC. Called by check_time_zone, for its hint.
-- locks: none
-- raises: nothing
create or replace function ticketdb.time_zone_named(p_timezone text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_meant constant text := replace(lower(btrim(p_timezone)), ' ', '_');
    v_hours constant int := substring(v_meant, '^(?:utc|gmt)?([+-][0-9]{1,2})(?::?00)?$')::int;
begin
    if v_hours = 0 then
        return 'UTC';
    end if;
    -- a POSIX zone counts hours to the west
    if v_hours between -12 and 14 then
        return 'Etc/GMT' || case when v_hours > 0 then '-' else '+' end || abs(v_hours);
    end if;
    return coalesce(
        (
            select m.name
            from (
                values
                ('utc', 'UTC'), ('z', 'UTC'), ('gmt', 'GMT'), ('+05:30', 'Asia/Kolkata'), ('ist', 'Asia/Kolkata'),
                ('est', 'America/New_York'), ('edt', 'America/New_York'), ('est5edt', 'America/New_York'),
                ('cst', 'America/Chicago'), ('cdt', 'America/Chicago'), ('cst6cdt', 'America/Chicago'),
                ('mst', 'America/Denver'), ('mdt', 'America/Denver'), ('mst7mdt', 'America/Denver'),
                ('pst', 'America/Los_Angeles'), ('pdt', 'America/Los_Angeles'), ('pst8pdt', 'America/Los_Angeles'),
                ('wet', 'Europe/Lisbon'), ('bst', 'Europe/London'), ('gb', 'Europe/London'), ('eire', 'Europe/Dublin'),
                ('cet', 'Europe/Paris'), ('cest', 'Europe/Paris'), ('met', 'Europe/Paris'), ('eet', 'Europe/Athens'),
                ('msk', 'Europe/Moscow'), ('w-su', 'Europe/Moscow'), ('poland', 'Europe/Warsaw'), ('portugal', 'Europe/Lisbon'),
                ('turkey', 'Europe/Istanbul'), ('iceland', 'Atlantic/Reykjavik'), ('israel', 'Asia/Jerusalem'),
                ('iran', 'Asia/Tehran'), ('egypt', 'Africa/Cairo'), ('libya', 'Africa/Tripoli'), ('jst', 'Asia/Tokyo'),
                ('japan', 'Asia/Tokyo'), ('rok', 'Asia/Seoul'), ('prc', 'Asia/Shanghai'), ('roc', 'Asia/Taipei'),
                ('hongkong', 'Asia/Hong_Kong'), ('aest', 'Australia/Sydney'), ('nz', 'Pacific/Auckland'),
                ('cuba', 'America/Havana'), ('navajo', 'America/Denver'), ('hst', 'Pacific/Honolulu')
            ) as m (meant, name)
            where m.meant = v_meant
        ),
        (
            select z.name
            from pg_timezone_names as z
            where z.name ~ '^(?!posix/|right/|SystemV/)[A-Z][^/]*/'
              and (lower(z.name) = v_meant or lower(substring(z.name, '[^/]*$')) = v_meant or lower(z.name) = substring(v_meant, '^posix/(.*)'))
            order by lower(z.name) <> v_meant, z.name
            limit 1
        )
    );
end
$$;
revoke execute on function ticketdb.time_zone_named(text) from public;
comment on function ticketdb.time_zone_named(text) is 'IANA name that was probably meant; null where nobody can tell';
-- <<< sql/functions/time_zone_named.sql

-- >>> sql/functions/week_number.sql
-- The week of a date where weeks begin on a weekday of choice: its fourth day decides which year it is of, and 28 December is always in
-- the last week of its year. Called by rrule_days, for each day of a rule with BYWEEKNO.
-- locks: none
-- raises: nothing
create or replace function ticketdb.week_number(p_day date, p_week_start int)
returns int
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_middle constant date := p_day - (date_part('isodow', p_day)::int - p_week_start + 7) % 7 + 3;
    v_year constant int := date_part('year', v_middle)::int;
    v_last constant date := make_date(v_year, 12, 28);
begin
    return v_year * 10000
        + (date_part('doy', v_middle)::int + 6) / 7 * 100
        + (date_part('doy', v_last - (date_part('isodow', v_last)::int - p_week_start + 7) % 7 + 3)::int + 6) / 7;
end
$$;
revoke execute on function ticketdb.week_number(date, int) from public;
comment on function ticketdb.week_number(date, int) is
'Week of a date: its year * 10000 + its number * 100 + the number of weeks of that year

p_week_start: ISO weekday with which weeks begin.';
-- <<< sql/functions/week_number.sql

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
    ('function', 'public.expand_rrule(text, timestamp, timestamp, timestamp)', 'execute', '{authenticated,service_role}'),
    ('function', 'public.describe_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'public.list_moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'public.move_unsold_schedules()', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.check_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.rrule_starts(text, timestamp, timestamp, timestamp, text)', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.spoken_rrule(text)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.moved_schedules()', 'execute', '{authenticated,service_role}'),
    ('function', 'ticketdb.move_unsold()', 'execute', '{authenticated,service_role}'),
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
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
