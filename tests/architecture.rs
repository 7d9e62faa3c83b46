//! Who may use whom: read from the source text, so that a short cut fails before it spreads.

use std::collections::{BTreeMap, BTreeSet};

use self::exceptions::{
    ACROSS, DIALECT, KNOWS_DIALECT, KNOWS_GRAPHQL, PURE, SHARED_SLICES, USED_ACROSS,
};
use self::source::Source;
use crate::support::text_file::top;

mod exceptions;
mod source;
mod unscoped;

/// Files longer than 400 lines, and why they are not split.
const LONG_FILES: &[(&str, &str)] = &[
    ("api/src/access/scope.rs", "the one way to rows, whole"),
    (
        "api/src/access/policy.rs",
        "one table of roles and permissions",
    ),
    (
        "api/src/attachments/service.rs",
        "a file from its sending to its opening",
    ),
    ("api/src/db.rs", "everything that knows a dialect"),
    ("api/src/error.rs", "every code there is, in one list"),
    ("api/src/visits/graphql.rs", "one page per enum of the life"),
    (
        "api/src/volunteers/service.rs",
        "a record and an area's figures, which must agree",
    ),
    (
        "tests/policy/cast.rs",
        "a dictionary of what people reach for",
    ),
    ("tests/support/world.rs", "builders of every kind of row"),
    (
        "tests/wishes/town.rs",
        "builders of everything that a wish comes by",
    ),
];

#[track_caller]
fn assert_none(wrong: &[String], rule: &str) {
    assert!(wrong.is_empty(), "{rule}:\n{}", wrong.join("\n"));
}

/// Names both ways: what is there must be listed, what is listed must be needed.
#[track_caller]
fn assert_exceptions(found: &BTreeSet<String>, listed: &[(&str, &str)], rule: &str) {
    let listed: BTreeSet<String> = listed
        .iter()
        .map(|(path, reason)| {
            assert!(reason.len() > 5, "{path} without a reason");
            (*path).to_owned()
        })
        .collect();
    let new: Vec<_> = found.difference(&listed).cloned().collect();
    assert_none(&new, rule);
    let stale: Vec<_> = listed.difference(found).cloned().collect();
    assert_none(&stale, "no longer an exception: take it off the list");
}

#[test]
fn crates_use_only_what_lies_below_them() {
    let mut wrong = Vec::new();
    let barred: &[(&str, &[&str])] = &[
        (
            "migration/src",
            &["entity", "nuanlin", "async_graphql", "sqlx", "axum"],
        ),
        (
            "entity/src",
            &[
                "migration",
                "nuanlin",
                "async_graphql",
                "sqlx",
                "axum",
                "tokio",
            ],
        ),
    ];
    for (folder, names) in barred {
        for source in Source::below(folder) {
            let barred = names.iter().filter(|name| {
                // `sea_orm::entity` is a module of another crate.
                let outside = source.code.replace("sea_orm::entity", "");
                let path = format!("{name}::");
                outside.match_indices(&path).any(|(at, _)| {
                    !outside[..at].ends_with(|c: char| c.is_alphanumeric() || c == '_' || c == ':')
                })
            });
            wrong.extend(barred.map(|name| format!("{} uses {name}", source.path)));
        }
    }
    for (manifest, allowed) in [
        ("migration/Cargo.toml", &["sea-orm-migration"][..]),
        ("entity/Cargo.toml", &["sea-orm", "serde", "serde_json"][..]),
    ] {
        let text = std::fs::read_to_string(top().join(manifest)).expect(manifest);
        let dependencies = text.split("[dependencies]").nth(1).unwrap_or_default();
        let dependencies = dependencies.split("\n[").next().unwrap_or_default();
        for line in dependencies.lines() {
            let name = line.split(['.', ' ', '=']).next().unwrap_or_default();
            if !name.is_empty() && !allowed.contains(&name) {
                wrong.push(format!("{manifest} depends on {name}"));
            }
        }
    }
    assert_none(
        &wrong,
        "migration → sea-orm-migration; entity → sea-orm, serde",
    );
}

#[test]
fn rules_are_pure() {
    let mut wrong = Vec::new();
    for source in Source::below("api/src") {
        if source.name() != "rules.rs" {
            continue;
        }
        for word in [
            "async",
            "await",
            "sea_orm",
            "async_graphql",
            "sqlx",
            "tokio",
        ] {
            if source.has_word(word) {
                wrong.push(format!("{}: {word}", source.path));
            }
        }
        for path in source.crate_paths() {
            if !PURE.iter().any(|pure| path.starts_with(pure)) {
                let line = path.lines().next().unwrap_or_default();
                wrong.push(format!("{}: crate::{line}", source.path));
            }
        }
    }
    assert_none(&wrong, "rules know entity's enums and plain values only");
}

#[test]
fn services_know_no_graphql_and_graphql_no_database() {
    let mut wrong = Vec::new();
    let mut knows_graphql = BTreeSet::new();
    for source in Source::below("api/src") {
        let path = source.in_api();
        let is_transport = path.starts_with("http/");
        if source.has_word("async_graphql") && !source.is_graphql_side() && !is_transport {
            knows_graphql.insert(path.to_owned());
        }
        if source.has_word("sea_orm") && (source.is_graphql_side() || is_transport) {
            wrong.push(path.to_owned());
        }
    }
    assert_none(
        &wrong,
        "graphql.rs, queries.rs, mutations.rs and http never use sea_orm",
    );
    assert_exceptions(
        &knows_graphql,
        KNOWS_GRAPHQL,
        "async_graphql stays in graphql.rs, queries.rs, mutations.rs, schema and http",
    );
}

#[test]
fn a_service_uses_no_sibling_slice() {
    let sources = Source::below("api/src");
    let slices: BTreeSet<&str> = sources.iter().filter_map(Source::slice).collect();
    let mut found = BTreeSet::new();
    for source in &sources {
        let Some(slice) = source.slice() else {
            continue;
        };
        if source.is_graphql_side() || ACROSS.contains(&slice) {
            continue;
        }
        for module in source.crate_modules() {
            let is_sibling = slices.contains(module) && module != slice;
            if is_sibling && !SHARED_SLICES.contains(&module) {
                found.insert(format!("{slice} uses {module}"));
            }
        }
    }
    let listed: Vec<(String, &str)> = USED_ACROSS
        .iter()
        .map(|(slice, other, reason)| (format!("{slice} uses {other}"), *reason))
        .collect();
    let listed: Vec<(&str, &str)> = listed
        .iter()
        .map(|(edge, why)| (edge.as_str(), *why))
        .collect();
    assert_exceptions(
        &found,
        &listed,
        "a slice's service may use areas, households and residents, no sibling",
    );
}

#[test]
fn what_lies_below_knows_no_slice() {
    let slices: BTreeSet<String> = Source::below("api/src")
        .iter()
        .filter_map(|source| source.slice().map(ToOwned::to_owned))
        .collect();
    let mut wrong = Vec::new();
    for source in Source::below("api/src") {
        let is_below = [
            "access/", "audit/", "changes/", "http/", "db.rs", "clock.rs", "error.rs",
        ]
        .iter()
        .any(|part| source.in_api().starts_with(part));
        if is_below {
            for module in source.crate_modules() {
                // The tree of areas is what scopes are made from.
                if slices.contains(module) && module != "areas" {
                    wrong.push(format!("{} uses {module}", source.path));
                }
            }
        }
    }
    assert_none(
        &wrong,
        "access, audit, changes, http and db know no slice but areas",
    );
}

#[test]
fn only_db_knows_a_dialect() {
    let mut found = BTreeSet::new();
    for folder in ["api/src", "entity/src", "migration/src"] {
        for source in Source::below(folder) {
            let knows = |word: &&str| source.code.contains(*word);
            if source.in_api() != "db.rs" && DIALECT.iter().any(knows) {
                found.insert(source.path);
            }
        }
    }
    assert_exceptions(&found, KNOWS_DIALECT, "only db.rs knows a dialect");
}

#[test]
fn every_slice_begins_with_a_page_that_says_what_it_is() {
    let mut pages: BTreeMap<String, bool> = BTreeMap::new();
    for source in Source::below("api/src") {
        if let Some((folder, name)) = source.in_api().rsplit_once('/') {
            let is_told = pages.entry(folder.to_owned()).or_default();
            *is_told |= name == "mod.rs" && source.text.starts_with("//! ");
            // `residents.rs` beside `residents/` is the page of that folder.
            *is_told |= top().join(format!("api/src/{folder}.rs")).exists();
        }
    }
    let mut wrong: Vec<_> = pages
        .iter()
        .filter(|(_, told)| !**told)
        .map(|(folder, _)| folder.clone())
        .collect();
    wrong.retain(|folder| !folder.ends_with("/tests"));
    assert_none(
        &wrong,
        "a folder needs a mod.rs whose first line says what it is",
    );
    for source in Source::below("api/src") {
        let first = source.text.lines().next().unwrap_or_default();
        let is_doc = first.starts_with("//! ") && first.len() > 12;
        assert!(
            is_doc,
            "{} says in no first line what it is: {first}",
            source.path
        );
    }
}

#[test]
fn files_can_be_read_in_one_sitting() {
    let mut long = BTreeSet::new();
    for folder in ["api/src", "entity/src", "migration/src", "tests"] {
        for source in Source::below(folder) {
            if source.text.lines().count() > 400 {
                long.insert(source.path);
            }
        }
    }
    assert_exceptions(
        &long,
        LONG_FILES,
        "longer than 400 lines: split it, or say why not",
    );
}

/// Handles lend their connection to scopes alone; a second maker of the key would open them to all.
#[test]
fn only_scopes_hold_the_key_to_connections() {
    let mut makers = Vec::new();
    for source in Source::below("api/src") {
        let code = &source.code;
        if source.in_api() != "access/scope.rs"
            && (code.contains("Key(") && code.contains("scope::Key"))
        {
            makers.push(source.path.clone());
        }
        let opens = code.contains("DatabaseConnection") || code.contains("DatabaseTransaction");
        if opens && source.in_api() != "db.rs" {
            makers.push(format!("{} knows sea-orm's own handles", source.path));
        }
    }
    assert_none(&makers, "statements run through scopes or `unscoped`");
}
