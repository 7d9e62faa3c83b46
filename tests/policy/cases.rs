//! What is asked on behalf of everybody, as `cases.txt` lists it.

/// The list: a new field of the schema takes one line there.
const CASES: &str = include_str!("cases.txt");

/// One row of the matrix.
pub struct Case {
    /// The field of the schema: `claimVisitTask`, or `Resident.phone` for a protected one.
    pub field: &'static str,
    /// What it is to people.
    pub action: String,
    /// The whole document.
    pub document: String,
}

/// Field, action and document of each line below a heading.
fn section(title: &str) -> impl Iterator<Item = (&'static str, &'static str, &'static str)> {
    let (_, lines) = CASES
        .split_once(&format!("[{title}]\n"))
        .unwrap_or_else(|| panic!("cases.txt has no [{title}]"));
    let lines = lines.lines().take_while(|line| !line.starts_with('['));
    lines.filter(|line| !line.is_empty()).map(|line| {
        let mut parts = line.splitn(3, " | ");
        let mut part = || parts.next().unwrap_or_else(|| panic!("cases.txt: {line}"));
        (part(), part(), part())
    })
}

/// Every query.
pub fn queries() -> Vec<Case> {
    let cases = section("queries").map(|(field, action, call)| Case {
        field,
        action: action.to_owned(),
        document: format!("{{ {call} }}"),
    });
    cases.collect()
}

/// Every mutation.
pub fn mutations() -> Vec<Case> {
    let cases = section("mutations").map(|(field, action, call)| Case {
        field,
        action: action.to_owned(),
        document: format!("mutation {{ {call} {{ userErrors {{ code }} }} }}"),
    });
    cases.collect()
}

/// Every protected field, where people meet it: at a visit both before and during a live claim.
pub fn protected() -> Vec<Case> {
    let case = |field, action: String, path: String| {
        let document = format!("{{ {path} {{ visibility");
        let open = document.matches('{').count();
        Case {
            field,
            action,
            document: document + &" }".repeat(open),
        }
    };
    let mut cases = Vec::new();
    for (when, task) in [("认领前", "$task"), ("认领中", "$claimed")] {
        for (field, action, path) in section("protected at a visit") {
            let path = format!("visitTask(id: {task}) {{ {path}");
            cases.push(case(field, format!("{action}（{when}）"), path));
        }
    }
    for (field, action, path) in section("protected elsewhere") {
        cases.push(case(field, action.to_owned(), path.to_owned()));
    }
    cases
}
