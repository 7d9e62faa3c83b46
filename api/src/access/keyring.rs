//! Whether the keys at hand are the ones a database was filled with.
//!
//! With other keys nothing sealed would open and nobody would be found by phone number, while new
//! rows were written under the wrong keys: so the first run notes the keys' fingerprint.

use entity::epoch;
use sea_orm::sea_query::{OnConflict, Query};
use sea_orm::{ConnectionTrait as _, EntityTrait as _};

use super::keys::Keys;
use super::sealed::keyed_hash;
use crate::db::{Db, Handle as _};
use crate::error::{Error, Result};

const NAME: &str = "keys";
const REASON: &str = "the keys' fingerprint";

/// Notes the keys' fingerprint in a new database; refuses a database that was filled with others.
pub async fn check(db: &Db, keys: &Keys) -> Result<()> {
    let ours = fingerprint(keys)?;
    let noted = epoch::Entity::find_by_id(NAME)
        .one(&db.unscoped(REASON))
        .await?;
    let noted = match noted {
        Some(row) => row.value,
        None => note(db, ours).await?,
    };
    if noted == ours {
        Ok(())
    } else {
        Err(Error::internal(
            "these keys are not the ones this database was filled with; nothing was changed",
        ))
    }
}

/// Notes it unless another process was faster, and returns what is noted now.
async fn note(db: &Db, ours: i64) -> Result<i64> {
    let tx = db.begin().await?;
    let mut insert = Query::insert();
    insert
        .into_table(epoch::Entity)
        .columns([epoch::Column::Name, epoch::Column::Value])
        .values_panic([NAME.into(), ours.into()])
        .on_conflict(
            OnConflict::column(epoch::Column::Name)
                .do_nothing()
                .to_owned(),
        );
    tx.unscoped(REASON).execute(&insert).await?;
    let row = epoch::Entity::find_by_id(NAME)
        .one(&tx.unscoped(REASON))
        .await?;
    tx.commit().await?;
    Ok(row.map_or(ours, |row| row.value))
}

/// Tells nothing of the key: the first 60 bits of a keyed hash of a fixed text.
fn fingerprint(keys: &Keys) -> Result<i64> {
    let digits = keyed_hash(&keys.hash, &[b"fingerprint"]);
    i64::from_str_radix(&digits[..15], 16).map_err(|error| Error::Internal(error.into()))
}
