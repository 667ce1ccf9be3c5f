-- A code for an event that is imported: its title, as far as a code can say it, and where that is taken or says nothing, part of a digest
-- of its UID, or anything. Called by save_event, again where somebody takes the code first.
-- locks: none
-- raises: nothing
create or replace function ticketdb.calendar_event_code(p_title text, p_uid text)
returns text
language plpgsql
volatile
set search_path = pg_catalog, pg_temp
as $$
declare
    v_title constant text := btrim(left(regexp_replace(lower(p_title), '[^a-z0-9]+', '-', 'g'), 40), '-');
    v_code text := v_title;
    v_end text := left(md5(p_uid), 8);
begin
    while v_code = '' or exists (select from public.event_definitions as d where d.event_code = v_code) loop
        v_code := coalesce(nullif(v_title, ''), 'event') || '-' || v_end;
        v_end := left(gen_random_uuid()::text, 8);
    end loop;
    return v_code;
end
$$;
revoke execute on function ticketdb.calendar_event_code(text, text) from public;
comment on function ticketdb.calendar_event_code(text, text) is 'Code for an event with this title and UID';
