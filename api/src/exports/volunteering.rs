//! What volunteers did in a month, as a sheet.

use uuid::Uuid;

use super::workbook::{Cell, Sheet};
use crate::context::Cx;
use crate::coverage::rules::Month;
use crate::error::Result;
use crate::volunteers::rules::Days;
use crate::volunteers::service::minutes_by_volunteer;

const HEADINGS: &[&str] = &[
    "姓名",
    "已核实探访次数",
    "服务分钟",
    "服务小时",
    "已核实微心愿次数",
];

/// Verified visits, verified hands for wishes, and minutes of each volunteer in an area. The caller has checked that the area may be
/// reported on.
pub async fn sheet(cx: &Cx, area: Uuid, month: Month) -> Result<Sheet> {
    let days = Days::of(month.first, month.next())?;
    let people = minutes_by_volunteer(&cx.app.db, &[area], days).await?;
    let rows = people.into_iter().map(|person| {
        vec![
            Cell::Text(person.name),
            Cell::Number(person.visits),
            Cell::Number(person.minutes),
            Cell::Text(hours(person.minutes)),
            Cell::Number(person.wishes),
        ]
    });
    let tree = cx.app.sessions.tree();
    let name = tree.get(area).map(|node| node.name.clone());
    Ok(Sheet {
        name: "志愿服务",
        title: format!(
            "{} {} 志愿服务记录（仅计已核实）",
            name.unwrap_or_default(),
            month.first.format("%Y年%m月")
        ),
        headings: HEADINGS,
        rows: rows.collect(),
    })
}

/// Minutes as hours and minutes; below zero where corrections took more than the month had.
fn hours(minutes: i64) -> String {
    // The sign of mathematics: a hyphen before a number would be kept from running as a formula.
    let sign = if minutes < 0 { "−" } else { "" };
    let minutes = minutes.unsigned_abs();
    format!("{sign}{}小时{}分", minutes / 60, minutes % 60)
}

#[cfg(test)]
mod tests {
    use super::hours;

    #[test]
    fn a_sign_stands_once_before_hours_and_minutes() {
        assert_eq!(hours(90), "1小时30分");
        assert_eq!(hours(0), "0小时0分");
        assert_eq!(hours(-90), "−1小时30分");
        assert_eq!(hours(-30), "−0小时30分");
    }
}
