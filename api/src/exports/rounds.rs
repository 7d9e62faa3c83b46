//! A round of certification as sheets: its register 名册, who is unresolved 未完成, who has died 死亡名单.
//!
//! Who reads them reads the checks: only those within the scope are there. The register's headings are those
//! under which results on paper are imported, so that it can be printed, filled in and sent back.

use chrono::{DateTime, Utc};
use entity::enums::{AreaKind, CheckAttemptReason, CheckStatus};
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use super::deceased;
use super::workbook::{Cell, Sheet};
use crate::access::policy::Permission;
use crate::access::protected::{Protected, of_beneficiary};
use crate::access::sealed::Field;
use crate::beneficiaries::rules::{channel_name, outcome_name, short_name};
use crate::certifications::checks::reads::{self as checks, Columns, Filter, Seen};
use crate::certifications::deaths::service as deaths;
use crate::certifications::rounds::reads as rounds;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::error::{Code, Error, Result};
use crate::paging::Page;

/// A list of a round.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum List {
    /// Everybody on the roster, with what was found.
    Register,
    /// Who has not reached an end, with the last try.
    Unresolved,
    /// Whose death was confirmed, for whoever stops benefits.
    Deceased,
}

const REGISTER: &[&str] = &[
    "序号",
    "姓名",
    "身份证号",
    "优待证号",
    "优抚类别",
    "户籍地",
    "居住地",
    "联系电话",
    "拟认证方式",
    "状态",
    "认证方式",
    "认证结果",
    "认证日期",
    "生效日期",
    "依据",
    "文号",
    "备注",
    "新电话",
    "新地址",
    "核查人",
    "复核人",
];
const UNRESOLVED: &[&str] = &[
    "序号",
    "姓名",
    "身份证号",
    "优待证号",
    "优抚类别",
    "户籍地",
    "居住地",
    "联系电话",
    "拟认证方式",
    "状态",
    "安排日期",
    "安排人员",
    "未果次数",
    "最近一次未果",
    "未果原因",
    "退回原因",
];
/// How many checks one statement reads.
pub(super) const PART: u64 = 1000;

/// A round that is exported.
#[derive(Clone, Debug)]
pub struct Round {
    /// Its key.
    pub id: Uuid,
    /// Area it is for.
    pub area: Uuid,
    /// Year that it certifies.
    pub year: i32,
}

/// The round, if the actor may export it. Needs `CERTIFICATION_PLAN`.
///
/// Refused: `NOT_FOUND`.
pub async fn check(cx: &Cx, id: Uuid) -> Result<Round> {
    cx.actor()?.require(Permission::CertificationPlan)?;
    let round = rounds::one(cx, id).await?;
    let round = round.ok_or_else(|| Error::refused(Code::NotFound).on("roundId"))?;
    Ok(Round {
        id: round.id,
        area: round.area_id,
        year: round.year,
    })
}

impl List {
    /// What the list is called.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Register => "认证名册",
            Self::Unresolved => "未完成名单",
            Self::Deceased => deceased::NAME,
        }
    }

    const fn headings(self) -> &'static [&'static str] {
        match self {
            Self::Register => REGISTER,
            Self::Unresolved => UNRESOLVED,
            Self::Deceased => deceased::HEADINGS,
        }
    }

    /// The list as a sheet. The caller has checked that the round may be exported.
    pub async fn sheet(self, cx: &Cx, round: &Round) -> Result<Sheet> {
        let rows = match self {
            Self::Deceased => deceased::rows(cx, &deaths::of_round(round.id)).await?,
            Self::Register | Self::Unresolved => self.rows(cx, round).await?,
        };
        let area = cx.actor()?.tree.get(round.area);
        let area = area.map_or("", |node| node.name.as_str());
        let today = cx.app.clock.today(SHANGHAI);
        Ok(Sheet {
            name: self.name(),
            title: format!("{area} {}年度确认{} 截至{today}", round.year, self.name()),
            headings: self.headings(),
            rows,
        })
    }

    async fn rows(self, cx: &Cx, round: &Round) -> Result<Vec<Vec<Cell>>> {
        let filter = Filter {
            round: Some(round.id),
            is_unresolved: self == Self::Unresolved,
            ..Filter::default()
        };
        let mut page = Page {
            size: PART,
            backward: false,
            after: None,
            before: None,
        };
        let mut rows: Vec<Vec<Cell>> = Vec::new();
        loop {
            let read = checks::list(cx, &filter, &page, Columns::default()).await?;
            page.after = read.rows.last().map(|seen| seen.row.id);
            for seen in &read.rows {
                let number = i64::try_from(rows.len() + 1).unwrap_or(i64::MAX);
                let number = vec![Cell::Number(number)];
                let more = if self == Self::Register {
                    found(cx, seen)?
                } else {
                    tried(seen)
                };
                rows.push([number, who(cx, seen)?, plan(cx, seen)?, more].concat());
                cx.opened("Beneficiary", seen.person.id);
            }
            if !read.has_next {
                return Ok(rows);
            }
        }
    }
}

/// The place of the ID number in [`who`].
pub(super) const ID_NUMBER: usize = 1;

/// Who it is, and where they are registered and live.
pub(super) fn who(cx: &Cx, seen: &Seen) -> Result<Vec<Cell>> {
    let person = &seen.person;
    let tree = &cx.actor()?.tree;
    let name_of = |id| {
        tree.get(id)
            .map_or_else(String::new, |node| node.name.clone())
    };
    let registered = person.registered_elsewhere.clone();
    let compound = |home| {
        let mut above = tree.upwards(home).filter_map(|id| tree.get(id));
        above.find(|node| node.kind == AreaKind::Compound)
    };
    let home = match (&person.institution, person.home_area_id) {
        (Some(institution), _) => institution.clone(),
        (None, Some(home)) => {
            let compound = compound(home).map_or("", |node| node.name.as_str());
            format!("{compound}{}", name_of(home))
        }
        (None, None) => String::new(),
    };
    let address = opened(cx, Field::Address, person.address_sealed.as_ref())?;
    Ok(vec![
        text(&person.name),
        text(&opened(
            cx,
            Field::IdNumber,
            person.id_number_sealed.as_ref(),
        )?),
        words(person.certificate_number.as_ref()),
        text(short_name(seen.row.category)),
        text(&registered.unwrap_or_else(|| name_of(person.area_id))),
        text(&format!("{home}{address}")),
    ])
}

/// How to reach them, what is planned, and where the check stands.
fn plan(cx: &Cx, seen: &Seen) -> Result<Vec<Cell>> {
    let phone = seen.person.phone_sealed.as_ref();
    Ok(vec![
        text(&opened(cx, Field::Phone, phone)?),
        text(seen.row.channel.map_or("", channel_name)),
        text(status_name(seen.row.status)),
    ])
}

/// What the check found, in the words in which it is imported.
fn found(cx: &Cx, seen: &Seen) -> Result<Vec<Cell>> {
    let row = &seen.row;
    let channel = row.outcome.and(row.channel);
    Ok(vec![
        text(channel.map_or("", channel_name)),
        text(row.outcome.map_or("", outcome_name)),
        day(row.checked_at),
        words(row.holds_on.map(|day| day.to_string()).as_ref()),
        words(row.source.as_ref()),
        words(row.reference.as_ref()),
        text(&opened(cx, Field::VisitNotes, row.notes_sealed.as_ref())?),
        text(&opened(cx, Field::Phone, row.new_phone_sealed.as_ref())?),
        text(&opened(
            cx,
            Field::Address,
            row.new_address_sealed.as_ref(),
        )?),
        words(seen.names.checker.as_ref()),
        words(seen.names.confirmer.as_ref()),
    ])
}

/// What was tried, and why the check was sent back.
fn tried(seen: &Seen) -> Vec<Cell> {
    let row = &seen.row;
    vec![
        day(row.scheduled_for),
        words(seen.names.assignee.as_ref()),
        Cell::Number(row.attempts.into()),
        day(row.last_attempt_at),
        text(row.last_attempt_reason.map_or("", tried_name)),
        words(row.return_remark.as_ref()),
    ]
}

fn opened(cx: &Cx, field: Field, sealed: Option<&String>) -> Result<String> {
    let value = of_beneficiary(&cx.app.keys, field, sealed.map(String::as_str))?;
    Ok(match value {
        Protected::Full(Some(value)) => value,
        Protected::Masked(masked) => masked,
        Protected::Full(None) | Protected::Absent => String::new(),
    })
}

fn text(words: &str) -> Cell {
    Cell::Text(words.to_owned())
}

pub(super) fn words(words: Option<&String>) -> Cell {
    Cell::Text(words.cloned().unwrap_or_default())
}

fn day(at: Option<DateTime<Utc>>) -> Cell {
    let day = at.map(|at| local_date(at, SHANGHAI).to_string());
    Cell::Text(day.unwrap_or_default())
}

const fn status_name(status: CheckStatus) -> &'static str {
    match status {
        CheckStatus::Pending => "待认证",
        CheckStatus::Scheduled => "已安排",
        CheckStatus::Checked => "待复核",
        CheckStatus::Returned => "退回补充",
        CheckStatus::Confirmed => "已确认",
        CheckStatus::Settled => "特别处理",
    }
}

const fn tried_name(reason: CheckAttemptReason) -> &'static str {
    match reason {
        CheckAttemptReason::NotAtHome => "不在家",
        CheckAttemptReason::Absent => "未到场",
        CheckAttemptReason::Unreachable => "联系不上",
        CheckAttemptReason::Refused => "拒绝配合",
        CheckAttemptReason::WrongContact => "地址或电话有误",
        CheckAttemptReason::Other => "其他",
    }
}
