-- Makes the valid tickets of a reservation as many as it has seats: its quantity while confirmed, none otherwise. Missing ones
-- are issued, the newest surplus ones become void. Called wherever a reservation is confirmed, resized or cancelled.
-- locks: ticket_reservations (by the caller)
-- raises: nothing
create or replace function ticketdb.issue_tickets(p_reservation_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_wanted int;
    v_valid int;
begin
    select case when r.status = 'confirmed' then r.quantity else 0 end into v_wanted
    from public.ticket_reservations as r
    where r.id = p_reservation_id;
    select count(*) into v_valid
    from public.event_tickets as t
    where t.reservation_id = p_reservation_id and t.status = 'valid';

    insert into public.event_tickets (reservation_id)
    select p_reservation_id
    from generate_series(1, v_wanted - v_valid);

    if v_valid > v_wanted then
        update public.event_tickets as t
        set status = 'void', voided_at = clock_timestamp()
        where t.id in (
            select v.id
            from public.event_tickets as v
            where v.reservation_id = p_reservation_id and v.status = 'valid'
            order by v.id desc
            limit v_valid - v_wanted
        );
    end if;
end
$$;
revoke execute on function ticketdb.issue_tickets(bigint) from public;
comment on function ticketdb.issue_tickets(bigint) is
'Issue or void tickets until the valid ones match the reservation';
