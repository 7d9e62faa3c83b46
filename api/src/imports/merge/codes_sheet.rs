//! First-sign-in codes of new accounts, and the sheet on which they are handed out.

use crate::access::keys::write_private;
use crate::accounts::codes;
use crate::clock::SHANGHAI;
use crate::error::{Error, Result};

use super::{IssuedCode, Options};

/// Writes the sheet of codes to hand out; the byte order mark tells Excel that it is UTF-8.
pub fn write(options: &Options, issued: &[IssuedCode]) -> Result<()> {
    let Some(path) = options.codes.as_deref().filter(|_| !issued.is_empty()) else {
        return Ok(());
    };
    let mut sheet = csv::WriterBuilder::new()
        .terminator(csv::Terminator::CRLF)
        .from_writer("\u{feff}".as_bytes().to_vec());
    let failed = |error: csv::Error| Error::Internal(error.into());
    sheet
        .write_record(["姓名", "手机号", "一次性验证码", "有效期至"])
        .map_err(failed)?;
    for issued in issued {
        let until = issued.expires_at.with_timezone(&SHANGHAI);
        let until = until.format("%Y-%m-%d %H:%M").to_string();
        sheet
            .write_record([&issued.name, &issued.phone, &issued.code, &until])
            .map_err(failed)?;
    }
    let bytes = sheet
        .into_inner()
        .map_err(|error| Error::Internal(error.to_string().into()))?;
    write_private(path, &String::from_utf8_lossy(&bytes))
}

/// A code that keeps its eight digits in Excel, which drops zeros at the beginning.
pub fn fresh() -> Result<String> {
    loop {
        let code = codes::fresh()?;
        if !code.starts_with('0') {
            return Ok(code);
        }
    }
}

/// Removes the sheet again: its codes will never be valid.
pub fn remove(options: &Options, issued: &[IssuedCode]) {
    if let Some(path) = options.codes.as_deref().filter(|_| !issued.is_empty())
        && let Err(error) = std::fs::remove_file(path)
    {
        tracing::warn!(%error, path = %path.display(), "a sheet of void codes stays behind");
    }
}
