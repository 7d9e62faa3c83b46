//! The demo's area tree.

use entity::enums::AreaKind;

use crate::imports::areas::AreaRow;

use super::SHEET;

/// Code of the district 琅琊区.
pub const DISTRICT: &str = "341102";
/// Code of the street 清流街道.
pub const STREET: &str = "341102006";
/// Code of the reference community 创业北路社区.
pub const COMMUNITY: &str = "341102006003";
/// Code of 白云社区, in the same street.
pub const BAIYUN: &str = "341102006004";
/// Code of the street that 龙池社区 belongs to.
pub const LONGCHI_STREET: &str = "341102004";
/// Code of 龙池社区.
pub const LONGCHI: &str = "341102004002";

/// A compound: how its buildings are grouped into grids and where it lies.
struct Compound {
    community: &'static str,
    number: u32,
    name: &'static str,
    /// Number of the first grid within the community, and buildings of each grid.
    first_grid: u32,
    grids: &'static [u32],
    latitude: f64,
    longitude: f64,
}

const COMPOUNDS: [Compound; 5] = [
    Compound {
        community: COMMUNITY,
        number: 1,
        name: "创业北路小区",
        first_grid: 1,
        grids: &[8, 7, 7, 8, 8, 8],
        latitude: 32.3105,
        longitude: 118.3128,
    },
    Compound {
        community: COMMUNITY,
        number: 2,
        name: "阳光河畔怡园小区",
        first_grid: 7,
        grids: &[7, 7, 7, 8, 7],
        latitude: 32.3062,
        longitude: 118.3187,
    },
    Compound {
        community: COMMUNITY,
        number: 3,
        name: "创业苑小区",
        first_grid: 12,
        grids: &[7, 7, 8, 8, 8],
        latitude: 32.3048,
        longitude: 118.3116,
    },
    Compound {
        community: BAIYUN,
        number: 1,
        name: "白云小区",
        first_grid: 1,
        grids: &[3, 3],
        latitude: 32.3003,
        longitude: 118.3221,
    },
    Compound {
        community: LONGCHI,
        number: 1,
        name: "龙池花园小区",
        first_grid: 1,
        grids: &[3, 3],
        latitude: 32.2958,
        longitude: 118.3062,
    },
];

/// Communities with the area above and where their office is.
const COMMUNITIES: [(&str, &str, &str, f64, f64); 3] = [
    (COMMUNITY, "创业北路社区", STREET, 32.3083, 118.3152),
    (BAIYUN, "白云社区", STREET, 32.3009, 118.3213),
    (LONGCHI, "龙池社区", LONGCHI_STREET, 32.2964, 118.3070),
];

/// The whole tree, parents first.
#[must_use]
pub fn areas() -> Vec<AreaRow> {
    let mut tree = Tree::default();
    let district = AreaKind::District;
    tree.add(DISTRICT.to_owned(), "琅琊区", district, None, None);
    for (code, name) in [(STREET, "清流街道"), (LONGCHI_STREET, "南门街道")] {
        tree.add(
            code.to_owned(),
            name,
            AreaKind::Street,
            Some(DISTRICT),
            None,
        );
    }
    for (code, name, street, latitude, longitude) in COMMUNITIES {
        let place = Some((latitude, longitude));
        tree.add(
            code.to_owned(),
            name,
            AreaKind::Community,
            Some(street),
            place,
        );
    }
    for compound in &COMPOUNDS {
        tree.add_compound(compound);
    }
    tree.rows
}

#[derive(Default)]
struct Tree {
    rows: Vec<AreaRow>,
}

impl Tree {
    fn add(
        &mut self,
        code: String,
        name: &str,
        kind: AreaKind,
        parent: Option<&str>,
        place: Option<(f64, f64)>,
    ) {
        self.rows.push(AreaRow {
            sheet: SHEET.to_owned(),
            // As in a file with a header in row 1.
            row: u32::try_from(self.rows.len())
                .unwrap_or(u32::MAX)
                .saturating_add(2),
            code,
            name: name.to_owned(),
            kind,
            parent_code: parent.map(ToOwned::to_owned),
            latitude: place.map(|place| place.0),
            longitude: place.map(|place| place.1),
        });
    }

    fn add_compound(&mut self, compound: &Compound) {
        let Compound {
            community,
            number,
            name,
            latitude,
            longitude,
            ..
        } = *compound;
        let code = format!("{community}.{number:02}");
        let kind = AreaKind::Compound;
        self.add(
            code.clone(),
            name,
            kind,
            Some(community),
            Some((latitude, longitude)),
        );
        let mut house = 0;
        for (grid, buildings) in (compound.first_grid..).zip(compound.grids) {
            let grid_code = format!("{code}.{grid:02}");
            let grid_name = format!("第{grid}网格");
            self.add(
                grid_code.clone(),
                &grid_name,
                AreaKind::Grid,
                Some(&code),
                None,
            );
            for building in 1..=*buildings {
                let place = building_place(compound, house);
                house += 1;
                self.add(
                    format!("{grid_code}.{building:02}"),
                    &format!("{name}{house}栋"),
                    AreaKind::Building,
                    Some(&grid_code),
                    Some(place),
                );
            }
        }
    }
}

/// Buildings stand in rows of eight, some 45 m apart.
fn building_place(compound: &Compound, house: u32) -> (f64, f64) {
    let (row, column) = (f64::from(house / 8), f64::from(house % 8));
    let round = |degrees: f64| (degrees * 1e6).round() / 1e6;
    (
        round(compound.latitude + 0.000_9 - row * 0.000_4),
        round(compound.longitude - 0.001_7 + column * 0.000_48 + row * 0.000_03),
    )
}
