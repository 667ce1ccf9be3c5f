-- Grants what role_grants lists to those of its roles that exist, and returns the roles that do not. Called by migrations, and by
-- `ticketdb roles` where roles appear later. Run again it changes nothing.
-- locks: the objects themselves, briefly
-- raises: nothing
create or replace function ticketdb.grant_roles()
returns text[]
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
declare
    v_grant record;
begin
    for v_grant in
        select g.privilege, g.kind, g.object, g.role_name
        from ticketdb.role_grants as g
        where not g.is_granted and to_regrole(g.role_name) is not null
    loop
        execute format('grant %s on %s %s to %I', v_grant.privilege, v_grant.kind, v_grant.object, v_grant.role_name);
    end loop;
    return array(
        select distinct g.role_name
        from ticketdb.role_grants as g
        where to_regrole(g.role_name) is null
        order by g.role_name
    );
end
$$;
revoke execute on function ticketdb.grant_roles() from public;
comment on function ticketdb.grant_roles() is
'Grant what role_grants lists; returns the roles that do not exist yet';
