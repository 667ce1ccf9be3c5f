-- Makes the imported exceptions of an event those of the calendar that it comes from: takes away what that no longer has, and adds what
-- does not hold here already, by the rule, a holiday or an exception of ours. Returns how many rows that were. Called by save_event,
-- with the event locked and its rule saved.
-- locks: schedule_exceptions
-- raises: invalid_argument
create or replace function ticketdb.save_event_dates(
    p_event_definition_id int,
    p_event jsonb,
    p_timezone text,
    p_length interval
)
returns int
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_date record;
    v_changes int;
begin
    delete from public.schedule_exceptions as x
    where x.event_definition_id = p_event_definition_id and x.is_imported
      and not exists (
          select from ticketdb.event_dates(p_event, p_timezone, p_length) as d
          where (d.kind, d.exception_date) = (x.kind, x.exception_date)
            and (d.start_time, d.end_time, d.extra_days) is not distinct from (x.start_time, x.end_time, x.extra_days)
      );
    get diagnostics v_changes = row_count;
    for v_date in
        select d.kind, d.exception_date, d.start_time, d.end_time, d.extra_days
        from ticketdb.event_dates(p_event, p_timezone, p_length) as d
        -- what is added shows what it is added to
        order by d.kind desc, d.exception_date, d.start_time
    loop
        continue when v_date.kind = 'added' and exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where o.start_time = v_date.start_time
              and ticketdb.local_length(o.start_time, o.end_time, o.extra_days)
                  = coalesce(ticketdb.local_length(v_date.start_time, v_date.end_time, v_date.extra_days), p_length)
        );
        continue when v_date.kind = 'excluded' and not exists (
            select from ticketdb.definition_occurrences(p_event_definition_id, v_date.exception_date, v_date.exception_date) as o
            where v_date.start_time is null or o.start_time = v_date.start_time
        );
        insert into public.schedule_exceptions (
            event_definition_id, kind, exception_date, start_time, end_time, extra_days, is_imported
        )
        values (
            p_event_definition_id, v_date.kind, v_date.exception_date, v_date.start_time, v_date.end_time, v_date.extra_days, true
        )
        on conflict do nothing;
        if found then
            v_changes := v_changes + 1;
        end if;
    end loop;
    return v_changes;
end
$$;
revoke execute on function ticketdb.save_event_dates(int, jsonb, text, interval) from public;
comment on function ticketdb.save_event_dates(int, jsonb, text, interval) is
'Keep the exceptions that an event of a calendar has; returns how many rows changed';
