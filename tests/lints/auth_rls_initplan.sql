-- 0003: a policy calls a function that says who is asking for each row: current_setting, auth.…(), or one of ours without
-- arguments. Only the call itself may stand in the sub-select: the advisor does not look further into it.
with policies as (
    select
        p.polrelid,
        p.polname,
        concat_ws(' ', pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid)) as expression,
        '(current_setting\(|(auth|public|ticketdb)\.\w+\(\))' as called
    from pg_policy as p
    inner join pg_class as c on c.oid = p.polrelid
    where c.relnamespace::regnamespace::text in ('public', 'ticketdb')
)

select
    'auth_rls_initplan' as rule,
    p.polrelid::regclass::text as object,
    p.polname || ': ' || p.expression as detail
from policies as p
where regexp_replace(p.expression, 'select\s+' || p.called, '', 'gi') ~ p.called
