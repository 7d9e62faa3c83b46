//! Commands that act in somebody's name: the account's own rights decide.

use std::sync::Arc;

use entity::{account, area};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::Workplace;
use crate::access::sealed::{self, Field};
use crate::accounts::phone::Phone;
use crate::config::Settings;
use crate::context::{App, Cx};
use crate::db::Handle as _;
use crate::error::{Code, Error, Language, Result};

const REASON: &str = "the operator names an account and an area; the account's own rights decide";

/// The area with this code, if there is one.
pub(super) async fn area(place: &Workplace, code: &str) -> Result<Option<Uuid>> {
    let row = area::Entity::find()
        .filter(area::Column::Code.eq(code))
        .one(&place.db.unscoped(REASON))
        .await?;
    Ok(row.map(|area| area.id))
}

/// A request of the account with this phone number; `request` names the command in the audit.
///
/// Refused on `as`: `PHONE_INVALID`, `NOT_FOUND`.
pub(super) async fn request_of(place: Workplace, phone: &str, request: &str) -> Result<Cx> {
    let number = Phone::mobile(phone).ok_or_else(|| Error::refused(Code::PhoneInvalid).on("as"))?;
    let hash = sealed::hash(&place.keys, Field::Phone, number.as_str());
    let account = account::Entity::find()
        .filter(account::Column::PhoneHash.eq(hash))
        .one(&place.db.unscoped(REASON))
        .await?
        .ok_or_else(|| Error::refused(Code::NotFound).on("as"))?;
    let app = App::open(place.db, place.clock, place.keys, Settings::default()).await?;
    let app = Arc::new(app);
    let actor = app
        .sessions
        .recall(&app.db, &app.clock, (account.id, None))
        .await?;
    Ok(Cx::new(
        app,
        Some(Arc::new(actor)),
        Language::Chinese,
        request.into(),
    ))
}
