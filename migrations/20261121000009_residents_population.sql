-- Exact counts for those who may have them without seeing the households themselves (a one-stop officer, per TDP).
-- SECURITY DEFINER applies reach by itself and gives numbers only; null where the area is out of reach.

create function count_population(of_area integer) returns table (households bigint, residents bigint) language sql stable
    security definer set search_path = pg_catalog, public
as $$
    with recursive below as (
        select of_area as id where of_area = any (reach('see_population_per_tdp'))
        union
        select a.id from area a join below b on a.parent_id = b.id
    )
    select count(*), coalesce(sum(h.member_count), 0)::bigint
    from household h where h.area_id in (select id from below)
    having exists (select from below)
$$;
revoke execute on function count_population(integer) from public;
grant execute on function count_population(integer) to ioc_app;
