//! What grows in a town's places: areas, who works there, whom they visit.

use chrono::{Duration, NaiveDate};
use entity::circumstances::Circumstance;
use entity::enums::{
    AreaKind, CareTier, CoverageFigure, CoverageOutcome, Role, VerificationMode, VisitKind,
    VisitMethod, VisitOutcome, VisitStatus,
};
use entity::{
    area, area_closure, care_enrolment, care_pause, care_rule, coverage_month, coverage_person,
    household_place, kind_requirement, resident, role_grant, verification_rule, visit_task,
};
use nuanlin::ids;
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::Expr;
use sea_orm::{
    ActiveModelTrait as _, ColumnTrait as _, EntityTrait as _, IntoActiveModel as _, Iterable as _,
    QueryFilter as _,
};

use super::town::Town;
use crate::policy::rows::{elder, home, room};
use crate::support::world::{BUILDING, COMMUNITY, GRID, OTHER_BUILDING, OTHER_GRID, Person};

impl Town {
    async fn added(&self, who: &Person, parent: &str, kind: &str) -> String {
        let name = self.world.clock.new_id();
        let input = format!("parentId: {parent}, kind: {kind}, name: \"{name}\"");
        let made = self.done(who, "addArea", &input, "area { id }").await;
        made["area"]["id"].as_str().expect("an id").to_owned()
    }

    /// A compound with a grid, in which are a check and a wish; a building that is retired; a community elsewhere.
    pub(super) async fn places(&mut self) {
        self.community().await;
        let compound = self.added(&self.me, "$community", "COMPOUND").await;
        let compound = format!("\"{compound}\"");
        let grid = self.added(&self.me, &compound, "GRID").await;
        self.things.insert("newgrid", grid);
        let building = self.added(&self.me, "$grid", "BUILDING").await;
        let input = format!("areaId: \"{building}\", successorIds: [$othergrid], reason: \"拆除\"");
        self.done(&self.me, "retireArea", &input, "").await;
        self.things.insert("retired", building);
    }

    /// Another community of the street, of which the server hears with the next area that is added.
    async fn community(&self) {
        let world = &self.world;
        let (id, now) = (world.clock.new_id(), world.clock.now());
        let street = world.area("341102006");
        let row = area::ActiveModel {
            id: Set(id),
            parent_id: Set(Some(street)),
            kind: Set(AreaKind::Community),
            code: Set(format!("3411020069{:02}", self.grown)),
            name: Set("新社区".to_owned()),
            time_zone: Set("Asia/Shanghai".to_owned()),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
            ..Default::default()
        };
        row.insert(&world.raw).await.expect("an area");
        for (above, depth) in [(id, 0), (street, 1), (world.area("341102"), 2)] {
            let row = area_closure::ActiveModel {
                ancestor_id: Set(above),
                descendant_id: Set(id),
                depth: Set(depth),
            };
            row.insert(&world.raw).await.expect("a closure row");
        }
    }

    /// Another grid lead, another center household; of the asker a grant that ended, one to come, one at
    /// the retired building, a session.
    pub(super) async fn people(&self) {
        let world = &self.world;
        world.person("周建国", &[(Role::GridLead, GRID)]).await;
        world
            .person("陈桂芳", &[(Role::CenterHousehold, BUILDING)])
            .await;
        let now = world.clock.now();
        let day = Duration::days(1);
        let new = self.key::<ids::Area>("newgrid");
        let retired = self.key::<ids::Area>("retired");
        for (role, area, from, until) in [
            (Role::Volunteer, new, now - day * 9, Some(now - day)),
            (Role::GridLead, new, now + day, None),
            (Role::Volunteer, retired, now - day, None),
        ] {
            let row = role_grant::ActiveModel {
                id: Set(world.clock.new_id()),
                account_id: Set(self.me.account),
                role: Set(role),
                area_id: Set(area),
                valid_from: Set(from),
                valid_until: Set(until),
                created_at: Set(now),
                ..Default::default()
            };
            row.insert(&world.raw).await.expect("a grant");
        }
        world.signed_in(self.me.account, 1, Vec::new()).await;
    }

    /// What the second grid asks of another kind of visit, and of another tier while there is one.
    pub(super) async fn rules(&self) {
        let world = &self.world;
        let (now, which) = (world.clock.now(), self.grown as usize - 1);
        let kind = VisitKind::iter().nth(which).expect("a kind");
        let row = kind_requirement::ActiveModel {
            id: Set(world.clock.new_id()),
            area_id: Set(world.area(OTHER_GRID)),
            kind: Set(kind),
            min_age: Set(Some(18)),
            training: Set(None),
            created_at: Set(now),
        };
        row.insert(&world.raw).await.expect("a requirement");
        let row = verification_rule::ActiveModel {
            id: Set(world.clock.new_id()),
            area_id: Set(world.area(OTHER_GRID)),
            kind: Set(kind),
            tier: Set(None),
            mode: Set(VerificationMode::All),
            percent: Set(None),
            hours: Set(None),
            version: Set(1),
            created_at: Set(now),
            updated_at: Set(now),
        };
        row.insert(&world.raw).await.expect("a rule");
        let Some(tier) = CareTier::iter().nth(which) else {
            return;
        };
        let row = care_rule::ActiveModel {
            id: Set(world.clock.new_id()),
            area_id: Set(world.area(OTHER_GRID)),
            tier: Set(tier),
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
        };
        row.insert(&world.raw).await.expect("a rule");
    }

    /// A visit at risk, one that the asker holds, and one that they made; a round of the second grid.
    pub(super) async fn visits(&self) {
        let world = &self.world;
        let far = world.household(OTHER_BUILDING, &room(world)).await;
        world.elder(far, "李秀英", &[]).await;
        let input = "areaId: $othergrid, name: \"高温\", cause: EXTREME_WEATHER, kind: HOME_VISIT,
            tiers: [KEY], dueAt: \"2026-03-04T01:00:00Z\"";
        self.done(&self.me, "startVisitRound", input, "").await;
        let now = world.clock.now();
        for status in [
            VisitStatus::Open,
            VisitStatus::Claimed,
            VisitStatus::Verified,
        ] {
            let home = home(world).await;
            let elder = world.elder(home, "李秀英", &[]).await;
            let task = world.open_task(&self.me, home).await;
            let row = visit_task::Entity::find_by_id(task).one(&world.raw).await;
            let mut row = row.expect("a query").expect("a task").into_active_model();
            row.resident_id = Set(Some(elder));
            row.due_at = Set(now + Duration::hours(10));
            row.status = Set(status);
            if status != VisitStatus::Open {
                row.claimed_by = Set(Some(self.me.account));
                row.claimed_at = Set(Some(now));
                row.lease_until = Set(Some(now + Duration::hours(10)));
            }
            if status == VisitStatus::Verified {
                row.reported_by = Set(Some(self.me.account));
                row.reported_at = Set(Some(now));
                row.started_at = Set(Some(now - Duration::hours(1)));
                row.occurred_at = Set(Some(now));
                row.ended_at = Set(Some(now));
                row.outcome = Set(Some(VisitOutcome::SeenWell));
                row.method = Set(Some(VisitMethod::InPerson));
                row.verified_at = Set(Some(now));
            }
            row.update(&world.raw).await.expect("a change");
        }
    }

    /// February, closed once more, somebody in the new grid, and somebody whom it leaves out for another reason.
    pub(super) async fn month(&self) {
        let world = &self.world;
        let home = home(world).await;
        let circumstances = [Circumstance::LivesAlone];
        world.elder(home, "李秀英", &circumstances).await;
        household_place::Entity::update_many()
            .col_expr(
                household_place::Column::AreaId,
                Expr::value(self.key::<ids::Area>("newgrid")),
            )
            .filter(household_place::Column::HouseholdId.eq(home))
            .exec(&world.raw)
            .await
            .expect("another place");
        let day = |day| NaiveDate::from_ymd_opt(2026, 2, day).expect("a day");
        let gone = elder(world).await;
        let own = care_enrolment::Column::ResidentId.eq(gone);
        let enrolment = care_enrolment::Entity::find().filter(own);
        let enrolment = enrolment
            .one(&world.raw)
            .await
            .expect("a query")
            .expect("an enrolment");
        match self.grown {
            1 => {
                let row = care_pause::ActiveModel {
                    id: Set(world.clock.new_id()),
                    enrolment_id: Set(enrolment.id),
                    from_on: Set(day(10)),
                    to_on: Set(None),
                    review_on: Set(day(28)),
                };
                row.insert(&world.raw).await.expect("a pause");
            }
            2 => {
                let mut row = enrolment.into_active_model();
                row.to_on = Set(Some(day(10)));
                row.update(&world.raw).await.expect("an end");
            }
            _ => {
                let row = resident::Entity::find_by_id(gone).one(&world.raw).await;
                let mut row = row.expect("a query").expect("a person").into_active_model();
                row.deceased_on = Set(Some(day(10)));
                row.update(&world.raw).await.expect("a death");
            }
        }
        let closed = coverage_month::ActiveModel {
            id: Set(world.clock.new_id()),
            area_id: Set(world.area(COMMUNITY)),
            month_on: Set(day(1)),
            version: Set(i32::try_from(self.grown).expect("few")),
            closed_by: Set(self.me.account),
            closed_at: Set(world.clock.now()),
        };
        let closed = closed.insert(&world.raw).await.expect("a closed month");
        let missed = coverage_person::ActiveModel {
            coverage_month_id: Set(closed.id),
            figure: Set(CoverageFigure::Contact),
            resident_id: Set(elder(world).await),
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
        };
        missed.insert(&world.raw).await.expect("a person");
    }
}
