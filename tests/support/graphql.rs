//! A small GraphQL client whose answers are asserted by code and count.

use reqwest::header::{ACCEPT, ACCEPT_LANGUAGE};
use serde_json::{Value, json};

/// Someone's app: an address, perhaps a token, perhaps a language.
#[derive(Clone)]
pub struct Client {
    http: reqwest::Client,
    url: String,
    token: Option<String>,
    lang: Option<String>,
}

impl Client {
    /// A client of `BASE_URL/graphql`, signed in as nobody.
    pub fn new(base_url: &str) -> Self {
        Client {
            http: super::files::client(),
            url: format!("{base_url}/graphql"),
            token: None,
            lang: None,
        }
    }

    /// The same connections with this access token.
    pub fn token(&self, token: &str) -> Self {
        Client {
            token: Some(token.to_owned()),
            ..self.clone()
        }
    }

    /// The same connections with this `Accept-Language`.
    pub fn lang(&self, lang: &str) -> Self {
        Client {
            lang: Some(lang.to_owned()),
            ..self.clone()
        }
    }

    /// Runs one operation; panics when no answer comes.
    pub async fn run(&self, query: &str, variables: Value) -> Answer {
        self.try_run(query, variables).await.expect("an answer")
    }

    /// Runs one operation over a line that may break.
    pub async fn try_run(&self, query: &str, variables: Value) -> reqwest::Result<Answer> {
        let mut request = self
            .http
            .post(&self.url)
            .header(ACCEPT, "application/graphql-response+json")
            .json(&json!({ "query": query, "variables": variables }));
        if let Some(token) = &self.token {
            request = request.bearer_auth(token);
        }
        if let Some(lang) = &self.lang {
            request = request.header(ACCEPT_LANGUAGE, lang);
        }
        let response = request.send().await?;
        Ok(Answer {
            status: response.status().as_u16(),
            json: response.json().await?,
        })
    }
}

/// What came back.
#[derive(Debug)]
pub struct Answer {
    /// The HTTP status.
    pub status: u16,
    /// The whole body.
    pub json: Value,
}

impl Answer {
    /// What stands at a path like `visitTasks.edges.0.node`; panics on any top-level error.
    #[track_caller]
    pub fn data(&self, path: &str) -> &Value {
        assert_eq!(self.error_codes(), [""; 0], "{:#}", self.json);
        self.at(path)
    }

    /// The payload of a mutation that nothing refused; panics otherwise.
    #[track_caller]
    pub fn payload(&self, mutation: &str) -> &Value {
        assert_eq!(self.user_errors(mutation), [], "{:#}", self.json);
        self.at(mutation)
    }

    /// `extensions.code` of every top-level error, in order; compare with all you expect.
    #[track_caller]
    pub fn error_codes(&self) -> Vec<&str> {
        self.json["errors"]
            .as_array()
            .into_iter()
            .flatten()
            .map(|error| {
                let code = error["extensions"]["code"].as_str();
                code.unwrap_or_else(|| panic!("an error without code: {error}"))
            })
            .collect()
    }

    /// Every refusal in a mutation's payload, in order; panics on any top-level error.
    #[track_caller]
    pub fn user_errors(&self, mutation: &str) -> Vec<UserError<'_>> {
        let errors = self.data(mutation)["userErrors"].as_array();
        errors
            .unwrap_or_else(|| panic!("userErrors was not asked for: {:#}", self.json))
            .iter()
            .map(|error| UserError {
                code: error["code"].as_str().expect("userErrors { code }"),
                field: error["field"].as_str(),
            })
            .collect()
    }

    /// Codes of the refusals in a mutation's payload, in order.
    #[track_caller]
    pub fn user_error_codes(&self, mutation: &str) -> Vec<&str> {
        let errors = self.user_errors(mutation);
        errors.into_iter().map(|error| error.code).collect()
    }

    #[track_caller]
    fn at(&self, path: &str) -> &Value {
        path.split('.').fold(&self.json["data"], |value, step| {
            let next = match step.parse::<usize>() {
                Ok(index) => value.get(index),
                Err(_) => value.get(step),
            };
            next.unwrap_or_else(|| panic!("no {step} of {path} in {:#}", self.json))
        })
    }
}

/// A refusal: its code and, where it was asked for and is one's fault, the input field.
#[derive(Debug, PartialEq, Eq)]
pub struct UserError<'a> {
    /// Never changes, unlike the message.
    pub code: &'a str,
    /// The input field, if one is to blame.
    pub field: Option<&'a str>,
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(json: Value) -> Answer {
        Answer { status: 200, json }
    }

    #[test]
    fn paths_reach_into_lists() {
        let answer = answer(json!({ "data": { "tasks": { "edges": [{ "cursor": "c" }] } } }));
        assert_eq!(answer.status, 200);
        assert_eq!(answer.data("tasks.edges.0.cursor"), "c");
    }

    #[test]
    fn refusals_come_with_code_and_field() {
        let answer = answer(json!({ "data": { "claim": {
            "task": { "id": "t" },
            "userErrors": [{ "code": "NOT_OPEN", "field": null }, { "code": "NOT_FOUND", "field": "id" }],
        } } }));
        assert_eq!(answer.user_error_codes("claim"), ["NOT_OPEN", "NOT_FOUND"]);
        assert_eq!(answer.user_errors("claim")[1].field, Some("id"));
    }

    #[test]
    fn a_payload_without_refusals_is_handed_out() {
        let answer = answer(json!({ "data": { "claim": { "id": 1, "userErrors": [] } } }));
        assert_eq!(answer.payload("claim")["id"], 1);
    }

    #[test]
    #[should_panic(expected = "FORBIDDEN")]
    fn data_is_not_handed_out_beside_an_unexpected_error() {
        let error = json!({ "message": "no", "extensions": { "code": "FORBIDDEN" } });
        answer(json!({ "data": { "a": 1 }, "errors": [error] })).data("a");
    }
}
