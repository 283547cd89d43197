//! Chooses how a file's coordinates are meant: by the person, else by the file, else as longitude and latitude.
//! It deliberately transforms nothing; PostGIS does.

use anyhow::bail;
use sqlx::PgConnection;

use super::source::Crs;
use crate::geography::placing::{self, Reference};

pub async fn choose(db: &mut PgConnection, srid: Option<i32>, file: Option<&Crs>) -> anyhow::Result<Reference> {
    let reference = match (srid, file) {
        (Some(srid), _) => Reference::of_srid(srid),
        (None, Some(Crs::Epsg(srid))) => Reference::of_srid(*srid),
        (None, Some(Crs::WellKnownText(text))) => of_well_known_text(text),
        (None, None) => Reference::Wgs84,
    };
    if !placing::understands(db, &reference).await? {
        match srid {
            Some(srid) => bail!(
                "coordinate system {srid} is not known to this PostGIS; VN-2000 is 3405, 3406 (UTM), 5896 to 5899, 9205 to 9218 (TM-3), WGS84 4326"
            ),
            None => bail!("the coordinate system that the file names is not understood; give its EPSG number with --srid"),
        }
    }
    Ok(reference)
}

/// The coordinate system of a .prj. One that is longitude and latitude on WGS84 needs no transformation.
fn of_well_known_text(text: &str) -> Reference {
    let folded = text.to_uppercase().replace(' ', "");
    if folded.starts_with("GEOGCS") && (folded.contains("\"GCS_WGS_1984\"") || folded.contains("\"WGS84\"")) {
        return Reference::Wgs84;
    }
    // Shapefiles of VN-2000 name the datum, not its parameters: the zone is found by its meridian and scale.
    if folded.contains("VN_2000") || folded.contains("VN-2000") || folded.contains("VIETNAM_2000") {
        let number = |name: &str| {
            let start = folded.find(&format!("\"{name}\","))? + name.len() + 3;
            folded[start..].split([']', ',']).next()?.parse::<f64>().ok()
        };
        if let (Some(meridian), Some(scale)) = (number("CENTRAL_MERIDIAN"), number("SCALE_FACTOR")) {
            return Reference::of_vn_2000(meridian, scale);
        }
    }
    Reference::Other { text: text.to_owned(), is_vietnamese_grid: false }
}
