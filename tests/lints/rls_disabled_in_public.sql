-- 0013: a table in the schema of the API without row level security, whoever may read it today.
select
    'rls_disabled_in_public' as rule,
    c.oid::regclass::text as object,
    '' as detail
from pg_class as c
where c.relkind in ('r', 'p')
  and not c.relrowsecurity
  and c.relnamespace = 'public'::regnamespace
