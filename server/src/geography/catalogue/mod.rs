//! The layer catalogue: `data/layers.toml` read, copied into the database for the change triggers, and held against it.
//! It deliberately neither draws a layer nor decides who may see one; it says what there is and which permission that takes.

mod db;
mod leaving;

use std::sync::{Arc, OnceLock};

use serde::Deserialize;
use shared::layer::{GeometryKind, LayerFilter, LayerSummary, LayerTitle, PropertyKind};
use shared::session::Permission;
use sqlx::PgPool;

pub use self::leaving::Leaving;

const LAYERS_TOML: &str = include_str!("../../../../data/layers.toml");

/// Every layer and every other live table.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Catalogue {
    #[serde(rename = "layer")]
    layers: Vec<Arc<Layer>>,
    #[serde(rename = "table")]
    tables: Vec<Arc<Table>>,
}

/// One layer of the map.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Layer {
    /// Topic of the feed, MVT layer, address of the tiles.
    pub name: String,
    pub table: String,
    pub title: LayerTitle,
    pub geometry: Geometry,
    pub area_column: String,
    pub source: Source,
    delivery: Delivery,
    pub min_zoom: u8,
    pub max_zoom: u8,
    /// None: open to everybody.
    pub permission: Option<Permission>,
    /// The account that sees its own row whatever the area. Travels in change images, is never shown.
    pub owner_column: Option<String>,
    pub low_zoom: Option<LowZoom>,
    pub properties: Vec<Property>,
    #[serde(default)]
    pub sharing: Vec<Sharing>,
    /// Which rows leave the map index on the clock; none: none does.
    pub leaves: Option<Leaving>,
    #[serde(default)]
    past: Past,
}

/// What of a layer's rows `history` keeps.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Past {
    /// Whether a new row is written there at once, or with its first change only.
    #[serde(default = "yes")]
    of_new_rows: bool,
    /// Columns that a device measures again and again: alone, they make no past.
    #[serde(default)]
    passing: Vec<String>,
}

impl Default for Past {
    fn default() -> Self {
        Self { of_new_rows: true, passing: Vec::new() }
    }
}

/// How many rows of a layer share the value of an integer property: households in one house.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sharing {
    pub name: String,
    /// The property that is shared.
    pub by: String,
    pub from_zoom: u8,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Geometry {
    pub column: String,
    pub shape: GeometryKind,
}

/// Where the tiles of a layer come from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Source {
    /// Points from memory, cut to reach.
    MapIndex,
    /// `ST_AsMVT`, cached: open layers only.
    Postgis,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Delivery {
    Tiles,
    Rows,
}

/// Below zoom `below`, only rows whose `column` holds one of `keep`.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct LowZoom {
    pub below: u8,
    pub column: String,
    pub keep: Vec<String>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Property {
    pub name: String,
    #[serde(rename = "type")]
    pub kind: PropertyKind,
    #[serde(default)]
    pub filter: bool,
    /// Left out of tiles below this zoom.
    #[serde(default)]
    pub from_zoom: u8,
}

/// A live table that is no layer.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Table {
    /// Topic of the feed too.
    pub name: String,
    area_column: Option<String>,
    columns: Vec<String>,
    #[serde(default = "yes")]
    keeps_history: bool,
    /// Who hears on `/live` that rows of it have changed; none: nobody.
    pub permission: Option<Permission>,
}

fn yes() -> bool {
    true
}

impl Catalogue {
    /// The catalogue this program was built with.
    pub fn embedded() -> &'static Self {
        static CATALOGUE: OnceLock<Catalogue> = OnceLock::new();
        CATALOGUE.get_or_init(|| Self::parse(LAYERS_TOML).expect("data/layers.toml was tested with this program"))
    }

    fn parse(text: &str) -> anyhow::Result<Self> {
        let catalogue: Self = toml::from_str(text)?;
        for layer in &catalogue.layers {
            layer.check().map_err(|wrong| anyhow::anyhow!("layer {}: {wrong}", layer.name))?;
        }
        if let Some(table) = catalogue.tables.iter().find(|table| table.permission.is_some() && table.area_column.is_none()) {
            anyhow::bail!("table {}: who hears of a row is decided by its area; name the area_column", table.name);
        }
        Ok(catalogue)
    }

    pub fn layers(&self) -> impl Iterator<Item = &Arc<Layer>> {
        self.layers.iter()
    }

    pub fn layer(&self, name: &str) -> Option<&Arc<Layer>> {
        self.layers.iter().find(|layer| layer.name == name)
    }

    /// The tables that screens hear of beside the layers.
    pub fn heard_tables(&self) -> impl Iterator<Item = &Arc<Table>> {
        self.tables.iter().filter(|table| table.permission.is_some())
    }

    /// Copies the catalogue into `layer_catalogue`, as the owner. Called by `ioc migrate` after the migrations.
    pub async fn sync(&self, owner: &PgPool) -> sqlx::Result<()> {
        db::replace(owner, &self.rows()).await
    }

    /// What is wrong between this catalogue and the database, one sentence each with its remedy; empty when all is well.
    pub async fn check(&self, pool: &PgPool) -> sqlx::Result<Vec<String>> {
        let mut wrong = Vec::new();
        let rows = self.rows();
        let stored = db::stored(pool).await?;
        if stored != rows {
            wrong.push("the layer catalogue of the database is not this program's; run \"ioc migrate\"".to_owned());
        }
        for table in db::followed_tables(pool).await? {
            if !rows.iter().any(|row| row.table_name == table) {
                wrong
                    .push(format!("table {table} has the feed's triggers but is not in data/layers.toml: every write to it fails; add it"));
            }
        }
        for row in &rows {
            for column in db::unreadable_columns(pool, row).await? {
                wrong.push(format!(
                    "{}.{column} is in data/layers.toml but does not exist or ioc_feed may not read it; correct the file or grant it",
                    row.table_name
                ));
            }
        }
        Ok(wrong)
    }

    /// The catalogue as the table `layer_catalogue` holds it, by table name.
    fn rows(&self) -> Vec<db::CatalogueRow> {
        let layers = self.layers.iter().map(|layer| db::CatalogueRow {
            table_name: layer.table.clone(),
            topic: layer.name.clone(),
            geometry_column: Some(layer.geometry.column.clone()),
            area_column: Some(layer.area_column.clone()),
            columns: layer.image_columns().map(str::to_owned).collect(),
            keeps_history: true,
            history_of_new_rows: layer.past.of_new_rows,
            passing: layer.past.passing.clone(),
        });
        let tables = self.tables.iter().map(|table| db::CatalogueRow {
            table_name: table.name.clone(),
            topic: table.name.clone(),
            geometry_column: None,
            area_column: table.area_column.clone(),
            columns: table.columns.clone(),
            keeps_history: table.keeps_history,
            history_of_new_rows: true,
            passing: Vec::new(),
        });
        let mut rows: Vec<_> = layers.chain(tables).collect();
        rows.sort_by(|a, b| a.table_name.cmp(&b.table_name));
        rows
    }
}

impl Layer {
    /// Whether everybody may see it.
    pub fn is_open(&self) -> bool {
        self.permission.is_none()
    }

    /// Few enough rows that a live snapshot brings all of them.
    pub fn comes_as_rows(&self) -> bool {
        self.delivery == Delivery::Rows
    }

    pub fn property(&self, name: &str) -> Option<&Property> {
        self.properties.iter().find(|property| property.name == name)
    }

    /// The columns of a change image: the properties, and the owner, whom followers need but nobody is shown.
    pub fn image_columns(&self) -> impl Iterator<Item = &str> {
        self.properties.iter().map(|property| property.name.as_str()).chain(self.owner_column.as_deref())
    }

    /// The layer as the screens list it; `count`: rows within the caller's reach.
    pub fn summary(&self, count: Option<u64>) -> LayerSummary {
        LayerSummary {
            name: self.name.clone(),
            title: self.title.clone(),
            geometry: self.geometry.shape,
            tiled: !self.comes_as_rows(),
            base: self.source == Source::Postgis,
            min_zoom: self.min_zoom,
            max_zoom: self.max_zoom,
            count,
            filters: self
                .properties
                .iter()
                .filter(|property| property.filter)
                .map(|property| LayerFilter { property: property.name.clone(), kind: property.kind })
                .chain(self.sharing.iter().map(|sharing| LayerFilter { property: sharing.name.clone(), kind: PropertyKind::Integer }))
                .collect(),
        }
    }

    fn check(&self) -> Result<(), String> {
        if self.min_zoom > self.max_zoom || self.max_zoom > 22 {
            return Err(format!("zooms {} to {} are not a range within 0 to 22", self.min_zoom, self.max_zoom));
        }
        if self.source == Source::Postgis && !self.is_open() {
            return Err("ST_AsMVT tiles are cached for everybody; a layer with a permission needs source = \"map_index\"".into());
        }
        if self.source == Source::MapIndex && self.geometry.shape != GeometryKind::Point {
            return Err("the map index holds points only".into());
        }
        for property in &self.properties {
            if property.filter && property.kind == PropertyKind::Text {
                return Err(format!("{} is free text, by which tiles are not filtered; use type = \"code\"", property.name));
            }
        }
        for Sharing { name, by, .. } in &self.sharing {
            if self.source != Source::MapIndex || self.property(by).is_none_or(|property| property.kind != PropertyKind::Integer) {
                return Err(format!("{name} counts rows that share {by}: it takes source = \"map_index\" and an integer property"));
            }
        }
        if let Some(leaving) = &self.leaves {
            leaving.check(self)?;
        }
        match &self.low_zoom {
            Some(rule) if self.property(&rule.column).is_none() => Err(format!("low_zoom names {}, which is no property", rule.column)),
            _ => Ok(()),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_embedded_catalogue_holds_the_layers_the_screens_know() {
        let catalogue = Catalogue::embedded();
        for layer in catalogue.layers() {
            assert!(layer.name.parse::<shared::layer::Layer>().is_ok(), "{} is a layer that no screen knows", layer.name);
        }
        assert_eq!(catalogue.layer("household").unwrap().permission, Some(Permission::SeeHouseholds));
        assert!(catalogue.layer("business").unwrap().is_open());
        assert!(catalogue.layer("resident").is_none());
    }

    #[test]
    fn personal_columns_are_in_no_image() {
        let personal =
            ["name_of_head", "tenant_name", "landlord_name", "landlord_phone", "phone", "birth_date", "national_id", "login", "stream"];
        for row in Catalogue::embedded().rows() {
            for column in &row.columns {
                assert!(!personal.iter().any(|word| column.contains(word)), "{}.{column}", row.table_name);
            }
            if row.table_name == "resident" || row.table_name == "tenancy" {
                assert!(row.columns.is_empty(), "{} shows {:?}", row.table_name, row.columns);
            }
        }
    }

    #[test]
    fn an_owner_is_known_to_followers_and_shown_to_nobody() {
        let layer = Catalogue::embedded().layer("boarding_house").unwrap();
        assert!(layer.image_columns().any(|column| column == "landlord_account_id"));
        assert!(layer.property("landlord_account_id").is_none());
    }

    #[test]
    fn a_table_that_is_heard_says_of_its_rows_that_they_changed_and_nothing_else() {
        let heard: Vec<_> = Catalogue::embedded().heard_tables().map(|table| (table.name.as_str(), table.columns.len())).collect();
        use shared::{alert_shelf, camera, camera_alert, duty, ingest};
        let topics = [
            duty::DUTY_TOPIC,
            duty::ANSWER_TIMES_TOPIC,
            duty::HANDOVER_TOPIC,
            alert_shelf::TOPIC,
            ingest::PUT_AWAY_TOPIC,
            camera::RECORDER_TOPIC,
            camera_alert::SNAPSHOT_TOPIC,
        ];
        assert_eq!(heard, topics.map(|topic| (topic, 0)));
        let nowhere = LAYERS_TOML.replace("name = \"alert_shelf\"\narea_column = \"area_id\"", "name = \"alert_shelf\"");
        assert!(Catalogue::parse(&nowhere).unwrap_err().to_string().starts_with("table alert_shelf: who hears"));
    }

    #[test]
    fn a_cached_layer_with_a_permission_is_refused() {
        let text =
            LAYERS_TOML.replacen("source = \"map_index\"", "source = \"postgis\"", 6).replace("shape = \"point\"", "shape = \"line\"");
        let wrong = Catalogue::parse(&text).unwrap_err().to_string();
        assert!(wrong.starts_with("layer household: ST_AsMVT tiles are cached for everybody"), "{wrong}");
    }
}
