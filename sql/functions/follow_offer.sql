-- What becomes of an offered hold becomes of its place in the waiting list: paid, it is taken; given up, left; not paid in time,
-- lapsed. Called by trigger, for holds that the waiting list made alone.
-- locks: ticket_reservations (by the write itself), event_waitlist
-- raises: nothing
create or replace function ticketdb.follow_offer()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    if tg_op = 'UPDATE' and new.status = old.status then
        return null;
    end if;
    update public.event_waitlist as e
    set status = case
            when tg_op = 'DELETE' then 'left'
            when new.status = 'confirmed' then 'taken'
            -- whoever called the occurrence off has released it
            when s.status <> 'scheduled' then 'closed'
            when new.status = 'released' then 'left'
            else 'lapsed'
        end,
        closed_at = clock_timestamp()
    from public.event_schedules as s
    where e.reservation_id = old.id and s.id = e.schedule_id
      -- once taken it stays so, also where the tickets are given back
      and e.status <> 'taken';
    if tg_op = 'DELETE' then
        return old;
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.follow_offer() from public;
comment on function ticketdb.follow_offer() is 'Trigger: a place in the waiting list follows the hold that was offered';
