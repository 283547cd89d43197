//! The ward itself on the screens: its areas, finding things, layers, and the cards of the base map.
//! How the map is drawn is in `map`; households and the rest have their own folders.

mod base_cards;
mod card_row;
mod chosen;
mod in_view;
mod layer_details;
mod layer_filters;
mod layer_legend;
mod layer_list;
mod recent;
mod search;
mod search_entries;
mod search_results;
mod ward;
mod ward_chooser;

pub use base_cards::{AreaCard, BuildingCard, PlaceCard, RoadCard};
pub use card_row::row_behind;
pub(crate) use card_row::{as_row, said};
pub use layer_details::LayerDetails;
pub use layer_legend::LayerLegend;
pub use layer_list::LayerList;
pub use recent::Recent;
pub use search::SearchBox;
pub use ward::{DemoMark, Ward, WardName, ward};
pub use ward_chooser::{Beside, WardChooser, WorkArea};
