//! The household's one-time code 验证码: six digits that only the household can give to who fulfils its wish.

use entity::wish;
use sea_orm::sea_query::{Expr, ExprTrait as _};
use sea_orm::{ColumnTrait as _, EntityTrait as _, QueryFilter as _};
use uuid::Uuid;

use super::rules::{CODE_LASTS, MOST_TRIES};
use crate::access::keys::{Keys, random};
use crate::access::scope::Scoped;
use crate::access::sealed::keyed_hash;
use crate::context::Cx;
use crate::db::{Handle as _, Tx};
use crate::error::{Code, Error, Result};

const HELD: &str = "the code of a wish that the scope let through";

/// Numbers of six digits.
const NUMBERS: u64 = 1_000_000;

fn fresh() -> Result<String> {
    // Of 2^64 values the last few would make small codes likelier, by less than one in 10^13.
    let number = u64::from_le_bytes(random::<8>()?) % NUMBERS;
    Ok(format!("{number:06}"))
}

/// What is stored of a code: it is worth nothing without the server's key, nor for another wish.
fn hash(keys: &Keys, wish: Uuid, code: &str) -> String {
    let parts = [b"wish code".as_slice(), wish.as_bytes(), code.as_bytes()];
    keyed_hash(&keys.hash, &parts)
}

/// Gives a wish that is held a new code in the place of any before, and says it: it is told once.
pub(super) async fn issue(cx: &Cx, tx: &Tx, id: Uuid) -> Result<String> {
    use wish::Column as C;
    let (code, now) = (fresh()?, cx.app.clock.now());
    wish::Entity::update_many()
        .col_expr(C::CodeHash, Expr::value(hash(&cx.app.keys, id, &code)))
        .col_expr(C::CodeBy, Expr::value(cx.actor()?.account))
        .col_expr(C::CodeExpiresAt, Expr::value(now + CODE_LASTS))
        .col_expr(C::CodeTries, Expr::value(0))
        .col_expr(C::Version, Expr::col(C::Version).add(1))
        .col_expr(C::UpdatedAt, Expr::value(now))
        .filter(C::Id.eq(id))
        .exec(&tx.unscoped(HELD))
        .await?;
    Ok(code)
}

/// Whether this is the code of a wish that is held: `CODE_INVALID`.
pub(super) fn check(cx: &Cx, wish: &wish::Model, code: &str) -> Result<()> {
    let now = cx.app.clock.now();
    let counts = wish.code_expires_at.is_some_and(|until| now < until);
    let fits = wish.code_hash.as_deref() == Some(hash(&cx.app.keys, wish.id, code).as_str());
    if counts && fits {
        Ok(())
    } else {
        Err(Error::refused(Code::CodeInvalid).on("code"))
    }
}

/// Counts a wrong code in a transaction of its own, since a refused write leaves nothing behind; the last one ends
/// the code. Two at once are counted one after the other.
///
/// `scoped` is the wish as far as the actor may use a code for it. Refused: `CODE_INVALID`.
pub(super) async fn count_wrong(
    cx: &Cx,
    scoped: Scoped<'_, wish::Entity>,
    code: &str,
) -> Result<()> {
    use wish::Column as C;
    let tx = cx.app.db.begin().await?;
    let Some((wish, _)) = scoped
        .filter(C::CodeHash.is_not_null())
        .one_to_change(&tx)
        .await?
    else {
        // Without a code there is nothing to guess; what stands in the way is told by the write.
        return Ok(());
    };
    let Err(wrong) = check(cx, &wish, code) else {
        return Ok(());
    };
    let mut update = wish::Entity::update_many()
        .col_expr(C::CodeTries, Expr::col(C::CodeTries).add(1))
        .filter(C::Id.eq(wish.id));
    if wish.code_tries + 1 >= MOST_TRIES {
        update = update.col_expr(C::CodeHash, Expr::value(None::<String>));
    }
    update.exec(&tx.unscoped(HELD)).await?;
    tx.commit().await?;
    Err(wrong)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_hold_for_one_wish() {
        let folder = tempfile::tempdir().unwrap();
        let keys = Keys::load(folder.path(), true).unwrap();
        let code = fresh().unwrap();
        assert!(code.len() == 6 && code.bytes().all(|b| b.is_ascii_digit()));
        let (one, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        assert_eq!(hash(&keys, one, &code), hash(&keys, one, &code));
        assert_ne!(hash(&keys, one, &code), hash(&keys, other, &code));
    }
}
