//! The GraphQL schema put together, and the one edge at which errors become client text.

use std::sync::Arc;

use async_graphql::{
    Context, EmptySubscription, ErrorExtensions as _, ID, Interface, MergedObject, PathSegment,
    QueryPathSegment, Response, SDLExportOptions, Schema, SimpleObject,
};

use crate::accompaniments::mutations::AccompanimentMutations;
use crate::accompaniments::queries::AccompanimentQueries;
use crate::accounts::mutations::AccountMutations;
use crate::accounts::queries::AccountQueries;
use crate::alarms::mutations::AlarmMutations;
use crate::alarms::queries::AlarmQueries;
use crate::areas::graphql::Area;
use crate::areas::mutations::AreaMutations;
use crate::areas::queries::AreaQueries;
use crate::attachments::mutations::AttachmentMutations;
use crate::attachments::queries::AttachmentQueries;
use crate::beneficiaries::mutations::BeneficiaryMutations;
use crate::beneficiaries::queries::BeneficiaryQueries;
use crate::care_plans::mutations::CarePlanMutations;
use crate::care_plans::queries::CarePlanQueries;
use crate::certifications::accompanying::mutations::AccompanyingMutations;
use crate::certifications::accompanying::queries::AccompanyingQueries;
use crate::certifications::checks::mutations::CheckMutations;
use crate::certifications::checks::queries::CheckQueries;
use crate::certifications::coverage::queries::CertificationCoverageQueries;
use crate::certifications::coverage::years::queries::CertificationYearQueries;
use crate::certifications::hand_overs::mutations::HandOverMutations;
use crate::certifications::hand_overs::queries::HandOverQueries;
use crate::certifications::planning::mutations::CertificationPlanningMutations;
use crate::certifications::planning::queries::CertificationPlanningQueries;
use crate::certifications::rounds::mutations::CertificationRoundMutations;
use crate::certifications::rounds::queries::CertificationRoundQueries;
use crate::certifications::sessions::mutations::CertificationSessionMutations;
use crate::certifications::sessions::queries::CertificationSessionQueries;
use crate::context::Cx;
use crate::coverage::mutations::CoverageMutations;
use crate::coverage::queries::CoverageQueries;
use crate::desk::queries::DeskQueries;
use crate::duty::mutations::DutyMutations;
use crate::duty::queries::DutyQueries;
use crate::error::{Code, Error, Refusal, Result, Stop};
use crate::escalations::mutations::EscalationMutations;
use crate::exports::mutations::ExportMutations;
use crate::findings::mutations::FindingMutations;
use crate::findings::queries::FindingQueries;
use crate::households::graphql::Household;
use crate::households::mutations::HouseholdMutations;
use crate::households::queries::HouseholdQueries;
use crate::meals::mutations::MealMutations;
use crate::meals::queries::MealQueries;
use crate::nodes::NodeQueries;
use crate::notices::mutations::NoticeMutations;
use crate::notices::queries::NoticeQueries;
use crate::offers::mutations::OfferMutations;
use crate::offers::packages::mutations::PackageMutations;
use crate::offers::packages::queries::PackageQueries;
use crate::offers::queries::OfferQueries;
use crate::offers::slots::mutations::SlotMutations;
use crate::offers::slots::queries::SlotQueries;
use crate::partners::mutations::PartnerMutations;
use crate::partners::queries::PartnerQueries;
use crate::residents::departures::mutations::DepartureMutations;
use crate::residents::enrolments::mutations::EnrolmentMutations;
use crate::residents::mutations::ResidentMutations;
use crate::residents::queries::ResidentQueries;
use crate::rounds::mutations::RoundMutations;
use crate::rounds::queries::RoundQueries;
use crate::scalars::DateTime;
use crate::visits::claims::mutations::ClaimMutations;
use crate::visits::claims::queries::ClaimQueries;
use crate::visits::graphql::{Claim, VisitStatus, VisitTask};
use crate::visits::mutations::VisitMutations;
use crate::visits::queries::VisitQueries;
use crate::visits::reports::mutations::ReportMutations;
use crate::visits::routes::queries::VisitRouteQueries;
use crate::visits::verification::mutations::VerificationMutations;
use crate::visits::verification::queries::VerificationQueries;
use crate::volunteers::mutations::VolunteerMutations;
use crate::volunteers::queries::VolunteerQueries;
use crate::wishes::boards::queries::WishBoardQueries;
use crate::wishes::bookings::mutations::BookingMutations;
use crate::wishes::bookings::queries::BookingQueries;
use crate::wishes::hands::mutations::WishHandMutations;
use crate::wishes::mutations::WishMutations;
use crate::wishes::queries::WishQueries;
use crate::worklist::graphql::WorklistQueries;
use crate::write::Outcome;

/// Everything that can be asked.
#[derive(Debug, Default, MergedObject)]
pub struct Query(
    NodeQueries,
    AccountQueries,
    AreaQueries,
    HouseholdQueries,
    ResidentQueries,
    VisitQueries,
    CarePlanQueries,
    CoverageQueries,
    VisitRouteQueries,
    VerificationQueries,
    AlarmQueries,
    FindingQueries,
    RoundQueries,
    MealQueries,
    DeskQueries,
    DutyQueries,
    NoticeQueries,
    ClaimQueries,
    VolunteerQueries,
    BeneficiaryQueries,
    CertificationRoundQueries,
    CheckQueries,
    CertificationCoverageQueries,
    CertificationSessionQueries,
    CertificationPlanningQueries,
    CertificationYearQueries,
    HandOverQueries,
    AccompanyingQueries,
    AccompanimentQueries,
    WishQueries,
    WishBoardQueries,
    BookingQueries,
    WorklistQueries,
    AttachmentQueries,
    PartnerQueries,
    OfferQueries,
    SlotQueries,
    PackageQueries,
);

/// Everything that can be done.
#[derive(Debug, Default, MergedObject)]
pub struct Mutation(
    AccountMutations,
    AreaMutations,
    HouseholdMutations,
    ResidentMutations,
    DepartureMutations,
    EnrolmentMutations,
    VisitMutations,
    ClaimMutations,
    ReportMutations,
    VerificationMutations,
    AlarmMutations,
    FindingMutations,
    RoundMutations,
    MealMutations,
    EscalationMutations,
    DutyMutations,
    NoticeMutations,
    CarePlanMutations,
    CoverageMutations,
    AttachmentMutations,
    ExportMutations,
    VolunteerMutations,
    BeneficiaryMutations,
    CertificationRoundMutations,
    CheckMutations,
    CertificationSessionMutations,
    CertificationPlanningMutations,
    HandOverMutations,
    AccompanyingMutations,
    AccompanimentMutations,
    WishMutations,
    WishHandMutations,
    BookingMutations,
    PartnerMutations,
    OfferMutations,
    SlotMutations,
    PackageMutations,
);

/// The schema that serves every request.
pub type AppSchema = Schema<Query, Mutation, EmptySubscription>;

/// Builds the schema, without extensions: any would cost a third of the speed.
#[must_use]
pub fn build() -> AppSchema {
    Schema::build(Query::default(), Mutation::default(), EmptySubscription)
        .disable_suggestions()
        .finish()
}

/// The schema in its definition language, as `schema.graphql` holds it.
#[must_use]
pub fn sdl() -> String {
    build().sdl_with_options(SDLExportOptions::new().include_specified_by())
}

/// Work that somebody can take on, of whatever kind.
#[derive(Clone, Debug, Interface)]
#[graphql(
    field(name = "id", ty = "&ID", desc = "The opaque id."),
    field(name = "version", ty = "&i64", desc = "Raised by one on every change."),
    field(name = "area", ty = "&Option<Area>", desc = "Where it is."),
    field(
        name = "household",
        ty = "&Option<Household>",
        desc = "For whom it is done."
    ),
    field(
        name = "due_at",
        ty = "&DateTime",
        desc = "Until when it is to be done."
    ),
    field(name = "claim", ty = "&Option<Claim>", desc = "Who has taken it on."),
    field(
        name = "status",
        ty = "VisitStatus",
        desc = "Where it stands in its life."
    )
)]
pub enum Task {
    /// A visit to a household.
    VisitTask(VisitTask),
}

/// Why a mutation was refused, with the input field that is to blame.
#[derive(Clone, Debug, SimpleObject)]
pub struct UserError {
    /// The input field, in the schema's spelling; absent where no single field is to blame.
    pub field: Option<String>,
    /// For programs; never changes.
    pub code: Code,
    /// For people, in their language; may change.
    pub message: String,
}

/// The request's context.
///
/// # Panics
/// Where the transport forgot to add it, which every request would show.
#[must_use]
pub fn cx<'a>(ctx: &Context<'a>) -> &'a Cx {
    ctx.data_unchecked::<Cx>()
}

/// Turns an error of ours into a client's, in one place; what does not pass here is masked.
pub trait AtEdge<T> {
    /// Translates the error.
    fn at_edge(self, ctx: &Context<'_>) -> async_graphql::Result<T>;
}

impl<T> AtEdge<T> for Result<T> {
    fn at_edge(self, ctx: &Context<'_>) -> async_graphql::Result<T> {
        self.map_err(|error| {
            let mut error = translate(cx(ctx), &error);
            error.source = Some(Arc::new(FailedAt::of(ctx)));
            error
        })
    }
}

/// The path of the field that failed, kept beside the error.
///
/// async-graphql 8.0.0-rc.5 overwrites an error's path with that of each non-null parent it nulls.
struct FailedAt(Vec<PathSegment>);

impl FailedAt {
    fn of(ctx: &Context<'_>) -> Self {
        let nodes = ctx.path_node.iter();
        let mut path: Vec<PathSegment> = nodes
            .flat_map(|node| std::iter::once(node).chain(node.parents()))
            .map(|node| match node.segment {
                QueryPathSegment::Name(name) => PathSegment::Field(name.to_owned()),
                QueryPathSegment::Index(index) => PathSegment::Index(index),
            })
            .collect();
        path.reverse();
        Self(path)
    }
}

/// Gives every error the path of the field that failed (GraphQL specification §7.1.2).
///
/// An element of a list that failed has the longer one already: its field does not know the index.
pub fn restore_paths(response: &mut Response) {
    for error in &mut response.errors {
        let source = error.source.as_ref();
        if let Some(FailedAt(path)) = source.and_then(|source| source.downcast_ref())
            && path.len() > error.path.len()
        {
            error.path.clone_from(path);
        }
    }
}

fn translate(cx: &Cx, error: &Error) -> async_graphql::Error {
    match error {
        Error::Stopped(stop, argument) => async_graphql::Error::new(stop.message(cx.language))
            .extend_with(|_, extensions| {
                extensions.set("code", stop.code());
                if let Some(argument) = argument {
                    extensions.set("argument", *argument);
                }
            }),
        Error::Conflict(_) => translate(cx, &Error::refused(Code::VersionConflict)),
        // A refusal where there is no payload to carry it: a query's argument.
        Error::Refused(refusal) => async_graphql::Error::new(refusal.code.message(cx.language))
            .extend_with(|_, extensions| {
                extensions.set("code", Stop::BadUserInput.code());
                if let Some(argument) = refusal.field {
                    extensions.set("argument", argument);
                }
            }),
        Error::Internal(source) => {
            tracing::error!(request_id = %cx.request_id, error = %source, "internal error");
            // Without a code the transport masks it and adds the request id.
            async_graphql::Error::new("internal")
        }
    }
}

/// Parts a use case's result into its value and the refusals of a payload.
pub fn settle<T>(
    ctx: &Context<'_>,
    result: Result<T>,
) -> async_graphql::Result<(Option<T>, Vec<UserError>)> {
    match result {
        Ok(value) => Ok((Some(value), Vec::new())),
        Err(Error::Refused(refusal)) => Ok((None, vec![user_error(cx(ctx), refusal)])),
        Err(Error::Conflict(_)) => {
            let refusal = Refusal {
                code: Code::VersionConflict,
                field: Some("expectedVersion"),
            };
            Ok((None, vec![user_error(cx(ctx), refusal)]))
        }
        Err(error) => Err(error).at_edge(ctx),
    }
}

/// Parts a mutation's result into the object to show (the current one at a version conflict) and the
/// refusals of a payload.
pub fn settle_on(
    ctx: &Context<'_>,
    result: Result<Outcome>,
) -> async_graphql::Result<(Option<uuid::Uuid>, Vec<UserError>)> {
    let conflict = match &result {
        Err(Error::Conflict(id)) => Some(*id),
        _ => None,
    };
    let (outcome, user_errors) = settle(ctx, result)?;
    let id = outcome
        .map(|outcome| outcome.id())
        .transpose()
        .at_edge(ctx)?;
    Ok((id.or(conflict), user_errors))
}

/// The refusal of one part of a mutation that has many.
#[must_use]
pub fn part_refused(ctx: &Context<'_>, code: Code) -> UserError {
    user_error(cx(ctx), Refusal { code, field: None })
}

fn user_error(cx: &Cx, refusal: Refusal) -> UserError {
    cx.refused.note(refusal.code);
    UserError {
        field: refusal.field.map(ToOwned::to_owned),
        code: refusal.code,
        message: refusal.code.message(cx.language).to_owned(),
    }
}
