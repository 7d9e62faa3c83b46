//! What the transport knows of the schema, read once from its SDL.

use std::collections::HashSet;

use async_graphql::Name;
use async_graphql::parser::parse_schema;
use async_graphql::parser::types::{OperationType, TypeKind, TypeSystemDefinition};

/// Field names that mean something to the transport.
#[derive(Debug, Default)]
pub struct SchemaFacts {
    /// Fields that some type pages with `first` or `last`.
    paged: HashSet<Name>,
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
            let fields = match definition.node.kind {
                TypeKind::Object(object) => object.fields,
                TypeKind::Interface(interface) => interface.fields,
                _ => continue,
            };
            let is_root = root_types.contains(&definition.node.name.node);
            for field in fields {
                let name = field.node.name.node;
                let mut arguments = field.node.arguments.iter();
                if arguments.any(|argument| is_page_size(&argument.node.name.node)) {
                    facts.paged.insert(name.clone());
                }
                if is_root {
                    facts.roots.insert(name);
                }
            }
        }
        Ok(facts)
    }

    /// Whether a field of this name is a list with pages.
    #[must_use]
    pub fn is_paged(&self, field: &str) -> bool {
        self.paged.contains(field)
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

/// Whether an argument of this name says how many rows a field gives.
#[must_use]
pub fn is_page_size(argument: &str) -> bool {
    matches!(argument, "first" | "last")
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
        assert!(facts.is_paged("tasks") && facts.is_paged("visits") && !facts.is_paged("task"));
        let label = |field| facts.label(OperationType::Query, field);
        assert_eq!(
            ["tasks", "claim", "visits", "__schema", "李奶奶"].map(label),
            ["tasks", "claim", "unknown", "introspection", "unknown"]
        );
    }

    #[test]
    fn the_applications_own_schema_can_be_read() {
        let facts = SchemaFacts::read(&crate::schema::build().sdl()).unwrap();
        assert!(facts.is_paged("visitTasks"));
        let label = facts.label(OperationType::Mutation, "claimVisitTask");
        assert_eq!(label, "claimVisitTask");
    }
}
