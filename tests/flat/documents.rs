//! Every list of the schema, and the shortest document that reaches it by way of another list.

use std::collections::{BTreeMap, VecDeque};

use serde_json::Value;

use super::calls;
use crate::support::introspection::{Described, Field, Input};

/// What an operation may cost, and how many fields it may select, with room for the way to the list.
const MOST_COST: usize = 4_900;
const MOST_FIELDS: usize = 450;

/// A field on the way to a list.
#[derive(Clone, Debug)]
struct Step {
    field: String,
    /// The field with its arguments.
    call: String,
    is_connection: bool,
}

/// A list of objects somewhere in the schema, and how it is asked for.
#[derive(Clone, Debug)]
pub struct List {
    /// `Type.field`.
    pub name: String,
    root: &'static str,
    steps: Vec<Step>,
    below: String,
    fields: usize,
}

impl List {
    /// Whether the list itself is paged.
    pub fn is_paged(&self) -> bool {
        self.steps.last().is_some_and(|step| step.is_connection)
    }

    /// The document, with pages as long as they may be.
    pub fn document(&self) -> String {
        let most = MOST_COST / self.fields;
        self.paged(&format!("first: {}", most.min(100)))
    }

    /// The document with such a page.
    pub fn paged(&self, page: &str) -> String {
        let (mut before, mut after) =
            (format!("{} {{ ", self.root.to_lowercase()), " }".to_owned());
        for step in &self.steps {
            before += &step.call.replace("$page", page);
            if step.is_connection {
                before += " { edges { node { ";
                after += " } } }";
            } else {
                before += " { ";
                after += " }";
            }
        }
        before + &self.below + &after
    }

    /// How many elements an answer has, over all the parents in it.
    pub fn elements(&self, data: &Value) -> usize {
        let mut found = vec![data];
        for step in &self.steps {
            let next = found.into_iter().map(|one| match &one[&step.field] {
                page if step.is_connection => &page["edges"],
                value => value,
            });
            let next = next.flat_map(|value| match value {
                Value::Array(items) => items.iter().collect(),
                value => vec![value],
            });
            let next = next.map(|one| {
                if step.is_connection {
                    &one["node"]
                } else {
                    one
                }
            });
            found = next.filter(|one| !one.is_null()).collect();
        }
        found.len()
    }
}

/// The fields of `owner` that answer a list or a page of objects, each with the type of its elements.
fn lists<'d>(described: &'d Described, owner: &str) -> Vec<(&'d Field, String)> {
    let fields = described.get(owner).fields().iter();
    let lists = fields.filter_map(|field| {
        let of = element(described, field);
        let is_list = field.of.is_list() || is_connection(field);
        let is_object = matches!(described.get(&of).kind.as_str(), "OBJECT" | "INTERFACE");
        let is_told = field.name != "edges" && of != "UserError";
        (is_list && is_object && is_told).then_some((field, of))
    });
    lists.collect()
}

fn is_connection(field: &Field) -> bool {
    field.of.bare().ends_with("Connection")
}

/// The type of a field without lists, pages and non-nulls.
fn element(described: &Described, field: &Field) -> String {
    if !is_connection(field) {
        return field.of.bare().to_owned();
    }
    let within = |owner: &str, name: &str| {
        let mut fields = described.get(owner).fields().iter();
        let field = fields.find(|field| field.name == name);
        field.expect("a Relay connection").of.bare().to_owned()
    };
    within(&within(field.of.bare(), "edges"), "node")
}

/// How to come to each type from a root, the shortest way through a list where there is one.
fn ways(described: &Described, root: &str) -> BTreeMap<String, Vec<Step>> {
    let mut known: BTreeMap<(String, bool), Vec<Step>> = BTreeMap::new();
    let mut next = VecDeque::from([(root.to_owned(), false, Vec::new())]);
    while let Some((owner, through_list, steps)) = next.pop_front() {
        let key = (owner.clone(), through_list);
        if known.contains_key(&key) {
            continue;
        }
        known.insert(key, steps.clone());
        for field in described.get(&owner).fields() {
            let of = element(described, field);
            // One thing by its id is a list of one.
            let by_id = owner == "Query" && field.args.iter().any(|arg| arg.name == "id");
            if described.get(&of).kind != "OBJECT" || by_id {
                continue;
            }
            let Some(step) = step(&owner, field) else {
                continue;
            };
            let mut steps = steps.clone();
            steps.push(step);
            let is_list = field.of.is_list() || is_connection(field);
            next.push_back((of, through_list || is_list, steps));
        }
    }
    let mut ways = BTreeMap::new();
    // Those through lists come after those without, and replace them.
    for through_list in [false, true] {
        for ((of, through), steps) in &known {
            if *through == through_list && of != root {
                ways.insert(of.clone(), steps.clone());
            }
        }
    }
    ways.insert(root.to_owned(), Vec::new());
    ways
}

fn step(owner: &str, field: &Field) -> Option<Step> {
    let is_connection = is_connection(field);
    let required = field.args.iter().any(Input::is_required);
    let given = calls::arguments(owner, &field.name);
    if (required || owner == "Mutation") && given.is_none() {
        return None;
    }
    let size = is_connection.then_some("$page");
    let arguments: Vec<&str> = size.into_iter().chain(given).collect();
    let call = if arguments.is_empty() {
        field.name.clone()
    } else {
        format!("{}({})", field.name, arguments.join(", "))
    };
    Some(Step {
        field: field.name.clone(),
        call,
        is_connection,
    })
}

/// What can be asked of a type without saying anything, down to `depth` objects below it.
pub fn selection(described: &Described, of: &str, depth: usize) -> String {
    let one = described.get(of);
    let mut parts = vec!["__typename".to_owned()];
    if one.kind == "INTERFACE" {
        let objects = one.objects();
        parts.extend(
            objects.map(|of| format!("... on {of} {{ {} }}", selection(described, of, depth))),
        );
        return parts.join(" ");
    }
    for field in one.fields() {
        let bare = described.get(field.of.bare());
        let asks = field.args.iter().any(Input::is_required);
        match bare.kind.as_str() {
            _ if asks || is_connection(field) => {}
            "SCALAR" | "ENUM" => parts.push(field.name.clone()),
            _ if depth > 0 => {
                let below = selection(described, &bare.name, depth - 1);
                parts.push(format!("{} {{ {below} }}", field.name));
            }
            _ => {}
        }
    }
    parts.join(" ")
}

/// How many fields a selection has.
fn count(selection: &str) -> usize {
    let words = selection.split(' ');
    words
        .filter(|word| word.starts_with(char::is_alphabetic) || word.starts_with("__"))
        .count()
}

/// As much below an element as a document may hold, at most `depth` objects deep.
pub fn fitting(described: &Described, of: &str, depth: usize) -> String {
    let mut deepest = (0..=depth).rev();
    let below = deepest.find_map(|depth| {
        let below = selection(described, of, depth);
        (count(&below) < MOST_FIELDS).then_some(below)
    });
    below.unwrap_or_else(|| panic!("{of} has more fields than a document may"))
}

/// The steps along these fields.
fn along(described: &Described, fields: &[&str]) -> Vec<Step> {
    let mut owner = "Query".to_owned();
    let mut steps = Vec::new();
    for name in fields {
        let mut fields = described.get(&owner).fields().iter();
        let field = fields.find(|field| field.name == *name).expect("a field");
        steps.push(step(&owner, field).expect("its arguments"));
        owner = element(described, field);
    }
    steps
}

/// Every list of objects that can be reached, asked for so deep, and the names of those that cannot.
///
/// What was wrong with an input is no object.
pub fn all(described: &Described, depth: usize) -> (Vec<List>, Vec<String>) {
    let reads = ways(described, "Query");
    let writes = ways(described, "Mutation");
    let (mut reached, mut unreached) = (Vec::new(), Vec::new());
    let objects = described.types.iter().filter(|one| one.kind == "OBJECT");
    for owner in objects.filter(|one| one.name != "Mutation") {
        for (field, of) in lists(described, &owner.name) {
            let name = format!("{}.{}", owner.name, field.name);
            let read = || Some(("Query", reads.get(&owner.name)?.clone()));
            let way = match calls::way(&name) {
                Some(way) => Some(("Query", along(described, way))),
                None => read().or_else(|| Some(("Mutation", writes.get(&owner.name)?.clone()))),
            };
            let Some(((root, mut steps), last)) = way.zip(step(&owner.name, field)) else {
                unreached.push(name);
                continue;
            };
            steps.push(last);
            let below = fitting(described, &of, depth);
            reached.push(List {
                name,
                root,
                fields: count(&below) + steps.len() * 3,
                steps,
                below,
            });
        }
    }
    (reached, unreached)
}
