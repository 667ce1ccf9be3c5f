-- Derives the local end and the instants of an occurrence from its local times and its event's zone, and notes who announced it and,
-- where it is moved, the start that it had first: by that generating knows it.
-- Called by trigger before an occurrence is made or moved, and once more for coming ones when the event's zone changes.
-- locks: none
-- raises: invalid_argument, definition_not_found
create or replace function ticketdb.derive_schedule_times()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.schedule_date not between date '1900-01-01' and date '9998-12-31' then
        perform ticketdb.raise_error(
            'invalid_argument', format('schedule_date %s is not a day of this calendar', new.schedule_date),
            'Use a date from 1900 to 9998.', jsonb_build_object('schedule_date', new.schedule_date)
        );
    end if;
    -- PostgreSQL takes 24:00, many clients cannot read it: as an end it is midnight, as a start it is on the next date
    if new.start_time = time '24:00' then
        perform ticketdb.raise_error(
            'invalid_argument', format('%s 24:00 is no start', new.schedule_date), 'Use 00:00 of the next date.',
            jsonb_build_object('start_time', new.start_time)
        );
    end if;
    new.end_time := case when new.end_time = time '24:00' then time '00:00' else new.end_time end;
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
