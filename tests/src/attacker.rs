//! Somebody who solves the published tables: every total is an equation, every withheld figure an unknown.
//! It deliberately knows nothing of how figures are chosen to be withheld; what can be computed is what counts.

use shared::population::PublishedWard;

/// What the attacker can say of one withheld count: it lies from `least` to `most`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Bounds {
    pub least: i64,
    pub most: i64,
}

impl Bounds {
    pub fn width(self) -> i64 {
        self.most - self.least
    }
}

/// A withheld figure, and what can be said of it.
#[derive(Debug, Clone)]
pub struct Finding {
    /// Which: "ward", a TDP's id, or a TDP's id and its cell.
    pub what: String,
    pub households: Bounds,
    pub residents: Bounds,
}

/// More people than live anywhere: an unknown that nothing bounds.
const UNBOUNDED: i64 = 1_000_000_000;

/// One unit of the tables: what is known of both its counts.
struct Unit {
    what: String,
    withheld: bool,
    /// Households, then residents.
    bounds: [Bounds; 2],
}

/// A total and its parts, as positions in the list of units.
struct Equation {
    total: usize,
    parts: Vec<usize>,
}

/// Bounds of every withheld figure of a table, by propagating intervals through its sums until nothing moves.
///
/// The sums nest as a tree, for which propagation gives the tightest bounds of each measure; people are also known to be no
/// fewer than households, and a unit that is named is known to be inhabited.
pub fn attack(ward: &PublishedWard) -> Vec<Finding> {
    // Households in which nobody is registered make the last rule a wrong guess: where it contradicts the sums, it is dropped.
    let units = solve(ward, true).unwrap_or_else(|| solve(ward, false).expect("contradictions are passed over without the rule"));
    let findings = units.into_iter().filter(|unit| unit.withheld);
    findings.map(|unit| Finding { what: unit.what, households: unit.bounds[0], residents: unit.bounds[1] }).collect()
}

/// Every unit with its tightest bounds; none where people who are no fewer than households contradict the sums.
fn solve(ward: &PublishedWard, people_in_every_household: bool) -> Option<Vec<Unit>> {
    let (mut units, equations) = read(ward);
    loop {
        let before: Vec<[Bounds; 2]> = units.iter().map(|unit| unit.bounds).collect();
        let is_possible = propagate(&mut units, &equations, people_in_every_household);
        if !is_possible && people_in_every_household {
            return None;
        }
        if units.iter().map(|unit| unit.bounds).eq(before) {
            return Some(units);
        }
    }
}

/// Findings of two months put together by somebody who believes that nothing withheld changed between them.
pub fn attack_both(one: &PublishedWard, other: &PublishedWard) -> Vec<Finding> {
    let second = attack(other);
    let both = |a: Bounds, b: Bounds| Bounds { least: a.least.max(b.least), most: a.most.min(b.most) };
    attack(one)
        .into_iter()
        .filter_map(|first| {
            let again = second.iter().find(|finding| finding.what == first.what)?;
            Some(Finding {
                households: both(first.households, again.households),
                residents: both(first.residents, again.residents),
                what: first.what,
            })
        })
        .collect()
}

fn read(ward: &PublishedWard) -> (Vec<Unit>, Vec<Equation>) {
    let mut units = vec![unit("ward".into(), [ward.households, ward.residents], 0)];
    let mut equations = Vec::new();
    let mut tdps = Vec::new();
    for tdp in &ward.tdps {
        let total = units.len();
        // A TDP is named whether anybody lives in it or not; one that is said to be empty is not withheld.
        units.push(unit(tdp.area_id.to_string(), [tdp.households, tdp.residents], 1));
        tdps.push(total);
        if tdp.cells_listed {
            let first = units.len();
            units.extend(tdp.cells.iter().map(|cell| unit(format!("{} {}", tdp.area_id, cell.id), [cell.households, cell.residents], 1)));
            equations.push(Equation { total, parts: (first..units.len()).collect() });
        }
    }
    equations.push(Equation { total: 0, parts: tdps });
    (units, equations)
}

fn unit(what: String, figures: [Option<u32>; 2], least: i64) -> Unit {
    let bounds = figures.map(|figure| match figure {
        Some(figure) => Bounds { least: i64::from(figure), most: i64::from(figure) },
        None => Bounds { least, most: UNBOUNDED },
    });
    Unit { what, withheld: figures[0].is_none(), bounds }
}

/// Tightens every interval once; whether all that is known can be true together.
fn propagate(units: &mut [Unit], equations: &[Equation], people_in_every_household: bool) -> bool {
    let mut is_possible = true;
    for equation in equations {
        for measure in 0..2 {
            let sum = |units: &[Unit], pick: fn(Bounds) -> i64| -> i64 {
                equation.parts.iter().map(|part| pick(units[*part].bounds[measure])).sum()
            };
            let (least, most) = (sum(units, |bounds| bounds.least), sum(units, |bounds| bounds.most));
            is_possible &= tighten(&mut units[equation.total].bounds[measure], least, most);
            let total = units[equation.total].bounds[measure];
            for part in &equation.parts {
                let own = units[*part].bounds[measure];
                is_possible &=
                    tighten(&mut units[*part].bounds[measure], total.least - (most - own.most), total.most - (least - own.least));
            }
        }
    }
    for unit in units.iter_mut().filter(|unit| unit.withheld && people_in_every_household) {
        let [households, residents] = unit.bounds;
        is_possible &= tighten(&mut unit.bounds[1], households.least, UNBOUNDED);
        is_possible &= tighten(&mut unit.bounds[0], 0, residents.most);
    }
    is_possible
}

/// False where the two cannot both be true; then nothing is changed.
fn tighten(bounds: &mut Bounds, least: i64, most: i64) -> bool {
    // What is carried from an earlier month need not add up; an impossible equation tells nothing.
    if least > bounds.most || most < bounds.least {
        return false;
    }
    *bounds = Bounds { least: bounds.least.max(least), most: bounds.most.min(most) };
    true
}
