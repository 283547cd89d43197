//! What is heard of a new alert: two tones thrice for a critical one, a tick for a high one; off until somebody switches it on.
//! The choice is this browser's; nothing is heard before a hand has touched the page, which browsers demand too.

use std::cell::RefCell;

use leptos::prelude::*;
use shared::camera_alert::{AlertStatus, CameraAlert, Severity};
use wasm_bindgen::JsValue;
use web_sys::{AudioContext, OscillatorType};

use super::feed::AlertFeed;
use crate::stored;
use crate::t;
use crate::ui::Icon;

const STORAGE_KEY: &str = "ioc.alert-sound";
/// Quiet beside people who telephone.
const LOUDNESS: f32 = 0.12;

thread_local! {
    /// One for the page: browsers allow few.
    static SPEAKER: RefCell<Option<AudioContext>> = const { RefCell::new(None) };
}

/// A tone, seconds from now and long, and its pitch.
type Tone = (f64, f64, f32);

/// Two tones, thrice.
const ALARM: [Tone; 6] =
    [(0.0, 0.18, 880.0), (0.2, 0.18, 660.0), (0.6, 0.18, 880.0), (0.8, 0.18, 660.0), (1.2, 0.18, 880.0), (1.4, 0.18, 660.0)];
const TICK: [Tone; 1] = [(0.0, 0.05, 1200.0)];

/// The gravest of what has come and nobody has taken: one sound for a burst.
fn gravest<'a>(known: &[i64], alerts: impl Iterator<Item = &'a CameraAlert>) -> Option<Severity> {
    let is_new = |alert: &&CameraAlert| !known.contains(&alert.id) && matches!(alert.status, AlertStatus::New | AlertStatus::Assigned);
    alerts.filter(is_new).map(|alert| alert.severity).min()
}

fn tones(severity: Severity) -> &'static [Tone] {
    match severity {
        Severity::Critical => &ALARM,
        Severity::High => &TICK,
        Severity::Medium => &[],
    }
}

/// Sounds for what comes into a list; what stood there first is nothing new.
pub fn sound_for(feed: AlertFeed, is_on: RwSignal<bool>) {
    Effect::new(move |before: Option<Option<Vec<i64>>>| {
        let before = before.flatten();
        feed.answer.with(|answer| {
            let alerts = match answer {
                Some(Ok(alerts)) => alerts,
                Some(Err(_)) => return before.clone(),
                // Another list is on its way, another ward's: what stands in it first is nothing new.
                None => return None,
            };
            if let (Some(known), true) = (&before, is_on.get_untracked())
                && let Some(severity) = gravest(known, alerts.iter())
            {
                // A browser that makes no sound leaves what the eyes have.
                _ = play(tones(severity));
            }
            Some(alerts.iter().map(|alert| alert.id).collect())
        })
    });
}

fn play(tones: &[Tone]) -> Result<(), JsValue> {
    SPEAKER.with_borrow_mut(|speaker| {
        let speaker = match speaker {
            Some(speaker) => speaker,
            None => speaker.insert(AudioContext::new()?),
        };
        let now = speaker.current_time();
        for (wait, long, pitch) in tones {
            let (oscillator, gain) = (speaker.create_oscillator()?, speaker.create_gain()?);
            oscillator.set_type(OscillatorType::Sine);
            oscillator.frequency().set_value(*pitch);
            // A tone that begins or ends at once clicks.
            gain.gain().set_value_at_time(0.0, now + wait)?;
            gain.gain().linear_ramp_to_value_at_time(LOUDNESS, now + wait + 0.01)?;
            gain.gain().linear_ramp_to_value_at_time(0.0, now + wait + long)?;
            oscillator.connect_with_audio_node(&gain)?;
            gain.connect_with_audio_node(&speaker.destination())?;
            oscillator.start_with_when(now + wait)?;
            oscillator.stop_with_when(now + wait + long)?;
        }
        Ok(())
    })
}

/// Whether sound is on in this browser.
pub fn kept_sound() -> bool {
    stored::kept(STORAGE_KEY).as_deref() == Some("on")
}

/// Switching on lets it be heard at once, which is also the touch that browsers wait for.
#[component]
pub fn SoundSwitch(is_on: RwSignal<bool>) -> impl IntoView {
    let toggle = move |_| {
        let on = !is_on.get_untracked();
        is_on.set(on);
        stored::keep(STORAGE_KEY, if on { "on" } else { "off" });
        if on {
            _ = play(&TICK);
        }
    };
    let label = move || if is_on.get() { t!("sound-off") } else { t!("sound-on") };
    let icon = Signal::derive(move || if is_on.get() { "speaker-high" } else { "speaker-slash" });
    view! {
        <button type="button" class="button quiet icon-only" data-testid="sound" aria-pressed=move || is_on.get().to_string() title=label aria-label=label on:click=toggle>
            <Icon name=icon/>
        </button>
    }
}

#[cfg(test)]
mod tests {
    use super::super::sample::alert;
    use super::*;

    #[test]
    fn a_burst_makes_one_sound_and_what_is_taken_none() {
        use {AlertStatus::New, AlertStatus::Taken, Severity::Critical, Severity::High, Severity::Medium};
        let alerts =
            [alert(1, 0, 1, Critical, New), alert(2, 0, 1, High, New), alert(3, 0, 1, Medium, New), alert(4, 0, 1, Critical, Taken)];
        assert_eq!(gravest(&[], alerts.iter()), Some(Critical));
        assert_eq!(gravest(&[1], alerts.iter()), Some(High));
        assert_eq!(gravest(&[1, 2], alerts.iter()), Some(Medium));
        assert_eq!(gravest(&[1, 2, 3], alerts.iter()), None);
        assert!(tones(Medium).is_empty());
        assert_eq!(tones(Critical).len(), 6);
    }
}
