//! Made-up people: names of their generation, ID numbers and phones that nobody has.

use std::collections::HashSet;

use chrono::{Datelike as _, Days, Months, NaiveDate};
use entity::enums::Gender;
use rand_chacha::ChaCha8Rng;
use rand_chacha::rand_core::{Rng as _, SeedableRng as _};

use crate::accounts::phone::Phone;
use crate::residents::id_number::{IdNumber, check_character};

/// The surnames of nearly half of all people, those of most others, and some of the rest.
const SURNAMES: [&str; 3] = [
    "王李张刘陈杨赵黄周吴徐孙",
    "胡朱高林何郭马罗梁宋郑谢韩唐冯于董程曹袁邓许汪陶方夏",
    "傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶潘杜戴钟田任姜范石姚谭邹熊金陆孔崔康毛邱秦江史顾侯邵孟龙万段章钱汤尹黎易常武乔贺赖龚文葛盛殷柏俞鲍",
];

/// Given names of one generation and gender: single characters, first of two, second of two.
struct Given {
    single: &'static str,
    first: &'static str,
    second: &'static str,
    /// How many of 100 have a single character.
    single_share: usize,
}

const OLD_MEN: Given = Given {
    single: "明华林贵福",
    first: "德永长金国传家正兆广世成学洪士玉",
    second: "福贵根宝富友银明林发荣山海清文才",
    single_share: 6,
};
const OLD_WOMEN: Given = Given {
    single: "英兰珍芳",
    first: "秀桂玉素凤翠月淑金银巧荣腊传维其",
    second: "英兰珍芳华梅芝云霞琴香莲侠荣",
    single_share: 6,
};
const MIDDLE_MEN: Given = Given {
    single: "军勇强伟斌刚平涛峰辉",
    first: "建志国卫海明永文世家晓春德",
    second: "军强华平东兵民生勇林峰文辉",
    single_share: 25,
};
const MIDDLE_WOMEN: Given = Given {
    single: "丽敏静燕红霞萍梅琴娟",
    first: "丽海春小晓秀爱玉美建金冬",
    second: "华红霞梅萍芳燕琴云娟玲英",
    single_share: 25,
};
const YOUNG_MEN: Given = Given {
    single: "磊超鹏杰浩凯亮飞俊博",
    first: "俊子文志宇晓嘉天明家",
    second: "杰豪轩龙伟翔鹏飞斌成",
    single_share: 35,
};
const YOUNG_WOMEN: Given = Given {
    single: "婷倩雪悦颖璐洁莉",
    first: "雨思梦佳晓雅欣文若静",
    second: "琪怡雪颖洁瑶慧敏雯婷",
    single_share: 25,
};
const BOYS: Given = Given {
    single: "睿轩昊",
    first: "子浩宇梓俊奕一沐嘉铭",
    second: "轩涵辰宸然泽阳豪航霖",
    single_share: 5,
};
const GIRLS: Given = Given {
    single: "玥萱妍",
    first: "子梓欣诗雨一语可若思",
    second: "涵萱怡妍彤诺瑶琪晨桐",
    single_share: 5,
};

/// A made-up person.
#[derive(Clone, Debug)]
pub struct Person {
    /// Surname and given name.
    pub name: String,
    /// Gender.
    pub gender: Gender,
    /// Birth date.
    pub born_on: NaiveDate,
    /// ID number under 341191, unique among those of one maker.
    pub id_number: Option<IdNumber>,
}

/// Makes people; the same seed makes the same ones, but for the years of their birth.
#[derive(Debug)]
pub struct Maker {
    rng: ChaCha8Rng,
    today: NaiveDate,
    numbers: HashSet<String>,
    phones: u64,
}

impl Maker {
    /// A maker of people whose ages are counted on a day.
    #[must_use]
    pub fn new(seed: u64, today: NaiveDate) -> Self {
        Self {
            rng: ChaCha8Rng::seed_from_u64(seed),
            today,
            numbers: HashSet::new(),
            phones: 0,
        }
    }

    /// A number from 0 to below `end`.
    pub fn below(&mut self, end: usize) -> usize {
        // Widening multiplication; the bias of a 32-bit draw does not matter here.
        usize::try_from((u64::from(self.rng.next_u32()) * end as u64) >> 32).unwrap_or_default()
    }

    /// Whether something happens that happens in so many of 100 cases.
    pub fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }

    /// One of several.
    pub fn pick<'a, T>(&mut self, choices: &'a [T]) -> &'a T {
        &choices[self.below(choices.len())]
    }

    /// A surname, roughly as frequent as it really is.
    pub fn surname(&mut self) -> char {
        let row = match self.below(100) {
            0..46 => 0,
            46..80 => 1,
            _ => 2,
        };
        self.character(SURNAMES[row])
    }

    /// A name of a generation; `age` decides which.
    pub fn name(&mut self, surname: char, gender: Gender, age: u32) -> String {
        let given = match (gender, age) {
            (Gender::Male, 68..) => OLD_MEN,
            (_, 68..) => OLD_WOMEN,
            (Gender::Male, 42..) => MIDDLE_MEN,
            (_, 42..) => MIDDLE_WOMEN,
            (Gender::Male, 17..) => YOUNG_MEN,
            (_, 17..) => YOUNG_WOMEN,
            (Gender::Male, _) => BOYS,
            (_, _) => GIRLS,
        };
        if self.chance(given.single_share) {
            return format!("{surname}{}", self.character(given.single));
        }
        let first = self.character(given.first);
        let mut second = self.character(given.second);
        while second == first {
            second = self.character(given.second);
        }
        format!("{surname}{first}{second}")
    }

    /// A person of this age.
    pub fn person(&mut self, surname: char, gender: Gender, age: u32) -> Person {
        let name = self.name(surname, gender, age);
        let days = self.below(360) as u64;
        let born_on = self
            .today
            .checked_sub_months(Months::new(age * 12))
            .and_then(|day| day.checked_sub_days(Days::new(days)))
            .unwrap_or(self.today);
        let id_number = self.id_number(born_on, gender);
        Person {
            name,
            gender,
            born_on,
            id_number,
        }
    }

    fn id_number(&mut self, born_on: NaiveDate, gender: Gender) -> Option<IdNumber> {
        let parity = usize::from(gender == Gender::Male);
        let start = self.below(450);
        // The next free number, so that how many draws are made does not depend on the day.
        (start..start + 499).find_map(|number| {
            let sequence = number % 499 * 2 + parity;
            let date = born_on.year() * 10_000
                + i32::try_from(born_on.month() * 100 + born_on.day()).ok()?;
            let body = format!("341191{date}{sequence:03}");
            let text = format!("{body}{}", check_character(&body)?);
            let new = self.numbers.insert(text.clone());
            IdNumber::parse(&text).ok().filter(|_| new)
        })
    }

    /// A phone number that begins with these three digits and was not given before.
    pub fn phone(&mut self, prefix: &str) -> Option<Phone> {
        self.phones += 1;
        // A step without a factor of 10 comes back to no number before all were used.
        let number = self.phones * 76_543_217 % 100_000_000;
        Phone::mobile(&format!("{prefix}{number:08}"))
    }

    fn character(&mut self, choices: &str) -> char {
        let at = self.below(choices.chars().count());
        choices.chars().nth(at).unwrap_or('王')
    }
}

/// Man or woman, the one who is not the other.
#[must_use]
pub fn spouse_of(gender: Gender) -> Gender {
    match gender {
        Gender::Male => Gender::Female,
        Gender::Female | Gender::Unknown => Gender::Male,
    }
}
