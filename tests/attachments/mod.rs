//! Evidence: what is kept of a file, who opens it, and what is refused.

use std::fmt::Write as _;

use nuanlin::ids;
use serde_json::json;
use uuid::Uuid;

use crate::support::files::{Sent, send};
use crate::support::world::{Person, World};

mod bucket;
mod links;
mod refused;
mod story;

fn segment(marker: u8, content: &[u8]) -> Vec<u8> {
    let length = u16::try_from(content.len() + 2).expect("a short segment");
    let mut bytes = vec![0xff, marker];
    bytes.extend(length.to_be_bytes());
    bytes.extend_from_slice(content);
    bytes
}

/// A photo as it is kept; `number` makes it another one.
pub fn bare(number: u8) -> Vec<u8> {
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xdb, &[number; 65]));
    bytes.extend(segment(0xc0, &[8, 0, 8, 0, 8, 1, 1, 0x11, 0]));
    bytes.extend(segment(0xc4, &[0; 17]));
    bytes.extend(segment(0xda, &[1, 1, 0, 0, 63, 0]));
    bytes.extend(b"the picture itself\xff\xd9");
    bytes
}

/// The same photo as a phone sends it: with the place where it was taken, three times.
pub fn photo(number: u8) -> Vec<u8> {
    let mut exif = b"Exif\0\0MM\0\x2a\0\0\0\x08\0\x01".to_vec();
    exif.extend([0x88, 0x25, 0, 4, 0, 0, 0, 1, 0, 0, 0, 26, 0, 0, 0, 0]);
    exif.extend(b"GPS 32.3017N 118.3162E");
    let mut bytes = vec![0xff, 0xd8];
    bytes.extend(segment(0xe1, &exif));
    bytes.extend(segment(0xfe, b"GPS 32.3017N 118.3162E"));
    bytes.extend(&bare(number)[2..]);
    bytes.extend(b"GPS in a video behind the photo");
    bytes
}

/// A PDF of one empty page; `more` are objects besides, from the fourth on, and `root` and `trailer` what they hang on.
pub fn pdf(more: &[&str], root: &str, trailer: &str) -> Vec<u8> {
    let catalog = format!("<< /Type /Catalog /Pages 2 0 R {root} >>");
    let page = "<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] >>";
    let pages = "<< /Type /Pages /Kids [3 0 R] /Count 1 >>";
    let objects = [catalog.as_str(), pages, page].into_iter();
    let objects: Vec<&str> = objects.chain(more.iter().copied()).collect();
    let mut text = "%PDF-1.7\n".to_owned();
    let mut places = Vec::new();
    for (object, number) in objects.iter().zip(1..) {
        places.push(text.len());
        let _ = write!(text, "{number} 0 obj\n{object}\nendobj\n");
    }
    let (table, size) = (text.len(), objects.len() + 1);
    let _ = write!(text, "xref\n0 {size}\n0000000000 65535 f \n");
    for place in places {
        let _ = writeln!(text, "{place:010} 00000 n ");
    }
    let _ = write!(
        text,
        "trailer\n<< /Size {size} /Root 1 0 R {trailer} >>\nstartxref\n{table}\n%%EOF\n"
    );
    text.into_bytes()
}

fn has(bytes: &[u8], part: &[u8]) -> bool {
    bytes.windows(part.len()).any(|window| window == part)
}

/// Where a file for a check is sent.
fn place(check: Uuid) -> String {
    let id = World::id::<ids::CertificationCheck>(check);
    format!("/attachments?checkId={id}")
}

/// Sends a file for a check.
pub async fn add(world: &World, who: &Person, check: Uuid, bytes: Vec<u8>) -> Sent {
    send(world, Some(who), &place(check), &[], bytes).await
}

/// The id of a file that was taken.
#[track_caller]
pub fn id_of(sent: &Sent) -> String {
    assert_eq!(sent.status, 201, "{}", String::from_utf8_lossy(&sent.bytes));
    sent.json()["id"].as_str().expect("an id").to_owned()
}

const LINK: &str = "mutation($id: ID!) { requestAttachmentLink(input: {attachmentId: $id}) {
    link { path expiresAt } userErrors { field code } } }";

async fn link(world: &World, who: &Person, id: &str) -> String {
    let answer = world.run(who, LINK, json!({"id": id})).await;
    let link = &answer.payload("requestAttachmentLink")["link"];
    link["path"].as_str().expect("a link").to_owned()
}

async fn rows(world: &World) -> i64 {
    world.count("SELECT count(*) FROM attachment").await
}

/// Every file in the store: where it lies and what is in it.
fn stored(world: &World) -> Vec<(std::path::PathBuf, Vec<u8>)> {
    let mut found = Vec::new();
    let mut folders = vec![world.database.directory().join("attachments")];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(folder).expect("a folder") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
            } else {
                let bytes = std::fs::read(&path).expect("a file");
                found.push((path, bytes));
            }
        }
    }
    found
}
