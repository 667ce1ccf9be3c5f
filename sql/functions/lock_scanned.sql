-- Locks tickets and the participants they admit, each in ascending order, before the first of them is scanned: so two batches, or a
-- batch and a cancellation, never wait in a circle. Called by scan_tickets.
-- locks: event_tickets, then (the application's) program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.lock_scanned(p_ticket_codes uuid[])
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform t.id
    from public.event_tickets as t
    where t.ticket_code = any (p_ticket_codes)
    order by t.id
    for no key update;
    begin
        perform pp.id
        from public.program_participants as pp
        where pp.id in (select t.participant_id from public.event_tickets as t where t.ticket_code = any (p_ticket_codes))
        order by pp.id
        for no key update;
    exception
        when deadlock_detected or lock_not_available or serialization_failure then
            raise;
        -- the application's table: what fails there keeps nobody at the door
        when others then null;
    end;
end
$$;
revoke execute on function ticketdb.lock_scanned(uuid[]) from public;
comment on function ticketdb.lock_scanned(uuid[]) is 'Lock tickets, then their participants, in ascending order';
