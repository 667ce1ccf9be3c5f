-- What lasts for days: extra_days on an occurrence and on what is generated, beyond what the end time says.

alter table public.event_definitions
    add column default_extra_days int not null default 0,
    add constraint default_extra_days_within_a_year check (default_extra_days between 0 and 366);
comment on column public.event_definitions.default_extra_days is
'Full days that a generated occurrence lasts beyond what default_end_time, or the duration, says: 2 for one from Friday to Sunday';

-- no version before 17 can give a generated column another expression, and to make it anew would rewrite the table and drop every
-- view that reads it: derive_schedule_times keeps it from now on, as it keeps ends_at
alter table public.event_schedules
    add column extra_days int not null default 0,
    add constraint extra_days_within_a_year check (extra_days between 0 and 366),
    alter column end_datetime drop expression if exists;
comment on column public.event_schedules.end_datetime is
'Local end, derived by trigger from date, end time and extra_days; on the next day where it crosses midnight';
comment on column public.event_schedules.extra_days is
'Full days that it lasts beyond what end_time says: 2 for one from Friday to Sunday';
-- those that began days ago and are not over; mostly none
create index event_schedules_several_days on public.event_schedules (event_definition_id, schedule_date)
where extra_days > 0;
comment on column public.schedule_exceptions.end_time is
'End of what is added, the next one after its start; null means as long as always, days included';

-- >>> generated: `make freeze` writes what stands between these lines
-- >>> sql/functions/change_definition.sql
-- Gives an event the new values that edit_schedules gave its occurrences, and keeps apart what stays. An occurrence that is not changed
-- keeps the price and the space that it had from the event; and where the start is another, what stands at the old one stands
-- for the new one of its date, the earlier ones of this_and_following too, so that generating makes no second occurrence of a date.
-- Called by edit_schedules.
-- locks: event_schedules, event_definitions (by the caller)
-- raises: what the checks of event_definitions raise
create or replace function ticketdb.change_definition(
    p_event_definition_id int,
    p_changes jsonb
)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted record;
    v_event record;
    v_today date;
begin
    v_wanted := ticketdb.check_schedule_changes(p_changes);
    select d.default_start_time, d.default_ticket_price, d.space_id, d.timezone into v_event
    from public.event_definitions as d
    where d.id = p_event_definition_id;
    v_today := (now() at time zone v_event.timezone)::date;

    update public.event_schedules as s
    set ticket_price = case
            when v_wanted.ticket_price is null then s.ticket_price else coalesce(s.ticket_price, v_event.default_ticket_price)
        end,
        space_id = case when v_wanted.space_id is null then s.space_id else coalesce(s.space_id, v_event.space_id) end
    where s.event_definition_id = p_event_definition_id
      and (
          s.ticket_price is null and v_wanted.ticket_price is not null
          or s.space_id is null and v_wanted.space_id is not null
      );
    update public.event_schedules as s
    set original_start = nullif(
        coalesce(s.original_start, s.start_datetime)::date + v_wanted.start_time, s.start_datetime
    )
    where s.event_definition_id = p_event_definition_id
      and coalesce(s.original_start, s.start_datetime) >= v_today
      and coalesce(s.original_start, s.start_datetime)::time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.schedule_exceptions as x
    set start_time = v_wanted.start_time
    where x.event_definition_id = p_event_definition_id
      and x.kind = 'excluded'
      and x.exception_date >= v_today
      and x.start_time = v_event.default_start_time
      and v_wanted.start_time <> v_event.default_start_time;
    update public.event_definitions as d
    set default_start_time = coalesce(v_wanted.start_time, d.default_start_time),
        -- as long as it was, unless the caller says otherwise
        default_end_time = coalesce(
            v_wanted.end_time, coalesce(v_wanted.start_time, d.default_start_time) + (d.default_end_time - d.default_start_time)
        ),
        default_extra_days = coalesce(v_wanted.extra_days, d.default_extra_days),
        default_ticket_price = coalesce(v_wanted.ticket_price, d.default_ticket_price),
        max_tickets = coalesce(v_wanted.max_tickets, d.max_tickets),
        space_id = coalesce(v_wanted.space_id, d.space_id)
    where d.id = p_event_definition_id;
end
$$;
revoke execute on function ticketdb.change_definition(int, jsonb) from public;
comment on function ticketdb.change_definition(int, jsonb) is
'Give an event the values that its occurrences were given

p_changes: see check_schedule_changes.';
-- <<< sql/functions/change_definition.sql

-- >>> sql/functions/change_occurrence.sql
-- Changes one occurrence as edit_schedules was told, or says why it stays. What the tables refuse, such as a capacity below what is
-- sold, is a reason like any other. Called for one occurrence after the other, in ascending id.
-- locks: ticketdb.seat_buckets (by the caller), event_schedules
-- raises: nothing
create or replace function ticketdb.change_occurrence(
    p_schedule_id int,
    p_changes jsonb,
    p_include_sold boolean,
    p_include_changed boolean,
    out action text,
    out reason text,
    out before jsonb,
    out after jsonb
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_detail text;
begin
    perform from public.event_schedules as s where s.id = p_schedule_id for no key update;
    before := ticketdb.describe_occurrence(p_schedule_id, p_changes);
    reason := ticketdb.keep_reason(p_schedule_id, p_include_sold, p_include_changed);
    after := before;
    if reason is null then
        begin
            update public.event_schedules as s
            set start_time = coalesce(c.start_time, s.start_time),
                -- as long as it was, unless the caller says otherwise
                end_time = coalesce(c.end_time, coalesce(c.start_time, s.start_time) + (s.end_time - s.start_time)),
                extra_days = coalesce(c.extra_days, s.extra_days),
                ticket_price = coalesce(c.ticket_price, s.ticket_price),
                max_tickets = coalesce(c.max_tickets, s.max_tickets),
                space_id = coalesce(c.space_id, s.space_id)
            from ticketdb.check_schedule_changes(p_changes) as c
            where s.id = p_schedule_id;
            after := ticketdb.describe_occurrence(p_schedule_id, p_changes);
            reason := case when after = before then 'as_wanted' end;
        exception
            when unique_violation then
                reason := 'slot_conflict';
            when lock_not_available then
                -- its seats are just being sold
                reason := 'held';
            when sqlstate 'PT409' then
                get stacked diagnostics v_detail = pg_exception_detail;
                reason := v_detail::jsonb ->> 'reason';
        end;
    end if;
    action := case when reason is null then 'change' else 'keep' end;
end
$$;
revoke execute on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) from public;
comment on function ticketdb.change_occurrence(int, jsonb, boolean, boolean) is
'Change one occurrence, or say why it stays

p_changes: see check_schedule_changes; p_include_sold, p_include_changed: see keep_reason.';
-- <<< sql/functions/change_occurrence.sql

-- >>> sql/functions/change_schedules.sql
-- The face of ticketdb.edit_schedules, and of edit_schedules_as_admin for a signed-in admin.
-- locks, raises: as these
create or replace function public.change_schedules(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text default 'all_future',
    p_schedule_id int default null,
    p_include_sold boolean default false,
    p_include_changed boolean default false,
    p_dry_run boolean default false
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
begin
    if ticketdb.may_sell() then
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    else
        return query
        select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
        from ticketdb.edit_schedules_as_admin(
            p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
        ) as e;
    end if;
end
$$;
revoke execute on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function public.change_schedules(int, jsonb, text, int, boolean, boolean, boolean) is
'Change schedules

Gives occurrences of an event another time, price, capacity or space. One row for each that it is about: action is change or keep, reason
says why it stays (sold, held, changed_individually, cancelled, past, as_wanted, capacity_below_sold, slot_conflict), before and after have
the values. p_event_definition_id: from event_definitions; p_changes: an object with some of start_time, end_time (local),
extra_days (full days beyond end_time), ticket_price (of the venue''s currency), max_tickets (tickets), space_id; p_scope: all_future, or this_and_following or
this with p_schedule_id; with the first two the event''s own values change too, by which later occurrences are generated;
p_include_sold: also what is sold or held, whose holders are told of a new time or space; p_include_changed: also what has values
of its own; p_dry_run: lists all of it and changes nothing. For admins and the payment server. Errors: not_allowed, invalid_argument,
definition_not_found, schedule_not_found, space_not_found.';
-- <<< sql/functions/change_schedules.sql

drop function ticketdb.check_schedule_changes;

-- >>> sql/functions/check_schedule_changes.sql
-- Reads what is to become of occurrences, and refuses what it does not know. Called by edit_schedules.
-- locks: none
-- raises: invalid_argument, space_not_found
create or replace function ticketdb.check_schedule_changes(
    p_changes jsonb,
    out start_time time,
    out end_time time,
    out ticket_price numeric,
    out max_tickets int,
    out space_id int,
    out extra_days int
)
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_key text;
    v_value text;
begin
    if jsonb_typeof(p_changes) is distinct from 'object' or p_changes = '{}' then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_changes says nothing',
            'Pass an object such as {"start_time": "08:00", "ticket_price": 150}.'
        );
    end if;
    for v_key, v_value in
        select c.key, c.value
        from jsonb_each_text(p_changes) as c
    loop
        begin
            case v_key
                when 'start_time' then start_time := v_value::time;
                when 'end_time' then end_time := v_value::time;
                when 'ticket_price' then ticket_price := v_value::numeric(10, 2);
                when 'max_tickets' then max_tickets := v_value::int;
                when 'space_id' then space_id := v_value::int;
                when 'extra_days' then extra_days := v_value::int;
            end case;
        exception
            when case_not_found then
                perform ticketdb.raise_error(
                    'invalid_argument', format('%L cannot be changed', v_key),
                    'p_changes takes start_time, end_time, extra_days, ticket_price, max_tickets and space_id.',
                    jsonb_build_object('key', v_key)
                );
            when data_exception then
                v_value := null;
        end;
        if v_value is null or ticket_price < 0 or ticket_price = 'NaN' or max_tickets < 0 or extra_days not between 0 and 366 then
            perform ticketdb.raise_error(
                'invalid_argument', format('%s is no value of %s', p_changes -> v_key, v_key),
                'Times are HH:MM, prices and numbers of tickets not negative, extra_days 0 to 366, space_id is of a row of spaces; '
                'leave out what stays.',
                jsonb_build_object('key', v_key, 'value', p_changes -> v_key)
            );
        end if;
    end loop;
    perform ticketdb.refuse_unknown_space(space_id);
end
$$;
revoke execute on function ticketdb.check_schedule_changes(jsonb) from public;
comment on function ticketdb.check_schedule_changes(jsonb) is
'Read what is to become of occurrences

p_changes: an object with some of start_time, end_time, extra_days, ticket_price, max_tickets, space_id.';
-- <<< sql/functions/check_schedule_changes.sql

drop function ticketdb.definition_occurrences;

-- >>> sql/functions/definition_occurrences.sql
-- The dates and times at which a recurring event takes place between two dates, both included: what its recurrence says, without the
-- days that schedule_exceptions leaves out for it or closes its venue, and with those that it adds, which nothing takes away.
-- The one reading of the recurrence; generating and previewing start from it.
-- locks: none
-- raises: nothing
create or replace function ticketdb.definition_occurrences(
    p_event_definition_id int,
    p_from date,
    p_to date,
    out schedule_date date,
    out start_time time,
    out end_time time,
    out extra_days int
)
returns setof record
language sql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
    with event as (
        select
            d.default_start_time, d.default_extra_days as extra_days,
            -- the venue of an event that names none is that of its space
            coalesce(d.venue_id, (select p.venue_id from public.spaces as p where p.id = d.space_id)) as venue_id,
            coalesce(
                d.default_end_time - d.default_start_time, make_interval(mins => d.default_duration_minutes)
            ) as length
        from public.event_definitions as d
        where d.id = p_event_definition_id
    ),
    -- read once: mostly there are none, and a period has many days
    exceptions as materialized (
        select
            x.kind, x.exception_date, x.start_time, x.end_time,
            x.exception_date + coalesce(x.start_time, e.default_start_time) as start
        from event as e
        inner join public.schedule_exceptions as x
            on x.event_definition_id = p_event_definition_id or x.venue_id = e.venue_id
        where x.exception_date between p_from and p_to
    )
    select s.start::date, s.start::time, (s.start + e.length)::time, e.extra_days
    from event as e
    cross join ticketdb.recurrence_starts(p_event_definition_id, p_from, p_to) as s (start)
    where not exists (
        select from exceptions as x
        where x.kind = 'excluded' and x.exception_date = s.start::date
          and (x.start_time is null or x.start_time = s.start::time)
          -- what is added may be what the recurrence says already
          or x.kind = 'added' and x.start = s.start
    )
    union all
    (
        select distinct on (x.start)
            x.start::date, x.start::time, coalesce(x.end_time, (x.start + e.length)::time),
            -- an end of its own is the next one after its start
            case when x.end_time is null then e.extra_days else 0 end
        from exceptions as x
        cross join event as e
        where x.kind = 'added' and x.start is not null
        order by x.start, x.end_time
    );
$$;
revoke execute on function ticketdb.definition_occurrences(int, date, date) from public;
comment on function ticketdb.definition_occurrences(int, date, date) is
'Local dates and times at which an event takes place in a period';
-- <<< sql/functions/definition_occurrences.sql

-- >>> sql/functions/derive_schedule_times.sql
-- Derives the local end and the instants of an occurrence from its local times and its event's zone, and notes who announced it and,
-- where it is moved, the start that it had first: by that generating knows it.
-- Called by trigger before an occurrence is made or moved, and once more for coming ones when the event's zone changes.
-- locks: none
-- raises: definition_not_found
create or replace function ticketdb.derive_schedule_times()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    select i.end_datetime, i.starts_at, i.ends_at into new.end_datetime, new.starts_at, new.ends_at
    from public.event_definitions as d
    cross join lateral ticketdb.schedule_times(
        new.schedule_date, new.start_time, new.end_time, new.extra_days, d.timezone
    ) as i
    where d.id = new.event_definition_id;
    if not found then
        perform ticketdb.raise_error(
            'definition_not_found', format('event definition %s does not exist', coalesce(new.event_definition_id::text, 'null')),
            'Make the row of event_definitions first.',
            jsonb_build_object('event_definition_id', new.event_definition_id)
        );
    end if;
    if tg_op = 'INSERT' then
        new.announcement_id := coalesce(new.booking_id, 0);
    elsif (new.schedule_date, new.start_time) is distinct from (old.schedule_date, old.start_time)
        and new.original_start is not distinct from old.original_start
    then
        -- wherever it goes, the recurrence has it where it first was
        new.original_start := coalesce(old.original_start, old.start_datetime);
    end if;
    return new;
end
$$;
revoke execute on function ticketdb.derive_schedule_times() from public;
comment on function ticketdb.derive_schedule_times() is 'Trigger: derive end_datetime, starts_at, ends_at, announcement_id and original_start';
-- <<< sql/functions/derive_schedule_times.sql

-- >>> sql/functions/describe_occurrence.sql
-- What an occurrence has of the values that are to be changed. Called by change_occurrence before and after.
-- locks: none
-- raises: nothing
create or replace function ticketdb.describe_occurrence(p_schedule_id int, p_changes jsonb)
returns jsonb
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select jsonb_object_agg(v.key, v.value)
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    cross join lateral jsonb_each(jsonb_build_object(
        'start_time', s.start_time,
        'end_time', s.end_time,
        'extra_days', s.extra_days,
        'ticket_price', coalesce(s.ticket_price, d.default_ticket_price),
        'max_tickets', s.max_tickets,
        'space_id', coalesce(s.space_id, d.space_id)
    )) as v
    where s.id = p_schedule_id
      -- a new start moves the end
      and (p_changes ? v.key or v.key = 'end_time' and p_changes ? 'start_time');
$$;
revoke execute on function ticketdb.describe_occurrence(int, jsonb) from public;
comment on function ticketdb.describe_occurrence(int, jsonb) is
'What an occurrence has of the values that are to be changed

p_changes: an object with their names as keys.';
-- <<< sql/functions/describe_occurrence.sql

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
                event_definition_id, schedule_date, start_time, end_time, extra_days, max_tickets, ticket_price
            )
            select d.id, o.schedule_date, o.start_time, o.end_time, o.extra_days, d.max_tickets, d.default_ticket_price
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

-- >>> sql/functions/keep_reason.sql
-- Why an occurrence is not to be changed with the others; null where it may be. Tickets were bought of it as it is, or what differs
-- from the event's own values was changed for a reason. Called by change_occurrence with the occurrence and its buckets
-- locked, so that nobody takes a seat meanwhile.
-- locks: none
-- raises: nothing
create or replace function ticketdb.keep_reason(p_schedule_id int, p_include_sold boolean, p_include_changed boolean)
returns text
language sql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
    select case
        when s.status = 'cancelled' then 'cancelled'
        when s.status = 'completed' or s.starts_at <= now() then 'past'
        when not p_include_sold and s.tickets_sold > 0 then 'sold'
        when not p_include_sold and exists (
            select from public.ticket_reservations as r
            where r.schedule_id = s.id and r.status = 'held' and r.expires_at > clock_timestamp()
        ) then 'held'
        -- a column that is null says as the event does
        when not p_include_changed and (
            s.original_start::date <> s.schedule_date
            or s.start_time <> d.default_start_time
            or s.end_time <> coalesce(
                d.default_end_time, d.default_start_time + make_interval(mins => d.default_duration_minutes)
            )
            or s.extra_days <> d.default_extra_days
            or s.max_tickets <> d.max_tickets
            or s.ticket_price <> d.default_ticket_price
            or s.space_id <> d.space_id
            or s.space_id is not null and d.space_id is null
        ) then 'changed_individually'
    end
    from public.event_schedules as s
    inner join public.event_definitions as d on d.id = s.event_definition_id
    where s.id = p_schedule_id;
$$;
revoke execute on function ticketdb.keep_reason(int, boolean, boolean) from public;
comment on function ticketdb.keep_reason(int, boolean, boolean) is
'Why an occurrence is not to be changed with the others; null where it may be

p_include_sold, p_include_changed: whether tickets sold and held, and values of its own, are no reason.';
-- <<< sql/functions/keep_reason.sql

-- >>> sql/functions/link_class_dates.sql
-- Makes an occurrence for each date of each announced class. One that was generated already is taken over rather than doubled.
-- A step of link_legacy_data.
-- locks: event_schedules (new rows only)
-- raises: nothing
create or replace function ticketdb.link_class_dates()
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_class record;
    v_rows bigint;
    v_made bigint := 0;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of from ticketdb.legacy_announcements() as a where a.is_class and a.first_date is not null;
    for v_class in
        select a.*, d.timezone
        from ticketdb.legacy_announcements() as a
        inner join public.event_definitions as d on d.id = a.definition_id
        where a.is_class and a.first_date is not null
        order by a.booking_id
    loop
        update public.event_schedules as s
        set booking_id = v_class.booking_id
        where s.event_definition_id = v_class.definition_id
          and s.schedule_date between v_class.first_date and v_class.last_date
          and s.start_time = v_class.start_time
          and s.booking_id is null
          and not exists (
              select from public.event_schedules as o
              where o.booking_id = v_class.booking_id and o.schedule_date = s.schedule_date
          );
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;

        insert into public.event_schedules (
            event_definition_id, booking_id, schedule_date, start_time, end_time, max_tickets, ticket_price, status, space_id
        )
        select
            v_class.definition_id, v_class.booking_id, g.day::date, v_class.start_time, v_class.end_time,
            v_class.capacity, v_class.price,
            case
                when v_class.status = 'cancelled' then 'cancelled'
                when i.ends_at <= now() then 'completed'
                else 'scheduled'
            end,
            v_class.space_id
        from generate_series(v_class.first_date::timestamp, v_class.last_date::timestamp, interval '1 day') as g (day)
        cross join lateral ticketdb.schedule_times(
            g.day::date, v_class.start_time, v_class.end_time, 0, v_class.timezone
        ) as i
        where not exists (
            select from public.event_schedules as s
            where s.booking_id = v_class.booking_id and s.schedule_date = g.day::date
        )
        order by g.day;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_done := v_done + 1;
        perform ticketdb.legacy_progress('class_dates', v_done, v_of);
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_class_dates() from public;
comment on function ticketdb.link_class_dates() is
'Make an occurrence for each date of each class that the application announced; returns how many';
-- <<< sql/functions/link_class_dates.sql

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
        cross join lateral ticketdb.schedule_times(a.first_date, a.start_time, a.end_time, 0, d.timezone) as i
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
    cross join lateral ticketdb.schedule_times(s.schedule_date, s.start_time, s.end_time, s.extra_days, d.timezone) as i
    where s.status = 'scheduled'
      and s.starts_at > now()
      and (s.starts_at, s.ends_at) is distinct from (i.starts_at, i.ends_at);
$$;
revoke execute on function ticketdb.moved_schedules() from public;
comment on function ticketdb.moved_schedules() is
'Coming occurrences whose instants are not what their zone''s rules say now';
-- <<< sql/functions/moved_schedules.sql

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
        cross join lateral ticketdb.schedule_times(
            o.schedule_date, o.start_time, o.end_time, o.extra_days, v_event.timezone
        ) as i
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

drop function public.preview_recurring_schedules;

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
    conflict text,
    extra_days int
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
        c.conflict, o.extra_days
    from public.event_definitions as d
    cross join ticketdb.definition_occurrences(d.id, p_start_date::date, p_end_date::date) as o
    cross join lateral ticketdb.schedule_times(o.schedule_date, o.start_time, o.end_time, o.extra_days, d.timezone) as i
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

-- >>> sql/functions/schedule_times.sql
-- When an occurrence ends on the local clock, and the instants at which it starts and ends. The one reading of its local times;
-- event_schedules and the preview use it.
-- locks: none
-- raises: what "at time zone" raises for an unknown zone
create or replace function ticketdb.schedule_times(
    p_date date,
    p_start time,
    p_end time,
    p_extra_days int,
    p_timezone text,
    out end_datetime timestamp,
    out starts_at timestamptz,
    out ends_at timestamptz
)
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_local_start constant timestamp := p_date + p_start;
begin
    -- an end that is not after the start is on the next day; what lasts for days ends so many later
    end_datetime := p_date + p_extra_days + p_end
        + case when p_end <= p_start then interval '1 day' else interval '0' end;
    starts_at := ticketdb.local_instant(v_local_start, p_timezone);
    ends_at := ticketdb.local_instant(end_datetime, p_timezone);
    if ends_at <= starts_at then
        -- an hour that a clock change leaves out would end as it starts: then its length on the clock counts
        ends_at := starts_at + (end_datetime - v_local_start);
    end if;
end
$$;
revoke execute on function ticketdb.schedule_times(date, time, time, int, text) from public;
comment on function ticketdb.schedule_times(date, time, time, int, text) is
'Local end of an occurrence, and the instants of its start and end

p_date, p_start, p_end: on the clock of p_timezone, an IANA name; p_extra_days: full days beyond what p_end says.';
-- <<< sql/functions/schedule_times.sql

-- >>> sql/functions/tell_holders.sql
-- Tells the holders of an occurrence that it was moved to another time or space, whoever moved it: what it was and what it is. What is
-- cancelled or over is nobody's business any more. Called by trigger after an occurrence was moved.
-- locks: ticket_notifications (new rows)
-- raises: nothing
create or replace function ticketdb.tell_holders()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_default_space_id int;
begin
    if new.status <> 'scheduled' or old.ends_at <= now() and new.ends_at <= now() then
        return null;
    end if;
    select d.space_id into v_default_space_id
    from public.event_definitions as d
    where d.id = new.event_definition_id;
    if (new.schedule_date, new.start_time, new.end_time, new.extra_days, coalesce(new.space_id, v_default_space_id))
        is not distinct from
        (old.schedule_date, old.start_time, old.end_time, old.extra_days, coalesce(old.space_id, v_default_space_id))
    then
        -- it only says now which space it always had
        return null;
    end if;
    perform ticketdb.queue_notification(
        'schedule_moved', r.id,
        jsonb_strip_nulls(jsonb_build_object(
            'reason', nullif(current_setting('ticketdb.move_reason', true), ''),
            'old', ticketdb.describe_place(old.id, old.starts_at, old.ends_at, old.space_id),
            'new', ticketdb.describe_place(new.id, new.starts_at, new.ends_at, new.space_id)
        ))
    )
    from public.ticket_reservations as r
    where r.schedule_id = new.id
      and (r.status = 'confirmed' or r.status = 'held' and r.expires_at > clock_timestamp());
    return null;
end
$$;
revoke execute on function ticketdb.tell_holders() from public;
comment on function ticketdb.tell_holders() is 'Trigger: tell the holders of an occurrence that it was moved';
-- <<< sql/functions/tell_holders.sql

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
    from (
        select u.schedule_date
        from (
            select a.schedule_date
            from public.event_schedules as a
            where a.booking_id = b.id
            union all
            select g.schedule_date
            from public.event_schedules as g
            where b.is_class and g.event_definition_id = b.event_definition_id and g.start_time = b.starts::time
        ) as u
        order by u.schedule_date
        -- or the first and the last were sought among all dates
        offset 0
    ) as s
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
    from ticketdb.schedule_times(
        b.starts::date + g.day, b.starts::time,
        -- as legacy_announcements reads it
        case when b.ends::time = b.starts::time then (b.starts + interval '1 hour')::time else b.ends::time end,
        0, n.timezone
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
    ('function', 'public.definition_ics(int)', 'execute', '{anon,authenticated,service_role}'),
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
    ('function', 'public.import_event(jsonb)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.calendar_place(jsonb, jsonb)', 'execute', '{anon,authenticated,service_role}'),
    ('function', 'ticketdb.definition_calendar_for_caller(int)', 'execute', '{anon,authenticated}'),
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
    ('function', 'ticketdb.save_event_as_admin(jsonb)', 'execute', '{authenticated}'),
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
    ('function', 'ticketdb.schedule_times(date, time, time, int, text)', 'execute', '{authenticated,service_role}'),
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
    ('function', 'ticketdb.definition_calendar(int)', 'execute', '{service_role}'),
    ('function', 'ticketdb.save_event(jsonb)', 'execute', '{service_role}'),
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
    t.first_scanned_at,
    s.extra_days
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
comment on column ticketdb.ticket_cards.extra_days is 'Full days that it lasts beyond what end_time says';
-- <<< sql/views/ticket_cards.sql

-- >>> sql/views/v_event_availability.sql
-- What can be bought: the seed's columns in the seed's order, then ours. "Today" is today where the event takes place.
create or replace view public.v_event_availability
with (security_invoker = true)
as
select
    ed.id as event_definition_id,
    ed.event_code,
    ed.title,
    ed.event_category,
    ed.event_type,
    ed.banner_image_url,
    ed.default_ticket_price,
    es.id as schedule_id,
    es.schedule_date,
    es.start_time,
    es.end_time,
    es.start_datetime,
    es.end_datetime,
    es.max_tickets,
    es.tickets_sold,
    case when sale.refusal is null then sale.seats_left else 0 end as tickets_available,
    coalesce(es.ticket_price, ed.default_ticket_price) as effective_price,
    es.status,
    coalesce(es.space_id, ed.space_id) as space_id,
    ed.venue_id,
    sale.seats_held as tickets_held,
    es.starts_at,
    es.ends_at,
    ed.timezone,
    es.is_blocked,
    sale.opens_at as sales_open_at,
    sale.closes_at as sales_close_at,
    sale.max_per_order,
    sale.limit_per_user,
    es.extra_days
from public.event_definitions as ed
inner join public.event_schedules as es on es.event_definition_id = ed.id
inner join ticketdb.schedule_sales as sale on sale.schedule_id = es.id
where ed.is_active
  and es.status = 'scheduled'
  -- what lasts for days is listed on all of them
  and (
      es.schedule_date + es.extra_days >= (now() at time zone ed.timezone)::date
      or es.extra_days > 0 and es.ends_at > now()
  )
  -- says nothing new, but lets an index on the date leave out the past before the event's zone is known
  and (es.schedule_date >= (now() at time zone 'UTC')::date - 1 or es.extra_days > 0);
revoke all on public.v_event_availability from public;
comment on view public.v_event_availability is
'Event availability

Occurrences of active events from today on, with the tickets that can be bought now.';
comment on column public.v_event_availability.event_definition_id is 'Event';
comment on column public.v_event_availability.event_code is 'Code of the event';
comment on column public.v_event_availability.title is 'Title of the event';
comment on column public.v_event_availability.event_category is 'Category of the event';
comment on column public.v_event_availability.event_type is 'Type of the event';
comment on column public.v_event_availability.banner_image_url is 'URL of a wide picture';
comment on column public.v_event_availability.default_ticket_price is 'Price of one ticket of the event';
comment on column public.v_event_availability.schedule_id is 'Occurrence';
comment on column public.v_event_availability.schedule_date is 'Local date on which it starts';
comment on column public.v_event_availability.start_time is 'Local start time';
comment on column public.v_event_availability.end_time is 'Local end time';
comment on column public.v_event_availability.start_datetime is 'Local start';
comment on column public.v_event_availability.end_datetime is 'Local end';
comment on column public.v_event_availability.max_tickets is 'Capacity in tickets';
comment on column public.v_event_availability.tickets_sold is 'Confirmed tickets';
comment on column public.v_event_availability.tickets_available is
'Tickets that can be bought now: neither sold nor held, 0 while the slot is blocked or over or the sale not open';
comment on column public.v_event_availability.effective_price is 'Price of one ticket of this occurrence';
comment on column public.v_event_availability.status is 'Always scheduled';
comment on column public.v_event_availability.space_id is 'Space it takes place in';
comment on column public.v_event_availability.venue_id is 'Venue it takes place at';
comment on column public.v_event_availability.tickets_held is 'Tickets in live holds; a lapsed hold does not count';
comment on column public.v_event_availability.starts_at is 'Instant of the start';
comment on column public.v_event_availability.ends_at is 'Instant of the end';
comment on column public.v_event_availability.timezone is 'IANA name of the zone of the local times';
comment on column public.v_event_availability.is_blocked is 'The slot is taken and nothing is sold';
comment on column public.v_event_availability.sales_open_at is 'When the sale opens; null means it always was open';
comment on column public.v_event_availability.sales_close_at is 'When the sale closes; null means when the occurrence ends';
comment on column public.v_event_availability.max_per_order is 'Most tickets in one order; null means no limit';
comment on column public.v_event_availability.limit_per_user is 'Most tickets of one user on this occurrence; null means no limit';
comment on column public.v_event_availability.extra_days is 'Full days that it lasts beyond what end_time says';
-- <<< sql/views/v_event_availability.sql

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
    c.first_scanned_at,
    c.extra_days
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
comment on column public.v_tickets.extra_days is 'Full days that it lasts beyond what end_time says';
-- <<< sql/views/v_tickets.sql

-- >>> sql/triggers/event_schedules.sql
-- Triggers of event_schedules: derive the instants, guard the counter, deal a new capacity or that of an occurrence that is put on
-- again, tell the holders of one that was moved, keep updated_at, occupy the space, log changes. Their conditions keep functions out of the way
-- of a sale, which writes tickets_sold.
create or replace trigger derive_schedule_times
before insert or update of
event_definition_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at
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
after update of schedule_date, start_time, end_time, extra_days, space_id on public.event_schedules
for each row when (
    (new.schedule_date, new.start_time, new.end_time, new.extra_days, new.space_id)
    is distinct from (old.schedule_date, old.start_time, old.end_time, old.extra_days, old.space_id)
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
event_definition_id, booking_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at, status, space_id
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
-- a new row tells by itself when it was made, and a year of them is generated at once
create or replace trigger log_change
after update on public.event_schedules
for each row when (new.tickets_sold = old.tickets_sold)
execute function ticketdb.log_change();
create or replace trigger log_delete
after delete on public.event_schedules
for each row execute function ticketdb.log_change();
-- <<< sql/triggers/event_schedules.sql

-- >>> sql/triggers/event_schedules_in_calendars.sql
-- Trigger of event_schedules: note a change that calendars show. A sale names none of these columns.
create or replace trigger note_calendar_change
before update of
event_definition_id, schedule_date, start_time, end_time, extra_days, end_datetime, starts_at, ends_at, space_id, status, is_blocked
on public.event_schedules
for each row when (
    (new.event_definition_id, new.starts_at, new.ends_at, new.space_id, new.status = 'cancelled', new.is_blocked)
    is distinct from
    (old.event_definition_id, old.starts_at, old.ends_at, old.space_id, old.status = 'cancelled', old.is_blocked)
)
execute function ticketdb.note_calendar_change();
-- <<< sql/triggers/event_schedules_in_calendars.sql

-- >>> sql/functions/schedule_instants.sql (gone)
drop function ticketdb.schedule_instants;
-- <<< sql/functions/schedule_instants.sql (gone)
-- <<< generated

-- a database may grant rights on all that is new, as Supabase does
do $$
begin
    perform ticketdb.revoke_default_grants();
    perform ticketdb.grant_roles();
end
$$;
