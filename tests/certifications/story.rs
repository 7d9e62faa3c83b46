//! A whole round: everybody certified, nobody missed, and no one alone decides.

#![expect(clippy::too_many_lines, reason = "a round is told whole")]

use chrono::Duration;
use entity::enums::Role;
use nuanlin::ids;
use serde_json::json;

use super::people::{
    Station, check_of, close, many, one, open, opened, photographed, registered, results, send,
    states, text, void,
};
use crate::findings::story::visit;
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, World};
use crate::visits::acts::state;

const FAMILY: &str = ", category: MARTYR_FAMILY";

on_both! {
    /// Nine people of two stations; seven are on the roster of one, an eighth comes late.
    async fn from_the_roster_to_a_closed_round(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, he, meng, luo } = Station::new(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let home = world.household(BUILDING, "101").await;
        let resident = world.elder(home, "王桂珍", &[]).await;
        let task = visit(&world, &lead, resident).await;
        for (name, area, more) in [
            ("赵一", GRID, FAMILY),
            ("钱二", GRID, FAMILY),
            ("孙三", OTHER_GRID, ", category: DISABLED"),
            ("李四", OTHER_GRID, ", category: DISABLED, isImmobile: true, preferredChannel: HOME"),
            ("周五", COMMUNITY, ", category: DISABLED, institution: \"乐康养老中心\", preferredChannel: SESSION"),
            ("吴六", COMMUNITY, ", category: MARTYR_FAMILY, registeredElsewhere: \"合肥市\", preferredChannel: LETTER"),
            // Neither this category nor this station.
            ("郑七", GRID, ", category: RED_ARMY"),
            ("冯八", FAR_BUILDING, FAMILY),
        ] {
            registered(&world, if area == FAR_BUILDING { &meng } else { &xu }, area, name, more).await;
        }
        let wang = registered(&world, &xu, GRID, "王桂珍", ", category: MARTYR_FAMILY, bornOn: \"1944-05-06\"").await;
        let candidates = "query($id: ID!) { beneficiaryCandidates(id: $id) { residentId likeness name { value } } }";
        let found = world.run(&xu, candidates, json!({"id": wang})).await;
        assert_eq!(*found.data("beneficiaryCandidates"), json!([{
            "residentId": World::id::<ids::Resident>(resident), "likeness": "NAME_AND_BIRTH", "name": {"value": "王桂珍"}}]));
        let matched = "mutation($id: ID!, $resident: ID!) { matchBeneficiary(input: {beneficiaryId: $id,
            expectedVersion: 1, residentId: $resident}) { beneficiary { residentId } userErrors { code } } }";
        let resident_id = World::id::<ids::Resident>(resident);
        world.run(&xu, matched, json!({"id": wang, "resident": resident_id})).await.payload("matchBeneficiary");

        let round = opened(&world, &xu, COMMUNITY).await;
        assert_eq!(states(&world, &xu, &round).await, [7, 0, 0, 0, 0, 0]);
        let mut checks = Vec::new();
        for name in ["赵一", "钱二", "孙三", "李四", "周五", "吴六", "王桂珍"] {
            checks.push(check_of(&world, &xu, &round, name).await);
        }
        let [zhao, qian, sun, li, zhou, wu, wang_check] = &checks[..] else { panic!("seven") };

        // Planned for two; one is not at home, the other walks in before.
        let at = ", scheduledFor: \"2026-03-03T01:00:00Z\", channel: HOME";
        assert_eq!(many(&world, &xu, "scheduleChecks", &[(zhao, at), (li, at)]).await, ["SCHEDULED", "SCHEDULED"]);
        let absent = ", channel: HOME, reason: NOT_AT_HOME";
        assert_eq!(many(&world, &xu, "recordCheckAttempts", &[(li, absent)]).await, ["PENDING"]);
        assert_eq!(states(&world, &xu, &round).await, [6, 1, 0, 0, 0, 0]);

        // Many at once: one bad entry does not lose the rest.
        let alive = ", channel: SESSION, outcome: ALIVE";
        let done = many(&world, &xu, "recordChecks", &[
            (zhao, ", channel: HOME, outcome: ALIVE, newPhone: \"13900001111\", newAddress: \"2单元301\""),
            (qian, ", channel: APPOINTMENT, outcome: ALIVE, newPhone: \"12\""),
            (zhou, alive),
            (wu, ", channel: LETTER, outcome: ALIVE"),
            (sun, ", channel: HOME, outcome: MOVED_AWAY, holdsOn: \"2026-02-01\", source: \"社区\""),
            (wang_check, ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-02-20\", source: \"家属\""),
            ("nonsense", alive),
        ]).await;
        assert_eq!(done, ["CHECKED", "PHONE_INVALID", "CHECKED", "REQUIRED", "CHECKED", "CHECKED", "NOT_FOUND"]);
        let done = many(&world, &xu, "recordChecks", &[
            (qian, ", channel: APPOINTMENT, outcome: ALIVE"),
            (wu, ", channel: LETTER, outcome: ALIVE, reference: \"皖退役函〔2026〕12号\""),
        ]).await;
        assert_eq!(done, ["CHECKED", "CHECKED"]);
        assert_eq!(states(&world, &xu, &round).await, [1, 0, 6, 0, 0, 0]);

        // The community's station does not confirm; nobody confirms their own; nothing is written yet.
        assert_eq!(one(&many(&world, &he, "confirmChecks", &[(zhao, "")]).await), "NOT_PERMITTED");
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(li, "")]).await), "NOT_CHECKED");
        let back = ", remark: \"请补充照片\"";
        assert_eq!(one(&many(&world, &meng, "returnChecks", &[(qian, back)]).await), "RETURNED");
        assert_eq!(one(&many(&world, &meng, "recordChecks", &[(qian, ", channel: VIDEO, outcome: ALIVE")]).await), "CHECKED");
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(qian, "")]).await), "OWN_CHECK");
        assert_eq!(one(&many(&world, &meng, "settleChecks", &[(qian, ", reason: \"免检\"")]).await), "OWN_CHECK");
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE deceased_on IS NOT NULL").await, 0);
        // Who is alive is shown; who is not, is said so by somebody.
        let confirm = [(zhao.as_str(), "")];
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &confirm).await), "EVIDENCE_MISSING");
        photographed(&world, &xu, &[zhao, zhou, wu, qian]).await;
        let confirm: Vec<(&str, &str)> = [zhao, zhou, sun, wu, wang_check].iter().map(|id| (id.as_str(), "")).collect();
        assert_eq!(many(&world, &meng, "confirmChecks", &confirm).await, ["CONFIRMED"; 5]);
        assert_eq!(one(&many(&world, &luo, "confirmChecks", &[(qian, "")]).await), "CONFIRMED");
        assert_eq!(states(&world, &xu, &round).await, [1, 0, 0, 0, 6, 0]);

        // What the checks proposed is on record now; of the death visits know, and no more.
        let query = "query($id: ID!) { certificationCheck(id: $id) { outcome confirmedBy beneficiary {
            phone { value } address { value } endedOn endReason } } }";
        let shown = world.run(&xu, query, json!({"id": zhao})).await;
        assert_eq!(*shown.data("certificationCheck"), json!({"outcome": "ALIVE", "confirmedBy": "孟凡",
            "beneficiary": {"phone": {"value": "13900001111"}, "address": {"value": "2单元301"},
                "endedOn": null, "endReason": null}}));
        let shown = world.run(&xu, query, json!({"id": wang_check})).await;
        assert_eq!(shown.data("certificationCheck.beneficiary.endReason"), "DECEASED");
        assert_eq!(world.count("SELECT count(*) FROM resident WHERE deceased_on = '2026-02-20'").await, 1);
        assert_eq!(state(&world, task).await, "CANCELLED");
        let findings = "{ findings(first: 5) { edges { node { outcome proposedBy remark } } } }";
        let findings = world.run(&lead, findings, json!({})).await;
        assert_eq!(*findings.data("findings.edges"), json!([{"node": {"outcome": "DECEASED",
            "proposedBy": null, "remark": "家属"}}]));

        // An eighth comes late, a ninth does not belong here.
        world.clock.advance(Duration::seconds(1));
        let late = registered(&world, &xu, GRID, "陈九", FAMILY).await;
        let add = "mutation($round: ID!, $id: ID!) { addToCertificationRound(input: {roundId: $round,
            beneficiaryId: $id, reason: \"新迁入\"}) { check { id lateReason status } userErrors { code } } }";
        let mut added = Vec::new();
        for _ in 0..2 {
            let answer = world.run(&xu, add, json!({"round": round, "id": late})).await;
            let check = answer.payload("addToCertificationRound")["check"].clone();
            assert_eq!((&check["lateReason"], &check["status"]), (&json!("新迁入"), &json!("PENDING")));
            added.push(text(&check["id"]));
        }
        assert_eq!(added[0], added[1], "nobody is on a roster twice");
        let red = "{ beneficiaries(first: 1, filter: {category: [RED_ARMY]}) { edges { node { id } } } }";
        let red = text(world.run(&xu, red, json!({})).await.data("beneficiaries.edges.0.node.id"));
        let refused = world.run(&xu, add, json!({"round": round, "id": red})).await;
        assert_eq!(refused.user_error_codes("addToCertificationRound"), ["ROUND_UNFIT"]);

        // Closing is refused, with names.
        let refused = close(&world, &xu, &round).await;
        assert_eq!(refused.user_error_codes("closeCertificationRound"), ["ROSTER_UNRESOLVED"]);
        assert_eq!(*refused.data("closeCertificationRound.unresolvedCount"), 2);
        assert_eq!(*refused.data("closeCertificationRound.unresolved"), json!([
            {"status": "PENDING", "lastAttemptReason": "NOT_AT_HOME", "beneficiary": {"name": {"value": "李四"}}},
            {"status": "PENDING", "lastAttemptReason": null, "beneficiary": {"name": {"value": "陈九"}}},
        ]));
        let refused = void(&world, &xu, &round).await;
        assert_eq!(refused.user_error_codes("voidCertificationRound"), ["ROUND_CONFIRMED"]);

        // One is settled at the street, the other certified; then it closes, once and for good.
        assert_eq!(one(&many(&world, &he, "settleChecks", &[(li, ", reason: \"长期在外\"")]).await), "NOT_PERMITTED");
        assert_eq!(one(&many(&world, &meng, "settleChecks", &[(li, ", reason: \"长期在外\"")]).await), "SETTLED");
        let chen = added[0].as_str();
        assert_eq!(one(&many(&world, &he, "recordChecks", &[(chen, ", channel: HOME, outcome: ALIVE")]).await), "CHECKED");
        photographed(&world, &he, &[chen]).await;
        let refused = close(&world, &xu, &round).await;
        assert_eq!(*refused.data("closeCertificationRound.unresolvedCount"), 1, "checked is not confirmed");
        assert_eq!(one(&many(&world, &luo, "confirmChecks", &[(chen, "")]).await), "CONFIRMED");
        for _ in 0..2 {
            let closed = close(&world, &xu, &round).await;
            assert_eq!(closed.payload("closeCertificationRound")["round"]["status"], "CLOSED");
        }
        assert_eq!(states(&world, &xu, &round).await, [0, 0, 0, 0, 7, 1]);
        for (who, mutation, input, code) in [
            (&xu, "scheduleChecks", at, "ALREADY_SETTLED"),
            (&xu, "recordChecks", alive, "ALREADY_SETTLED"),
            (&luo, "confirmChecks", "", "ALREADY_SETTLED"),
            (&luo, "settleChecks", ", reason: \"x\"", "ALREADY_SETTLED"),
        ] {
            assert_eq!(one(&many(&world, who, mutation, &[(zhao, input)]).await), code, "{mutation}");
        }
        let refused = world.run(&xu, add, json!({"round": round, "id": red})).await;
        assert_eq!(refused.user_error_codes("addToCertificationRound"), ["ROUND_NOT_OPEN"]);

        // What turns out later is an entry that points at the check.
        let correct = "mutation($id: ID!) { correctCheck(input: {checkId: $id, outcome: DECEASED,
            holdsOn: \"2026-02-27\", reason: \"派出所通报\"}) { check { outcome corrections { outcome holdsOn reason } }
            userErrors { code } } }";
        let refused = world.run(&he, correct, json!({"id": zhao})).await;
        assert_eq!(refused.user_error_codes("correctCheck"), ["NOT_PERMITTED"]);
        let own = world.run(&meng, correct, json!({"id": qian})).await;
        assert_eq!(own.user_error_codes("correctCheck"), ["OWN_CHECK"]);
        let corrected = world.run(&meng, correct, json!({"id": zhao})).await;
        assert_eq!(corrected.payload("correctCheck")["check"], json!({"outcome": "ALIVE", "corrections": [
            {"outcome": "DECEASED", "holdsOn": "2026-02-27", "reason": "派出所通报"}]}));

        for (sql, count) in [
            ("SELECT count(*) FROM certification_check", 8),
            ("SELECT count(*) FROM certification_attempt", 1),
            ("SELECT count(*) FROM beneficiary WHERE ended_on IS NULL", 8),
            ("SELECT count(*) FROM audit_entry WHERE action = 'confirmChecks'", 3),
            ("SELECT count(*) FROM audit_entry WHERE action = 'closeCertificationRound'", 1),
            ("SELECT count(*) FROM change WHERE kind = 'CERTIFICATION_ROUND'", 2),
        ] {
            assert_eq!(world.count(sql).await, count, "{sql}");
        }
    }

    /// Two rounds of a year have no area and category in common, whoever opens them and from where.
    async fn nobody_is_certified_twice_in_a_year(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        for (name, area, category) in [
            ("赵一", GRID, "MARTYR_FAMILY"), ("钱二", GRID, "DISABLED"), ("孙三", FAR_BUILDING, "DISABLED"),
        ] {
            registered(&world, &meng, area, name, &format!(", category: {category}")).await;
        }
        let first = opened_of(&world, &xu, COMMUNITY, "DISABLED").await;
        for (area, categories, expected) in [
            ("341102006", "DISABLED, RED_ARMY", &["ROUND_OVERLAPS"][..]),
            (COMMUNITY, "DISABLED", &["ROUND_OVERLAPS"]),
            (GRID, "MARTYR_FAMILY", &["AREA_UNFIT"]),
            (COMMUNITY, "RED_ARMY", &["NOBODY_THERE"]),
            ("341102006004", "DISABLED", &[]),
            ("341102006", "MARTYR_FAMILY", &[]),
        ] {
            let answer = open(&world, &meng, area, categories).await;
            assert_eq!(answer.user_error_codes("openCertificationRound"), expected, "{area} {categories}");
        }
        // Once it is voided, the street opens one for all.
        let voided = void(&world, &xu, &first).await;
        assert_eq!(voided.payload("voidCertificationRound")["round"], json!({"status": "VOIDED", "endReason": "重复"}));
        let check = check_of(&world, &xu, &first, "钱二").await;
        let alive = ", channel: HOME, outcome: ALIVE";
        assert_eq!(one(&many(&world, &xu, "recordChecks", &[(&check, alive)]).await), "ROUND_NOT_OPEN");
        let again = open(&world, &meng, "341102006", "DISABLED").await;
        assert_eq!(again.user_error_codes("openCertificationRound"), ["ROUND_OVERLAPS"], "the neighbour's is open");
        opened_of(&world, &xu, COMMUNITY, "DISABLED").await;
    }

    /// A call repeated on a bad line is one call, and a refusal stores nothing.
    async fn repeated_calls_are_one(db: TestDatabase) {
        let world = World::new(db).await;
        let Station { xu, meng, .. } = Station::new(&world).await;
        registered(&world, &xu, GRID, "赵一", FAMILY).await;
        let round = opened(&world, &xu, COMMUNITY).await;
        let check = check_of(&world, &xu, &round, "赵一").await;
        let key = format!(", idempotencyKey: \"{}\"", world.clock.new_id());
        let attempt = ", channel: VIDEO, reason: UNREACHABLE";
        for _ in 0..3 {
            let answer = send(&world, &xu, "recordCheckAttempts", &[(&check, attempt)], &key).await;
            assert_eq!(results(&answer, "recordCheckAttempts"), ["PENDING"]);
        }
        let own = format!(", id: \"{}\" {attempt}", world.clock.new_id());
        for _ in 0..3 {
            assert_eq!(one(&many(&world, &xu, "recordCheckAttempts", &[(&check, &own)]).await), "PENDING");
        }
        assert_eq!(world.count("SELECT count(*) FROM certification_attempt").await, 2);
        assert_eq!(world.count("SELECT count(*) FROM certification_check WHERE attempts = 2").await, 1);
        let died = ", channel: HOME, outcome: DECEASED, holdsOn: \"2026-03-01\", source: \"家属\"";
        for (found, answer) in [(", channel: HOME, outcome: ALIVE", "CHECKED"), (died, "ALREADY_CHECKED")] {
            let done = many(&world, &xu, "recordChecks", &[(&check, found)]).await;
            assert_eq!(one(&done), answer, "who says something else must not think that it stands");
        }
        photographed(&world, &xu, &[&check]).await;
        let outdated = many(&world, &meng, "confirmChecks", &[(&check, ", expectedVersion: 1")]).await;
        assert_eq!(one(&outdated), "VERSION_CONFLICT");
        assert_eq!(one(&many(&world, &meng, "confirmChecks", &[(&check, "")]).await), "CONFIRMED");
        assert_eq!(world.count("SELECT count(*) FROM audit_entry WHERE action = 'recordChecks'").await, 1);
        let none = send(&world, &meng, "confirmChecks", &[], "").await;
        assert_eq!(none.user_error_codes("confirmChecks"), ["OUT_OF_RANGE"]);
    }
}

async fn opened_of(
    world: &World,
    who: &crate::support::world::Person,
    area: &str,
    categories: &str,
) -> String {
    let answer = open(world, who, area, categories).await;
    text(&answer.payload("openCertificationRound")["round"]["id"])
}
