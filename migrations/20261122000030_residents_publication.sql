-- The public's counts of people and households: one table a month, per TDP and per cell of a fixed grid, made by a job from
-- the exact counts. What was published never changes; a withheld figure is null, and which of the withheld ones are small
-- is nowhere said.

create table population_publication (
    id         bigint generated always as identity primary key,
    ward_id    integer not null references area (id),
    month      date not null check (extract(day from month) = 1),
    counted_at timestamptz not null,
    least      integer not null check (least >= 5),
    cell_m     integer not null check (cell_m > 0),
    unique (ward_id, month)
);
comment on table population_publication is 'One month''s published counts of a ward: when they were counted, and how';

create table population_count (
    publication_id bigint not null references population_publication (id),
    level          text not null check (level in ('ward', 'tdp', 'cell')),
    area_id        integer not null references area (id),   -- of a cell: the TDP it lies in; the ward itself for what lies in no TDP
    east           integer,                                  -- of a cell: its square's number from the meridian of UTM 48N, in sides
    north          integer,
    households     integer,
    residents      integer,
    counted_month  date not null,                            -- a figure that moved by less than `least` stays as it was counted then
    cells_listed   boolean,                                  -- of a TDP: whether its cells are said at all
    geom           geometry(MultiPolygon, 4326),             -- of a cell: its square cut to the TDP; null for rows without a place
    unique nulls not distinct (publication_id, level, area_id, east, north),
    check ((households is null) = (residents is null)),
    constraint no_small_count_is_published check (households is null or (households = 0 and residents = 0) or (households >= 5 and residents >= 5)),
    check (level = 'cell' or (east is null and north is null)),
    check ((east is null) = (north is null)),
    check ((level = 'tdp') = (cells_listed is not null))
);
comment on table population_count is 'Published counts; null: withheld, so that no count under five can be read or computed';

create function refuse_publication_change() returns trigger language plpgsql as $$
begin
    raise exception 'a published month never changes';
end
$$;
create trigger append_only before update or delete or truncate on population_publication
    for each statement execute function refuse_publication_change();
create trigger append_only before update or delete or truncate on population_count
    for each statement execute function refuse_publication_change();

-- Publishes a month of a ward, whole and once: false where that month is published already. The arrays are the rows.
--
-- The only way in for `ioc_app`: it may not insert into the tables, so that nothing is added to a month later.
create function publish_population(of_ward integer, of_month date, counted timestamptz, least_ integer, side_m integer,
        levels text[], area_ids integer[], easts integer[], norths integer[], household_counts integer[], resident_counts integer[],
        counted_months date[], listed boolean[]) returns boolean
    language plpgsql volatile security definer set search_path = pg_catalog, public
as $$
declare
    made bigint;
begin
    insert into population_publication (ward_id, month, counted_at, least, cell_m) values (of_ward, of_month, counted, least_, side_m)
    on conflict (ward_id, month) do nothing returning id into made;
    if made is null then
        return false;
    end if;
    insert into population_count (publication_id, level, area_id, east, north, households, residents, counted_month, cells_listed, geom)
    with ground as (
        select a.id, case when a.id <> of_ward then a.boundary
            -- What lies in no TDP: the ward without them.
            else coalesce(st_difference(a.boundary, (select st_union(t.boundary) from area t
                where t.parent_id = of_ward and t.kind = 'tdp' and t.valid_to is null)), a.boundary) end as boundary
        from area a where a.id = any (area_ids)
    )
    select made, r.level, r.area_id, r.east, r.north, r.households, r.residents, r.counted_month, r.cells_listed,
        case when r.east is not null then (
            select case when not st_isempty(cut) then st_multi(cut) end
            from st_collectionextract(st_intersection(g.boundary, st_transform(st_makeenvelope(
                r.east::float8 * side_m, r.north::float8 * side_m, (r.east + 1)::float8 * side_m, (r.north + 1)::float8 * side_m, 32648), 4326)), 3) as cut)
        end
    from unnest(levels, area_ids, easts, norths, household_counts, resident_counts, counted_months, listed)
        as r (level, area_id, east, north, households, residents, counted_month, cells_listed)
    join ground g on g.id = r.area_id;
    return true;
end
$$;
revoke execute on function publish_population(integer, date, timestamptz, integer, integer, text[], integer[], integer[], integer[], integer[], integer[], date[], boolean[]) from public;
grant execute on function publish_population(integer, date, timestamptz, integer, integer, text[], integer[], integer[], integer[], integer[], integer[], date[], boolean[]) to ioc_app;

grant select on population_publication, population_count to ioc_app, ioc_feed;
