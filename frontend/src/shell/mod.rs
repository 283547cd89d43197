//! What stands around every screen: buttons on the map, the card of what is selected, the connection bar, the account menu.
//! It knows no domain's words; cards come from the domains.

mod account_menu;
mod attribution;
mod card;
mod compare;
mod connection_bar;
mod demo_control;
mod map_buttons;
mod map_tools;
mod measure;
mod opening;
mod page_commands;
mod palette;
mod place_actions;
mod print;
mod viewport;

pub use account_menu::{AccountMenu, AccountMenuContent};
pub use attribution::{MapAttribution, credits};
pub use card::{CardFrame, CardHeight, SelectedCard, card_of};
pub use connection_bar::{ConnectionBar, LiveState};
pub use demo_control::DemoControl;
pub use map_buttons::MapButtons;
pub use map_tools::{ToolButton, ToolPanel, panel_of};
pub use opening::{OpenedOnPurpose, Opening};
use page_commands::page_commands;
pub use palette::{Palette, PaletteButton, PaletteSearch, PaletteState};
pub use place_actions::{CopiedLink, PlaceActions};
pub use viewport::{Viewport, viewport};
