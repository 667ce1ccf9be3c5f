-- Writes a changed row into ticket_audit_log, with who changed it: the role and the token of the caller, though it runs with its
-- owner's rights. Of an update it keeps the columns that changed, and nothing where none did. Called by triggers: to watch one more
-- table, add a trigger there; its arguments are columns to leave out, such as contact data. The row's key is its column id.
-- locks: ticket_audit_log (new row)
-- raises: nothing
create or replace function ticketdb.log_change()
returns trigger
language plpgsql
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_left_out constant text[] := array['updated_at'] || tg_argv;
    v_old constant jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) - v_left_out end;
    v_new constant jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) - v_left_out end;
    v_before jsonb := v_old;
    v_after jsonb := v_new;
begin
    if tg_op = 'UPDATE' then
        select jsonb_object_agg(o.key, o.value), jsonb_object_agg(o.key, v_new -> o.key) into v_before, v_after
        from jsonb_each(v_old) as o
        where o.value is distinct from v_new -> o.key;
        if v_before is null then
            return null;
        end if;
    end if;
    insert into public.ticket_audit_log (role_name, user_id, claims, table_name, row_key, operation, before, after)
    values (
        -- "set role" counts, as PostgREST does it; the owner, in whose name this runs, does not
        coalesce(nullif(current_setting('role'), 'none'), session_user), ticketdb.caller_user_id(),
        (
            -- what says who it was; a token may carry more of his than a log needs
            select jsonb_object_agg(c.key, c.value)
            from jsonb_each(ticketdb.caller_claims()) as c
            where c.key in ('sub', 'role', 'email', 'user_id', 'session_id', 'app_metadata')
        ),
        tg_table_name, coalesce(v_new, v_old) ->> 'id', lower(tg_op),
        v_before, v_after
    );
    return null;
end
$$;
revoke execute on function ticketdb.log_change() from public;
comment on function ticketdb.log_change() is
'Trigger: write a changed row into the audit log

Arguments: columns to leave out.';
