//! The parameters of a GraphQL request, from a JSON body or a query string.

use async_graphql::Variables;
use async_graphql::parser::types::OperationDefinition;
use async_graphql_value::ConstValue;
use axum::http::StatusCode;
use serde_json::{Map, Value};

use super::refusal::Refusal;
use crate::error::Stop;

/// The most values in all variables together: a document may use a variable many times, and each
/// use is checked.
const MAX_VALUES: usize = 2000;
/// The deepest nesting of lists and objects in a variable.
const MAX_DEPTH: usize = 10;

/// What a client sent.
#[derive(Debug, Default)]
pub struct Params {
    /// The document's text; absent where only its hash came.
    pub query: Option<String>,
    /// Which of the document's operations to execute.
    pub operation_name: Option<String>,
    /// The lower-case hexadecimal SHA-256 of the document, as persisted documents have it.
    pub sha256: Option<String>,
    variables: Map<String, Value>,
}

impl Params {
    /// Reads a POST's body.
    pub fn from_body(body: &[u8]) -> Result<Self, Refusal> {
        // serde_json stops at a nesting of 128, so depth costs nothing.
        match serde_json::from_slice(body) {
            Ok(Value::Object(fields)) => Self::from_fields(fields),
            Ok(Value::Array(_)) => Err(malformed(
                "不支持批量请求",
                "Batches of requests are not supported",
            )),
            Ok(_) => Err(malformed(
                "请求体须为 JSON 对象",
                "The body must be a JSON object",
            )),
            Err(_) => Err(malformed(
                "请求体不是有效的 JSON",
                "The body is not valid JSON",
            )),
        }
    }

    /// Reads a GET's query string, in which `variables` and `extensions` are JSON.
    pub fn from_query_string(text: &str) -> Result<Self, Refusal> {
        let mut fields = Map::new();
        for (name, value) in form_urlencoded::parse(text.as_bytes()) {
            let value = match &*name {
                "query" | "operationName" => Value::String(value.into_owned()),
                "variables" | "extensions" => {
                    serde_json::from_str(&value).map_err(|_| wrong(&name))?
                }
                _ => continue,
            };
            fields.insert(name.into_owned(), value);
        }
        Self::from_fields(fields)
    }

    fn from_fields(mut fields: Map<String, Value>) -> Result<Self, Refusal> {
        let mut extensions = map(&mut fields, "extensions")?;
        let params = Self {
            query: text(&mut fields, "query")?,
            operation_name: text(&mut fields, "operationName")?,
            variables: map(&mut fields, "variables")?,
            sha256: match map(&mut extensions, "persistedQuery")? {
                mut persisted if persisted.contains_key("sha256Hash") => {
                    text(&mut persisted, "sha256Hash")?
                }
                _ => None,
            },
        };
        if params.query.is_none() && params.sha256.is_none() {
            return Err(malformed(
                "缺少 query 参数",
                "The parameter query is missing",
            ));
        }
        Ok(params)
    }

    /// The values of the variables that `operation` declares; others are dropped.
    ///
    /// Refuses missing values (GraphQL specification §6.1.2) and too many of them.
    pub fn take_variables(
        &mut self,
        operation: &OperationDefinition,
    ) -> Result<Variables, Refusal> {
        let mut given = std::mem::take(&mut self.variables);
        let mut variables = Variables::default();
        let mut left = MAX_VALUES;
        for definition in &operation.variable_definitions {
            let definition = &definition.node;
            let name = &definition.name.node;
            let value = given.remove(name.as_str());
            let is_missing = match &value {
                None => definition.default_value.is_none(),
                Some(value) => value.is_null(),
            };
            if is_missing && !definition.var_type.node.nullable {
                let kind = &definition.var_type.node;
                let mut refusal = Refusal::new(
                    Stop::BadUserInput,
                    format!("变量“${name}”（{kind}）必须有值"),
                    format!("The variable \"${name}\" of type \"{kind}\" needs a value"),
                );
                refusal.locations.push(definition.name.pos);
                return Err(refusal);
            }
            let Some(value) = value else { continue };
            count(&value, 0, &mut left)?;
            let value = ConstValue::from_json(value).map_err(|_| wrong("variables"))?;
            variables.insert(name.clone(), value);
        }
        Ok(variables)
    }
}

fn malformed(chinese: &str, english: &str) -> Refusal {
    Refusal::malformed(StatusCode::BAD_REQUEST, chinese, english)
}

fn wrong(parameter: &str) -> Refusal {
    malformed(
        &format!("参数 {parameter} 类型不正确"),
        &format!("The parameter {parameter} is of the wrong type"),
    )
}

fn text(fields: &mut Map<String, Value>, name: &str) -> Result<Option<String>, Refusal> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(None),
        Some(Value::String(text)) => Ok(Some(text)),
        Some(_) => Err(wrong(name)),
    }
}

fn map(fields: &mut Map<String, Value>, name: &str) -> Result<Map<String, Value>, Refusal> {
    match fields.remove(name) {
        None | Some(Value::Null) => Ok(Map::new()),
        Some(Value::Object(map)) => Ok(map),
        Some(_) => Err(wrong(name)),
    }
}

fn count(value: &Value, depth: usize, left: &mut usize) -> Result<(), Refusal> {
    *left = left
        .checked_sub(1)
        .ok_or_else(|| Refusal::too_complex("变量值总数", "values in variables", MAX_VALUES))?;
    if depth > MAX_DEPTH {
        return Err(Refusal::too_complex(
            "变量嵌套层数",
            "nested values in variables",
            MAX_DEPTH,
        ));
    }
    match value {
        Value::Array(items) => items
            .iter()
            .try_for_each(|item| count(item, depth + 1, left)),
        Value::Object(fields) => fields
            .values()
            .try_for_each(|item| count(item, depth + 1, left)),
        _ => Ok(()),
    }
}

#[cfg(test)]
mod tests {
    use async_graphql::parser::parse_query;
    use serde_json::json;

    use super::*;

    fn variables(text: &str, given: &Value) -> Result<Variables, Refusal> {
        let document = parse_query(text).unwrap();
        let (_, operation) = document.operations.iter().next().unwrap();
        let body = json!({"query": text, "variables": given}).to_string();
        let mut params = Params::from_body(body.as_bytes()).unwrap();
        params.take_variables(&operation.node)
    }

    #[test]
    fn a_body_is_an_object_with_a_query_or_a_hash() {
        let read = |text: &str| Params::from_body(text.as_bytes());
        assert!(read(r#"{"query": "{ a }", "variables": null, "extensions": null, "operationName": null}"#).is_ok());
        let persisted =
            read(r#"{"extensions": {"persistedQuery": {"version": 1, "sha256Hash": "ab"}}}"#)
                .unwrap();
        assert_eq!(persisted.sha256.as_deref(), Some("ab"));
        for bad in [
            "",
            "{",
            "[]",
            "1",
            "null",
            "{}",
            r#"{"query": 1}"#,
            r#"[{"query": "{ a }"}]"#,
            r#"{"query": "{ a }", "variables": []}"#,
            r#"{"query": "{ a }", "extensions": 0}"#,
            r#"{"query": "{ a }", "operationName": false}"#,
            r#"{"query": "{ a }", "extensions": {"persistedQuery": 1}}"#,
        ] {
            assert_eq!(
                read(bad).unwrap_err().status,
                Some(StatusCode::BAD_REQUEST),
                "{bad}"
            );
        }
        for opening in ["[", "{\"a\":", "{\"query\":[", "{\"variables\":{\"a\":["] {
            let refusal = read(&opening.repeat(100_000)).unwrap_err();
            assert_eq!(refusal.status, Some(StatusCode::BAD_REQUEST));
        }
    }

    #[test]
    fn a_query_string_carries_json() {
        let params =
            Params::from_query_string("query=%7B+a+%7D&variables=%7B%22a%22%3A1%7D&x=y").unwrap();
        assert_eq!(params.query.as_deref(), Some("{ a }"));
        assert_eq!(params.variables.get("a"), Some(&json!(1)));
        assert!(Params::from_query_string("query=a&variables=%7B").is_err());
        assert!(Params::from_query_string("").is_err());
    }

    #[test]
    fn variables_are_those_declared_and_bounded() {
        let text = "query($id: ID!, $n: Int! = 3, $o: X) { a }";
        let given = variables(text, &json!({"id": "1", "o": null, "other": 1})).unwrap();
        assert_eq!(given.len(), 2);
        for bad in [
            json!({}),
            json!({"id": null}),
            json!({"id": "1", "n": null}),
        ] {
            assert_eq!(variables(text, &bad).unwrap_err().stop, Stop::BadUserInput);
        }
        let deep = (0..20).fold(json!(1), |value, _| json!([value]));
        for large in [json!(vec![1; 3000]), deep] {
            let refusal = variables(text, &json!({"id": "1", "o": large})).unwrap_err();
            assert_eq!(refusal.stop, Stop::QueryTooComplex);
        }
    }
}
