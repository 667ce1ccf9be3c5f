-- The only place that raises an error for callers: SQLSTATE PTnnn makes PostgREST answer with HTTP status nnn, DETAIL is
-- JSON for programs, HINT is the next step. Called by every function that refuses something.
-- locks: none
-- raises: always
create or replace function ticketdb.raise_error(
    p_reason text,
    p_message text,
    p_hint text,
    p_detail jsonb default '{}'
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_sqlstate constant text := case
        when p_reason in (
            'invalid_quantity', 'invalid_argument', 'invalid_recurrence', 'not_recurring', 'amount_mismatch'
        ) then 'PT400'
        when p_reason = 'not_allowed' then 'PT403'
        when p_reason in (
            'schedule_not_found', 'definition_not_found', 'ticket_type_not_found', 'reservation_not_found',
            'space_not_found', 'pass_not_found'
        ) then 'PT404'
        when p_reason in (
            'sold_out', 'ticket_type_sold_out', 'not_on_sale', 'schedule_cancelled', 'schedule_completed',
            'schedule_blocked', 'limit_per_user', 'slot_conflict', 'idempotency_key_reused',
            'payment_reference_reused', 'already_confirmed', 'tickets_sold_is_derived', 'capacity_below_sold',
            'pass_not_valid'
        ) then 'PT409'
        when p_reason in ('reservation_expired', 'reservation_released', 'reservation_cancelled') then 'PT410'
    end;
begin
    if v_sqlstate is null then
        raise exception 'raise_error does not know the reason %', p_reason;
    end if;
    raise exception using
        errcode = v_sqlstate,
        message = p_message,
        hint = p_hint,
        detail = (jsonb_build_object('reason', p_reason) || p_detail)::text;
end
$$;
revoke execute on function ticketdb.raise_error(text, text, text, jsonb) from public;
comment on function ticketdb.raise_error(text, text, text, jsonb) is
'Raise an error for callers

p_reason decides the SQLSTATE; p_message names the values; p_hint says the next step; p_detail is merged into DETAIL.';
