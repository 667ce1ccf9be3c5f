-- Wakes those who wait for something to send. Called by trigger on ticket_notifications, for what is rare only: a transaction that
-- notifies takes a lock of the whole server until it is on disk. In every sale, that would write all sales one after another.
-- locks: the server's queue of notifications, at commit
-- raises: nothing
create or replace function ticketdb.wake_senders()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    if new.kind <> 'schedule_reminder' then
        perform pg_notify('ticketdb_notifications', '');
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.wake_senders() from public;
comment on function ticketdb.wake_senders() is 'Trigger: notify the channel ticketdb_notifications';
