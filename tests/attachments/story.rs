//! A photo from the doorstep to the desk where it is looked at; sent twice; left behind.

use chrono::Duration;
use entity::enums::Role;
use futures_util::future::join_all;
use nuanlin::attachments::sweep::sweep;
use sea_orm::ConnectionTrait as _;
use serde_json::json;
use sha2::{Digest as _, Sha256};
use uuid::Uuid;

use super::{add, bare, has, id_of, link, pdf, photo, place, rows, stored};
use crate::support::database::on_both;
use crate::support::files::{check, opened, send};
use crate::support::rounds::rounds;
use crate::support::world::{BUILDING, COMMUNITY, OTHER_BUILDING, World};

const LIST: &str = "query($id: ID!) { attachments(checkId: $id) { id kind bytes sha256 addedBy } }";

fn sha256(bytes: &[u8]) -> String {
    nuanlin::access::sealed::hex(&Sha256::digest(bytes))
}

on_both! {
    async fn a_photo_is_kept_without_its_place_and_opened_as_it_was_kept(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let headers = [("content-type", "text/html"), ("accept-language", "en")];
        let sent = send(&world, Some(&station), &place(check), &headers, photo(1)).await;
        let id = id_of(&sent);
        let taken = sent.json();
        let expected = json!({"id": id, "checkId": taken["checkId"], "wishId": null, "kind": "JPEG", "bytes": bare(1).len(),
            "sha256": sha256(&bare(1)), "addedBy": "钱卫国", "isCurrent": true, "addedAt": "2026-03-02T01:00:00Z"});
        assert_eq!(taken, expected);
        assert_eq!(world.audited("addAttachment", check).await, 1);
        assert_eq!(world.changed(check).await, 1);

        let files = stored(&world);
        assert_eq!(files.len(), 1);
        for part in [b"GPS".as_slice(), b"the picture itself"] {
            assert!(has(&photo(1), part) && !has(&files[0].1, part), "it is sealed");
        }

        let list = world.run(&station, LIST, json!({"id": taken["checkId"]})).await;
        let listed = json!([{"id": id, "kind": "JPEG", "bytes": bare(1).len(), "sha256": sha256(&bare(1)),
            "addedBy": "钱卫国"}]);
        assert_eq!(list.json["data"]["attachments"], listed);

        let path = link(&world, &station, &id).await;
        let reads = "SELECT count(*) FROM audit_subject WHERE subject_kind = 'Attachment'";
        assert_eq!(world.count(reads).await, 0, "asking is not opening");
        for times in 1..=2 {
            let file = opened(&world, &path).await;
            assert_eq!((file.status, &file.bytes), (200, &bare(1)));
            assert_eq!(file.header("content-type"), "image/jpeg");
            assert_eq!(file.header("x-content-type-options"), "nosniff");
            assert_eq!(file.header("cache-control"), "private, no-store");
            assert_eq!(file.header("content-security-policy"), "default-src 'none'; sandbox");
            let name = file.header("content-disposition");
            assert!(name.starts_with("attachment; filename*=UTF-8''"), "{name}");
            assert_eq!(world.count(reads).await, times);
        }
        let entries = "SELECT count(*) FROM audit_entry WHERE action = 'read:attachment'
            AND actor_id IN (SELECT added_by FROM attachment)";
        assert_eq!(world.count(entries).await, 2);
    }

    /// A scan made by a phone's app, which wrote who, with what and where into it.
    async fn a_scan_is_kept_without_what_it_says_of_itself(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let xmp = "<x:xmpmeta><exif:GPSLatitude>32,18.1N</exif:GPSLatitude></x:xmpmeta>";
        let xmp = format!("<< /Type /Metadata /Subtype /XML /Length {} >>\nstream\n{xmp}\nendstream", xmp.len());
        let told = pdf(&[&xmp, "<< /Author (GPS 32.3017N) >>"], "/Metadata 4 0 R", "/Info 5 0 R");
        assert!(has(&told, b"GPS"));
        let id = id_of(&add(&world, &station, check, told).await);
        let path = link(&world, &station, &id).await;
        let file = opened(&world, &path).await;
        assert_eq!((file.status, file.header("content-type")), (200, "application/pdf"));
        assert!(!has(&file.bytes, b"GPS") && !has(&file.bytes, b"Author") && has(&file.bytes, b"/MediaBox"));
        let locked = pdf(&["<< /Filter /Standard /V 1 /R 2 /P -4 /O (0123456789abcdef0123456789abcdef)
            /U (0123456789abcdef0123456789abcdef) >>"], "", "/Encrypt 4 0 R /ID [(a) (a)]");
        let refused = add(&world, &station, check, locked).await;
        assert_eq!(refused.problem(), (422, "FILE_ENCRYPTED".to_owned()));
        assert_eq!(rows(&world).await, 1);
    }

    async fn a_file_sent_again_is_the_one_that_is_there(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let other = check(&world, &station, OTHER_BUILDING).await;
        let check = check(&world, &station, BUILDING).await;
        let key = [("idempotency-key", "0195a000-0000-7000-8000-000000000001")];
        let first = send(&world, Some(&station), &place(check), &key, photo(1)).await;
        let again = send(&world, Some(&station), &place(check), &key, photo(1)).await;
        assert_eq!(id_of(&first), id_of(&again));
        assert_eq!(id_of(&add(&world, &station, check, photo(1)).await), id_of(&first), "without a key, too");
        assert_eq!((rows(&world).await, stored(&world).len()), (1, 1));
        assert_eq!(world.audited("addAttachment", check).await, 1);

        let reused = send(&world, Some(&station), &place(check), &key, photo(2)).await;
        assert_eq!(reused.problem(), (409, "IDEMPOTENCY_KEY_REUSED".to_owned()));
        let no_key = send(&world, Some(&station), &place(check), &[("idempotency-key", "7")], photo(2)).await;
        assert_eq!(no_key.problem(), (400, "BAD_USER_INPUT".to_owned()));
        assert_eq!((rows(&world).await, stored(&world).len()), (1, 1));
        // The same photo may prove two checks.
        assert_ne!(id_of(&add(&world, &station, other, photo(1)).await), id_of(&first));
        assert_eq!((rows(&world).await, stored(&world).len()), (2, 2));
    }

    async fn of_ten_at_once_one_is_written(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        for _ in 0..rounds() {
            let check = check(&world, &station, BUILDING).await;
            let before = (rows(&world).await, stored(&world).len());
            let sent = join_all((0..10).map(|_| add(&world, &station, check, photo(1)))).await;
            let ids: std::collections::BTreeSet<String> = sent.iter().map(id_of).collect();
            assert_eq!(ids.len(), 1);
            assert_eq!((rows(&world).await, stored(&world).len()), (before.0 + 1, before.1 + 1));
            assert_eq!(world.audited("addAttachment", check).await, 1);
        }
    }

    /// Twenty files are enough, and none comes to a check on which somebody has decided.
    async fn a_check_takes_twenty_files_until_it_is_confirmed(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        for number in 0..20 {
            id_of(&add(&world, &station, check, photo(number)).await);
        }
        let full = add(&world, &station, check, photo(20)).await;
        assert_eq!(full.problem(), (409, "ATTACHMENT_LIMIT".to_owned()));
        let confirmed = "UPDATE certification_check SET status = 'CONFIRMED'";
        world.raw.execute_unprepared(confirmed).await.expect("an update");
        let late = add(&world, &station, check, photo(20)).await;
        assert_eq!(late.problem(), (409, "ALREADY_SETTLED".to_owned()));
        id_of(&add(&world, &station, check, photo(3)).await);
        assert_eq!((rows(&world).await, stored(&world).len()), (20, 20));
    }

    async fn what_was_stored_for_nothing_goes_after_a_day(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let id = id_of(&add(&world, &station, check, photo(1)).await);
        let (store, left) = (&world.app().store, world.clock.new_id());
        store.put(left, b"left behind".to_vec()).await.expect("a file");
        store.put(Uuid::from_u128(7), b"of another making".to_vec()).await.expect("a file");
        world.clock.advance(Duration::hours(23));
        assert_eq!(sweep(world.app()).await.expect("a sweep"), 0);
        world.clock.advance(Duration::hours(2));
        assert_eq!(sweep(world.app()).await.expect("a sweep"), 1);
        assert!(store.get(left).await.is_err());
        assert_eq!(stored(&world).len(), 2);
        let station = world.signed_in(station.account, 1, vec![(Role::VeteransStaff, world.area(COMMUNITY))]).await;
        let path = link(&world, &station, &id).await;
        assert_eq!(opened(&world, &path).await.bytes, bare(1));
    }
}
