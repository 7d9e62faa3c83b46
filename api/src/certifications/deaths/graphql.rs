//! Deaths as whoever stops benefits sees them.

use async_graphql::{ComplexObject, Context, ID, SimpleObject};

use super::service::Death;
use crate::access::protected::{Protected, mask_id_number, of_beneficiary};
use crate::access::sealed::Field;
use crate::areas::graphql::Area;
use crate::beneficiaries::graphql::BeneficiaryCategory;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::schema::{AtEdge as _, cx};

/// A beneficiary whose death was confirmed. Needs `BENEFICIARY_READ`.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct DeceasedBeneficiary {
    /// The check that found it.
    check_id: ID,
    /// The round of the check.
    round_id: ID,
    /// The beneficiary.
    beneficiary_id: ID,
    /// The area that answers for them.
    area: Option<Area>,
    /// Their category when they came to the roster.
    category: BeneficiaryCategory,
    /// The number of their certificate.
    certificate_number: Option<String>,
    /// The day of death; a correction has the last word.
    died_on: Option<Date>,
    /// Who says so.
    source: Option<String>,
    /// What the evidence is filed under.
    reference: Option<String>,
    /// The name of who checked it.
    checked_by: Option<String>,
    /// The name of who confirmed it.
    confirmed_by: Option<String>,
    /// When it was confirmed.
    confirmed_at: Option<DateTime>,
    #[graphql(skip)]
    death: Death,
}

impl DeceasedBeneficiary {
    /// Shows a death.
    pub fn new(cx: &Cx, death: Death) -> Result<Self> {
        let (row, names) = (&death.seen.row, &death.seen.names);
        Ok(Self {
            check_id: Id::<ids::CertificationCheck>::new(row.id)
                .to_string()
                .into(),
            round_id: Id::<ids::CertificationRound>::new(row.round_id)
                .to_string()
                .into(),
            beneficiary_id: Id::<ids::Beneficiary>::new(row.beneficiary_id)
                .to_string()
                .into(),
            area: Area::from_tree(&cx.actor()?.tree, row.area_id),
            category: row.category.into(),
            certificate_number: death.seen.person.certificate_number.clone(),
            died_on: death.on.map(Date),
            source: row.source.clone(),
            reference: row.reference.clone(),
            checked_by: names.checker.clone(),
            confirmed_by: names.confirmer.clone(),
            confirmed_at: row.confirmed_at.map(DateTime),
            death,
        })
    }
}

#[ComplexObject]
impl DeceasedBeneficiary {
    /// The name.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let person = &self.death.seen.person;
        let name = Protected::Full(Some(person.name.clone()));
        opened(ctx, "Beneficiary", person.id, name)
    }

    /// The ID number: full to whoever confirms such checks, masked to others.
    async fn id_number(&self, ctx: &Context<'_>) -> Option<async_graphql::Result<ProtectedString>> {
        let person = &self.death.seen.person;
        let sealed = person.id_number_sealed.as_deref();
        let value = of_beneficiary(&cx(ctx).app.keys, Field::IdNumber, sealed).at_edge(ctx);
        let shown = value.map(|value| match value {
            Protected::Full(Some(number)) if !self.death.is_full => {
                Protected::Masked(mask_id_number(&number))
            }
            other => other,
        });
        Some(shown.map(|value| opened(ctx, "Beneficiary", person.id, value)))
    }
}
