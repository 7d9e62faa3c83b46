//! The household's one-time code: who may use it, and how often one may guess.

use chrono::Duration;

use super::town::{Town, text};
use crate::support::database::on_both;

on_both! {
    /// Four wrong codes leave the right one; the fifth ends it, and only a new one counts.
    async fn five_wrong_codes_end_it(db: TestDatabase) {
        let town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let minutes = town.minutes(&wish, &[("刘洋", 30)]).await;
        let wrong = if code == "000000" { "111111" } else { "000000" };
        let tried = async |code: &str| {
            let more = format!(", code: \"{code}\" {minutes}");
            town.act(&town.liu, "fulfilWish", (&wish, &more)).await
        };
        for _ in 0..5 {
            assert_eq!(tried(wrong).await, "CODE_INVALID");
        }
        assert_eq!(tried(&code).await, "CODE_INVALID", "five were too many");
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &minutes)).await, "EVIDENCE_MISSING");
        let query = format!("mutation {{ issueWishCode(input: {{wishId: \"{wish}\"}}) {{ code wish {{ version }} userErrors {{ code }} }} }}");
        let answer = town.world.run(&town.zhang, &query, serde_json::json!({})).await;
        let code = text(&answer.payload("issueWishCode")["code"]);
        for _ in 0..4 {
            assert_eq!(tried(wrong).await, "CODE_INVALID");
        }
        assert_eq!(tried(&code).await, "FULFILLED");
    }

    /// Who was told the code proves nothing by it; a volunteer is told none; after 30 days it is void.
    async fn whoever_was_told_it_proves_nothing(db: TestDatabase) {
        let mut town = Town::new(db).await;
        let (wish, code) = town.told("").await;
        assert_eq!(town.act(&town.zhou, "takeWish", (&wish, "")).await, "BOOKED");
        let done = format!(", code: \"{code}\" {}", town.minutes(&wish, &[("周敏", 30)]).await);
        assert_eq!(town.act(&town.zhou, "fulfilWish", (&wish, &done)).await, "OWN_CODE");
        assert_eq!(town.act(&town.zhou, "issueWishCode", (&wish, "")).await, "OWN_CODE");
        assert_eq!(town.act(&town.liu, "issueWishCode", (&wish, "")).await, "NOT_PERMITTED");
        assert_eq!(town.act(&town.zhou, "giveWishBack", (&wish, ", reason: \"出差\"")).await, "OPEN");
        assert_eq!(town.act(&town.liu, "takeWish", (&wish, "")).await, "BOOKED");
        let done = format!(", code: \"{code}\" {}", town.minutes(&wish, &[("刘洋", 30)]).await);
        town.later(Duration::days(30)).await;
        assert_eq!(town.act(&town.liu, "fulfilWish", (&wish, &done)).await, "CODE_INVALID");
    }
}
