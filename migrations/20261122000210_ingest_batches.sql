-- Taking in alerts did row by row what a batch needs once. One alert that came and was given to somebody cost the database twice
-- what one that was given to nobody did, and a third of the rest was the image that goes into the feed.
--
-- Now: the names of handlers, who signs, and the times to answer are looked up once for a batch; triggers that looked them up for
-- each row do so where nobody had. Areas above an area are found once per question instead of once per appointment. The image of
-- a point is one row as JSON instead of two objects that are put together value by value.

create or replace function alert_handlers(of_area integer) returns table (account_id bigint, display_name text, roles text[], is_demo boolean)
    language sql stable set search_path = pg_catalog, public
as $$
    select a.id, a.display_name, array_agg(distinct p.role), a.is_demo
    from appointment p
    join role_permission g on g.role = p.role and g.permission = 'handle_camera_alerts'
    join account a on a.id = p.account_id and a.disabled_at is null
    where p.area_id = any ((select areas_above(of_area))::integer[])
      and p.from_at <= clock_timestamp() and (p.until_at is null or p.until_at > clock_timestamp())
    group by a.id, a.display_name, a.is_demo
$$;

-- `ioc_app` may write neither name, so what it writes is signed and named as before.
create or replace trigger sign_alert_entry before insert on camera_alert_entry for each row
    when (new.to_name is null) execute function sign_alert_entry();
create or replace trigger name_handler_at_once before insert on camera_alert for each row
    when (new.handler_id is not null and new.handler_name is null) execute function name_handler();
create or replace trigger keep_answer_time before insert on camera_alert for each row
    when (new.answer_due_at is null or new.status not in ('new', 'assigned')) execute function keep_answer_time();

-- A batch knows of each camera whether a hand placed it. Where nobody said so (null), the camera is asked, and that before
-- `derive_area` looks where the place lies: triggers fire in the order of their names.
alter table camera_alert alter column area_by_hand drop default;
create or replace function follow_hand() returns trigger language plpgsql
    set search_path = pg_catalog, public
as $$
declare
    by_hand integer := (select c.area_id from camera c
                        where c.id = new.camera_id and c.area_by_hand and c.area_id = coalesce(new.area_id, c.area_id));
begin
    new.area_by_hand := by_hand is not null;
    new.area_id := coalesce(by_hand, new.area_id);
    return new;
end
$$;
drop trigger follow_hand on camera_alert;
create trigger ask_camera before insert on camera_alert for each row when (new.area_by_hand is null) execute function follow_hand();

-- The area of what belongs to an alert is the alert's (foreign key of both together), and the alert's is one.
alter table camera_alert_entry drop constraint camera_alert_entry_area_id_fkey;
alter table camera_alert_plate drop constraint camera_alert_plate_area_id_fkey;
alter table camera_alert_snapshot drop constraint camera_alert_snapshot_area_id_fkey;

create or replace function write_camera_alerts(reached integer[], camera_ids bigint[], external_ids text[], kinds text[], severities text[], confidences real[],
        starts timestamptz[], ends timestamptz[], plates text[], boxes text[], paths text[], handlers bigint[])
    returns table (place bigint, became text)
    language plpgsql volatile set search_path = pg_catalog, public
as $$
declare
    outcomes      text[];
    replated      bigint[];
    handler_names text[];
    signer        bigint;
    signer_name   text;
begin
    -- Who was to be given an alert may have lost the appointment since, and nobody else's name comes with one: it is nobody's yet.
    if array_remove(handlers, null) <> '{}' then
        with answering as (
            select x.area_id, h.account_id, h.display_name
            from (select distinct c.area_id from camera c where c.id = any (camera_ids)) x cross join lateral alert_handlers(x.area_id) h
        )
        select array_agg(a.account_id order by n.place), array_agg(a.display_name order by n.place) into handlers, handler_names
        from unnest(camera_ids, handlers) with ordinality as n (camera_id, handler_id, place)
        left join camera c on c.id = n.camera_id
        left join answering a on a.area_id = c.area_id and a.account_id = n.handler_id;
        signer := caller_account();
        signer_name := (select a.display_name from account a where a.id = signer);
    end if;

    -- Rows in one order for every batch, so that two batches never wait for each other crosswise.
    with given as (
        select g.*, c.area_id, c.ward_id, c.area_by_hand, c.geom, c.code as camera_code
        from unnest(camera_ids, external_ids, kinds, severities, confidences, starts, ends, boxes, paths, handlers, handler_names) with ordinality
            as g (camera_id, external_id, kind, severity, confidence, started_at, ended_at, box, path, handler_id, handler_name, place)
        join camera c on c.id = g.camera_id and c.area_id = any (reached)
    ), times as materialized (
        select t.ward_id, t.severity, answer_time(t.ward_id, t.severity) as to_answer from (select distinct g.ward_id, g.severity from given g) t
    ), written as (
        insert into camera_alert as a (camera_id, camera_code, external_id, kind, severity, confidence, started_at, ended_at, received_at, box, path,
            area_id, ward_id, area_by_hand, geom, status, handler_id, handler_name, assigned_at, answer_due_at)
        select g.camera_id, g.camera_code, g.external_id, g.kind, g.severity, g.confidence, g.started_at, g.ended_at, g.received_at, g.box::jsonb, g.path::jsonb,
            g.area_id, g.ward_id, g.area_by_hand, g.geom, case when g.handler_id is null then 'new' else 'assigned' end, g.handler_id, g.handler_name,
            case when g.handler_id is not null then g.received_at end, g.received_at + t.to_answer
        from (select g.*, clock_timestamp() as received_at from given g) g
        join times t on t.ward_id = g.ward_id and t.severity = g.severity
        order by g.camera_id, g.external_id
        on conflict (camera_id, external_id) do update set
            kind = excluded.kind, severity = excluded.severity, confidence = coalesce(excluded.confidence, a.confidence),
            -- An end that was known lies before a beginning that was corrected: it is no end of this.
            started_at = excluded.started_at,
            ended_at = case when coalesce(excluded.ended_at, a.ended_at) >= excluded.started_at then coalesce(excluded.ended_at, a.ended_at) end,
            box = coalesce(excluded.box, a.box), path = coalesce(excluded.path, a.path)
        where (a.kind, a.severity, a.confidence, a.started_at, a.ended_at, a.box, a.path) is distinct from
            (excluded.kind, excluded.severity, coalesce(excluded.confidence, a.confidence), excluded.started_at,
             case when coalesce(excluded.ended_at, a.ended_at) >= excluded.started_at then coalesce(excluded.ended_at, a.ended_at) end,
             coalesce(excluded.box, a.box), coalesce(excluded.path, a.path))
        returning a.id, a.area_id, a.camera_id, a.external_id, a.handler_id, a.handler_name, a.xmax = 0 as is_new
    ), routed as (
        insert into camera_alert_entry (alert_id, area_id, step, to_account, to_name, actor, actor_name)
        select w.id, w.area_id, 'assigned', w.handler_id, w.handler_name, signer, signer_name
        from written w where w.is_new and w.handler_id is not null
    )
    select array_agg(case when g.place is null then null when w.id is null then 'duplicate' when w.is_new then 'new' else 'updated' end order by n.place)
        into outcomes
    from generate_subscripts(camera_ids, 1) as n (place)
    left join given g on g.place = n.place
    left join written w on w.camera_id = g.camera_id and w.external_id = g.external_id;

    if array_remove(plates, null) <> '{}' then
        with given as (
            select g.place, a.id, a.area_id, g.plate
            from unnest(camera_ids, external_ids, plates) with ordinality as g (camera_id, external_id, plate, place)
            join camera_alert a on a.camera_id = g.camera_id and a.external_id = g.external_id
            where g.plate is not null and outcomes[g.place::integer] is not null
        ), written as (
            insert into camera_alert_plate as p (alert_id, area_id, plate) select g.id, g.area_id, g.plate from given g order by g.id
            on conflict (alert_id) do update set plate = excluded.plate where p.plate <> excluded.plate
            returning p.alert_id
        )
        select array_agg(g.place) into replated from given g join written w on w.alert_id = g.id;
    end if;

    return query
        select o.place, case when o.became = 'duplicate' and o.place = any (replated) then 'updated' else o.became end
        from unnest(outcomes) with ordinality o (became, place) where o.became is not null;
end
$$;

-- What a screen or the index needs of a row: the columns, and where it lies.
create or replace function change_image(layer layer_catalogue, alias text) returns text
    language sql stable set search_path = pg_catalog, public
as $$
    with said as (
        select (select string_agg(format('%s.%I', alias, c), ', ') from unnest(layer.columns) c) as columns,
            format('%s.%I', alias, layer.geometry_column) as place,
            coalesce((select postgis_typmod_type(a.atttypmod) = 'Point' from pg_attribute a
                      where a.attrelid = to_regclass(quote_ident(layer.table_name)) and a.attname = layer.geometry_column), false) as is_point
    ), row_as_json as (
        select said.*, format('to_jsonb((select x from (select %s) x))', columns) as plain from said
    )
    select format('case when %s.id is null then null %s end', alias, case
        when layer.geometry_column is null then format('else %s', plain)
        when is_point then format(
            'when %1$s is null then %2$s else to_jsonb((select x from (select %3$s, st_x(%1$s) as lon, st_y(%1$s) as lat) x))', place, plain, columns)
        else format('else %2$s || coalesce(case when st_geometrytype(%1$s) = ''ST_Point'' '
            'then jsonb_build_object(''lon'', st_x(%1$s), ''lat'', st_y(%1$s)) '
            'else jsonb_build_object(''bbox'', jsonb_build_array(st_xmin(%1$s), st_ymin(%1$s), st_xmax(%1$s), st_ymax(%1$s))) end, ''{}'')', place, plain)
        end)
    from row_as_json
$$;
