-- 0015: a policy believes user_metadata, which the user writes himself. The functions that our policies call count, too.
select
    'rls_references_user_metadata' as rule,
    p.polrelid::regclass::text as object,
    p.polname::text as detail
from pg_policy as p
inner join pg_class as c on c.oid = p.polrelid
where c.relnamespace::regnamespace::text in ('public', 'ticketdb')
  and concat(pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) ~ 'user_metadata'
union all
select 'rls_references_user_metadata', f.oid::regprocedure::text, ''
from pg_proc as f
where f.pronamespace::regnamespace::text in ('public', 'ticketdb')
  and concat(f.prosrc, pg_get_function_sqlbody(f.oid)) ~ 'user_metadata'
