//! The document guard: what a document may ask for, decided before validation.
//!
//! One walk over the parsed document, in linear time: a fragment is measured once, however often
//! it is spread, and its measure is added with saturating arithmetic. async-graphql's own limits
//! walk every spread, so a fan-out of 2.5 KB would keep it busy for seconds.

use std::collections::HashMap;

use async_graphql::parser::parse_query;
use async_graphql::parser::types::{
    Directive, ExecutableDocument, OperationDefinition, Selection, SelectionSet,
};
use async_graphql::{Name, Positioned, ServerError};
use async_graphql_value::Value;

use super::refusal::Refusal;
use super::scan;
use crate::error::Stop;

/// The deepest nesting of fields.
pub const MAX_DEPTH: usize = 12;
/// The deepest nesting of fields beneath `__schema` and `__type`.
pub const MAX_INTROSPECTION_DEPTH: usize = 20;
/// The most selections once every fragment is put in its places.
pub const MAX_SELECTIONS: usize = 500;
/// The most operations in a document; only one is executed.
const MAX_OPERATIONS: usize = 10;
/// The most aliases in a document.
const MAX_ALIASES: usize = 50;
/// The most directives in a document.
const MAX_DIRECTIVES: usize = 50;
/// The most variables of an operation.
const MAX_VARIABLES: usize = 50;
/// The deepest nesting of lists and objects in an argument.
const MAX_VALUE_DEPTH: usize = 8;
/// The deepest nesting of selections of any kind; async-graphql recurses along it.
const MAX_NESTING: usize = 30;

/// A document that passed the guard.
#[derive(Debug)]
pub struct Guarded {
    /// What async-graphql executes.
    pub document: ExecutableDocument,
    /// The names of each operation's root fields, in order, each once.
    roots: HashMap<Option<Name>, Vec<Name>>,
}

impl Guarded {
    /// Parses and measures a document.
    ///
    /// `BAD_USER_INPUT` for syntax, `QUERY_TOO_COMPLEX` for limits.
    pub fn new(text: &str) -> Result<Self, Refusal> {
        scan::scan(text)?;
        let document = parse_query(text).map_err(|error| syntax(error.into()))?;
        let mut walk = Walk {
            document: &document,
            fragments: HashMap::new(),
            aliases: 0,
            directives: 0,
        };
        if document.operations.iter().len() > MAX_OPERATIONS {
            return Err(Refusal::too_complex("操作数", "operations", MAX_OPERATIONS));
        }
        // Fragments that nothing spreads are validated all the same.
        for name in document.fragments.keys() {
            walk.fragment(name, 0)?;
        }
        let mut selections = 0_usize;
        let mut roots = HashMap::new();
        for (name, operation) in document.operations.iter() {
            selections = selections.saturating_add(walk.operation(&operation.node)?);
            if selections > MAX_SELECTIONS {
                return Err(Refusal::too_complex(
                    "字段总数",
                    "selections",
                    MAX_SELECTIONS,
                ));
            }
            let mut fields = Vec::new();
            root_fields(&document, &operation.node.selection_set.node, &mut fields);
            roots.insert(name.cloned(), fields);
        }
        Ok(Self { document, roots })
    }

    /// The operation that `name` picks, with the names of its root fields.
    pub fn operation(
        &self,
        name: Option<&str>,
    ) -> Result<(&OperationDefinition, &[Name]), Refusal> {
        let found = match name {
            Some(wanted) => self
                .document
                .operations
                .iter()
                .find(|(name, _)| name.is_some_and(|name| name == wanted)),
            None if self.document.operations.iter().len() == 1 => {
                self.document.operations.iter().next()
            }
            None => {
                return Err(Refusal::new(
                    Stop::BadUserInput,
                    "文档含多个操作，须以 operationName 指定其一",
                    "The document has several operations: name one in operationName",
                ));
            }
        };
        let (name, operation) = found.ok_or_else(|| {
            Refusal::new(
                Stop::BadUserInput,
                "文档中没有 operationName 指定的操作",
                "The document has no operation of the name in operationName",
            )
        })?;
        let roots = self
            .roots
            .get(&name.cloned())
            .map_or(&[][..], Vec::as_slice);
        Ok((&operation.node, roots))
    }
}

fn syntax(error: ServerError) -> Refusal {
    let mut refusal = Refusal::new(
        Stop::BadUserInput,
        format!("文档语法错误：{}", error.message),
        format!("Syntax error: {}", error.message),
    );
    refusal.locations = error.locations;
    refusal
}

fn root_fields(document: &ExecutableDocument, set: &SelectionSet, into: &mut Vec<Name>) {
    for selection in &set.items {
        match &selection.node {
            Selection::Field(field) if into.contains(&field.node.name.node) => {}
            Selection::Field(field) => into.push(field.node.name.node.clone()),
            Selection::InlineFragment(inline) => {
                root_fields(document, &inline.node.selection_set.node, into);
            }
            Selection::FragmentSpread(spread) => {
                if let Some(fragment) = document.fragments.get(&spread.node.fragment_name.node) {
                    root_fields(document, &fragment.node.selection_set.node, into);
                }
            }
        }
    }
}

/// What a selection set amounts to with every fragment in its places.
#[derive(Clone, Copy, Default)]
struct Measure {
    selections: usize,
    /// Nested fields outside introspection.
    depth: usize,
    /// Nested fields down to the deepest beneath `__schema` or `__type`.
    introspection_depth: usize,
    /// Nested selections of any kind.
    nesting: usize,
}

struct Walk<'d> {
    document: &'d ExecutableDocument,
    /// Absent while a fragment is being measured: meeting it again then is a cycle.
    fragments: HashMap<&'d Name, Option<Measure>>,
    aliases: usize,
    directives: usize,
}

impl<'d> Walk<'d> {
    fn operation(&mut self, operation: &'d OperationDefinition) -> Result<usize, Refusal> {
        let variables = &operation.variable_definitions;
        if variables.len() > MAX_VARIABLES {
            return Err(Refusal::too_complex("变量数", "variables", MAX_VARIABLES));
        }
        self.directives(&operation.directives)?;
        for variable in variables {
            self.directives(&variable.node.directives)?;
            if let Some(value) = &variable.node.default_value {
                check_value(&value.node.clone().into_value(), 0)?;
            }
        }
        let measure = self.selection_set(&operation.selection_set.node, 0)?;
        if measure.depth > MAX_DEPTH {
            return Err(Refusal::too_complex(
                "字段嵌套层数",
                "nested fields",
                MAX_DEPTH,
            ));
        }
        if measure.introspection_depth > MAX_INTROSPECTION_DEPTH {
            let limit = MAX_INTROSPECTION_DEPTH;
            return Err(Refusal::too_complex("字段嵌套层数", "nested fields", limit));
        }
        Ok(measure.selections)
    }

    /// Measures a selection set that stands beneath `nesting` others.
    fn selection_set(&mut self, set: &'d SelectionSet, nesting: usize) -> Result<Measure, Refusal> {
        check_nesting(nesting)?;
        let mut sum = Measure::default();
        for selection in &set.items {
            self.directives(selection.node.directives())?;
            let (beneath, field) = match &selection.node {
                Selection::Field(field) => {
                    let field = &field.node;
                    self.aliases += usize::from(field.alias.is_some());
                    if self.aliases > MAX_ALIASES {
                        return Err(Refusal::too_complex("别名数", "aliases", MAX_ALIASES));
                    }
                    for (_, value) in &field.arguments {
                        check_value(&value.node, 0)?;
                    }
                    let beneath = self.selection_set(&field.selection_set.node, nesting + 1)?;
                    (beneath, Some(field.name.node.as_str()))
                }
                Selection::InlineFragment(inline) => {
                    let set = &inline.node.selection_set.node;
                    (self.selection_set(set, nesting + 1)?, None)
                }
                Selection::FragmentSpread(spread) => {
                    let name = &spread.node.fragment_name.node;
                    (self.fragment(name, nesting + 1)?, None)
                }
            };
            sum.selections = sum
                .selections
                .saturating_add(beneath.selections)
                .saturating_add(1);
            sum.nesting = sum.nesting.max(beneath.nesting + 1);
            let (depth, introspection_depth) = match field {
                None => (beneath.depth, beneath.introspection_depth),
                Some("__schema" | "__type") => {
                    (1, 1 + beneath.depth.max(beneath.introspection_depth))
                }
                Some(_) if beneath.introspection_depth > 0 => {
                    (beneath.depth + 1, beneath.introspection_depth + 1)
                }
                Some(_) => (beneath.depth + 1, 0),
            };
            sum.depth = sum.depth.max(depth);
            sum.introspection_depth = sum.introspection_depth.max(introspection_depth);
        }
        Ok(sum)
    }

    fn fragment(&mut self, name: &'d Name, nesting: usize) -> Result<Measure, Refusal> {
        let measure = match self.fragments.get(name) {
            Some(Some(measure)) => *measure,
            Some(None) => {
                return Err(Refusal::new(
                    Stop::BadUserInput,
                    format!("片段“{name}”引用了自身"),
                    format!("The fragment \"{name}\" spreads itself"),
                ));
            }
            None => {
                // An unknown fragment is the validation's to name.
                let Some(fragment) = self.document.fragments.get(name) else {
                    return Ok(Measure::default());
                };
                self.fragments.insert(name, None);
                self.directives(&fragment.node.directives)?;
                let set = &fragment.node.selection_set.node;
                let measure = self.selection_set(set, nesting)?;
                self.fragments.insert(name, Some(measure));
                measure
            }
        };
        check_nesting(nesting + measure.nesting)?;
        Ok(measure)
    }

    fn directives(&mut self, directives: &[Positioned<Directive>]) -> Result<(), Refusal> {
        self.directives += directives.len();
        if self.directives > MAX_DIRECTIVES {
            return Err(Refusal::too_complex("指令数", "directives", MAX_DIRECTIVES));
        }
        for (_, value) in directives.iter().flat_map(|one| &one.node.arguments) {
            check_value(&value.node, 0)?;
        }
        Ok(())
    }
}

fn check_nesting(nesting: usize) -> Result<(), Refusal> {
    if nesting > MAX_NESTING {
        return Err(Refusal::too_complex(
            "嵌套层数",
            "nested selections",
            MAX_NESTING,
        ));
    }
    Ok(())
}

fn check_value(value: &Value, depth: usize) -> Result<(), Refusal> {
    if depth > MAX_VALUE_DEPTH {
        return Err(Refusal::too_complex(
            "参数嵌套层数",
            "nested values",
            MAX_VALUE_DEPTH,
        ));
    }
    match value {
        Value::List(items) => items
            .iter()
            .try_for_each(|item| check_value(item, depth + 1)),
        Value::Object(fields) => fields
            .values()
            .try_for_each(|item| check_value(item, depth + 1)),
        _ => Ok(()),
    }
}

#[cfg(test)]
#[path = "guard_tests.rs"]
mod tests;
