//! The screens, one for each kind of work: what stands on them and where. The map lies under all of them.
//! What a part shows is in the folder of its domain.

mod alert_rules;
mod alerts;
mod duty;
mod figures;
mod households;
mod missing;
mod open_map;
mod operations;
mod quarantine;
mod sides;
mod tray;
mod unplaced;
mod violations;

pub use alert_rules::AlertRulesPage;
pub use alerts::AlertsPage;
pub use duty::DutyPage;
pub use households::Households;
pub use missing::MissingPage;
pub use open_map::OpenMap;
pub use operations::Operations;
pub use quarantine::QuarantinePage;
pub use unplaced::{UnplacedPage, may_place};
pub use violations::ViolationsPage;
