-- Says that there is no such place in a waiting list.
-- locks: none
-- raises: reservation_not_found
create or replace function ticketdb.refuse_waitlist_entry(p_entry_id bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'reservation_not_found', format('place %s in a waiting list does not exist', p_entry_id),
        'Pass the entry_id that join_waitlist returned.', jsonb_build_object('entry_id', p_entry_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_waitlist_entry(bigint) from public;
comment on function ticketdb.refuse_waitlist_entry(bigint) is 'Raise reservation_not_found for a place in a waiting list';
