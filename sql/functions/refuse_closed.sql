-- Says that a reservation is closed: lapsed (swept or not), released or cancelled. The status that the caller would set is let
-- through, so that a repeat is answered like the first call. Called by release_hold and cancel_sale.
-- locks: none
-- raises: reservation_expired, reservation_released, reservation_cancelled
create or replace function ticketdb.refuse_closed(
    p_reservation_id bigint,
    p_status text,
    p_expires_at timestamptz,
    p_except text
)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_status constant text := case
        when p_status = 'held' and p_expires_at <= clock_timestamp() then 'expired'
        else p_status
    end;
begin
    if v_status in ('expired', 'released', 'cancelled') and v_status <> p_except then
        perform ticketdb.raise_error(
            'reservation_' || v_status, format('reservation %s is %s', p_reservation_id, v_status),
            'Its seats are back on sale; reserve again.',
            jsonb_build_object('reservation_id', p_reservation_id, 'status', v_status)
        );
    end if;
end
$$;
revoke execute on function ticketdb.refuse_closed(bigint, text, timestamptz, text) from public;
comment on function ticketdb.refuse_closed(bigint, text, timestamptz, text) is
'Raise an error for a closed reservation

p_except: a status that is let through.';
