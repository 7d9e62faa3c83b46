//! Two women alike, but that one of them is a beneficiary: whoever is not told gets the same answers from the same
//! statements, whatever they ask and do, also after she was certified, and after both have died.

use chrono::Duration;
use entity::circumstances::Circumstance;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::{Value, json};

use super::people::{Station, check_of, many, one, opened, photographed, registered, text};
use super::secrecy::{foreign_station, matched};
use super::twin_pair::{Pair, lived};
use crate::coverage::people::wait_until;
use crate::findings::story::visit;
use crate::imports::id_number;
use crate::support::database::TestDatabase;
use crate::support::files::send;
use crate::support::statements::Statements;
use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};
use crate::visits::acts::again;

const OTHER: &str = "341102006003.01.01.02";

/// A roster of residents in which one row has the ID number of a beneficiary, and one that nobody has.
async fn imported(pair: &Pair<'_>, staff: &Person, how: &str) {
    let mut found = Vec::new();
    for (which, building) in [(1, OTHER), (0, BUILDING)] {
        let number = text(&pair.variables[which]["imported"]);
        let sheet = format!("楼栋编码,单元,房号,姓名,身份证号\n{building},1,905,孙立,{number}\n");
        pair.statements.take();
        let sent = send(
            pair.world,
            Some(staff),
            &format!("/imports/residents{how}"),
            &[],
            sheet,
        )
        .await;
        assert_eq!(sent.status, 200);
        let answer = String::from_utf8(sent.bytes).expect("text");
        found.push((pair.alike(which, &answer), pair.statements.take()));
    }
    assert_eq!(found[0], found[1]);
}

#[expect(clippy::too_many_lines, reason = "one story, told in its order")]
async fn are_alike(db: TestDatabase) {
    let statements = Statements::default();
    let _told = statements.listen();
    let world = World::new(db).await;
    let Station { xu, meng, luo, .. } = Station::new(&world).await;
    let person = async |name: &str, role, area| world.person(name, &[(role, area)]).await;
    let lead = person("周建国", Role::GridLead, GRID).await;
    let staff = person("赵敏", Role::CommunityStaff, COMMUNITY).await;
    let volunteer = person("陈静", Role::Volunteer, GRID).await;
    let mut people = vec![
        lead.clone(),
        staff.clone(),
        volunteer.clone(),
        world
            .person(
                "王芳",
                &[
                    (Role::CenterHousehold, BUILDING),
                    (Role::CenterHousehold, OTHER),
                ],
            )
            .await,
        person("李书记", Role::CompoundSecretary, "341102006003.01").await,
        person("超市", Role::Partner, COMMUNITY).await,
        person("督查", Role::Supervisor, "341102006").await,
        person("管理员", Role::Admin, "341102").await,
    ];
    people.push(foreign_station(&world).await);
    let mut pair = Pair {
        world: &world,
        statements,
        variables: Default::default(),
        names: Default::default(),
    };
    let mut elders = Vec::new();
    for (which, sequence, building) in [(0, 1, BUILDING), (1, 3, OTHER)] {
        let home = world.household(building, "101").await;
        let elder = world
            .elder(home, "李秀英", &[Circumstance::LivesAlone])
            .await;
        elders.push(elder);
        let phone = format!("138{:08}", elder.as_u128() % 100_000_000);
        let place = World::id::<ids::Area>(world.area(building));
        let number = |born: &str| id_number(born, sequence);
        let own = [
            ("home", World::id::<ids::Household>(home)),
            ("elder", World::id::<ids::Resident>(elder)),
            ("place", place),
            ("phone", phone),
            // Beneficiaries whom nobody has matched have the first two.
            ("number", number("19700101")),
            ("imported", number("19710101")),
        ];
        for (name, value) in own {
            pair.names[which].push((value.clone(), name));
            pair.variables[which].insert(name, json!(value));
        }
        let name = if which == 0 { "1栋" } else { "2栋" };
        pair.names[which].push((name.to_owned(), "楼栋"));
        pair.names[which].push((building.to_owned(), "编码"));
    }
    for name in ["task", "second"] {
        for which in [0, 1] {
            let task = World::id::<ids::VisitTask>(visit(&world, &lead, elders[which]).await);
            pair.names[which].push((task.clone(), name));
            pair.variables[which].insert(name, json!(task));
        }
        world.clock.advance(Duration::seconds(1));
    }
    let secret = registered(
        &world,
        &xu,
        BUILDING,
        "李秀英",
        ", category: DISABLED, bornOn: \"1944-05-06\"",
    )
    .await;
    matched(&world, &xu, &secret, elders[0]).await;
    for (name, number) in [("王小明", "number"), ("孙立", "imported")] {
        let more = format!(
            ", category: MARTYR_FAMILY, idNumber: {}",
            pair.variables[0][number]
        );
        registered(&world, &xu, BUILDING, name, &more).await;
    }
    let nobody = World::id::<ids::Beneficiary>(world.clock.new_id());
    for (which, id) in [secret, nobody].into_iter().enumerate() {
        pair.variables[which].insert("secret", json!(id));
    }
    pair.asked(&people).await;

    // She is seen and has a new number, which the street confirms; the community's staff write the other's down.
    let round = opened(&world, &xu, COMMUNITY).await;
    let check = check_of(&world, &xu, &round, "李秀英").await;
    let found = ", channel: HOME, outcome: ALIVE, newPhone: \"13900004444\"";
    assert_eq!(
        one(&many(&world, &xu, "recordChecks", &[(&check, found)]).await),
        "CHECKED"
    );
    photographed(&world, &xu, &[&check]).await;
    pair.asked(&people).await;
    assert_eq!(
        one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await),
        "CONFIRMED"
    );
    let edit =
        "mutation($elder: ID!) { updateResident(input: {residentId: $elder, expectedVersion: 1,
        phone: \"13900004444\"}) { userErrors { code } } }";
    let other = json!({"elder": pair.variables[1]["elder"]});
    world
        .run(&staff, edit, other)
        .await
        .payload("updateResident");
    for which in [0, 1] {
        pair.variables[which].insert("phone", json!("13900004444"));
    }
    pair.asked(&people).await;
    lived(&mut pair, [&volunteer, &lead, &staff]).await;
    for how in ["?dryRun=true", "", ""] {
        imported(&pair, &staff, how).await;
    }
    pair.asked(&people).await;

    // A month is closed, and then both turn out to have died in it: the one by certification.
    wait_until(&world, "2026-05-02T09:00:00");
    let anew = async |who: &Person, role, area| again(&world, who, role, area).await;
    let (lead, staff) = (
        anew(&lead, Role::GridLead, GRID).await,
        anew(&staff, Role::CommunityStaff, COMMUNITY).await,
    );
    let volunteer = anew(&volunteer, Role::Volunteer, GRID).await;
    let xu = anew(&xu, Role::VeteransStaff, COMMUNITY).await;
    let luo = anew(&luo, Role::VeteransStaff, "341102006").await;
    closed(&world, &staff).await;
    world.clock.advance(Duration::minutes(1));
    let last = "mutation($area: ID!) { openCertificationRound(input: {areaId: $area, year: 2025,
        categories: [DISABLED], closesOn: \"2026-05-31\"}) { round { id } userErrors { code } } }";
    let area = json!({"area": World::id::<ids::Area>(world.area(COMMUNITY))});
    let round = world.run(&xu, last, area).await;
    let round = text(&round.payload("openCertificationRound")["round"]["id"]);
    let check = check_of(&world, &xu, &round, "李秀英").await;
    let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-04-10\", source: \"派出所\"";
    assert_eq!(
        one(&many(&world, &xu, "recordChecks", &[(&check, died)]).await),
        "CHECKED"
    );
    assert_eq!(
        one(&many(&world, &luo, "confirmChecks", &[(&check, "")]).await),
        "CONFIRMED"
    );
    pair.versions().await;
    let die = "mutation($elder: ID!, $version: Int!) { recordDeath(input: {residentId: $elder,
        expectedVersion: $version, diedOn: \"2026-04-10\", source: \"派出所\"}) { userErrors { code } } }";
    let other =
        json!({"elder": pair.variables[1]["elder"], "version": pair.variables[1]["version"]});
    world.run(&staff, die, other).await.payload("recordDeath");
    let people = [lead.clone(), staff.clone(), volunteer.clone()];
    pair.asked(&people).await;
    let changes = closed(&world, &staff).await;
    let of = |which: usize| {
        let own = changes
            .iter()
            .filter(|change| change["residentId"] == pair.variables[which]["elder"]);
        let told = own.map(|change| pair.alike(which, &change.to_string()));
        told.collect::<Vec<_>>()
    };
    assert_eq!((of(0), of(0).is_empty()), (of(1), false), "{changes:?}");
    // The dead are neither called on nor edited, and whoever errs takes it back in the same way.
    for query in [
        "mutation($elder: ID!) { recordContacts(input: {contacts: [{residentId: $elder, outcome: SEEN_WELL}]})
            { results { userErrors { field code } } userErrors { field code } } }",
        "mutation($second: ID!) { claimVisitTask(input: {visitTaskId: $second}) { userErrors { field code } } }",
        "mutation($elder: ID!) { enrolResident(input: {residentId: $elder, tier: KEY, circumstances: [LIVES_ALONE]}) {
            userErrors { field code } } }",
    ] {
        for who in &people {
            pair.same(who, query).await;
        }
    }
    let confirmed = "query($place: ID!) { findings(first: 9, filter: {areaId: $place, status: CONFIRMED}) { edges { node { id
        proposedBy } } } }";
    let findings = pair.same(&lead, confirmed).await;
    pair.keep("finding", &findings, "/data/findings/edges/0/node/id");
    pair.done(
        &lead,
        "mutation($finding: ID!) { undoFinding(input: {findingId: $finding, reason: \"误记\"}) {
        finding { status } userErrors { field code } } }",
    )
    .await;
    pair.asked(&people).await;
}

/// Closes April, and says what differs from when it was closed before.
async fn closed(world: &World, staff: &Person) -> Vec<Value> {
    let close = "mutation($area: ID!) { closeCoverageMonth(input: {areaId: $area, month: \"2026-04\"}) {
        coverageVersion { changes { residentId name { value } figure before after differsIn authors } }
        userErrors { code } } }";
    let area = json!({"area": World::id::<ids::Area>(world.area(COMMUNITY))});
    let answer = world.run(staff, close, area).await;
    let changes = &answer.payload("closeCoverageMonth")["coverageVersion"]["changes"];
    changes.as_array().expect("changes").clone()
}

// On one thread, so that what runs is told to this test.
#[tokio::test]
async fn they_are_alike_on_sqlite() {
    are_alike(TestDatabase::sqlite().await).await;
}

#[tokio::test]
async fn they_are_alike_on_postgres() {
    if let Some(db) = TestDatabase::postgres().await {
        are_alike(db).await;
    }
}
