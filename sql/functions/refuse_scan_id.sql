-- Says that a scan's number stands for another scan.
-- locks: none
-- raises: idempotency_key_reused
create or replace function ticketdb.refuse_scan_id(p_scan_id uuid)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'idempotency_key_reused', format('scan %s was of another ticket', p_scan_id),
        'Use a new p_scan_id for a new scan.', jsonb_build_object('scan_id', p_scan_id)
    );
end
$$;
revoke execute on function ticketdb.refuse_scan_id(uuid) from public;
comment on function ticketdb.refuse_scan_id(uuid) is 'Raise idempotency_key_reused for a scan';
