//! Who opens what, and for how long.

use chrono::Duration;
use entity::enums::Role;
use sea_orm::ConnectionTrait as _;
use serde_json::json;

use super::{LINK, add, id_of, link, photo, place, rows, stored};
use crate::support::database::on_both;
use crate::support::files::{check, opened, send};
use crate::support::world::{BUILDING, COMMUNITY, FAR_BUILDING, GRID, OTHER_GRID, World};

on_both! {
    async fn evidence_is_theirs_whose_the_check_is(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let street = world.person("孙立", &[(Role::VeteransStaff, "341102006")]).await;
        let elsewhere = world.person("吴芳", &[(Role::VeteransStaff, "341102006004")]).await;
        let near = check(&world, &station, BUILDING).await;
        let far = check(&world, &elsewhere, FAR_BUILDING).await;
        let id = id_of(&add(&world, &station, near, photo(1)).await);

        let list = "query($id: ID!) { attachments(checkId: $id) { id } }";
        let near_id = json!({"id": World::id::<nuanlin::ids::CertificationCheck>(near)});
        let answer = world.run(&elsewhere, list, near_id.clone()).await;
        assert_eq!(answer.json["data"]["attachments"], json!(null));
        let foreign = world.run(&elsewhere, LINK, json!({"id": id})).await;
        assert_eq!(foreign.user_error_codes("requestAttachmentLink"), ["NOT_FOUND"]);
        for (who, check) in [(&elsewhere, near), (&station, far)] {
            let sent = add(&world, who, check, photo(2)).await;
            assert_eq!(sent.problem(), (404, "NOT_FOUND".to_owned()));
        }
        let path = link(&world, &street, &id).await;
        assert_eq!(opened(&world, &path).await.status, 200);

        for role in [Role::Volunteer, Role::GridLead, Role::CommunityStaff, Role::Supervisor, Role::Admin] {
            let area = if role == Role::Volunteer { GRID } else { COMMUNITY };
            let other = world.person("周建国", &[(role, area)]).await;
            let sent = add(&world, &other, near, photo(2)).await;
            assert_eq!(sent.problem(), (403, "FORBIDDEN".to_owned()), "{role:?}");
            let asked = world.run(&other, LINK, json!({"id": id})).await;
            // Whoever may see pictures of wishes is told no more than that there is none.
            match role {
                Role::Supervisor | Role::Admin => assert_eq!(asked.error_codes(), ["FORBIDDEN"]),
                _ => assert_eq!(asked.user_error_codes("requestAttachmentLink"), ["NOT_FOUND"]),
            }
            let listed = world.run(&other, list, near_id.clone()).await;
            assert_eq!(listed.json["data"]["attachments"], json!(null));
        }
        let nobody = send(&world, None, &place(near), &[], photo(2)).await;
        assert_eq!(nobody.problem(), (401, "UNAUTHENTICATED".to_owned()));
        assert_eq!(nobody.header("www-authenticate"), "Bearer");
        assert_eq!((rows(&world).await, stored(&world).len()), (1, 1));
    }

    async fn a_link_ends_with_its_time_and_is_nothing_else(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY), (Role::CommunityStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let id = id_of(&add(&world, &station, check, photo(1)).await);
        let path = link(&world, &station, &id).await;
        let token = path.trim_start_matches("/attachments/");

        let export = "mutation($id: ID!) { requestExport(input: {kind: MISSED, areaId: $id, month: \"2026-03\"}) {
            export { path } userErrors { code } } }";
        let area = World::id::<nuanlin::ids::Area>(world.area(COMMUNITY));
        let exported = world.run(&station, export, json!({"id": area})).await;
        let exported = exported.payload("requestExport")["export"]["path"].as_str().expect("a path").to_owned();
        let other = exported.trim_start_matches("/exports/");
        // Another signature, another kind of link, an access token; and a link is no access token.
        let last = if token.ends_with('A') { "B" } else { "A" };
        let altered = format!("{}{last}", &token[..token.len() - 1]);
        for wrong in [altered.as_str(), other, &station.token, "x", &format!("{token}x")] {
            assert_eq!(opened(&world, &format!("/attachments/{wrong}")).await.status, 401, "{wrong}");
        }
        assert_eq!(opened(&world, &format!("/exports/{token}")).await.status, 401);
        let viewer = world.ask(Some(token.into()), "{ viewer { account { id } } }", json!({})).await;
        assert_eq!(viewer.error_codes(), ["UNAUTHENTICATED"]);

        world.clock.advance(Duration::minutes(5) - Duration::seconds(1));
        assert_eq!(opened(&world, &path).await.status, 200);
        world.clock.advance(Duration::seconds(1));
        let late = opened(&world, &path).await;
        assert_eq!((late.status, late.bytes.len()), (401, 0));
    }

    async fn a_link_ends_with_the_right_to_it(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, GRID), (Role::VeteransStaff, OTHER_GRID)]).await;
        let check = check(&world, &station, BUILDING).await;
        let id = id_of(&add(&world, &station, check, photo(1)).await);
        let path = link(&world, &station, &id).await;
        assert_eq!(opened(&world, &path).await.status, 200);
        let end = |grid: &str| {
            // Both databases write a UUID's bytes in their own way: the area's code is the same.
            format!("UPDATE role_grant SET revoked_at = created_at
                WHERE area_id = (SELECT id FROM area WHERE code = '{grid}')")
        };
        world.raw.execute_unprepared(&end(GRID)).await.expect("an update");
        assert_eq!(opened(&world, &path).await.status, 404, "they still see another grid's");
        world.raw.execute_unprepared(&end(OTHER_GRID)).await.expect("an update");
        assert_eq!(opened(&world, &path).await.status, 403);
    }

    async fn a_file_that_somebody_altered_is_not_sent(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let (first, second) = (
            id_of(&add(&world, &station, check, photo(1)).await),
            id_of(&add(&world, &station, check, photo(2)).await),
        );
        let files = stored(&world);
        // One in the place of the other, and a byte changed.
        std::fs::write(&files[0].0, &files[1].1).expect("a file");
        let mut altered = files[1].1.clone();
        altered[60] ^= 1;
        std::fs::write(&files[1].0, altered).expect("a file");
        for id in [first, second] {
            let path = link(&world, &station, &id).await;
            let file = opened(&world, &path).await;
            assert_eq!((file.status, file.bytes.len()), (500, 0));
            assert!(!file.header("x-request-id").is_empty());
        }
        let reads = "SELECT count(*) FROM audit_subject WHERE subject_kind = 'Attachment'";
        assert_eq!(world.count(reads).await, 0, "nobody read them");
    }
}
