-- Lets the application see that a participant came. The table is the application's, with triggers of its own: what fails there
-- keeps nobody at the door. Called by scan_ticket.
-- locks: program_participants
-- raises: nothing but a deadlock or a lock timeout
create or replace function ticketdb.verify_participant(p_participant_id int)
returns void
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    perform set_config('search_path', ticketdb.application_search_path(), true);
    update public.program_participants as pp
    set is_verified = true, scan_count = coalesce(pp.scan_count, 0) + 1
    where pp.id = p_participant_id;
exception
    when deadlock_detected or lock_not_available or serialization_failure then
        raise;
    when others then null;
end
$$;
revoke execute on function ticketdb.verify_participant(int) from public;
comment on function ticketdb.verify_participant(int) is 'Note in the application''s table that a participant came';
