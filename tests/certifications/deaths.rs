//! Whose benefits stop: those whose death a year's rounds have confirmed, and nobody else.

use chrono::Duration;
use nuanlin::access::protected::mask_id_number;
use nuanlin::ids;
use serde_json::{Value, json};

use super::hand_overs::{FAR, far};
use super::people::{STREET, Station, check_of, close, many, one, registered, text};
use super::sheets::cells;
use crate::imports::id_number;
use crate::support::database::on_both;
use crate::support::files;
use crate::support::world::{COMMUNITY, FAR_BUILDING, GRID, Person, World};

fn number(n: u32) -> String {
    id_number("19440506", n * 2)
}

/// Opens a round of one category.
async fn round(world: &World, who: &Person, (area, year, category): (&str, i32, &str)) -> String {
    world.clock.advance(Duration::seconds(1));
    let query = format!(
        "mutation($area: ID!) {{ openCertificationRound(input: {{areaId: $area, year: {year},
            categories: [{category}], closesOn: \"2026-03-31\"}}) {{ round {{ id }} userErrors {{ code }} }} }}"
    );
    let area = json!({"area": World::id::<ids::Area>(world.area(area))});
    let answer = world.run(who, &query, area).await;
    text(&answer.payload("openCertificationRound")["round"]["id"])
}

/// What somebody is found to be, and whether the street has confirmed it; the check.
async fn found(
    world: &World,
    [checker, confirmer]: [&Person; 2],
    (round, name): (&str, &str),
    what: &str,
) -> String {
    let check = check_of(world, checker, round, name).await;
    let said = [(check.as_str(), what)];
    assert_eq!(
        one(&many(world, checker, "recordChecks", &said).await),
        "CHECKED"
    );
    if !what.contains("unconfirmed") {
        let done = many(world, confirmer, "confirmChecks", &[(&check, "")]).await;
        assert_eq!(one(&done), "CONFIRMED");
    }
    check
}

/// Name, ID number and day of each on a page, and the last cursor.
async fn page(world: &World, who: &Person, arguments: &str) -> (Vec<[Value; 3]>, Value) {
    let query = format!(
        "{{ certificationDeceased({arguments}) {{ totalCount pageInfo {{ hasNextPage }} edges {{ cursor node {{ diedOn
            name {{ value }} idNumber {{ visibility masked value }} }} }} }} }}"
    );
    let answer = world.run(who, &query, json!({})).await;
    let edges = answer
        .data("certificationDeceased.edges")
        .as_array()
        .expect("edges");
    let told = |edge: &Value| {
        let (node, number) = (&edge["node"], &edge["node"]["idNumber"]);
        let shown = if number["visibility"] == "MASKED" {
            "masked"
        } else {
            "value"
        };
        [
            node["name"]["value"].clone(),
            number[shown].clone(),
            node["diedOn"].clone(),
        ]
    };
    let last = edges
        .last()
        .map_or(Value::Null, |edge| edge["cursor"].clone());
    (edges.iter().map(told).collect(), last)
}

fn row(name: &str, number: &str, day: &str) -> [Value; 3] {
    [json!(name), json!(number), json!(day)]
}

on_both! {
    async fn the_years_deaths_are_those_that_another_confirmed(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, luo, .. } = Station::new(&world).await;
        let bai = far(&world).await;
        for (n, name, category) in [
            (1, "赵一", "DISABLED"), (2, "赵二", "DISABLED"), (3, "赵三", "DISABLED"),
            (4, "孙红", "RED_ARMY"), (5, "孙白", "RED_ARMY"), (6, "李旧", "MARTYR_CHILD"),
        ] {
            registered(&world, &xu, GRID, name, &format!(", category: {category}, idNumber: \"{}\"", number(n))).await;
        }
        registered(&world, &bai, FAR_BUILDING, "钱一", &format!(", category: DISABLED, idNumber: \"{}\"", number(7))).await;
        let ours = round(&world, &xu, (COMMUNITY, 2026, "DISABLED")).await;
        let red = round(&world, &xu, (COMMUNITY, 2026, "RED_ARMY")).await;
        let theirs = round(&world, &bai, (FAR, 2026, "DISABLED")).await;
        let last_year = round(&world, &xu, (COMMUNITY, 2025, "MARTYR_CHILD")).await;
        let died = |day: &str| format!(", channel: HOME, outcome: DECEASED, holdsOn: \"{day}\", source: \"派出所\"");
        let waits = format!("{}, notes: \"unconfirmed\"", died("2026-02-11"));
        let by_app = ", channel: ONLINE, outcome: ALIVE, reference: \"A1\"";
        found(&world, [&xu, &meng], (&ours, "赵一"), &died("2026-02-10")).await;
        found(&world, [&xu, &meng], (&ours, "赵二"), &waits).await;
        found(&world, [&xu, &meng], (&ours, "赵三"), by_app).await;
        found(&world, [&bai, &meng], (&theirs, "钱一"), &died("2026-02-12")).await;
        found(&world, [&xu, &meng], (&last_year, "李旧"), &died("2025-12-31")).await;
        // What was found out after the round was closed has the last word.
        let hong = found(&world, [&xu, &meng], (&red, "孙红"), by_app).await;
        let bai_jun = found(&world, [&xu, &meng], (&red, "孙白"), &died("2026-02-13")).await;
        close(&world, &xu, &red).await.payload("closeCertificationRound");
        for (check, what) in [
            (&hong, "outcome: DECEASED, holdsOn: \"2026-01-05\""), (&bai_jun, "outcome: MOVED_AWAY"),
        ] {
            let correct = format!("mutation($id: ID!) {{ correctCheck(input: {{checkId: $id, {what}, reason: \"核实\"}}) {{
                userErrors {{ code }} }} }}");
            world.run(&luo, &correct, json!({"id": check})).await.payload("correctCheck");
        }

        let zhao = row("赵一", &number(1), "2026-02-10");
        let sun = row("孙红", &number(4), "2026-01-05");
        let qian = row("钱一", &number(7), "2026-02-12");
        let (first, after) = page(&world, &luo, "year: 2026, first: 2").await;
        assert_eq!(first, [zhao.clone(), sun.clone()]);
        let (second, _) = page(&world, &luo, &format!("year: 2026, first: 2, after: {after}")).await;
        assert_eq!(second, std::slice::from_ref(&qian));
        let there = World::id::<ids::Area>(world.area(FAR));
        let (of_far, _) = page(&world, &luo, &format!("year: 2026, areaId: \"{there}\", first: 9")).await;
        assert_eq!(of_far, [qian]);
        assert_eq!(page(&world, &luo, "year: 2025, first: 9").await.0, [row("李旧", &number(6), "2025-12-31")]);
        // Who checks sees whom, and not the number by which benefits are stopped.
        let masked = |row: &[Value; 3]| [row[0].clone(), json!(mask_id_number(&text(&row[1]))), row[2].clone()];
        assert_eq!(page(&world, &xu, "year: 2026, first: 9").await.0, [masked(&zhao), masked(&sun)]);

        let export = "mutation($area: ID!) { requestDeceasedExport(input: {areaId: $area, year: 2026}) { export { path }
            userErrors { field code } } }";
        let sheet = async |who: &Person, area: &str| {
            let area = json!({"area": World::id::<ids::Area>(world.area(area))});
            let answer = world.run(who, export, area).await;
            let path = text(&answer.payload("requestDeceasedExport")["export"]["path"]);
            let rows = cells(&files::opened(&world, &path).await.bytes, "死亡名单");
            let told = rows[2..].iter().map(|row| [json!(row[1]), json!(row[2]), json!(row[7])]);
            told.collect::<Vec<_>>()
        };
        assert_eq!(sheet(&luo, STREET).await, [first, second].concat());
        assert_eq!(sheet(&xu, COMMUNITY).await, [masked(&zhao), masked(&sun)]);
        let foreign = json!({"area": World::id::<ids::Area>(world.area(STREET))});
        let refused = world.run(&xu, export, foreign).await;
        assert_eq!(refused.user_error_codes("requestDeceasedExport"), ["NOT_FOUND"]);
    }
}
