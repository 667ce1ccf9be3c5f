-- 0011: a function finds what its names mean by the caller's search_path.
select
    'function_search_path_mutable' as rule,
    p.oid::regprocedure::text as object,
    '' as detail
from pg_proc as p
where p.pronamespace::regnamespace::text in ('public', 'ticketdb')
  -- an aggregate cannot set anything
  and p.prokind <> 'a'
  and not exists (select from unnest(p.proconfig) as s (setting) where s.setting like 'search\_path=%')
