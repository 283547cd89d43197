//! Businesses as COPY rows, for loads of a province's size.
//! It deliberately sends nothing.

use geo::Point;
use uuid::Uuid;

use super::load::{NewBusiness, stored_kind, stored_status};
use crate::platform::copy::CopyRows;

pub const BUSINESS: &str = "copy business (id, uid, code, area_id, ward_id, building_id, name, tax_code, vsic, sector, kind, status, \
     address, opened_on, geom) from stdin (format binary)";

/// Businesses with the ids `first_id`, `first_id + 1`, …; each names its area.
pub fn businesses(first_id: i64, businesses: &[NewBusiness]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, business) in (first_id..).zip(businesses) {
        let (area_id, ward_id) = business.area.unzip();
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &business.code,
            &area_id,
            &ward_id,
            &business.building_id,
            &business.name,
            &business.tax_code,
            &business.vsic,
            &business.sector,
            &stored_kind(business.kind),
            &stored_status(business.status),
            &business.address,
            &business.opened_on,
            &business.point.map(|(lon, lat)| Point::new(lon, lat)),
        ]);
    }
    rows
}
