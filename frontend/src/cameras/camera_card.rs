//! The card of a camera: where it looks and whether it answers, read again whenever it changes.
//! The map moves the camera by itself.

use chrono::{DateTime, Utc};
use leptos::prelude::*;
use shared::camera::{Camera, CameraStatus};
use shared::layer::Layer;

use super::recorder::RecorderSection;
use super::recorder_link::RecorderButton;
use crate::editing::EditSection;
use crate::geography::{as_row, said};
use crate::http;
use crate::map::MapState;
use crate::shell::{CardFrame, PlaceActions};
use crate::t;
use crate::text::{format, kinds};
use crate::ui::{Fact, Loading, Updated, now};

#[component]
pub fn CameraCard(id: i64) -> impl IntoView {
    let state: MapState = expect_context();
    let now = now();
    let changes = state.live.changes_of(Layer::Camera.name(), id);
    let camera = LocalResource::new(move || {
        changes.track();
        async move { http::get::<Camera>(&format!("/api/cameras/{id}")).await }
    });
    let icon = Signal::derive(move || match camera.get() {
        Some(Ok(camera)) if camera.status == CameraStatus::Offline => "video-camera-slash",
        _ => "security-camera",
    });
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
            <Loading answer=camera lines=4 let:camera>
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
                {camera.has_live_view.then(|| view! {
                    <RecorderButton door=format!("/api/cameras/{id}/live-view") label=|| t!("camera-live-view") icon="eye" name="camera-live-view"/>
                })}
                <PlaceActions lon=camera.lon lat=camera.lat/>
                <Updated at=camera.updated_at/>
            </Loading>
            <RecorderSection id code=said!(camera, camera => camera.code) reload=move |()| camera.refetch()/>
            <EditSection layer=Layer::Camera id row=as_row!(camera) reload=move |()| camera.refetch()/>
        </CardFrame>
    }
}
