//! From a signed link to a file.

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::deceased::{self, OfYear};
use super::rounds::{self, List};
use super::workbook;
use super::{monthly, volunteering};
use crate::access::policy::Permission;
use crate::audit::service::{self as audit, Act};
use crate::context::Cx;
use crate::coverage::rules::Month;
use crate::error::{Code, Error, Result};

/// What is exported.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Kind {
    /// The monthly report: both figures, whom they missed and leave out, what volunteers did.
    MonthlyReport,
    /// Whom the month missed.
    Missed,
    /// What volunteers did.
    ServiceRecords,
}

/// Which file.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Wanted {
    /// Of an area and a month.
    Month(OfMonth),
    /// Of a round of certification.
    Round(OfRound),
    /// Of the rounds of a year.
    Year(OfYear),
}

/// Which file of which area and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfMonth {
    /// What.
    pub kind: Kind,
    /// Where.
    pub area: Uuid,
    /// The first day of the month.
    pub first: chrono::NaiveDate,
}

/// Which list of which round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfRound {
    /// What.
    pub list: List,
    /// Of which round.
    pub round: Uuid,
}

/// A file to be sent.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Whether the actor may export this now. Needs `EXPORT` at the area, and to read coverage there; of rounds
/// `CERTIFICATION_PLAN`.
///
/// Refused: `NOT_FOUND`.
pub async fn check(cx: &Cx, wanted: Wanted) -> Result<()> {
    match wanted {
        Wanted::Month(wanted) => check_month(cx, wanted),
        Wanted::Round(wanted) => rounds::check(cx, wanted.round).await.map(drop),
        Wanted::Year(wanted) => deceased::check(cx, wanted),
    }
}

fn check_month(cx: &Cx, wanted: OfMonth) -> Result<()> {
    let actor = cx.actor()?;
    actor.require(Permission::Export)?;
    let may = |permission| actor.may(permission, wanted.area);
    if may(Permission::Export) && may(Permission::CoverageRead) {
        Ok(())
    } else {
        Err(Error::refused(Code::NotFound).on("areaId"))
    }
}

/// Makes a link to a file that the actor may export now, and says when it ends.
pub async fn link(cx: &Cx, wanted: Wanted) -> Result<(String, DateTime<Utc>)> {
    check(cx, wanted).await?;
    let actor = cx.actor()?;
    let tokens = &cx.app.sessions.tokens;
    tokens.mint_link(&cx.app.clock, (actor.account, actor.session), wanted)
}

/// Makes the file under the rights of now; the audit has it, with whom it opened, before it leaves.
pub async fn make(cx: &Cx, wanted: Wanted) -> Result<File> {
    match wanted {
        Wanted::Month(wanted) => of_month(cx, wanted).await,
        Wanted::Round(wanted) => of_round(cx, wanted).await,
        Wanted::Year(wanted) => of_year(cx, wanted).await,
    }
}

async fn of_month(cx: &Cx, wanted: OfMonth) -> Result<File> {
    check_month(cx, wanted)?;
    let month = Month {
        first: wanted.first,
    };
    let (sheets, name) = match wanted.kind {
        Kind::MonthlyReport => {
            let mut sheets = monthly::read(cx, wanted.area, month)
                .await?
                .sheets(cx)
                .await?;
            sheets.push(volunteering::sheet(cx, wanted.area, month).await?);
            (sheets, "月报表")
        }
        Kind::Missed => {
            let report = monthly::read(cx, wanted.area, month).await?;
            (vec![report.missed(cx).await?], "未访名单")
        }
        Kind::ServiceRecords => (
            vec![volunteering::sheet(cx, wanted.area, month).await?],
            "志愿服务记录",
        ),
    };
    let bytes = workbook::file(&sheets)?;
    let act = Act {
        action: "export",
        subject_kind: "Area",
        subject_id: wanted.area,
        area_id: Some(wanted.area),
        reason: None,
        fields: format!("{:?}", wanted.kind),
        details: serde_json::to_string(&wanted).ok(),
    };
    record(cx, act).await?;
    let name = named(cx, name, (wanted.area, wanted.first.format("%Y-%m")))?;
    Ok(File { name, bytes })
}

async fn of_round(cx: &Cx, wanted: OfRound) -> Result<File> {
    let round = rounds::check(cx, wanted.round).await?;
    let sheet = wanted.list.sheet(cx, &round).await?;
    let bytes = workbook::file(&[sheet])?;
    let act = Act {
        action: "export",
        subject_kind: "CertificationRound",
        subject_id: round.id,
        area_id: Some(round.area),
        reason: None,
        fields: format!("{:?}", wanted.list),
        details: serde_json::to_string(&wanted).ok(),
    };
    record(cx, act).await?;
    let name = named(cx, wanted.list.name(), (round.area, round.year))?;
    Ok(File { name, bytes })
}

async fn of_year(cx: &Cx, wanted: OfYear) -> Result<File> {
    deceased::check(cx, wanted)?;
    let bytes = workbook::file(&[deceased::sheet(cx, wanted).await?])?;
    let act = Act {
        action: "export",
        subject_kind: "Area",
        subject_id: wanted.area,
        area_id: Some(wanted.area),
        reason: None,
        fields: "Deceased".to_owned(),
        details: serde_json::to_string(&wanted).ok(),
    };
    record(cx, act).await?;
    let name = named(cx, deceased::NAME, (wanted.area, wanted.year))?;
    Ok(File { name, bytes })
}

/// Leaves the audit entry of an export, and of what it opened.
async fn record(cx: &Cx, act: Act) -> Result<()> {
    let tx = cx.app.db.begin().await?;
    audit::record(cx, &tx, act).await?;
    tx.commit().await?;
    audit::record_reads(cx, "export").await
}

/// The file's name: what, where and when.
fn named(cx: &Cx, what: &str, (area, when): (Uuid, impl std::fmt::Display)) -> Result<String> {
    let area = cx.actor()?.tree.get(area);
    let code = area.map_or("", |node| node.code.as_str());
    Ok(format!("{what}-{code}-{when}.xlsx"))
}
