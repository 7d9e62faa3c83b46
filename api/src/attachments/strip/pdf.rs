//! PDF (ISO 32000): read, rid of what it says about itself, and written anew.
//!
//! Gone are the document's information dictionary, every XMP stream, what programs keep for themselves, and what
//! the photos on its pages say of where and when they were taken; with them every earlier version of an object that
//! a later one replaced, since only what the pages still need is written. The pages stay as they are: their
//! pictures are never decoded.
//!
//! A hostile file is kept small before it is read: what its objects take in memory follows from how many words it
//! has ([`WORDS`]), and all that is unpacked while reading from [`UNPACKED`].

use lopdf::{Dictionary, Document, Error, LoadOptions, Object, Stream};

use super::{Unfit, jpeg};

/// How a PDF begins. The standard lets other bytes stand before it: those are other files as well.
pub const BEGIN: &[u8] = b"%PDF-";

const END: &[u8] = b"%%EOF";
const START: &[u8] = b"startxref";
const STREAM: &[u8] = b"stream";

/// How many words and brackets a file may have, besides one in sixteen bytes: as many stand in packed data by chance.
const WORDS: usize = 200_000;

/// How many bytes the streams of objects may unpack to, all together.
const UNPACKED: usize = 4 << 20;

/// What tells of a document and of whoever made it, wherever it stands.
const TOLD: [&[u8]; 3] = [b"Metadata", b"PieceInfo", b"LastModified"];

/// The file without what it says about itself.
pub fn clean(bytes: &[u8]) -> Result<Vec<u8>, Unfit> {
    let whole = whole(bytes).ok_or(Unfit::Broken)?;
    if words(whole) > WORDS + whole.len() / 16 {
        return Err(Unfit::Unsupported);
    }
    let mut document = read(whole)?;
    document.trailer.remove(b"Info");
    for object in document.objects.values_mut() {
        forget(object, 0);
    }
    document.prune_objects();
    // The highest number that is left, so that cleaning it again changes nothing.
    document.max_id = document
        .objects
        .keys()
        .map(|id| id.0)
        .max()
        .unwrap_or_default();
    let mut kept = Vec::with_capacity(whole.len());
    document.save_to(&mut kept).map_err(|_| Unfit::Broken)?;
    if !kept.ends_with(b"\n") {
        kept.push(b'\n');
    }
    Ok(kept)
}

/// The file up to its own end; absent where it is incomplete.
fn whole(bytes: &[u8]) -> Option<&[u8]> {
    let end = rfind(bytes, END)? + END.len();
    let kept = bytes.get(..end)?;
    let start = rfind(kept, START)?;
    let digits = std::str::from_utf8(kept.get(start + START.len()..end - END.len())?).ok()?;
    let table: usize = digits.trim().parse().ok()?;
    // Where the table of its objects stands: as a table, or as an object of its own.
    let first = kept.get(table..start)?.trim_ascii_start();
    let is_table = first.starts_with(b"xref") || first.first()?.is_ascii_digit();
    is_table.then_some(kept)
}

fn rfind(bytes: &[u8], wanted: &[u8]) -> Option<usize> {
    bytes
        .windows(wanted.len())
        .rposition(|window| window == wanted)
}

fn words(bytes: &[u8]) -> usize {
    let parts = |byte: &&u8| {
        matches!(
            byte,
            b'\0' | b'\t' | b'\n' | b'\x0c' | b'\r' | b' ' | b'[' | b'<' | b'(' | b'/'
        )
    };
    bytes.iter().filter(parts).count()
}

/// Reads a file of which nothing needs mending.
fn read(whole: &[u8]) -> Result<Document, Unfit> {
    let streams = whole.windows(STREAM.len()).filter(|part| *part == STREAM);
    // Each has its beginning and its end.
    let streams = streams.count().div_ceil(2).max(1);
    let options = LoadOptions {
        max_decompressed_size: Some(UNPACKED / streams),
        ..LoadOptions::default()
    };
    let document =
        Document::load_mem_with_options(whole, options).map_err(|error| match error {
            Error::InvalidPassword
            | Error::Decryption(_)
            | Error::UnsupportedSecurityHandler(_) => Unfit::Encrypted,
            _ => Unfit::Broken,
        })?;
    if document.was_encrypted() || document.trailer.has(b"Encrypt") {
        return Err(Unfit::Encrypted);
    }
    let has_pages = document.page_iter().next().is_some();
    if document.xref_recovery.is_some() || !has_pages {
        return Err(Unfit::Broken);
    }
    Ok(document)
}

/// How deep objects are looked into; the reader takes none that lie deeper.
const DEEPEST: u8 = 101;

/// Takes out of an object what tells of the document.
fn forget(object: &mut Object, depth: u8) {
    if depth > DEEPEST {
        return;
    }
    match object {
        Object::Array(items) => items.iter_mut().for_each(|item| forget(item, depth + 1)),
        Object::Dictionary(dictionary) => untold(dictionary, depth),
        Object::Stream(stream) => {
            untold(&mut stream.dict, depth);
            if is_photo(stream)
                && let Some(bare) = jpeg::clean(&stream.content)
            {
                stream.set_content(bare);
            }
        }
        _ => {}
    }
}

fn untold(dictionary: &mut Dictionary, depth: u8) {
    for name in TOLD {
        dictionary.remove(name);
    }
    for (_, value) in dictionary.iter_mut() {
        forget(value, depth + 1);
    }
}

/// Whether a stream is a JPEG and nothing else.
fn is_photo(stream: &Stream) -> bool {
    let is_jpeg = |filter: &Object| filter.as_name().is_ok_and(|name| name == b"DCTDecode");
    match stream.dict.get(b"Filter") {
        Ok(Object::Array(filters)) => matches!(&filters[..], [only] if is_jpeg(only)),
        Ok(filter) => is_jpeg(filter),
        Err(_) => false,
    }
}
