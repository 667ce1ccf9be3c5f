-- transactional: false
-- Validates what 0023 added to big tables, and makes their indexes while tickets are sold. Every statement can be repeated: a run
-- that was interrupted is run again.

alter table public.ticket_reservations validate constraint reservation_pass;
alter table public.ticket_payments validate constraint payment_pass;
alter table public.ticket_payments validate constraint payment_of_one_sale;

-- what an interrupted build left behind is invalid
do $$
declare
    v_index text;
begin
    for v_index in
        select i.name
        from (
            values ('ticket_reservations_pass'), ('one_place_of_pass'), ('ticket_payments_pass')
        ) as i (name)
        inner join pg_catalog.pg_index as x on x.indexrelid = to_regclass('public.' || i.name)
        where not x.indisvalid
    loop
        execute format('drop index public.%I', v_index);
    end loop;
end
$$;

create index concurrently if not exists ticket_reservations_pass on public.ticket_reservations (pass_id)
where pass_id is not null;
create unique index concurrently if not exists one_place_of_pass on public.ticket_reservations (pass_id, schedule_id)
where pass_id is not null and status in ('held', 'confirmed');
create index concurrently if not exists ticket_payments_pass on public.ticket_payments (pass_id)
where pass_id is not null;
