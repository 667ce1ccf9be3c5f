-- A line of iCalendar with its line break (RFC 5545, 3.1): cut after at most 75 octets of UTF-8, never within a character, each further
-- part after a space. Called wherever a calendar is written.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_fold(p_line text)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
declare
    v_folded text := '';
    v_rest text := p_line;
    v_part text;
begin
    while octet_length(convert_to(v_rest, 'UTF8')) > 75 loop
        v_part := left(v_rest, 75);
        while octet_length(convert_to(v_part, 'UTF8')) > 75 loop
            v_part := left(v_part, -1);
        end loop;
        v_folded := v_folded || v_part || E'\r\n';
        v_rest := ' ' || substr(v_rest, length(v_part) + 1);
    end loop;
    return v_folded || v_rest || E'\r\n';
end
$$;
revoke execute on function ticketdb.ics_fold(text) from public;
comment on function ticketdb.ics_fold(text) is 'A line of iCalendar, folded and ended; null stays null';
