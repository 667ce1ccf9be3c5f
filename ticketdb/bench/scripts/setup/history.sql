-- Years of old reservations: loaded past the triggers, all of them closed, so that no counter has anything of them.

create table bench.dropped_indexes (restore text not null);

-- Takes the indexes off that can be taken off; made anew after the load they are as good, in a tenth of the time.
create function bench.drop_indexes()
returns void
language plpgsql
as $$
declare
    v_index record;
begin
    for v_index in
        select c.relname, pg_get_indexdef(i.indexrelid) as definition, k.conname, pg_get_constraintdef(k.oid) as rule
        from pg_index as i
        inner join pg_class as c on c.oid = i.indexrelid
        left join pg_constraint as k on k.conindid = i.indexrelid and k.conrelid = i.indrelid
        where i.indrelid = 'public.ticket_reservations'::regclass and not i.indisprimary
          and not exists (select from pg_constraint as f where f.conindid = i.indexrelid and f.contype = 'f')
    loop
        if v_index.conname is null then
            insert into bench.dropped_indexes (restore) values (v_index.definition);
            execute format('drop index public.%I', v_index.relname);
        else
            insert into bench.dropped_indexes (restore)
            values (format('alter table public.ticket_reservations add constraint %I %s', v_index.conname, v_index.rule));
            execute format('alter table public.ticket_reservations drop constraint %I', v_index.conname);
        end if;
    end loop;
end
$$;

-- Reservations of the occurrences from p_first on in turn, in the last year; each was given up, lapsed or was cancelled.
create function bench.load_history(p_first int, p_schedules int, p_from int, p_to int)
returns void
language sql
as $$
    insert into public.ticket_reservations (
        schedule_id, quantity, unit_price, total_amount, status, expires_at, created_at, closed_at
    )
    select
        p_first + n % p_schedules, 1, 100, 100, (array['released', 'expired', 'cancelled'])[1 + n % 3],
        now() - n * interval '3 seconds' + interval '15 minutes', now() - n * interval '3 seconds',
        now() - n * interval '3 seconds' + interval '10 minutes'
    from generate_series(p_from, p_to) as n;
$$;
