//! Whose evidence is whose: it lies where its check lies.

use entity::{attachment, certification_check};

use crate::access::scope::Reaches;

/// Whoever sees a check sees what proves it.
impl Reaches<attachment::Entity> for certification_check::Model {
    fn key(&self) -> uuid::Uuid {
        self.id
    }

    fn column() -> attachment::Column {
        attachment::Column::CheckId
    }
}
