//! PDF (ISO 32000): told by its beginning and its end, and kept as it is.
//!
//! What a PDF says about itself stands in objects that later versions of the file replace without
//! removing, and again in the pictures on its pages: to take it out the whole file would have to be
//! parsed and written anew, hostile ones too. So it stays, and the README says so.

/// How a PDF begins. The standard lets other bytes stand before it: those are other files as well.
pub const BEGIN: &[u8] = b"%PDF-";

const END: &[u8] = b"%%EOF";
const START: &[u8] = b"startxref";

/// The file up to its own end; absent where it is incomplete.
pub fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let end = rfind(bytes, END)? + END.len();
    let kept = bytes.get(..end)?;
    let start = rfind(kept, START)?;
    let digits = std::str::from_utf8(kept.get(start + START.len()..end - END.len())?).ok()?;
    let table: usize = digits.trim().parse().ok()?;
    // Where the table of its objects stands: as a table, or as an object of its own.
    let first = kept.get(table..start)?.trim_ascii_start();
    let is_table = first.starts_with(b"xref") || first.first()?.is_ascii_digit();
    is_table.then(|| {
        let mut kept = kept.to_vec();
        kept.push(b'\n');
        kept
    })
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .rposition(|window| window == wanted)
}
