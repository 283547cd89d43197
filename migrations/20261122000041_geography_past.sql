-- The points of a layer as they stood at a moment: what the map of an earlier day draws beside today's.
--
-- A row's earlier state is what its first later change began from (`history.before`); a row that has not changed since is
-- as it stands. Bulk loads leave no history row by row, so when a row came is read from its UUIDv7, which carries the
-- millisecond it was made in. A row that a bulk load changed or removed is not known as it was before that load.
--
-- SECURITY DEFINER, because history and protected tables are read through one condition: the caller's own reach, by the
-- permission that the layer's tiles take. Only catalogue columns leave, and of them not the owner's account.

create function uuid_v7_time(uid uuid) returns timestamptz language sql immutable
    set search_path = pg_catalog
as $$ select to_timestamp(('x' || substr(replace(uid::text, '-', ''), 1, 12))::bit(48)::bigint / 1000.0) $$;

create function points_at(wanted_topic text, moment timestamptz, at_most integer)
    returns table (id bigint, lon double precision, lat double precision, properties jsonb) language plpgsql stable
    security definer set search_path = pg_catalog, public
as $$
declare
    layer      layer_catalogue;
    permission text := case wanted_topic
        when 'household' then 'see_households'
        when 'boarding_house' then 'see_boarding_houses'
        when 'camera' then 'see_cameras'
    end;
    areas      integer[];
begin
    if permission is null and wanted_topic not in ('business', 'place') then
        return;
    end if;
    select * into layer from layer_catalogue where topic = wanted_topic;
    if permission is not null then
        -- No reach is the empty set; null would be an open layer's.
        areas := coalesce(reach(permission)::integer[], '{}');
    end if;
    return query execute format(
        'with later as (
            select distinct on (row_id) row_id, op, before, old_area_id
            from history where topic = %1$L and at > $1 order by row_id, at, id
        ), stood as (
            select row_id as id, old_area_id as area_id, before as image from later where op <> ''insert''
            union all
            select t.id, t.area_id, to_jsonb(t) from %2$I t
            where not exists (select from later l where l.row_id = t.id) and ($2 is null or t.area_id = any($2))
        )
        select s.id, (s.image #>> ''{%3$s,coordinates,0}'')::float8, (s.image #>> ''{%3$s,coordinates,1}'')::float8,
            (select jsonb_object_agg(c, s.image -> c) from unnest($3) c where c <> ''landlord_account_id'')
        from stood s
        where ($2 is null or s.area_id = any($2)) and uuid_v7_time((s.image ->> ''uid'')::uuid) <= $1
            and s.image -> %3$L is distinct from ''null''::jsonb
        order by s.id limit $4',
        wanted_topic, layer.table_name, layer.geometry_column)
    using moment, areas, layer.columns, at_most;
end
$$;
revoke execute on function points_at(text, timestamptz, integer) from public;
grant execute on function points_at(text, timestamptz, integer) to ioc_app;
