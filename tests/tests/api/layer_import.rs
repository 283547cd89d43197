//! `ioc import layer` into a real PostGIS: every format, awkward files, idempotence, places, and what must never be told.

mod desk;
mod formats;
mod lists;
mod places;
