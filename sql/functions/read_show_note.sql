-- Reads what an admin typed into a show's customer_note: "Sold: 4 | Tickets: 120 @ ₹1,200.50", in any order and between other
-- text. Only a word with its number counts, so that "Sold out of chairs? bring 20" says nothing. Called by legacy_announcements.
-- locks: none
-- raises: nothing
create or replace function ticketdb.read_show_note(
    p_note text,
    out capacity int,
    out price numeric,
    out sold int,
    out problem text
)
language plpgsql
immutable
set search_path = pg_catalog, pg_temp
as $$
declare
    -- grouped by thousands, Indian lakhs included, or plain; never \d, which takes digits of every script
    v_number constant text := '([0-9]{1,3}(?:,[0-9]{2,3})+|[0-9]+)';
    v_tickets text;
    v_price text;
    v_sold text;
begin
    if p_note !~ '\S' or p_note is null then
        capacity := 50;
        price := 0;
        problem := 'no_note';
        return;
    end if;

    -- the price stands behind the number of tickets, with or without a currency
    select m.parts[1], m.parts[2] into v_tickets, v_price
    from regexp_match(
        p_note,
        '(?i)\mtickets?\s*[:=]\s*' || v_number || '(?:\s*@\s*(?:[^-0-9\s|]{1,4}\s*)?(' || v_number || '(?:\.[0-9]+)?))?'
    ) as m (parts);
    select m.parts[1] into v_sold
    from regexp_match(p_note, '(?i)\msold\s*[:=]\s*' || v_number) as m (parts);
    v_tickets := replace(v_tickets, ',', '');
    v_price := replace(v_price, ',', '');
    v_sold := replace(v_sold, ',', '');

    -- longer numbers than these fit no column
    if length(v_tickets) < 10 then
        capacity := v_tickets::int;
        if v_price ~ '^[0-9]{1,8}([.][0-9]{1,2})?$' then
            price := v_price::numeric;
        end if;
    end if;
    if length(v_sold) < 10 then
        sold := v_sold::int;
    end if;
    if price is null then
        problem := 'unreadable_note';
    end if;
    capacity := coalesce(capacity, 50);
    price := coalesce(price, 0);
end
$$;
revoke execute on function ticketdb.read_show_note(text) from public;
comment on function ticketdb.read_show_note(text) is
'Read capacity, price and claimed sales out of a note

Without a number of tickets: capacity 50, price 0. problem: no_note or unreadable_note, null where all is read.';
