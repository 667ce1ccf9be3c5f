-- A payment for a pass arrived. As confirm_payment for a reservation: it is put on record first; where the places are gone, it
-- stays there as a refund that is due. The inside of confirm_pass.
-- locks: as lock_pass; ticket_payments (new row); then as seat_pass
-- raises: invalid_argument, pass_not_found, payment_reference_reused, amount_mismatch
create or replace function ticketdb.pay_pass(p_pass_id bigint, p_payment_reference text, p_amount numeric)
returns text
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_pass record;
    v_payment_id bigint;
    v_sent_back numeric;
begin
    perform ticketdb.require_read_committed();
    if coalesce(length(p_payment_reference), 0) not between 1 and 255 then
        perform ticketdb.refuse_reference_length(p_payment_reference);
    end if;
    v_pass := ticketdb.lock_pass(p_pass_id);
    if p_amount is null or p_amount = v_pass.price then
        insert into public.ticket_payments (pass_id, payment_reference, amount)
        values (p_pass_id, p_payment_reference, v_pass.price)
        on conflict on constraint payment_reference_unique do nothing
        returning id into v_payment_id;
    end if;
    if v_payment_id is null then
        v_sent_back := ticketdb.repeated_payment(p_payment_reference, null, p_pass_id, p_amount, v_pass.price);
        return case when v_pass.status = 'active' and v_sent_back = 0 then 'active' else 'refund_due' end;
    end if;

    if v_pass.status in ('held', 'released') then
        if ticketdb.seat_pass(p_pass_id) then
            return 'active';
        end if;
        update public.event_passes as e
        set status = 'refund_due', closed_at = clock_timestamp(), renews = false
        where e.id = p_pass_id;
        update public.ticket_reservations as r
        set status = 'released', closed_at = clock_timestamp()
        where r.pass_id = p_pass_id and r.status = 'held';
    end if;
    -- no places left, paid already, or called off: this payment goes back
    update public.ticket_payments as p
    set refund_due = p.amount
    where p.id = v_payment_id and p.amount > 0;
    -- nothing more was paid for a free pass
    return case when v_pass.status = 'active' and not found then 'active' else 'refund_due' end;
end
$$;
revoke execute on function ticketdb.pay_pass(bigint, text, numeric) from public;
comment on function ticketdb.pay_pass(bigint, text, numeric) is
'Record the payment of a pass; active or refund_due

p_amount: null means what is due.';
