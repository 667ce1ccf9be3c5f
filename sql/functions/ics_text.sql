-- A text as the value of a property of iCalendar (RFC 5545, 3.3.11): backslash, semicolon, comma and line break escaped, other control
-- characters left out. Called wherever a calendar is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_text(p_text text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return regexp_replace(
        regexp_replace(regexp_replace(p_text, '([\\;,])', '\\\1', 'g'), E'\r\n|\n|\r', '\\n', 'g'),
        E'[\x01-\x08\x0b-\x1f\x7f]', '', 'g'
    );
end
$$;
revoke execute on function ticketdb.ics_text(text) from public;
comment on function ticketdb.ics_text(text) is 'A text as a value of iCalendar; null stays null';
