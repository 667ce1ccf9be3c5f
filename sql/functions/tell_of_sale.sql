-- A reservation became a sale: its buyer is told. One insert by itself, for every sale pays for it. Called by trigger on
-- ticket_reservations, whoever confirms; not for imported sales.
-- locks: ticket_notifications (new row); ticket_reservations (by the caller)
-- raises: nothing
create or replace function ticketdb.tell_of_sale()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    -- an imported sale is news where it is paid here after all
    if old.status is distinct from 'confirmed' and new.origin <> 'pass' and (
        new.origin <> 'legacy' or tg_op = 'UPDATE' and new.confirmed_at is distinct from old.confirmed_at
    ) then
        insert into public.ticket_notifications (kind, reservation_id)
        values ('ticket_confirmation', new.id);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.tell_of_sale() from public;
comment on function ticketdb.tell_of_sale() is 'Trigger: put the confirmation of a sale into the outbox';
