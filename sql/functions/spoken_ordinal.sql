-- A place in a row, from the beginning or, negative, from the end: first, 23rd, last, third-to-last. Called by spoken_ordinals and
-- spoken_rrule.
-- locks: none
-- raises: nothing
create or replace function ticketdb.spoken_ordinal(p_place int, p_in_figures boolean)
returns text
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place constant int := abs(p_place);
    v_ordinal constant text := case
        when v_place <= 5 and not p_in_figures then (array['first', 'second', 'third', 'fourth', 'fifth'])[v_place]
        when v_place % 100 between 11 and 13 then v_place || 'th'
        else v_place || case v_place % 10 when 1 then 'st' when 2 then 'nd' when 3 then 'rd' else 'th' end
    end;
begin
    return case when p_place = -1 then 'last' when p_place < 0 then v_ordinal || '-to-last' else v_ordinal end;
end
$$;
revoke execute on function ticketdb.spoken_ordinal(int, boolean) from public;
comment on function ticketdb.spoken_ordinal(int, boolean) is
'A place in a row in English; negative counts from the end

p_in_figures: 2nd, not second, as beside 15th.';
