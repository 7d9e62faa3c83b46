//! Contact cards 联系卡: a code inside each home, which only who is there can read.

use entity::{contact_card, household};
use sea_orm::ActiveValue::Set;
use sea_orm::sea_query::{Expr, ExprTrait as _, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use crate::access::keys::{Keys, random};
use crate::access::policy::Permission;
use crate::access::scope;
use crate::access::sealed::keyed_hash;
use crate::audit::service::Act;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};
use crate::write::{Begun, Outcome, Request, Write};

const REASON: &str = "the card of a household that the scope let through";

/// Digits and letters without I, L, O and U, which are read or spelt as others (Crockford).
const ALPHABET: &[u8; 32] = b"0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/// Wrong codes in a row after which a card says nothing any more, until it is replaced.
const MOST_TRIES: i32 = 10;

/// Hands a household a new card and tells its code, which nobody can read again (absent where the call
/// was carried out before); the old one stops working. Needs `CONTACT_CARD_EDIT` where it lives.
///
/// Refused: `NOT_FOUND`, `NOT_PERMITTED`, `NO_LONGER_HERE`.
pub async fn replace(cx: &Cx, id: Uuid, key: Option<Uuid>) -> Result<Option<String>> {
    let actor = cx.actor()?;
    let write = match Write::begin(cx, Request::new("replaceContactCard", key, &id)).await? {
        Begun::Replay(_) => return Ok(None),
        Begun::New(write) => write,
    };
    actor.require(Permission::ContactCardEdit)?;
    let (household, grant) = write
        .to_change::<household::Entity>(
            cx,
            id,
            Permission::ContactCardEdit,
            Permission::HouseholdRead,
        )
        .await
        .map_err(|error| error.on("householdId"))?;
    if household.closed_on.is_some() {
        return Err(Error::refused(Code::NoLongerHere).on("householdId"));
    }
    let now = cx.app.clock.now();
    let mut end = Query::update();
    end.table(contact_card::Entity)
        .value(contact_card::Column::ReplacedAt, now)
        .and_where(contact_card::Column::HouseholdId.eq(id))
        .and_where(contact_card::Column::ReplacedAt.is_null());
    write.tx().unscoped(REASON).execute(&end).await?;
    let code = fresh()?;
    let card = contact_card::ActiveModel {
        id: Set(cx.app.clock.new_id()),
        household_id: Set(id),
        code_hash: Set(hash(&cx.app.keys, id, &code)),
        failed_tries: Set(0),
        issued_by: Set(actor.account),
        issued_at: Set(now),
        replaced_at: Set(None),
    };
    scope::insert(write.tx(), &grant, card).await?;
    let act = Act {
        action: "replaceContactCard",
        subject_kind: "Household",
        subject_id: id,
        area_id: Some(household.area_id),
        reason: None,
        fields: "contact_card".to_owned(),
        details: None,
    };
    // No phone keeps a copy of a card, so no change is announced.
    write.record_all(cx, act, &[]).await?;
    write.commit(&Outcome::of(id)).await?;
    Ok(Some(code))
}

/// Checks a code against the household's current card: `CODE_INVALID` otherwise.
pub(super) async fn check(cx: &Cx, tx: &Tx, household: Uuid, code: &str) -> Result<()> {
    let card = contact_card::Entity::find()
        .filter(contact_card::Column::HouseholdId.eq(household))
        .filter(contact_card::Column::ReplacedAt.is_null())
        .one(&tx.unscoped(REASON))
        .await?;
    let given = hash(&cx.app.keys, household, &normal(code));
    let right = card
        .as_ref()
        .is_some_and(|card| card.failed_tries < MOST_TRIES && card.code_hash == given);
    if !right {
        return Err(Error::refused(Code::CodeInvalid).on("arrivalCode"));
    }
    if card.is_some_and(|card| card.failed_tries > 0) {
        count(tx, household, Expr::value(0)).await?;
    }
    Ok(())
}

/// Counts a wrong try, in a transaction of its own since the report's is undone.
pub(super) async fn count_wrong(cx: &Cx, household: Uuid) -> Result<()> {
    let tx = cx.app.db.begin().await?;
    let more = Expr::col(contact_card::Column::FailedTries).add(1);
    count(&tx, household, more).await?;
    tx.commit().await
}

async fn count(tx: &Tx, household: Uuid, tries: Expr) -> Result<()> {
    let mut update = Query::update();
    update
        .table(contact_card::Entity)
        .value(contact_card::Column::FailedTries, tries)
        .and_where(contact_card::Column::HouseholdId.eq(household))
        .and_where(contact_card::Column::ReplacedAt.is_null());
    tx.unscoped(REASON).execute(&update).await?;
    Ok(())
}

/// Eight characters of five bits each.
fn fresh() -> Result<String> {
    let bytes: [u8; 8] = random()?;
    let letters = bytes.map(|byte| char::from(ALPHABET[usize::from(byte % 32)]));
    Ok(letters.iter().collect())
}

/// The code as it was issued, however it was typed.
fn normal(typed: &str) -> String {
    typed
        .chars()
        .filter(char::is_ascii_alphanumeric)
        .map(|letter| match letter.to_ascii_uppercase() {
            'O' => '0',
            'I' | 'L' => '1',
            other => other,
        })
        .collect()
}

/// What is stored of a code: worth nothing without the server's key, nor in another home.
fn hash(keys: &Keys, household: Uuid, code: &str) -> String {
    let parts = [
        b"contact card".as_slice(),
        household.as_bytes(),
        code.as_bytes(),
    ];
    keyed_hash(&keys.hash, &parts)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_code_is_found_however_it_is_typed() {
        assert_eq!(normal("oil0-7k m2"), "01107KM2");
        let code = fresh().unwrap();
        assert_eq!(code.len(), 8);
        assert_eq!(normal(&code.to_lowercase()), code);
    }
}
