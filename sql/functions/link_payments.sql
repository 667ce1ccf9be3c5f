-- Puts on record what was paid for the reservations that this run made: one payment for each purchase, one for each pass, with its
-- first place. The references are those that later payments of the same booking would have. A step of link_legacy_data.
-- locks: ticket_payments (new rows only)
-- raises: nothing
create or replace function ticketdb.link_payments(p_after_reservation bigint)
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
        insert into public.ticket_payments (reservation_id, payment_reference, amount, received_at)
        select
            r.id, coalesce('booking ' || b.booking_reference, 'participant ' || pp.id), r.total_amount, r.confirmed_at
        from public.ticket_reservations as r
        left join public.bookings as b on b.id = r.booking_id
        left join public.program_participants as pp on pp.id = r.participant_id and pp.event_schedule_id = r.schedule_id
        where r.id > v_after and r.id <= v_after + v_chunk
          and r.origin = 'legacy' and r.status = 'confirmed'
          and (b.id is not null or pp.id is not null)
        order by r.id
        on conflict on constraint payment_reference_unique do nothing;
        get diagnostics v_rows = row_count;
        v_made := v_made + v_rows;
        v_after := v_after + v_chunk;
        perform ticketdb.legacy_progress(
            'payments', least(v_after, v_last) - v_first, v_last - v_first
        );
    end loop;
    return v_made;
end
$$;
revoke execute on function ticketdb.link_payments(bigint) from public;
comment on function ticketdb.link_payments(bigint) is
'Record the payments of the reservations with ids above p_after_reservation; returns how many';
