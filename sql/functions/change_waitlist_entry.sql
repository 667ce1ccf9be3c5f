-- What becomes of the place that a user has already when he joins again: as big, or offered, it stays; smaller, it keeps its
-- position; bigger, it is given up for a new one. No id: he has none. Called by enter_waitlist.
-- locks: event_waitlist
-- raises: nothing
create or replace function ticketdb.change_waitlist_entry(
    p_schedule_id int,
    p_user_id int,
    p_quantity int,
    out id bigint,
    out is_done boolean
)
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
begin
    is_done := false;
    -- one that is just being offered is waited for; an offered one is whoever's who has its hold, and not locked here
    select e.id, e.quantity into v_entry
    from public.event_waitlist as e
    where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'waiting'
    for no key update;
    if not found then
        -- a lapsed one is swept by the caller
        select e.id into id
        from public.event_waitlist as e
        inner join public.ticket_reservations as r on r.id = e.reservation_id
        where e.user_id = p_user_id and e.schedule_id = p_schedule_id and e.status = 'offered'
          and r.expires_at > clock_timestamp();
        is_done := found;
    elsif v_entry.quantity < p_quantity then
        update public.event_waitlist as e
        set status = 'left', closed_at = clock_timestamp()
        where e.id = v_entry.id;
    else
        id := v_entry.id;
        is_done := v_entry.quantity = p_quantity;
        update public.event_waitlist as e
        set quantity = p_quantity
        where e.id = v_entry.id and not is_done;
    end if;
end
$$;
revoke execute on function ticketdb.change_waitlist_entry(int, int, int) from public;
comment on function ticketdb.change_waitlist_entry(int, int, int) is
'Change the place that a user has in a waiting list

id: the place that he keeps; is_done: nothing is left to be done.';
