//! Accounts, grants and sessions as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use entity::{role_grant, session};

use super::list::SeenAccount;
use super::rules::{self, Standing};
use super::sessions;
use crate::access::policy::Permission;
use crate::areas::graphql::Area;
use crate::context::Cx;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};
use crate::volunteers::graphql::{Service, VolunteerProfile};
use crate::volunteers::queries as volunteers;

/// What somebody is, at an area and below it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Role")]
pub enum Role {
    /// Volunteer 志愿者: claims open tasks and carries them out.
    Volunteer,
    /// Center household 党员中心户: the same for their building.
    CenterHousehold,
    /// Grid lead 网格长: plans, verifies and answers for a grid.
    GridLead,
    /// Compound secretary 小区党支部书记: the same for a compound.
    CompoundSecretary,
    /// Community secretary and staff 社区工作人员: rosters, imports, coverage.
    CommunityStaff,
    /// Staff of the veterans' station 退役军人服务站.
    VeteransStaff,
    /// Partner 社区合伙人: publishes services.
    Partner,
    /// Supervisor of street or district 督查人员: reads numbers, no names.
    Supervisor,
    /// Administrator 管理员: accounts, keys, areas.
    Admin,
}

/// Whether an account may sign in.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AccountStatus")]
pub enum AccountStatus {
    /// It may.
    Active,
    /// It may not; its sessions have ended.
    Disabled,
}

/// A person who signs in.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Account {
    /// The opaque id.
    pub id: ID,
    /// The person's name.
    name: String,
    /// Whether it may sign in.
    status: AccountStatus,
    #[graphql(skip)]
    seen: SeenAccount,
}

impl Account {
    /// Shows an account to the reader it was read for.
    #[must_use]
    pub fn new(seen: SeenAccount) -> Self {
        Self {
            id: Id::<ids::Account>::new(seen.row.id).to_string().into(),
            name: seen.row.name.clone(),
            status: seen.row.status.into(),
            seen,
        }
    }

    /// One of its grants, whatever its standing.
    pub(super) fn grant(&self, cx: &Cx, id: uuid::Uuid) -> Option<RoleGrant> {
        let mut grants = self.seen.grants.iter();
        let found = grants.find(|grant| grant.id == id)?;
        Some(RoleGrant::new(cx, found))
    }

    fn grants_that(&self, cx: &Cx, wanted: impl Fn(Standing) -> bool) -> Vec<RoleGrant> {
        let now = cx.app.clock.now();
        self.seen
            .grants
            .iter()
            .filter(|grant| wanted(rules::standing(grant, now)))
            .map(|grant| RoleGrant::new(cx, grant))
            .collect()
    }
}

#[ComplexObject]
impl Account {
    /// The phone number. In full to oneself and with `ACCOUNT_MANAGE`, masked to others.
    async fn phone(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let shown = self.seen.phone(cx(ctx)).map(|phone| {
            if self.seen.mine {
                // One's own number is no look at somebody's data.
                phone.into()
            } else {
                opened(ctx, "Account", self.seen.row.id, phone)
            }
        });
        Some(shown.at_edge(ctx))
    }

    /// Roles that hold or are going to, the newest first. Others' with `ACCOUNT_READ` at their area.
    async fn grants(&self, ctx: &Context<'_>) -> Vec<RoleGrant> {
        self.grants_that(cx(ctx), |standing| !matches!(standing, Standing::Ended(_)))
    }

    /// Roles that have ended, the newest first. Others' with `ACCOUNT_READ` at their area.
    async fn ended_grants(&self, ctx: &Context<'_>) -> Vec<RoleGrant> {
        self.grants_that(cx(ctx), |standing| matches!(standing, Standing::Ended(_)))
    }
}

/// A role at an area, from one instant to another.
#[derive(Clone, Debug, SimpleObject)]
pub struct RoleGrant {
    /// The opaque id.
    id: ID,
    /// The role.
    role: Role,
    /// Where: it holds for everything below too.
    area: Option<Area>,
    /// The first instant at which it holds.
    valid_from: DateTime,
    /// The first instant at which it no longer holds; absent where it has no end.
    valid_until: Option<DateTime>,
    /// When it ended; absent while it holds or is going to.
    ended_at: Option<DateTime>,
    /// Whether it was taken back before its end.
    is_revoked: bool,
}

impl RoleGrant {
    fn new(cx: &Cx, row: &role_grant::Model) -> Self {
        let ended_at = match rules::standing(row, cx.app.clock.now()) {
            Standing::Ended(at) => Some(DateTime(at)),
            Standing::Upcoming | Standing::Live => None,
        };
        Self {
            id: Id::<ids::RoleGrant>::new(row.id).to_string().into(),
            role: row.role.into(),
            area: Area::from_tree(&cx.app.sessions.tree(), row.area_id),
            valid_from: DateTime(row.valid_from),
            valid_until: row.valid_until.map(DateTime),
            ended_at,
            is_revoked: rules::is_revoked(row),
        }
    }
}

/// A device on which one is signed in.
#[derive(Clone, Debug, SimpleObject)]
pub struct Session {
    /// The opaque id.
    id: ID,
    /// What the app said about its device.
    device: Option<String>,
    /// When it signed in.
    created_at: DateTime,
    /// When it last refreshed its tokens.
    last_used_at: DateTime,
    /// When it ends unless it refreshes its tokens before.
    expires_at: DateTime,
    /// Whether it is the one that asks.
    is_current: bool,
}

impl Session {
    fn new(row: session::Model, current: uuid::Uuid) -> Self {
        Self {
            id: Id::<ids::Session>::new(row.id).to_string().into(),
            device: row.device,
            created_at: DateTime(row.created_at),
            last_used_at: DateTime(row.last_used_at),
            expires_at: DateTime(row.expires_at),
            is_current: row.id == current,
        }
    }
}

/// Yourself: what you are, what you may do, and why a list of yours may be empty.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Viewer {
    /// Your account.
    account: Account,
}

impl Viewer {
    /// Shows an account to its owner.
    #[must_use]
    pub fn new(seen: SeenAccount) -> Self {
        Self {
            account: Account::new(seen),
        }
    }
}

#[ComplexObject]
impl Viewer {
    /// Your roles that hold now, the newest first. Without one you see nothing else.
    async fn grants(&self, ctx: &Context<'_>) -> Vec<RoleGrant> {
        self.account
            .grants_that(cx(ctx), |standing| standing == Standing::Live)
    }

    /// Your roles that begin later, the newest first.
    async fn upcoming_grants(&self, ctx: &Context<'_>) -> Vec<RoleGrant> {
        self.account
            .grants_that(cx(ctx), |standing| standing == Standing::Upcoming)
    }

    /// Your roles that have ended, and when, the newest first.
    async fn ended_grants(&self, ctx: &Context<'_>) -> Vec<RoleGrant> {
        self.account
            .grants_that(cx(ctx), |standing| matches!(standing, Standing::Ended(_)))
    }

    /// What your roles allow, each at its own areas.
    async fn permissions(&self, ctx: &Context<'_>) -> Vec<Permission> {
        let actor = cx(ctx).actor.as_deref();
        let allowed = |permission: &Permission| actor.is_some_and(|actor| actor.ever(*permission));
        Permission::ALL.iter().copied().filter(allowed).collect()
    }

    /// Your profile as a volunteer.
    async fn volunteer_profile(
        &self,
        ctx: &Context<'_>,
    ) -> Option<async_graphql::Result<VolunteerProfile>> {
        volunteers::mine(ctx).await.at_edge(ctx).transpose()
    }

    /// Your service, from verified visits only.
    async fn service_record(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "The first day.")] from_on: Date,
        #[graphql(desc = "The first day after; at most a year later.")] to_on: Date,
    ) -> Option<async_graphql::Result<Service>> {
        let record = volunteers::my_service(ctx, from_on, to_on).await;
        Some(record.at_edge(ctx))
    }

    /// Your devices that are signed in, the last used first.
    async fn sessions(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Session>> {
        let cx = cx(ctx);
        let current = cx.actor().at_edge(ctx)?.session;
        let rows = sessions::mine(cx).await.at_edge(ctx)?;
        Ok(rows
            .into_iter()
            .map(|row| Session::new(row, current))
            .collect())
    }
}
