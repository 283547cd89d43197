//! Households and their people on the screens: the card of a household, opening it by name, the counts that everybody may have.
//! Finding a household is the search box's; whether somebody may open it, and why a reason is asked, is the server's.

mod household_card;
mod near;
mod published;
mod resident_row;
mod shades;

pub use household_card::HouseholdCard;
pub use near::NearHouseholds;
pub use published::PublishedCounts;
