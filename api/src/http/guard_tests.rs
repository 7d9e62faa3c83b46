//! The guard against hostile and ordinary documents.

use std::fmt::Write as _;
use std::time::{Duration, Instant};

use async_graphql::parser::types::OperationType;

use super::*;

fn refused(text: &str) -> Stop {
    let start = Instant::now();
    let stop = Guarded::new(text).expect_err(text).stop;
    // Some milliseconds unless the machine is busy; unguarded, the worst of these take many seconds.
    let taken = start.elapsed();
    assert!(taken < Duration::from_secs(1), "{taken:?} for {text:.80}");
    stop
}

/// `width` spreads of the next fragment in each of `levels` fragments.
fn fan_out(levels: usize, width: usize) -> String {
    let mut text = String::from("{ ...f0 }");
    for level in 0..levels {
        let spreads = format!("...f{} ", level + 1).repeat(width);
        write!(text, " fragment f{level} on Query {{ {spreads} }}").unwrap();
    }
    write!(text, " fragment f{levels} on Query {{ __typename }}").unwrap();
    text
}

/// The introspection query of the reference implementation, in its deepest form.
const INTROSPECTION: &str = "query IntrospectionQuery { __schema { description
    queryType { name kind } mutationType { name kind } subscriptionType { name kind }
    types { ...FullType }
    directives { name description isRepeatable locations args(includeDeprecated: true) { ...InputValue } } } }
  fragment FullType on __Type { kind name description specifiedByURL isOneOf
    fields(includeDeprecated: true) { name description args(includeDeprecated: true) { ...InputValue }
      type { ...TypeRef } isDeprecated deprecationReason }
    inputFields(includeDeprecated: true) { ...InputValue } interfaces { ...TypeRef }
    enumValues(includeDeprecated: true) { name description isDeprecated deprecationReason }
    possibleTypes { ...TypeRef } }
  fragment InputValue on __InputValue { name description type { ...TypeRef } defaultValue isDeprecated deprecationReason }
  fragment TypeRef on __Type { kind name ofType { kind name ofType { kind name ofType { kind name
    ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name ofType { kind name }
    } } } } } } } } }";

#[test]
fn ordinary_documents_and_the_introspection_query_pass() {
    for text in [
        "{ __typename }",
        INTROSPECTION,
        "query Tasks($first: Int!, $after: String) { __typename visitTasks(first: $first, after: $after,
            filter: {status: [OPEN]}) { __typename totalCount edges { __typename cursor node { __typename id
            ...Area @include(if: true) household { __typename id area { ...Area } } } } } }
         fragment Area on Area { __typename code name parent { name parent { name } } }",
        "mutation { signIn(input: {phone: \"13800000000\", password: \"x\"}) { accessToken userErrors { code } } }",
    ] {
        assert!(Guarded::new(text).is_ok(), "{:?}", Guarded::new(text).err());
    }
}

#[test]
fn fragments_are_counted_in_all_their_places_but_walked_once() {
    assert!(Guarded::new(&fan_out(3, 4)).is_ok());
    for (levels, width) in [(5, 5), (20, 2), (25, 20), (12, 40)] {
        assert_eq!(refused(&fan_out(levels, width)), Stop::QueryTooComplex);
    }
    assert_eq!(refused(&fan_out(100, 1)), Stop::QueryTooComplex, "a chain");
}

#[test]
fn fragment_cycles_are_refused() {
    for text in [
        "{ ...a } fragment a on Query { ...a }",
        "{ ...a } fragment a on Query { ...b x } fragment b on Query { y ...a }",
        "{ x } fragment a on Query { x { ...b } } fragment b on Query { ...a }",
    ] {
        assert_eq!(refused(text), Stop::BadUserInput);
    }
}

#[test]
fn aliases_directives_operations_and_variables_are_bounded() {
    let aliases: String = (0..1000).fold(String::new(), |mut text, at| {
        write!(text, "a{at}:x ").unwrap();
        text
    });
    let operations = (0..11).fold(String::new(), |mut text, at| {
        write!(text, "query q{at} {{ x }} ").unwrap();
        text
    });
    let variables = (0..60).fold(String::new(), |mut text, at| {
        write!(text, "$v{at}: Int ").unwrap();
        text
    });
    for text in [
        format!("{{ {aliases} }}"),
        format!("{{ {} }}", &aliases[..400]),
        format!("{{ x {} }}", "@skip(if: false) ".repeat(60)),
        format!("{{ {} }}", "x ".repeat(501)),
        operations,
        format!("query({variables}) {{ x }}"),
        format!("{{ x(v: {}1{}) }}", "[".repeat(9), "]".repeat(9)),
        format!(
            "query($v: X = {}1{}) {{ x }}",
            "{a:".repeat(9),
            "}".repeat(9)
        ),
    ] {
        assert_eq!(refused(&text), Stop::QueryTooComplex, "{text}");
    }
}

#[test]
fn depth_is_bounded_with_more_room_beneath_introspection() {
    let nested = |depth: usize| format!("{}x{}", "{ x ".repeat(depth - 1) + "{", "}".repeat(depth));
    assert!(Guarded::new(&nested(12)).is_ok());
    assert_eq!(refused(&nested(13)), Stop::QueryTooComplex);
    let within = |depth: usize| format!("{{ __type(name: \"A\") {} }}", nested(depth - 1));
    assert!(Guarded::new(&within(20)).is_ok());
    assert_eq!(refused(&within(21)), Stop::QueryTooComplex);
    let inline = format!("{}x{}", "{ ... ".repeat(40) + "{", "}".repeat(41));
    assert_eq!(refused(&inline), Stop::QueryTooComplex);
    for bracket in ["{", "[", "(", "{a(b:[", "query("] {
        refused(&bracket.repeat(2000));
        refused(&bracket.repeat(100_000));
        refused(&format!("{{ a {} }}", bracket.repeat(10)));
    }
}

#[test]
fn garbage_is_a_syntax_error_with_its_place() {
    let refusal = Guarded::new("{").unwrap_err();
    assert_eq!(refusal.stop, Stop::BadUserInput);
    assert_eq!(refusal.locations.len(), 1);
    let comments = format!("{{ a {} }}", "#\n".repeat(8000));
    assert!(Guarded::new(&comments).is_ok());
    for text in [
        "",
        "}",
        "\u{0}",
        "暖邻",
        "{ a(b: \"",
        "{ a(b: \"\"\"",
        "subscription",
        &comments[..16_000],
    ] {
        assert_eq!(refused(text), Stop::BadUserInput);
    }
}

#[test]
fn an_operation_is_picked_by_name() {
    let guarded =
        Guarded::new("query a { x ...f } mutation b { y } fragment f on Query { ... { z x } }")
            .unwrap();
    let (operation, roots) = guarded.operation(Some("a")).unwrap();
    assert_eq!(operation.ty, OperationType::Query);
    assert_eq!(roots, [Name::new("x"), Name::new("z")]);
    assert!(guarded.operation(None).is_err());
    assert!(guarded.operation(Some("c")).is_err());
}
