//! A round beside the year before, as the station sees it.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use uuid::Uuid;

use super::rules::{self, GONE, NEW, counted};
use super::service::{Person, Years};
use crate::access::protected::Protected;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::{BeneficiaryCategory, CheckOutcome};
use crate::certifications::checks::graphql::CheckStatus;
use crate::certifications::rounds::graphql::CertificationRound;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::paging::{Connection, Page, PageArgs, Rows, encode_cursor};
use crate::protected::{ProtectedString, opened};
use crate::schema::{AtEdge as _, cx};

/// Marks the cursors of these lists.
const ORDER: u8 = 1;

/// Why somebody of the last roster is not on this one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "super::rules::WhyGone")]
pub enum WhyGone {
    /// They died 去世.
    Deceased,
    /// They moved away 迁出.
    MovedAway,
    /// Their benefit ended 待遇终止.
    BenefitEnded,
    /// They are of a category that this round does not certify 类别不在本批次.
    CategoryNotInRound,
    /// They are registered outside this round's area by now, or outside yours 区域变更.
    AreaChanged,
    /// Nothing on record says why: ask 原因不明.
    Unexplained,
}

/// Why somebody of this roster was not on the last one.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "super::rules::WhyNew")]
pub enum WhyNew {
    /// They came to the roster after it was frozen 补入.
    Late,
    /// They were registered after the last roster was frozen 新登记.
    NewBeneficiary,
    /// Their category was not certified then 新增类别.
    CategoryAdded,
    /// Their area was not in the last round's 区域变更.
    AreaChanged,
    /// Nothing on record says why 原因不明.
    Unexplained,
}

/// How many are gone for one reason.
#[derive(Clone, Debug, SimpleObject)]
pub struct GoneCount {
    /// Why.
    reason: WhyGone,
    /// How many.
    count: u64,
}

/// How many are new for one reason.
#[derive(Clone, Debug, SimpleObject)]
pub struct NewCount {
    /// Why.
    reason: WhyNew,
    /// How many.
    count: u64,
}

/// Somebody of the last roster who is not on this one.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct GonePerson {
    /// Their check of the last roster.
    check_id: ID,
    /// The area that answered for them then.
    area: Option<Area>,
    /// Their category then.
    category: BeneficiaryCategory,
    /// Why they are gone.
    reason: WhyGone,
    /// Where that check stands.
    status: CheckStatus,
    /// What it found, as it was corrected.
    outcome: Option<CheckOutcome>,
    /// Why it was settled without a check.
    settle_reason: Option<String>,
    #[graphql(skip)]
    person: Person,
}

#[ComplexObject]
impl GonePerson {
    /// The name.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        named(ctx, &self.person)
    }
}

/// Somebody of this roster who was not on the last one.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct NewPerson {
    /// Their check of this roster.
    check_id: ID,
    /// The area that answers for them.
    area: Option<Area>,
    /// Their category.
    category: BeneficiaryCategory,
    /// Why they are new.
    reason: WhyNew,
    /// Why they came after the roster was frozen.
    late_reason: Option<String>,
    #[graphql(skip)]
    person: Person,
}

#[ComplexObject]
impl NewPerson {
    /// The name.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        named(ctx, &self.person)
    }
}

fn named(ctx: &Context<'_>, person: &Person) -> ProtectedString {
    let name = Protected::Full(Some(person.name.clone()));
    opened(ctx, "Beneficiary", person.beneficiary_id, name)
}

fn check_id(person: &Person) -> ID {
    Id::<ids::CertificationCheck>::new(person.id)
        .to_string()
        .into()
}

/// A round beside the year before: the last roster is who stayed and who is gone, this one who stayed and who
/// is new. Needs `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct CertificationYearToYear {
    /// The round.
    round: CertificationRound,
    /// The rounds it is compared with.
    against: Vec<CertificationRound>,
    /// How many were on the last roster.
    last_roster: u64,
    /// How many are on this one.
    roster: u64,
    /// How many are on both.
    stayed: u64,
    /// How many are gone, for every reason.
    gone_by_reason: Vec<GoneCount>,
    /// How many are new, for every reason.
    new_by_reason: Vec<NewCount>,
    #[graphql(skip)]
    years: Years,
}

impl CertificationYearToYear {
    /// Shows a round beside the year before.
    pub fn new(cx: &Cx, years: Years) -> Result<Self> {
        let gone = counted(&GONE, years.gone.iter().map(|(_, why)| *why));
        let new = counted(&NEW, years.new.iter().map(|(_, why)| *why));
        let against = years.against.iter().cloned();
        Ok(Self {
            round: CertificationRound::new(cx, years.round.clone())?,
            against: against
                .map(|round| CertificationRound::new(cx, round))
                .collect::<Result<_>>()?,
            last_roster: years.last,
            roster: years.this,
            stayed: years.stayed,
            gone_by_reason: gone
                .into_iter()
                .map(|(reason, count)| GoneCount {
                    reason: reason.into(),
                    count,
                })
                .collect(),
            new_by_reason: new
                .into_iter()
                .map(|(reason, count)| NewCount {
                    reason: reason.into(),
                    count,
                })
                .collect(),
            years,
        })
    }
}

#[ComplexObject]
impl CertificationYearToYear {
    /// Who is gone, in the order of the last roster.
    async fn gone(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only people after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only people before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<GonePerson>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let tree = &cx(ctx).app.sessions.tree();
        let page = page(&self.years.gone, &args, |person, why: rules::WhyGone| {
            GonePerson {
                check_id: check_id(person),
                area: Area::from_tree(tree, person.area_id),
                category: person.category.into(),
                reason: why.into(),
                status: person.status.into(),
                outcome: person.outcome.map(Into::into),
                settle_reason: person.settle_reason.clone(),
                person: person.clone(),
            }
        });
        Some(page.at_edge(ctx))
    }

    /// Who is new, in the order of this roster.
    async fn newcomers(
        &self,
        ctx: &Context<'_>,
        #[graphql(desc = "How many, from the beginning; 1 to 100.")] first: Option<i32>,
        #[graphql(desc = "Only people after this cursor.")] after: Option<String>,
        #[graphql(desc = "How many, from the end; 1 to 100.")] last: Option<i32>,
        #[graphql(desc = "Only people before this cursor.")] before: Option<String>,
    ) -> Option<async_graphql::Result<Connection<NewPerson>>> {
        let args = PageArgs {
            first,
            after,
            last,
            before,
        };
        let tree = &cx(ctx).app.sessions.tree();
        let page = page(&self.years.new, &args, |person, why: rules::WhyNew| {
            NewPerson {
                check_id: check_id(person),
                area: Area::from_tree(tree, person.area_id),
                category: person.category.into(),
                reason: why.into(),
                late_reason: person.late_reason.clone(),
                person: person.clone(),
            }
        });
        Some(page.at_edge(ctx))
    }
}

/// A page of people who are all at hand.
fn page<R: Copy, N: async_graphql::OutputType>(
    people: &[(Person, R)],
    args: &PageArgs,
    shown: impl Fn(&Person, R) -> N,
) -> Result<Connection<N>> {
    let page: Page<Uuid> = args.page(ORDER)?;
    let size = usize::try_from(page.size).unwrap_or(usize::MAX);
    let mut within: Vec<&(Person, R)> = people
        .iter()
        .filter(|(person, _)| page.after.is_none_or(|after| person.id > after))
        .filter(|(person, _)| page.before.is_none_or(|before| person.id < before))
        .collect();
    if page.backward {
        within.reverse();
    }
    within.truncate(size + 1);
    let rows = Rows::new(within, &page);
    let rows = rows.map(|(person, why)| (encode_cursor(ORDER, &person.id), shown(person, *why)));
    let total = u64::try_from(people.len()).ok();
    Ok(Connection::new(rows, total))
}
