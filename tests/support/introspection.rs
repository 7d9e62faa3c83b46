//! The schema as it describes itself.

use async_graphql::Request;
use serde::Deserialize;

const QUERY: &str = "{ __schema { queryType { name } mutationType { name } types {
    kind name description specifiedByURL
    fields(includeDeprecated: true) { name description
        args(includeDeprecated: true) { name description defaultValue type { ...T } } type { ...T } }
    inputFields(includeDeprecated: true) { name description type { ...T } }
    enumValues(includeDeprecated: true) { name description }
    possibleTypes { name } } } }
    fragment T on __Type { kind name ofType { kind name ofType { kind name ofType { kind name } } } }";

/// A type of the schema.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Type {
    /// `OBJECT`, `ENUM`, `SCALAR` …
    pub kind: String,
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Where a scalar's format is specified.
    #[serde(rename = "specifiedByURL")]
    pub specified_by_url: Option<String>,
    fields: Option<Vec<Field>>,
    input_fields: Option<Vec<Input>>,
    enum_values: Option<Vec<Named>>,
    possible_types: Option<Vec<Name>>,
}

/// A field of an object or interface.
#[derive(Debug, Deserialize)]
pub struct Field {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// Its arguments.
    pub args: Vec<Input>,
    /// What it answers.
    #[serde(rename = "type")]
    pub of: TypeRef,
}

/// An argument or a field of an input.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Input {
    /// Its name.
    pub name: String,
    /// What it is.
    pub description: Option<String>,
    /// What it takes.
    #[serde(rename = "type")]
    pub of: TypeRef,
    default_value: Option<String>,
}

impl Input {
    /// Whether nobody can ask without it.
    pub fn is_required(&self) -> bool {
        self.of.is_non_null() && self.default_value.is_none()
    }
}

/// A value of an enum.
#[derive(Debug, Deserialize)]
pub struct Named {
    /// Its name.
    pub name: String,
    /// What it means.
    pub description: Option<String>,
}

#[derive(Debug, Deserialize)]
struct Name {
    name: String,
}

/// A type as it is used: perhaps non-null, perhaps a list.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct TypeRef {
    kind: String,
    name: Option<String>,
    of_type: Option<Box<TypeRef>>,
}

impl TypeRef {
    /// Whether it is never null.
    pub fn is_non_null(&self) -> bool {
        self.kind == "NON_NULL"
    }

    /// Whether it is a list, null or not.
    pub fn is_list(&self) -> bool {
        match (self.kind.as_str(), &self.of_type) {
            ("LIST", _) => true,
            ("NON_NULL", Some(inner)) => inner.is_list(),
            _ => false,
        }
    }

    /// The type without lists and non-nulls.
    pub fn bare(&self) -> &str {
        match &self.of_type {
            Some(inner) => inner.bare(),
            None => self.name.as_deref().expect("a named type"),
        }
    }
}

impl Type {
    /// The fields of an object or interface.
    pub fn fields(&self) -> &[Field] {
        self.fields.as_deref().unwrap_or_default()
    }

    /// The fields of an input.
    pub fn inputs(&self) -> &[Input] {
        self.input_fields.as_deref().unwrap_or_default()
    }

    /// The values of an enum.
    pub fn values(&self) -> &[Named] {
        self.enum_values.as_deref().unwrap_or_default()
    }

    /// The objects that an interface can be.
    pub fn objects(&self) -> impl Iterator<Item = &str> {
        let objects = self.possible_types.as_deref().unwrap_or_default();
        objects.iter().map(|object| object.name.as_str())
    }
}

/// The schema's own types and its roots.
pub struct Described {
    /// Every type but those of introspection.
    pub types: Vec<Type>,
}

impl Described {
    /// Asks the schema.
    pub async fn new() -> Self {
        let response = nuanlin::schema::build().execute(Request::new(QUERY)).await;
        assert!(response.errors.is_empty(), "{:?}", response.errors);
        let json = response.data.into_json().expect("JSON");
        let types: Vec<Type> =
            serde_json::from_value(json["__schema"]["types"].clone()).expect("types");
        Self {
            types: types
                .into_iter()
                .filter(|one| !one.name.starts_with("__"))
                .collect(),
        }
    }

    /// The type with this name.
    #[track_caller]
    pub fn get(&self, name: &str) -> &Type {
        let mut types = self.types.iter();
        types.find(|one| one.name == name).expect(name)
    }
}
