-- Words in a row, as people say them: a, b and c. Called by spoken_rrule and what it asks.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_list(p_words text[], p_last text)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_words constant int := cardinality(p_words);
begin
    return case
        when v_words > 1 then array_to_string(p_words[:v_words - 1], ', ') || ' ' || p_last || ' ' || p_words[v_words]
        else p_words[1]
    end;
end
$$;
revoke execute on function ticketdb.spoken_list(text[], text) from public;
comment on function ticketdb.spoken_list(text[], text) is
'Words in a row, with commas, and and or or before the last; null for none

p_last: and, or or.';
