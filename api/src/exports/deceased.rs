//! Whose death was confirmed 死亡名单, as a sheet for whoever stops benefits: of a round, or of a year's rounds in an
//! area.

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::rounds::{ID_NUMBER, PART, who, words};
use super::workbook::{Cell, Sheet};
use crate::access::policy::Permission;
use crate::access::protected::mask_id_number;
use crate::certifications::checks::reads::Filter;
use crate::certifications::deaths::service::{self, Death};
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::paging::Page;

pub(super) const NAME: &str = "死亡名单";

pub(super) const HEADINGS: &[&str] = &[
    "序号",
    "姓名",
    "身份证号",
    "优待证号",
    "优抚类别",
    "户籍地",
    "居住地",
    "去世日期",
    "依据",
    "文号",
    "核查人",
    "复核人",
];

/// The deaths of which area, by the rounds of which year.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct OfYear {
    /// The area, and below.
    pub area: Uuid,
    /// The year that the rounds certify.
    pub year: i32,
}

/// Whether the actor may export this. Needs `CERTIFICATION_PLAN` at the area.
///
/// Refused: `NOT_FOUND`.
pub fn check(cx: &Cx, wanted: OfYear) -> Result<()> {
    let actor = cx.actor()?;
    actor.require(Permission::CertificationPlan)?;
    if actor.may(Permission::CertificationPlan, wanted.area) {
        Ok(())
    } else {
        Err(Error::refused(Code::NotFound).on("areaId"))
    }
}

/// The deaths of a year. The caller has checked that they may be exported.
pub async fn sheet(cx: &Cx, wanted: OfYear) -> Result<Sheet> {
    let rows = rows(cx, &service::of_year(wanted.year, Some(wanted.area))).await?;
    let area = cx.actor()?.tree.get(wanted.area);
    let area = area.map_or("", |node| node.name.as_str());
    let today = cx.app.clock.today(SHANGHAI);
    Ok(Sheet {
        name: NAME,
        title: format!("{area} {}年度各批次{NAME} 截至{today}", wanted.year),
        headings: HEADINGS,
        rows,
    })
}

/// The rows of those deaths that the actor reads, numbered.
pub(super) async fn rows(cx: &Cx, filter: &Filter) -> Result<Vec<Vec<Cell>>> {
    let mut page = Page {
        size: PART,
        backward: false,
        after: None,
        before: None,
    };
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    loop {
        let read = service::list(cx, filter, &page).await?;
        page.after = read.rows.last().map(|death| death.seen.row.id);
        for death in &read.rows {
            let number = i64::try_from(rows.len() + 1).unwrap_or(i64::MAX);
            rows.push([vec![Cell::Number(number)], cells(cx, death)?].concat());
            cx.opened("Beneficiary", death.seen.person.id);
        }
        if !read.has_next {
            return Ok(rows);
        }
    }
}

fn cells(cx: &Cx, death: &Death) -> Result<Vec<Cell>> {
    let (seen, names) = (&death.seen, &death.seen.names);
    let mut cells = who(cx, seen)?;
    // Full to whoever confirms such checks.
    if !death.is_full
        && let Cell::Text(number) = &mut cells[ID_NUMBER]
    {
        *number = mask_id_number(number);
    }
    cells.extend([
        words(death.on.map(|day| day.to_string()).as_ref()),
        words(seen.row.source.as_ref()),
        words(seen.row.reference.as_ref()),
        words(names.checker.as_ref()),
        words(names.confirmer.as_ref()),
    ]);
    Ok(cells)
}
