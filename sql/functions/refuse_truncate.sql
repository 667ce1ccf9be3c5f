-- A table from which counters are derived, or that they are compared with, is never emptied behind their back. Called by trigger
-- before truncate.
-- locks: none
-- raises: not_allowed
create or replace function ticketdb.refuse_truncate()
returns trigger
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'not_allowed', format('%s cannot be truncated: the seat counters are counted from rows', tg_table_name),
        'Delete the rows instead, as far as other rows allow it.', jsonb_build_object('table', tg_table_name)
    );
    return null;
end
$$;
revoke execute on function ticketdb.refuse_truncate() from public;
comment on function ticketdb.refuse_truncate() is 'Trigger: refuse to truncate a table from which counters are derived';
