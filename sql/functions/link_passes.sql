-- Makes the passes of monthly participants whose places were linked before there were passes, and lets the places name them; those of
-- places that this run linked are made already (link_places). Returns how many both made. By ranges of ids, so that memory stays
-- flat. A step of link_legacy_data.
-- locks: event_passes (new rows), ticket_reservations
-- raises: nothing
create or replace function ticketdb.link_passes(p_after_pass bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    -- a pass has some thirty places
    v_chunk constant int := 4000;
    v_after bigint := -1;
    v_to bigint;
    v_rows bigint;
    v_done bigint := 0;
    v_of bigint;
begin
    select count(*) into v_of
    from public.program_participants as pp
    where lower(btrim(pp.subscription_type)) = 'monthly';
    loop
        select max(n.id), count(*) into v_to, v_rows
        from (
            select pp.id
            from public.program_participants as pp
            where pp.id > v_after and lower(btrim(pp.subscription_type)) = 'monthly'
            order by pp.id
            limit v_chunk
        ) as n;
        exit when v_to is null;
        v_done := v_done + v_rows;

        perform
        from public.ticket_reservations as r
        where r.participant_id > v_after and r.participant_id <= v_to and r.pass_id is null
        order by r.id
        for no key update;
        perform ticketdb.make_legacy_passes(v_after, v_to, null);
        update public.ticket_reservations as r
        set pass_id = e.id
        from public.event_passes as e, public.event_schedules as s
        where e.participant_id > v_after and e.participant_id <= v_to
          and r.participant_id = e.participant_id and r.pass_id is null
          and s.id = r.schedule_id and s.event_definition_id = e.event_definition_id;
        v_after := v_to;
        perform ticketdb.legacy_progress('passes', v_done, v_of);
    end loop;
    return (select count(*) from public.event_passes as e where e.id > p_after_pass and e.origin = 'legacy');
end
$$;
revoke execute on function ticketdb.link_passes(bigint) from public;
comment on function ticketdb.link_passes(bigint) is
'Make passes of the monthly participants whose places are linked; returns how many have ids above p_after_pass';
