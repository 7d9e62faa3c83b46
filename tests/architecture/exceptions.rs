//! What the rules of the architecture allow, and why.

/// Slices whose services every other may call.
pub const SHARED_SLICES: &[&str] = &["areas", "households", "residents"];

/// Slices that look across all kinds of work, or load all of them.
pub const ACROSS: &[&str] = &["worklist", "imports", "demo", "generate"];

/// What else a slice's service uses of another slice, and why.
pub const USED_ACROSS: &[(&str, &str, &str)] = &[
    (
        "coverage",
        "care_plans",
        "the rule of a tier says which contacts count",
    ),
    (
        "rounds",
        "visits",
        "a round makes visits, in the states of their life",
    ),
    ("rounds", "care_plans", "a tier says how urgent a visit is"),
    (
        "meals",
        "visits",
        "the doors of a batch are visits, claimed and reported as such",
    ),
    (
        "meals",
        "findings",
        "who is back from hospital gets the meals that a finding had called off",
    ),
    (
        "meals",
        "care_plans",
        "the server plans doors as it plans visits, as urgent as the tier is",
    ),
    (
        "wishes",
        "notices",
        "whoever booked is told that a place is held",
    ),
    (
        "wishes",
        "offers",
        "the slots of published offers are booked, in the states of their life",
    ),
    (
        "wishes",
        "partners",
        "a partner that has ended is booked no more",
    ),
    ("desk", "visits", "a desk is made of visits"),
    ("alarms", "duty", "whoever is away is rung last"),
    ("alarms", "notices", "an alarm is told at once"),
    ("escalations", "duty", "whoever is on duty is told"),
    ("escalations", "notices", "what climbs is told"),
    ("escalations", "visits", "a contact settles what is late"),
    (
        "visits",
        "findings",
        "a report proposes what ends somebody's visits",
    ),
    (
        "households",
        "findings",
        "what waits for a decision about somebody follows them",
    ),
    (
        "households",
        "wishes",
        "what a household wishes for follows it, and ends with it",
    ),
    (
        "wishes",
        "visits",
        "a volunteer hears wishes while they hold a claim on a visit there",
    ),
    (
        "wishes",
        "attachments",
        "a picture proves that a wish is fulfilled",
    ),
    (
        "attachments",
        "wishes",
        "who carries a wish out adds the pictures that prove it",
    ),
    (
        "households",
        "escalations",
        "what climbs about somebody follows them",
    ),
    (
        "residents",
        "escalations",
        "what climbs about somebody follows them",
    ),
    (
        "residents",
        "findings",
        "who leaves for good is noted, so that it can be taken back",
    ),
    (
        "certifications",
        "beneficiaries",
        "a roster is of beneficiaries, and a check changes one",
    ),
    (
        "certifications",
        "attachments",
        "a check is shown with what proves it",
    ),
    (
        "certifications",
        "accompaniments",
        "a volunteer is asked to come along to a visit at home",
    ),
    (
        "certifications",
        "duty",
        "whoever is away is not asked to come along",
    ),
    (
        "certifications",
        "findings",
        "a confirmed death is noted, so that it can be taken back",
    ),
    (
        "certifications",
        "accounts",
        "phone numbers are read in one place, which began with accounts",
    ),
    (
        "certifications",
        "duty",
        "whoever is away is given no checks",
    ),
    ("exports", "coverage", "a report tells a month of coverage"),
    (
        "exports",
        "certifications",
        "the lists of a round are made of its checks",
    ),
    (
        "exports",
        "beneficiaries",
        "sheets call categories, channels and results as people do",
    ),
    (
        "exports",
        "volunteers",
        "a report tells what volunteers did",
    ),
    (
        "visits",
        "care_plans",
        "the rule of a tier says which calls settle a visit",
    ),
    (
        "care_plans",
        "visits",
        "the rules of a tier make visits, in the states of their life",
    ),
    (
        "residents",
        "visits",
        "who moves takes the visits along that are still to be made",
    ),
    (
        "households",
        "visits",
        "who moves takes the visits along that are still to be made",
    ),
    (
        "residents",
        "accounts",
        "phone numbers are read in one place, which began with accounts",
    ),
    (
        "partners",
        "offers",
        "what a partner offers ends with it, or where it may serve no more",
    ),
    (
        "offers",
        "partners",
        "an offer is its partner's, who is held while it changes",
    ),
    (
        "offers",
        "wishes",
        "what an ended partner had taken on is given back",
    ),
];

/// What rules may use of this crate: codes, local days and rules of them, ways on foot, and how numbers are
/// written.
pub const PURE: &[&str] = &[
    "error::",
    "clock::",
    "recurrence",
    "route::",
    "accounts::phone::",
    "residents::id_number::",
    "text::",
    "wishes::rules::",
];

/// Modules outside slices' GraphQL files and the transport that may know async-graphql, and why.
pub const KNOWS_GRAPHQL: &[(&str, &str)] = &[
    (
        "access/policy.rs",
        "a permission is an enum that `viewer` shows",
    ),
    (
        "visits/payloads.rs",
        "what the mutations on one visit share",
    ),
    (
        "certifications/checks/inputs.rs",
        "what the mutations on checks take",
    ),
    ("error.rs", "a code is an enum that `userErrors` shows"),
    ("execute.rs", "runs the schema"),
    (
        "inputs.rs",
        "an edit tells a value that was left out from null",
    ),
    ("nodes.rs", "`node` and `nodes`, whatever the kind"),
    ("paging.rs", "pages are generic GraphQL objects"),
    ("protected.rs", "protected values are GraphQL objects"),
    ("scalars.rs", "scalars"),
    ("schema.rs", "the schema"),
];

/// Files besides db.rs that know a dialect, and why.
pub const KNOWS_DIALECT: &[(&str, &str)] = &[
    (
        "api/src/access/scope/sql.rs",
        "hand-written SQL numbers its parameters on one of them",
    ),
    (
        "migration/src/m0004_records.rs",
        "the change log's transaction id exists on PostgreSQL only",
    ),
    (
        "migration/src/m0024_roster_import.rs",
        "PostgreSQL alone can keep staged rows out of its log",
    ),
    (
        "migration/src/m0037_audit_subjects.rs",
        "SQLite can drop a constraint only by copying the table",
    ),
];

pub const DIALECT: &[&str] = &[
    "DbBackend",
    "DatabaseBackend",
    "is_sqlite",
    "SqliteQueryBuilder",
    "PostgresQueryBuilder",
    "PRAGMA ",
    "pragma_",
    "pg_",
    "json_agg",
    "json_build",
    "sqlx::",
];
