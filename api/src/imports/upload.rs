//! Imports by staff: a file that is sent, within the areas granted to whoever sends it.
//!
//! A row elsewhere is refused as if its area were not there; a person or an account on record elsewhere
//! is refused without a word about them. Codes for the first sign-in of new accounts are in the answer,
//! once: where it is lost, a new code is issued for each.

use entity::enums::Role;
use futures_util::future::BoxFuture;
use uuid::Uuid;

use super::command::{self, Failure, Kind};
use super::merge::{Options, Report, Staff};
use crate::access::policy::{self, Permission};
use crate::audit::service as audit;
use crate::context::Cx;
use crate::error::{Code, Error, Result, Stop};

/// What is imported, and how.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wanted {
    /// What the file holds.
    pub kind: Kind,
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
        let kind = match kind {
            "areas" => Kind::Areas,
            "residents" => Kind::Residents,
            "accounts" => Kind::Accounts,
            "beneficiaries" => Kind::Beneficiaries,
            _ => return Err(Error::refused(Code::NotFound)),
        };
        let mut wanted = Self {
            kind,
            dry_run: false,
            all_or_nothing: false,
        };
        for (name, value) in parameters {
            let value = match value.as_str() {
                "true" => true,
                "false" => false,
                _ => return Err(Stop::BadUserInput.into()),
            };
            match name.as_str() {
                "dryRun" => wanted.dry_run = value,
                "allOrNothing" => wanted.all_or_nothing = value,
                _ => return Err(Stop::BadUserInput.into()),
            }
        }
        Ok(wanted)
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

/// The grants by which the actor may import this kind of file; `FORBIDDEN` where there are none.
pub fn staff(cx: &Cx, kind: Kind) -> Result<Staff> {
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
    let options = Options {
        dry_run: wanted.dry_run,
        all_or_nothing: wanted.all_or_nothing,
        source: "upload".to_owned(),
        codes: None,
        staff: Some(staff(cx, wanted.kind)?),
    };
    let tools = (&cx.app.db, &cx.app.keys, &cx.app.clock);
    // In a box: the compiler does not see through so many references that it can be sent.
    let running: BoxFuture<'_, _> = Box::pin(command::run(tools, wanted.kind, bytes, options));
    let report = running.await?;
    for (kind, person) in &report.opened {
        cx.opened(kind, *person);
    }
    audit::record_reads(cx, "import").await?;
    Ok(report)
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
    }
}
