//! What phones are promised: the committed schema, described throughout, named by convention.

use nuanlin::error::{Code, Language, Stop};

use crate::support::introspection::{Described, Field, Input};
use crate::support::text_file;

/// Mutations without an idempotency key: they change who is signed in or hand out a link, no domain data.
const WITHOUT_KEY: &[&str] = &[
    "signIn",
    "refreshSession",
    "activateAccount",
    "changePassword",
    "signOut",
    "revokeSession",
    "requestExport",
    "requestCertificationExport",
    "requestDeceasedExport",
    "requestAttachmentLink",
];

/// Mutations without an input: there is nothing to say.
const WITHOUT_INPUT: &[&str] = &["signOut"];

/// Lists of objects without paging, each bounded by something else.
const BOUNDED: &[(&str, &str)] = &[
    ("VisitCoverage.children", "the areas right below one"),
    ("VisitCoverage.versions", "one, and one more each time"),
    ("CoverageFigure.exclusions", "one for each reason"),
    ("CoverageVersion.changes", "at most five hundred"),
    ("Query.attachments", "at most twenty of one check"),
    ("Query.carePlans", "one for each tier"),
    ("Query.careRules", "at most a hundred of one area"),
    ("Query.nodes", "as many as ids were given, at most 100"),
    ("Household.residents", "the people behind one door"),
    ("Resident.emergencyContacts", "a handful each"),
    ("Resident.enrolments", "one, and one more after each change"),
    ("VisitTask.attempts", "each takes a walk to the door"),
    ("VisitTask.reports", "one, and one more after each return"),
    ("Account.grants", "a person's roles"),
    ("Account.endedGrants", "a person's roles"),
    ("Viewer.grants", "a person's roles"),
    ("Viewer.upcomingGrants", "a person's roles"),
    ("Viewer.endedGrants", "a person's roles"),
    ("Viewer.sessions", "a person's devices"),
    ("ContactResult.userErrors", "why one call was refused"),
    ("Alarm.handlers", "who answers for one place"),
    ("Alarm.steps", "six an hour until somebody takes it on"),
    ("Query.mealLists", "at most a hundred"),
    ("MealList.recipients", "whom one kitchen feeds"),
    ("MealBatch.buildings", "the buildings of one round"),
    ("MealBatch.doors", "the doors of one round"),
    (
        "MealRecipientResult.userErrors",
        "why one person was refused",
    ),
    ("MealDoorResult.userErrors", "why one door was refused"),
    ("Query.visitRounds", "the last 50"),
    ("VisitRound.progress", "one for each state"),
    ("Desk.unseen", "the 50 longest unseen"),
    ("Desk.escalations", "the 50 that have waited longest"),
    ("DutyRoster.absences", "the next 50"),
    ("DutyRoster.onDuty", "who answers for one area"),
    ("DutyRoster.shifts", "the next 50"),
    ("Escalation.told", "each person once for each level"),
    ("DeskPile.visitTasks", "the first 50"),
    ("Query.kindRequirements", "kinds, for each area upwards"),
    (
        "ReassignmentResult.userErrors",
        "why one visit stands in the way",
    ),
    (
        "Query.verificationRules",
        "kinds times tiers, for each area upwards",
    ),
    ("Area.successors", "at most 20 take over from one area"),
    (
        "MovePreview.accounts",
        "who holds a role at a grid or its buildings",
    ),
    ("VisitRoute.stops", "one person's claims, at most 100"),
    ("VolunteerProfile.trainings", "some in a year"),
    ("Query.beneficiaryCandidates", "at most 20"),
    (
        "CertificationCheck.attachments",
        "at most 20 files to a check",
    ),
    ("CertificationCheck.attempts", "each takes a walk or a call"),
    ("CertificationCheck.corrections", "rare"),
    ("CheckResult.userErrors", "why one check was refused"),
    ("CertificationRoute.stops", "at most 100 home visits"),
    ("Query.companionCandidates", "at most 50"),
    ("HandOverResult.userErrors", "why one hand-over was refused"),
    ("Query.handOverStations", "at most 20"),
    (
        "CertificationYearToYear.against",
        "the rounds of one area and year",
    ),
    (
        "CertificationYearToYear.goneByReason",
        "one for each reason",
    ),
    ("CertificationYearToYear.newByReason", "one for each reason"),
    ("CertificationFigure.states", "one for each state"),
    ("CertificationFigure.outcomes", "one for each outcome"),
    ("CertificationCoverage.byArea", "the areas right below one"),
    ("CertificationCoverage.byCategory", "one for each category"),
    ("CertificationCoverage.byChannel", "one for each channel"),
    ("Query.certificationAssignees", "the staff of one station"),
    ("CertificationTotals.totals", "one for each state at most"),
    ("VolunteerProfile.awards", "some in a life"),
    (
        "ServiceRecord.entries",
        "one person's visits of a year at most",
    ),
    ("ServiceRecord.corrections", "rare, and of a year at most"),
    (
        "ServiceRecord.wishes",
        "one person's wishes of a year at most",
    ),
    ("Wish.hands", "a doer and a few helpers"),
    (
        "Wish.householdWords",
        "one, and one more after each complaint",
    ),
    ("WishHandResult.userErrors", "why one hand was refused"),
    ("WishFigures.states", "one for each state"),
    ("WishBoard.byArea", "the areas right below one"),
    ("WishBoard.byCategory", "one for each category"),
    ("WishBoard.byAge", "one for each band"),
    ("WishBoard.waiting", "one for each band"),
    ("WishBoard.partners", "the partners of one area"),
    ("PublicWishBoard.byCategory", "one for each category"),
    ("Partner.areas", "some communities and what lies in them"),
    ("Partner.people", "a handful each"),
    ("Query.myPartners", "one person's partners"),
    ("ServiceOffer.areas", "at most 50"),
    ("ServicePackage.offers", "at most 50"),
    ("SlotResult.userErrors", "why one slot was refused"),
    ("Query.slotSeries", "at most a hundred of one offer"),
    ("SlotSeriesPreview.changed", "eight weeks of one series"),
    ("SlotSeriesPreview.removed", "eight weeks of one series"),
    ("SlotSeriesPreview.spared", "eight weeks of one series"),
];

/// The specification's own scalars, which it describes.
const BUILTIN: &[&str] = &["Boolean", "Float", "ID", "Int", "String"];

#[test]
fn the_committed_schema_is_what_the_program_serves() {
    text_file::compare(
        "schema.graphql",
        &nuanlin::schema::sdl(),
        "Where the change is meant: cargo run -- schema > schema.graphql, and tell phone developers.",
    );
}

#[tokio::test]
async fn everything_is_described() {
    let described = Described::new().await;
    let mut lacking = Vec::new();
    let mut check = |path: String, text: Option<&str>| {
        let is_told = text.is_some_and(|text| text.trim().len() > 1 && text.trim() != "stub");
        if !is_told {
            lacking.push(path);
        }
    };
    for one in &described.types {
        let name = &one.name;
        if BUILTIN.contains(&name.as_str()) {
            continue;
        }
        check(name.clone(), one.description.as_deref());
        for field in one.fields() {
            let path = format!("{name}.{}", field.name);
            for argument in &field.args {
                let path = format!("{path}({})", argument.name);
                check(path, argument.description.as_deref());
            }
            check(path, field.description.as_deref());
        }
        for input in one.inputs() {
            check(
                format!("{name}.{}", input.name),
                input.description.as_deref(),
            );
        }
        for value in one.values() {
            check(
                format!("{name}.{}", value.name),
                value.description.as_deref(),
            );
        }
    }
    assert!(
        lacking.is_empty(),
        "say what these are, in a doc comment or #[graphql(desc)]:\n{}",
        lacking.join("\n")
    );
}

#[tokio::test]
async fn every_error_code_speaks_both_languages() {
    let described = Described::new().await;
    assert_eq!(described.get("ErrorCode").values().len(), Code::ALL.len());
    for code in Code::ALL {
        let (chinese, english) = (
            code.message(Language::Chinese),
            code.message(Language::English),
        );
        assert_two_languages(&format!("{code:?}"), chinese, english);
    }
    for stop in Stop::ALL {
        if stop != Stop::PersistedQueryNotFound {
            let (chinese, english) = (
                stop.message(Language::Chinese),
                stop.message(Language::English),
            );
            assert_two_languages(stop.code(), chinese, english);
        }
    }
}

fn assert_two_languages(code: &str, chinese: &str, english: &str) {
    let is_han = |c: char| ('\u{4e00}'..='\u{9fff}').contains(&c);
    assert!(chinese.chars().any(is_han), "{code}: {chinese}");
    assert!(english.is_ascii() && english.len() > 3, "{code}: {english}");
}

#[tokio::test]
async fn mutations_take_one_input_and_answer_a_payload() {
    let described = Described::new().await;
    let mut wrong = Vec::new();
    let (mut without_key, mut without_input) = (Vec::new(), Vec::new());
    for mutation in described.get("Mutation").fields() {
        let name = &mutation.name;
        let capital = capitalised(name);
        match mutation.args.as_slice() {
            [input] if input.name == "input" && input.of.is_non_null() => {
                if input.of.bare() != format!("{capital}Input") {
                    wrong.push(format!("{name} takes {}", input.of.bare()));
                }
                let inputs = described.get(input.of.bare()).inputs();
                if !has_key(inputs, &mut wrong, name) {
                    without_key.push(name.as_str());
                }
            }
            [] => {
                without_input.push(name.as_str());
                without_key.push(name);
            }
            _ => wrong.push(format!("{name} takes something else than one input: …!")),
        }
        if mutation.of.bare() != format!("{capital}Payload") || !mutation.of.is_non_null() {
            wrong.push(format!("{name} answers {}", mutation.of.bare()));
        }
        let payload = described.get(mutation.of.bare()).fields();
        let errors = payload.iter().find(|field| field.name == "userErrors");
        if !errors.is_some_and(|field| field.of.bare() == "UserError" && field.of.is_non_null()) {
            wrong.push(format!("{name} has no userErrors: [UserError!]!"));
        }
        for field in payload.iter().filter(|field| field.name != "userErrors") {
            if field.of.is_non_null() {
                wrong.push(format!("{name}'s {} is null when refused", field.name));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_same_names(&without_key, WITHOUT_KEY);
    assert_same_names(&without_input, WITHOUT_INPUT);
}

fn has_key(inputs: &[Input], wrong: &mut Vec<String>, mutation: &str) -> bool {
    let Some(key) = inputs.iter().find(|input| input.name == "idempotencyKey") else {
        return false;
    };
    if key.of.bare() != "UUID" || key.of.is_non_null() {
        wrong.push(format!(
            "{mutation}'s idempotencyKey is not an optional UUID"
        ));
    }
    true
}

/// Both ways, so that an exemption which is no longer needed fails too.
#[track_caller]
fn assert_same_names(found: &[&str], listed: &[&str]) {
    let (mut found, mut listed) = (found.to_vec(), listed.to_vec());
    found.sort_unstable();
    listed.sort_unstable();
    assert_eq!(
        found, listed,
        "found in the schema, and listed in this test"
    );
}

#[tokio::test]
async fn lists_of_objects_are_paged_unless_something_bounds_them() {
    let described = Described::new().await;
    let mut unpaged = Vec::new();
    for one in &described.types {
        let is_relay = one.name.ends_with("Connection") || one.name.ends_with("Payload");
        for field in one.fields().iter().filter(|field| field.of.is_list()) {
            let kind = described.get(field.of.bare()).kind.as_str();
            if !is_relay && matches!(kind, "OBJECT" | "INTERFACE" | "UNION") {
                unpaged.push(format!("{}.{}", one.name, field.name));
            }
        }
        for field in one.fields() {
            if field.of.bare().ends_with("Connection") {
                for argument in ["first", "after", "last", "before"] {
                    let has = field.args.iter().any(|one| one.name == argument);
                    assert!(has, "{}.{} lacks {argument}", one.name, field.name);
                }
            }
        }
    }
    let unpaged: Vec<&str> = unpaged.iter().map(String::as_str).collect();
    let bounded: Vec<&str> = BOUNDED.iter().map(|(path, _)| *path).collect();
    assert_same_names(&unpaged, &bounded);
}

#[tokio::test]
async fn scalars_say_where_they_are_specified() {
    let described = Described::new().await;
    let sdl = nuanlin::schema::sdl();
    let mut scalars: Vec<&str> = Vec::new();
    for scalar in described.types.iter().filter(|one| one.kind == "SCALAR") {
        if !BUILTIN.contains(&scalar.name.as_str()) {
            let url = scalar.specified_by_url.as_deref().unwrap_or_default();
            assert!(url.starts_with("https://"), "{}: {url}", scalar.name);
            let line = format!("scalar {} @specifiedBy(url: \"{url}\")", scalar.name);
            assert!(sdl.contains(&line), "schema.graphql lacks: {line}");
            scalars.push(&scalar.name);
        }
    }
    assert_same_names(&scalars, &["Date", "DateTime", "UUID"]);
}

#[tokio::test]
async fn a_failing_root_field_costs_no_other() {
    let described = Described::new().await;
    let roots = described.get("Query").fields();
    let non_null: Vec<&str> = roots
        .iter()
        .filter(|field| field.of.is_non_null())
        .map(|field| field.name.as_str())
        .collect();
    assert_same_names(&non_null, &[]);
}

#[tokio::test]
async fn names_are_spelt_the_graphql_way() {
    let described = Described::new().await;
    for one in &described.types {
        assert!(is_pascal(&one.name), "{}", one.name);
        let fields = one.fields().iter().map(|field: &Field| &field.name);
        for name in fields.chain(one.inputs().iter().map(|input| &input.name)) {
            assert!(is_camel(name), "{}.{name}", one.name);
        }
        for value in one.values() {
            let is_upper = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == '_';
            assert!(
                value.name.chars().all(is_upper),
                "{}.{}",
                one.name,
                value.name
            );
        }
    }
}

fn is_pascal(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase()) && !name.contains('_')
}

fn is_camel(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_lowercase()) && !name.contains('_')
}

fn capitalised(name: &str) -> String {
    let (first, rest) = name.split_at(1);
    first.to_uppercase() + rest
}
