//! What is no evidence leaves nothing behind: no row, no file.

use std::convert::Infallible;
use std::time::Duration;

use axum::body::{Body, Bytes};
use entity::enums::Role;
use futures_util::stream;
use nuanlin::clock::Clock;
use nuanlin::config::Settings;
use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};

use super::{add, bare, id_of, photo, place, rows, stored};
use crate::support::binary::Server;
use crate::support::database::on_both;
use crate::support::files::{check, send};
use crate::support::world::{BUILDING, COMMUNITY, World};

const MAX: usize = 5 << 20;

/// A photo of exactly this size.
fn sized(length: usize) -> Vec<u8> {
    let mut bytes = bare(1);
    let at = bytes.len() - 2;
    let fill = vec![b'.'; length - bytes.len()];
    bytes.splice(at..at, fill);
    bytes
}

/// A body whose length nobody announces.
fn in_pieces(bytes: &[u8]) -> Body {
    let pieces: Vec<Bytes> = bytes.chunks(64 << 10).map(Bytes::copy_from_slice).collect();
    Body::from_stream(stream::iter(pieces.into_iter().map(Ok::<_, Infallible>)))
}

on_both! {
    async fn the_content_decides_whatever_a_file_is_called(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let jpeg = [("content-type", "image/jpeg")];
        let whole = bare(1);
        let cases: &[(&[u8], u16, &str)] = &[
            (b"<html><script>alert(1)</script></html>", 415, "FILE_UNSUPPORTED"),
            (b"PK\x03\x04 a workbook called photo.jpg", 415, "FILE_UNSUPPORTED"),
            (b"<svg xmlns='http://www.w3.org/2000/svg'/>", 415, "FILE_UNSUPPORTED"),
            (b"\xff\xd8\xff<script>alert(1)</script>", 422, "FILE_BROKEN"),
            (&whole[..whole.len() - 1], 422, "FILE_BROKEN"),
            (b"%PDF-1.7 and no more", 422, "FILE_BROKEN"),
            (b"", 422, "FILE_EMPTY"),
        ];
        for (bytes, status, code) in cases {
            let sent = send(&world, Some(&station), &place(check), &jpeg, bytes.to_vec()).await;
            assert_eq!(sent.problem(), (*status, (*code).to_owned()));
        }
        let chinese = add(&world, &station, check, b"GIF89a".to_vec()).await;
        assert_eq!(chinese.json()["title"], "不支持此类文件");
        let english = [("accept-language", "en")];
        let english = send(&world, Some(&station), &place(check), &english, "GIF89a").await;
        assert_eq!(english.json()["title"], "Files of this kind are not taken");
        let packed = [("content-encoding", "gzip")];
        let packed = send(&world, Some(&station), &place(check), &packed, photo(1)).await;
        assert_eq!(packed.problem(), (415, "BAD_USER_INPUT".to_owned()));
        for path in ["/attachments", "/attachments?checkId=x&more=1", "/attachments?check=x"] {
            let sent = send(&world, Some(&station), path, &[], photo(1)).await;
            assert_eq!(sent.problem(), (400, "BAD_USER_INPUT".to_owned()));
        }
        let unknown = send(&world, Some(&station), "/attachments?checkId=x", &[], photo(1)).await;
        assert_eq!(unknown.problem(), (404, "NOT_FOUND".to_owned()));
        assert_eq!((rows(&world).await, stored(&world).len()), (0, 0));
    }

    async fn five_megabytes_are_taken_and_not_a_byte_more(db: TestDatabase) {
        let world = World::new(db).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let announced = (MAX + 1).to_string();
        let announced = [("content-length", announced.as_str())];
        for (headers, body) in [
            (&announced[..], Body::from(sized(MAX + 1))),
            (&[][..], in_pieces(&sized(MAX + 1))),
        ] {
            let sent = send(&world, Some(&station), &place(check), headers, body).await;
            assert_eq!(sent.problem(), (413, "FILE_TOO_LARGE".to_owned()));
        }
        assert_eq!((rows(&world).await, stored(&world).len()), (0, 0));
        let sent = send(&world, Some(&station), &place(check), &[], in_pieces(&sized(MAX))).await;
        id_of(&sent);
        assert_eq!(sent.json()["bytes"], MAX);
    }

    /// Against the real server: the line breaks in the middle, or the file never ends.
    async fn a_cut_file_leaves_nothing(db: TestDatabase) {
        let world = World::at_time(db, Settings::default(), Clock::system()).await;
        let station = world.person("钱卫国", &[(Role::VeteransStaff, COMMUNITY)]).await;
        let check = check(&world, &station, BUILDING).await;
        let server = Server::start(&world.database, &[]).await;
        let head = format!(
            "POST {} HTTP/1.1\r\nHost: nuanlin\r\nAuthorization: Bearer {}\r\nContent-Length: 4000\r\n\r\n",
            place(check), station.token
        );
        let whole = sized(4000);
        for cut in [0, 1, 2000, 3999] {
            let mut line = tokio::net::TcpStream::connect(server.address()).await.expect("a line");
            line.write_all(head.as_bytes()).await.expect("sent");
            line.write_all(&whole[..cut]).await.expect("sent");
            tokio::time::sleep(Duration::from_millis(50)).await;
            line.shutdown().await.expect("cut");
            // The server lets go of the line, with or without a word.
            let mut answer = Vec::new();
            let _ = line.read_to_end(&mut answer).await;
            assert!(!answer.starts_with(b"HTTP/1.1 201"), "{cut}");
        }
        assert_eq!((rows(&world).await, stored(&world).len()), (0, 0));
        let mut line = tokio::net::TcpStream::connect(server.address()).await.expect("a line");
        line.write_all(head.as_bytes()).await.expect("sent");
        line.write_all(&whole).await.expect("sent");
        let mut answer = [0; 12];
        line.read_exact(&mut answer).await.expect("an answer");
        assert_eq!(&answer, b"HTTP/1.1 201");
        assert_eq!((rows(&world).await, stored(&world).len()), (1, 1));
    }
}
