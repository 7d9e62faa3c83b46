//! What the transport knows of the schema, read once from its SDL.

use std::collections::HashSet;

use async_graphql::Name;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{OperationType, TypeKind, TypeSystemDefinition};

/// Field names that mean something to the transport.
#[derive(Debug, Default)]
pub struct SchemaFacts {
    /// Fields of the query and mutation types, which logs and metrics may name.
    roots: HashSet<Name>,
}

impl SchemaFacts {
    /// Reads the facts from the schema's own definition.
    ///
    /// Fails where `sdl` is not one, which a schema's own SDL always is.
    pub fn read(sdl: &str) -> Result<Self, async_graphql::parser::Error> {
        let document = parse_schema(sdl)?;
        let mut root_types = vec![Name::new("Query"), Name::new("Mutation")];
        for definition in &document.definitions {
            if let TypeSystemDefinition::Schema(schema) = definition {
                let (query, mutation) = (&schema.node.query, &schema.node.mutation);
                root_types = [query, mutation]
                    .into_iter()
                    .flatten()
                    .map(|name| name.node.clone())
                    .collect();
            }
        }
        let mut facts = Self::default();
        for definition in document.definitions {
            let TypeSystemDefinition::Type(definition) = definition else {
                continue;
            };
            if !root_types.contains(&definition.node.name.node) {
                continue;
            }
            if let TypeKind::Object(object) = definition.node.kind {
                let names = object.fields.into_iter().map(|field| field.node.name.node);
                facts.roots.extend(names);
            }
        }
        Ok(facts)
    }

    /// The name under which logs and metrics speak of a root field: never a client's invention.
    #[must_use]
    pub fn label<'f>(&'f self, kind: OperationType, field: &str) -> &'f str {
        match (field, self.roots.get(field)) {
            (_, Some(name)) => name,
            ("__schema" | "__type", None) if kind == OperationType::Query => "introspection",
            ("__typename", None) => "__typename",
            _ => "unknown",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_facts_come_from_the_schema() {
        let facts = SchemaFacts::read(
            "type Root { tasks(first: Int, after: String): Int task(id: ID!): Task }
             type Change { claim: Int } type Task { visits(last: Int): Int }
             schema { query: Root mutation: Change }",
        )
        .unwrap();
        let label = |field| facts.label(OperationType::Query, field);
        assert_eq!(
            ["tasks", "claim", "visits", "__schema", "李奶奶"].map(label),
            ["tasks", "claim", "unknown", "introspection", "unknown"]
        );
    }

    #[test]
    fn the_applications_own_schema_can_be_read() {
        let facts = SchemaFacts::read(&crate::schema::build().sdl()).unwrap();
        let label = facts.label(OperationType::Mutation, "claimVisitTask");
        assert_eq!(label, "claimVisitTask");
    }
}
