-- Boundaries change: wards merge, lines are redrawn. The row of the present keeps its id, because appointments, TDPs and every
-- live row point at it; what it was before becomes a row of its own, closed on the day the new version begins.

-- Keeps the area as it stands as a version of the past, ended on `ended`. The row itself may then be given its new shape.
create function keep_area_version(of_area integer, ended date) returns integer language sql volatile
    set search_path = pg_catalog, public
as $$
    insert into area (code, kind, parent_id, name, boundary, is_demo, valid_from, valid_to)
    select code, kind, parent_id, name, boundary, is_demo, valid_from, ended from area where id = of_area
    returning id
$$;
comment on function keep_area_version(integer, date) is 'Inserts a closed copy of the area, as it was until that day';
revoke execute on function keep_area_version(integer, date) from public;

-- The current area that took over a closed one: of its kind, the one that shares the most ground with it.
create function successor_of(closed integer) returns integer language sql stable
    set search_path = pg_catalog, public
as $$
    select a.id from area c join area a on a.kind = c.kind and a.valid_to is null and a.id <> c.id and a.boundary && c.boundary
    where c.id = closed and st_intersects(a.boundary, c.boundary)
    order by st_area(st_intersection(a.boundary, c.boundary)) desc, a.id limit 1
$$;
comment on function successor_of(integer) is 'Which current area took over the ground of a closed one';
revoke execute on function successor_of(integer) from public;

-- Gives the rows around changed areas the area they lie in now, all at once: while areas change one by one, a row could
-- be taken for a neighbour's that is about to shrink.
--
-- Only rows whose area or ward really changes are written, each through `derive_area`, so the feed and history tell of
-- it as of any other change. Rows whose area was set by hand stay, unless that area was closed: then, like rows
-- without a place, they go to its successor. A code that its new ward has already gets the old ward's code in front.
create function rederive_rows(changed integer[], out layer text, out moved bigint, out recoded text[]) returns setof record language plpgsql
    set search_path = pg_catalog, public
as $$
declare
    live record;
begin
    for live in select unnest(array['road', 'building', 'water', 'land_use', 'place', 'household', 'boarding_house', 'business', 'camera']) as name,
        unnest(array['geom', 'footprint', 'geom', 'geom', 'geom', 'geom', 'geom', 'geom', 'geom']) as geometry
    loop
        if to_regclass('pg_temp.rows_to_move') is not null then
            drop table pg_temp.rows_to_move;
        end if;
        execute format($sql$
            create temporary table rows_to_move on commit drop as
            with candidate as (
                select t.id, t.code, t.area_id, t.ward_id, t.area_by_hand, t.area_by_hand or t.%2$I is null as stays, here.valid_to is not null as is_closed,
                    case when t.%2$I is null then null
                         when st_dimension(t.%2$I) = 0 then t.%2$I
                         when st_geometrytype(t.%2$I) = 'ST_LineString' then st_lineinterpolatepoint(t.%2$I, 0.5)
                         else st_pointonsurface(t.%2$I) end as point
                from %1$I t join area here on here.id = t.area_id
                where t.area_id = any ($1) or t.ward_id = any ($1)
                   or exists (select from area a where a.id = any ($1) and t.%2$I && a.boundary)
            ), wanted as (
                select id, code, area_id, ward_id, area_by_hand, stays,
                    case when not stays then coalesce(area_at(point), case when is_closed then successor_of(area_id) end, area_id)
                         when is_closed then coalesce(successor_of(area_id), area_id)
                         else area_id end as new_area
                from candidate
            ), settled as (select *, ward_of(new_area) as new_ward from wanted)
            select s.*,
                row_number() over (partition by new_ward, code order by ward_id <> new_ward, id) > 1
                    or exists (select from %1$I o where o.ward_id = s.new_ward and o.code = s.code and o.id <> s.id
                               and s.ward_id <> s.new_ward and not exists (select from settled m where m.id = o.id and m.new_ward <> s.new_ward))
                    as collides
            from settled s where new_area <> area_id or new_ward <> ward_id
        $sql$, live.name, live.geometry) using changed;
        layer := live.name;
        select count(*), coalesce(array_agg(m.code || ' -> ' || w.code || '-' || m.code order by m.id) filter (where m.collides), '{}')
            into moved, recoded from pg_temp.rows_to_move m join area w on w.id = m.ward_id;
        if moved > 0 then
            -- `derive_area` looks again because the ward is unknown; what stays without a place names its area itself.
            execute format(
                'update %1$I t set ward_id = null, area_id = case when m.stays then m.new_area else t.area_id end, '
                'code = case when m.collides then w.code || ''-'' || t.code else t.code end '
                'from pg_temp.rows_to_move m join area w on w.id = m.ward_id where t.id = m.id', live.name);
            -- It takes the area that was named for one set by hand; once such a row is placed, its place shall decide.
            execute format('update %1$I t set area_by_hand = false from pg_temp.rows_to_move m '
                'where t.id = m.id and m.stays and not m.area_by_hand and t.area_by_hand', live.name);
            return next;
        end if;
    end loop;
end
$$;
comment on function rederive_rows(integer[]) is 'Rows around changed areas get the area they lie in now; says per layer how many, and which codes had to change';
revoke execute on function rederive_rows(integer[]) from public;
