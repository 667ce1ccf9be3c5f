-- Puts a party into the waiting list of an occurrence, and offers it seats at once if there are any that nobody before it wants. The
-- inside of join_waitlist. Who waits already has one place: asking for fewer keeps it, asking for more goes to the end.
-- All buckets are locked before the place is written, and the occurrence: whoever frees seats or adds some comes before, and is seen
-- here, or after, and sees the place.
-- locks: event_schedules (key share), users where a limit stands, event_waitlist (his own place), as lock_occurrence and
--        expire_lapsed_holds; then as offer_seats
-- raises: invalid_quantity, invalid_argument, limit_per_user, and what find_offer and offer_seats raise
create or replace function ticketdb.enter_waitlist(p_schedule_id int, p_quantity int, p_user_id int, p_contact jsonb)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_offer record;
    v_seats int;
    v_entry record;
    v_id bigint;
begin
    perform ticketdb.require_read_committed();
    perform ticketdb.check_reservation_arguments(p_schedule_id, p_quantity, p_user_id, null, p_contact);
    if p_user_id is null and p_contact is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_user_id and p_contact are null: nobody could be told of an offer',
            'Pass the id of a row of users, or {"name": "Asha Rao", "mobile": "+91…"}.'
        );
    end if;
    -- whoever deletes it waits until this is done
    select s.max_tickets into v_seats from public.event_schedules as s where s.id = p_schedule_id for key share;
    v_offer := ticketdb.find_offer(p_schedule_id, null);
    if p_quantity > v_seats then
        perform ticketdb.raise_error(
            'invalid_quantity', format('schedule %s has %s seats in all', p_schedule_id, v_seats),
            'Ask for fewer tickets.', jsonb_build_object('requested', p_quantity, 'max_tickets', v_seats)
        );
    end if;
    perform ticketdb.total_price(v_offer.price, p_quantity);

    -- as check_limits does it, but ahead: of two calls at once the second is to find the place of the first
    perform from public.users as u where u.id = p_user_id and v_offer.limit_per_user is not null for no key update;
    v_entry := ticketdb.change_waitlist_entry(p_schedule_id, p_user_id, p_quantity);
    if v_entry.is_done then
        return v_entry.id;
    end if;
    if v_entry.id is null then
        perform ticketdb.check_limits(
            p_schedule_id, p_quantity, p_user_id, v_offer.max_per_order, v_offer.limit_per_user
        );
    end if;
    perform ticketdb.open_buckets(p_schedule_id);
    perform ticketdb.expire_lapsed_holds(p_schedule_id, ticketdb.lock_occurrence(p_schedule_id));
    perform ticketdb.find_offer(p_schedule_id, null);

    v_id := v_entry.id;
    if v_id is null then
        insert into public.event_waitlist (schedule_id, user_id, contact, quantity)
        values (p_schedule_id, p_user_id, p_contact, p_quantity)
        on conflict do nothing
        returning id into v_id;
    end if;
    if v_id is null then
        -- he was faster himself
        select e.id into v_id
        from public.event_waitlist as e
        where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status in ('waiting', 'offered');
        return v_id;
    end if;
    perform ticketdb.offer_seats(p_schedule_id, v_id);
    return v_id;
end
$$;
revoke execute on function ticketdb.enter_waitlist(int, int, int, jsonb) from public;
comment on function ticketdb.enter_waitlist(int, int, int, jsonb) is
'Put a party into the waiting list of an occurrence; returns the number of its place

p_user_id: null for a guest, who needs p_contact.';
