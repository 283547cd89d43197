-- The one change feed: every change of a live table, written in the transaction that made it.
--
-- A reader's position is a `pg_snapshot`, not a number: rows become visible in commit order, `seq` is given at write
-- time, so ordering by `seq` alone would lose rows whose transaction committed late. `xid` lets one statement ask for
-- "visible now, not visible then".

-- What each live table shows of itself in the feed. Filled by `ioc migrate` from data/layers.toml: layers are data.
create table layer_catalogue (
    table_name      text primary key,
    topic           text not null unique,
    geometry_column text,                          -- null: the table has none
    area_column     text,                          -- null: the rows belong to no area
    columns         text[] not null default '{}',  -- what `before` and `after` may hold, never personal data
    keeps_history   boolean not null default true
);
comment on table layer_catalogue is 'What the change feed shows of each live table; synced from data/layers.toml by ioc migrate';
grant select on layer_catalogue to ioc_app, ioc_feed;

create sequence change_seq as bigint;

create table change (
    seq         bigint not null default nextval('change_seq'),
    xid         xid8 not null default pg_current_xact_id(),
    at          timestamptz not null default clock_timestamp(),
    topic       text not null,
    op          text not null check (op in ('insert', 'update', 'delete', 'reload')),
    old_area_id integer,
    area_id     integer,
    row_id      bigint,
    before      jsonb,
    after       jsonb,
    actor       bigint,              -- the account; null: written in the database itself
    request_id  uuid
) partition by range (at);
alter sequence change_seq owned by change.seq;
create index on change (xid, seq);
comment on table change is 'The change feed, partitioned by day; read by position (pg_snapshot), see ARCHITECTURE.md';
comment on column change.before is 'catalogue columns and place (lon, lat or bbox) before the change';

create table change_default partition of change default;
grant select on change, change_default to ioc_feed;

-- A restored database begins a new epoch, so that no client continues from a position of the old one.
create table feed_epoch (
    only_row boolean primary key default true check (only_row),
    epoch    uuid not null default gen_random_uuid()
);
insert into feed_epoch default values;
grant select on feed_epoch to ioc_feed, ioc_app;

-- Makes the partitions of today and `days_ahead` more days, and drops those older than `keep_days`.
-- Rows that fell into the default partition because a day was missing are moved into their own.
create function maintain_change_partitions(days_ahead integer, keep_days integer) returns void language plpgsql
    security definer set search_path = pg_catalog, public
as $$
declare
    today     date := (clock_timestamp() at time zone 'UTC')::date;
    day       date;
    partition text;
begin
    perform pg_advisory_xact_lock(hashtext('maintain_change_partitions'));
    for day in select generate_series(today, today + days_ahead, interval '1 day')::date loop
        partition := 'change_' || to_char(day, 'YYYYMMDD');
        continue when to_regclass('public.' || partition) is not null;
        execute format('create table public.%I (like public.change including defaults including constraints)', partition);
        execute format(
            'with moved as (delete from public.change_default where at >= %L and at < %L returning *) '
            'insert into public.%I select * from moved',
            day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC', partition);
        execute format('alter table public.change attach partition public.%I for values from (%L) to (%L)',
            partition, day::timestamp at time zone 'UTC', (day + 1)::timestamp at time zone 'UTC');
    end loop;
    for partition in
        select c.relname from pg_inherits i join pg_class c on c.oid = i.inhrelid
        where i.inhparent = 'public.change'::regclass and c.relname ~ '^change_[0-9]{8}$'
          and to_date(right(c.relname, 8), 'YYYYMMDD') < today - keep_days
    loop
        execute format('drop table public.%I', partition);
    end loop;
    delete from public.change_default where at < (today - keep_days)::timestamp at time zone 'UTC';
end
$$;
revoke execute on function maintain_change_partitions(integer, integer) from public;
grant execute on function maintain_change_partitions(integer, integer) to ioc_app;
select maintain_change_partitions(7, 7);

-- Before and after of every live row, with who did it. Apart from `change`: it is kept for years and holds names.
create table history (
    id          bigint generated always as identity primary key,
    at          timestamptz not null default clock_timestamp(),
    topic       text not null,
    row_id      bigint not null,
    old_area_id integer,
    area_id     integer,
    op          text not null check (op in ('insert', 'update', 'delete')),
    before      jsonb,
    after       jsonb,
    actor       bigint,
    actor_role  text not null default session_user,
    request_id  uuid
);
create index on history (topic, row_id, at);
comment on table history is 'Every version of every live row, without national IDs; bulk loads are not recorded row by row';

-- The caller's account; replaced in the accounts migration once sessions exist.
create function caller_account() returns bigint language sql stable as $$ select null::bigint $$;

-- A setting of this transaction, or null where it was never made.
create function current_setting_or_null(name text) returns text language sql stable
    set search_path = pg_catalog
as $$ select nullif(current_setting(name, true), '') $$;

-- SQL text of what the feed shows of a row known as `alias`: catalogue columns, and where it is.
create function change_image(layer layer_catalogue, alias text) returns text language sql stable
    set search_path = pg_catalog, public
as $$
    select format('case when %s.id is null then null else jsonb_build_object(%s)%s end', alias,
        (select string_agg(format('%L, %s.%I', c, alias, c), ', ') from unnest(layer.columns) c),
        case
            when layer.geometry_column is null then ''
            else format(' || coalesce(case when st_geometrytype(%1$s.%2$I) = ''ST_Point'' '
                'then jsonb_build_object(''lon'', st_x(%1$s.%2$I), ''lat'', st_y(%1$s.%2$I)) '
                'else jsonb_build_object(''bbox'', jsonb_build_array(st_xmin(%1$s.%2$I), st_ymin(%1$s.%2$I), st_xmax(%1$s.%2$I), st_ymax(%1$s.%2$I))) end, ''{}'')',
                alias, layer.geometry_column)
        end)
$$;

-- Writes what a statement did to a live table into `change` and `history`.
--
-- Statement-level with transition tables: one insert however many rows. A bulk load (`set local ioc.bulk = 'on'`,
-- heeded only for the owner) or a statement over 10,000 rows writes one `reload` per topic and area instead: followers
-- read those areas again. National IDs never leave the row, encrypted or not.
create function record_change() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
declare
    layer     layer_catalogue;
    is_bulk   boolean := session_user not in ('ioc_app', 'ioc_feed') and current_setting_or_null('ioc.bulk') is not distinct from 'on';
    row_count bigint;
    old_rows_ text := case when tg_op = 'INSERT' then '(select * from new_rows where false)' else 'old_rows' end;
    new_rows_ text := case when tg_op = 'DELETE' then '(select * from old_rows where false)' else 'new_rows' end;
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

    execute format('select count(*) from %s', case when tg_op = 'DELETE' then 'old_rows' else 'new_rows' end) into row_count;
    if row_count = 0 then
        return null;
    end if;
    joined := format('%s o full join %s n on o.id = n.id where o.id is null or n.id is null or o.version is distinct from n.version',
        old_rows_, new_rows_);

    if is_bulk or row_count > 10000 then
        execute format(
            'insert into change (topic, op, area_id, actor, request_id) '
            'select $1, ''reload'', area_id, $2, $3 from ('
            '  select %2$s as area_id from %4$s union select %3$s from %4$s) areas '
            'where (area_id is not null or $4) and not exists (select from change c where c.xid = pg_current_xact_id() and c.op = ''reload'' '
            '  and c.topic = $1 and c.area_id is not distinct from areas.area_id)',
            null, old_area, new_area, joined)
        using layer.topic, actor, request, layer.area_column is null;
    else
        execute format(
            'insert into change (topic, op, old_area_id, area_id, row_id, before, after, actor, request_id) '
            'select $1, case when o.id is null then ''insert'' when n.id is null then ''delete'' else ''update'' end, '
            '%s, %s, coalesce(n.id, o.id), %s, %s, $2, $3 from %s order by coalesce(n.id, o.id)',
            old_area, new_area, change_image(layer, 'o'), change_image(layer, 'n'), joined)
        using layer.topic, actor, request;
    end if;

    if layer.keeps_history and not is_bulk then
        execute format(
            'insert into history (topic, row_id, old_area_id, area_id, op, before, after, actor, request_id) '
            'select $1, coalesce(n.id, o.id), %s, %s, '
            'case when o.id is null then ''insert'' when n.id is null then ''delete'' else ''update'' end, '
            'case when o.id is not null then to_jsonb(o) - $4 end, '
            'case when n.id is not null then to_jsonb(n) - $4 end, '
            '$2, $3 from %s',
            old_area, new_area, joined)
        using layer.topic, actor, request, secrets;
    end if;
    return null;
end
$$;

-- TRUNCATE names no rows: every area that had some is read again.
create function record_truncate() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
declare
    layer layer_catalogue;
begin
    select * into layer from layer_catalogue where table_name = tg_table_name;
    if not found then
        return null;
    end if;
    execute format('insert into change (topic, op, area_id, actor) select distinct $1, ''reload'', %s, $2 from %I',
        case when layer.area_column is null then 'null::integer' else quote_ident(layer.area_column) end, tg_table_name)
    using layer.topic, caller_account();
    return null;
end
$$;

-- Makes a table live: stamped, followed by the feed, kept in history.
create function make_live(live regclass) returns void language plpgsql
    set search_path = pg_catalog, public
as $$
begin
    execute format('create trigger stamp_version before update on %s for each row execute function stamp_version()', live);
    execute format('create trigger feed_insert after insert on %s referencing new table as new_rows for each statement execute function record_change()', live);
    execute format('create trigger feed_update after update on %s referencing old table as old_rows new table as new_rows for each statement execute function record_change()', live);
    execute format('create trigger feed_delete after delete on %s referencing old table as old_rows for each statement execute function record_change()', live);
    execute format('create trigger feed_truncate before truncate on %s for each statement execute function record_truncate()', live);
end
$$;
revoke execute on function make_live(regclass) from public;
