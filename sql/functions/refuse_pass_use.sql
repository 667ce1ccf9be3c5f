-- Says that a pass is not good for what is asked of it. p_problem is for programs: held, refund_due, released, cancelled (its status),
-- other_event, outside_period, paused, has_place, used_up, begun or renewed.
-- locks: none
-- raises: pass_not_valid
create or replace function ticketdb.refuse_pass_use(p_pass_id bigint, p_problem text, p_detail jsonb default '{}')
returns void
language plpgsql
set search_path = pg_catalog, pg_temp
as $$
begin
    perform ticketdb.raise_error(
        'pass_not_valid',
        format(
            'pass %s cannot be used so: it is %s', p_pass_id,
            case p_problem
                when 'held' then 'not paid'
                when 'other_event' then 'for another event'
                when 'outside_period' then 'not good on that day'
                when 'has_place' then 'there already'
                when 'used_up' then 'used up'
                when 'begun' then 'too late, the occurrence has begun'
                when 'renewed' then 'renewed already'
                else replace(p_problem, '_', ' ')
            end
        ),
        case p_problem
            when 'held' then 'confirm_pass records its payment.'
            when 'renewed' then 'Cancel the pass of the next period first, or change that one.'
            else 'v_event_passes tells what each pass is good for.'
        end,
        jsonb_build_object('pass_id', p_pass_id, 'problem', p_problem) || p_detail
    );
end
$$;
revoke execute on function ticketdb.refuse_pass_use(bigint, text, jsonb) from public;
comment on function ticketdb.refuse_pass_use(bigint, text, jsonb) is 'Raise pass_not_valid';
