-- An offset from UTC as iCalendar writes it (RFC 5545, 3.3.14): +0530, and +053020 where there are seconds. Called by ics_zone.
-- locks: none
-- raises: nothing
create or replace function ticketdb.ics_offset(p_offset interval)
returns text
language plpgsql
immutable
strict
parallel safe
set search_path = pg_catalog, pg_temp
as $$
begin
    return case when p_offset < interval '0' then '-' else '+' end
        || to_char(
            greatest(p_offset, -p_offset),
            case when extract(second from p_offset) = 0 then 'HH24MI' else 'HH24MISS' end
        );
end
$$;
revoke execute on function ticketdb.ics_offset(interval) from public;
comment on function ticketdb.ics_offset(interval) is 'An offset from UTC as iCalendar writes it; null stays null';
