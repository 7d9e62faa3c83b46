//! Whether the keys at hand are the ones a database was filled with.
//!
//! With other keys nothing sealed would open and nobody would be found by phone number, while new
//! rows were written under the wrong keys: so the first run notes a fingerprint of every key file, and
//! a database that has noted some never has a missing key made anew. A further key is noted when it is
//! first seen. Of keys that sign tokens an old one may go: nothing that stays was made with it.

use std::collections::BTreeMap;

use entity::epoch;
use sea_orm::sea_query::{Condition, OnConflict, Query};
use sea_orm::{ColumnTrait as _, ConnectionTrait as _, EntityTrait as _, QueryFilter as _};
use sha2::{Digest as _, Sha256};

use super::keys::{KeyFolder, Keys};
use super::sealed::{hex, keyed_hash};
use crate::db::{Db, Handle as _};
use crate::error::{Error, Result};

const REASON: &str = "the keys' fingerprints";
/// The name under which the fingerprint of `hash.key` is noted; the others' begin with [`PREFIX`].
const HASH: &str = "keys";
const PREFIX: &str = "key:";
const TOKEN: &str = "key:token-";

type Fingerprints = BTreeMap<String, i64>;

/// Reads a database's keys. Missing ones are made only where the database has not been used yet.
pub async fn open(db: &Db, folder: &KeyFolder) -> Result<Keys> {
    let noted = noted(db).await?;
    let lost = noted
        .keys()
        .filter(|name| !name.starts_with(TOKEN))
        .map(|name| folder.path.join(file(name)))
        .find(|path| !path.exists());
    if let Some(path) = lost {
        return Err(Error::internal(format!(
            "the key {} is missing, and this database was filled with it; bring it back from its \
             backup. Nothing was changed",
            path.display()
        )));
    }
    let is_new = noted.is_empty();
    let told = is_new && folder.make && folder.tell && !folder.path.exists();
    let keys = Keys::load(&folder.path, is_new && folder.make)?;
    if told {
        eprintln!(
            "made keys in {}: keep a copy, and give them to the server with NUANLIN_KEYS_DIR",
            folder.path.display()
        );
    }
    let ours = fingerprints(&keys)?;
    compare(&noted, &ours)?;
    if ours.keys().any(|name| !noted.contains_key(name)) {
        compare(&note(db, &ours).await?, &ours)?;
    }
    Ok(keys)
}

/// Refuses keys other than the ones noted.
fn compare(noted: &Fingerprints, ours: &Fingerprints) -> Result<()> {
    let foreign = noted
        .iter()
        .find(|(name, value)| match ours.get(name.as_str()) {
            Some(own) => own != *value,
            None => !name.starts_with(TOKEN),
        });
    match foreign {
        None => Ok(()),
        Some((name, _)) => Err(Error::internal(format!(
            "{} is not the key that this database was filled with; nothing was changed",
            file(name)
        ))),
    }
}

async fn noted(db: &Db) -> Result<Fingerprints> {
    let rows = epoch::Entity::find()
        .filter(
            Condition::any()
                .add(epoch::Column::Name.eq(HASH))
                .add(epoch::Column::Name.starts_with(PREFIX)),
        )
        .all(&db.unscoped(REASON))
        .await?;
    Ok(rows.into_iter().map(|row| (row.name, row.value)).collect())
}

/// Notes what is not noted yet unless another process was faster, and returns what is noted now.
async fn note(db: &Db, ours: &Fingerprints) -> Result<Fingerprints> {
    let mut insert = Query::insert();
    insert
        .into_table(epoch::Entity)
        .columns([epoch::Column::Name, epoch::Column::Value])
        .on_conflict(
            OnConflict::column(epoch::Column::Name)
                .do_nothing()
                .to_owned(),
        );
    for (name, value) in ours {
        insert.values_panic([name.clone().into(), (*value).into()]);
    }
    let tx = db.begin().await?;
    tx.unscoped(REASON).execute(&insert).await?;
    tx.commit().await?;
    noted(db).await
}

/// Tells nothing of the keys: the first 60 bits of hashes.
fn fingerprints(keys: &Keys) -> Result<Fingerprints> {
    let keyed = |key| keyed_hash(key, &[b"fingerprint"]);
    let seal = keys
        .seal
        .iter()
        .map(|(number, key)| (format!("{PREFIX}seal-{number}"), keyed(key)));
    let token = keys.token.iter().map(|(number, key)| {
        let public = hex(&Sha256::digest(key.verifying_key().as_bytes()));
        (format!("{TOKEN}{number}"), public)
    });
    let single = [
        (HASH.to_owned(), keyed(&keys.hash)),
        (format!("{PREFIX}refresh"), keyed(&keys.refresh)),
    ];
    seal.chain(token)
        .chain(single)
        .map(|(name, digits)| {
            let value = i64::from_str_radix(&digits[..15], 16);
            Ok((name, value.map_err(|error| Error::Internal(error.into()))?))
        })
        .collect()
}

/// The file whose fingerprint is noted under this name.
fn file(name: &str) -> String {
    match name.strip_prefix(PREFIX) {
        None => "hash.key".to_owned(),
        Some(token) if name.starts_with(TOKEN) => format!("{token}.pem"),
        Some(other) => format!("{other}.key"),
    }
}
