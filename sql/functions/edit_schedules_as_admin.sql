-- The way of change_schedules for an admin, who may not run the inside of selling.
-- locks, raises: as edit_schedules; not_allowed
create or replace function ticketdb.edit_schedules_as_admin(
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
begin
    perform ticketdb.require_admin();
    return query
    select e.schedule_id, e.schedule_date, e.action, e.reason, e.before, e.after
    from ticketdb.edit_schedules(
        p_event_definition_id, p_changes, p_scope, p_schedule_id, p_include_sold, p_include_changed, p_dry_run
    ) as e;
end
$$;
revoke execute on function ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean) from public;
comment on function ticketdb.edit_schedules_as_admin(int, jsonb, text, int, boolean, boolean, boolean) is
'Change the occurrences of an event, for an admin';
