-- 0006: a role has several permissive policies on a table for one action: each row is tried with all of them.
select
    'multiple_permissive_policies' as rule,
    p.polrelid::regclass::text as object,
    format('%s, %s: %s', r.rolname, a.action, string_agg(p.polname, ', ' order by p.polname)) as detail
from pg_policy as p
inner join pg_class as c on c.oid = p.polrelid
inner join pg_roles as r on r.oid = any(p.polroles) or 0 = any(p.polroles)
inner join (values ('r', 'select'), ('a', 'insert'), ('w', 'update'), ('d', 'delete')) as a (command, action)
    on p.polcmd::text in (a.command, '*')
where p.polpermissive
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  -- whom policies do not concern, and the server's own roles
  and not r.rolsuper and not r.rolbypassrls and r.rolname !~ '^pg_'
group by p.polrelid, r.rolname, a.action
having count(*) > 1
