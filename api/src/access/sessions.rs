//! From a bearer token to an actor: which tokens still hold, and the tree their areas lie in.
//!
//! A change of grants, sessions or areas raises a number in the table `epoch` in its own
//! transaction. This server re-reads what changed at once after its own changes, and looks at the
//! numbers twice a second for those of commands and other servers. When it has not seen them for
//! five seconds, every request asks the database instead.

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use entity::enums::{AccountStatus, Role};
use entity::{account, area, area_successor, epoch, role_grant, session};
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{
    ColumnTrait as _, Condition, ConnectionTrait as _, EntityTrait as _, QueryFilter as _,
};
use uuid::Uuid;

use super::actor::Actor;
use super::keys::Keys;
use super::token::{self, TokenGrants, Tokens};
use crate::areas::tree::{AreaEntry, AreaTree};
use crate::clock::Clock;
use crate::db::{Db, Handle as _, Tx};
use crate::error::{Result, Stop};

/// How often the numbers are looked at.
const POLL: Duration = Duration::from_millis(400);
/// How long what is in memory is trusted without a look at the numbers.
const TRUSTED: Duration = Duration::from_secs(5);

const REASON: &str = "sessions, grants and the tree are what scopes are made from";

/// What announces itself to every server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Epoch {
    /// Grants, accounts or sessions changed.
    Access,
    /// The area tree changed.
    Areas,
}

impl Epoch {
    const fn name(self) -> &'static str {
        match self {
            Self::Access => "access",
            Self::Areas => "areas",
        }
    }
}

/// Announces a change in its own transaction; rolled back, it was never said.
pub async fn announce(tx: &Tx, epoch: Epoch) -> Result<()> {
    let mut update = Query::update();
    update
        .table(epoch::Entity)
        .value(epoch::Column::Value, Expr::col(epoch::Column::Value).add(1))
        .and_where(epoch::Column::Name.eq(epoch.name()));
    tx.unscoped(REASON).execute(&update).await?;
    Ok(())
}

/// Raises an account's grants version, which makes its access tokens stale, and announces it.
///
/// The announcement comes first: whoever changes access holds its row, so that two such changes
/// never wait for each other's accounts.
pub async fn outdate_tokens(tx: &Tx, clock: &Clock, accounts: &[Uuid]) -> Result<()> {
    announce(tx, Epoch::Access).await?;
    let mut update = Query::update();
    update
        .table(account::Entity)
        .value(
            account::Column::GrantsVersion,
            Expr::col(account::Column::GrantsVersion).add(1),
        )
        .value(account::Column::AccessChangedAt, clock.now())
        .and_where(account::Column::Id.is_in(accounts.iter().copied()));
    tx.unscoped(REASON).execute(&update).await?;
    Ok(())
}

#[derive(Debug, Default)]
struct Known {
    tree: Arc<AreaTree>,
    /// The lowest grants version still good, for accounts whose access changed of late.
    versions: HashMap<Uuid, i64>,
    /// Sessions that ended of late.
    ended: HashSet<Uuid>,
    epochs: HashMap<String, i64>,
    seen: Option<Instant>,
}

/// Which tokens hold, and where areas lie.
#[derive(Debug)]
pub struct Sessions {
    /// Makes and checks the tokens themselves.
    pub tokens: Tokens,
    known: RwLock<Known>,
    /// One look at a time, so that an older one that comes back late cannot hide a newer one.
    looking: tokio::sync::Mutex<()>,
}

impl Sessions {
    /// Reads everything for the first time.
    pub async fn load(db: &Db, clock: &Clock, keys: &Keys) -> Result<Self> {
        let sessions = Self {
            tokens: Tokens::new(keys)?,
            known: RwLock::default(),
            looking: tokio::sync::Mutex::default(),
        };
        sessions.refresh(db, clock).await?;
        Ok(sessions)
    }

    /// The tree as it was last read.
    #[must_use]
    pub fn tree(&self) -> Arc<AreaTree> {
        Arc::clone(
            &self
                .known
                .read()
                .unwrap_or_else(PoisonError::into_inner)
                .tree,
        )
    }

    /// Looks at the numbers and re-reads what has changed since.
    pub async fn refresh(&self, db: &Db, clock: &Clock) -> Result<()> {
        let looking = self.looking.lock().await;
        self.look(db, clock, &looking).await
    }

    async fn look(
        &self,
        db: &Db,
        clock: &Clock,
        _: &tokio::sync::MutexGuard<'_, ()>,
    ) -> Result<()> {
        let seen = Instant::now();
        let epochs: HashMap<String, i64> = epoch::Entity::find()
            .all(&db.unscoped(REASON))
            .await?
            .into_iter()
            .map(|row| (row.name, row.value))
            .collect();
        let (access, areas) = {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let changed = |epoch: Epoch| known.epochs.get(epoch.name()) != epochs.get(epoch.name());
            (changed(Epoch::Access), changed(Epoch::Areas))
        };
        let access = if access {
            Some(read_access(db, clock).await?)
        } else {
            None
        };
        let tree = if areas {
            Some(read_tree(db).await?)
        } else {
            None
        };
        let mut known = self.known.write().unwrap_or_else(PoisonError::into_inner);
        if let Some((versions, ended)) = access {
            known.versions = versions;
            known.ended = ended;
        }
        if let Some(tree) = tree {
            known.tree = Arc::new(tree);
        }
        known.epochs = epochs;
        known.seen = Some(seen);
        Ok(())
    }

    /// Looks unless somebody else has while this one waited for its turn.
    async fn catch_up(&self, db: &Db, clock: &Clock) -> Result<()> {
        let looking = self.looking.lock().await;
        if self.is_fresh() {
            return Ok(());
        }
        self.look(db, clock, &looking).await
    }

    /// Lets this server see a committed change at once.
    ///
    /// A failure is only logged: the change is done, and the next look at the numbers finds it.
    pub async fn see(&self, db: &Db, clock: &Clock) {
        if let Err(error) = self.refresh(db, clock).await {
            tracing::warn!(%error, "cannot look for changed grants and areas after changing them");
        }
    }

    /// Keeps looking at the numbers for as long as the server runs.
    pub async fn follow(&self, db: &Db, clock: &Clock) {
        let mut failing = false;
        loop {
            tokio::time::sleep(POLL).await;
            match self.refresh(db, clock).await {
                Ok(()) => failing = false,
                Err(error) if !failing => {
                    failing = true;
                    tracing::warn!(%error, "cannot look for changed grants; asking at every request");
                }
                Err(_) => {}
            }
        }
    }

    /// Whether the numbers were seen within five seconds.
    #[must_use]
    pub fn is_fresh(&self) -> bool {
        let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
        known.seen.is_some_and(|seen| seen.elapsed() < TRUSTED)
    }

    /// The actor behind an access token.
    ///
    /// `UNAUTHENTICATED` for a token that is no good, `TOKEN_STALE` for one whose grants or session
    /// have changed since.
    pub async fn authenticate(&self, db: &Db, clock: &Clock, token: &str) -> Result<Actor> {
        let claims = self.tokens.verify(clock, token)?;
        if !self.is_fresh() {
            self.catch_up(db, clock).await?;
        }
        {
            let known = self.known.read().unwrap_or_else(PoisonError::into_inner);
            let outdated = known
                .versions
                .get(&claims.sub)
                .is_some_and(|version| claims.gv < *version);
            if outdated || known.ended.contains(&claims.sid) {
                return Err(Stop::TokenStale.into());
            }
        }
        let grants = match claims.grants {
            TokenGrants::Listed(ref listed) => listed.clone().into_iter().collect(),
            TokenGrants::Server(_) => server_grants(db, clock, claims.sub).await?,
        };
        Ok(Actor {
            account: claims.sub,
            session: claims.sid,
            grants,
            tree: self.tree(),
        })
    }
}

impl Sessions {
    /// The actor behind an account and one of its sessions, with the grants of now: for links and commands,
    /// which carry no grants. `UNAUTHENTICATED` where the session has ended or the account is disabled.
    pub async fn recall(
        &self,
        db: &Db,
        clock: &Clock,
        (account, session): (Uuid, Option<Uuid>),
    ) -> Result<Actor> {
        let connection = db.unscoped(REASON);
        let active = account::Entity::find_by_id(account)
            .filter(account::Column::Status.eq(AccountStatus::Active))
            .one(&connection)
            .await?;
        let is_live = match session {
            Some(session) => session::Entity::find_by_id(session)
                .filter(session::Column::AccountId.eq(account))
                .filter(session::Column::RevokedAt.is_null())
                .one(&connection)
                .await?
                .is_some(),
            None => true,
        };
        if active.is_none() || !is_live {
            return Err(Stop::Unauthenticated.into());
        }
        Ok(Actor {
            account,
            session: session.unwrap_or_default(),
            grants: server_grants(db, clock, account).await?,
            tree: self.tree(),
        })
    }
}

/// Whether a grant is live at a moment, as a condition on its row.
#[must_use]
pub fn live_at(now: chrono::DateTime<chrono::Utc>) -> Condition {
    Condition::all()
        .add(role_grant::Column::RevokedAt.is_null())
        .add(role_grant::Column::ValidFrom.lte(now))
        .add(
            Condition::any()
                .add(role_grant::Column::ValidUntil.is_null())
                .add(role_grant::Column::ValidUntil.gt(now)),
        )
}

async fn server_grants(db: &Db, clock: &Clock, account: Uuid) -> Result<Vec<(Role, Vec<Uuid>)>> {
    let rows = role_grant::Entity::find()
        .filter(role_grant::Column::AccountId.eq(account))
        .filter(live_at(clock.now()))
        .all(&db.unscoped(REASON))
        .await?;
    let mut grants: Vec<(Role, Vec<Uuid>)> = Vec::new();
    for row in rows {
        match grants.iter_mut().find(|(role, _)| *role == row.role) {
            Some((_, areas)) => areas.push(row.area_id),
            None => grants.push((row.role, vec![row.area_id])),
        }
    }
    Ok(grants)
}

/// Accounts and sessions that changed while any access token of today may still be alive.
async fn read_access(db: &Db, clock: &Clock) -> Result<(HashMap<Uuid, i64>, HashSet<Uuid>)> {
    let since = clock.now() - token::LIFETIME - chrono::Duration::minutes(5);
    let connection = db.unscoped(REASON);
    let accounts = account::Entity::find()
        .filter(account::Column::AccessChangedAt.gt(since))
        .all(&connection)
        .await?;
    let ended = session::Entity::find()
        .filter(session::Column::RevokedAt.gt(since))
        .all(&connection)
        .await?;
    let versions = accounts
        .into_iter()
        .map(|row| match row.status {
            AccountStatus::Active => (row.id, row.grants_version),
            AccountStatus::Disabled => (row.id, i64::MAX),
        })
        .collect();
    Ok((versions, ended.into_iter().map(|row| row.id).collect()))
}

/// Reads the tree as it is now.
pub async fn read_tree(db: &Db) -> Result<AreaTree> {
    let rows = area::Entity::find().all(&db.unscoped(REASON)).await?;
    let successors = area_successor::Entity::find();
    let successors = successors.all(&db.unscoped(REASON)).await?.into_iter();
    let tree = AreaTree::new(
        rows.into_iter()
            .map(|row| AreaEntry {
                id: row.id,
                parent: row.parent_id,
                kind: row.kind,
                code: row.code,
                name: row.name,
                retired_on: row.retired_on,
            })
            .collect(),
    );
    Ok(tree.succeeded(successors.map(|row| (row.area_id, row.successor_id))))
}
