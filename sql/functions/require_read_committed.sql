-- Refuses to sell in a transaction that cannot see what others commit: there a contended counter would end in 40001,
-- which PostgREST before 16 repeats for ever. Called first by everything that moves seats.
-- locks: none
-- raises: invalid_argument
create or replace function ticketdb.require_read_committed()
returns boolean
language plpgsql
stable
set search_path = pg_catalog, pg_temp
as $$
begin
    if current_setting('transaction_isolation') not in ('read committed', 'read uncommitted') then
        perform ticketdb.raise_error(
            'invalid_argument',
            format('tickets cannot be sold in a %s transaction', current_setting('transaction_isolation')),
            'Call it in a transaction at read committed; no seat can be sold twice there.',
            jsonb_build_object('isolation', current_setting('transaction_isolation'))
        );
    end if;
    return true;
end
$$;
revoke execute on function ticketdb.require_read_committed() from public;
comment on function ticketdb.require_read_committed() is
'Refuse isolation levels at which a contended counter would end in SQLSTATE 40001; true otherwise';
