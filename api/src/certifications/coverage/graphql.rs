//! How far rounds are, as the station and as others see it.

use async_graphql::SimpleObject;

use super::rules::{Cell, Figure, STATES};
use super::service::{Coverage, Totals};
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::{BeneficiaryCategory, CertificationChannel, CheckOutcome};
use crate::certifications::checks::graphql::CheckStatus;
use crate::certifications::rounds::graphql::{CertificationRound, CertificationRoundStatus};
use crate::context::Cx;
use crate::error::Result;
use crate::scalars::Date;

/// How many checks are in one state.
#[derive(Clone, Debug, SimpleObject)]
pub struct CheckCount {
    /// The state.
    status: CheckStatus,
    /// How many.
    count: i64,
}

/// How many confirmed checks found this.
#[derive(Clone, Debug, SimpleObject)]
pub struct OutcomeCount {
    /// What was found.
    outcome: CheckOutcome,
    /// How many.
    count: i64,
}

/// Figures of a roster: the states sum to it, always.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationFigure {
    /// How many are on the roster.
    roster: i64,
    /// How many have reached an end.
    resolved: i64,
    /// How many have not.
    unresolved: i64,
    /// How many of the roster came late.
    late: i64,
    /// Every state with its number.
    states: Vec<CheckCount>,
    /// What confirmed checks found; sums to the confirmed.
    outcomes: Vec<OutcomeCount>,
}

impl From<&Figure> for CertificationFigure {
    fn from(figure: &Figure) -> Self {
        use entity::enums::CheckOutcome as O;
        let outcomes = [O::Alive, O::Deceased, O::MovedAway, O::BenefitEnded];
        Self {
            roster: whole(figure.roster()),
            resolved: whole(figure.resolved()),
            unresolved: whole(figure.unresolved()),
            late: whole(figure.late()),
            states: STATES
                .into_iter()
                .map(|status| CheckCount {
                    status: status.into(),
                    count: whole(figure.of(status)),
                })
                .collect(),
            outcomes: outcomes
                .into_iter()
                .map(|outcome| OutcomeCount {
                    outcome: outcome.into(),
                    count: whole(figure.found(outcome)),
                })
                .collect(),
        }
    }
}

fn whole(count: u64) -> i64 {
    i64::try_from(count).unwrap_or(i64::MAX)
}

/// Figures of an area right below.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationByArea {
    /// The area.
    area: Option<Area>,
    /// Its figures.
    figure: CertificationFigure,
}

/// Figures of a category.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationByCategory {
    /// The category.
    category: BeneficiaryCategory,
    /// Its figures.
    figure: CertificationFigure,
}

/// Figures of a channel.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationByChannel {
    /// The channel; absent where none is planned yet.
    channel: Option<CertificationChannel>,
    /// Its figures.
    figure: CertificationFigure,
}

/// How far a round is. Needs `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationCoverage {
    /// The round.
    round: CertificationRound,
    /// Everybody of the area on its roster.
    figure: CertificationFigure,
    /// The day on which nobody is unresolved at the pace since the opening; absent while nobody is resolved.
    forecast_on: Option<Date>,
    /// Whether that is on the closing day at the latest.
    is_on_time: bool,
    /// How many must be resolved each day from today on to be done on the closing day.
    needed_per_day: i64,
    /// By the areas right below; what lies in none of them stands at the area itself.
    by_area: Vec<CertificationByArea>,
    /// By category.
    by_category: Vec<CertificationByCategory>,
    /// By channel.
    by_channel: Vec<CertificationByChannel>,
}

impl CertificationCoverage {
    /// Shows how far a round is.
    pub fn new(cx: &Cx, coverage: Coverage) -> Result<Self> {
        let tree = &cx.actor()?.tree;
        let closes_on = coverage.round.closes_on;
        let by_area = coverage.by_area.iter();
        let by_category = coverage.by_category.iter();
        let by_channel = coverage.by_channel.iter();
        Ok(Self {
            figure: (&coverage.all).into(),
            forecast_on: coverage.pace.done_on.map(Date),
            is_on_time: coverage.pace.done_on.is_some_and(|day| day <= closes_on),
            needed_per_day: whole(coverage.pace.needed_per_day),
            by_area: by_area
                .map(|(area, figure)| CertificationByArea {
                    area: Area::from_tree(tree, *area),
                    figure: figure.into(),
                })
                .collect(),
            by_category: by_category
                .map(|(category, figure)| CertificationByCategory {
                    category: (*category).into(),
                    figure: figure.into(),
                })
                .collect(),
            by_channel: by_channel
                .map(|(channel, figure)| CertificationByChannel {
                    channel: channel.map(Into::into),
                    figure: figure.into(),
                })
                .collect(),
            round: CertificationRound::new(cx, coverage.round)?,
        })
    }
}

/// How many checks are in one of some states: 0, or at least 5.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationTotal {
    /// The states that were counted together.
    statuses: Vec<CheckStatus>,
    /// How many.
    count: i64,
}

impl From<&Cell> for CertificationTotal {
    fn from(cell: &Cell) -> Self {
        Self {
            statuses: cell.states.iter().map(|state| (*state).into()).collect(),
            count: whole(cell.checks),
        }
    }
}

/// The totals of a round over your areas, without people. Needs `CERTIFICATION_COVERAGE_READ`.
#[derive(Clone, Debug, SimpleObject)]
pub struct CertificationTotals {
    /// The year that it certifies.
    year: i32,
    /// The area it was opened for.
    area: Option<Area>,
    /// Where it stands in its life.
    status: CertificationRoundStatus,
    /// The day on which it was opened.
    opens_on: Date,
    /// The last day on which people are to be certified.
    closes_on: Date,
    /// How many of your areas are on its roster; absent below 5.
    roster: Option<i64>,
    /// Their states, small numbers merged; absent where the roster is.
    totals: Option<Vec<CertificationTotal>>,
}

impl CertificationTotals {
    /// Shows the totals of a round.
    pub fn new(cx: &Cx, totals: Totals) -> Result<Self> {
        let round = totals.round;
        let roster = totals.shown.as_ref().map(|(roster, _)| whole(*roster));
        let cells = totals.shown.as_ref();
        Ok(Self {
            year: round.year,
            area: Area::from_tree(&cx.actor()?.tree, round.area_id),
            status: round.status.into(),
            opens_on: Date(round.opens_on),
            closes_on: Date(round.closes_on),
            roster,
            totals: cells.map(|(_, cells)| cells.iter().map(Into::into).collect()),
        })
    }
}
