-- Keeps the history of what a payment has to give back, given back already or not (refund_movements), in the transaction
-- that changes it. Called by trigger on ticket_payments, for every payment.
-- locks: ticketdb.refund_movements (new row)
-- raises: nothing
create or replace function ticketdb.note_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_amount constant numeric := new.refund_due + new.refunded
        - case when tg_op = 'UPDATE' then old.refund_due + old.refunded else 0 end;
begin
    if v_amount <> 0 then
        insert into ticketdb.refund_movements (payment_id, amount)
        values (new.id, v_amount);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.note_refund() from public;
comment on function ticketdb.note_refund() is 'Trigger: note by how much the refund of a payment changed, and when';
