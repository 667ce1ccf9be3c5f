-- Makes the roles of role_grants that do not exist, for a plain server: nobody can log in as one of them. They need not pass row level
-- security by: the policies know the payment server. Called by `ticketdb roles --create`.
-- locks: none
-- raises: nothing but what create role raises
create or replace function ticketdb.create_roles()
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_roles constant text[] := array(
        select distinct g.role_name
        from ticketdb.role_grants as g
        where to_regrole(g.role_name) is null
        order by g.role_name
    );
    v_role text;
begin
    foreach v_role in array v_roles loop
        execute format('create role %I nologin', v_role);
    end loop;
    return v_roles;
end
$$;
revoke execute on function ticketdb.create_roles() from public;
comment on function ticketdb.create_roles() is 'Make the roles of role_grants that do not exist; returns their names';
