-- Takes an order for a pass, to be paid like a reservation within default_hold. The inside of buy_pass.
-- locks: as open_pass
-- raises: invalid_argument, pass_not_found, idempotency_key_reused, and what open_pass raises
create or replace function ticketdb.hold_pass(
    p_pass_type_id int,
    p_starts_on date,
    p_user_id int,
    p_renews boolean,
    p_idempotency_key text,
    p_contact jsonb
)
returns bigint
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_request constant jsonb := jsonb_build_object(
        'pass_type_id', p_pass_type_id, 'starts_on', p_starts_on, 'user_id', p_user_id, 'renews', p_renews,
        'contact', p_contact
    );
    v_id bigint := ticketdb.find_idempotent_pass(p_idempotency_key, v_request);
    v_definition_id constant int := (select t.event_definition_id from public.pass_types as t where t.id = p_pass_type_id);
    v_earliest date;
begin
    perform ticketdb.require_read_committed();
    if v_id is not null then
        return v_id;
    end if;
    perform ticketdb.check_reservation_arguments(0, 1, p_user_id, null, p_contact);
    if v_definition_id is null then
        perform ticketdb.refuse_pass_type(p_pass_type_id);
    end if;
    v_earliest := ticketdb.pass_start(v_definition_id);
    if p_starts_on not between v_earliest and v_earliest + 366 then
        perform ticketdb.raise_error(
            'invalid_argument', format('a pass cannot begin on %s', p_starts_on),
            format('Begin from %s to a year later.', v_earliest), jsonb_build_object('earliest', v_earliest)
        );
    end if;
    return ticketdb.open_pass(
        p_pass_type_id, coalesce(p_starts_on, v_earliest), p_user_id, p_contact, coalesce(p_renews, false),
        clock_timestamp() + ticketdb.default_hold(), null, p_idempotency_key, v_request
    );
exception
    when unique_violation or sqlstate 'PT409' then
        -- this very order, sent twice at once; as in hold_tickets_once
        v_id := ticketdb.find_idempotent_pass(p_idempotency_key, v_request);
        if v_id is null then
            raise;
        end if;
        return v_id;
end
$$;
revoke execute on function ticketdb.hold_pass(int, date, int, boolean, text, jsonb) from public;
comment on function ticketdb.hold_pass(int, date, int, boolean, text, jsonb) is
'Take an order for a pass

p_starts_on: null means as soon as possible.';
