//! What is being edited, on the map: a handle to drag, one to turn a camera by, arrows that nudge, the old place as a ghost.
//! Which row it is, and what becomes of it, is the business of `editing`.

use leptos::ev::{KeyboardEvent, PointerEvent};
use leptos::html;
use leptos::prelude::*;
use send_wrapper::SendWrapper;
use serde_json::{Value, json};
use shared::layer::Layer;
use wasm_bindgen::prelude::*;
use web_sys::Element;

use super::library::to_js;
use super::{Ground, MapState, PointerKind, Stage, drawn, empty, rows, sketch};
use crate::lasting::Lasting;
use crate::number;
use crate::t;
use crate::text::{format, kinds};
use crate::ui::Icon;

/// One step of an arrow key; with Shift ten of them.
const STEP_M: f64 = 1.0;
const STEP_DEG: f64 = 1.0;
const SHIFT_STEPS: f64 = 10.0;
/// The handle that turns never comes closer to the one that moves, whatever the zoom: both must be hit by a finger.
const APART_PX: f64 = 56.0;
/// As far as a camera may see, in metres.
const RANGE_M: (f64, f64) = (1.0, 4999.0);

/// A thing while it is edited.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Draft {
    pub layer: Layer,
    /// Where it stood before; none: it had no place.
    pub from: Option<[f64; 2]>,
    /// Where it is to stand; none: nowhere yet.
    pub at: Option<[f64; 2]>,
    /// What it sees; none: it is no camera.
    pub looks: Option<Looks>,
}

/// What a camera sees; each none: unknown.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Looks {
    pub heading_deg: Option<f64>,
    pub field_of_view_deg: Option<f64>,
    pub range_m: Option<f64>,
}

/// What the map and `editing` know of each other.
#[derive(Clone, Copy)]
pub struct Drafting {
    /// None: nothing is edited, and a click selects.
    pub draft: Lasting<Option<Draft>>,
    /// Counts how often Enter was pressed on the map: what is there is to be kept.
    pub kept: Lasting<u32>,
    /// Where a row is held that is being dragged here from a list, in pixels of the window.
    pub held: Lasting<Option<[f64; 2]>>,
}

impl Drafting {
    pub fn nothing() -> Drafting {
        Drafting { draft: Lasting::new(None), kept: Lasting::new(0), held: Lasting::new(None) }
    }

    /// Calls `act` whenever Enter says that what is there is to be kept, as long as the surrounding owner lives.
    pub fn on_kept(&self, act: impl Fn() + 'static) {
        let kept = self.kept;
        let kept_before = StoredValue::new(kept.get_untracked());
        Effect::new(move |_| {
            let kept = kept.get();
            if kept_before.get_value() != kept {
                kept_before.set_value(kept);
                act();
            }
        });
    }

    pub fn put(&self, at: Option<[f64; 2]>) {
        self.draft.update(|draft| {
            if let Some(draft) = draft {
                draft.at = at;
            }
        });
    }

    pub fn look(&self, change: impl FnOnce(&mut Looks)) {
        self.draft.update(|draft| {
            if let Some(looks) = draft.as_mut().and_then(|draft| draft.looks.as_mut()) {
                change(looks);
            }
        });
    }
}

/// What a pointer holds.
#[derive(Debug, Clone, Copy, PartialEq)]
enum Grip {
    Place,
    /// The direction; and the range as well, where the handle stands as far out as the camera sees.
    View {
        with_range: bool,
    },
}

/// The handles, over the map, for as long as something is edited.
#[component]
pub fn Handles() -> impl IntoView {
    let (state, Ground { stage, ready }): (MapState, Ground) = (expect_context(), expect_context());
    let drafting = state.drafting;
    let active = Memo::new(move |_| drafting.draft.with(Option::is_some));
    let layer: NodeRef<html::Div> = NodeRef::new();
    let point: NodeRef<html::Button> = NodeRef::new();
    draw(state);
    take_clicks(state, active, point);
    take_what_is_held(state, stage, layer);
    nudge_by_arrows(state, active);
    // Arrows work at once, and a screen reader says what they do.
    Effect::new(move |_| {
        if let Some(point) = point.get() {
            _ = point.focus();
        }
    });

    let placed = Memo::new(move |_| {
        ready.track();
        state.glide.track();
        let draft = drafting.draft.get()?;
        let at = pixel_of(stage, draft.at?)?;
        Some((draft, at))
    });
    let at_place = move || placed.get().map_or_else(|| "none".to_owned(), |(_, at)| translate(at));
    let turning = Memo::new(move |_| {
        let (draft, at) = placed.get()?;
        let looks = draft.looks?;
        let heading = looks.heading_deg.unwrap_or(0.0);
        let edge = pixel_of(stage, shifted(draft.at?, heading, looks.range_m.unwrap_or(rows::ASSUMED_RANGE_M)))?;
        Some((looks, apart(at, edge)))
    });
    let at_view = move || turning.get().map_or_else(|| "none".to_owned(), |(_, (at, _))| translate(at));

    let grip = StoredValue::new(None::<(Grip, [f64; 2])>);
    let take = move |event: PointerEvent, held: Grip, at: [f64; 2]| {
        if let Some(handle) = event.current_target().and_then(|target| target.dyn_into::<Element>().ok()) {
            // Without capture a quick finger leaves the handle behind.
            _ = handle.set_pointer_capture(event.pointer_id());
        }
        let pointer = in_layer(layer, f64::from(event.client_x()), f64::from(event.client_y()));
        grip.set_value(Some((held, [pointer[0] - at[0], pointer[1] - at[1]])));
    };
    let drag = move |event: PointerEvent| {
        let (Some((held, offset)), Some(draft)) = (grip.get_value(), drafting.draft.get_untracked()) else { return };
        let [x, y] = in_layer(layer, f64::from(event.client_x()), f64::from(event.client_y()));
        let Some(place) = place_of(stage, [x - offset[0], y - offset[1]]) else { return };
        match (held, draft.at) {
            (Grip::Place, _) => drafting.put(Some(place)),
            (Grip::View { with_range }, Some(at)) => drafting.look(|looks| {
                let (heading, metres) = towards(at, place);
                looks.heading_deg = Some(heading.round() % 360.0);
                if with_range {
                    looks.range_m = Some(metres.round().clamp(RANGE_M.0, RANGE_M.1));
                }
            }),
            (Grip::View { .. }, None) => {}
        }
    };
    let release = move |_: PointerEvent| grip.set_value(None);

    let take_place = move |event: PointerEvent| {
        if let Some((_, at)) = placed.get_untracked() {
            take(event, Grip::Place, at);
        }
    };
    let take_view = move |event: PointerEvent| {
        if let Some((_, (at, is_true))) = turning.get_untracked() {
            take(event, Grip::View { with_range: is_true }, at);
        }
    };
    let icon = Signal::derive(move || drafting.draft.with(|draft| draft.map_or("map-pin", |draft| kinds::layer_icon(draft.layer))));
    let kind = move || drafting.draft.with(|draft| draft.map_or("", |draft| draft.layer.name()));
    let heading = move || turning.get().and_then(|(looks, _)| looks.heading_deg);
    let heading_words =
        move || heading().map_or_else(|| t!("unknown"), |heading| format!("{heading:.0}°, {}", format::compass(heading as f32)));
    view! {
        <div class="draft-layer" node_ref=layer>
            <Show when=move || turning.with(Option::is_some)>
                <div
                    class="draft-handle draft-view"
                    role="slider"
                    tabindex="0"
                    data-testid="draft-view"
                    aria-label=move || t!("edit-turn-handle")
                    aria-valuemin="0"
                    aria-valuemax="359"
                    aria-valuenow=move || heading().map(|heading| format!("{heading:.0}"))
                    aria-valuetext=heading_words
                    style:transform=at_view
                    on:pointerdown=take_view
                    on:pointermove=drag
                    on:pointerup=release
                    on:pointercancel=release
                >
                    <Icon name="arrow-counter-clockwise"/>
                </div>
            </Show>
            <Show when=move || placed.with(Option::is_some)>
                <button
                    type="button"
                    class="draft-handle draft-point"
                    node_ref=point
                    data-testid="draft-point"
                    data-layer=kind
                    aria-label=move || t!("edit-move-handle")
                    style:transform=at_place
                    on:pointerdown=take_place
                    on:pointermove=drag
                    on:pointerup=release
                    on:pointercancel=release
                >
                    <Icon name=icon/>
                </button>
            </Show>
        </div>
    }
}

/// Ghost, way and view, drawn by the map itself; the handles are elements of the page.
fn draw(state: MapState) {
    let draft = state.drafting.draft;
    Effect::new(move |_| {
        if let Some(draft) = draft.get() {
            state.sketch.set(sketch(drawing(&draft)));
        }
    });
    on_cleanup(move || _ = state.sketch.try_set(empty()));
}

fn drawing(draft: &Draft) -> Vec<Value> {
    let mut features = Vec::new();
    let Some(at) = draft.at else { return features };
    if let Some(looks) = draft.looks {
        let outline = rows::view_outline(at, looks.heading_deg, looks.field_of_view_deg, looks.range_m);
        features.push(drawn("Polygon", json!([outline]), "", None));
    }
    if let Some(from) = draft.from.filter(|from| *from != at) {
        features.push(drawn("LineString", json!([from, at]), "ghost", None));
        features.push(drawn("Point", json!(from), "ghost", None));
    }
    features
}

/// While something is edited a click puts it there, and selects nothing.
fn take_clicks(state: MapState, active: Memo<bool>, point: NodeRef<html::Button>) {
    Effect::new(move |_| {
        if active.get() {
            state.on_pointer(move |pointer| {
                if pointer.kind == PointerKind::Click {
                    state.drafting.put(Some(pointer.place));
                    // The click has given the keys to the map, which would pan by them.
                    request_animation_frame(move || _ = point.get_untracked().map(|point| point.focus()));
                }
                matches!(pointer.kind, PointerKind::Click | PointerKind::DoubleClick)
            });
        }
    });
}

/// What is dragged here from a list stands under the pointer, and nowhere while the pointer is not over the map.
fn take_what_is_held(state: MapState, stage: Stage, layer: NodeRef<html::Div>) {
    Effect::new(move |_| {
        let Some([x, y]) = state.drafting.held.get() else { return };
        let below = document().element_from_point(x as f32, y as f32);
        let is_map = below.is_some_and(|element| element.closest(".map-area").is_ok_and(|found| found.is_some()));
        let place = if is_map { place_of(stage, in_layer(layer, x, y)) } else { None };
        state.drafting.put(place);
    });
}

/// Arrows move by a metre or turn by a degree, Enter keeps; wherever on the map the keys go, but never out of a field.
fn nudge_by_arrows(state: MapState, active: Memo<bool>) {
    Effect::new(move |_| {
        if !active.get() {
            return;
        }
        let on_key: Closure<dyn FnMut(KeyboardEvent)> = Closure::new(move |event: KeyboardEvent| {
            let Some(target) = event.target().and_then(|target| target.dyn_into::<Element>().ok()) else { return };
            let turns = target.class_list().contains("draft-view");
            let is_ours = turns || target.class_list().contains("draft-point") || matches!(&*target.tag_name(), "CANVAS" | "BODY");
            if is_ours && !event.alt_key() && !event.ctrl_key() && !event.meta_key() && heed(state, &event.key(), event.shift_key(), turns)
            {
                event.prevent_default();
                event.stop_propagation();
            }
        });
        let window = window();
        // Before the map, which would pan.
        _ = window.add_event_listener_with_callback_and_bool("keydown", on_key.as_ref().unchecked_ref(), true);
        let on_key = SendWrapper::new(on_key);
        on_cleanup(move || {
            let window = leptos::prelude::window();
            _ = window.remove_event_listener_with_callback_and_bool("keydown", on_key.as_ref().unchecked_ref(), true);
        });
    });
}

/// Whether the key meant something here.
fn heed(state: MapState, key: &str, shift: bool, turns: bool) -> bool {
    let drafting = state.drafting;
    let steps = if shift { SHIFT_STEPS } else { 1.0 };
    if key == "Enter" {
        drafting.kept.update(|kept| *kept += 1);
        return true;
    }
    if turns {
        let turn = |degrees: f64| {
            drafting.look(|looks| looks.heading_deg = Some((looks.heading_deg.unwrap_or(0.0) + degrees * steps).rem_euclid(360.0)));
        };
        let reach = |metres: f64| {
            drafting.look(|looks| {
                let range = looks.range_m.unwrap_or(rows::ASSUMED_RANGE_M) + metres * steps;
                looks.range_m = Some(range.clamp(RANGE_M.0, RANGE_M.1));
            });
        };
        match key {
            "ArrowLeft" => turn(-STEP_DEG),
            "ArrowRight" => turn(STEP_DEG),
            "ArrowUp" => reach(STEP_M),
            "ArrowDown" => reach(-STEP_M),
            _ => return false,
        }
        return true;
    }
    let bearing = match key {
        "ArrowUp" => 0.0,
        "ArrowRight" => 90.0,
        "ArrowDown" => 180.0,
        "ArrowLeft" => 270.0,
        _ => return false,
    };
    if let Some(at) = drafting.draft.with_untracked(|draft| draft.and_then(|draft| draft.at)) {
        // Up is up on the screen, whichever way the map is turned.
        let turned = state.view.with_untracked(|view| view.map_or(0.0, |view| view.bearing));
        drafting.put(Some(shifted(at, bearing + turned, STEP_M * steps)));
    }
    true
}

pub(super) fn pixel_of(stage: Stage, place: [f64; 2]) -> Option<[f64; 2]> {
    let pixel = stage.try_with_value(|surface| surface.as_ref().map(|surface| surface.map.project(&to_js(&json!(place)))))??;
    Some([pixel.x(), pixel.y()])
}

fn place_of(stage: Stage, pixel: [f64; 2]) -> Option<[f64; 2]> {
    let place = stage.try_with_value(|surface| surface.as_ref().map(|surface| surface.map.unproject(&to_js(&json!(pixel)))))??;
    Some([place.lng(), place.lat()])
}

/// Pixels of the window as pixels of the map.
fn in_layer(layer: NodeRef<html::Div>, x: f64, y: f64) -> [f64; 2] {
    let corner = layer.get_untracked().map(|layer| layer.get_bounding_client_rect());
    corner.map_or([x, y], |corner| [x - corner.left(), y - corner.top()])
}

pub(super) fn translate([x, y]: [f64; 2]) -> String {
    format!("translate({x:.1}px, {y:.1}px)")
}

/// Where the turning handle stands, and whether that is where the view ends: too close to the other handle it stands further out.
fn apart(from: [f64; 2], to: [f64; 2]) -> ([f64; 2], bool) {
    let (across, down) = (to[0] - from[0], to[1] - from[1]);
    let length = across.hypot(down);
    if length >= APART_PX {
        return (to, true);
    }
    let (across, down) = if length > 0.01 { (across / length, down / length) } else { (0.0, -1.0) };
    ([from[0] + across * APART_PX, from[1] + down * APART_PX], false)
}

/// The place so many metres away in a direction (from north, clockwise); exact to a hand's breadth over a camera's range.
fn shifted([lon, lat]: [f64; 2], bearing_deg: f64, metres: f64) -> [f64; 2] {
    let (east, north) = (number::sin(bearing_deg.to_radians()) * metres, number::cos(bearing_deg.to_radians()) * metres);
    [lon + east / (rows::METRES_PER_DEGREE * number::cos(lat.to_radians())), lat + north / rows::METRES_PER_DEGREE]
}

/// In which direction (from north, clockwise) and how many metres away the other place lies.
fn towards([lon, lat]: [f64; 2], [to_lon, to_lat]: [f64; 2]) -> (f64, f64) {
    let east = (to_lon - lon) * rows::METRES_PER_DEGREE * number::cos(lat.to_radians());
    let north = (to_lat - lat) * rows::METRES_PER_DEGREE;
    (number::atan2(east, north).to_degrees().rem_euclid(360.0), east.hypot(north))
}

#[cfg(test)]
mod tests {
    use super::*;

    const HERE: [f64; 2] = [105.742, 21.043];

    #[test]
    fn a_step_is_as_long_as_it_says_and_leads_back() {
        for bearing in [0.0, 37.0, 90.0, 180.0, 301.5] {
            let there = shifted(HERE, bearing, 10.0);
            assert!((super::super::ground::distance_m(HERE, there) - 10.0).abs() < 0.01);
            let (back, metres) = towards(HERE, there);
            assert!((back - bearing).abs() < 1e-6 && (metres - 10.0).abs() < 1e-6, "{bearing}: {back}, {metres} m");
        }
    }

    #[test]
    fn handles_stay_apart_and_the_far_one_is_true_only_where_the_view_ends() {
        assert_eq!(apart([100.0, 100.0], [300.0, 100.0]), ([300.0, 100.0], true));
        assert_eq!(apart([100.0, 100.0], [110.0, 100.0]), ([100.0 + APART_PX, 100.0], false));
        assert_eq!(apart([100.0, 100.0], [100.0, 100.0]), ([100.0, 100.0 - APART_PX], false));
    }

    #[test]
    fn a_moved_thing_leaves_a_ghost_and_a_still_one_none() {
        let draft = Draft { layer: Layer::Place, from: Some(HERE), at: Some(HERE), looks: None };
        assert!(drawing(&draft).is_empty());
        let moved = Draft { at: Some(shifted(HERE, 90.0, 5.0)), ..draft };
        assert_eq!(drawing(&moved).len(), 2);
        let camera = Draft { looks: Some(Looks::default()), ..moved };
        assert_eq!(drawing(&camera)[0]["geometry"]["type"], "Polygon");
        assert!(drawing(&Draft { at: None, ..moved }).is_empty(), "what stands nowhere is not drawn");
    }
}
