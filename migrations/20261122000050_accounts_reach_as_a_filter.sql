-- Reach as a filter, not as a search: `area_id in (select unnest(reach(...)))` instead of `area_id = any ((select reach(...))::int[])`.
--
-- Both say the same. But `= any` of an array can be an index condition, and the planner, who takes every array for ten areas,
-- liked to read the index of `area_id` beside that of the ids that were asked for: for a province with 1,200 areas that
-- meant all eight million residents, 125 ms and more for 25 households. A set from a subquery is hashed once and each row
-- that was found by its id looked up in it, however many areas there are.

alter policy reach_household on household using (area_id in (select unnest(reach('see_households'))));
alter policy place_household on household
    using (area_id in (select unnest(reach('place_homes'))))
    with check (area_id in (select unnest(reach('place_homes'))));
alter policy reach_resident on resident using (area_id in (select unnest(reach('open_households'))));

alter policy reach_boarding_house on boarding_house using (
    area_id in (select unnest(reach('see_boarding_houses'))) or landlord_account_id = (select caller_account()));
alter policy place_boarding_house on boarding_house
    using (area_id in (select unnest(reach('place_homes'))))
    with check (area_id in (select unnest(reach('place_homes'))));
alter policy reach_room on room using (
    area_id in (select unnest(reach('see_boarding_houses')))
    or boarding_house_id in (select b.id from boarding_house b where b.landlord_account_id = (select caller_account())));
alter policy reach_tenancy on tenancy using (
    area_id in (select unnest(reach('open_tenants')))
    or room_id in (select r.id from room r join boarding_house b on b.id = r.boarding_house_id
                   where b.landlord_account_id = (select caller_account())));

alter policy reach_camera on camera using (area_id in (select unnest(reach('see_cameras'))));
alter policy edit_camera on camera
    using (area_id in (select unnest(reach('edit_cameras'))))
    with check (area_id in (select unnest(reach('edit_cameras'))));

alter policy edit_place on place
    using (area_id in (select unnest(reach('edit_open_map'))))
    with check (area_id in (select unnest(reach('edit_open_map'))));
alter policy edit_business on business
    using (area_id in (select unnest(reach('edit_open_map'))))
    with check (area_id in (select unnest(reach('edit_open_map'))));

-- A past is read by the row it is of, and audit entries by their area: there the index helps, or there is none.
