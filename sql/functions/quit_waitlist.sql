-- Gives up a place in a waiting list, and the seats that were offered. The inside of leave_waitlist. A second call answers like the
-- first, and so does one for a place that is lapsed or closed.
-- locks: as release_hold where seats were offered; event_waitlist
-- raises: invalid_argument, reservation_not_found, already_confirmed, reservation_expired
create or replace function ticketdb.quit_waitlist(p_entry_id bigint)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_entry record;
begin
    perform ticketdb.require_read_committed();
    if p_entry_id is null then
        perform ticketdb.raise_error(
            'invalid_argument', 'p_entry_id is null', 'Pass the entry_id that join_waitlist returned.'
        );
    end if;
    -- waits for an offer that is just being made
    update public.event_waitlist as e
    set status = 'left', closed_at = clock_timestamp()
    where e.id = p_entry_id and e.status = 'waiting';
    if found then
        return;
    end if;
    select w.status, w.reservation_id into v_entry
    from public.v_waitlist as w
    where w.entry_id = p_entry_id;
    if not found then
        perform ticketdb.refuse_waitlist_entry(p_entry_id);
    end if;
    -- a taken one is refused by release_hold
    if v_entry.status in ('offered', 'taken') then
        perform ticketdb.release_hold(v_entry.reservation_id);
    end if;
end
$$;
revoke execute on function ticketdb.quit_waitlist(bigint) from public;
comment on function ticketdb.quit_waitlist(bigint) is 'Give up a place in a waiting list';
