//! What must be said to ask for a field: `$grid` and the like are things of the town. A mutation stands here where
//! doing it again leaves things as they are.

/// Arguments of fields that ask for some, or show more with some.
const ARGUMENTS: &[(&str, &str)] = &[
    // Refused, with whom it is about.
    (
        "Mutation.changeSlotCapacity",
        "input: {slotId: $slot, capacity: 1}",
    ),
    (
        "Mutation.closeCertificationRound",
        "input: {roundId: $round}",
    ),
    // The same again, with what else there is.
    (
        "Mutation.setKindRequirement",
        "input: {areaId: $othergrid, kind: HOME_VISIT, minAge: 18}",
    ),
    (
        "Mutation.setVerificationRule",
        "input: {areaId: $othergrid, kind: HOME_VISIT, mode: ALL}",
    ),
    ("Query.accounts", "filter: {role: GRID_LEAD}"),
    ("Query.attachments", "checkId: $attached"),
    ("Query.beneficiaryCandidates", "id: $alike"),
    ("Query.bookings", "filter: {slotId: $slot}"),
    ("Query.carePlans", "areaId: $grid"),
    ("Query.careRules", "areaId: $othergrid"),
    ("Query.certificationChecks", "filter: {roundId: $round}"),
    ("Query.certificationAssignees", "areaId: $community"),
    ("Query.certificationCoverage", "roundId: $round"),
    ("Query.certificationDeceased", "year: 2026"),
    ("Query.certificationHandOvers", "direction: OUTGOING"),
    (
        "Query.certificationPlanProposal",
        "filter: {roundId: $round}",
    ),
    (
        "Query.certificationRoute",
        "latitude: 32.31, longitude: 118.31",
    ),
    (
        "Query.certificationSessionCandidates",
        "sessionId: $session",
    ),
    ("Query.certificationTotals", "year: 2026"),
    ("Query.certificationYearToYear", "roundId: $round"),
    (
        "Query.changeSlotSeriesPreview",
        "seriesId: $series, change: {recurrence: \"FREQ=WEEKLY;INTERVAL=2;BYDAY=SU\", capacity: 2}",
    ),
    ("Query.companionCandidates", "checkId: $homecheck"),
    ("Query.desk", "areaId: $community"),
    ("Query.dutyRoster", "areaId: $grid"),
    ("Query.handOverStations", "name: \"社区\""),
    ("Query.kindRequirements", "areaId: $othergrid"),
    ("Query.mealLists", "areaId: $grid"),
    (
        "Query.moveHouseholdsPreview",
        "moves: [{fromId: $building, toId: $othergrid}]",
    ),
    (
        "Query.retireAreaPreview",
        "areaId: $grid, successorIds: [$othergrid]",
    ),
    (
        "Query.serviceRecord",
        "accountId: $me, fromOn: \"2026-03-01\", toOn: \"2026-04-01\"",
    ),
    ("Query.slotSeries", "offerId: $offer"),
    ("Query.verificationRules", "areaId: $othergrid"),
    (
        "Query.visitCoverage",
        "areaId: $community, month: \"2026-02\"",
    ),
    ("Query.visitRoute", "latitude: 32.31, longitude: 118.31"),
    ("Query.visitRounds", "areaId: $othergrid"),
    (
        "Query.visitTasks",
        "filter: {status: [CLAIMED, REPORTED, RETURNED, VERIFIED]}",
    ),
    (
        "Query.wishBoard",
        "areaId: $community, fromOn: \"2026-01-01\", toOn: \"2026-04-01\"",
    ),
    (
        "Query.publicWishBoard",
        "areaId: $community, fromOn: \"2026-01-01\", toOn: \"2026-04-01\"",
    ),
    (
        "Viewer.serviceRecord",
        "fromOn: \"2026-03-01\", toOn: \"2026-04-01\"",
    ),
];

/// The arguments with which a field is asked for, where it needs some.
pub fn arguments(owner: &str, field: &str) -> Option<&'static str> {
    let name = format!("{owner}.{field}");
    let found = ARGUMENTS.iter().find(|(known, _)| *known == name);
    found.map(|(_, arguments)| *arguments)
}

/// Ways to lists whose shortest one has none of their parents: fields from `Query` on.
const WAYS: &[(&str, &[&str])] = &[
    // Lists of areas hold none that are retired; a role may be granted at one.
    ("Area.successors", &["viewer", "grants", "area"]),
];

/// Another way to a list than the shortest.
pub fn way(list: &str) -> Option<&'static [&'static str]> {
    let found = WAYS.iter().find(|(known, _)| *known == list);
    found.map(|(_, way)| *way)
}
