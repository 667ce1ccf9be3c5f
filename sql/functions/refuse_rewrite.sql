-- What is on record stays as it was written, whoever asks. Called by trigger before any update, delete or truncate of
-- ticket_audit_log.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.refuse_rewrite()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'not_allowed', format('%s only grows: no %s', tg_table_name, lower(tg_op)),
        'To drop rows that are too old to keep, its owner disables trigger refuse_rewrite in the transaction that does it.',
        jsonb_build_object('table', tg_table_name)
    );
    return null;
end
$$;
revoke execute on function ticketdb.refuse_rewrite() from public;
comment on function ticketdb.refuse_rewrite() is 'Trigger: refuse to change or delete what is on record';
