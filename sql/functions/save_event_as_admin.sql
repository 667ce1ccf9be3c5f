-- The way of import_event for an admin, who may not run the inside of selling.
-- locks, raises: as save_event; not_allowed
create or replace function ticketdb.save_event_as_admin(
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
    v_saved record;
begin
    perform ticketdb.require_admin();
    v_saved := ticketdb.save_event(p_event);
    result := v_saved.result;
    event_definition_id := v_saved.event_definition_id;
    event_code := v_saved.event_code;
    title := v_saved.title;
    uid := v_saved.uid;
end
$$;
revoke execute on function ticketdb.save_event_as_admin(jsonb) from public;
comment on function ticketdb.save_event_as_admin(jsonb) is 'Make an event of one of a calendar, for an admin';
