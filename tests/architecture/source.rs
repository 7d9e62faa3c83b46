//! Source text, to be read for who uses whom.

use std::collections::BTreeSet;
use std::path::Path;

use crate::support::text_file::top;

/// Folders of api/src that are no slices.
const FOUNDATION: &[&str] = &["access", "audit", "changes", "commands", "http"];

/// A source file without its comments.
pub struct Source {
    /// From the top level.
    pub path: String,
    /// Its lines, comments cut off.
    pub code: String,
    /// As it is.
    pub text: String,
}

impl Source {
    /// Every file below a folder.
    pub fn below(folder: &str) -> Vec<Self> {
        let mut found = Vec::new();
        collect(&top().join(folder), folder, &mut found);
        assert!(!found.is_empty(), "{folder}");
        found.sort_by(|a, b| a.path.cmp(&b.path));
        found
    }

    /// The path below api/src, e.g. `visits/rules.rs`.
    pub fn in_api(&self) -> &str {
        self.path.strip_prefix("api/src/").unwrap_or(&self.path)
    }

    /// Its last part, e.g. `rules.rs`.
    pub fn name(&self) -> &str {
        self.path.rsplit('/').next().unwrap_or_default()
    }

    /// The folder it lies in directly below api/src.
    pub fn slice(&self) -> Option<&str> {
        let (folder, _) = self.in_api().split_once('/')?;
        (!FOUNDATION.contains(&folder)).then_some(folder)
    }

    /// Whether it is one of a slice's files that know GraphQL.
    pub fn is_graphql_side(&self) -> bool {
        const NAMES: &[&str] = &["graphql", "queries", "mutations"];
        self.slice().is_some()
            && self
                .in_api()
                .trim_end_matches(".rs")
                .split('/')
                .skip(1)
                .any(|part| NAMES.contains(&part))
    }

    /// Whether a word stands in the code, not as part of a longer one.
    pub fn has_word(&self, word: &str) -> bool {
        let is_part = |c: char| c.is_alphanumeric() || c == '_';
        self.code.match_indices(word).any(|(at, _)| {
            !self.code[..at].ends_with(is_part)
                && !self.code[at + word.len()..].starts_with(is_part)
        })
    }

    /// Its paths into this crate, each from behind `crate::` on; `crate::{a, b}` is two.
    pub fn crate_paths(&self) -> Vec<&str> {
        let mut paths = Vec::new();
        for rest in self.code.split("crate::").skip(1) {
            match rest.strip_prefix('{') {
                None => paths.push(rest),
                Some(group) => paths.extend(members(group)),
            }
        }
        paths
    }

    /// The modules of this crate that its paths begin with.
    pub fn crate_modules(&self) -> BTreeSet<&str> {
        let is_end = |c: char| !c.is_alphanumeric() && c != '_';
        let paths = self.crate_paths().into_iter();
        paths.filter_map(|path| path.split(is_end).next()).collect()
    }
}

/// The members of a group in braces, whatever braces they have themselves.
fn members(group: &str) -> Vec<&str> {
    let (mut members, mut depth, mut start) = (Vec::new(), 0, 0);
    for (at, character) in group.char_indices() {
        match character {
            '{' => depth += 1,
            '}' if depth > 0 => depth -= 1,
            '}' | ',' if depth == 0 => {
                members.push(group[start..at].trim());
                start = at + 1;
                if character == '}' {
                    break;
                }
            }
            _ => {}
        }
    }
    members
}

fn collect(folder: &Path, path: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect(path) {
        let entry = entry.expect(path);
        let name = entry.file_name().into_string().expect("UTF-8");
        let path = format!("{path}/{name}");
        if entry.file_type().expect("a type").is_dir() {
            collect(&entry.path(), &path, found);
        } else if entry.path().extension().is_some_and(|end| end == "rs") {
            let text = std::fs::read_to_string(entry.path()).expect(&path);
            let without_comments = text.lines().map(|line| {
                let is_comment = line.trim_start().starts_with("//");
                if is_comment { "" } else { line }
            });
            let code = without_comments.collect::<Vec<_>>().join("\n");
            found.push(Source { path, code, text });
        }
    }
}
