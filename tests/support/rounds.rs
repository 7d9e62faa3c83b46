//! How often a race is run.

/// Rounds of a race test: `NUANLIN_TEST_ROUNDS`, else 3.
pub fn rounds() -> usize {
    parse(std::env::var("NUANLIN_TEST_ROUNDS").ok().as_deref())
}

fn parse(value: Option<&str>) -> usize {
    value.map_or(3, |text| {
        text.parse()
            .unwrap_or_else(|_| panic!("NUANLIN_TEST_ROUNDS is not a number: {text}"))
    })
}

#[test]
fn three_rounds_unless_told_otherwise() {
    assert_eq!(parse(None), 3);
    assert_eq!(parse(Some("100")), 100);
    assert!(rounds() > 0, "no round proves nothing");
}
