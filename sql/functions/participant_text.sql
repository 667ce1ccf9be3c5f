-- A text as a column of the application's program_participants takes it: cut where it is too long. Called by add_participants.
-- locks: none
-- raises: nothing
create or replace function ticketdb.participant_text(p_column text, p_text text)
returns text
language plpgsql
stable
strict
set search_path = pg_catalog, pg_temp
as $$
begin
    return left(
        p_text,
        -- a varchar(n) has n + 4 here, a text has -1
        (
            select case when a.atttypmod > 4 then a.atttypmod - 4 else 10000 end
            from pg_attribute as a
            where a.attrelid = 'public.program_participants'::regclass and a.attname = p_column
        )
    );
end
$$;
revoke execute on function ticketdb.participant_text(text, text) from public;
comment on function ticketdb.participant_text(text, text) is
'A text, cut to the length of a column of program_participants; null stays null';
