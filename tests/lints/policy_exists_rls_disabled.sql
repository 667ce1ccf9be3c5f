-- 0007: a table has policies that nobody asks, as its row level security is off.
select
    'policy_exists_rls_disabled' as rule,
    c.oid::regclass::text as object,
    p.polname::text as detail
from pg_policy as p
inner join pg_class as c on c.oid = p.polrelid
where not c.relrowsecurity
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
