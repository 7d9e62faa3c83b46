//! The monthly report 月报表 and the list of whom a month missed.

use std::collections::BTreeMap;

use entity::enums::{
    AreaKind, AttemptReason, CareTier, CoverageFigure, CoverageOutcome, CoverageReason,
};
use entity::{coverage_month, coverage_person};
use uuid::Uuid;

use super::workbook::{Cell, Sheet};
use crate::access::policy::Permission;
use crate::access::protected::{Protected, View};
use crate::areas::tree::AreaTree;
use crate::clock::{SHANGHAI, local_date};
use crate::context::Cx;
use crate::coverage::close::{kept, versions};
use crate::coverage::missed::{attempts, contacts};
use crate::coverage::people::{Wanted, everybody};
use crate::coverage::rules::{Alike, Figure, Month};
use crate::error::Result;

const FIGURE: &[&str] = &[
    "网格",
    "应访人数",
    "已访人数",
    "已核实",
    "待核实",
    "当面",
    "远程",
    "不计入",
    "未访人数",
    "比率",
];
const MISSED: &[&str] = &[
    "指标",
    "网格",
    "楼栋",
    "姓名",
    "关爱等级",
    "最近一次未果",
    "未果原因",
    "最近一次反馈",
];
const EXCLUDED: &[&str] = &["指标", "网格", "楼栋", "姓名", "关爱等级", "原因", "日期"];

/// How many people's histories one statement reads.
const PART: usize = 500;

/// One person in one figure.
struct Line {
    figure: CoverageFigure,
    area: Uuid,
    resident: Uuid,
    name: String,
    tier: CareTier,
    alike: Alike,
    reason_on: Option<chrono::NaiveDate>,
}

/// A month of an area, from the last closed version that tells of it or as the facts stand.
pub struct Report {
    lines: Vec<Line>,
    month: Month,
    /// What stands above every sheet.
    title: String,
}

/// Reads a month. The caller has checked that the area may be reported on.
pub async fn read(cx: &Cx, area: Uuid, month: Month) -> Result<Report> {
    let tree = cx.app.sessions.tree();
    let name = tree.get(area).map(|node| node.name.clone());
    let name = name.unwrap_or_default();
    let of = month.first.format("%Y年%m月");
    if let Some(last) = closed(cx, &tree, area, month).await? {
        let rows = kept(&cx.app.db, &[last.id]).await?;
        let closed_on = local_date(last.closed_at, SHANGHAI);
        let rows = rows.into_iter().filter(|row| lay_in(row, area));
        let lines = rows.map(|row| Line {
            figure: row.figure,
            area: row.area_id,
            resident: row.resident_id,
            name: row.name,
            tier: row.tier,
            alike: Alike {
                outcome: row.outcome,
                reason: row.reason,
                verified: row.verified,
                in_person: row.in_person,
                people: 1,
            },
            reason_on: row.reason_on,
        });
        return Ok(Report {
            lines: lines.collect(),
            month,
            title: format!("{name} {of} 已结账 第{}版 {closed_on}", last.version),
        });
    }
    let mut lines = Vec::new();
    for figure in [CoverageFigure::Contact, CoverageFigure::Plan] {
        let wanted = Wanted {
            area,
            month,
            tier: None,
            figure,
        };
        let people = everybody(cx, &cx.app.db, wanted, Permission::CoverageRead).await?;
        lines.extend(people.into_iter().map(|(person, alike)| Line {
            figure,
            area: person.area_id,
            resident: person.resident_id,
            name: person.name,
            tier: person.tier,
            alike,
            reason_on: person.reason_on,
        }));
    }
    let today = cx.app.clock.today(SHANGHAI);
    Ok(Report {
        lines,
        month,
        title: format!("{name} {of} 未结账 截至{today}"),
    })
}

/// The last version of a closed month that tells of an area: its own, or that of the community above it.
async fn closed(
    cx: &Cx,
    tree: &AreaTree,
    area: Uuid,
    month: Month,
) -> Result<Option<coverage_month::Model>> {
    let is_community = |id: &Uuid| {
        tree.get(*id)
            .is_some_and(|node| node.kind == AreaKind::Community)
    };
    match tree.upwards(area).find(is_community) {
        Some(community) => Ok(versions(cx, &cx.app.db, community, month).await?.pop()),
        None => Ok(None),
    }
}

/// Whether somebody of a closed month belonged to an area then, whatever became of the areas.
fn lay_in(row: &coverage_person::Model, area: Uuid) -> bool {
    let above = [row.compound_id, row.community_id];
    row.area_id == area || row.grid_id == area || above.contains(&Some(area))
}

impl Report {
    /// Both figures by grid, whom they missed and whom they leave out.
    pub async fn sheets(&self, cx: &Cx) -> Result<Vec<Sheet>> {
        let tree = cx.app.sessions.tree();
        Ok(vec![
            self.figures(&tree, CoverageFigure::Contact),
            self.figures(&tree, CoverageFigure::Plan),
            self.missed(cx).await?,
            self.excluded(cx)?,
        ])
    }

    fn figures(&self, tree: &AreaTree, figure: CoverageFigure) -> Sheet {
        let mut grids: BTreeMap<String, (String, Figure)> = BTreeMap::new();
        let mut all = Figure::default();
        for line in self.lines.iter().filter(|line| line.figure == figure) {
            let grid = tree.get(tree.grid_of(line.area));
            let (code, name) = grid.map_or_else(Default::default, |node| {
                (node.code.clone(), node.name.clone())
            });
            let entry = grids
                .entry(code)
                .or_insert_with(|| (name, Figure::default()));
            entry.1.add(line.alike);
            all.add(line.alike);
        }
        let mut rows: Vec<Vec<Cell>> = grids
            .values()
            .map(|(name, figure)| row(name, figure))
            .collect();
        rows.push(row("合计", &all));
        Sheet {
            name: figure_name(figure),
            title: format!("{} {}", self.title, figure_name(figure)),
            headings: FIGURE,
            rows,
        }
    }

    /// Whom the month missed, with the last try and the last report.
    pub async fn missed(&self, cx: &Cx) -> Result<Sheet> {
        let lines: Vec<&Line> = self
            .lines
            .iter()
            .filter(|line| line.alike.outcome == CoverageOutcome::Missed)
            .collect();
        let mut rows = Vec::with_capacity(lines.len());
        for part in lines.chunks(PART) {
            let ids: Vec<Uuid> = part.iter().map(|line| line.resident).collect();
            let mut tried = attempts(cx, &ids, self.month).await?;
            let mut met = contacts(cx, &ids).await?;
            for line in part {
                let mut cells = who(cx, line)?;
                let last = tried.remove(&line.resident);
                let day = |at| text(&local_date(at, SHANGHAI).to_string());
                cells.push(last.map_or_else(|| text(""), |(at, _)| day(at)));
                cells.push(last.map_or_else(|| text(""), |(_, reason)| text(tried_name(reason))));
                let contact = met.remove(&line.resident);
                cells.push(contact.map_or_else(|| text(""), |(at, ..)| day(at)));
                rows.push(cells);
            }
        }
        Ok(Sheet {
            name: "未访名单",
            title: format!("{} 未访名单", self.title),
            headings: MISSED,
            rows,
        })
    }

    fn excluded(&self, cx: &Cx) -> Result<Sheet> {
        let mut rows = Vec::new();
        for line in &self.lines {
            if line.alike.outcome != CoverageOutcome::Excluded {
                continue;
            }
            let mut cells = who(cx, line)?;
            cells.push(text(line.alike.reason.map_or("", reason_name)));
            let on = line.reason_on.map(|on| on.to_string());
            cells.push(text(&on.unwrap_or_default()));
            rows.push(cells);
        }
        Ok(Sheet {
            name: "不计入",
            title: format!("{} 不计入名单", self.title),
            headings: EXCLUDED,
            rows,
        })
    }
}

fn row(name: &str, figure: &Figure) -> Vec<Cell> {
    let asked = figure.roster() - figure.excluded_in_all();
    #[expect(clippy::cast_precision_loss, reason = "counts of people")]
    let rate = match asked {
        0 => Cell::Text("—".to_owned()),
        asked => Cell::Rate(figure.contacted() as f64 / asked as f64),
    };
    let mut cells = vec![text(name)];
    cells.extend(
        [
            figure.roster(),
            figure.contacted(),
            figure.verified,
            figure.waiting,
            figure.in_person,
            figure.remote(),
            figure.excluded_in_all(),
            figure.missed,
        ]
        .map(|people| Cell::Number(people.cast_signed())),
    );
    cells.push(rate);
    cells
}

/// The figure, where, who and at which tier, as the reader may see it.
fn who(cx: &Cx, line: &Line) -> Result<Vec<Cell>> {
    let actor = cx.actor()?;
    let view = View::of(actor, line.area, false);
    let (name, tier) = (view.name(&line.name), view.tier(Some(line.tier)));
    if name.is_opened() || tier.is_opened() {
        cx.opened("Resident", line.resident);
    }
    let place = |id: Uuid| actor.tree.get(id).map(|node| node.name.clone());
    Ok(vec![
        text(figure_name(line.figure)),
        text(&place(actor.tree.grid_of(line.area)).unwrap_or_default()),
        text(&place(line.area).unwrap_or_default()),
        text(&shown(name, |name| name)),
        text(&shown(tier, |tier| tier_name(tier).to_owned())),
    ])
}

fn shown<T>(value: Protected<T>, name: impl FnOnce(T) -> String) -> String {
    match value {
        Protected::Full(Some(value)) => name(value),
        Protected::Masked(masked) => masked,
        Protected::Full(None) | Protected::Absent => String::new(),
    }
}

fn text(words: &str) -> Cell {
    Cell::Text(words.to_owned())
}

const fn figure_name(figure: CoverageFigure) -> &'static str {
    match figure {
        CoverageFigure::Contact => "月探访率",
        CoverageFigure::Plan => "计划完成率",
    }
}

const fn tier_name(tier: CareTier) -> &'static str {
    match tier {
        CareTier::HighRisk => "高风险",
        CareTier::Key => "重点",
        CareTier::General => "一般",
    }
}

const fn reason_name(reason: CoverageReason) -> &'static str {
    match reason {
        CoverageReason::Deceased => "已故",
        CoverageReason::Ended => "终止探访",
        CoverageReason::Paused => "暂停探访",
        CoverageReason::CalledOff => "探访已取消",
    }
}

const fn tried_name(reason: AttemptReason) -> &'static str {
    match reason {
        AttemptReason::NotAtHome => "不在家",
        AttemptReason::RefusedToOpen => "拒绝开门",
        AttemptReason::NoAnswer => "无人应答",
        AttemptReason::Other => "其他",
    }
}
