//! Text as people type it in Chinese input methods, made comparable.

/// Folds full-width characters and odd spaces, and trims.
///
/// Full-width ASCII (`１５７`, `（`, `－`) becomes plain, every kind of white space one space
/// character, zero-width characters vanish. Nothing else changes.
#[must_use]
pub fn fold(text: &str) -> String {
    let folded: String = text
        .chars()
        .filter(|c| !is_zero_width(*c))
        .map(|c| match c {
            // Full-width forms stand in the order of ASCII, 0xFEE0 higher.
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            c if c.is_whitespace() => ' ',
            c => c,
        })
        .collect();
    folded.trim().to_owned()
}

/// Without white space and zero-width characters at both ends; nothing is folded.
#[must_use]
pub fn trim(text: &str) -> &str {
    text.trim_matches(|c: char| c.is_whitespace() || is_zero_width(c))
}

fn is_zero_width(c: char) -> bool {
    matches!(c, '\u{200b}'..='\u{200f}' | '\u{2060}' | '\u{feff}')
}

/// Folds, and removes all white space.
#[must_use]
pub fn compact(text: &str) -> String {
    let mut text = fold(text);
    text.retain(|c| c != ' ');
    text
}

/// Hides the middle of a text that may be or contain a personal number.
///
/// Of 11 characters or more the first three and last four stay, of fewer the first third.
#[must_use]
pub fn mask(text: &str) -> String {
    let length = text.chars().count();
    let (head, tail) = if length >= 11 {
        (3, 4)
    } else {
        (length / 3, 0)
    };
    text.chars()
        .enumerate()
        .map(|(i, c)| {
            if i < head || i + tail >= length {
                c
            } else {
                '*'
            }
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn full_width_and_odd_spaces_are_folded() {
        assert_eq!(fold("　１５７－Ａ（ｘ）\u{a0}\u{200b}"), "157-A(x)");
        assert_eq!(fold("张　三\n"), "张 三");
        assert_eq!(compact(" 合　计 "), "合计");
        assert_eq!(fold(" \u{3000}"), "");
        assert_eq!(trim("　高血压，（一期）\u{200b}\n"), "高血压，（一期）");
    }

    #[test]
    fn the_middle_is_hidden() {
        assert_eq!(mask("13812341234"), "138****1234");
        assert_eq!(mask("341191195702180754"), "341***********0754");
        assert_eq!(mask("12345"), "1****");
        assert_eq!(mask(""), "");
    }
}
