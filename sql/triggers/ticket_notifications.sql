-- Trigger of ticket_notifications: what is urgent and rare wakes the senders.
create or replace trigger wake_senders
after insert on public.ticket_notifications
for each row when (new.kind <> 'ticket_confirmation')
execute function ticketdb.wake_senders();
