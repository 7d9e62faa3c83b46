//! The server dies just as the answer leaves; the phone asks again, and what was held goes on to lapse.

use chrono::Duration;
use entity::enums::BookingStatus;
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, ConnectionTrait as _, IntoActiveModel as _};
use serde_json::{Value, json};

use super::alliance::{Alliance, assert_counted, booked, for_home, homes, queue, rows, slot};
use crate::support::binary::Server;
use crate::support::database::on_both;
use crate::support::graphql::Client;
use crate::support::proxy::{Fault, Proxy};
use crate::support::world::World;

const BOOK: &str = "mutation($input: BookSlotInput!) { bookSlot(input: $input) {
    booking { id status ticket } userErrors { field code } } }";
const CANCEL: &str = "mutation($id: ID!, $key: UUID!) { cancelBooking(input: {bookingId: $id,
    reason: \"不需要了\", how: PHONE, idempotencyKey: $key}) { booking { status version } userErrors { field code } } }";

/// Asks three times more and expects the same answer each time.
async fn again(client: &Client, query: &str, variables: &Value) -> Value {
    let first = client.run(query, variables.clone()).await.json;
    for _ in 0..2 {
        assert_eq!(client.run(query, variables.clone()).await.json, first);
    }
    first
}

on_both! {
    async fn a_killed_server_books_and_promotes_once(db: TestDatabase) {
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let alliance = Alliance::new(&world).await;
        let slot = slot(&world, alliance.offer, 1, Duration::days(2)).await;
        let homes = homes(&world, 4).await;
        let first = booked(&world, &alliance.lead, slot, homes[0]).await;

        let mut server = Server::start(&world.database, &[]).await;
        let process = server.process();
        let proxy = Proxy::start(server.address(), move || process.kill()).await;
        let through = Client::new(&proxy.base_url()).token(&alliance.lead.token);

        proxy.set(Fault::KillAtFirstByte);
        let mut input = for_home(slot, homes[1]);
        input["idempotencyKey"] = json!("0195a000-0000-7000-8000-000000000001");
        let input = json!({"input": input});
        assert!(through.try_run(BOOK, input.clone()).await.is_err(), "the server died");
        server.restart().await;
        proxy.set(Fault::None);
        let second = again(&through, BOOK, &input).await;
        let booking = &second["data"]["bookSlot"]["booking"];
        assert_eq!((&booking["status"], &booking["ticket"]), (&json!("WAITLISTED"), &json!(2)));
        for home in &homes[2..] {
            booked(&world, &alliance.lead, slot, *home).await;
        }
        assert_counted(&world, slot).await;

        proxy.set(Fault::KillAtFirstByte);
        let cancel = json!({"id": World::id::<ids::Booking>(first), "key": "0195a000-0000-7000-8000-000000000002"});
        assert!(through.try_run(CANCEL, cancel.clone()).await.is_err(), "the server died");
        // While it is down the time to accept runs out.
        let held = rows(&world, slot).await.remove(1);
        assert_eq!(held.status, BookingStatus::Offered);
        let past = world.clock.now() - Duration::minutes(1);
        let mut held = held.into_active_model();
        held.confirm_until = Set(Some(past));
        held.update(&world.raw).await.expect("a change");
        // The next server looks at once, not when the last one would have.
        world.raw.execute_unprepared("DELETE FROM job").await.expect("a deletion");
        server.restart().await;
        proxy.set(Fault::None);
        let cancelled = again(&through, CANCEL, &cancel).await;
        assert_eq!(cancelled["data"]["cancelBooking"], json!({"booking": {"status": "CANCELLED", "version": 2}, "userErrors": []}));
        assert_eq!(world.audited("cancelBooking", first).await, 1);
        let mut states = Vec::new();
        for _ in 0..600 {
            states = queue(&world, slot).await.into_iter().map(|(_, status)| status).collect::<Vec<_>>();
            if states[1] == "CANCELLED" {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(100)).await;
        }
        assert_eq!(states, ["CANCELLED", "CANCELLED", "OFFERED", "WAITLISTED"]);
        assert_counted(&world, slot).await;
    }
}
