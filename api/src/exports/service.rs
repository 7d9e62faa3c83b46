//! From a signed link to a file.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

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

/// Which file of which area and month.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// What.
    pub kind: Kind,
    /// Where.
    pub area: Uuid,
    /// The first day of the month.
    pub first: chrono::NaiveDate,
}

/// A file to be sent.
#[derive(Clone, Debug)]
pub struct File {
    /// What it is called.
    pub name: String,
    /// What is in it.
    pub bytes: Vec<u8>,
}

/// Whether the actor may export this now. Needs `EXPORT` at the area, and to read coverage there.
///
/// Refused: `NOT_FOUND`.
pub fn check(cx: &Cx, wanted: Wanted) -> Result<()> {
    let actor = cx.actor()?;
    actor.require(Permission::Export)?;
    let may = |permission| actor.may(permission, wanted.area);
    if may(Permission::Export) && may(Permission::CoverageRead) {
        Ok(())
    } else {
        Err(Error::refused(Code::NotFound).on("areaId"))
    }
}

/// Makes the file under the rights of now; the audit has it, with whom it opened, before it leaves.
pub async fn make(cx: &Cx, wanted: Wanted) -> Result<File> {
    check(cx, wanted)?;
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
    let tx = cx.app.db.begin().await?;
    let act = Act {
        action: "export",
        subject_kind: "Area",
        subject_id: wanted.area,
        area_id: Some(wanted.area),
        reason: None,
        fields: format!("{:?}", wanted.kind),
        details: serde_json::to_string(&wanted).ok(),
    };
    audit::record(cx, &tx, act).await?;
    tx.commit().await?;
    audit::record_reads(cx, "export").await?;
    let code = cx
        .actor()?
        .tree
        .get(wanted.area)
        .map(|node| node.code.clone());
    Ok(File {
        name: format!(
            "{name}-{}-{}.xlsx",
            code.unwrap_or_default(),
            wanted.first.format("%Y-%m")
        ),
        bytes,
    })
}
