//! What volunteers did in a month, as a sheet.

use uuid::Uuid;

use super::workbook::{Cell, Sheet};
use crate::context::Cx;
use crate::coverage::rules::Month;
use crate::error::Result;
use crate::volunteers::rules::Days;
use crate::volunteers::service::minutes_by_volunteer;

const HEADINGS: &[&str] = &["姓名", "已核实探访次数", "服务分钟", "服务小时"];

/// Verified visits and minutes of each volunteer in an area. The caller has checked that the area may be
/// reported on.
pub async fn sheet(cx: &Cx, area: Uuid, month: Month) -> Result<Sheet> {
    let days = Days::of(month.first, month.next())?;
    let people = minutes_by_volunteer(&cx.app.db, &[area], days).await?;
    let rows = people.into_iter().map(|person| {
        let number = |count: i64| u64::try_from(count).unwrap_or_default();
        let (hours, minutes) = (person.minutes / 60, person.minutes % 60);
        vec![
            Cell::Text(person.name),
            Cell::Number(number(person.visits)),
            Cell::Number(number(person.minutes)),
            Cell::Text(format!("{hours}小时{minutes}分")),
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
