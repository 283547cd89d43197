//! Cameras as COPY rows, for loads of a province's size.
//! It deliberately sends nothing.

use geo::Point;
use uuid::Uuid;

use super::load::{NewCamera, stored_status};
use crate::geography::wards::Ward;
use crate::platform::copy::CopyRows;

pub const CAMERA: &str = "copy camera (id, uid, code, area_id, ward_id, name, heading_deg, field_of_view_deg, range_m, status, status_at, \
     geom) from stdin (format binary)";

/// Cameras of `ward` with the ids `first_id`, `first_id + 1`, …
pub fn cameras(ward: &Ward, first_id: i64, cameras: &[NewCamera]) -> CopyRows {
    let mut rows = CopyRows::default();
    for (id, camera) in (first_id..).zip(cameras) {
        let at = Point::new(camera.point.0, camera.point.1);
        rows.row(&[
            &id,
            &Uuid::now_v7(),
            &camera.code,
            &ward.area_at(at),
            &ward.id,
            &camera.name,
            &camera.heading_deg,
            &camera.field_of_view_deg,
            &camera.range_m,
            &stored_status(camera.status),
            &camera.status_at,
            &at,
        ]);
    }
    rows
}
