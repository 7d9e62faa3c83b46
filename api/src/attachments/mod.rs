//! Attachments 附件: the evidence of a check, as a photo or a scan that was taken on the way, and pictures that prove
//! a fulfilled wish.
//!
//! Somebody who checks (`EVIDENCE_ADD`) sends a file with [`POST /attachments`](crate::http::uploads):
//! at most 5 MiB, a JPEG, a PNG or a PDF by its content, whatever its name says. Of an image only the
//! picture is kept ([`strip`]): where and when it was taken, by which device, and what was hung on behind
//! it are gone before anything is stored. Of a PDF the pages are kept: what its author, its program and the photos
//! on its pages say about themselves is taken out.
//!
//! The object is sealed and written under a random key ([`store`]), then its row in one transaction with
//! the audit ([`service::add`]); what was written for nothing is removed after a day ([`sweep`]). A file
//! is added until its check is confirmed or settled, and never changes; what was added before the check was sent back
//! proves nothing of what is found afterwards, unless somebody sends it again.
//!
//! A wish has five pictures at most, added by who carries it out until it is fulfilled, and seen by them and by staff
//! who see the household.
//!
//! Whoever sees the check sees its evidence (`EVIDENCE_READ`): a scope of its own would grow stale when
//! the check is handed over. It is opened by a link that lasts five minutes, under the rights that the
//! asker has then, and every opening stands in the audit.

pub mod graphql;
pub mod mutations;
pub mod queries;
pub mod rules;
pub mod scope;
pub mod service;
pub mod store;
pub mod strip;
pub mod sweep;
