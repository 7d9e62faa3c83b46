//! Areas as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, SimpleObject};
use uuid::Uuid;

use super::service;
use super::tree::AreaTree;
use crate::ids::{self, Id};
use crate::scalars::Date;
use crate::schema::{AtEdge as _, cx};

/// The level of an area, from the top of the tree to its leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::AreaKind")]
pub enum AreaKind {
    /// District 区.
    District,
    /// Street 街道.
    Street,
    /// Community 社区.
    Community,
    /// Compound 小区.
    Compound,
    /// Grid 网格.
    Grid,
    /// Building 楼栋.
    Building,
}

/// A place in the tree of areas.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct Area {
    /// The opaque id.
    pub id: ID,
    /// The statistical code with local numbers, e.g. `341102006003.02.07.12`.
    code: String,
    /// The name, e.g. 第7网格.
    name: String,
    /// The level.
    kind: AreaKind,
    /// The first day on which it is no longer used; absent while it is.
    retired_on: Option<Date>,
    #[graphql(skip)]
    row: Uuid,
    #[graphql(skip)]
    parent: Option<Uuid>,
}

impl Area {
    /// The area with this key; absent where the tree does not know it yet.
    #[must_use]
    pub fn from_tree(tree: &AreaTree, id: Uuid) -> Option<Self> {
        tree.get(id).map(|node| Self {
            id: Id::<ids::Area>::new(id).to_string().into(),
            code: node.code.clone(),
            name: node.name.clone(),
            kind: node.kind.into(),
            retired_on: node.retired_on.map(Date),
            row: id,
            parent: node.parent,
        })
    }
}

impl From<entity::area::Model> for Area {
    fn from(row: entity::area::Model) -> Self {
        Self {
            id: Id::<ids::Area>::new(row.id).to_string().into(),
            code: row.code,
            name: row.name,
            kind: row.kind.into(),
            retired_on: row.retired_on.map(Date),
            row: row.id,
            parent: row.parent_id,
        }
    }
}

#[ComplexObject]
impl Area {
    /// The area above, absent at the top.
    async fn parent(&self, ctx: &Context<'_>) -> Option<Self> {
        Self::from_tree(&cx(ctx).app.sessions.tree(), self.parent?)
    }

    /// The areas that took over when it was retired, by code; none while it is in use. Needs
    /// `AREA_READ` at them.
    async fn successors(&self, ctx: &Context<'_>) -> async_graphql::Result<Vec<Self>> {
        if self.retired_on.is_none() {
            return Ok(Vec::new());
        }
        let found = service::successors(cx(ctx), self.row).await.at_edge(ctx)?;
        let tree = cx(ctx).app.sessions.tree();
        let found = found.into_iter();
        Ok(found.filter_map(|id| Self::from_tree(&tree, id)).collect())
    }
}
