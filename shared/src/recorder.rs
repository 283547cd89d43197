//! Addresses of recorders: what may be left open in one, and how it is filled in for a camera and a span of time.
//! Whether an address may be kept, and who may open it, is the server's decision.

/// So many characters an address may have.
pub const LONGEST: usize = 500;
/// What the address of a live view may leave open.
pub const OF_LIVE_VIEW: [&str; 1] = ["camera"];
/// What the address of a clip may leave open.
pub const OF_CLIP: [&str; 3] = ["camera", "start", "end"];

/// The address for a camera; `span` begins and ends in Unix seconds.
pub fn filled_in(template: &str, camera_code: &str, span: Option<(i64, i64)>) -> String {
    let (start, end) = span.map(|(start, end)| (start.to_string(), end.to_string())).unwrap_or_default();
    template.replace("{camera}", &encoded(camera_code)).replace("{start}", &start).replace("{end}", &end)
}

/// As one part of an address, RFC 3986: unreserved letters stay.
fn encoded(text: &str) -> String {
    text.bytes()
        .map(|byte| match byte {
            b'A'..=b'Z' | b'a'..=b'z' | b'0'..=b'9' | b'-' | b'.' | b'_' | b'~' => char::from(byte).to_string(),
            byte => format!("%{byte:02X}"),
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_one_part_of_the_address_whatever_stands_in_it() {
        let clip = "https://recorder.ward/{camera}/{start}-{end}.mp4";
        assert_eq!(filled_in(clip, "C 01/Đ", Some((5, 45))), "https://recorder.ward/C%2001%2F%C4%90/5-45.mp4");
        assert_eq!(filled_in("https://recorder.ward/#{camera}", "C-A1", None), "https://recorder.ward/#C-A1");
        assert_eq!(filled_in("{code}", "C1", None), "{code}", "what is no placeholder stays");
    }
}
