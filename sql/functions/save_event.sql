-- Makes an event of one of a calendar, or brings the one up to date that was made of it before, known by its UID. A new event is a draft
-- (not active): a calendar names no price. Where the calendar says what holds here already, nothing is written. The inside of import_event.
-- locks: event_definitions, then schedule_exceptions
-- raises: invalid_argument, invalid_recurrence
create or replace function ticketdb.save_event(
    p_event jsonb,
    out result text,
    out event_definition_id int,
    out event_code text,
    out title text,
    out uid text
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_read record;
    v_ours record;
    v_changes int := 0;
    v_more int;
    v_category text := coalesce(p_event ->> 'event_category', p_event ->> 'event_type');
    v_is_same_rule boolean;
begin
    perform ticketdb.require_read_committed();
    v_read := ticketdb.read_event(p_event);
    uid := v_read.uid;
    title := v_read.title;
    loop
        select d.id, d.event_code::text, d.timezone
        into v_ours
        from public.event_definitions as d
        where ticketdb.calendar_uid(d.calendar_uid, d.id, d.created_at) = v_read.uid
        for no key update;
        exit when found;
        if v_category is null then
            perform ticketdb.raise_error(
                'invalid_argument', 'the event has no category', 'Give event_category, such as wellness, live-show or workshop.'
            );
        end if;
        insert into public.event_definitions as d (
            event_code, title, description, event_category, event_type, timezone, recurrence_type, rrule, recurrence_starts_on,
            default_start_time, default_end_time, default_extra_days, is_active, calendar_uid, created_by_user_id
        )
        values (
            ticketdb.calendar_event_code(v_read.title, v_read.uid), v_read.title, p_event ->> 'description', v_category,
            coalesce(p_event ->> 'event_type', v_category), v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date,
            v_read.first_start::time, (v_read.first_start + v_read.length)::time, ticketdb.extra_days_of(v_read.length), false, v_read.uid,
            ticketdb.caller_user_id()
        )
        -- somebody else has just made the same, which is found now, or taken the code
        on conflict do nothing
        returning d.id, d.event_code::text into event_definition_id, event_code;
        exit when found;
    end loop;
    if event_definition_id is not null then
        result := 'created';
    else
        event_definition_id := v_ours.id;
        event_code := v_ours.event_code;
        select
            r.rule is not null and v_ours.timezone = v_read.timezone
            and (ticketdb.normalise_rrule(r.rule, r.first_start), r.first_start, r.length)
                = (v_read.rule, v_read.first_start, v_read.length)
        into v_is_same_rule
        from ticketdb.calendar_rule(v_ours.id) as r;
        update public.event_definitions as d
        set
            title = v_read.title,
            description = p_event ->> 'description',
            event_category = coalesce(v_category, d.event_category),
            event_type = coalesce(p_event ->> 'event_type', d.event_type)
        where d.id = v_ours.id
          and (d.title, d.description, d.event_category, d.event_type)
              is distinct from (
                  v_read.title, p_event ->> 'description',
                  coalesce(v_category, d.event_category), coalesce(p_event ->> 'event_type', d.event_type)
              );
        get diagnostics v_changes = row_count;
        if v_is_same_rule is not true then
            update public.event_definitions as d
            set
                timezone = v_read.timezone, recurrence_type = 'rrule', recurrence_days = null, rrule = v_read.rule,
                recurrence_starts_on = v_read.first_start::date, default_start_time = v_read.first_start::time,
                default_end_time = (v_read.first_start + v_read.length)::time,
                default_extra_days = ticketdb.extra_days_of(v_read.length)
            where d.id = v_ours.id
              and (
                  d.timezone, d.recurrence_type, d.rrule, d.recurrence_starts_on, d.default_start_time, d.default_end_time,
                  d.default_extra_days
              ) is distinct from (
                  v_read.timezone, 'rrule', v_read.rule, v_read.first_start::date, v_read.first_start::time,
                  (v_read.first_start + v_read.length)::time, ticketdb.extra_days_of(v_read.length)
              );
            get diagnostics v_more = row_count;
            v_changes := v_changes + v_more;
        end if;
    end if;
    v_changes := v_changes + ticketdb.save_event_dates(event_definition_id, p_event, v_read.timezone, v_read.length);
    result := coalesce(result, case when v_changes > 0 then 'updated' else 'unchanged' end);
end
$$;
revoke execute on function ticketdb.save_event(jsonb) from public;
comment on function ticketdb.save_event(jsonb) is 'Make an event of one of a calendar, or bring it up to date

p_event: as of import_event.';
