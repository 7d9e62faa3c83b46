//! What an operation may cost, by the page sizes and variables it really comes with.
//!
//! Every selected field costs 1; what stands beneath a paged field costs as often as its page has
//! rows. Fragments are priced once, so the walk is linear in the document.

use std::collections::HashMap;

use async_graphql::parser::types::{
    ExecutableDocument, Field, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Variables};
use async_graphql_value::{ConstValue, Value};

/// The largest page; larger ones are refused by the field itself and priced like this one.
pub const MAX_PAGE: u64 = 100;

/// The cost of an operation of a guarded document, at most `u64::MAX`.
#[must_use]
pub fn cost(
    document: &ExecutableDocument,
    operation: &OperationDefinition,
    variables: &Variables,
) -> u64 {
    let mut walk = Walk {
        document,
        operation,
        variables,
        fragments: HashMap::new(),
    };
    walk.selection_set(&operation.selection_set.node)
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    operation: &'d OperationDefinition,
    variables: &'d Variables,
    fragments: HashMap<&'d Name, u64>,
}

impl<'d> Walk<'d> {
    fn selection_set(&mut self, set: &'d SelectionSet) -> u64 {
        set.items.iter().fold(0, |sum: u64, selection| {
            sum.saturating_add(match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.selection_set(&field.selection_set.node)
                        .saturating_mul(self.rows(field))
                        .saturating_add(1)
                }
                Selection::InlineFragment(inline) => {
                    self.selection_set(&inline.node.selection_set.node)
                }
                Selection::FragmentSpread(spread) => self.fragment(&spread.node.fragment_name.node),
            })
        })
    }

    fn fragment(&mut self, name: &'d Name) -> u64 {
        if let Some(cost) = self.fragments.get(name) {
            return *cost;
        }
        let fragment = self.document.fragments.get(name);
        let cost = fragment.map_or(0, |fragment| {
            self.selection_set(&fragment.node.selection_set.node)
        });
        self.fragments.insert(name, cost);
        cost
    }

    /// How many rows a field may give: its `first` or `last`, kept within 1 and [`MAX_PAGE`], or the
    /// length of its `ids`. A paged field that is given neither refuses itself.
    fn rows(&self, field: &Field) -> u64 {
        let asked = field.arguments.iter().filter_map(|(name, value)| {
            if matches!(name.node.as_str(), "first" | "last") {
                // A page size that cannot be told counts as the largest.
                let rows = self.number(&value.node).unwrap_or(i64::MAX);
                Some(u64::try_from(rows).unwrap_or(1))
            } else if name.node == "ids" {
                Some(self.length(&value.node))
            } else {
                None
            }
        });
        asked.max().map_or(1, |rows| rows.clamp(1, MAX_PAGE))
    }

    fn length(&self, value: &Value) -> u64 {
        let length = match value {
            Value::List(items) => items.len(),
            Value::Variable(name) => match self.variables.get(name) {
                Some(ConstValue::List(items)) => items.len(),
                _ => 1,
            },
            _ => 1,
        };
        u64::try_from(length).unwrap_or(u64::MAX)
    }

    fn number(&self, value: &Value) -> Option<i64> {
        let read = |value: &ConstValue| match value {
            ConstValue::Number(number) => Some(number.as_i64().unwrap_or(i64::MAX)),
            _ => None,
        };
        match value {
            Value::Number(number) => Some(number.as_i64().unwrap_or(i64::MAX)),
            Value::Variable(name) => match self.variables.get(name) {
                Some(given) => read(given),
                None => self
                    .operation
                    .variable_definitions
                    .iter()
                    .find(|definition| definition.node.name.node == *name)
                    .and_then(|definition| definition.node.default_value.as_ref())
                    .and_then(|default| read(&default.node)),
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn price(text: &str, variables: serde_json::Value) -> u64 {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        cost(&document, &operation.node, &Variables::from_json(variables))
    }

    #[test]
    fn pages_multiply_what_stands_beneath_them() {
        assert_eq!(price("{ a { b c } }", json!({})), 3);
        assert_eq!(price("{ tasks(first: 10) { id name } }", json!({})), 21);
        assert_eq!(
            price("{ tasks(first: 10) { visits(last: 5) { id } } }", json!({})),
            1 + 10 * (1 + 5)
        );
        assert_eq!(price("{ tasks { id } }", json!({})), 2, "it refuses itself");
        assert_eq!(
            price("{ nodes(ids: [\"a\", \"b\", \"c\"]) { id } }", json!({})),
            4
        );
        let text = "query($ids: [ID!]!) { nodes(ids: $ids) { id } }";
        assert_eq!(price(text, json!({"ids": ["a", "b"]})), 3);
    }

    #[test]
    fn page_sizes_are_clamped_and_come_from_variables_and_defaults() {
        for (size, rows) in [
            ("-1", 1),
            ("0", 1),
            ("2147483647", 100),
            ("99999999999999999999", 100),
            ("null", 100),
        ] {
            let text = format!("{{ tasks(first: {size}) {{ id }} }}");
            assert_eq!(price(&text, json!({})), 1 + rows, "{size}");
        }
        let text = "query($n: Int = 7) { tasks(first: $n) { id } }";
        assert_eq!(price(text, json!({"n": 3})), 4);
        assert_eq!(price(text, json!({})), 8);
        assert_eq!(price(text, json!({"n": "x"})), 101);
    }

    #[test]
    fn nested_pages_saturate_instead_of_overflowing() {
        let text = format!(
            "{}id{}",
            "{ tasks(first: 100) ".repeat(12) + "{",
            "}".repeat(13)
        );
        assert_eq!(price(&text, json!({})), u64::MAX);
        let spread =
            "{ tasks(first: 50) { ...f } } fragment f on Task { id visits(first: 2) { id } }";
        assert_eq!(price(spread, json!({})), 1 + 50 * 4);
    }
}
