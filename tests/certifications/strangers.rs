//! What somebody could learn or bring about who tries: whose numbers are taken, whom others have matched, ends that a
//! street has confirmed, one act sent twice at once.

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use nuanlin::imports::command::Kind;
use sea_orm::EntityTrait as _;
use serde_json::json;
use uuid::Uuid;

use super::hand_overs::{FAR, answered, far, offered};
use super::people::{
    Station, check_of, many, one, opened, photographed, register, registered, text,
};
use super::secrecy::matched;
use super::sheets::{book, lines, sent};
use crate::attachments::{add, id_of, photo};
use crate::imports::{id_number, import};
use crate::support::database::on_both;
use crate::support::files::send;
use crate::support::graphql::Answer;
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, Person, World};
use crate::visits::acts::again;

const BORN: &str = ", category: DISABLED, bornOn: \"1944-05-06\"";
const HEADER: &str = "姓名,身份证号,联系电话,优抚类别,户籍地编码,居住地楼栋编码";
const PROBED: &str = "SELECT count(*) FROM audit_entry WHERE action = 'beneficiary:idNumberTaken'";

fn number(n: u32) -> String {
    id_number("19440506", n * 2)
}

fn numbered(n: u32) -> String {
    format!(", category: DISABLED, idNumber: \"{}\"", number(n))
}

/// Matches a beneficiary with a resident; why not, if not.
async fn matching(world: &World, who: &Person, id: &str, resident: Uuid) -> Vec<String> {
    let query = "mutation($id: ID!, $resident: ID) { matchBeneficiary(input: {beneficiaryId: $id,
        expectedVersion: 1, residentId: $resident}) { userErrors { field code } } }";
    let resident = World::id::<ids::Resident>(resident);
    let answer = world
        .run(who, query, json!({"id": id, "resident": resident}))
        .await;
    let codes = answer.user_error_codes("matchBeneficiary");
    codes.into_iter().map(str::to_owned).collect()
}

async fn reinstate(world: &World, who: &Person, id: &str, version: i64) -> Vec<String> {
    let query =
        "mutation($id: ID!, $version: Int!) { reinstateBeneficiary(input: {beneficiaryId: $id,
        expectedVersion: $version, reason: \"误登\"}) { userErrors { code } } }";
    let answer = world
        .run(who, query, json!({"id": id, "version": version}))
        .await;
    let codes = answer.user_error_codes("reinstateBeneficiary");
    codes.into_iter().map(str::to_owned).collect()
}

fn key<K: ids::Kind>(id: &str) -> Uuid {
    ids::Id::<K>::parse(id, "id").expect("an id").uuid()
}

on_both! {
    /// Of twenty a day it is told that the neighbours have them, each noted; then one waits until tomorrow.
    async fn numbers_are_not_tried_one_after_another(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        for n in 1..=24 {
            registered(&world, &bai, FAR_BUILDING, "钱一", &numbered(n)).await;
        }
        let tried = async |who: &Person, n: u32| -> Answer { register(&world, who, GRID, "李英", &numbered(n)).await };
        // Told again of the same person it is nothing new.
        for n in [1, 1].into_iter().chain(2..=20) {
            assert_eq!(tried(&xu, n).await.user_error_codes("addBeneficiary"), ["BENEFICIARY_KNOWN"]);
        }
        assert_eq!(world.count(PROBED).await, 20);
        for n in [21, 99] {
            assert_eq!(tried(&xu, n).await.error_codes(), ["RATE_LIMITED"], "taken or not");
        }
        let no_number = register(&world, &xu, GRID, "李英", BORN).await;
        let own = text(&no_number.payload("addBeneficiary")["beneficiary"]["id"]);
        let update = format!("mutation($id: ID!) {{ updateBeneficiary(input: {{beneficiaryId: $id, expectedVersion: 1,
            details: {{idNumber: \"{}\"}}}}) {{ userErrors {{ code }} }} }}", number(22));
        assert_eq!(world.run(&xu, &update, json!({"id": own})).await.error_codes(), ["RATE_LIMITED"]);
        // A colleague's day is their own; whoever is in sight is no secret.
        assert_eq!(world.run(&he, &update, json!({"id": own})).await.user_error_codes("updateBeneficiary"), ["BENEFICIARY_KNOWN"]);
        assert_eq!(world.count(PROBED).await, 21);
        registered(&world, &he, GRID, "李英", &numbered(50)).await;
        assert_eq!(tried(&he, 50).await.user_error_codes("addBeneficiary"), ["BENEFICIARY_KNOWN"]);
        assert_eq!(world.count(PROBED).await, 21);
        world.clock.advance(Duration::days(1));
        let tomorrow = again(&world, &xu, Role::VeteransStaff, COMMUNITY).await;
        assert_eq!(tried(&tomorrow, 21).await.user_error_codes("addBeneficiary"), ["BENEFICIARY_KNOWN"]);
    }

    /// By a file it is told of as many, or of nobody.
    async fn nor_by_a_file(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        for n in 1..=21 {
            registered(&world, &bai, FAR_BUILDING, "钱一", &numbered(n)).await;
        }
        let sheet = |numbers: std::ops::RangeInclusive<u32>| {
            let rows: Vec<String> = numbers.map(|n| format!("李英,{},,伤残人员,{COMMUNITY},", number(n))).collect();
            book(HEADER, &rows)
        };
        let path = "/imports/beneficiaries?dryRun=true";
        for _ in 0..2 {
            let told = sent(&world, &xu, path, &sheet(1..=3)).await;
            assert_eq!(told.refused, lines(&[(4, "PERSON_ELSEWHERE"), (5, "PERSON_ELSEWHERE"), (6, "PERSON_ELSEWHERE")]));
            assert_eq!(world.count(PROBED).await, 3);
        }
        let many = send(&world, Some(&xu), path, &[], sheet(1..=21)).await;
        assert_eq!(many.problem(), (429, "RATE_LIMITED".to_owned()));
        assert_eq!(world.count(PROBED).await, 3, "of nobody else was it told");
        let rest = sent(&world, &xu, path, &sheet(1..=20)).await;
        assert_eq!((rest.refused.len(), world.count(PROBED).await), (20, 20));
    }

    /// A resident is one of those who may be the beneficiary, and whom others have matched is none of them.
    async fn nobody_is_matched_who_is_not_alike_or_is_anothers(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let (home, next) = (world.household(BUILDING, "101").await, world.household(BUILDING, "102").await);
        let elder = world.elder(home, "李秀英", &[]).await;
        let neighbour = world.elder(next, "王桂珍", &[]).await;
        let theirs = registered(&world, &meng, FAR_BUILDING, "李秀英", BORN).await;
        let ours = registered(&world, &xu, GRID, "李秀英", BORN).await;
        let undecided = "{ beneficiaries(first: 9, filter: {isUndecided: true}) { totalCount } }";
        let open = async || {
            let answer = world.run(&xu, undecided, json!({})).await;
            answer.data("beneficiaries.totalCount").as_i64().unwrap()
        };
        assert_eq!(open().await, 1);
        assert_eq!(matching(&world, &xu, &ours, neighbour).await, ["NOT_FOUND"]);
        matched(&world, &meng, &theirs, elder).await;
        assert_eq!(matching(&world, &xu, &ours, elder).await, ["NOT_FOUND"], "whose she is, is not told");
        let candidates = "query($id: ID!) { beneficiaryCandidates(id: $id) { residentId } }";
        let found = world.run(&xu, candidates, json!({"id": ours})).await;
        assert_eq!((found.data("beneficiaryCandidates"), open().await), (&json!([]), 0));
        // Who sees both is told.
        assert_eq!(matching(&world, &meng, &ours, elder).await, ["ALREADY_MATCHED"]);
    }

    /// What the street has confirmed is not the grid's to take back; what was noted by hand is.
    async fn an_end_is_taken_back_by_who_could_confirm_it(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let dead = registered(&world, &xu, GRID, "赵一", ", category: MARTYR_FAMILY").await;
        let moved = registered(&world, &xu, GRID, "钱二", ", category: MARTYR_FAMILY").await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-02-01\", source: \"派出所\"";
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, died)]).await), "CHECKED");
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        let end = "mutation($id: ID!) { endBeneficiary(input: {beneficiaryId: $id, expectedVersion: 1,
            endedOn: \"2026-03-01\", reason: MOVED_AWAY}) { userErrors { code } } }";
        world.run(&xu, end, json!({"id": moved})).await.payload("endBeneficiary");
        assert_eq!(reinstate(&world, &xu, &dead, 2).await, ["NOT_PERMITTED"]);
        assert_eq!(reinstate(&world, &xu, &moved, 2).await, [""; 0]);
        assert_eq!(reinstate(&world, &meng, &dead, 2).await, [""; 0]);
    }

    /// A community confirms by itself, and the son has taken her to his own: she is dead there too.
    async fn a_death_is_written_wherever_they_live(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, meng, .. } = Station::new(&world).await;
        let home = world.household(FAR_BUILDING, "101").await;
        let elder = world.elder(home, "赵一", &[]).await;
        let person = registered(&world, &xu, GRID, "赵一", ", category: MARTYR_FAMILY, bornOn: \"1944-05-06\"").await;
        matched(&world, &meng, &person, elder).await;
        let open = "mutation($area: ID!, $year: Int!) { openCertificationRound(input: {areaId: $area, year: $year,
            categories: [MARTYR_FAMILY], closesOn: \"2026-03-31\", confirmLevel: COMMUNITY}) { round { id }
            userErrors { code } } }";
        for (year, found) in [
            (2025, ", channel: HOME, outcome: ALIVE, newPhone: \"13900004444\""),
            (2026, ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-02-01\", source: \"派出所\""),
        ] {
            let area = json!({"area": World::id::<ids::Area>(world.area(COMMUNITY)), "year": year});
            let answer = world.run(&xu, open, area).await;
            let round = text(&answer.payload("openCertificationRound")["round"]["id"]);
            let check = check_of(&world, &xu, &round, "赵一").await;
            assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, found)]).await), "CHECKED");
            photographed(&world, &xu, &[&check]).await;
            assert_eq!(one(&many(&world, &he, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
            let row = entity::resident::Entity::find_by_id(elder).one(&world.raw).await.unwrap().unwrap();
            let day = row.deceased_on.map(|day| day.to_string());
            let expected = if year == 2026 { (Some("2026-02-01"), 2) } else { (None, 1) };
            assert_eq!((day.as_deref(), row.version), expected, "a number is not written there");
        }
        let lead = world.person("白组长", &[(Role::GridLead, "341102006004.01.01")]).await;
        let list = "{ findings(first: 5) { edges { node { outcome holdsOn remark proposedBy } } } }";
        let list = world.run(&lead, list, json!({})).await;
        assert_eq!(*list.data("findings.edges"), json!([{"node": {"outcome": "DECEASED", "holdsOn": "2026-02-01",
            "remark": "派出所", "proposedBy": null}}]));
    }

    /// Last year's list still has the old number; the one that a check brought stays.
    async fn a_roster_replaces_no_number_that_was_confirmed(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        let known = ", category: MARTYR_FAMILY, phone: \"13900001111\"";
        for (n, name) in [(1, "赵一"), (2, "钱二")] {
            registered(&world, &xu, COMMUNITY, name, &format!("{known}, idNumber: \"{}\"", number(n))).await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let found = ", channel: HOME, outcome: ALIVE, newPhone: \"13900002222\"";
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, found)]).await), "CHECKED");
        photographed(&world, &xu, &[&check]).await;
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        let rows = [(1, "赵一"), (2, "钱二")].map(|(n, name)| format!("{name},{},13900003333,三属,{COMMUNITY},", number(n)));
        let path = "/imports/beneficiaries";
        let done = sent(&world, &xu, path, &book(HEADER, &rows)).await;
        assert_eq!((done.counts, done.warnings), (json!([0, 1, 1]), lines(&[(4, "PHONE_KEPT")])));
        let query = "query($name: String) { beneficiaries(first: 1, filter: {name: $name}) { edges { node { phone { value } } } } }";
        for (name, phone) in [("赵一", "13900002222"), ("钱二", "13900003333")] {
            let answer = world.run(&xu, query, json!({"name": name})).await;
            assert_eq!(answer.data("beneficiaries.edges.0.node.phone.value"), phone);
        }
        // The same number is nothing to warn of.
        let rows = [format!("赵一,{},13900002222,三属,{COMMUNITY},", number(1))];
        let same = sent(&world, &xu, path, &book(HEADER, &rows)).await;
        assert_eq!((same.counts, same.warnings), (json!([0, 0, 1]), lines(&[(0, "ABSENT_FROM_FILE")])));
    }

    /// That somebody of this name lives here is told by a file alone, and stands in the audit.
    async fn of_whom_a_file_tells_is_noted(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let sheet = format!("楼栋编码,单元,房号,姓名,身份证号,出生日期\n{BUILDING},1,101,赵玉兰,,1944-05-06\n");
        import(&world, Kind::Residents, &sheet).await;
        let rows = [format!("赵玉兰,{},,三属,{COMMUNITY},", number(1))];
        let done = sent(&world, &xu, "/imports/beneficiaries?dryRun=true", &book(HEADER, &rows)).await;
        assert_eq!(done.warnings, lines(&[(4, "MATCH_DOUBTFUL")]));
        assert_eq!(world.count("SELECT count(*) FROM audit_subject WHERE subject_kind = 'Resident'").await, 1);
    }

    /// A bad line sends the same try and the same offer twice at once.
    async fn one_act_sent_twice_at_once_is_one(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        far(&world).await;
        let names: Vec<String> = (0..rounds()).map(|turn| format!("赵{turn}")).collect();
        for name in &names {
            registered(&world, &xu, GRID, name, ", category: MARTYR_FAMILY").await;
        }
        let round = opened(&world, &xu, COMMUNITY).await;
        for name in &names {
            let check = check_of(&world, &xu, &round, name).await;
            let id = world.clock.new_id();
            let tried = format!(", id: \"{id}\", channel: HOME, reason: NOT_AT_HOME");
            let tried = [(check.as_str(), tried.as_str())];
            let (one_of, other) = tokio::join!(
                many(&world, &xu, "recordCheckAttempts", &tried),
                many(&world, &xu, "recordCheckAttempts", &tried),
            );
            assert_eq!((one(&one_of), one(&other)), ("PENDING", "PENDING"));
            let row = entity::certification_check::Entity::find_by_id(key::<ids::CertificationCheck>(&check));
            assert_eq!(row.one(&world.raw).await.unwrap().unwrap().attempts, 1);

            let id = world.clock.new_id();
            let area = World::id::<ids::Area>(world.area(FAR));
            let offer = format!("mutation {{ offerHandOvers(input: {{offers: [{{id: \"{id}\", checkId: \"{check}\",
                toAreaId: \"{area}\", reason: \"住在白云\"}}]}}) {{ results {{ handOver {{ status }} userErrors {{ code }} }}
                userErrors {{ code }} }} }}");
            let (one_of, other) = tokio::join!(
                world.run(&xu, &offer, json!({})),
                world.run(&xu, &offer, json!({})),
            );
            let made = json!([{"handOver": {"status": "OFFERED"}, "userErrors": []}]);
            for answer in [one_of, other] {
                assert_eq!(answer.payload("offerHandOvers")["results"], made);
            }
        }
    }

    /// The phone repeats in the evening what it had said in the morning; and an id is somebody else's.
    async fn what_was_said_stands_and_ids_are_taken(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", ", category: MARTYR_FAMILY").await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let at = [(check.as_str(), ", scheduledFor: \"2026-03-02T01:05:00Z\"")];
        assert_eq!(one(&many(&world, &xu, "scheduleChecks", &at).await), "SCHEDULED");
        world.clock.advance(Duration::minutes(8));
        assert_eq!(one(&many(&world, &xu, "scheduleChecks", &at).await), "SCHEDULED");
        let later = [(check.as_str(), ", scheduledFor: \"2026-03-02T01:06:00Z\"")];
        assert_eq!(one(&many(&world, &xu, "scheduleChecks", &later).await), "DAY_PAST");

        let id = world.clock.new_id();
        let add = format!("mutation($area: ID!) {{ addBeneficiary(input: {{id: \"{id}\", areaId: $area, details: {{
            name: \"李英\", category: DISABLED}}}}) {{ userErrors {{ field code }} }} }}");
        let area = |code| json!({"area": World::id::<ids::Area>(world.area(code))});
        world.run(&meng, &add, area(FAR)).await.payload("addBeneficiary");
        let taken = world.run(&xu, &add, area(COMMUNITY)).await;
        let errors = taken.user_errors("addBeneficiary");
        assert_eq!((errors[0].field, errors[0].code), (Some("id"), "ID_TAKEN"));
    }

    /// What changes at a check that was handed over is announced to both stations; one plans with one's colleagues.
    async fn both_stations_hear_of_it_and_know_their_colleagues(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        registered(&world, &xu, GRID, "赵一", ", category: MARTYR_FAMILY").await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let offer = offered(&world, &xu, &check).await;
        assert_eq!(answered(&world, &bai, "acceptHandOvers", &offer).await, "ACCEPTED");
        let row = key::<ids::CertificationCheck>(&check);
        let before = world.changed(row).await;
        id_of(&add(&world, &bai, row, photo(1)).await);
        assert_eq!(world.changed(row).await - before, 2);

        let query = "query($area: ID!) { certificationAssignees(areaId: $area) { accountId name area { name } } }";
        let colleagues = async |who: &Person, area: &str| {
            let area = json!({"area": World::id::<ids::Area>(world.area(area))});
            let answer = world.run(who, query, area).await;
            let mut names: Vec<String> = answer.data("certificationAssignees").as_array().unwrap().iter()
                .map(|one| format!("{} {}", text(&one["area"]["name"]), text(&one["name"]))).collect();
            names.sort();
            names
        };
        let street = ["清流街道 孟凡", "清流街道 罗兰"];
        assert_eq!(colleagues(&bai, FAR).await, [&street[..], &["白云社区 徐国民"]].concat());
        assert_eq!(colleagues(&bai, COMMUNITY).await, [""; 0]);
        let own = colleagues(&xu, GRID).await;
        assert_eq!(own, [&["创业北路社区 何志刚", "创业北路社区 许卫东"][..], &street].concat());
    }
}
