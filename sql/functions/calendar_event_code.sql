-- A code for an event that is imported: its title, as far as a code can say it, and where that is taken or says nothing, part of a digest
-- of its UID. Called by save_event.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_event_code(p_title text, p_uid text)
returns text
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_code constant text := btrim(left(regexp_replace(lower(p_title), '[^a-z0-9]+', '-', 'g'), 40), '-');
begin
    if v_code <> '' and not exists (select from public.event_definitions as d where d.event_code = v_code) then
        return v_code;
    end if;
    return coalesce(nullif(v_code, ''), 'event') || '-' || left(md5(p_uid), 8);
end
$$;
revoke execute on function ticketdb.calendar_event_code(text, text) from public;
comment on function ticketdb.calendar_event_code(text, text) is 'Code for an event with this title and UID';
