//! What of the register is looked at: which months, kind and area; as a query for the server, and in the page's address.
//! It deliberately stands behind the `#`: the rest of the address is the map's, on every page.

use leptos::prelude::*;
use shared::camera_alert::AlertKind;
use wasm_bindgen::JsValue;

/// A month of the ward.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub struct Month {
    pub year: i32,
    /// 1 to 12.
    pub month: u32,
}

impl Month {
    pub fn next(self) -> Month {
        if self.month == 12 { Month { year: self.year + 1, month: 1 } } else { Month { month: self.month + 1, ..self } }
    }

    pub fn before(self) -> Month {
        if self.month == 1 { Month { year: self.year - 1, month: 12 } } else { Month { month: self.month - 1, ..self } }
    }

    /// `2026-10`.
    pub fn key(self) -> String {
        format!("{}-{:02}", self.year, self.month)
    }

    pub fn read(key: &str) -> Option<Month> {
        let (year, month) = key.split_once('-')?;
        let (year, month) = (year.parse().ok()?, month.parse().ok()?);
        ((2000..=2100).contains(&year) && (1..=12).contains(&month)).then_some(Month { year, month })
    }
}

/// Which months.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum When {
    /// This month and the two before it.
    #[default]
    Lately,
    /// From this month on.
    Since(Month),
    In(Month),
}

impl When {
    /// As it stands in the address, and in the choice of months; nothing for what is usual.
    pub fn written(self) -> Option<String> {
        match self {
            When::Lately => None,
            When::Since(month) => Some(format!("since={}", month.key())),
            When::In(month) => Some(format!("month={}", month.key())),
        }
    }

    pub fn read(field: &str) -> Option<When> {
        match field.split_once('=')? {
            ("since", key) => Month::read(key).map(When::Since),
            ("month", key) => Month::read(key).map(When::In),
            _ => None,
        }
    }

    fn days(self) -> Option<String> {
        match self {
            When::Lately => None,
            When::Since(month) => Some(format!("from={}-01", month.key())),
            When::In(month) => Some(format!("from={}-01&until={}-01", month.key(), month.next().key())),
        }
    }
}

#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Choice {
    pub when: When,
    pub kind: Option<AlertKind>,
    pub area: Option<i32>,
}

impl Choice {
    /// The same within a ward, where one is chosen; an area that was chosen in it is narrower and holds.
    pub fn in_ward(self, ward: Option<i32>) -> Choice {
        Choice { area: self.area.or(ward), ..self }
    }

    /// What the doors of the register are asked by; empty, or one field or more.
    pub fn query(self) -> String {
        self.fields(self.when.days())
    }

    /// What stands behind the `#`.
    fn written(self) -> String {
        self.fields(self.when.written())
    }

    fn fields(self, when: Option<String>) -> String {
        let kind = self.kind.map(|kind| format!("kind={}", kind.name()));
        let area = self.area.map(|area| format!("area={area}"));
        when.into_iter().chain(kind).chain(area).collect::<Vec<_>>().join("&")
    }

    fn read(hash: &str) -> Choice {
        let mut choice = Choice::default();
        for field in hash.trim_start_matches('#').split('&') {
            let Some((name, value)) = field.split_once('=') else { continue };
            match name {
                "since" | "month" => choice.when = When::read(field).unwrap_or_default(),
                "kind" => choice.kind = AlertKind::from_name(value).filter(|kind| kind.is_violation()),
                "area" => choice.area = value.parse().ok(),
                _ => {}
            }
        }
        choice
    }

    /// Begins where the address says, and keeps the address true from then on.
    pub fn follow() -> RwSignal<Choice> {
        let choice = RwSignal::new(Choice::read(&window().location().hash().unwrap_or_default()));
        Effect::new(move |before: Option<Choice>| {
            let now = choice.get();
            if before.is_some_and(|before| before != now) {
                now.write();
            }
            now
        });
        choice
    }

    fn write(self) {
        let location = window().location();
        let (path, search) = (location.pathname().unwrap_or_default(), location.search().unwrap_or_default());
        let hash = Some(self.written()).filter(|fields| !fields.is_empty()).map(|fields| format!("#{fields}")).unwrap_or_default();
        if let Ok(history) = window().history() {
            _ = history.replace_state_with_url(&JsValue::NULL, "", Some(&format!("{path}{search}{hash}")));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_is_asked_for_from_its_first_day_to_the_next_ones() {
        let december = Month { year: 2026, month: 12 };
        let choice = Choice { when: When::In(december), kind: Some(AlertKind::Theft), area: Some(7) };
        assert_eq!(choice.query(), "from=2026-12-01&until=2027-01-01&kind=theft&area=7");
        assert_eq!(Choice { when: When::Since(december), ..Choice::default() }.query(), "from=2026-12-01");
        assert_eq!(Choice::default().query(), "");
        assert_eq!((december.next().before(), december.before().key()), (december, "2026-11".to_owned()));
    }

    #[test]
    fn a_chosen_ward_cuts_what_is_not_cut_to_a_part_of_it() {
        assert_eq!(Choice::default().in_ward(Some(7)).query(), "area=7");
        let in_part = Choice { area: Some(71), ..Choice::default() };
        assert_eq!(in_part.in_ward(Some(7)), in_part);
        assert_eq!(Choice::default().in_ward(None), Choice::default());
    }

    #[test]
    fn what_is_written_is_read_back() {
        let january = Month { year: 2026, month: 1 };
        for when in [When::In(january), When::Since(january), When::Lately] {
            let choice = Choice { when, kind: Some(AlertKind::FireOrSmoke), area: Some(12) };
            assert_eq!(Choice::read(&format!("#{}", choice.written())), choice);
        }
        assert_eq!(Choice::read("#panel"), Choice::default());
        assert_eq!(Choice::read("#month=2026-13&kind=x&area=y"), Choice::default());
    }
}
