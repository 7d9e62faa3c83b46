//! Two of whom one is asked about as the other, and what is done about both alike.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use chrono::Duration;
use entity::{care_enrolment, resident};
use nuanlin::ids;
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _, QueryOrder as _};
use serde_json::{Value, json};

use super::people::text;
use crate::support::statements::Statements;
use crate::support::world::{Person, World};

/// What everybody asks about one of them: each lives alone in her building.
pub const ASKED: &[&str] = &[
    "query($home: ID!) { household(id: $home) { id version closedOn lastVisit { occurredAt } residents { id version
        name { visibility masked value } phone { visibility value } idNumber { visibility masked value }
        bornOn { value } healthNotes { value } circumstances { value } tier { value } deceasedOn { value }
        enrolments { id version fromOn toOn endReason pausedOn tier } emergencyContacts { name { value } } } } }",
    "query($elder: ID!) { resident(id: $elder) { id version name { value } deceasedOn { value } household { id } } }",
    "query($place: ID!) { residents(first: 9, filter: {areaId: $place}) { totalCount edges { node { id version } } } }",
    "query($place: ID!) { residents(first: 9, orderBy: AGE, filter: {areaId: $place, enrolled: true}) { totalCount
        edges { node { id } } } }",
    "query($place: ID!, $number: String) { residents(first: 9, filter: {areaId: $place, idNumber: $number}) { totalCount } }",
    "query($place: ID!, $phone: String) { residents(first: 9, filter: {areaId: $place, phone: $phone}) { totalCount } }",
    "query($place: ID!) { households(first: 9, filter: {areaId: $place}) { totalCount edges { node { id version closedOn
        residents { id } } } } }",
    "query($place: ID!) { visitTasks(first: 9, filter: {areaId: $place}) { totalCount edges { node { id version status
        outcome cancelReason claim { isMine } attempts { reason } household { room { visibility value }
        residents { salutation ageBand name { value } deceasedOn { value } } } } } } }",
    "query($task: ID!) { visitTask(id: $task) { status version cancelReason reports { notes { value } } } }",
    "query($place: ID!) { findings(first: 9, filter: {areaId: $place}) { edges { node { id version outcome status
        residentId visitTaskId proposedBy foundAt decidedAt holdsOn reviewOn remark undoableUntil undoneAt undoReason
        residentName { value } } } } }",
    "query($place: ID!) { alarms(first: 9, filter: {areaId: $place}) { edges { node { id status level steps { action by
        told } handlers { name } } } } }",
    "query($place: ID!) { desk(areaId: $place) { atRisk { count } stranded { count } missed { count } returned { count }
        waiting { count } proposedFindings escalations { cause } unseen(days: 1) { residentId } } }",
    "query($place: ID!) { visitCoverage(areaId: $place, month: \"2026-03\") { contactRate { roster contacted excluded
        missed } planCompletion { roster } missed(first: 5) { edges { node { residentId name { value } } } } } }",
    "query($place: ID!) { dutyRoster(areaId: $place) { onDuty { name } } }",
    "query($elder: ID!, $home: ID!, $task: ID!) { nodes(ids: [$elder, $home, $task]) { id } }",
    "query($elder: ID!) { node(id: $elder) { id ... on Resident { version } } }",
];

pub struct Pair<'a> {
    pub world: &'a World,
    pub statements: Statements,
    /// What an operation takes, of her who is one and of her who is not.
    pub variables: [BTreeMap<&'static str, Value>; 2],
    /// What tells the two apart to anybody.
    pub names: [Vec<(String, &'static str)>; 2],
}

impl Pair<'_> {
    /// An answer with the same words for what tells the two apart, and made-up ids by their order.
    pub fn alike(&self, which: usize, answer: &str) -> String {
        let mut answer = answer.to_owned();
        for (own, common) in &self.names[which] {
            answer = answer.replace(own, common);
        }
        let (mut told, mut ids) = (String::new(), Vec::new());
        for part in answer.split('"') {
            let is_id = part.len() == 23 && !part.contains(' ');
            if is_id && !ids.contains(&part) {
                ids.push(part);
            }
            let _ = match ids.iter().position(|id| *id == part) {
                Some(at) => write!(told, "#{at}\""),
                None => write!(told, "{part}\""),
            };
        }
        told
    }

    /// One operation about each, the other first: both must be answered alike, from the same statements.
    pub async fn same(&self, who: &Person, query: &str) -> [Value; 2] {
        let mut found = Vec::new();
        for which in [1, 0] {
            let variables = json!(self.variables[which]);
            self.statements.take();
            let answer = self.world.text(who, query, variables).await;
            found.push((self.alike(which, &answer), self.statements.take(), answer));
        }
        let [(other, other_ran, of_other), (one, ran, of_one)] = &found[..] else {
            panic!("two answers");
        };
        assert_eq!(one, other, "{query}");
        assert_eq!(ran, other_ran, "{query}");
        assert!(
            !one.contains("INTERNAL") && !one.contains("BAD_USER_INPUT"),
            "{query}: {one}"
        );
        [of_one, of_other].map(|answer| serde_json::from_str(answer).expect("JSON"))
    }

    /// The same of a mutation that must be done.
    pub async fn done(&self, who: &Person, query: &str) -> [Value; 2] {
        let answers = self.same(who, query).await;
        let text = answers[0].to_string();
        assert!(
            text.contains("\"userErrors\":[]") && !text.contains("\"code\""),
            "{query}: {text}"
        );
        // What is made next comes after it in every list.
        self.world.clock.advance(Duration::seconds(1));
        answers
    }

    /// Everything that everybody asks.
    pub async fn asked(&self, people: &[Person]) {
        for who in people {
            for query in ASKED {
                self.same(who, query).await;
            }
        }
    }

    /// Keeps what stands in both answers at a path, for later operations.
    pub fn keep(&mut self, name: &'static str, answers: &[Value; 2], path: &str) {
        for (which, answer) in answers.iter().enumerate() {
            let value = answer
                .pointer(path)
                .unwrap_or_else(|| panic!("{path}: {answer}"));
            self.variables[which].insert(name, value.clone());
        }
    }

    /// Keeps the versions that edits must name.
    pub async fn versions(&mut self) {
        for which in [0, 1] {
            let id = |name: &str| text(&self.variables[which][name]);
            let elder = ids::Id::<ids::Resident>::parse(&id("elder"), "id")
                .unwrap()
                .uuid();
            let row = resident::Entity::find_by_id(elder)
                .one(&self.world.raw)
                .await
                .unwrap()
                .unwrap();
            let enrolment = care_enrolment::Entity::find()
                .filter(care_enrolment::Column::ResidentId.eq(elder))
                .order_by_desc(care_enrolment::Column::Id);
            let enrolment = enrolment.one(&self.world.raw).await.unwrap().unwrap();
            let own = &mut self.variables[which];
            own.insert("version", json!(row.version));
            own.insert(
                "enrolment",
                json!(World::id::<ids::CareEnrolment>(enrolment.id)),
            );
            own.insert("enrolled", json!(enrolment.version));
        }
    }
}

/// What volunteers, leads and staff do about somebody who lives.
pub async fn lived(pair: &mut Pair<'_>, [volunteer, lead, staff]: [&Person; 3]) {
    pair.done(volunteer, "mutation($task: ID!) { claimVisitTask(input: {visitTaskId: $task}) { visitTask { status
        household { room { value } residents { name { value } phone { value } } } } userErrors { field code } } }").await;
    pair.done(volunteer, "mutation($task: ID!) { recordVisitAttempt(input: {visitTaskId: $task, reason: NOT_AT_HOME}) {
        visitTask { status attempts { reason } } userErrors { field code } } }").await;
    pair.done(
        volunteer,
        "mutation($task: ID!) { reportVisitTask(input: {visitTaskId: $task, outcome: SEEN_WELL,
        method: IN_PERSON, notes: \"好\"}) { visitTask { status } userErrors { field code } } }",
    )
    .await;
    pair.done(lead, "mutation($task: ID!) { verifyVisitTask(input: {visitTaskId: $task}) { visitTask { status version }
        userErrors { field code } } }").await;
    pair.done(volunteer, "mutation($second: ID!) { claimVisitTask(input: {visitTaskId: $second}) { visitTask { status }
        userErrors { field code } } }").await;
    let raised = pair.done(volunteer, "mutation($second: ID!) { raiseAlarm(input: {visitTaskId: $second,
        kind: NO_ANSWER_CONCERN}) { advice alarm { id status handlers { name role } } userErrors { field code } } }").await;
    pair.keep("alarm", &raised, "/data/raiseAlarm/alarm/id");
    pair.done(
        lead,
        "mutation($alarm: ID!) { acknowledgeAlarm(input: {alarmId: $alarm}) { alarm { status }
        userErrors { field code } } }",
    )
    .await;
    pair.done(lead, "mutation($alarm: ID!) { closeAlarm(input: {alarmId: $alarm, found: \"平安\"}) { alarm { status
        steps { action by } } userErrors { field code } } }").await;
    pair.done(volunteer, "mutation($second: ID!) { releaseVisitTask(input: {visitTaskId: $second, reason: \"有事\"}) {
        visitTask { status } userErrors { field code } } }").await;
    pair.done(lead, "mutation($elder: ID!) { recordContacts(input: {contacts: [{residentId: $elder, outcome: SEEN_WELL}]})
        { results { visitTask { status } userErrors { field code } } userErrors { field code } } }").await;
    pair.done(lead, "mutation($elder: ID!) { recordUnplannedVisit(input: {residentId: $elder, kind: HOME_VISIT,
        outcome: SEEN_WELL, method: IN_PERSON}) { visitTask { status } userErrors { field code } } }").await;
    pair.done(lead, "mutation($home: ID!, $elder: ID!) { planVisitTask(input: {householdId: $home, residentId: $elder,
        kind: HOME_VISIT, startsAt: \"2026-03-03T01:00:00Z\", dueAt: \"2026-03-04T01:00:00Z\"}) { visitTask { status }
        userErrors { field code } } }").await;
    pair.versions().await;
    let edited = pair.done(lead, "mutation($elder: ID!, $version: Int!) { updateResident(input: {residentId: $elder,
        expectedVersion: $version, relation: \"母亲\", phone: \"13900007777\"}) { resident { version phone { value } }
        userErrors { field code } } }").await;
    pair.keep("version", &edited, "/data/updateResident/resident/version");
    pair.done(lead, "mutation($elder: ID!, $version: Int!) { setEmergencyContacts(input: {residentId: $elder,
        expectedVersion: $version, contacts: []}) { resident { version } userErrors { field code } } }").await;
    let tier = "mutation($enrolment: ID!, $enrolled: Int!) { changeEnrolment(input: {enrolmentId: $enrolment,
        expectedVersion: $enrolled, tier: HIGH_RISK}) { userErrors { field code } } }";
    pair.done(lead, tier).await;
    pair.versions().await;
    pair.done(lead, "mutation($enrolment: ID!, $enrolled: Int!) { pauseEnrolment(input: {enrolmentId: $enrolment,
        expectedVersion: $enrolled, reviewOn: \"2026-03-20\"}) { userErrors { field code } } }").await;
    pair.versions().await;
    pair.done(lead, "mutation($enrolment: ID!, $enrolled: Int!) { resumeEnrolment(input: {enrolmentId: $enrolment,
        expectedVersion: $enrolled}) { userErrors { field code } } }").await;
    let added = pair.done(staff, "mutation($home: ID!, $number: String) { addResident(input: {householdId: $home,
        name: \"王小明\", idNumber: $number}) { resident { id idNumber { masked value } } userErrors { field code } } }").await;
    pair.keep("son", &added, "/data/addResident/resident/id");
    let split = pair.done(staff, "mutation($home: ID!, $son: ID!) { splitHousehold(input: {householdId: $home,
        expectedVersion: 1, residentIds: [$son], room: \"901\"}) { household { id version } userErrors { field code } } }").await;
    pair.keep("sons", &split, "/data/splitHousehold/household/id");
    pair.done(staff, "mutation($sons: ID!, $place: ID!) { moveHousehold(input: {householdId: $sons, expectedVersion: 1,
        areaId: $place, room: \"902\"}) { household { version room { value } } userErrors { field code } } }").await;
    pair.versions().await;
    // Whoever may not, is refused in the same words.
    for who in [volunteer, staff] {
        pair.same(who, tier).await;
        pair.same(who, "mutation($secret: ID!) { endBeneficiary(input: {beneficiaryId: $secret, expectedVersion: 1,
            endedOn: \"2026-03-01\", reason: MOVED_AWAY}) { userErrors { field code } } }").await;
    }
}
