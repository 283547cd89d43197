-- A dump of the database restores whole: the trigger's condition names no operator that is looked for in the search path.
--
-- `pg_restore` runs with an empty search path, where `=` of geometry is not found: `old.boundary is distinct from new.boundary` failed
-- there, and a restored database went without the trigger, silently. As bytes a boundary is compared by what every path has.
create or replace trigger rederive_areas after update of boundary, valid_to on area
    for each row when (old.boundary::bytea is distinct from new.boundary::bytea or old.valid_to is distinct from new.valid_to)
    execute function rederive_areas();
