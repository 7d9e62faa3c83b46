//! Accounts from the command line: the operator's way in, and the first administrator's.
//!
//! The operator has no account: entries name nobody, and no scope limits what is done. That one
//! administrator stays holds here too.

use std::path::Path;

use chrono::{DateTime, Utc};
use entity::enums::{ChangeKind, Role};
use entity::{account, area, role_grant};
use sea_orm::{
    ColumnTrait as _, EntityTrait as _, PaginatorTrait as _, QueryFilter as _, QueryOrder as _,
};
use uuid::Uuid;

use super::attempts::mobile;
use super::grants::{self, NewGrant};
use super::{authority, manage, rules};
use crate::access::keys::{Keys, write_private};
use crate::access::protected::{mask_phone, own_phone};
use crate::access::sealed::{self, Field};
use crate::access::sessions::outdate_tokens;
use crate::audit::service::{self as audit, Act, Author};
use crate::changes::service::{Changed, record_at};
use crate::clock::Clock;
use crate::db::{Db, Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::inputs::text;

const REASON: &str = "the operator's command";

/// What a command works with.
#[derive(Clone, Copy, Debug)]
pub struct Operator<'a> {
    /// The database.
    pub db: &'a Db,
    /// Secret keys.
    pub keys: &'a Keys,
    /// Time and new ids.
    pub clock: &'a Clock,
}

/// A role to grant, as the command line names it.
#[derive(Clone, Copy, Debug)]
pub struct Place<'a> {
    /// The role.
    pub role: Role,
    /// The area's code.
    pub area_code: &'a str,
    /// When the grant ends; without end where absent.
    pub valid_until: Option<DateTime<Utc>>,
}

/// An account as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Listed {
    /// The person's name.
    pub name: String,
    /// The phone number, masked.
    pub phone: String,
    /// Whether the account may sign in, and has a password to do so.
    pub status: &'static str,
    /// Its grants that have not ended.
    pub grants: Vec<ListedGrant>,
}

/// A grant as the list shows it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedGrant {
    /// The role.
    pub role: Role,
    /// The area's code.
    pub area_code: String,
    /// From when it holds.
    pub valid_from: DateTime<Utc>,
    /// Until when; without end where absent.
    pub valid_until: Option<DateTime<Utc>>,
}

/// Adds an account with a role and returns it with its first-sign-in code, which is written to `sheet`
/// before it is valid.
///
/// Refused: `PHONE_INVALID`, `PHONE_TAKEN`, `AREA_KIND_UNFIT` and the like; an error that names the
/// command where no area has been imported yet.
pub async fn add(
    op: Operator<'_>,
    name: &str,
    phone: &str,
    place: Place<'_>,
    sheet: Option<&Path>,
) -> Result<(Uuid, String)> {
    let (name, phone) = (text(name, 40, "name")?, mobile(phone)?);
    let tx = op.db.begin().await?;
    outdate_tokens(&tx, op.clock, &[]).await?;
    let area = area(&tx, place.area_code).await?;
    let (account, code) = manage::create(&tx, op.keys, op.clock, name, &phone).await?;
    let grant = grants::put(&tx, op.clock, account, None, new_grant(area, place)).await?;
    let act = grants::act("addAccount", &grant, None);
    op.hand_out(tx, act, (sheet, phone.as_str(), &code)).await?;
    Ok((account, code))
}

/// Issues a new first-sign-in code in place of the password, written to `sheet` before it is valid;
/// every session ends.
pub async fn issue_code(op: Operator<'_>, phone: &str, sheet: Option<&Path>) -> Result<String> {
    let tx = op.db.begin().await?;
    let account = op.account(&tx, phone).await?;
    outdate_tokens(&tx, op.clock, &[account]).await?;
    let code = manage::issue(&tx, op.keys, op.clock, account).await?;
    super::sessions::end_all(&tx, op.clock, account, super::sessions::Ending::Reset).await?;
    let act = super::sign_in::act("resetAccount", account, "password_hash,code_hash");
    op.hand_out(tx, act, (sheet, mobile(phone)?.as_str(), &code))
        .await?;
    Ok(code)
}

/// Grants a role, or changes the end of a grant that stands.
pub async fn grant(op: Operator<'_>, phone: &str, place: Place<'_>) -> Result<()> {
    let tx = op.db.begin().await?;
    let account = op.account(&tx, phone).await?;
    outdate_tokens(&tx, op.clock, &[account]).await?;
    let area = area(&tx, place.area_code).await?;
    let administered = authority::has_administrator(&tx, op.clock.now()).await?;
    let grant = grants::put(&tx, op.clock, account, None, new_grant(area, place)).await?;
    authority::keep_administrator(&tx, op.clock, administered, "validUntil").await?;
    op.finish(tx, grants::act("grantRole", &grant, None)).await
}

/// Takes a role back. Refused: `NOT_FOUND`, `GRANT_ENDED`, `LAST_ADMINISTRATOR`.
pub async fn revoke(op: Operator<'_>, phone: &str, role: Role, area_code: &str) -> Result<()> {
    let tx = op.db.begin().await?;
    let account = op.account(&tx, phone).await?;
    outdate_tokens(&tx, op.clock, &[account]).await?;
    let area = area(&tx, area_code).await?;
    let found = grants::standing(&tx, account, role, area)
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("role"))?;
    let now = op.clock.now();
    let administered = authority::has_administrator(&tx, now).await?;
    let ended = grants::end(&tx, &found, None, now).await?;
    authority::keep_administrator(&tx, op.clock, administered, "role").await?;
    op.finish(tx, grants::act("revokeRole", &ended, None)).await
}

/// Every account with its grants that have not ended, the oldest first.
pub async fn list(op: Operator<'_>) -> Result<Vec<Listed>> {
    let connection = op.db.unscoped(REASON);
    let now = op.clock.now();
    let accounts = account::Entity::find()
        .order_by_asc(account::Column::Id)
        .all(&connection)
        .await?;
    let grants = role_grant::Entity::find()
        .find_also_related(area::Entity)
        .filter(role_grant::Column::RevokedAt.is_null())
        .order_by_asc(role_grant::Column::Id)
        .all(&connection)
        .await?;
    accounts
        .into_iter()
        .map(|account| {
            let own = grants.iter().filter(|(grant, _)| {
                grant.account_id == account.id
                    && !matches!(rules::standing(grant, now), rules::Standing::Ended(_))
            });
            Ok(Listed {
                phone: mask_phone(&own_phone(op.keys, &account.phone_sealed)?),
                status: status(&account),
                grants: own
                    .map(|(grant, area)| listed(grant, area.as_ref()))
                    .collect(),
                name: account.name,
            })
        })
        .collect()
}

fn status(account: &account::Model) -> &'static str {
    match account.status {
        entity::enums::AccountStatus::Disabled => "DISABLED",
        entity::enums::AccountStatus::Active if account.password_hash.is_none() => "NOT_ACTIVATED",
        entity::enums::AccountStatus::Active => "ACTIVE",
    }
}

fn listed(grant: &role_grant::Model, area: Option<&area::Model>) -> ListedGrant {
    ListedGrant {
        role: grant.role,
        area_code: area.map(|area| area.code.clone()).unwrap_or_default(),
        valid_from: grant.valid_from,
        valid_until: grant.valid_until,
    }
}

fn new_grant(area: Uuid, place: Place<'_>) -> NewGrant {
    NewGrant {
        role: place.role,
        area,
        from: None,
        until: place.valid_until,
    }
}

async fn area(tx: &Tx, code: &str) -> Result<Uuid> {
    let connection = tx.unscoped(REASON);
    let found = area::Entity::find()
        .filter(area::Column::Code.eq(code.trim()))
        .one(&connection)
        .await?;
    match found {
        Some(area) => Ok(area.id),
        None if area::Entity::find().count(&connection).await? == 0 => Err(Error::internal(
            "there are no areas yet; import them first: nuanlin import areas FILE",
        )),
        None => Err(Error::refused(Code::NotFound).on("area")),
    }
}

impl Operator<'_> {
    async fn account(&self, tx: &Tx, phone: &str) -> Result<Uuid> {
        let hash = sealed::hash(self.keys, Field::Phone, mobile(phone)?.as_str());
        super::attempts::find(tx, &hash)
            .await?
            .map(|account| account.id)
            .ok_or_else(|| Error::refused(Code::NotFound).on("phone"))
    }

    /// As [`Operator::finish`], the code written down first: a sheet that cannot be written costs nobody
    /// their password. It goes again if the code will never be valid.
    async fn hand_out(
        &self,
        tx: Tx,
        act: Act,
        (sheet, phone, code): (Option<&Path>, &str, &str),
    ) -> Result<()> {
        if let Some(path) = sheet {
            write_private(path, &format!("{phone},{code}\n"))?;
        }
        let finished = self.finish(tx, act).await;
        if finished.is_err()
            && let Some(path) = sheet
            && let Err(error) = std::fs::remove_file(path)
        {
            tracing::warn!(%error, path = %path.display(), "a sheet with a void code stays behind");
        }
        finished
    }

    async fn finish(&self, tx: Tx, act: Act) -> Result<()> {
        let changed = Changed::in_place(ChangeKind::Account, act.subject_id, act.area_id);
        audit::record_by(Author::operator(self.keys, self.clock), &tx, act).await?;
        record_at(self.clock.now(), &tx, &[changed]).await?;
        tx.commit().await
    }
}
