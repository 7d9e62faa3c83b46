//! What has served its time is cleared away, and nothing else.

use chrono::{DateTime, Duration, Utc};
use entity::enums::{AccompanimentStatus, ImportAction, Role};
use entity::{accompaniment, idempotency_key, import_account, refresh_token, session};
use nuanlin::housekeeping::{JOBS, purge_accompaniments, purge_keys, purge_sessions, purge_staged};
use sea_orm::ActiveValue::Set;
use sea_orm::{ActiveModelTrait as _, EntityTrait as _, IntoActiveModel as _};
use uuid::Uuid;

use crate::support::database::on_both;
use crate::support::world::{GRID, Person, World};

async fn key(world: &World, person: &Person, created_at: DateTime<Utc>) -> Uuid {
    let key = world.clock.new_id();
    idempotency_key::ActiveModel {
        account_id: Set(person.account),
        key: Set(key),
        mutation: Set("claimVisitTask".to_owned()),
        input_hash: Set("0".to_owned()),
        created_at: Set(created_at),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a key");
    key
}

/// A session that ends by itself at one time and may have been ended at another.
async fn session(
    world: &World,
    person: &Person,
    expires_at: DateTime<Utc>,
    revoked_at: Option<DateTime<Utc>>,
) -> Uuid {
    let id = world.clock.new_id();
    session::ActiveModel {
        id: Set(id),
        account_id: Set(person.account),
        created_at: Set(expires_at - Duration::days(30)),
        last_used_at: Set(expires_at - Duration::days(30)),
        expires_at: Set(expires_at),
        revoked_at: Set(revoked_at),
        ..Default::default()
    }
    .insert(&world.raw)
    .await
    .expect("a session");
    id
}

async fn token(world: &World, session: Uuid, expires_at: DateTime<Utc>, used: bool) -> String {
    let hash = world.clock.new_id().to_string();
    refresh_token::ActiveModel {
        token_hash: Set(hash.clone()),
        session_id: Set(session),
        created_at: Set(expires_at - Duration::days(30)),
        expires_at: Set(expires_at),
        used_at: Set(used.then_some(expires_at - Duration::days(29))),
    }
    .insert(&world.raw)
    .await
    .expect("a token");
    hash
}

async fn staged(world: &World, import: Uuid, ordinals: i32, created_at: DateTime<Utc>) {
    let rows = (0..ordinals).map(|ordinal| {
        import_account::Model {
            import_id: import,
            ordinal,
            account_id: world.clock.new_id(),
            account_is_new: true,
            name: "陈静".to_owned(),
            phone_sealed: "-".to_owned(),
            phone_hash: "-".to_owned(),
            code_expires_at: None,
            code_hash: None,
            grant_id: world.clock.new_id(),
            grant_action: ImportAction::Insert,
            role: Role::Volunteer,
            area_id: world.area(GRID),
            valid_until: None,
            created_at,
        }
        .into_active_model()
    });
    import_account::Entity::insert_many(rows)
        .exec_without_returning(&world.raw)
        .await
        .expect("staged rows");
}

on_both! {
    async fn keys_are_kept_for_thirty_days(db: TestDatabase) {
        let world = World::new(db).await;
        let (person, now) = (world.person("陈静", &[(Role::Volunteer, GRID)]).await, world.clock.now());
        let kept = key(&world, &person, now - Duration::days(30)).await;
        // More than one transaction removes.
        for _ in 0..501 {
            key(&world, &person, now - Duration::days(30) - Duration::milliseconds(1)).await;
        }
        assert_eq!(purge_keys(&world.app().db, &world.clock).await.unwrap(), 501);
        let left = idempotency_key::Entity::find().all(&world.raw).await.unwrap();
        assert_eq!(left.iter().map(|row| row.key).collect::<Vec<_>>(), [kept]);
        assert_eq!(purge_keys(&world.app().db, &world.clock).await.unwrap(), 0);
    }

    async fn a_session_goes_thirty_days_after_its_end_with_its_tokens(db: TestDatabase) {
        let world = World::new(db).await;
        let (person, now) = (world.person("陈静", &[(Role::Volunteer, GRID)]).await, world.clock.now());
        let (edge, past) = (now - Duration::days(30), now - Duration::days(30) - Duration::milliseconds(1));
        let live = now + Duration::days(10);
        let mut kept = vec![
            session(&world, &person, edge, None).await,
            session(&world, &person, live, Some(edge)).await,
            session(&world, &person, live, None).await,
        ];
        for (expires_at, revoked_at) in [(past, None), (live, Some(past)), (past, Some(edge))] {
            let gone = session(&world, &person, expires_at, revoked_at).await;
            token(&world, gone, past, true).await;
            token(&world, gone, live, false).await;
        }
        for _ in 0..600 {
            session(&world, &person, past, None).await;
        }
        // Of a session that goes on: what nobody can use, nor be told a thief by.
        let over = now - Duration::milliseconds(1);
        token(&world, kept[2], over, true).await;
        token(&world, kept[2], over, false).await;
        let mut tokens = vec![
            token(&world, kept[2], now, true).await,
            token(&world, kept[2], live, true).await,
            token(&world, kept[2], live, false).await,
        ];
        assert_eq!(purge_sessions(&world.app().db, &world.clock).await.unwrap(), 603 + 8);
        let mut left: Vec<Uuid> = session::Entity::find().all(&world.raw).await.unwrap().iter().map(|row| row.id).collect();
        // And the one the person is signed in with.
        assert_eq!(left.len(), kept.len() + 1);
        left.retain(|id| kept.contains(id));
        left.sort_unstable();
        kept.sort_unstable();
        assert_eq!(left, kept);
        let mut left: Vec<String> = refresh_token::Entity::find().all(&world.raw).await.unwrap().into_iter().map(|row| row.token_hash).collect();
        left.sort_unstable();
        tokens.sort_unstable();
        assert_eq!(left, tokens);
        assert_eq!(purge_sessions(&world.app().db, &world.clock).await.unwrap(), 0);
    }

    async fn what_an_import_that_crashed_had_staged_goes_after_a_day(db: TestDatabase) {
        let world = World::new(db).await;
        let (now, running) = (world.clock.now(), world.clock.new_id());
        staged(&world, running, 3, now - Duration::days(1)).await;
        let crashed = now - Duration::days(1) - Duration::milliseconds(1);
        staged(&world, world.clock.new_id(), 501, crashed).await;
        assert_eq!(purge_staged(&world.app().db, &world.clock).await.unwrap(), 501);
        let left = import_account::Entity::find().all(&world.raw).await.unwrap();
        assert!(left.len() == 3 && left.iter().all(|row| row.import_id == running));
    }
}

on_both! {
    /// Whom a volunteer was asked along to is known to nobody 30 days later; that they were asked, is.
    async fn an_accompaniment_forgets_whom_it_was_to(db: TestDatabase) {
        let world = World::new(db).await;
        let volunteer = world.person("陈静", &[(Role::Volunteer, GRID)]).await;
        let now = world.clock.now();
        let edge = now - Duration::days(30);
        let asked = async |closes_at: DateTime<Utc>| {
            let row = accompaniment::ActiveModel {
                id: Set(world.clock.new_id()),
                account_id: Set(volunteer.account),
                area_id: Set(world.area(GRID)),
                status: Set(AccompanimentStatus::Accepted),
                at: Set(closes_at - Duration::hours(8)),
                closes_at: Set(closes_at),
                name: Set("李秀英".to_owned()),
                address_sealed: Set(Some("-".to_owned())),
                meet_id: Set(volunteer.account),
                asked_by: Set(volunteer.account),
                version: Set(1),
                created_at: Set(edge),
                updated_at: Set(edge),
                ..Default::default()
            };
            row.insert(&world.raw).await.expect("an accompaniment").id
        };
        let kept = asked(edge).await;
        let mut gone = Vec::new();
        for _ in 0..3 {
            gone.push(asked(edge - Duration::milliseconds(1)).await);
        }
        assert_eq!(purge_accompaniments(&world.app().db, &world.clock).await.unwrap(), 3);
        for row in accompaniment::Entity::find().all(&world.raw).await.unwrap() {
            let told = (row.name.as_str(), row.address_sealed.is_some());
            assert_eq!(told, if row.id == kept { ("李秀英", true) } else { ("", false) });
            assert!(row.id == kept || gone.contains(&row.id));
        }
        assert_eq!(purge_accompaniments(&world.app().db, &world.clock).await.unwrap(), 0);
    }
}

#[test]
fn the_server_clears_away_by_itself() {
    let names: Vec<&str> = JOBS.iter().map(|job| job.name).collect();
    for name in [
        "purgeKeys",
        "purgeSessions",
        "purgeStaged",
        "purgeAccompaniments",
    ] {
        assert!(names.contains(&name), "{names:?}");
    }
}
