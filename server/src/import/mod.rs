//! Takes files that wards really have into the domain tables.
//! It deliberately decides nothing about a domain's rules: it calls the domain.

pub mod osm;
