//! A look at a document's text before the parser, which recurses, may see it.
//!
//! Counts tokens and the nesting of brackets in one pass over the bytes, knowing strings,
//! block strings and comments (GraphQL specification §2.1). It judges no syntax: that is the
//! parser's.

use super::refusal::Refusal;

/// The longest document, in bytes.
pub const MAX_BYTES: usize = 16 * 1024;
/// The most tokens in a document.
pub const MAX_TOKENS: usize = 2000;
/// The deepest nesting of `{`, `(` and `[`: far above what the guard lets pass, far below what
/// the parser's stack takes.
pub const MAX_BRACKETS: usize = 64;

/// Refuses a text that is too long or nested too deeply to be parsed safely.
pub fn scan(text: &str) -> Result<(), Refusal> {
    if text.len() > MAX_BYTES {
        return Err(Refusal::too_complex("文档字节数", "bytes", MAX_BYTES));
    }
    let bytes = text.as_bytes();
    let (mut at, mut tokens, mut open) = (0, 0_usize, 0_usize);
    while let Some(&byte) = bytes.get(at) {
        let end = match byte {
            b' ' | b'\t' | b'\r' | b'\n' | b',' | 0xEF | 0xBB | 0xBF => {
                at += 1;
                continue;
            }
            b'#' => {
                at = skip(bytes, at, |byte| !matches!(byte, b'\r' | b'\n'));
                continue;
            }
            b'"' => string_end(bytes, at),
            b'{' | b'(' | b'[' => {
                open += 1;
                at + 1
            }
            b'}' | b')' | b']' => {
                open = open.saturating_sub(1);
                at + 1
            }
            _ if is_word(byte) => skip(bytes, at, is_word),
            _ => at + 1,
        };
        tokens += 1;
        if tokens > MAX_TOKENS {
            return Err(Refusal::too_complex("词元数", "tokens", MAX_TOKENS));
        }
        if open > MAX_BRACKETS {
            return Err(Refusal::too_complex(
                "括号嵌套层数",
                "nested brackets",
                MAX_BRACKETS,
            ));
        }
        at = end;
    }
    Ok(())
}

const fn is_word(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'+' | b'.' | b'$' | b'@')
}

fn skip(bytes: &[u8], from: usize, within: impl Fn(u8) -> bool) -> usize {
    bytes[from..]
        .iter()
        .position(|byte| !within(*byte))
        .map_or(bytes.len(), |length| from + length)
}

/// The index behind the string or block string that begins at `from`.
fn string_end(bytes: &[u8], from: usize) -> usize {
    let block = bytes[from..].starts_with(br#"""""#);
    let mut at = from + if block { 3 } else { 1 };
    while let Some(rest) = bytes.get(at..).filter(|rest| !rest.is_empty()) {
        at += if block {
            if rest.starts_with(br#"""""#) {
                return at + 3;
            }
            if rest.starts_with(br#"\""""#) { 4 } else { 1 }
        } else {
            match rest[0] {
                b'"' => return at + 1,
                // A line ends a string; the parser says so.
                b'\r' | b'\n' => return at,
                b'\\' => 2,
                _ => 1,
            }
        };
    }
    bytes.len()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::error::Stop;

    #[test]
    fn brackets_in_strings_and_comments_do_not_count() {
        let many = "{".repeat(1000);
        for text in [
            format!("{{ a(text: \"{many}\") }}"),
            format!("{{ a(text: \"\\\"{many}\") }}"),
            format!("{{ a(text: \"\"\"\n{many} \\\"\"\" {many}\n\"\"\") }}"),
            format!("{{ a # {many}\n }}"),
        ] {
            assert_eq!(scan(&text), Ok(()), "{text}");
        }
        for text in [
            many.clone(),
            format!("{{ a(text: \"\") # x\n {many}"),
            format!("{{ a(text: \"\"\"x\"\"\") {many}"),
            // The string ends at the line's end, so that it can hide nothing behind it.
            format!("{{ a(text: \"\n {many}"),
            "[".repeat(100),
            "{a(b:".repeat(100),
        ] {
            assert_eq!(
                scan(&text).unwrap_err().stop,
                Stop::QueryTooComplex,
                "{text}"
            );
        }
    }

    #[test]
    fn length_and_tokens_are_bounded() {
        assert_eq!(scan(&format!("{{ {} }}", "a ".repeat(1900))), Ok(()));
        assert!(scan(&format!("{{ {} }}", "a ".repeat(2000))).is_err());
        assert!(scan(&format!("{{ a }} #{}", "x".repeat(MAX_BYTES))).is_err());
        assert_eq!(scan("\u{feff}{ a(名: \"暖邻\") }"), Ok(()));
        assert_eq!(scan("\"unfinished \\"), Ok(()));
    }
}
