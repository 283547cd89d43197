//! Households and their people on the screens: the card of a household, and opening it by name.
//! Finding a household is the search box's; whether somebody may open it, and why a reason is asked, is the server's.

mod household_card;
mod near;
mod resident_row;

pub use household_card::HouseholdCard;
pub use near::NearHouseholds;
