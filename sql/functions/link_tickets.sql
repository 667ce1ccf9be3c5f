-- Issues the tickets of the sales that this run made, for occurrences that are not over; those that are over admit nobody. Where
-- participants are known each ticket is in a name. A step of link_legacy_data.
-- locks: event_tickets (new rows only)
-- raises: nothing
create or replace function ticketdb.link_tickets(p_after_reservation bigint)
returns bigint
language plpgsql
volatile
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_chunk constant int := 50000;
    v_first bigint;
    v_after bigint;
    v_last bigint;
    v_rows bigint;
    v_made bigint := 0;
begin
    select min(r.id) - 1, max(r.id) into v_first, v_last
    from public.ticket_reservations as r
    where r.id > p_after_reservation;
    v_after := v_first;
    while v_after < v_last loop
        insert into public.event_tickets (reservation_id, participant_id)
        select r.id, coalesce(r.participant_id, pp.id)
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        left join public.program_participants as pp
            on r.participant_id is null and pp.booking_id = r.booking_id and pp.is_active is not false
        cross join lateral generate_series(
            1, case when pp.id is null then r.quantity else coalesce(nullif(pp.ticket_quantity, 0), 1) end
        )
        where r.id > v_after and r.id <= v_after + v_chunk
          and r.origin = 'legacy' and r.status = 'confirmed'
          and s.ends_at > now()
        order by r.id, pp.id;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_after + v_chunk;
        perform ticketdb.legacy_progress(
            'tickets', least(v_after, v_last) - v_first, v_last - v_first
        );
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_tickets(bigint) from public;
comment on function ticketdb.link_tickets(bigint) is
'Issue the tickets of coming occurrences for the reservations with ids above p_after_reservation; returns how many';
