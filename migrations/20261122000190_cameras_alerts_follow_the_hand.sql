-- An alert of a camera whose area somebody set by hand lies in that area by the same word, and a boundary that is redrawn leaves it
-- there. It came with the camera's area and without the flag, so the next redrawing put it where the map would have.
--
-- The alert itself says so, as everything of it is said as it was then: a camera that is given back to the map later leaves its
-- old alerts where they happened. A trigger, because devices, jobs, replays and psql all write alerts.
create function follow_hand() returns trigger language plpgsql
    set search_path = pg_catalog, public
as $$
begin
    new.area_by_hand := exists (select from camera c where c.id = new.camera_id and c.area_id = new.area_id and c.area_by_hand);
    return new;
end
$$;
-- After `derive_area`, which gives the area where none was named: triggers fire in the order of their names.
create trigger follow_hand before insert on camera_alert for each row when (not new.area_by_hand) execute function follow_hand();

-- Those that are there. Nobody's screen has anything to show of it, so no version moves.
alter table camera_alert disable trigger user;
update camera_alert a set area_by_hand = true
from camera c
where c.id = a.camera_id and c.area_id = a.area_id and c.area_by_hand and not a.area_by_hand;
alter table camera_alert enable trigger user;
