-- Makes a paid pass good: each place becomes a sale, lapsed or not, or none does. What was called off meanwhile has no place; it
-- counts as unused. False leaves everything as it was. Called by pay_pass.
-- locks: event_passes (by the caller), ticket_reservations, then for each occurrence as seat_paid_reservation
-- raises: nothing about seats
create or replace function ticketdb.seat_pass(p_pass_id bigint)
returns boolean
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_place record;
    v_sale record;
    v_places int := 0;
begin
    perform ticketdb.lock_pass_places(p_pass_id);
    -- ahead of its places, which trigger count_visits keeps from becoming sales of a pass that is not
    update public.event_passes as e
    set status = 'active', confirmed_at = clock_timestamp(), closed_at = null
    where e.id = p_pass_id;
    for v_place in
        select r.id, r.status, s.status = 'cancelled' or s.is_blocked as is_called_off
        from public.ticket_reservations as r
        inner join public.event_schedules as s on s.id = r.schedule_id
        where r.pass_id = p_pass_id and r.status in ('held', 'expired', 'released')
        order by r.schedule_id, r.id
    loop
        v_places := v_places + 1;
        if v_place.is_called_off then
            update public.ticket_reservations as r
            set status = 'released', closed_at = clock_timestamp()
            where r.id = v_place.id and r.status = 'held';
            continue;
        end if;
        v_sale := ticketdb.seat_paid_reservation(v_place.id, null, null);
        if not v_sale.is_seated then
            raise sqlstate 'TD001';
        end if;
    end loop;
    -- places of a hold that came to nothing long ago are deleted
    if exists (
        select from public.event_passes as e where e.id = p_pass_id and e.kind = 'monthly' and e.visits > v_places
    ) then
        raise sqlstate 'TD001';
    end if;
    perform ticketdb.tell_pass_holder('ticket_confirmation', p_pass_id);
    return true;
exception
    when sqlstate 'TD001' then return false;
end
$$;
revoke execute on function ticketdb.seat_pass(bigint) from public;
comment on function ticketdb.seat_pass(bigint) is 'Make a paid pass good, with all its places; false where that cannot be';
