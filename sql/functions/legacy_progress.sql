-- Tells the client how far a step of link_legacy_data is: a notice whose message is JSON, from which the command line draws a bar.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_progress(p_step text, p_done bigint, p_of bigint)
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    raise notice '%', json_build_object('step', p_step, 'done', p_done, 'of', p_of);
end
$$;
revoke execute on function ticketdb.legacy_progress(text, bigint, bigint) from public;
comment on function ticketdb.legacy_progress(text, bigint, bigint) is
'Report progress of link_legacy_data to the client';
