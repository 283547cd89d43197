//! The card of a camera: where it looks and whether it answers, read again whenever it changes.
//! The map moves the camera by itself.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::camera::{Camera, CameraStatus, RECORDER_TOPIC};
use shared::layer::Layer;

use super::recorder::RecorderSection;
use super::recorder_link::RecorderButton;
use crate::editing::EditSection;
use crate::geography::{as_row, row_behind, said};
use crate::map::MapState;
use crate::shell::{CardFrame, PlaceActions};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Fact, Kept, Updated, known, now};

#[component]
pub fn CameraCard(id: i64) -> impl IntoView {
    let now = now();
    let state: MapState = expect_context();
    let row = row_behind::<Camera>(Layer::Camera, id, format!("/api/cameras/{id}"));
    state.live.on_changes(RECORDER_TOPIC, move || row.refetch());
    let camera = known(row, |_| true);
    let icon = Signal::derive(move || match camera.get() {
        Some(Ok(camera)) if camera.status == CameraStatus::Offline => "video-camera-slash",
        _ => "security-camera",
    });
    // Each part is drawn anew only when what it says changes: an address that was asked for stays while the camera says that it works.
    let shown = Memo::new(move |_| camera.get().and_then(Result::ok));
    let has_live_view = Memo::new(move |_| shown.with(|camera| camera.as_ref().is_some_and(|camera| camera.has_live_view)));
    let place = Memo::new(move |_| shown.with(|camera| camera.as_ref().map(|camera| (camera.lon, camera.lat))));
    let status = move |status: CameraStatus, since: Option<DateTime<Utc>>| {
        move || {
            let word = kinds::named("camera-status", status);
            match since {
                Some(at) => t!("status-since", status = word, time = format::since(at, now.get_untracked())),
                None => word,
            }
        }
    };
    let looks = |heading: Option<f32>| {
        move || heading.map_or_else(|| t!("unknown"), |heading| format!("{} ({heading:.0}°)", format::compass(heading)))
    };
    view! {
        <CardFrame
            layer=Layer::Camera
            icon
            title=said!(camera, camera => camera.name)
            subtitle=said!(camera, camera => format!("{} · {}", camera.code, camera.area_name))
        >
            <Kept known=camera lines=4 on_retry=Callback::new(move |()| row.refetch())>
                {move || shown.get().map(|camera| view! {
                    <dl class="facts">
                        <Fact label=Signal::derive(|| t!("status"))>
                            <span class="camera-status" data-testid="camera-status" data-status=kinds::wire_name(camera.status)>{status(camera.status, camera.status_at)}</span>
                        </Fact>
                        <Fact label=Signal::derive(|| t!("camera-looks"))>
                            {looks(camera.heading_deg)}
                        </Fact>
                        {camera.field_of_view_deg.map(|angle| view! { <Fact label=Signal::derive(|| t!("camera-angle"))><span class="num">{format!("{angle:.0}°")}</span></Fact> })}
                        {camera.range_m.map(|range| view! { <Fact label=Signal::derive(|| t!("camera-range"))><span class="num">{move || format::distance(range.into())}</span></Fact> })}
                        {camera.lon.is_none().then(|| view! { <Fact label=Signal::derive(|| t!("position"))>{move || t!("unplaced")}</Fact> })}
                    </dl>
                })}
                {move || has_live_view.get().then(|| view! {
                    <RecorderButton door=format!("/api/cameras/{id}/live-view") label=|| t!("camera-live-view") icon="eye" name="camera-live-view"/>
                })}
                {move || place.get().map(|(lon, lat)| view! { <PlaceActions lon lat/> })}
                {move || shown.get().map(|camera| view! { <Updated at=camera.updated_at/> })}
            </Kept>
            <RecorderSection id code=said!(camera, camera => camera.code) reload=move |()| row.refetch()/>
            <EditSection layer=Layer::Camera id row=as_row!(camera) reload=move |()| row.refetch()/>
        </CardFrame>
    }
}
