-- Whose data the base map of an area is: shown on the map and in TileJSON wherever that area is drawn.
--
-- OpenStreetMap's licence (ODbL) asks that its contributors are credited where the map is seen, not in a README.
-- A ward that surveyed itself leaves both empty. Sub-areas have their ward's; nothing is written twice.

alter table area add column attribution text check (attribution <> '');
alter table area add column attribution_url text check (attribution_url is null or (attribution_url like 'https://%' and attribution is not null));
comment on column area.attribution is 'who is to be credited for the base map of this area, as the licence wants it said';
