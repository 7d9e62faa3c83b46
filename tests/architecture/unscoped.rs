//! The visible way round scopes, use by use.

use std::collections::BTreeSet;
use std::fmt::Write as _;

use super::source::Source;
use crate::support::text_file;

/// The uses of `unscoped` in a file: the reason of each, constants resolved.
fn reasons(source: &Source, all: &[Source]) -> Vec<String> {
    let uses = source.code.split("unscoped(").skip(1);
    uses.filter_map(|rest| {
        let argument = rest.split(')').next()?.trim();
        if argument.starts_with('"') {
            return Some(argument.to_owned());
        }
        // The declaration of the key's maker takes nothing.
        (!argument.is_empty()).then(|| {
            let places = std::iter::once(source).chain(imported(argument, source, all));
            let found = places
                .into_iter()
                .find_map(|place| declared(argument, place));
            found.unwrap_or_else(|| argument.to_owned())
        })
    })
    .collect()
}

fn declared(constant: &str, source: &Source) -> Option<String> {
    let (_, value) = source
        .code
        .split_once(&format!("const {constant}: &str ="))?;
    let (value, _) = value.split_once("\";")?;
    Some(format!("{}\"", value.trim()))
}

/// The files from which `source` may take `constant`: the one beside it that it names, or the page of
/// its folder, or of a folder above.
fn imported<'a>(constant: &str, source: &Source, all: &'a [Source]) -> Vec<&'a Source> {
    let mut paths = Vec::new();
    let statements = source.code.split(';');
    for statement in statements.filter(|statement| statement.contains(constant)) {
        let (_, path) = statement.split_once("use super::").unwrap_or_default();
        let module = path.split("::").next().unwrap_or_default();
        paths.push(format!("{}/{module}.rs", folder(&source.path)));
    }
    let mut above = folder(&source.path);
    while !above.is_empty() {
        paths.push(format!("{above}/mod.rs"));
        above = folder(above);
    }
    let known = |path: &String| all.iter().find(|other| other.path == *path);
    paths.iter().filter_map(known).collect()
}

fn folder(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(folder, _)| folder)
}

#[test]
fn ways_round_the_scope_are_listed() {
    let mut lines = String::new();
    let all = Source::below("api/src");
    for source in &all {
        if source.in_api() == "db.rs" {
            continue;
        }
        let reasons = reasons(source, &all);
        let different: BTreeSet<&String> = reasons.iter().collect();
        for reason in different {
            assert!(
                reason.starts_with('"') && reason.len() > 12,
                "{}: unscoped({reason}) needs a reason in words, or a const in the same file",
                source.path
            );
            let count = reasons.iter().filter(|other| *other == reason).count();
            writeln!(lines, "{count} × {}: {reason}", source.path).expect("memory");
        }
    }
    text_file::compare(
        "tests/unscoped.txt",
        &lines,
        "A statement without a scope reads or writes what the actor may not see. Start from \
         `actor.scoped::<Entity>(Permission)`, from a scoped row (`Reaches`), or insert with a `Grant`. \
         This list may only shrink. Where there is no other way (no actor yet, or a table without a \
         place), let two people agree on the reason, and run: \
         NUANLIN_TEST_WRITE=1 cargo test architecture",
    );
}
