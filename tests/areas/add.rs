//! Staff add compounds, grids and buildings.

use entity::enums::Role;
use serde_json::{Value, json};

use super::{area_id, staff, traces};
use crate::support::database::on_both;
use crate::support::world::{BUILDING, COMMUNITY, GRID, World};

const ADD: &str = "mutation($input: AddAreaInput!) { addArea(input: $input) {
    area { id code kind parent { code } } userErrors { field code } } }";
const SETTLE: &str = "mutation($area: ID!) { addHousehold(input: {areaId: $area, room: \"101\"}) {
    household { area { code } } userErrors { code } } }";

fn input(parent: &Value, kind: &str) -> Value {
    json!({"input": {"parentId": parent, "kind": kind, "name": "新区"}})
}

on_both! {
    async fn a_new_grid_and_its_building_are_in_use_at_once(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let secretary = world.person("孙丽", &[(Role::CompoundSecretary, "341102006003.01")]).await;
        let compound = area_id(world.area("341102006003.01"));
        let before = traces(&world).await;
        let grid = world.run(&clerk, ADD, input(&compound, "GRID")).await;
        let grid = grid.payload("addArea")["area"].clone();
        assert_eq!((&grid["code"], &grid["parent"]["code"]),
            (&json!("341102006003.01.03"), &json!("341102006003.01")));
        let building = world.run(&clerk, ADD, input(&grid["id"], "BUILDING")).await;
        let building = building.payload("addArea")["area"].clone();
        assert_eq!(building["code"], "341102006003.01.03.01");
        let after = traces(&world).await;
        assert_eq!((after[0] - before[0], after[1] - before[1]), (2, 2));
        let settled = world.run(&clerk, SETTLE, json!({"area": building["id"]})).await;
        assert_eq!(settled.payload("addHousehold")["household"]["area"]["code"], building["code"]);
        // Whoever answers for the compound answers for what is new in it.
        let seen = world.run(&secretary, "{ households(first: 5) { totalCount } }", json!({})).await;
        assert_eq!(seen.data("households.totalCount"), 1);
        // Building, grid, compound, community, street and district.
        let places = "SELECT count(*) FROM area_closure c JOIN area a ON a.id = c.descendant_id
            WHERE a.code = '341102006003.01.03.01'";
        assert_eq!(world.count(places).await, 6);
    }

    async fn what_does_not_fit_is_refused(db: TestDatabase) {
        let world = World::new(db).await;
        let clerk = staff(&world).await;
        let lead = world.person("周建国", &[(Role::GridLead, GRID)]).await;
        let before = traces(&world).await;
        for (parent, kind, code) in [
            (COMMUNITY, "BUILDING", "AREA_UNFIT"),
            (COMMUNITY, "COMMUNITY", "AREA_UNFIT"),
            (BUILDING, "BUILDING", "AREA_UNFIT"),
            ("341102006004.01", "GRID", "NOT_FOUND"),
        ] {
            let refused = world.run(&clerk, ADD, input(&area_id(world.area(parent)), kind)).await;
            let errors = refused.user_errors("addArea");
            assert_eq!((errors.len(), errors[0].field, errors[0].code), (1, Some("parentId"), code));
        }
        let forbidden = world.run(&lead, ADD, input(&area_id(world.area(GRID)), "BUILDING")).await;
        assert_eq!(forbidden.error_codes(), ["FORBIDDEN"]);
        assert_eq!(traces(&world).await, before);
    }
}
