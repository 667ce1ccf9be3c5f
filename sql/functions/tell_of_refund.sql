-- More of a payment is due back than was: the buyer is told. Called by trigger on ticket_payments, whatever it is due for.
-- locks: ticket_notifications (new row)
-- raises: nothing
create or replace function ticketdb.tell_of_refund()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_details constant jsonb := jsonb_build_object(
        'payment_reference', new.payment_reference, 'payment_refund_due', new.refund_due
    );
begin
    if new.refund_due <= coalesce(old.refund_due, 0) then
        return null;
    end if;
    if new.pass_id is not null then
        perform ticketdb.tell_pass_holder('refund_due', new.pass_id, v_details);
    else
        perform ticketdb.queue_notification('refund_due', new.reservation_id, v_details);
    end if;
    return null;
end
$$;
revoke execute on function ticketdb.tell_of_refund() from public;
comment on function ticketdb.tell_of_refund() is 'Trigger: put a refund that is due into the outbox';
