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
