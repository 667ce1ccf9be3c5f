-- Makes an offer of a place in the waiting list: a hold, at the price of the moment, with a time of its own that ends with the sale at the
-- latest, and the message that says so. The buckets have room. Called by offer_seats.
-- locks: ticketdb.seat_buckets, event_waitlist (by the caller); ticket_reservations (new row), users (key share)
-- raises: nothing
create or replace function ticketdb.make_offer(p_entry_id bigint, p_buckets int[], p_is_present boolean)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
    v_bucket int;
    v_reservation_id bigint;
begin
    select
        e.schedule_id, e.quantity, e.user_id, e.contact, o.ticket_price,
        least(
            clock_timestamp() + case
                -- joining must not be a way to hold for longer than others what everybody could have had
                when p_is_present then ticketdb.default_hold()
                else coalesce(d.waitlist_offer_time, ticketdb.default_offer_time())
            end,
            o.closes_at, s.ends_at
        ) as expires_at
    into v_entry
    from public.event_waitlist as e
    inner join public.event_schedules as s on s.id = e.schedule_id
    inner join public.event_definitions as d on d.id = s.event_definition_id
    inner join ticketdb.schedule_offers as o on o.schedule_id = e.schedule_id
    where e.id = p_entry_id;

    select b.bucket into v_bucket
    from ticketdb.seat_buckets as b
    where b.schedule_id = v_entry.schedule_id and b.ticket_type_id = 0 and b.bucket = any (p_buckets)
      and b.held + b.sold + v_entry.quantity <= b.capacity
    order by b.bucket
    limit 1;
    if not found then
        v_bucket := p_buckets[1];
        perform ticketdb.deal_seats(
            v_entry.schedule_id, 0, sum(b.capacity)::int, v_bucket, v_entry.quantity, p_buckets
        )
        from ticketdb.seat_buckets as b
        where b.schedule_id = v_entry.schedule_id and b.ticket_type_id = 0 and b.bucket = any (p_buckets);
    end if;
    if not ticketdb.move_seats(v_entry.schedule_id, 0, v_bucket, v_entry.quantity, 0) then
        raise exception 'buckets of schedule % were locked and had room', v_entry.schedule_id;
    end if;

    insert into public.ticket_reservations (
        schedule_id, user_id, quantity, unit_price, total_amount, expires_at, origin, contact, bucket
    )
    values (
        v_entry.schedule_id, v_entry.user_id, v_entry.quantity, v_entry.ticket_price,
        ticketdb.total_price(v_entry.ticket_price, v_entry.quantity), v_entry.expires_at, 'waitlist', v_entry.contact,
        v_bucket
    )
    returning id into v_reservation_id;
    update public.event_waitlist as e
    set status = 'offered', reservation_id = v_reservation_id, offered_at = clock_timestamp()
    where e.id = p_entry_id;
    perform ticketdb.queue_notification(
        'waitlist_offer', v_reservation_id, jsonb_build_object('entry_id', p_entry_id), 'waitlist_offer ' || p_entry_id
    );
end
$$;
revoke execute on function ticketdb.make_offer(bigint, int[], boolean) from public;
comment on function ticketdb.make_offer(bigint, int[], boolean) is
'Hold seats of these buckets for a place in the waiting list, and say so

p_is_present: it is answered with the offer just now.';
