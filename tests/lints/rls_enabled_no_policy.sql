-- 0008: row level security without a policy: nobody but the owner ever sees a row, which may not be what was meant.
select
    'rls_enabled_no_policy' as rule,
    c.oid::regclass::text as object,
    '' as detail
from pg_class as c
where c.relkind in ('r', 'p')
  and c.relrowsecurity
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  and not exists (select from pg_policy as p where p.polrelid = c.oid)
