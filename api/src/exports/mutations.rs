//! Asking for an export.

use async_graphql::{Context, ID, InputObject, Object, SimpleObject};

use super::deceased::OfYear;
use super::graphql::{CertificationList, ExportKind, ExportLink};
use super::service::{self, OfMonth, OfRound, Wanted};
use crate::coverage::rules::Month;
use crate::ids::{self, Id};
use crate::schema::{UserError, cx, settle};

/// Which file.
#[derive(Debug, InputObject)]
pub struct RequestExportInput {
    /// What.
    kind: ExportKind,
    /// Where.
    area_id: ID,
    /// The month, like 2026-03.
    month: String,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RequestExportPayload {
    /// The link; absent where it was refused.
    export: Option<ExportLink>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Which list of a round.
#[derive(Debug, InputObject)]
pub struct RequestCertificationExportInput {
    /// What.
    list: CertificationList,
    /// Of which round.
    round_id: ID,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RequestCertificationExportPayload {
    /// The link; absent where it was refused.
    export: Option<ExportLink>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// The deaths of which area and year.
#[derive(Debug, InputObject)]
pub struct RequestDeceasedExportInput {
    /// The area, and below.
    area_id: ID,
    /// The year that the rounds certify.
    year: i32,
}

/// What came of it.
#[derive(Debug, SimpleObject)]
pub struct RequestDeceasedExportPayload {
    /// The link; absent where it was refused.
    export: Option<ExportLink>,
    /// Why it was refused; empty when it was done.
    user_errors: Vec<UserError>,
}

/// Mutations of exports.
#[derive(Debug, Default)]
pub struct ExportMutations;

#[Object]
impl ExportMutations {
    /// Makes a link to an .xlsx file that lasts five minutes; opening it is noted in the audit. Needs
    /// `EXPORT` at the area.
    async fn request_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which file.")] input: RequestExportInput,
    ) -> async_graphql::Result<RequestExportPayload> {
        let linked = async {
            let wanted = OfMonth {
                kind: input.kind.into(),
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                first: Month::parse(&input.month, "month")?.first,
            };
            service::link(cx(ctx), Wanted::Month(wanted)).await
        };
        let (link, user_errors) = settle(ctx, linked.await)?;
        Ok(RequestExportPayload {
            export: link.map(ExportLink::new),
            user_errors,
        })
    }

    /// Makes a link to a list of a round as an .xlsx file that lasts five minutes: the checks that you may
    /// read. Opening it is noted in the audit. Needs `CERTIFICATION_PLAN`.
    async fn request_certification_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Which list.")] input: RequestCertificationExportInput,
    ) -> async_graphql::Result<RequestCertificationExportPayload> {
        let linked = async {
            let wanted = OfRound {
                list: input.list.into(),
                round: Id::<ids::CertificationRound>::parse(&input.round_id, "roundId")?.uuid(),
            };
            service::link(cx(ctx), Wanted::Round(wanted)).await
        };
        let (link, user_errors) = settle(ctx, linked.await)?;
        Ok(RequestCertificationExportPayload {
            export: link.map(ExportLink::new),
            user_errors,
        })
    }

    /// Makes a link to an .xlsx file that lasts five minutes: whose death the rounds of a year have confirmed in an
    /// area, as `certificationDeceased` lists them. Opening it is noted in the audit. Needs `CERTIFICATION_PLAN` at
    /// the area.
    async fn request_deceased_export(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "Of which area and year.")] input: RequestDeceasedExportInput,
    ) -> async_graphql::Result<RequestDeceasedExportPayload> {
        let linked = async {
            let wanted = OfYear {
                area: Id::<ids::Area>::parse(&input.area_id, "areaId")?.uuid(),
                year: input.year,
            };
            service::link(cx(ctx), Wanted::Year(wanted)).await
        };
        let (link, user_errors) = settle(ctx, linked.await)?;
        Ok(RequestDeceasedExportPayload {
            export: link.map(ExportLink::new),
            user_errors,
        })
    }
}
