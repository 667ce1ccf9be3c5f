-- Changes the occurrences of an event, and with "all future" and "this and following" its own values, by which later ones are
-- generated. What was sold, is held or was changed by itself stays, unless the caller says otherwise. A dry run does all of it and takes it
-- back, so that it cannot say anything else than what would happen. The inside of change_schedules.
-- locks: as lock_scope; then (by trigger) as occupy_spaces
-- raises: invalid_argument, definition_not_found, schedule_not_found, space_not_found; lock_not_available
create or replace function ticketdb.edit_schedules(
    p_event_definition_id int,
    p_changes jsonb,
    p_scope text,
    p_schedule_id int,
    p_include_sold boolean,
    p_include_changed boolean,
    p_dry_run boolean
)
returns table (schedule_id int, schedule_date date, action text, reason text, before jsonb, after jsonb)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_schedule_ids int[];
    v_rows jsonb;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_schedule_changes(p_changes);
    if num_nulls(p_include_sold, p_include_changed, p_dry_run) > 0 then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_include_sold, p_include_changed and p_dry_run are true or false, one is null',
            'Leave them out for false.'
        );
    end if;
    begin
        v_schedule_ids := ticketdb.lock_scope(p_event_definition_id, p_scope, p_schedule_id);
        select jsonb_agg(to_jsonb(c) || jsonb_build_object('schedule_id', n.id)) into v_rows
        from unnest(v_schedule_ids) as n (id)
        cross join lateral ticketdb.change_occurrence(
            -- whoever names one has seen what it has of its own
            n.id, p_changes, p_include_sold, p_include_changed or p_scope = 'this'
        ) as c;
        if p_scope <> 'this' then
            perform ticketdb.change_definition(p_event_definition_id, p_changes);
        end if;
        if p_dry_run then
            raise sqlstate 'TD001';
        end if;
    exception
        when sqlstate 'TD001' then null;
    end;
    return query
    select s.id, s.schedule_date, r.action, r.reason, r.before, r.after
    from jsonb_to_recordset(v_rows) as r (schedule_id int, action text, reason text, before jsonb, after jsonb)
    inner join public.event_schedules as s on s.id = r.schedule_id
    order by s.starts_at, s.id;
end
$$;
revoke execute on function ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function ticketdb.edit_schedules(int, jsonb, text, int, boolean, boolean, boolean) is
'Change the occurrences of an event, or say what would change';
