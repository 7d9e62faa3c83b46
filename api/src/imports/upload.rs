//! Imports by staff: a file that is sent, within the areas granted to whoever sends it.
//!
//! A row elsewhere is refused as if its area were not there; a person or an account on record elsewhere
//! is refused without a word about them. Codes for the first sign-in of new accounts are in the answer,
//! once: where it is lost, a new code is issued for each.

use std::sync::Arc;

use entity::enums::Role;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::command::{self, Failure, Kind};
use super::merge::{Options, Report, Staff, import_papers, import_partners};
use super::{papers, partners};
use crate::access::policy::{self, Permission};
use crate::audit::service as audit;
use crate::certifications::rounds::reads as rounds;
use crate::context::Cx;
use crate::error::{Code, Error, Result, Stop};
use crate::ids::{self, Id};

/// What a file holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Rows of this kind.
    Rows(Kind),
    /// Results of this round's checks, taken down on paper.
    Results(Uuid),
    /// Partners of this area, and what they offer.
    Partners(Uuid),
}

/// What is imported, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What the file holds.
    pub what: What,
    /// Only say what would be done.
    pub dry_run: bool,
    /// Import nothing if any row is refused.
    pub all_or_nothing: bool,
}

impl Wanted {
    /// Reads the kind and the parameters of an address.
    ///
    /// `NOT_FOUND` for an unknown kind; a parameter that nobody knows stops it, since one that is
    /// misspelt would turn a dry run into an import.
    pub fn read(kind: &str, parameters: &[(String, String)]) -> Result<Self> {
        let (mut round, mut area) = (None, None);
        let (mut dry_run, mut all_or_nothing) = (false, false);
        for (name, value) in parameters {
            let flag = match name.as_str() {
                "dryRun" => &mut dry_run,
                "allOrNothing" => &mut all_or_nothing,
                "round" if kind == "checks" => {
                    round = Some(Id::<ids::CertificationRound>::parse(value, "round")?.uuid());
                    continue;
                }
                "area" if kind == "partners" => {
                    area = Some(Id::<ids::Area>::parse(value, "area")?.uuid());
                    continue;
                }
                _ => return Err(Stop::BadUserInput.into()),
            };
            *flag = match value.as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(Stop::BadUserInput.into()),
            };
        }
        let what = match kind {
            "areas" => What::Rows(Kind::Areas),
            "residents" => What::Rows(Kind::Residents),
            "accounts" => What::Rows(Kind::Accounts),
            "beneficiaries" => What::Rows(Kind::Beneficiaries),
            "checks" => {
                What::Results(round.ok_or(Error::Stopped(Stop::BadUserInput, Some("round")))?)
            }
            "partners" => {
                What::Partners(area.ok_or(Error::Stopped(Stop::BadUserInput, Some("area")))?)
            }
            _ => return Err(Error::refused(Code::NotFound)),
        };
        Ok(Self {
            what,
            dry_run,
            all_or_nothing,
        })
    }
}

/// What an import of this kind needs besides [`Permission::Import`].
const fn needs(kind: Kind) -> &'static [Permission] {
    match kind {
        Kind::Areas => &[Permission::AreaImport],
        Kind::Residents => &[
            Permission::HouseholdEdit,
            Permission::ResidentEdit,
            Permission::EnrolmentEdit,
        ],
        Kind::Accounts => &[Permission::AccountManage],
        Kind::Beneficiaries => &[Permission::BeneficiaryEdit],
    }
}

/// Judges whether the actor may import this.
///
/// `FORBIDDEN` where no role allows it; `NOT_FOUND` for a round or an area that does not concern them.
pub async fn check(cx: &Cx, wanted: Wanted) -> Result<()> {
    match wanted.what {
        What::Rows(kind) => staff(cx, kind).map(drop),
        What::Results(round) => {
            let actor = cx.actor()?;
            actor.require(Permission::Import)?;
            actor.require(Permission::CertificationCheck)?;
            let round = rounds::one(cx, round).await?;
            let not_found = || Error::refused(Code::NotFound).on("round");
            round.map(drop).ok_or_else(not_found)
        }
        What::Partners(area) => {
            let actor = cx.actor()?;
            actor.require(Permission::Import)?;
            actor.require(Permission::OfferEdit)?;
            actor.require(Permission::PartnerEdit)?;
            let there = actor.grant_at(Permission::PartnerEdit, area);
            there.map(drop).map_err(|error| error.on("area"))
        }
    }
}

/// The grants by which the actor may import this kind of file; `FORBIDDEN` where there are none.
fn staff(cx: &Cx, kind: Kind) -> Result<Staff> {
    let actor = cx.actor()?;
    let may = |role: Role| {
        policy::allows(role, Permission::Import)
            && needs(kind).iter().all(|need| policy::allows(role, *need))
    };
    let grants: Vec<(Role, Uuid)> = actor
        .grants
        .iter()
        .filter(|(role, _)| may(*role))
        .flat_map(|(role, areas)| areas.iter().map(|area| (*role, *area)))
        .collect();
    if grants.is_empty() {
        return Err(Stop::Forbidden.into());
    }
    Ok(Staff {
        account: actor.account,
        request_id: cx.request_id.clone(),
        grants,
    })
}

/// Imports a file within the actor's areas; whose names the report tells is in the audit before it leaves.
pub async fn import(cx: &Cx, wanted: Wanted, bytes: &[u8]) -> Result<Report, Failure> {
    check(cx, wanted).await?;
    let mut options = Options {
        dry_run: wanted.dry_run,
        all_or_nothing: wanted.all_or_nothing,
        source: "upload".to_owned(),
        codes: None,
        staff: None,
    };
    // In a box: the compiler does not see through so many references that it can be sent.
    let running: BoxFuture<'_, _> = match wanted.what {
        What::Rows(kind) => {
            options.staff = Some(staff(cx, kind)?);
            let tools = (&cx.app.db, &cx.app.keys, &cx.app.clock);
            Box::pin(command::run(tools, kind, bytes, options))
        }
        What::Results(round) => Box::pin(results(cx, round, bytes, options)),
        What::Partners(area) => Box::pin(partners_of(cx, area, bytes, options)),
    };
    let report = running.await?;
    for (kind, person) in &report.opened {
        cx.opened(kind, *person);
    }
    audit::record_reads(cx, "import").await?;
    Ok(report)
}

/// Records results that were taken down on paper.
async fn results(cx: &Cx, round: Uuid, bytes: &[u8], options: Options) -> Result<Report, Failure> {
    let bytes: Arc<[u8]> = bytes.into();
    let now = cx.app.clock.now();
    let checked = command::apart(&bytes, move |bytes| papers::read(bytes, now)).await?;
    let report = import_papers(cx, round, checked, &options).await?;
    command::named(&bytes, papers::WANTED, report).await
}

/// Writes down the partners of an area and what they offer, in the actor's name.
///
/// Refused on `area`: `NOT_FOUND`, `NOT_PERMITTED`, `AREA_UNFIT`.
pub async fn partners_of(
    cx: &Cx,
    area: Uuid,
    bytes: &[u8],
    options: Options,
) -> Result<Report, Failure> {
    let bytes: Arc<[u8]> = bytes.into();
    let checked = command::apart(&bytes, partners::read).await?;
    let report = import_partners(cx, area, checked, &options).await?;
    command::named(&bytes, partners::WANTED, report).await
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(kind: &str, parameters: &[(&str, &str)]) -> Option<Wanted> {
        let owned = |(name, value): &(&str, &str)| ((*name).to_owned(), (*value).to_owned());
        let parameters: Vec<_> = parameters.iter().map(owned).collect();
        Wanted::read(kind, &parameters).ok()
    }

    #[test]
    fn a_misspelt_parameter_never_imports() {
        let dry = read("residents", &[("dryRun", "true")]).unwrap();
        assert!(dry.dry_run && !dry.all_or_nothing);
        for wrong in [("dryrun", "true"), ("dryRun", "yes"), ("dry_run", "true")] {
            assert_eq!(read("residents", &[wrong]), None);
        }
        assert_eq!(read("visits", &[]), None);
        let round = Id::<ids::CertificationRound>::new(Uuid::from_u128(1)).to_string();
        let results = read("checks", &[("round", &round)]).map(|wanted| wanted.what);
        assert_eq!(results, Some(What::Results(Uuid::from_u128(1))));
        assert_eq!(read("checks", &[]), None);
        assert_eq!(read("checks", &[("round", "1")]), None);
        assert_eq!(read("residents", &[("round", &round)]), None);
        let area = Id::<ids::Area>::new(Uuid::from_u128(1)).to_string();
        let partners = read("partners", &[("area", &area)]).map(|wanted| wanted.what);
        assert_eq!(partners, Some(What::Partners(Uuid::from_u128(1))));
        assert_eq!(read("partners", &[]), None);
        assert_eq!(read("checks", &[("area", &area)]), None);
    }
}
