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
