//! The tree of a made-up district, and who signs in.

use chrono::Duration;
use entity::enums::{AccountStatus, AreaKind, Gender, Role};
use entity::{account, area, area_closure, role_grant};
use sea_orm::ActiveValue::Set;
use uuid::Uuid;

use super::rows::{Of, insert, key};
use super::{BUILDINGS, GRIDS, Making};
use crate::access::sealed::{Field, hash, seal};
use crate::accounts::passwords::Passwords;
use crate::db::Db;
use crate::error::{Error, Result};

/// The password of every made-up account.
pub const PASSWORD: &str = "nuanlin-demo-1";
/// Volunteers of the first community who are there to claim at the same moment, besides those of its grids.
pub const STORM: u32 = 1_000;

/// Communities of a street.
const COMMUNITIES: u32 = 9;
/// Grids of a compound.
const COMPOUND: u32 = 4;
/// Volunteers of a grid.
const VOLUNTEERS: u32 = 3;

/// A grid with its buildings and who works there.
pub(super) struct Grid {
    pub number: u32,
    pub id: Uuid,
    pub community: Uuid,
    pub buildings: Vec<Uuid>,
    pub lead: Uuid,
    pub volunteers: Vec<Uuid>,
}

/// The places that people live in, and who leads the district's station.
pub(super) struct Town {
    pub grids: Vec<Grid>,
    pub station: Uuid,
    pub other_station: Uuid,
}

/// The phone number that an account signs in with, by its place in the order of making: the district's staff,
/// its supervisor and two of its veterans' station; then community by community its staff, and grid by grid
/// the lead and three volunteers; last the volunteers of the storm.
#[must_use]
pub fn phone_of(number: u32) -> String {
    format!("164{number:08}")
}

/// Writes areas, accounts and grants in one transaction.
pub(super) async fn write(db: &Db, making: &mut Making<'_>, communities: u32) -> Result<Town> {
    let password = Passwords::default().hash(PASSWORD.to_owned()).await?;
    let mut tree = Tree::default();
    let mut people = People {
        password,
        accounts: Vec::new(),
        grants: Vec::new(),
    };
    let code = "341102".to_owned();
    let district = tree.add(making, AreaKind::District, &[], code, "演示区");
    people.hire(making, Role::CommunityStaff, district)?;
    people.hire(making, Role::Supervisor, district)?;
    let station = people.hire(making, Role::VeteransStaff, district)?;
    let other_station = people.hire(making, Role::VeteransStaff, district)?;
    let mut grids: Vec<Grid> = Vec::new();
    let mut street = district;
    for community in 0..communities {
        let code = format!("341102{:03}", community / COMMUNITIES + 1);
        if community.is_multiple_of(COMMUNITIES) {
            let name = format!("{}街道", community / COMMUNITIES + 1);
            street = tree.add(making, AreaKind::Street, &[district], code, &name);
        }
        let above = [street, district];
        grids.extend(community_of(
            making,
            (&mut tree, &mut people),
            &above,
            community,
        )?);
    }
    let first = grids.first().map_or(district, |grid| grid.community);
    for _ in 0..STORM {
        people.hire(making, Role::Volunteer, first)?;
    }
    let tx = db.begin().await?;
    insert(&tx, tree.areas).await?;
    insert(&tx, tree.closure).await?;
    insert(&tx, people.accounts).await?;
    insert(&tx, people.grants).await?;
    tx.commit().await?;
    Ok(Town {
        grids,
        station,
        other_station,
    })
}

/// A community with its compounds, grids and buildings, and who works there.
fn community_of(
    making: &mut Making<'_>,
    (tree, people): (&mut Tree, &mut People),
    above: &[Uuid; 2],
    community: u32,
) -> Result<Vec<Grid>> {
    let [street, district] = *above;
    let (in_district, in_street) = (community / COMMUNITIES + 1, community % COMMUNITIES + 1);
    let code = format!("341102{in_district:03}{in_street:03}");
    let name = format!("{}社区", community + 1);
    let id = tree.add(making, AreaKind::Community, above, code.clone(), &name);
    people.hire(making, Role::CommunityStaff, id)?;
    let mut compound = id;
    let mut grids = Vec::new();
    for grid in 0..GRIDS {
        let compound_code = format!("{code}.{:02}", grid / COMPOUND + 1);
        if grid.is_multiple_of(COMPOUND) {
            let name = format!("{name}{}小区", grid / COMPOUND + 1);
            let (kind, above) = (AreaKind::Compound, [id, street, district]);
            compound = tree.add(making, kind, &above, compound_code.clone(), &name);
        }
        let code = format!("{compound_code}.{:02}", grid + 1);
        let name = format!("{name}第{}网格", grid + 1);
        let above = [compound, id, street, district];
        let grid_id = tree.add(making, AreaKind::Grid, &above, code.clone(), &name);
        let buildings = (1..=BUILDINGS)
            .map(|number| {
                let above = [grid_id, compound, id, street, district];
                let (code, name) = (format!("{code}.{number:02}"), format!("{name}{number}栋"));
                tree.add(making, AreaKind::Building, &above, code, &name)
            })
            .collect();
        let lead = people.hire(making, Role::GridLead, grid_id)?;
        let volunteers = (0..VOLUNTEERS)
            .map(|_| people.hire(making, Role::Volunteer, grid_id))
            .collect::<Result<_>>()?;
        grids.push(Grid {
            number: community * GRIDS + grid,
            id: grid_id,
            community: id,
            buildings,
            lead,
            volunteers,
        });
    }
    Ok(grids)
}

#[derive(Default)]
struct Tree {
    areas: Vec<area::ActiveModel>,
    closure: Vec<area_closure::ActiveModel>,
}

impl Tree {
    /// Adds an area below `above`, nearest first.
    fn add(
        &mut self,
        making: &Making<'_>,
        kind: AreaKind,
        above: &[Uuid],
        code: String,
        name: &str,
    ) -> Uuid {
        let number = self.areas.len() as u64;
        let at = making.now - Duration::days(400);
        let id = key(Of::Area, number, at);
        // Buildings stand in rows, a hundred metres apart.
        let step = |cells: u64| f64::from(u32::try_from(cells).unwrap_or_default()) * 0.001;
        self.areas.push(area::ActiveModel {
            id: Set(id),
            parent_id: Set(above.first().copied()),
            kind: Set(kind),
            code: Set(code),
            name: Set(name.to_owned()),
            latitude: Set(Some(32.0 + step(number / 100))),
            longitude: Set(Some(118.0 + step(number % 100))),
            time_zone: Set("Asia/Shanghai".to_owned()),
            retired_on: Set(None),
            successor_id: Set(None),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        for (depth, ancestor) in (0..).zip([id].iter().chain(above)) {
            self.closure.push(area_closure::ActiveModel {
                ancestor_id: Set(*ancestor),
                descendant_id: Set(id),
                depth: Set(depth),
            });
        }
        id
    }
}

struct People {
    password: String,
    accounts: Vec<account::ActiveModel>,
    grants: Vec<role_grant::ActiveModel>,
}

impl People {
    /// Adds somebody with one role.
    fn hire(&mut self, making: &mut Making<'_>, role: Role, area: Uuid) -> Result<Uuid> {
        let number =
            u32::try_from(self.accounts.len()).map_err(|error| Error::Internal(error.into()))?;
        let at = making.now - Duration::days(399);
        let id = key(Of::Account, number.into(), at);
        let phone = phone_of(number);
        let surname = making.maker.surname();
        self.accounts.push(account::ActiveModel {
            id: Set(id),
            phone_sealed: Set(seal(making.keys, Field::Phone, &phone)?),
            phone_hash: Set(hash(making.keys, Field::Phone, &phone)),
            name: Set(making.maker.name(surname, Gender::Female, 40)),
            status: Set(AccountStatus::Active),
            password_hash: Set(Some(self.password.clone())),
            code_hash: Set(None),
            code_expires_at: Set(None),
            failed_attempts: Set(0),
            locked_until: Set(None),
            grants_version: Set(1),
            access_changed_at: Set(at),
            version: Set(1),
            created_at: Set(at),
            updated_at: Set(at),
        });
        self.grants.push(role_grant::ActiveModel {
            id: Set(key(Of::Grant, number.into(), at)),
            account_id: Set(id),
            role: Set(role),
            area_id: Set(area),
            valid_from: Set(at),
            valid_until: Set(None),
            granted_by: Set(None),
            created_at: Set(at),
            revoked_at: Set(None),
            revoked_by: Set(None),
        });
        Ok(id)
    }
}
