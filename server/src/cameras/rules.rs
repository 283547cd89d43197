//! What may be said of a camera, decided from values alone.
//! It deliberately knows neither caller nor database.

use shared::camera::EditCamera;

use crate::geography::editing::{clean_text, invalid};
use crate::platform::error::ApiResult;

const LONGEST_NAME: usize = 120;
/// As far as the table's constraint lets a camera see, in metres.
const RANGE_BELOW_M: f32 = 5000.0;

/// The edit as it is kept: the name cleaned, the heading within one turn.
pub fn check(edit: EditCamera) -> ApiResult<EditCamera> {
    let name = edit.name.map(|name| clean_text("name", &name, LONGEST_NAME)).transpose()?;
    if let Some(Some(heading)) = edit.heading_deg
        && !(0.0..=360.0).contains(&heading)
    {
        return Err(invalid("heading_deg", "must lie between 0 and 360 degrees, clockwise from north"));
    }
    if let Some(Some(angle)) = edit.field_of_view_deg
        && !(angle > 0.0 && angle <= 360.0)
    {
        return Err(invalid("field_of_view_deg", "must lie above 0 and not above 360 degrees"));
    }
    if let Some(Some(range)) = edit.range_m
        && !(range > 0.0 && range < RANGE_BELOW_M)
    {
        return Err(invalid("range_m", "must lie between 0 and 5000 metres"));
    }
    // A full turn is north again.
    let heading_deg = edit.heading_deg.map(|heading| heading.map(|heading| heading % 360.0));
    Ok(EditCamera { name, heading_deg, ..edit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_full_turn_is_north() {
        let turned = check(EditCamera { heading_deg: Some(Some(360.0)), ..EditCamera::default() }).unwrap();
        assert_eq!(turned.heading_deg, Some(Some(0.0)));
        let unknown = check(EditCamera { heading_deg: Some(None), ..EditCamera::default() }).unwrap();
        assert_eq!(unknown.heading_deg, Some(None), "a heading may become unknown");
    }

    #[test]
    fn what_no_camera_can_do_is_refused_by_name() {
        for (edit, field) in [
            (EditCamera { heading_deg: Some(Some(-1.0)), ..EditCamera::default() }, "heading_deg"),
            (EditCamera { heading_deg: Some(Some(f32::NAN)), ..EditCamera::default() }, "heading_deg"),
            (EditCamera { field_of_view_deg: Some(Some(0.0)), ..EditCamera::default() }, "field_of_view_deg"),
            (EditCamera { range_m: Some(Some(5000.0)), ..EditCamera::default() }, "range_m"),
            (EditCamera { name: Some("  ".into()), ..EditCamera::default() }, "name"),
        ] {
            let refusal = check(edit).unwrap_err();
            assert_eq!((refusal.status().as_u16(), refusal.code()), (422, "edit.invalid"));
            assert!(format!("{refusal:?}").contains(field), "{refusal:?}");
        }
    }
}
