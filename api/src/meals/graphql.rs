//! Meals as phones see them.

use async_graphql::{ComplexObject, Context, Enum, ID, InputObject, SimpleObject};

use super::progress::SeenBatch;
use super::reads::SeenList;
use super::roster::Fed;
use super::rules::{Rest, Serving};
use crate::access::policy::Permission;
use crate::access::protected::View;
use crate::areas::graphql::Area;
use crate::clock::SHANGHAI;
use crate::context::Cx;
use crate::error::Result;
use crate::ids::{self, Id};
use crate::protected::{ProtectedString, opened};
use crate::scalars::{Date, DateTime};
use crate::visits::graphql::VisitTask;

/// A meal of the day.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Meal")]
pub enum Meal {
    /// Lunch 午餐.
    Lunch,
    /// Dinner 晚餐.
    Dinner,
}

/// A day of the week, in Shanghai.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "entity::enums::Weekday")]
pub enum Weekday {
    /// Monday 周一.
    Monday,
    /// Tuesday 周二.
    Tuesday,
    /// Wednesday 周三.
    Wednesday,
    /// Thursday 周四.
    Thursday,
    /// Friday 周五.
    Friday,
    /// Saturday 周六.
    Saturday,
    /// Sunday 周日.
    Sunday,
}

/// Why somebody on a meal list gets no meal for now.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
#[graphql(remote = "Rest")]
pub enum MealRest {
    /// They have died 已故.
    Deceased,
    /// Their household is closed 该户已注销.
    HouseholdClosed,
    /// They are not enrolled in visits any more 已不再纳入探访.
    NotEnrolled,
    /// Their visits rest, as in hospital 探访暂停.
    Paused,
    /// They live outside the list's area 不住在名单区域内.
    Elsewhere,
}

/// Where a batch of meals stands, apart from its doors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Enum)]
pub enum MealBatchStatus {
    /// Waits for somebody to claim it 待认领.
    Open,
    /// Somebody takes it round 已认领.
    Claimed,
    /// No meal is due in it any more 已取消.
    CalledOff,
    /// Its window has passed; nobody holds it any more 已结束.
    Over,
}

/// Begin and end of a meal, in minutes after midnight in Shanghai.
#[derive(Clone, Copy, Debug, SimpleObject, InputObject)]
#[graphql(input_name = "MealTimesInput")]
pub struct MealTimes {
    /// When meals can be fetched.
    pub from_minute: i32,
    /// Until when they are to be at the doors; at most 1440.
    pub to_minute: i32,
}

impl MealTimes {
    /// As services take them.
    #[must_use]
    pub const fn times(self) -> (i32, i32) {
        (self.from_minute, self.to_minute)
    }

    const fn shown((from_minute, to_minute): (i32, i32)) -> Self {
        Self {
            from_minute,
            to_minute,
        }
    }
}

/// A meal list 送餐名单 of a canteen.
#[derive(Clone, Debug, SimpleObject)]
pub struct MealList {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change.
    version: i64,
    /// The grid, compound or community that it serves.
    area: Option<Area>,
    /// What it is called.
    name: String,
    /// When lunch is brought; absent where none is.
    lunch: Option<MealTimes>,
    /// When dinner is brought; absent where none is.
    dinner: Option<MealTimes>,
    /// On which days.
    weekdays: Vec<Weekday>,
    /// The first day on which it serves no more.
    ended_on: Option<Date>,
    /// Who is on it, in the order in which they were added; of those added at once in none.
    recipients: Vec<MealRecipient>,
}

impl MealList {
    /// Shows a list.
    pub fn new(cx: &Cx, seen: SeenList) -> Result<Self> {
        let row = seen.row;
        let serving = Serving::from(&row);
        let tree = cx.app.sessions.tree();
        let fed = seen.fed.into_iter().map(|fed| MealRecipient::new(cx, fed));
        Ok(Self {
            id: Id::<ids::MealList>::new(row.id).to_string().into(),
            version: row.version,
            area: Area::from_tree(&tree, row.area_id),
            name: row.name,
            lunch: serving.lunch.map(MealTimes::shown),
            dinner: serving.dinner.map(MealTimes::shown),
            weekdays: serving.weekdays.iter().map(Into::into).collect(),
            ended_on: row.ended_on.map(Date),
            recipients: fed.collect::<Result<_>>()?,
        })
    }
}

/// Somebody on a meal list.
#[derive(Clone, Debug, SimpleObject)]
#[graphql(complex)]
pub struct MealRecipient {
    /// The opaque id.
    pub id: ID,
    /// Who it is, as an opaque id.
    resident_id: ID,
    /// The building where they live; absent outside the areas that you answer for.
    area: Option<Area>,
    /// Which meals they get, of those the list serves.
    meals: Vec<Meal>,
    /// The first day.
    from_on: Date,
    /// Why they get no meal today; absent where they get what the list serves.
    resting: Option<MealRest>,
    #[graphql(skip)]
    view: View,
    #[graphql(skip)]
    fed: Fed,
}

impl MealRecipient {
    /// Shows a recipient.
    pub fn new(cx: &Cx, fed: Fed) -> Result<Self> {
        let (actor, row) = (cx.actor()?, &fed.row);
        Ok(Self {
            id: Id::<ids::MealRecipient>::new(row.id).to_string().into(),
            resident_id: Id::<ids::Resident>::new(row.resident_id).to_string().into(),
            area: actor
                .may(Permission::MealEdit, row.area_id)
                .then(|| Area::from_tree(&actor.tree, row.area_id))
                .flatten(),
            meals: row.meals.iter().map(Into::into).collect(),
            from_on: Date(row.from_on),
            resting: fed.rests(cx.app.clock.today(SHANGHAI)).map(Into::into),
            view: View::of(actor, row.area_id, false),
            fed,
        })
    }
}

#[ComplexObject]
impl MealRecipient {
    /// The name. Needs `RESIDENT_READ` where they live.
    async fn name(&self, ctx: &Context<'_>) -> ProtectedString {
        let name = self.view.name(&self.fed.row.name);
        opened(ctx, "Resident", self.fed.row.resident_id, name)
    }
}

/// A batch of meals 送餐批次: one meal of one day of a list, claimed as one, ticked door by door.
#[derive(Clone, Debug, SimpleObject)]
pub struct MealBatch {
    /// The opaque id.
    pub id: ID,
    /// Raised by one on every change of the batch itself.
    version: i64,
    /// The list it was made by.
    meal_list_id: ID,
    /// What the list is called.
    name: String,
    /// The area of the list.
    area: Option<Area>,
    /// The day, in Shanghai.
    served_on: Date,
    /// Which meal.
    meal: Meal,
    /// When the meals can be fetched.
    starts_at: DateTime,
    /// Until when they are to be at the doors; the claim ends then.
    due_at: DateTime,
    /// Where it stands, apart from its doors.
    status: MealBatchStatus,
    /// Who takes or took it round; absent where nobody does.
    claim: Option<MealClaim>,
    /// How far its doors are.
    progress: MealProgress,
    /// The buildings it goes to.
    buildings: Vec<Area>,
    /// Its doors as far as you see visits, building by building.
    doors: Vec<VisitTask>,
}

/// Who has taken a batch of meals on.
#[derive(Clone, Debug, SimpleObject)]
pub struct MealClaim {
    /// Whether it is you.
    is_mine: bool,
    /// The holder's name; to yourself, and with `ACCOUNT_READ`.
    holder_name: Option<String>,
    /// Since when.
    claimed_at: Option<DateTime>,
}

/// How far the doors of a batch are; those called off are not counted.
#[derive(Clone, Copy, Debug, SimpleObject)]
pub struct MealProgress {
    /// All of them: delivered, tried, open and missed together.
    total: i64,
    /// Met and given.
    delivered: i64,
    /// Nobody met so far, or found elsewhere.
    tried: i64,
    /// Where nobody has been yet.
    open: i64,
    /// Where nobody has been in time.
    missed: i64,
}

impl MealBatch {
    /// Shows a batch.
    pub fn new(cx: &Cx, seen: SeenBatch) -> Result<Self> {
        use entity::enums::MealBatchStatus as S;
        let (actor, row) = (cx.actor()?, &seen.row);
        let is_mine = row.claimed_by == Some(actor.account);
        let may_name = is_mine || actor.may(Permission::AccountRead, row.area_id);
        let status = match row.status {
            S::CalledOff => MealBatchStatus::CalledOff,
            _ if row.due_at <= cx.app.clock.now() => MealBatchStatus::Over,
            S::Open => MealBatchStatus::Open,
            S::Claimed => MealBatchStatus::Claimed,
        };
        let buildings = seen.buildings.iter();
        let progress = seen.progress;
        Ok(Self {
            id: Id::<ids::MealBatch>::new(row.id).to_string().into(),
            version: row.version,
            meal_list_id: Id::<ids::MealList>::new(row.meal_list_id)
                .to_string()
                .into(),
            name: seen.list_name,
            area: Area::from_tree(&actor.tree, row.area_id),
            served_on: Date(row.served_on),
            meal: row.meal.into(),
            starts_at: DateTime(row.starts_at),
            due_at: DateTime(row.due_at),
            status,
            claim: row.claimed_by.map(|_| MealClaim {
                is_mine,
                holder_name: seen.claimant.filter(|_| may_name),
                claimed_at: row.claimed_at.map(DateTime),
            }),
            progress: MealProgress {
                total: progress.total,
                delivered: progress.delivered,
                tried: progress.tried,
                open: progress.open,
                missed: progress.missed,
            },
            buildings: buildings
                .filter_map(|area| Area::from_tree(&actor.tree, *area))
                .collect(),
            doors: seen
                .doors
                .into_iter()
                .map(|door| VisitTask::new(cx, door))
                .collect(),
        })
    }
}
