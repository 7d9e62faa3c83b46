//! Tables in text files, whose columns stand under each other in Chinese too.

/// A table with its heading row.
pub fn table(rows: &[Vec<String>]) -> String {
    let columns = rows.iter().map(Vec::len).max().unwrap_or_default();
    let widest = |column: usize| {
        let cells = rows.iter().filter_map(|row| row.get(column));
        cells.map(|cell| width(cell)).max().unwrap_or_default()
    };
    let widths: Vec<usize> = (0..columns).map(widest).collect();
    let mut text = String::new();
    for row in rows {
        let mut line = String::new();
        for (cell, widest) in row.iter().zip(&widths) {
            line += cell;
            line += &" ".repeat(widest - width(cell) + 2);
        }
        text += line.trim_end();
        text.push('\n');
    }
    text
}

/// Columns that a text takes: Chinese characters and full-width signs take two.
fn width(text: &str) -> usize {
    let is_wide =
        |c: char| ('\u{2e80}'..='\u{9fff}').contains(&c) || ('\u{ff00}'..='\u{ff60}').contains(&c);
    text.chars().map(|c| if is_wide(c) { 2 } else { 1 }).sum()
}
