-- The event_code for what the application announced: live-TYPE for a show, TYPE-HHMM for a class. Lower case; everything but
-- letters and digits becomes a single hyphen. Letters are told by their code points, not by the database's locale, so that a
-- type has the same code on every server. Long types are cut and get a piece of their hash, so that they stay apart.
-- locks: none
-- raises: nothing
create or replace function ticketdb.legacy_code(p_is_class boolean, p_event_type text, p_start timestamp)
returns text
language sql
stable
set search_path = pg_catalog, pg_temp
as $$
    select case when p_is_class then c.word || to_char(p_start, '-HH24MI') else 'live-' || c.word end
    from (
        select case
            -- event_code takes 50 characters, five of them are for live- or -HHMM
            when length(s.slug) <= 45 then s.slug
            else rtrim(left(s.slug, 36), '-') || '-' || left(encode(sha256(convert_to(s.slug, 'UTF8')), 'hex'), 8)
        end as word
        from (
            select coalesce(
                nullif(btrim(regexp_replace(
                    lower(p_event_type),
                    -- above ASCII only the blocks of punctuation, symbols and emoji are no letters
                    '[^a-z0-9\u00aa\u00b5\u00ba\u00c0-\u00d6\u00d8-\u00f6\u00f8-\u1fff\u2c00-\u2dff\u3040-\ufe0f'
                    || '\ufe20-\ufe2f\ufe70-\ufefe\uff10-\uff19\uff21-\uff3a\uff41-\uff5a\uff66-\uffdc'
                    || '\U00010000-\U0001efff\U00020000-\U0003ffff]+',
                    '-', 'g'
                ), '-'), ''),
                case when p_is_class then 'class' else 'show' end
            ) as slug
        ) as s
    ) as c;
$$;
revoke execute on function ticketdb.legacy_code(boolean, text, timestamp) from public;
comment on function ticketdb.legacy_code(boolean, text, timestamp) is
'Code of the event for a type that the application announced

p_is_class: class or show; p_event_type: as typed, may be null; p_start: start of the class.';
