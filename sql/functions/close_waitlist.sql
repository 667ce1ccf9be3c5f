-- Closes the waiting list of an occurrence that is called off, over or blocked. Called by trigger. It waits for nobody, for it has
-- the occurrence locked: who is just getting an offer is passed over, and run_maintenance closes what is left.
-- locks: event_schedules (by the write itself), event_waitlist (passing over locked ones)
-- raises: nothing
create or replace function ticketdb.close_waitlist()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    update public.event_waitlist as e
    set status = 'closed', closed_at = clock_timestamp()
    where e.id = any (array(
        select w.id
        from public.event_waitlist as w
        where w.schedule_id = new.id and w.status = 'waiting'
        for no key update skip locked
    ));
    return null;
end
$$;
revoke execute on function ticketdb.close_waitlist() from public;
comment on function ticketdb.close_waitlist() is 'Trigger: close the waiting list of an occurrence that sells no more';
