-- Keeps the history of what a payment has to give back, given back already or not (refund_movements), in the transaction
-- that changes it. Called by trigger on
-- ticket_payments, whose condition keeps it out of the way of a sale.
-- locks: ticketdb.refund_movements (new row)
-- raises: nothing
create or replace function ticketdb.note_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
begin
    insert into ticketdb.refund_movements (payment_id, amount)
    values (
        new.id, new.refund_due + new.refunded - case when tg_op = 'UPDATE' then old.refund_due + old.refunded else 0 end
    );
    return null;
end
$$;
revoke execute on function ticketdb.note_refund() from public;
comment on function ticketdb.note_refund() is 'Trigger: note by how much the refund of a payment changed, and when';
