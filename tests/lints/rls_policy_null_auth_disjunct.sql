-- 0030: a policy shows every row to whoever is nobody: `auth.uid() is null or …`. Functions of ours that say who is asking count,
-- too. Any `or` is suspicious, not only the outermost.
with policies as (
    select
        p.polrelid,
        p.polname,
        concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as expression,
        -- the call, perhaps in a sub-select
        '(current_setting\([^()]*\)|(auth|public|ticketdb)\.\w+\(\))( as \w+\))? is null' as nobody
    from pg_policy as p
    inner join pg_class as c on c.oid = p.polrelid
    where c.relnamespace::regnamespace::text in ('public', 'ticketdb')
)

select
    'rls_policy_null_auth_disjunct' as rule,
    p.polrelid::regclass::text as object,
    p.polname || ': ' || p.expression as detail
from policies as p
where p.expression ~* (p.nobody || '\)*\s+or\s')
   or p.expression ~* ('\sor\s+\(*(select )?' || p.nobody)
