-- 0028 and 0029: a role of the API may call a function that works with the rights of its owner.
select
    'security_definer_function_executable' as rule,
    p.oid::regprocedure::text as object,
    r.rolname::text as detail
from pg_proc as p
inner join pg_roles as r on r.rolname in ('anon', 'authenticated')
where p.prosecdef
  and p.pronamespace = 'public'::regnamespace
  and has_function_privilege(r.oid, p.oid, 'execute')
