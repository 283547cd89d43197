//! Takes a file's rows into the database, batch by batch: understood, placed, written, reported.
//! It deliberately never lets one row stop the others: what the database refuses in a batch is tried again row by row.

use std::collections::hash_map::Entry;
use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use sqlx::{Connection, PgConnection};

use super::columns::Columns;
use super::rows::{Body, Candidate, candidates};
use super::scope::{Found, Scope};
use super::summary::Summary;
use super::{Layer, Trouble};
use crate::boarding::list::upsert_boarding_houses;
use crate::businesses::list::upsert_businesses;
use crate::cameras::list::upsert_cameras;
use crate::geography::list::{upsert_places, upsert_roads};
use crate::geography::load::NewRoad;
use crate::geography::placing::{self, Reference, Spot, Upserted, Whereabouts, Written};
use crate::import::report::Report;
use crate::import::source::Row;
use crate::platform::secrets::Secrets;
use crate::residents::list::{ListedResident, Settled, upsert_households, upsert_residents};

pub struct Loading<'a> {
    pub layer: Layer,
    pub columns: &'a Columns,
    pub reference: Reference,
    pub scope: Scope,
    pub secrets: &'a Secrets,
    pub report: Report,
    pub summary: Summary,
    /// Line of each code of this file, by the hash of ward and code: 16 bytes for each row.
    pub seen: HashMap<u64, u64>,
    /// Households that are counted: where rows are people, one stands in several.
    pub counted: HashSet<i64>,
}

/// A row that knows where it goes.
struct Ready {
    candidate: Candidate,
    spot: Spot,
    found: Found,
    line: Option<geo_types::LineString<f64>>,
}

impl Loading<'_> {
    pub async fn take(&mut self, db: &mut PgConnection, rows: Vec<Row>) -> anyhow::Result<()> {
        let mut understood = Vec::with_capacity(rows.len());
        for row in &rows {
            self.summary.rows += 1;
            match candidates(self.layer, self.columns, row, &self.reference) {
                Ok(of_row) => understood.extend(of_row),
                Err((code, trouble)) => self.leave_out(row.line, &code, trouble)?,
            }
        }
        let mut ready = Vec::with_capacity(understood.len());
        for (candidate, here) in self.locate(db, understood).await? {
            match self.settle(db, candidate, here).await? {
                Ok(row) => {
                    if let Some(first) = self.is_repeated(&row) {
                        let detail = format!("is the code of line {first} too; the first row of a code counts");
                        let trouble = Trouble::new("duplicate_code", "code", row.candidate.code.clone(), detail);
                        self.leave_out(row.candidate.line, &row.candidate.code, trouble)?;
                    } else {
                        ready.push(row);
                    }
                }
                Err((line, code, trouble)) => self.leave_out(line, &code, trouble)?,
            }
        }
        self.write(db, ready).await
    }

    fn leave_out(&mut self, line: u64, code: &str, trouble: Trouble) -> anyhow::Result<()> {
        self.summary.left_out += 1;
        *self.summary.reasons.entry(trouble.kind).or_default() += 1;
        let reason = format!("{}: {}", trouble.kind, trouble.detail);
        self.report.left_out(line, code, &self.columns.name(trouble.field), &trouble.value, &reason)
    }

    fn note(&mut self, candidate: &Candidate) -> anyhow::Result<()> {
        for note in &candidate.notes {
            *self.summary.notes.entry(note.kind).or_default() += 1;
            let reason = format!("{}: {}", note.kind, note.detail);
            self.report.note(candidate.line, &candidate.code, &self.columns.name(note.field), &note.value, &reason)?;
        }
        Ok(())
    }

    /// Whereabouts of those that have a shape.
    async fn locate(&mut self, db: &mut PgConnection, rows: Vec<Candidate>) -> anyhow::Result<Vec<(Candidate, Option<Whereabouts>)>> {
        let ward = self.scope.only_ward().map(|ward| ward.id);
        let shapes: Vec<_> = rows.iter().filter_map(|row| row.shape.clone()).collect();
        if shapes.is_empty() {
            return Ok(rows.into_iter().map(|row| (row, None)).collect());
        }
        let mut attempt = db.begin().await?;
        let all = placing::locate(&mut attempt, &self.reference, ward, &shapes).await;
        match all {
            Ok(found) => {
                attempt.commit().await?;
                let mut found = found.into_iter();
                let with_place = |row: Candidate| {
                    let here = row.shape.as_ref().and_then(|_| found.next());
                    (row, here)
                };
                Ok(rows.into_iter().map(with_place).collect())
            }
            Err(sqlx::Error::Database(_)) => {
                attempt.rollback().await?;
                self.locate_one_by_one(db, rows, ward).await
            }
            Err(other) => Err(other.into()),
        }
    }

    /// A coordinate that PROJ cannot transform fails the whole statement: then each row is asked for by itself.
    async fn locate_one_by_one(
        &mut self,
        db: &mut PgConnection,
        rows: Vec<Candidate>,
        ward: Option<i32>,
    ) -> anyhow::Result<Vec<(Candidate, Option<Whereabouts>)>> {
        let mut located = Vec::with_capacity(rows.len());
        for row in rows {
            let Some(shape) = row.shape.clone() else {
                located.push((row, None));
                continue;
            };
            let mut attempt = db.begin().await?;
            match placing::locate(&mut attempt, &self.reference, ward, &[shape]).await {
                Ok(found) => {
                    attempt.commit().await?;
                    located.push((row, found.into_iter().next()));
                }
                Err(sqlx::Error::Database(_)) => {
                    attempt.rollback().await?;
                    let trouble = Trouble::new(
                        "bad_shape",
                        "geometry",
                        "",
                        "cannot be placed: outside what the coordinate system can hold (is the --srid right?), or a broken shape",
                    );
                    self.leave_out(row.line, &row.code, trouble)?;
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(located)
    }

    async fn settle(
        &mut self,
        db: &mut PgConnection,
        mut candidate: Candidate,
        here: Option<Whereabouts>,
    ) -> anyhow::Result<Result<Ready, (u64, String, Trouble)>> {
        let settled = match &here {
            Some(here) => self.scope.settle(here).map(|spot| (spot, Found::ByCoordinates)),
            None if self.layer == Layer::Road => Err(Trouble::missing("geometry")),
            None => self.scope.settle_by_words(db, &mut candidate).await?,
        };
        let line = here.and_then(|here| here.line);
        Ok(match settled {
            Ok(_) if self.layer == Layer::Road && line.is_none() => {
                Err((candidate.line, candidate.code, Trouble::new("bad_shape", "geometry", "", "is no line")))
            }
            Ok((spot, found)) => Ok(Ready { candidate, spot, found, line }),
            Err(trouble) => Err((candidate.line, candidate.code, trouble)),
        })
    }

    /// The line where this code stood before. Where rows are people, a household's code stands in several, a person in one; whoever
    /// could not be read is nobody's repetition, and the report says why they could not.
    fn is_repeated(&mut self, row: &Ready) -> Option<u64> {
        let rows_are_people = self.columns.has("relation");
        let person = match &row.candidate.body {
            Body::Household(_, Some(person)) if rows_are_people => Some((&person.name, person.birth_date)),
            Body::Household(_, None) if rows_are_people && row.candidate.notes.iter().any(|note| note.kind == "person_left_out") => {
                return None;
            }
            _ => None,
        };
        let mut hasher = DefaultHasher::new();
        (row.spot.ward_id, &row.candidate.code, person).hash(&mut hasher);
        match self.seen.entry(hasher.finish()) {
            Entry::Occupied(first) => Some(*first.get()),
            Entry::Vacant(free) => {
                free.insert(row.candidate.line);
                None
            }
        }
    }

    async fn write(&mut self, db: &mut PgConnection, mut rows: Vec<Ready>) -> anyhow::Result<()> {
        if rows.is_empty() {
            return Ok(());
        }
        let mut attempt = db.begin().await?;
        match self.upsert(&mut attempt, &mut rows).await {
            Ok(written) => {
                attempt.commit().await?;
                return self.book(rows, written);
            }
            Err(sqlx::Error::Database(_)) => attempt.rollback().await?,
            Err(other) => return Err(other.into()),
        }
        for row in rows {
            let mut attempt = db.begin().await?;
            let mut alone = vec![row];
            match self.upsert(&mut attempt, &mut alone).await {
                Ok(written) => {
                    attempt.commit().await?;
                    self.book(alone, written)?;
                }
                Err(sqlx::Error::Database(cause)) => {
                    attempt.rollback().await?;
                    // the constraint's name and no more: the database's own words can hold the row
                    let detail = format!("the database refuses it ({})", cause.constraint().unwrap_or("a value it cannot hold"));
                    let candidate = &alone[0].candidate;
                    let (line, code) = (candidate.line, candidate.code.clone());
                    self.leave_out(line, &code, Trouble::new("refused", "code", "", detail))?;
                }
                Err(other) => return Err(other.into()),
            }
        }
        Ok(())
    }

    fn book(&mut self, rows: Vec<Ready>, written: Outcome) -> anyhow::Result<()> {
        for (at, (row, became)) in rows.iter().zip(written.rows).enumerate() {
            self.note(&row.candidate)?;
            if written.homes.get(at).is_some_and(|home| !self.counted.insert(*home)) {
                continue;
            }
            match became {
                Written::New => self.summary.new += 1,
                Written::Changed => self.summary.changed += 1,
                Written::Same => self.summary.same += 1,
            }
            match row.found {
                Found::ByCoordinates => self.summary.by_coordinates += 1,
                Found::ByAddress => self.summary.by_address += 1,
                Found::Unplaced => self.summary.unplaced += 1,
            }
        }
        let people = &mut self.summary.people;
        (people.0, people.1, people.2) = (people.0 + written.people.0, people.1 + written.people.1, people.2 + written.people.2);
        Ok(())
    }

    async fn upsert(&mut self, db: &mut PgConnection, rows: &mut [Ready]) -> sqlx::Result<Outcome> {
        // what the domain takes, with the place that was found for it
        macro_rules! listed {
            ($kind:ident) => {
                rows.iter()
                    .filter_map(|row| match &row.candidate.body {
                        Body::$kind(listed) => {
                            let mut listed = listed.clone();
                            listed.spot = Some(row.spot.clone());
                            Some(listed)
                        }
                        _ => None,
                    })
                    .collect::<Vec<_>>()
            };
        }
        match self.layer {
            Layer::Camera => Ok(Outcome::of(&upsert_cameras(db, &listed!(Camera)).await?)),
            Layer::Business => Ok(Outcome::of(&upsert_businesses(db, &listed!(Business)).await?)),
            Layer::BoardingHouse => Ok(Outcome::of(&upsert_boarding_houses(db, &listed!(BoardingHouse)).await?)),
            Layer::Place => Ok(Outcome::of(&upsert_places(db, &listed!(Place)).await?)),
            Layer::Road => self.upsert_roads(db, rows).await,
            Layer::Household => self.upsert_households(db, rows).await,
        }
    }

    async fn upsert_roads(&self, db: &mut PgConnection, rows: &[Ready]) -> sqlx::Result<Outcome> {
        let mut by_ward: HashMap<i32, Vec<usize>> = HashMap::new();
        for (at, row) in rows.iter().enumerate() {
            by_ward.entry(row.spot.ward_id).or_default().push(at);
        }
        let mut written = vec![Written::Same; rows.len()];
        for (ward, places) in by_ward {
            let roads: Vec<NewRoad> = places.iter().filter_map(|at| road(&rows[*at])).collect();
            for (at, outcome) in places.iter().zip(upsert_roads(db, ward, &roads).await?) {
                written[*at] = outcome;
            }
        }
        Ok(Outcome { rows: written, homes: Vec::new(), people: (0, 0, 0) })
    }

    /// Households first, each once; then the people that the rows name.
    async fn upsert_households(&mut self, db: &mut PgConnection, rows: &mut [Ready]) -> sqlx::Result<Outcome> {
        let mut at: HashMap<(i32, String), usize> = HashMap::new();
        let mut homes = Vec::new();
        let mut home_of = Vec::with_capacity(rows.len());
        for row in rows.iter() {
            let Body::Household(household, _) = &row.candidate.body else { continue };
            let next = homes.len();
            let home = *at.entry((row.spot.ward_id, household.code.clone())).or_insert(next);
            if home == next {
                let mut household = household.clone();
                household.spot = Some(row.spot.clone());
                homes.push(household);
            }
            home_of.push(home);
        }
        let upserted = upsert_households(db, &homes).await?;
        let (mut people, mut named) = (Vec::new(), Vec::new());
        for (at, (row, home)) in rows.iter().zip(&home_of).enumerate() {
            if let Body::Household(_, Some(person)) = &row.candidate.body {
                people.push(ListedResident { household_id: upserted[*home].id, area_id: upserted[*home].area_id, person });
                named.push(at);
            }
        }
        let settled = upsert_residents(db, self.secrets, &people).await?;
        let mut outcome = Outcome {
            rows: home_of.iter().map(|home| upserted[*home].written()).collect(),
            homes: home_of.iter().map(|home| upserted[*home].id).collect(),
            people: (0, 0, 0),
        };
        for (at, settled) in named.into_iter().zip(settled) {
            match settled {
                Settled::As(Written::New) => outcome.people.0 += 1,
                Settled::As(Written::Changed) => outcome.people.1 += 1,
                Settled::As(Written::Same) => outcome.people.2 += 1,
                Settled::OtherHead => {
                    let detail =
                        "is another than the head the household has; the household is taken, the person is not: decide it on the screen";
                    rows[at].candidate.notes.push(Trouble::new("other_head", "head", "", detail));
                }
            }
        }
        Ok(outcome)
    }
}

fn road(row: &Ready) -> Option<NewRoad> {
    let Body::Road(facts) = &row.candidate.body else { return None };
    Some(NewRoad {
        code: row.candidate.code.clone(),
        class: facts.class.to_owned(),
        name: facts.name.clone(),
        number: facts.number.clone(),
        parent: None,
        width_m: facts.width_m,
        geom: row.line.clone()?,
    })
}

/// What became of a batch: its rows in order, and of the people in it how many are new, changed, the same.
struct Outcome {
    rows: Vec<Written>,
    /// The household of each row, where rows are of households.
    homes: Vec<i64>,
    people: (usize, usize, usize),
}

impl Outcome {
    fn of(upserted: &[Upserted]) -> Self {
        Self { rows: upserted.iter().map(|row| row.written()).collect(), homes: Vec::new(), people: (0, 0, 0) }
    }
}
