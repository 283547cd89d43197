-- Taking in alerts cost half its time in writing what nobody reads: a copy of each new row in `history`, beside the row itself.
--
-- A layer may say so now: the first version of its rows stands in the rows and in what their first change replaced (`history` keeps
-- the image before), and what a device measures again and again is no change that anybody looks back at. And a statement that
-- only inserts is no longer joined with the nothing that was there before.
alter table layer_catalogue
    add column history_of_new_rows boolean not null default true,   -- false: the first row of a past is what its first change replaced
    add column passing text[] not null default '{}';                -- columns that change by themselves: alone, they make no past

create or replace function record_change() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
declare
    layer     layer_catalogue;
    is_bulk   boolean := session_user not in ('ioc_app', 'ioc_feed') and current_setting_or_null('ioc.bulk') is not distinct from 'on';
    row_count bigint;
    old_area  text;
    new_area  text;
    actor     bigint := caller_account();
    request   uuid := current_setting_or_null('ioc.request_id')::uuid;
    joined    text;
    secrets   text[] := '{national_id_encrypted,national_id_hash,password_hash,totp_secret_encrypted,totp_last_step,token_hash,stream}';
begin
    select * into layer from layer_catalogue where table_name = tg_table_name;
    if not found then
        raise exception 'table % is not in the layer catalogue; run "ioc migrate"', tg_table_name;
    end if;
    old_area := case when layer.area_column is null then 'null::integer' else format('o.%I', layer.area_column) end;
    new_area := case when layer.area_column is null then 'null::integer' else format('n.%I', layer.area_column) end;

    if tg_op = 'DELETE' then
        select count(*) into row_count from old_rows;
    else
        select count(*) into row_count from new_rows;
    end if;
    if row_count = 0 then
        return null;
    end if;
    joined := format('%s o full join %s n on o.id = n.id where o.id is null or n.id is null or o.version is distinct from n.version',
        case when tg_op = 'INSERT' then '(select * from new_rows where false)' else 'old_rows' end,
        case when tg_op = 'DELETE' then '(select * from old_rows where false)' else 'new_rows' end);

    if is_bulk or row_count > 10000 then
        execute format(
            'insert into change (topic, op, area_id, actor, request_id) '
            'select $1, ''reload'', area_id, $2, $3 from ('
            '  select %2$s as area_id from %4$s union select %3$s from %4$s) areas '
            'where (area_id is not null or $4) and not exists (select from change c where c.xid = pg_current_xact_id() and c.op = ''reload'' '
            '  and c.topic = $1 and c.area_id is not distinct from areas.area_id)',
            null, old_area, new_area, joined)
        using layer.topic, actor, request, layer.area_column is null;
    elsif tg_op = 'INSERT' then
        execute format(
            'insert into change (topic, op, area_id, row_id, after, actor, request_id) '
            'select $1, ''insert'', %s, n.id, %s, $2, $3 from new_rows n order by n.id',
            new_area, change_image(layer, 'n'))
        using layer.topic, actor, request;
    else
        execute format(
            'insert into change (topic, op, old_area_id, area_id, row_id, before, after, actor, request_id) '
            'select $1, case when o.id is null then ''insert'' when n.id is null then ''delete'' else ''update'' end, '
            '%s, %s, coalesce(n.id, o.id), %s, %s, $2, $3 from %s order by coalesce(n.id, o.id)',
            old_area, new_area, change_image(layer, 'o'), change_image(layer, 'n'), joined)
        using layer.topic, actor, request;
    end if;

    if layer.keeps_history and not is_bulk and (tg_op <> 'INSERT' or layer.history_of_new_rows) then
        execute format(
            'insert into history (topic, row_id, old_area_id, area_id, op, before, after, actor, request_id) '
            'select $1, coalesce(n.id, o.id), %s, %s, '
            'case when o.id is null then ''insert'' when n.id is null then ''delete'' else ''update'' end, '
            'case when o.id is not null then to_jsonb(o) - $4 end, '
            'case when n.id is not null then to_jsonb(n) - $4 end, '
            '$2, $3 from %s%s',
            old_area, new_area, joined,
            case when tg_op = 'UPDATE' and layer.passing <> '{}' then ' and to_jsonb(o) - $5 is distinct from to_jsonb(n) - $5' else '' end)
        using layer.topic, actor, request, secrets, layer.passing || '{version,updated_at}'::text[];
    end if;
    return null;
end
$$;

-- A function with a setting of its own is called for each row instead of being written into the statement. What it calls lies in
-- pg_catalog, which is searched first wherever it is not named.
alter function uuid_v7() reset search_path;
-- Most rows of a past that a device writes have no actor.
drop trigger name_actor on history;
create trigger name_actor before insert on history for each row when (new.actor is not null) execute function name_actor();
