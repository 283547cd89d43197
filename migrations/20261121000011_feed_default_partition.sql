-- Whether changes lie in the default partition of `change`, for /readyz and doctor.
--
-- `ioc_app` answers both and may not read a change: they show what row-level security hides. It learns this one fact.
create function change_default_is_used() returns boolean language sql stable
    security definer set search_path = pg_catalog, public
as $$ select exists (select from change_default) $$;
comment on function change_default_is_used() is 'A day had no partition when something was written on it';
revoke execute on function change_default_is_used() from public;
grant execute on function change_default_is_used() to ioc_app, ioc_feed;
