//! Merging accounts and their grants: accounts found by phone, grants by phone, role and area.

use std::collections::{HashMap, HashSet};

use chrono::{DateTime, Days, NaiveTime, TimeZone as _, Utc};
use entity::enums::{AccountStatus, ImportAction, Role};
use entity::{account, area, import_account, role_grant};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::access::keys::Keys;
use crate::access::sealed::{self, Field};
use crate::access::sessions::{Epoch, outdate_tokens};
use crate::accounts::authority::has_administrator;
use crate::accounts::{codes, rules};
use crate::clock::{Clock, SHANGHAI};
use crate::db::{Db, Handle as _};
use crate::error::Result;

use super::super::accounts::AccountRow;
use super::super::{Checked, Code};
use super::reach::Reach;
use super::stage::{self, Begun, Plan};
use super::{Import, IssuedCode, Options, Outcome, REASON, Report, Verdicts, codes_sheet};

/// How many accounts are looked for in one statement.
const BATCH: usize = 1000;

const PLAN: Plan = Plan {
    action: "import:accounts",
    table: "import_account",
    holds: &["account", "role_grant"],
    epoch: Some(Epoch::Access),
    stale: "SELECT s.ordinal FROM import_account s WHERE s.import_id = $1 AND s.account_id IN (
        SELECT t.account_id FROM import_account t
        LEFT JOIN account a ON a.phone_hash = t.phone_hash
        LEFT JOIN role_grant g ON g.account_id = t.account_id AND g.role = t.role
            AND g.area_id = t.area_id AND g.revoked_at IS NULL
        WHERE t.import_id = $1 AND (a.id <> t.account_id OR a.status <> 'ACTIVE'
            OR CASE WHEN t.grant_action = 'REPLACE' THEN g.valid_until IS NULL OR g.valid_until > $2
                ELSE g.id IS DISTINCT FROM CASE WHEN t.grant_action = 'UPDATE' THEN t.grant_id END
            END))",
};

const STATEMENTS: [&str; 5] = [
    "INSERT INTO account (id, phone_sealed, phone_hash, name, status, code_hash, code_expires_at,
        failed_attempts, grants_version, access_changed_at, version, created_at, updated_at)
    SELECT account_id, phone_sealed, phone_hash, name, 'ACTIVE', code_hash, code_expires_at,
        0, 1, $2, 1, $2, $2
    FROM import_account WHERE import_id = $1 AND account_is_new",
    "UPDATE role_grant SET valid_until = s.valid_until FROM import_account s
    WHERE s.import_id = $1 AND s.grant_action = 'UPDATE' AND role_grant.id = s.grant_id",
    // One that ended by itself: that is written down, to make room for another.
    "UPDATE role_grant SET revoked_at = role_grant.valid_until FROM import_account s
    WHERE s.import_id = $1 AND s.grant_action = 'REPLACE' AND role_grant.account_id = s.account_id
        AND role_grant.role = s.role AND role_grant.area_id = s.area_id
        AND role_grant.revoked_at IS NULL",
    "INSERT INTO role_grant (id, account_id, role, area_id, valid_from, valid_until, created_at)
    SELECT grant_id, account_id, role, area_id, $2, valid_until, $2
    FROM import_account WHERE import_id = $1 AND grant_action IN ('INSERT', 'REPLACE')",
    // An account lies nowhere itself: it is announced at the area of its first touched grant.
    "INSERT INTO change (kind, object_id, area_before, area_after, op, at)
    SELECT 'ACCOUNT', account_id, CASE WHEN account_is_new THEN NULL ELSE area_id END, area_id,
        'UPSERT', $2
    FROM import_account WHERE import_id = $1 AND ordinal IN (
        SELECT min(ordinal) FROM import_account WHERE import_id = $1 GROUP BY account_id)",
];

/// Imports accounts and grants. New accounts have no password but a one-time code.
///
/// A last day holds to its end in Shanghai. An empty one leaves the end of a grant on record as it
/// is. A grant that has ended is not lengthened: another begins now. Where the file would leave nobody
/// as administrator, the rows that end such a role are refused. The codes are written to [`Options::codes`] before the accounts exist, so that none is lost;
/// the file goes again if the merge fails.
pub async fn import_accounts(
    db: &Db,
    keys: &Keys,
    clock: &Clock,
    checked: Checked<AccountRow>,
    options: Options,
) -> Result<Report> {
    let import = Import::begin((db, keys, clock), &options).await?;
    let rows = checked.rows;
    let places = rows
        .iter()
        .map(|row| (row.sheet.clone(), row.row))
        .collect();
    let mut verdicts = Verdicts::new(places, checked.findings);
    let all: Vec<usize> = (0..rows.len()).collect();
    let mut issued = Vec::new();
    let mut keep_administrators = false;
    for round in 1.. {
        verdicts.reopen(&all);
        let known = Known::read(&import, &rows, keep_administrators).await?;
        let matched = match_rows(&import, &known, &rows, &mut verdicts)?;
        if matched.staged.is_empty() || verdicts.ends_here(&options) {
            break;
        }
        stage::stage::<import_account::ActiveModel>(&import, matched.staged).await?;
        match stage::begin(&import, &PLAN, import.id, &mut verdicts, round).await? {
            Begun::Ready(merging) => {
                let still = |ordinal: &usize| !verdicts.is_refused(*ordinal);
                let touched: Vec<Uuid> = matched
                    .touched
                    .iter()
                    .filter(|(_, ordinal)| still(ordinal))
                    .map(|(id, _)| *id)
                    .collect();
                for some in touched.chunks(BATCH) {
                    outdate_tokens(&merging.tx, clock, some).await?;
                }
                let administered = has_administrator(&merging.tx, import.now).await?;
                stage::apply(&import, STATEMENTS, &merging).await?;
                if administered && !has_administrator(&merging.tx, import.now).await? {
                    merging.tx.rollback().await?;
                    stage::clear(&import, &PLAN, import.id).await?;
                    keep_administrators = true;
                    continue;
                }
                let kept = matched
                    .codes
                    .into_iter()
                    .filter(|(ordinal, _)| still(ordinal));
                issued = kept.map(|(_, code)| code).collect();
                codes_sheet::write(&options, &issued)?;
                let merged = stage::finish(&import, &PLAN, &mut verdicts, merging).await;
                if merged.is_err() {
                    codes_sheet::remove(&options, &issued);
                }
                merged?;
            }
            Begun::Nothing => {}
            Begun::Again(_) => {
                stage::clear(&import, &PLAN, import.id).await?;
                continue;
            }
        }
        stage::clear(&import, &PLAN, import.id).await?;
        break;
    }
    let mut report = Report::new(verdicts, &options);
    report.codes = issued;
    Ok(report)
}

/// What the file comes to.
#[derive(Default)]
struct Matched {
    staged: Vec<import_account::Model>,
    /// Accounts on record with a grant that is new or changes, and a row that says so.
    touched: HashMap<Uuid, usize>,
    /// Codes of new accounts, with the first row that names them.
    codes: Vec<(usize, IssuedCode)>,
}

/// What is on record about the people of a file.
struct Known {
    areas: HashMap<String, area::Model>,
    accounts: HashMap<String, account::Model>,
    grants: HashMap<(Uuid, Role, Uuid), role_grant::Model>,
    /// The keyed hash of each row's phone number.
    phone_hashes: Vec<String>,
    /// Whether no administrator's role may be given an end.
    keep_administrators: bool,
    /// Accounts that hold or held a role where the import reaches.
    reached: HashSet<Uuid>,
}

impl Known {
    async fn read(
        import: &Import<'_>,
        rows: &[AccountRow],
        keep_administrators: bool,
    ) -> Result<Self> {
        let hash = |row: &AccountRow| sealed::hash(import.keys, Field::Phone, row.phone.as_str());
        let phone_hashes: Vec<String> = rows.iter().map(hash).collect();
        let connection = import.db.unscoped(REASON);
        let areas = area::Entity::find().all(&connection).await?;
        let mut known = Self {
            areas: areas.into_iter().map(|a| (a.code.clone(), a)).collect(),
            accounts: HashMap::new(),
            grants: HashMap::new(),
            phone_hashes: Vec::new(),
            keep_administrators,
            reached: HashSet::new(),
        };
        for some in phone_hashes.chunks(BATCH) {
            let accounts = account::Entity::find()
                .filter(account::Column::PhoneHash.is_in(some))
                .all(&connection)
                .await?;
            let ids: Vec<Uuid> = accounts.iter().map(|account| account.id).collect();
            let grants = role_grant::Entity::find()
                .filter(role_grant::Column::AccountId.is_in(ids))
                .all(&connection)
                .await?;
            let reached = grants.iter().filter(|g| import.reach.covers(g.area_id));
            known.reached.extend(reached.map(|g| g.account_id));
            let keyed = accounts.into_iter().map(|a| (a.phone_hash.clone(), a));
            known.accounts.extend(keyed);
            let keyed = grants
                .into_iter()
                .filter(|g| g.revoked_at.is_none())
                .map(|g| ((g.account_id, g.role, g.area_id), g));
            known.grants.extend(keyed);
        }
        known.phone_hashes = phone_hashes;
        Ok(known)
    }
}

fn match_rows(
    import: &Import<'_>,
    known: &Known,
    rows: &[AccountRow],
    verdicts: &mut Verdicts,
) -> Result<Matched> {
    let mut new: HashMap<&str, Uuid> = HashMap::new();
    let mut matched = Matched::default();
    for (ordinal, (row, phone_hash)) in rows.iter().zip(&known.phone_hashes).enumerate() {
        let account = known.accounts.get(phone_hash);
        let Some(grant) = match_grant(import, known, row, account, ordinal, verdicts) else {
            continue;
        };
        let account_is_new = account.is_none() && !new.contains_key(phone_hash.as_str());
        let account_id = match account {
            Some(account) => account.id,
            None => *new
                .entry(phone_hash)
                .or_insert_with(|| import.clock.new_id()),
        };
        if account.is_some() {
            matched.touched.insert(account_id, ordinal);
        }
        let code = account_is_new.then(codes_sheet::fresh).transpose()?;
        let code_hash = code
            .as_deref()
            .map(|code| codes::hash(import.keys, row.phone.as_str(), code));
        let expires_at = import.now + rules::CODE;
        if let Some(code) = code {
            let issued = IssuedCode {
                name: row.name.clone(),
                phone: row.phone.as_str().to_owned(),
                code,
                expires_at,
            };
            matched.codes.push((ordinal, issued));
        }
        matched.staged.push(import_account::Model {
            import_id: import.id,
            ordinal: i32::try_from(ordinal).unwrap_or(i32::MAX),
            account_id,
            account_is_new,
            name: row.name.clone(),
            phone_sealed: sealed::seal(import.keys, Field::Phone, row.phone.as_str())?,
            phone_hash: phone_hash.clone(),
            code_expires_at: code_hash.is_some().then_some(expires_at),
            code_hash,
            grant_id: grant.id,
            grant_action: grant.action,
            role: row.role,
            area_id: grant.area_id,
            valid_until: end_of(row),
            created_at: import.now,
        });
    }
    Ok(matched)
}

/// A grant to create or to change.
struct Grant {
    id: Uuid,
    area_id: Uuid,
    action: ImportAction,
}

/// What to do about the row's grant; none if nothing, or if the row is refused.
fn match_grant(
    import: &Import<'_>,
    known: &Known,
    row: &AccountRow,
    account: Option<&account::Model>,
    ordinal: usize,
    verdicts: &mut Verdicts,
) -> Option<Grant> {
    let cell = ("区域编码", row.area_code.as_str());
    let area = known.areas.get(&row.area_code);
    let Some(area) = area.filter(|area| import.reach.covers(area.id)) else {
        verdicts.find(
            ordinal,
            cell,
            Code::AreaUnknown,
            "没有这个编码的区域，请核对或先导入区域",
        );
        return None;
    };
    if area.retired_on.is_some() {
        verdicts.find(ordinal, cell, Code::AreaRetired, "该区域已停用");
        return None;
    }
    if !rules::fits(row.role, area.kind) {
        let message = format!("“{}”不能授予这个角色，请核对角色和区域级别", area.name);
        verdicts.find(ordinal, cell, Code::RoleUnfit, message);
        return None;
    }
    if !import.reach.may_grant(row.role, area.id) {
        let message = "不能授予高于自己的角色；管理员须逐个授权";
        verdicts.find(ordinal, ("角色", ""), Code::RoleAboveYours, message);
        return None;
    }
    if let Some(account) = account {
        if !matches!(import.reach, Reach::Everywhere) && !known.reached.contains(&account.id) {
            let message = "该手机号已有账号，但不在您的管辖范围内";
            let cell = row.phone.masked();
            verdicts.find(ordinal, ("手机号", &cell), Code::PhoneTaken, message);
            return None;
        }
        if account.status == AccountStatus::Disabled {
            let cell = ("手机号", row.phone.masked());
            let message = "该账号已停用，未作授权";
            verdicts.find(ordinal, (cell.0, &cell.1), Code::AccountDisabled, message);
            return None;
        }
        if account.name != row.name {
            let message = format!("该手机号的账号登记姓名为“{}”，未更改", account.name);
            verdicts.find(ordinal, ("姓名", &row.name), Code::NameDiffers, message);
        }
    }
    let standing = account.and_then(|account| known.grants.get(&(account.id, row.role, area.id)));
    let until = end_of(row);
    let stands = |grant: &role_grant::Model| grant.valid_until.is_none_or(|end| end > import.now);
    let (id, action) = match standing {
        Some(grant) if until.is_none() || grant.valid_until == until => {
            if until.is_none() && grant.valid_until.is_some() {
                let message = "该授权已登记有效期，表中未填，保持不变";
                verdicts.find(ordinal, ("有效期至", ""), Code::GrantEndKept, message);
            }
            return None;
        }
        Some(grant) if stands(grant) && known.keep_administrators && row.role == Role::Admin => {
            let day = row
                .valid_until
                .map(|day| day.to_string())
                .unwrap_or_default();
            let message = "这是最后一位可登录的管理员，其授权不能设有效期";
            let cell = ("有效期至", day.as_str());
            verdicts.find(ordinal, cell, Code::LastAdministrator, message);
            return None;
        }
        Some(grant) if stands(grant) => (grant.id, ImportAction::Update),
        _ if until.is_some_and(|until| until <= import.now) => {
            let day = row
                .valid_until
                .map(|day| day.to_string())
                .unwrap_or_default();
            let message = "有效期已过，未作授权";
            verdicts.find(ordinal, ("有效期至", &day), Code::GrantExpired, message);
            return None;
        }
        Some(_) => (import.clock.new_id(), ImportAction::Replace),
        None => (import.clock.new_id(), ImportAction::Insert),
    };
    verdicts.outcomes[ordinal] = match action {
        ImportAction::Update => Outcome::Updated,
        _ => Outcome::Created,
    };
    Some(Grant {
        id,
        area_id: area.id,
        action,
    })
}

/// The instant at which the last day of the row's grant ends.
fn end_of(row: &AccountRow) -> Option<DateTime<Utc>> {
    let next = row.valid_until?.checked_add_days(Days::new(1))?;
    let midnight = next.and_time(NaiveTime::MIN);
    Some(SHANGHAI.from_local_datetime(&midnight).earliest()?.to_utc())
}
