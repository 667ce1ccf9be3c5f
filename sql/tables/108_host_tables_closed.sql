-- Tables that were made for an absent application are closed until it opens them: said by a policy, for one without any looks
-- forgotten. Their references are indexed, as an application that deletes a user or a venue needs it.

do $$
declare
    v_table text;
    v_reference record;
begin
    for v_table in
        select h.relation from ticketdb.host_changes as h where h.kind = 'table' order by h.relation
    loop
        execute format('create policy closed on public.%I for all using (false)', v_table);
    end loop;
    for v_reference in
        select f.relation, f.column_name
        from (
            values
            ('spaces', 'venue_id'),
            ('bookings', 'user_id'),
            ('bookings', 'venue_id'),
            ('bookings', 'space_id'),
            ('program_participants', 'user_id')
        ) as f (relation, column_name)
        inner join ticketdb.host_changes as h on h.kind = 'table' and h.relation = f.relation
    loop
        execute format(
            'create index if not exists %I on public.%I (%I)', v_reference.relation || '_' || v_reference.column_name,
            v_reference.relation, v_reference.column_name
        );
    end loop;
end
$$;
