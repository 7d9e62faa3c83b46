//! PNG (W3C, third edition): the chunks a still picture needs.

use super::Reader;

/// How every PNG begins.
pub const BEGIN: &[u8] = b"\x89PNG\r\n\x1a\n";

/// What the picture consists of, and what its colours and size need; texts, times, EXIF, animations and
/// what other programs add are left out.
const KEPT: [&[u8; 4]; 13] = [
    b"IHDR", b"PLTE", b"IDAT", b"IEND", b"tRNS", b"gAMA", b"cHRM", b"sRGB", b"iCCP", b"cICP",
    b"sBIT", b"bKGD", b"pHYs",
];

/// The picture alone; absent where it is damaged or incomplete.
pub fn clean(bytes: &[u8]) -> Option<Vec<u8>> {
    let mut reader = Reader { rest: bytes };
    let mut kept = reader.take(BEGIN.len())?.to_vec();
    let (mut is_first, mut has_data) = (true, false);
    loop {
        let whole = reader.rest;
        let length = usize::try_from(u32::from_be_bytes(reader.array()?)).ok()?;
        let kind: [u8; 4] = reader.array()?;
        let content = reader.take(length)?;
        let sum = u32::from_be_bytes(reader.array()?);
        let mut hasher = crc32fast::Hasher::new();
        hasher.update(&kind);
        hasher.update(content);
        if hasher.finalize() != sum || is_first != (&kind == b"IHDR") {
            return None;
        }
        is_first = false;
        has_data |= &kind == b"IDAT" && length > 0;
        if KEPT.contains(&&kind) {
            kept.extend_from_slice(whole.get(..length.checked_add(12)?)?);
        } else if kind[0].is_ascii_uppercase() {
            // What every reader must understand, and this one does not.
            return None;
        }
        if &kind == b"IEND" {
            return has_data.then_some(kept);
        }
    }
}
