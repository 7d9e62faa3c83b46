//! Who writes a household's wish down, and what its words may hold.

use nuanlin::ids;
use serde_json::{Value, json};

use super::town::{Town, text};
use crate::support::database::on_both;
use crate::support::graphql::Answer;
use crate::support::world::World;

const WORDS: &str = ", words: \"修一下门锁\"";

#[track_caller]
fn refused(answer: &Answer) -> (String, Value) {
    let error = &answer.data("recordWish")["userErrors"][0];
    (text(&error["code"]), error["field"].clone())
}

on_both! {
    /// Staff and the center household where they answer for it; a volunteer at the door of a visit they have claimed.
    async fn who_writes_it_down(db: TestDatabase) {
        let town = Town::new(db).await;
        for who in [&town.zhou, &town.wang, &town.zhang] {
            let payload = town.record(who, WORDS).await.payload("recordWish").clone();
            assert_eq!((&payload["wish"]["status"], &payload["code"]), (&json!("OPEN"), &json!(null)));
        }
        for who in [&town.liu, &town.he] {
            let answer = town.record(who, WORDS).await;
            assert_eq!(refused(&answer), ("NOT_FOUND".to_owned(), json!("householdId")));
        }
        assert_eq!(town.record(&town.qian, WORDS).await.error_codes(), ["FORBIDDEN"]);
        let task = World::id::<ids::VisitTask>(town.world.open_task(&town.wang, town.home).await);
        let during = format!("{WORDS}, visitTaskId: \"{task}\"");
        let early = town.record(&town.liu, &during).await;
        assert_eq!(refused(&early), ("NOT_FOUND".to_owned(), json!("visitTaskId")));
        let claim = "mutation($id: ID!) { claimVisitTask(input: {visitTaskId: $id}) { userErrors { code } } }";
        town.world.run(&town.liu, claim, json!({"id": task})).await.payload("claimVisitTask");
        town.record(&town.liu, &during).await.payload("recordWish");
        let other = town.record(&town.chen, &during).await;
        assert_eq!(refused(&other), ("NOT_FOUND".to_owned(), json!("visitTaskId")));
        let release = "mutation($id: ID!) { releaseVisitTask(input: {visitTaskId: $id, reason: \"有事\"}) { userErrors { code } } }";
        town.world.run(&town.liu, release, json!({"id": task})).await.payload("releaseVisitTask");
        let late = town.record(&town.liu, &during).await;
        assert_eq!(refused(&late), ("NOT_FOUND".to_owned(), json!("visitTaskId")));
        assert_eq!(town.world.count("SELECT count(*) FROM wish").await, 4);
    }

    /// What all may read holds no number; a past day, too many helpers and a stranger are refused; nothing is left behind.
    async fn what_is_refused(db: TestDatabase) {
        let town = Town::new(db).await;
        let elsewhere = town.world.household(crate::support::world::OTHER_BUILDING, "101").await;
        let stranger = World::id::<ids::Resident>(town.world.elder(elsewhere, "赵一", &[]).await);
        let stranger = format!("{WORDS}, onBehalfOfId: \"{stranger}\"");
        for (more, code, field) in [
            (", words: \"请打13812341234\"", "PERSONAL_NUMBER", "words"),
            (", words: \" \"", "REQUIRED", "words"),
            (", words: \"锁\", expiresOn: \"2026-03-01\"", "DAY_PAST", "expiresOn"),
            (", words: \"锁\", helpersWanted: 21", "OUT_OF_RANGE", "hands"),
            (stranger.as_str(), "RESIDENT_ELSEWHERE", "onBehalfOfId"),
        ] {
            let answer = town.record(&town.zhou, more).await;
            assert_eq!(refused(&answer), (code.to_owned(), json!(field)), "{more}");
        }
        assert_eq!(town.world.count("SELECT count(*) FROM wish").await, 0);
    }

    /// Told twice by a phone that heard no answer, it is one wish, and the code is told once.
    async fn a_repeat_is_the_same_wish(db: TestDatabase) {
        let town = Town::new(db).await;
        let id = town.world.clock.new_id();
        let more = format!("{WORDS}, id: \"{id}\", withCode: true, idempotencyKey: \"{}\"", town.world.clock.new_id());
        let first = town.record(&town.zhou, &more).await.payload("recordWish").clone();
        assert_eq!(text(&first["code"]).len(), 6);
        let again = town.record(&town.zhou, &more).await.payload("recordWish").clone();
        assert_eq!((&again["wish"]["id"], &again["code"]), (&first["wish"]["id"], &json!(null)));
        let keyless = format!("{WORDS}, id: \"{id}\"");
        assert_eq!(town.record(&town.zhou, &keyless).await.payload("recordWish")["wish"]["id"], first["wish"]["id"]);
        let other = town.record(&town.zhou, &format!(", words: \"别的\", id: \"{id}\"")).await;
        assert_eq!(refused(&other), ("ID_TAKEN".to_owned(), json!("id")));
        assert_eq!(town.world.count("SELECT count(*) FROM wish").await, 1);
    }

    /// An edit needs the version that was seen; its words are judged as the first ones were.
    async fn it_is_edited(db: TestDatabase) {
        let town = Town::new(db).await;
        let wish = town.wish("").await;
        let edit = |version: i64, words: &str| format!(", expectedVersion: {version}, words: \"{words}\", urgency: URGENT");
        assert_eq!(town.act(&town.zhang, "takeWish", (&wish, "")).await, "BOOKED");
        assert_eq!(town.act(&town.wang, "updateWish", (&wish, &edit(2, "洗两台"))).await, "VERSION_CONFLICT");
        assert_eq!(town.act(&town.wang, "updateWish", (&wish, &edit(3, "电话0550-3012345"))).await, "PERSONAL_NUMBER");
        assert_eq!(town.act(&town.wang, "updateWish", (&wish, &edit(3, "洗两台"))).await, "BOOKED");
        assert_eq!(town.act(&town.wang, "updateWish", (&wish, &edit(4, "洗两台"))).await, "BOOKED");
        assert_eq!(town.see(&town.wang, &wish).await["version"], 4, "nothing new is no change");
    }
}
