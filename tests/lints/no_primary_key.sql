-- 0004: a table without a primary key.
select
    'no_primary_key' as rule,
    c.oid::regclass::text as object,
    '' as detail
from pg_class as c
where c.relkind in ('r', 'p')
  and c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  and not exists (select from pg_constraint as k where k.conrelid = c.oid and k.contype = 'p')
