//! Facts that stand in committed text files, so that a change of them is seen by people.

use std::path::{Path, PathBuf};

/// The repository's top level.
pub fn top() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("..")
}

/// Fails when `actual` is not what the file at `path` (from the top level) holds, with `advice`.
///
/// With `NUANLIN_TEST_WRITE` set it writes the file instead, for the author to read and commit.
#[track_caller]
pub fn compare(path: &str, actual: &str, advice: &str) {
    let file = top().join(path);
    if std::env::var_os("NUANLIN_TEST_WRITE").is_some() {
        std::fs::write(&file, actual).expect(path);
        return;
    }
    let expected = std::fs::read_to_string(&file).unwrap_or_default();
    let differences = differences(&expected, actual);
    assert!(
        differences.is_empty(),
        "{path} says otherwise:\n{}\n{advice}",
        differences.join("\n")
    );
}

/// The lines that only one of both has, at their places: `-` what is expected, `+` what is there.
fn differences(expected: &str, actual: &str) -> Vec<String> {
    let only = |here: &str, there: &str, mark: char| -> Vec<(usize, String)> {
        let mut others: Vec<&str> = there.lines().collect();
        let mut only = Vec::new();
        for (at, line) in here.lines().enumerate() {
            match others.iter().position(|other| *other == line) {
                Some(found) => drop(others.swap_remove(found)),
                None => only.push((at, format!("{mark} {line}"))),
            }
        }
        only
    };
    let mut lines = only(expected, actual, '-');
    lines.extend(only(actual, expected, '+'));
    if lines.is_empty() && expected != actual {
        lines.push((
            0,
            "the same lines in another order or with another end".to_owned(),
        ));
    }
    lines.sort_by_key(|(at, _)| *at);
    lines.into_iter().map(|(_, line)| line).collect()
}

#[test]
fn a_difference_is_told_line_by_line() {
    assert_eq!(differences("a\nb\n", "a\nc\nc\n"), ["- b", "+ c", "+ c"]);
    assert_eq!(differences("a\nb\n", "b\na\n").len(), 1);
    assert!(differences("a\n", "a\n").is_empty());
}
