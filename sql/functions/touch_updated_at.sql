-- Keeps updated_at. Called by trigger before each update of event_definitions and event_schedules.
-- locks: none
-- raises: nothing
create or replace function ticketdb.touch_updated_at()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    new.updated_at := clock_timestamp();
    return new;
end
$$;
revoke execute on function ticketdb.touch_updated_at() from public;
comment on function ticketdb.touch_updated_at() is 'Trigger: keep updated_at';
