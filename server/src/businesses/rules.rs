//! What may be said of a business, decided from values alone.
//! It deliberately knows neither caller nor database.

use shared::business::EditBusiness;

use crate::geography::editing::{clean_text, invalid};
use crate::platform::error::ApiResult;

const LONGEST_TEXT: usize = 200;

/// The edit as it is kept: texts cleaned, codes of the Vietnamese classification in their shape.
pub fn check(edit: EditBusiness) -> ApiResult<EditBusiness> {
    let clean = |field: &str, text: String| clean_text(field, &text, LONGEST_TEXT);
    let name = edit.name.map(|name| clean("name", name)).transpose()?;
    let address = edit.address.map(|address| address.map(|address| clean("address", address)).transpose()).transpose()?;
    if let Some(Some(vsic)) = &edit.vsic
        && !(vsic.len() == 4 && vsic.bytes().all(|digit| digit.is_ascii_digit()))
    {
        return Err(invalid("vsic", "is a class of four digits, such as 4711"));
    }
    if let Some(sector) = &edit.sector
        && !matches!(sector.as_bytes(), [b'A'..=b'U'])
    {
        return Err(invalid("sector", "is a letter from A to U"));
    }
    Ok(EditBusiness { name, address, ..edit })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_may_be_taken_away_but_not_left_blank() {
        let edit = |address: Option<&str>| EditBusiness { address: Some(address.map(str::to_owned)), ..EditBusiness::default() };
        assert_eq!(check(edit(None)).unwrap().address, Some(None));
        assert_eq!(check(edit(Some(" "))).unwrap_err().code(), "edit.invalid");
    }

    #[test]
    fn codes_have_their_shape() {
        for vsic in ["47", "47111", "471a", "４７１１"] {
            assert!(check(EditBusiness { vsic: Some(Some(vsic.into())), ..EditBusiness::default() }).is_err(), "{vsic}");
        }
        for sector in ["", "V", "g", "GG"] {
            assert!(check(EditBusiness { sector: Some(sector.into()), ..EditBusiness::default() }).is_err(), "{sector}");
        }
        assert!(check(EditBusiness { vsic: Some(Some("4711".into())), sector: Some("G".into()), ..EditBusiness::default() }).is_ok());
    }
}
