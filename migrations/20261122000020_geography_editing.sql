-- Editing through requests: which columns of which rows, by whom; who it was, for the past of a row; rows without a place.
--
-- The new place decides the area (`derive_area` runs before the check), so `with check` refuses to move a row out of the
-- editor's reach whatever a handler forgets.

grant update (name, heading_deg, field_of_view_deg, range_m, geom) on camera to ioc_app;
create policy edit_camera on camera for update to ioc_app
    using (area_id = any ((select reach('edit_cameras'))::int[]))
    with check (area_id = any ((select reach('edit_cameras'))::int[]));

grant update (building_id, geom) on household to ioc_app;
create policy place_household on household for update to ioc_app
    using (area_id = any ((select reach('place_homes'))::int[]))
    with check (area_id = any ((select reach('place_homes'))::int[]));

-- The landlord's policy of reading stands beside it: reading the own house is no right to move it.
grant update (building_id, geom) on boarding_house to ioc_app;
create policy place_boarding_house on boarding_house for update to ioc_app
    using (area_id = any ((select reach('place_homes'))::int[]))
    with check (area_id = any ((select reach('place_homes'))::int[]));

-- Places and businesses stay open to everybody. A policy that is plainly true costs readers nothing: the planner drops it.
alter table place enable row level security;
create policy everybody_reads on place for select using (true);
grant update (kind, name, address, geom) on place to ioc_app;
create policy edit_place on place for update to ioc_app
    using (area_id = any ((select reach('edit_open_map'))::int[]))
    with check (area_id = any ((select reach('edit_open_map'))::int[]));

alter table business enable row level security;
create policy everybody_reads on business for select using (true);
grant update (name, address, vsic, sector, kind, status, building_id, geom) on business to ioc_app;
create policy edit_business on business for update to ioc_app
    using (area_id = any ((select reach('edit_open_map'))::int[]))
    with check (area_id = any ((select reach('edit_open_map'))::int[]));

-- The past says who it was, as that person was called then: readers of a row's past may not read accounts.
alter table history add column actor_name text;
comment on column history.actor_name is 'display name of the account that did it, as it was then; null: written in the database itself';
create function name_actor() returns trigger language plpgsql
    security definer set search_path = pg_catalog, public
as $$
begin
    if new.actor is not null then
        select a.display_name into new.actor_name from account a where a.id = new.actor;
    end if;
    return new;
end
$$;
create trigger name_actor before insert on history for each row execute function name_actor();

-- The house that holds a point, the smallest where several do; null in the open.
create function building_at(point geometry) returns bigint language sql stable
    set search_path = pg_catalog, public
as $$
    select id from building where st_covers(footprint, point) order by st_area(footprint), id limit 1
$$;

-- The tray of rows without a place is short; these indexes keep it from reading whole tables.
create index household_unplaced on household (id) where geom is null;
create index boarding_house_unplaced on boarding_house (id) where geom is null;
create index business_unplaced on business (id) where geom is null;
create index camera_unplaced on camera (id) where geom is null;
create index place_unplaced on place (id) where geom is null;
