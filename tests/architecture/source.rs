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

    /// The modules of this crate that its `crate::` paths begin with.
    pub fn crate_modules(&self) -> BTreeSet<&str> {
        let rest = self.code.split("crate::").skip(1);
        rest.map(|rest| {
            let end = rest.find(|c: char| !c.is_alphanumeric() && c != '_');
            &rest[..end.unwrap_or(rest.len())]
        })
        .collect()
    }
}

fn collect(folder: &Path, path: &str, found: &mut Vec<Source>) {
    for entry in std::fs::read_dir(folder).expect(path) {
        let entry = entry.expect(path);
        let name = entry.file_name().into_string().expect("UTF-8");
        let path = format!("{path}/{name}");
        if entry.file_type().expect("a type").is_dir() {
            collect(&entry.path(), &path, found);
        } else if name.ends_with(".rs") {
            let text = std::fs::read_to_string(entry.path()).expect(&path);
            let without_comments = text.lines().map(|line| {
                let is_comment = line.trim_start().starts_with("//");
                if is_comment { "" } else { line }
            });
            let code = without_comments.collect::<Vec<_>>().join("\n");
            assert!(
                !code.contains("crate::{"),
                "{path}: one `use` per module, to be read here"
            );
            found.push(Source { path, code, text });
        }
    }
}
