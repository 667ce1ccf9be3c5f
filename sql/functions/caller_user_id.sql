-- The user who is calling: the claim user_id, else the user whose name is the claim email. Called by policies, in a sub-select, and by
-- require_caller.
-- locks: none
-- raises: nothing
create or replace function ticketdb.caller_user_id()
returns int
language plpgsql
stable
security definer
set search_path = pg_catalog, pg_temp
as $$
declare
    v_claims constant jsonb := ticketdb.caller_claims();
begin
    return (
        select u.id
        from public.users as u
        where case
            -- compared as text: a claim that is no number is nobody's
            when v_claims ? 'user_id' then u.id::text = v_claims ->> 'user_id'
            else u.username = v_claims ->> 'email'
        end
    );
end
$$;
revoke execute on function ticketdb.caller_user_id() from public;
comment on function ticketdb.caller_user_id() is
'Id of the row of users that the caller''s token stands for; null where it stands for none';
