//! Who is certified in a grid, and how far that has come.

use chrono::{Datelike as _, Days, Duration};
use entity::enums::{
    AreaKind, BeneficiaryCategory, CertificationChannel, CertificationRoundStatus, CheckOutcome,
    CheckStatus,
};
use entity::{beneficiary, certification_check, certification_round};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::Making;
use super::places::{Grid, Town};
use super::rows::{Of, insert, key};
use crate::access::policy::level;
use crate::access::sealed::{Field, hash, seal};
use crate::db::Tx;
use crate::demo::people::Person;
use crate::error::Result;

/// Rounds, beneficiaries and checks of a grid.
#[derive(Default)]
pub(super) struct Rows {
    rounds: Vec<certification_round::ActiveModel>,
    beneficiaries: Vec<beneficiary::ActiveModel>,
    checks: Vec<certification_check::ActiveModel>,
}

impl Rows {
    /// Opens the round of a community, in its first grid.
    pub(super) fn open(&mut self, making: &Making<'_>, town: &Town, grid: &Grid) {
        let at = making.now - Duration::days(40);
        self.rounds.push(certification_round::ActiveModel {
            id: Set(round_of(making, grid)),
            year: Set(making.today.year()),
            area_id: Set(grid.community),
            categories: Set([BeneficiaryCategory::RuralVeteran].into_iter().collect()),
            opens_on: Set(making.today - Days::new(40)),
            closes_on: Set(making.today + Days::new(50)),
            grace_days: Set(15),
            confirm_level: Set(level(AreaKind::Street)),
            status: Set(CertificationRoundStatus::Open),
            end_reason: Set(None),
            opened_by: Set(town.station),
            ended_by: Set(None),
            ended_at: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
    }

    /// Registers somebody, with their check: of ten five are confirmed, one waits for it, one is scheduled.
    pub(super) fn add(
        &mut self,
        making: &Making<'_>,
        town: &Town,
        grid: &Grid,
        (building, resident, person): (Uuid, Uuid, &Person),
    ) -> Result<()> {
        let number = u64::from(grid.number) * 100 + self.checks.len() as u64;
        let (registered, opened) = (
            making.now - Duration::days(397),
            making.now - Duration::days(40),
        );
        let id = key(Of::Beneficiary, number, registered);
        let id_number = person
            .id_number
            .as_ref()
            .map(super::super::residents::id_number::IdNumber::as_str);
        let sealed = id_number.map(|value| seal(making.keys, Field::IdNumber, value));
        self.beneficiaries.push(beneficiary::ActiveModel {
            id: Set(id),
            resident_id: Set(Some(resident)),
            match_decided: Set(true),
            area_id: Set(building),
            grid_id: Set(grid.id),
            name: Set(person.name.clone()),
            gender: Set(person.gender),
            born_on: Set(Some(person.born_on)),
            id_number_sealed: Set(sealed.transpose()?),
            id_number_hash: Set(id_number.map(|value| hash(making.keys, Field::IdNumber, value))),
            category: Set(BeneficiaryCategory::RuralVeteran),
            home_area_id: Set(Some(building)),
            is_immobile: Set(number.is_multiple_of(12)),
            version: Set(1),
            created_at: Set(registered),
            updated_at: Set(registered),
            ..Default::default()
        });
        let status = match number % 10 {
            0..5 => CheckStatus::Confirmed,
            5 => CheckStatus::Checked,
            6 => CheckStatus::Scheduled,
            _ => CheckStatus::Pending,
        };
        let checked = matches!(status, CheckStatus::Confirmed | CheckStatus::Checked);
        let confirmed = status == CheckStatus::Confirmed;
        let checked_at = making.now - Duration::days(20);
        self.checks.push(certification_check::ActiveModel {
            id: Set(key(Of::Check, number, opened)),
            round_id: Set(round_of(making, grid)),
            beneficiary_id: Set(id),
            area_id: Set(building),
            grid_id: Set(grid.id),
            category: Set(BeneficiaryCategory::RuralVeteran),
            status: Set(status),
            confirm_level: Set(level(AreaKind::Street)),
            channel: Set((status != CheckStatus::Pending).then_some(CertificationChannel::Home)),
            scheduled_for: Set(
                (status == CheckStatus::Scheduled).then_some(making.now + Duration::days(3))
            ),
            attempts: Set(0),
            checked_by: Set(checked.then_some(town.station)),
            checked_at: Set(checked.then_some(checked_at)),
            outcome: Set(checked.then_some(CheckOutcome::Alive)),
            confirmed_by: Set(confirmed.then_some(town.other_station)),
            confirmed_at: Set(confirmed.then_some(checked_at + Duration::days(1))),
            version: Set(1),
            created_at: Set(opened),
            updated_at: Set(opened),
            ..Default::default()
        });
        Ok(())
    }

    /// Writes everything.
    pub(super) async fn write(self, tx: &Tx) -> Result<()> {
        insert(tx, self.rounds).await?;
        insert(tx, self.beneficiaries).await?;
        insert(tx, self.checks).await
    }
}

/// The round of the community that a grid belongs to.
fn round_of(making: &Making<'_>, grid: &Grid) -> Uuid {
    let community = u64::from(grid.number / super::GRIDS);
    key(Of::Round, community, making.now - Duration::days(40))
}
