-- Says who has a space at a time that somebody else wants. Names are told on a direct connection and to staff; to others by token only
-- what kind it is, for they may not see each other's bookings. Called by occupy_around.
-- locks: none
-- raises: slot_conflict
create or replace function ticketdb.refuse_slot(p_space_id int, p_wanted tstzmultirange)
returns void
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_claims constant jsonb := ticketdb.caller_claims();
    v_may_know constant boolean := v_claims is null
        or coalesce(v_claims ->> 'role' = 'service_role' or v_claims #>> '{app_metadata,role}' = 'admin', false);
    v_taken record;
    v_who text;
begin
    select o.source, o.reference, o.title, o.starts_at, o.ends_at, o.timezone, o.period into v_taken
    from ticketdb.occupied_spaces as o
    where int8range(o.space_id, o.space_id, '[]') && int8range(p_space_id, p_space_id, '[]') and o.holds && p_wanted
    order by o.starts_at, o.source, o.source_id
    limit 1;
    v_who := case
        when v_taken.source is null then 'somebody who has just come first'
        when v_may_know then v_taken.source || ' ' || v_taken.reference || coalesce(' (' || v_taken.title || ')', '')
        else 'a ' || v_taken.source
    end;
    perform ticketdb.raise_error(
        'slot_conflict',
        format(
            '%s (space %s) is taken%s by %s',
            (select s.name from public.spaces as s where s.id = p_space_id), p_space_id, coalesce(' ' || v_taken.period, ''), v_who
        ),
        'Choose another time or space; get_available_time_slots shows what is free.',
        jsonb_strip_nulls(
            jsonb_build_object(
                'space_id', p_space_id, 'source', v_taken.source,
                'reference', case when v_may_know then v_taken.reference end,
                'title', case when v_may_know then v_taken.title end,
                'starts_at', v_taken.starts_at, 'ends_at', v_taken.ends_at
            )
        )
    );
end
$$;
revoke execute on function ticketdb.refuse_slot(int, tstzmultirange) from public;
comment on function ticketdb.refuse_slot(int, tstzmultirange) is 'Refuse a time at which a space is taken, naming by whom';
