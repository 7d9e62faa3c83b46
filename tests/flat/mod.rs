//! No list costs a statement for each of its elements: every list of the schema, found by asking the schema itself.
//!
//! Each is asked for in a small town and again when the town has grown, with everything below its elements that
//! can be asked without saying more. It must have more elements then, and cost the same statements.

mod calls;
mod documents;
mod places;
mod town;
mod work;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Value, json};

use self::documents::{List, all, fitting};
use self::town::Town;
use crate::policy::cast::Cast;
use crate::support::database::on_both;
use crate::support::introspection::Described;
use crate::support::world::Person;

/// How deep the objects below an element are asked for: deep, and flat with longer pages.
const DEPTHS: [usize; 2] = [2, 0];

/// Who asks beside the one who sees everything, by their place in the cast.
const OTHERS: [usize; 6] = [1, 3, 5, 6, 7, 8];

/// Statements that only some things of a kind need, so that no single one costs what twenty do.
const SOME: u64 = 3;

/// Lists that are not measured, by why.
const UNMEASURED: &[(&str, &[&str])] = &[
    (
        "as long as an enum, whatever there is",
        &[
            "CertificationYearToYear.goneByReason",
            "CertificationYearToYear.newByReason",
            "Query.carePlans",
        ],
    ),
    (
        "each is a change of its own, by some statements; how all came out is read at once",
        &[
            "AcceptHandOversPayload.results",
            "AddMealRecipientsPayload.results",
            "AddToCertificationSessionPayload.results",
            "AssignChecksPayload.results",
            "CancelSlotPayload.ended",
            "ChangeSlotCapacityPayload.promoted",
            "CloseCertificationSessionPayload.absent",
            "ConfirmChecksPayload.results",
            "DeclineHandOversPayload.results",
            "MoveHouseholdsPayload.accounts",
            "MoveHouseholdsPayload.areas",
            "OfferHandOversPayload.results",
            "PlanSlotsPayload.results",
            "ReassignVisitTasksPayload.results",
            "RecordCheckAttemptsPayload.results",
            "RecordChecksPayload.results",
            "RecordContactsPayload.results",
            "ReturnChecksPayload.results",
            "ScheduleChecksPayload.results",
            "SettleChecksPayload.results",
            "TickMealDoorsPayload.results",
            "UnscheduleChecksPayload.results",
            "VerifyWishHandsPayload.results",
            "WithdrawHandOversPayload.results",
        ],
    ),
    (
        "answers a change that can be made once",
        &[
            "AppointVisitTaskPayload.tightTravel",
            "ChangeSlotSeriesPayload.spared",
            "ClaimVisitTaskPayload.tightTravel",
            "EndSlotSeriesPayload.spared",
            "RetireAreaPayload.accounts",
        ],
    ),
];

/// What asking once cost, and what came.
#[derive(Clone, Debug)]
struct Asked {
    statements: u64,
    elements: usize,
    /// Whether nothing stopped it.
    whole: bool,
}

/// Asks until the cost is the same twice: what is read once and kept is not counted, nor that the server looks from
/// time to time whether it has changed.
async fn ask(town: &Town, who: &Person, document: &str) -> (u64, Value) {
    let document = town.filled(document);
    let mut last = u64::MAX;
    loop {
        let before = town.world.app().db.statements();
        let answer = town.world.run(who, &document, json!({})).await;
        let statements = town.world.app().db.statements() - before;
        if statements >= last {
            return (last, answer.json);
        }
        last = statements;
    }
}

async fn asked(town: &Town, who: &Person, list: &List, document: &str) -> (Asked, Value) {
    let (statements, json) = ask(town, who, document).await;
    let asked = Asked {
        statements,
        elements: list.elements(&json["data"]),
        whole: json.get("errors").is_none(),
    };
    (asked, json)
}

/// Ids in an answer, by the type of what has them.
fn ids(value: &Value, found: &mut BTreeMap<String, BTreeSet<String>>) {
    match value {
        Value::Array(items) => items.iter().for_each(|item| ids(item, found)),
        Value::Object(fields) => {
            if let (Some(of), Some(id)) = (value["__typename"].as_str(), value["id"].as_str()) {
                found
                    .entry(of.to_owned())
                    .or_default()
                    .insert(id.to_owned());
            }
            fields.values().for_each(|field| ids(field, found));
        }
        _ => {}
    }
}

/// Who asks what.
fn questions(described: &Described) -> Vec<(Option<usize>, List)> {
    let own = DEPTHS.into_iter().flat_map(|depth| {
        let lists = all(described, depth).0.into_iter();
        lists.map(|list| (None, list))
    });
    let others = OTHERS.into_iter().flat_map(|other| {
        let lists = all(described, DEPTHS[0]).0.into_iter();
        lists.map(move |list| (Some(other), list))
    });
    own.chain(others).collect()
}

impl Town {
    fn asker(&self, other: Option<usize>) -> Person {
        match other {
            None => self.me.clone(),
            Some(other) => self.cast.everybody()[other].expect("a person").clone(),
        }
    }
}

/// What is said of a list: who asked, what it cost when there were few, what it costs now.
fn told(other: Option<usize>, list: &List, few: &Asked, many: &Asked) -> String {
    let who = other.map_or("万能".to_owned(), |other| {
        Cast::names().swap_remove(other)
    });
    format!(
        "{} to {who}: {} for {}, {} for {}",
        list.name, few.statements, few.elements, many.statements, many.elements
    )
}

on_both! {
    async fn no_list_costs_a_statement_for_each_of_its_elements(db: TestDatabase) {
        let described = Described::new().await;
        let questions = questions(&described);
        let mut town = Town::new(db).await;
        for _ in 0..2 {
            town.grow().await;
        }
        let mut few = Vec::new();
        for (other, list) in &questions {
            few.push(asked(&town, &town.asker(*other), list, &list.document()).await.0);
        }
        for _ in 0..2 {
            town.grow().await;
        }
        let mut unmeasured: BTreeSet<String> = all(&described, 0).1.into_iter().collect();
        unmeasured.extend(questions.iter().map(|(_, list)| list.name.clone()));
        let (mut grown, mut known) = (Vec::new(), BTreeMap::new());
        for ((other, list), few) in questions.iter().zip(&few) {
            let document = list.document();
            let (many, json) = asked(&town, &town.asker(*other), list, &document).await;
            let told = told(*other, list, few, &many);
            if other.is_none() {
                assert!(few.whole && many.whole, "{told}: {document}\n{json:#}");
                ids(&json, &mut known);
                if many.elements > few.elements && few.elements > 0 {
                    unmeasured.remove(&list.name);
                }
                if list.is_paged() {
                    let half = list.paged(&format!("first: {}", many.elements.div_ceil(2)));
                    let half = ask(&town, &town.me, &half).await.0;
                    let one = ask(&town, &town.me, &list.paged("first: 1")).await.0;
                    if half != many.statements || one > half {
                        grown.push(format!("{told}; {half} for half a page, {one} for one"));
                    }
                }
            }
            if few.elements > 0 && many.whole && few.statements != many.statements {
                grown.push(told);
            }
        }
        for of in described.get("Node").objects() {
            let ids: Vec<&String> = known.get(of).into_iter().flatten().take(20).collect();
            let below = fitting(&described, of, DEPTHS[0]);
            let document = |ids: &[&String]| format!("{{ nodes(ids: {ids:?}) {{ ... on {of} {{ {below} }} }} }}");
            let many = ask(&town, &town.me, &document(&ids)).await.0;
            let mut one = 0;
            for id in &ids {
                one = one.max(ask(&town, &town.me, &document(&[id])).await.0);
            }
            assert!(ids.len() > 3, "{of}: {ids:?}");
            if many > one + SOME {
                grown.push(format!("Query.nodes of {of}: {one}, {many}"));
            }
        }
        unmeasured.remove("Query.nodes");
        assert!(grown.is_empty(), "statements for each element:\n{}", grown.join("\n"));
        let named = UNMEASURED.iter().flat_map(|(_, lists)| lists.iter());
        let named: BTreeSet<String> = named.map(|name| (*name).to_owned()).collect();
        assert_eq!(unmeasured, named, "has no more elements in the grown town, or has by now");
    }
}
