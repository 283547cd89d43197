//! Addresses of recorders: what may be kept as one, and how it is filled in for a camera and a span of time.
//! It deliberately asks no recorder anything; whether the address answers is the browser's to find out.

use axum::http::StatusCode;
use chrono::{DateTime, TimeDelta, Utc};
use shared::camera::EditRecorderLinks;
use shared::recorder::{LONGEST, OF_CLIP, OF_LIVE_VIEW, filled_in};

use crate::geography::editing::invalid;
use crate::platform::error::{ApiError, ApiResult};

/// A clip shows a little of what went before and came after.
const AROUND: TimeDelta = TimeDelta::seconds(5);
/// Of an alert that says no end.
const USUAL_LENGTH: TimeDelta = TimeDelta::seconds(30);
/// Parameters that give a secret away, as recorders commonly call them.
const SECRETS: [&str; 10] = ["password", "passwd", "pass", "pwd", "token", "access_token", "key", "apikey", "api_key", "secret"];

/// The links as they are kept: trimmed, without a secret, to hosts that the settings name, with placeholders that can be filled in.
pub fn check(links: EditRecorderLinks, hosts: &[String]) -> ApiResult<EditRecorderLinks> {
    let check = |field: &str, text: Option<String>, known: &[&str]| -> ApiResult<Option<String>> {
        let Some(text) = text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty()) else { return Ok(None) };
        check_address(field, &text, hosts, known)?;
        Ok(Some(text))
    };
    Ok(EditRecorderLinks {
        live_view: check("live_view", links.live_view, &OF_LIVE_VIEW)?,
        clip: check("clip", links.clip, &OF_CLIP)?,
        also_alike: links.also_alike,
    })
}

/// Codes: `edit.invalid`, `cameras.recorder_secret`, `cameras.recorder_host`. What is said begins with the field's name, so that a
/// form can say it there.
fn check_address(field: &str, text: &str, hosts: &[String], known: &[&str]) -> ApiResult<()> {
    // A backslash is a slash to browsers, and would move the host's end.
    let is_odd = |letter: char| letter.is_whitespace() || letter.is_control() || letter == '\\';
    if text.chars().count() > LONGEST || text.chars().any(is_odd) {
        return Err(invalid(field, "must be an address of at most 500 characters, without spaces or backslashes"));
    }
    let Some(authority) = authority(text) else {
        return Err(invalid(field, "must begin with https:// or http://, a host and a slash"));
    };
    if authority.contains('@') || names_secret(text) {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "cameras.recorder_secret",
            format!("{field} holds a user, password or token; whoever opens it would read that. Let the recorder ask for it"),
        ));
    }
    if !is_known_host(&authority, hosts) {
        return Err(ApiError::new(
            StatusCode::UNPROCESSABLE_ENTITY,
            "cameras.recorder_host",
            format!("{field} leads to {authority}, which IOC_RECORDER_HOSTS does not name; add it there, or correct the address"),
        ));
    }
    let mut rest = text;
    while let Some(begin) = rest.find(['{', '}']) {
        let name = rest[begin..].strip_prefix('{').and_then(|inner| inner.split_once('}'));
        match name {
            Some((name, after)) if known.contains(&name) => rest = after,
            _ => {
                return Err(invalid(
                    field,
                    &format!("takes only {}", known.iter().map(|name| format!("{{{name}}}")).collect::<Vec<_>>().join(", ")),
                ));
            }
        }
    }
    Ok(())
}

/// Host and port, in small letters; none where it is no address, or the host is not followed by a path.
fn authority(text: &str) -> Option<String> {
    let after = text.strip_prefix("https://").or_else(|| text.strip_prefix("http://"))?;
    let (authority, _) = after.split_once('/')?;
    let is_plain = !authority.is_empty() && !authority.contains(['?', '#', '{', '}']);
    is_plain.then(|| authority.to_lowercase())
}

fn names_secret(text: &str) -> bool {
    let query = text.split_once('?').map_or("", |(_, query)| query);
    let mut names = query.split(['&', ';', '#']).map(|pair| pair.split('=').next().unwrap_or_default().to_lowercase());
    names.any(|name| SECRETS.contains(&name.as_str()))
}

/// `recorder` stands for every port, `recorder:5000` for one.
fn is_known_host(authority: &str, hosts: &[String]) -> bool {
    let host = match authority.rsplit_once(':') {
        Some((host, port)) if port.chars().all(|digit| digit.is_ascii_digit()) => host,
        _ => authority,
    };
    hosts.iter().any(|known| known == authority || known == host)
}

/// The address for a camera; none where the settings no longer name its host.
pub fn filled(template: &str, hosts: &[String], camera_code: &str, span: Option<(DateTime<Utc>, DateTime<Utc>)>) -> Option<String> {
    if !authority(template).is_some_and(|authority| is_known_host(&authority, hosts)) {
        return None;
    }
    Some(filled_in(template, camera_code, span.map(|(start, end)| (start.timestamp(), end.timestamp()))))
}

/// What a clip of an alert shows.
pub fn span(started_at: DateTime<Utc>, ended_at: Option<DateTime<Utc>>) -> (DateTime<Utc>, DateTime<Utc>) {
    (started_at - AROUND, ended_at.unwrap_or(started_at + USUAL_LENGTH) + AROUND)
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeZone;

    fn hosts() -> Vec<String> {
        vec!["recorder.ward".into(), "10.0.0.5:5000".into()]
    }

    fn clip(text: &str) -> ApiResult<EditRecorderLinks> {
        check(EditRecorderLinks { clip: Some(text.into()), ..Default::default() }, &hosts())
    }

    #[test]
    fn an_address_is_filled_in_for_a_camera_and_a_span() {
        let kept = clip(" https://recorder.ward/api/{camera}/start/{start}/end/{end}/clip.mp4 ").unwrap().clip.unwrap();
        let at = Utc.with_ymd_and_hms(2026, 11, 22, 3, 0, 0).unwrap();
        let address = filled(&kept, &hosts(), "C 01/Đ", Some(span(at, None))).unwrap();
        assert_eq!(address, "https://recorder.ward/api/C%2001%2F%C4%90/start/1795316395/end/1795316435/clip.mp4");
        assert_eq!(filled(&kept, &[], "C01", None), None, "a host that is no longer named");
        assert_eq!(span(at, Some(at + TimeDelta::minutes(2))).1, at + TimeDelta::seconds(125));
    }

    #[test]
    fn a_secret_or_a_strange_host_is_refused() {
        for (text, code) in [
            ("https://admin:1234@recorder.ward/{camera}", "cameras.recorder_secret"),
            ("https://admin@recorder.ward/{camera}", "cameras.recorder_secret"),
            ("https://recorder.ward/{camera}?PASSWORD=1234", "cameras.recorder_secret"),
            ("https://recorder.ward/{camera}?a=1&token=x", "cameras.recorder_secret"),
            ("https://evil.example/{camera}", "cameras.recorder_host"),
            ("https://recorder.ward.evil.example/{camera}", "cameras.recorder_host"),
            ("http://10.0.0.5:5001/{camera}", "cameras.recorder_host"),
            ("https://{camera}.ward/", "edit.invalid"),
            ("https://evil.example\\@recorder.ward/{camera}", "edit.invalid"),
            ("https://evil.example?recorder.ward/{camera}", "edit.invalid"),
            ("javascript:alert(1)//recorder.ward/", "edit.invalid"),
            ("rtsp://recorder.ward/{camera}", "edit.invalid"),
            ("https://recorder.ward", "edit.invalid"),
            ("https://recorder.ward/{code}", "edit.invalid"),
            ("https://recorder.ward/{camera", "edit.invalid"),
            ("https://recorder.ward/a b", "edit.invalid"),
        ] {
            assert_eq!(clip(text).unwrap_err().code(), code, "{text}");
        }
        assert!(clip("http://10.0.0.5:5000/{camera}").is_ok() && clip("http://recorder.ward:8971/{camera}").is_ok());
    }

    #[test]
    fn a_live_view_has_no_span_and_an_empty_address_is_none() {
        let live = |text: &str| check(EditRecorderLinks { live_view: Some(text.into()), ..Default::default() }, &hosts());
        assert_eq!(live("https://recorder.ward/{camera}/{start}").unwrap_err().code(), "edit.invalid");
        assert_eq!(live("  ").unwrap(), EditRecorderLinks::default());
    }
}
