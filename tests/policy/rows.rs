//! The rows that things are made of.

use entity::circumstances::Circumstance;
use entity::enums::{
    AttachmentKind, CareTier, CoverageFigure, CoverageOutcome, Role, VerificationMode, VisitKind,
    VisitMethod,
};
use entity::{
    account, attachment, care_enrolment, care_rule, coverage_month, coverage_person, finding,
    kind_requirement, verification_rule,
};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _,
    QueryFilter as _,
};
use serde_json::json;
use uuid::Uuid;

use crate::support::world::{BUILDING, COMMUNITY, GRID, Person, World};

/// A fresh building of the first grid.
pub async fn new_building(world: &World) -> String {
    const ADD: &str = "mutation($grid: ID!) { addArea(input: {parentId: $grid, kind: BUILDING,
        name: \"10栋\"}) { area { id } userErrors { code } } }";
    let staff = world
        .person("刘敏", &[(Role::CommunityStaff, COMMUNITY)])
        .await;
    let grid = World::id::<ids::Area>(world.area(GRID));
    let answer = world.run(&staff, ADD, json!({"grid": grid})).await;
    let id = &answer.payload("addArea")["area"]["id"];
    id.as_str().expect("an id").to_owned()
}

/// A room number that no household has yet.
pub fn room(world: &World) -> String {
    format!("{}", world.clock.new_id().as_u128() % 10_000_000_000)
}

pub async fn home(world: &World) -> Uuid {
    world.household(BUILDING, &room(world)).await
}

pub async fn elder(world: &World) -> Uuid {
    let home = home(world).await;
    world
        .elder(home, "李秀英", &[Circumstance::LivesAlone])
        .await
}

pub async fn enrolment(world: &World) -> care_enrolment::Model {
    let elder = elder(world).await;
    let all = care_enrolment::Entity::find();
    let own = all.filter(care_enrolment::Column::ResidentId.eq(elder));
    own.one(&world.raw)
        .await
        .expect("a query")
        .expect("an enrolment")
}

pub async fn volunteer(world: &World) -> Person {
    world.person("刘洋", &[(Role::Volunteer, GRID)]).await
}

pub async fn account(world: &World, id: Uuid) -> account::Model {
    let row = account::Entity::find_by_id(id).one(&world.raw).await;
    row.expect("a query").expect("an account")
}

pub async fn set_password(world: &World, id: Uuid, hash: &str) {
    let mut row = account(world, id).await.into_active_model();
    row.password_hash = Set(Some(hash.to_owned()));
    row.update(&world.raw).await.expect("a change");
}

/// A care rule of 第1网格, instead of the one before.
pub async fn rule(world: &World) -> Uuid {
    let (now, id) = (world.clock.now(), world.clock.new_id());
    care_rule::Entity::delete_many()
        .exec(&world.raw)
        .await
        .expect("a deletion");
    care_rule::ActiveModel {
        id: Set(id),
        area_id: Set(world.area(GRID)),
        tier: Set(CareTier::General),
        recurrence: Set("FREQ=DAILY".to_owned()),
        kind: Set(VisitKind::HomeVisit),
        kinds: Set([VisitKind::HomeVisit].into_iter().collect()),
        methods: Set([VisitMethod::Phone].into_iter().collect()),
        days_before: Set(0),
        days_after: Set(0),
        from_minute: Set(None),
        to_minute: Set(None),
        from_on: Set(world.clock.today(nuanlin::clock::SHANGHAI)),
        to_on: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(&world.raw)
    .await
    .expect("a rule");
    id
}

/// What the community asks of who makes festival visits.
pub async fn requirement(world: &World) {
    kind_requirement::ActiveModel {
        id: Set(world.clock.new_id()),
        area_id: Set(world.area(COMMUNITY)),
        kind: Set(VisitKind::FestivalVisit),
        min_age: Set(Some(18)),
        training: Set(None),
        created_at: Set(world.clock.now()),
    }
    .insert(&world.raw)
    .await
    .expect("a requirement");
}

/// Who looks at reports of policy briefings in 第1网格.
pub async fn verification(world: &World) {
    let now = world.clock.now();
    verification_rule::ActiveModel {
        id: Set(world.clock.new_id()),
        area_id: Set(world.area(GRID)),
        kind: Set(VisitKind::PolicyBriefing),
        tier: Set(None),
        mode: Set(VerificationMode::All),
        percent: Set(None),
        hours: Set(None),
        version: Set(1),
        created_at: Set(now),
        updated_at: Set(now),
    }
    .insert(&world.raw)
    .await
    .expect("a rule");
}

/// February of the community closed twice: the second version knows somebody whom the first did not.
pub async fn reclosed(world: &World) {
    let elder = elder(world).await;
    let closer = volunteer(world).await.account;
    coverage_person::Entity::delete_many()
        .exec(&world.raw)
        .await
        .expect("a deletion");
    coverage_month::Entity::delete_many()
        .exec(&world.raw)
        .await
        .expect("a deletion");
    for version in 1..=2 {
        let id = world.clock.new_id();
        coverage_month::ActiveModel {
            id: Set(id),
            area_id: Set(world.area(COMMUNITY)),
            month_on: Set("2026-02-01".parse().expect("a day")),
            version: Set(version),
            closed_by: Set(closer),
            closed_at: Set(world.clock.now()),
        }
        .insert(&world.raw)
        .await
        .expect("a closed month");
        if version == 2 {
            coverage_person::ActiveModel {
                coverage_month_id: Set(id),
                figure: Set(CoverageFigure::Contact),
                resident_id: Set(elder),
                name: Set("李秀英".to_owned()),
                tier: Set(CareTier::Key),
                area_id: Set(world.area(BUILDING)),
                grid_id: Set(world.area(GRID)),
                compound_id: Set(None),
                community_id: Set(None),
                outcome: Set(CoverageOutcome::Missed),
                reason: Set(None),
                reason_on: Set(None),
                verified: Set(false),
                in_person: Set(false),
            }
            .insert(&world.raw)
            .await
            .expect("a person");
        }
    }
}

/// What the report of a visit proposes.
pub async fn finding(world: &World, task: Uuid) -> String {
    let row = finding::Entity::find()
        .filter(finding::Column::VisitTaskId.eq(task))
        .one(&world.raw)
        .await;
    World::id::<ids::Finding>(row.expect("a query").expect("a finding").id)
}

/// A check with a file that proves it: what is known of it, not the file itself.
pub async fn attached(world: &World, adder: &Person) -> (Uuid, Uuid) {
    let check = crate::support::files::check(world, adder, BUILDING).await;
    let row = attachment::ActiveModel {
        id: Set(world.clock.new_id()),
        check_id: Set(Some(check)),
        wish_id: Set(None),
        kind: Set(AttachmentKind::Jpeg),
        bytes: Set(3),
        sha256: Set("0".repeat(64)),
        object_name: Set(world.clock.new_id()),
        added_by: Set(adder.account),
        after_returns: Set(0),
        created_at: Set(world.clock.now()),
    };
    let row = row.insert(&world.raw).await.expect("an attachment");
    (check, row.id)
}
