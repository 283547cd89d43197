//! Which alerts a list shows: as an officer chooses, as the page's address keeps it, as the server is asked.
//! Whether the caller may see them is the server's decision.

use chrono::{DateTime, Utc};
use shared::camera_alert::{AlertKind, AlertOutcome, AlertStatus, CameraAlert, Severity};
use shared::layer::Layer;

use crate::map::Filters;

/// How far an alert has come, as officers divide them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Standing {
    /// Not closed.
    #[default]
    NeedsAction,
    Unclaimed,
    Mine,
    Closed,
    All,
}

impl Standing {
    pub const ALL: [Standing; 5] = [Standing::NeedsAction, Standing::Unclaimed, Standing::Mine, Standing::Closed, Standing::All];

    pub fn name(self) -> &'static str {
        match self {
            Standing::NeedsAction => "open",
            Standing::Unclaimed => "unclaimed",
            Standing::Mine => "mine",
            Standing::Closed => "closed",
            Standing::All => "all",
        }
    }

    fn statuses(self) -> &'static str {
        match self {
            Standing::NeedsAction | Standing::Mine => "new,taken,assigned",
            Standing::Unclaimed => "new,assigned",
            Standing::Closed => "closed",
            Standing::All => "",
        }
    }

    /// Whether an alert is in this part of a list that the door has cut already. `me`: who looks at it.
    pub fn is_part(self, alert: &CameraAlert, me: Option<i64>) -> bool {
        match self {
            Standing::Unclaimed => matches!(alert.status, AlertStatus::New | AlertStatus::Assigned),
            Standing::Mine => alert.handler_id.is_some() && alert.handler_id == me,
            Standing::NeedsAction | Standing::Closed | Standing::All => true,
        }
    }
}

/// What becomes of the alerts that a shelf leaves out now.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Shelved {
    /// As the room does it; how many they are is said above the list.
    #[default]
    Without,
    Any,
    Only,
}

impl Shelved {
    /// As the list's door knows it.
    pub fn name(self) -> &'static str {
        match self {
            Shelved::Without => "without",
            Shelved::Any => "any",
            Shelved::Only => "only",
        }
    }
}

/// From when, and until before when.
pub type Times = (DateTime<Utc>, DateTime<Utc>);

#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AlertFilters {
    pub standing: Standing,
    pub kinds: Vec<AlertKind>,
    pub severities: Vec<Severity>,
    pub outcomes: Vec<AlertOutcome>,
    pub camera: Option<i64>,
    pub area: Option<i64>,
    /// Begun at or after.
    pub since: Option<DateTime<Utc>>,
    /// Begun before.
    pub until: Option<DateTime<Utc>>,
    pub overdue: bool,
    pub shelved: Shelved,
    /// Part of a code, or words of a camera's name.
    pub words: String,
}

impl AlertFilters {
    pub fn of(standing: Standing) -> AlertFilters {
        AlertFilters { standing, ..AlertFilters::default() }
    }

    /// All that began in a time, whatever has become of it since: what a bar of the day counts.
    pub fn begun_within((since, until): Times) -> AlertFilters {
        AlertFilters { since: Some(since), until: Some(until), shelved: Shelved::Any, ..AlertFilters::of(Standing::All) }
    }

    /// The same within a ward, where one is chosen; an area that was chosen in it is narrower and holds.
    pub fn in_ward(self, ward: Option<i32>) -> AlertFilters {
        AlertFilters { area: self.area.or(ward.map(i64::from)), ..self }
    }

    /// The time that somebody has brushed, which has two ends.
    pub fn times(&self) -> Option<Times> {
        self.since.zip(self.until)
    }

    /// How many conditions there are besides the standing and the words, which stand in sight.
    pub fn count(&self) -> usize {
        [
            !self.kinds.is_empty(),
            !self.severities.is_empty(),
            !self.outcomes.is_empty(),
            self.camera.is_some(),
            self.area.is_some(),
            self.since.is_some() || self.until.is_some(),
            self.overdue,
            self.shelved == Shelved::Only,
        ]
        .into_iter()
        .filter(|is_set| *is_set)
        .count()
    }

    /// As the page's address has them: `standing:mine;kind:theft,crowd`. Nothing for what a page opens with.
    pub fn written(&self) -> String {
        let names = |names: Vec<&str>| names.join(",");
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let standing = if self.standing == Standing::default() { "" } else { self.standing.name() };
        let fields = [
            ("standing", standing.to_owned()),
            ("kind", names(self.kinds.iter().map(|kind| kind.name()).collect())),
            ("severity", names(self.severities.iter().map(|severity| severity.name()).collect())),
            ("outcome", names(self.outcomes.iter().map(|outcome| outcome.name()).collect())),
            ("camera", number(self.camera)),
            ("area", number(self.area)),
            ("since", number(self.since.map(|at| at.timestamp()))),
            ("until", number(self.until.map(|at| at.timestamp()))),
            ("overdue", if self.overdue { "yes".to_owned() } else { String::new() }),
            ("shelved", if self.shelved == Shelved::default() { String::new() } else { self.shelved.name().to_owned() }),
            ("words", escaped(self.words.trim())),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        fields.map(|(name, value)| format!("{name}:{value}")).collect::<Vec<_>>().join(";")
    }

    /// Reads what [`AlertFilters::written`] wrote; what makes no sense is left out.
    pub fn read(text: &str) -> AlertFilters {
        let mut filters = AlertFilters::default();
        for (name, value) in text.split(';').filter_map(|field| field.split_once(':')) {
            let moment = || value.parse().ok().and_then(|seconds| DateTime::from_timestamp(seconds, 0));
            match name {
                "standing" => filters.standing = Standing::ALL.into_iter().find(|standing| standing.name() == value).unwrap_or_default(),
                "kind" => filters.kinds = value.split(',').filter_map(AlertKind::from_name).collect(),
                "severity" => filters.severities = value.split(',').filter_map(Severity::from_name).collect(),
                "outcome" => {
                    filters.outcomes = AlertOutcome::ALL.into_iter().filter(|of| value.split(',').any(|name| name == of.name())).collect()
                }
                "camera" => filters.camera = value.parse().ok(),
                "area" => filters.area = value.parse().ok(),
                "since" => filters.since = moment(),
                "until" => filters.until = moment(),
                "overdue" => filters.overdue = value == "yes",
                "shelved" => {
                    filters.shelved = [Shelved::Any, Shelved::Only].into_iter().find(|shelved| shelved.name() == value).unwrap_or_default()
                }
                "words" => filters.words = unescaped(value),
                _ => {}
            }
        }
        filters
    }

    /// As the list's door is asked: `status=new,assigned&kind=theft`.
    pub fn query(&self) -> String {
        let names = |names: Vec<&str>| names.join(",");
        let moment = |at: Option<DateTime<Utc>>| at.map(|at| at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)).unwrap_or_default();
        let number = |number: Option<i64>| number.map(|number| number.to_string()).unwrap_or_default();
        let yes = |is_so: bool| if is_so { "true".to_owned() } else { String::new() };
        let fields = [
            ("status", self.standing.statuses().to_owned()),
            ("mine", yes(self.standing == Standing::Mine)),
            ("kind", names(self.kinds.iter().map(|kind| kind.name()).collect())),
            ("severity", names(self.severities.iter().map(|severity| severity.name()).collect())),
            ("outcome", names(self.outcomes.iter().map(|outcome| outcome.name()).collect())),
            ("camera", number(self.camera)),
            ("area", number(self.area)),
            ("since", moment(self.since)),
            ("until", moment(self.until)),
            ("overdue", yes(self.overdue)),
            ("shelved", if self.shelved == Shelved::Any { String::new() } else { self.shelved.name().to_owned() }),
            ("words", percent_encoded(self.words.trim())),
        ];
        let fields = fields.into_iter().filter(|(_, value)| !value.is_empty());
        fields.map(|(name, value)| format!("{name}={value}")).collect::<Vec<_>>().join("&")
    }

    /// The same alerts on the map, as far as tiles can be asked for them: of times, words and shelves they know nothing.
    pub fn on_map(&self, filters: &mut Filters) {
        let statuses = match self.standing {
            Standing::All => AlertStatus::ALL.map(AlertStatus::name).join(","),
            standing => standing.statuses().to_owned(),
        };
        filters.clear(Layer::CameraAlert);
        filters.set(Layer::CameraAlert, "status", &statuses);
        filters.set(Layer::CameraAlert, "kind", &self.kinds.iter().map(|kind| kind.name()).collect::<Vec<_>>().join(","));
        filters.set(Layer::CameraAlert, "severity", &self.severities.iter().map(|of| of.name()).collect::<Vec<_>>().join(","));
        filters.set(Layer::CameraAlert, "camera_id", &self.camera.map(|id| id.to_string()).unwrap_or_default());
    }
}

/// A value where it is not there yet, else without it.
pub fn toggled<T: PartialEq + Copy>(values: &[T], value: T) -> Vec<T> {
    let mut values = values.to_vec();
    match values.iter().position(|known| *known == value) {
        Some(at) => _ = values.remove(at),
        None => values.push(value),
    }
    values
}

/// Letters and digits as they are, every other byte with `mark` before it: `%` for a query, `~` within a field of the page's own,
/// whose reader turns `%3B` back too early.
fn marked(text: &str, mark: char) -> String {
    let mut written = String::with_capacity(text.len());
    for byte in text.bytes() {
        if byte.is_ascii_alphanumeric() {
            written.push(char::from(byte));
        } else {
            written.push_str(&format!("{mark}{byte:02X}"));
        }
    }
    written
}

pub fn percent_encoded(text: &str) -> String {
    marked(text, '%')
}

fn escaped(text: &str) -> String {
    marked(text, '~')
}

fn unescaped(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        if byte != b'~' {
            bytes.push(byte);
            continue;
        }
        let digit = |byte: Option<u8>| byte.and_then(|byte| char::from(byte).to_digit(16));
        if let (Some(high), Some(low)) = (digit(rest.next()), digit(rest.next())) {
            bytes.push((high * 16 + low) as u8);
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_written_is_read_back() {
        let filters = AlertFilters {
            standing: Standing::Closed,
            kinds: vec![AlertKind::Theft, AlertKind::FireOrSmoke],
            severities: vec![Severity::Critical],
            outcomes: vec![AlertOutcome::Handled, AlertOutcome::Duplicate],
            camera: Some(7),
            area: Some(3),
            since: DateTime::from_timestamp(1_763_800_200, 0),
            until: DateTime::from_timestamp(1_763_801_100, 0),
            overdue: true,
            shelved: Shelved::Only,
            words: "ngã tư; Nhổn: 34/6 ~%".to_owned(),
        };
        let written = filters.written();
        assert!(written.chars().all(|letter| letter.is_ascii_alphanumeric() || ":;,_~-".contains(letter)), "{written}");
        assert_eq!(AlertFilters::read(&written), filters);
    }

    #[test]
    fn what_a_page_opens_with_is_not_written_and_nonsense_is_left_out() {
        assert_eq!(AlertFilters::default().written(), "");
        assert_eq!(AlertFilters::read(""), AlertFilters::default());
        assert_eq!(AlertFilters::read("standing:x;kind:thef;since:soon;camera:C07;words:~4;weather:rain"), AlertFilters::default());
    }

    #[test]
    fn the_server_is_asked_for_what_the_officer_chose() {
        assert_eq!(AlertFilters::default().query(), "status=new,taken,assigned&shelved=without");
        assert_eq!(AlertFilters::of(Standing::Mine).query(), "status=new,taken,assigned&mine=true&shelved=without");
        let of = |shelved| AlertFilters { shelved, ..AlertFilters::of(Standing::Unclaimed) };
        assert_eq!(of(Shelved::Only).query(), "status=new,assigned&shelved=only");
        assert_eq!(of(Shelved::Any).query(), "status=new,assigned", "shelved or not");
        assert_eq!(AlertFilters::read(&of(Shelved::Any).written()), of(Shelved::Any));
        assert_eq!(AlertFilters::read("shelved:without"), AlertFilters::default(), "as earlier addresses said it");
        let filters = AlertFilters {
            standing: Standing::All,
            kinds: vec![AlertKind::Crowd],
            since: DateTime::from_timestamp(1_763_800_200, 0),
            words: "chợ".to_owned(),
            ..AlertFilters::default()
        };
        assert_eq!(filters.query(), "kind=crowd&since=2025-11-22T08:30:00Z&shelved=without&words=ch%E1%BB%A3");
    }

    #[test]
    fn a_chosen_ward_cuts_what_is_not_cut_to_a_part_of_it() {
        assert!(AlertFilters::default().in_ward(Some(7)).query().split('&').any(|field| field == "area=7"));
        let in_part = AlertFilters { area: Some(71), ..AlertFilters::default() };
        assert_eq!(in_part.clone().in_ward(Some(7)), in_part);
        assert_eq!(AlertFilters::default().in_ward(None), AlertFilters::default());
    }

    #[test]
    fn a_brushed_time_asks_for_all_that_its_bars_count() {
        let times = DateTime::from_timestamp(1_763_800_200, 0).zip(DateTime::from_timestamp(1_763_801_100, 0)).unwrap();
        let filters = AlertFilters::begun_within(times);
        assert_eq!(filters.query(), "since=2025-11-22T08:30:00Z&until=2025-11-22T08:45:00Z", "closed and shelved ones too");
        assert_eq!(filters.times(), Some(times));
        assert_eq!(AlertFilters { until: None, ..filters }.times(), None);
    }

    #[test]
    fn what_is_closed_is_part_of_all_and_of_nothing_that_waits() {
        let of = |status| CameraAlert { handler_id: Some(7), ..super::super::sample::alert(1, 1, 1, Severity::High, status) };
        let parts = |alert: &CameraAlert| {
            [Standing::NeedsAction, Standing::Unclaimed, Standing::Mine].map(|standing| standing.is_part(alert, Some(7)))
        };
        assert_eq!(parts(&of(AlertStatus::Closed)), [true, false, true]);
        assert_eq!(parts(&of(AlertStatus::Assigned)), [true, true, true]);
        assert!(!Standing::Mine.is_part(&CameraAlert { handler_id: None, ..of(AlertStatus::New) }, None));
    }

    #[test]
    fn the_map_shows_the_same_standing_kinds_and_cameras() {
        let mut on_map = Filters::read("business.sector:G");
        AlertFilters { kinds: vec![AlertKind::Crowd], camera: Some(7), ..AlertFilters::of(Standing::Unclaimed) }.on_map(&mut on_map);
        assert_eq!(on_map.get(Layer::CameraAlert, "status"), Some("new,assigned"));
        assert_eq!(on_map.get(Layer::CameraAlert, "kind"), Some("crowd"));
        assert_eq!(on_map.get(Layer::CameraAlert, "camera_id"), Some("7"));
        assert_eq!(on_map.get(Layer::CameraAlert, "severity"), None);
        assert_eq!(on_map.get(Layer::Business, "sector"), Some("G"));
    }

    #[test]
    fn conditions_are_counted_as_the_button_says_them() {
        assert_eq!(AlertFilters::of(Standing::Mine).count(), 0);
        let now = DateTime::from_timestamp(0, 0);
        assert_eq!(AlertFilters { since: now, until: now, overdue: true, ..AlertFilters::default() }.count(), 2);
        let of = |shelved| AlertFilters { shelved, ..AlertFilters::default() }.count();
        assert_eq!((of(Shelved::Only), of(Shelved::Any)), (1, 0), "what shows more is no condition");
        assert_eq!(toggled(&[1, 2], 1), [2]);
        assert_eq!(toggled(&[1], 2), [1, 2]);
    }
}
