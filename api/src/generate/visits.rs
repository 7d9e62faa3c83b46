//! The visits that a grid's elders had: one every fortnight.

use chrono::{Duration, NaiveTime, TimeZone as _};
use entity::enums::{Arrival, VisitKind, VisitMethod, VisitOrigin, VisitOutcome, VisitStatus};
use entity::{visit_report, visit_task};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::grid::Elder;
use super::places::Grid;
use super::rows::{Of, key};
use super::{Making, VISITS};
use crate::access::sealed::{Field, seal};
use crate::clock::SHANGHAI;
use crate::error::{Error, Result};

/// Every so many days an elder is visited.
const DAYS: i64 = 14;

/// Tasks, and the reports of those that were carried out.
pub(super) type Rows = (Vec<visit_task::ActiveModel>, Vec<visit_report::ActiveModel>);

/// The visits of these elders, the latest first.
pub(super) fn of(making: &Making<'_>, grid: &Grid, elders: &[Elder]) -> Result<Rows> {
    let (mut tasks, mut reports) = (Vec::new(), Vec::new());
    let evening = making.today.and_time(NaiveTime::MIN) + Duration::hours(18);
    let evening = SHANGHAI
        .from_local_datetime(&evening)
        .single()
        .ok_or_else(|| Error::internal("an evening that does not exist"))?
        .to_utc();
    for elder in elders {
        for visit in 0..u64::from(VISITS) {
            let before = i64::try_from(visit).unwrap_or_default() * DAYS + 1;
            let due_at = evening - Duration::days(before);
            let number = elder.number * u64::from(VISITS) + visit;
            let volunteer = pick(&grid.volunteers, number).unwrap_or(grid.lead);
            let made_at = due_at - Duration::days(21);
            let id = key(Of::Task, number, made_at);
            let status = match number % 13 {
                0 => VisitStatus::Missed,
                1 if visit < 6 => VisitStatus::Reported,
                _ => VisitStatus::Verified,
            };
            let met = matches!(status, VisitStatus::Reported | VisitStatus::Verified);
            let occurred_at = due_at - Duration::hours(30);
            let verified = status == VisitStatus::Verified;
            tasks.push(visit_task::ActiveModel {
                id: Set(id),
                kind: Set(VisitKind::HomeVisit),
                status: Set(status),
                household_id: Set(elder.household),
                resident_id: Set(Some(elder.resident)),
                area_id: Set(elder.building),
                grid_id: Set(grid.id),
                starts_at: Set(due_at - Duration::days(4)),
                due_at: Set(due_at),
                priority: Set(i32::from(number.is_multiple_of(10)) * 10),
                planned_by: Set(grid.lead),
                claimed_by: Set(met.then_some(volunteer)),
                claimed_at: Set(met.then_some(occurred_at - Duration::hours(20))),
                lease_until: Set(None),
                started_at: Set(met.then_some(occurred_at - Duration::minutes(20))),
                reported_by: Set(met.then_some(volunteer)),
                reported_at: Set(met.then_some(occurred_at)),
                occurred_at: Set(met.then_some(occurred_at)),
                outcome: Set(met.then_some(VisitOutcome::SeenWell)),
                method: Set(met.then_some(VisitMethod::InPerson)),
                verify_level: Set(i32::from(met)),
                verified_by: Set(verified.then_some(grid.lead)),
                verified_at: Set(verified.then_some(occurred_at + Duration::hours(8))),
                attempts: Set(0),
                origin: Set(VisitOrigin::Planned),
                enrolment_id: Set(Some(elder.enrolment)),
                tier: Set(Some(elder.tier)),
                minutes: Set(30),
                renewals: Set(0),
                ended_at: Set(met.then_some(occurred_at)),
                version: Set(1),
                created_at: Set(made_at),
                updated_at: Set(made_at),
                ..Default::default()
            });
            if met {
                reports.push(visit_report::ActiveModel {
                    id: Set(key(Of::Report, number, occurred_at)),
                    visit_task_id: Set(id),
                    revision: Set(1),
                    account_id: Set(volunteer),
                    outcome: Set(VisitOutcome::SeenWell),
                    method: Set(VisitMethod::InPerson),
                    notes_sealed: Set(Some(seal(
                        making.keys,
                        Field::VisitNotes,
                        "精神很好，饮食正常",
                    )?)),
                    started_at: Set(Some(occurred_at - Duration::minutes(20))),
                    occurred_at: Set(occurred_at),
                    recorded_at: Set(occurred_at),
                    ended_at: Set(Some(occurred_at)),
                    arrival: Set(Arrival::Unknown),
                    ..Default::default()
                });
            }
        }
    }
    Ok((tasks, reports))
}

fn pick(of: &[Uuid], number: u64) -> Option<Uuid> {
    let place = usize::try_from(number).ok()? % of.len().max(1);
    of.get(place).copied()
}
