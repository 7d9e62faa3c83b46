//! What can go wrong: the code is for phones, the message for people, the source for the log.

use std::fmt;

use sea_orm::{DbErr, SqlErr};
use serde::{Deserialize, Serialize};

/// The language a reader asked for in `Accept-Language`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Language {
    /// Simplified Chinese, the default.
    #[default]
    Chinese,
    /// English.
    English,
}

macro_rules! codes {
    ($($(#[$doc:meta])* $code:ident: $chinese:literal, $english:literal;)*) => {
        /// Why a mutation was refused. Codes never change; messages may.
        #[expect(clippy::enum_variant_names, reason = "codes are spelt for phones")]
        #[derive(
            Clone, Copy, Debug, PartialEq, Eq, Hash, Serialize, Deserialize, async_graphql::Enum,
        )]
        #[serde(rename_all = "SCREAMING_SNAKE_CASE")]
        #[graphql(name = "ErrorCode")]
        pub enum Code {
            $($(#[$doc])* $code,)*
        }

        impl Code {
            /// Every code there is.
            pub const ALL: &'static [Self] = &[$(Self::$code,)*];

            /// The code as it is spelt for phones.
            #[must_use]
            pub fn code(self) -> &'static str {
                use async_graphql::resolver_utils::EnumType as _;
                let item = Self::items().iter().find(|item| item.value == self);
                item.map_or("", |item| item.name)
            }

            /// The sentence for people.
            #[must_use]
            pub const fn message(self, language: Language) -> &'static str {
                match (self, language) {
                    $(
                        (Self::$code, Language::Chinese) => $chinese,
                        (Self::$code, Language::English) => $english,
                    )*
                }
            }
        }
    };
}

codes! {
    /// Nothing with this id is within your scope.
    NotFound: "未找到，或不在您的管辖范围内", "Not found, or outside your scope";
    /// You may see the object, but not do this to it.
    NotPermitted: "您没有进行此操作的权限", "You are not permitted to do this";
    /// The object changed since you read it; the current one comes with the answer.
    VersionConflict: "内容已被他人更新，请核对后重试", "It has changed since you read it; look again and retry";
    /// This idempotency key was used before with other input.
    IdempotencyKeyReused: "该幂等键已用于其他请求", "This idempotency key was used with other input";
    /// A required value is empty.
    Required: "此项必填", "A value is required";
    /// A text is longer than its field takes.
    TooLong: "内容过长", "The text is too long";
    /// A text holds characters that no screen shows.
    TextInvalid: "内容包含无法显示的字符", "The text holds characters that cannot be shown";
    /// The id is not a UUIDv7.
    UuidInvalid: "编号须为UUIDv7", "The id must be a UUIDv7";
    /// The id belongs to something else.
    IdTaken: "该编号已被使用", "The id belongs to something else";
    /// A value lies outside what is possible.
    OutOfRange: "数值超出允许范围", "The value is out of range";
    /// The end does not lie after the beginning.
    WindowInvalid: "结束时间必须晚于开始时间", "The end must be after the beginning";
    /// The instant lies too far in the future for the server's clock.
    TimeInFuture: "时间晚于当前时间，请检查手机时钟", "The time is in the future; check the phone's clock";
    /// Not a mainland mobile number.
    PhoneInvalid: "手机号格式不正确", "Not a valid mobile number";
    /// The ID number's check digit does not fit (GB 11643).
    IdChecksum: "身份证号校验位不正确", "The ID number's check digit is wrong";
    /// Phone number and password do not belong together.
    CredentialsInvalid: "手机号或密码不正确", "Phone number or password is wrong";
    /// Too many wrong attempts; try again later.
    TemporarilyLocked: "尝试次数过多，请稍后再试", "Too many attempts; try again later";
    /// The one-time code is wrong, used or out of date.
    CodeInvalid: "验证码不正确或已过期", "The code is wrong or has expired";
    /// The password is shorter than 10 characters, longer than 128 or easy to guess.
    PasswordWeak: "密码至少10个字符，且不能过于简单", "The password needs 10 characters or more and must not be easy to guess";
    /// The refresh token is unknown, used or out of date: sign in again.
    SessionEnded: "登录已失效，请重新登录", "The session has ended; sign in again";
    /// An account with this phone number exists.
    PhoneTaken: "该手机号已有账号", "An account with this phone number exists";
    /// This role may not be granted by yours.
    RoleAboveYours: "不能授予高于自己的角色", "You cannot grant a role above your own";
    /// The last administrator stays.
    LastAdministrator: "不能移除最后一位管理员", "The last administrator cannot be removed";
    /// This grant has ended already.
    GrantEnded: "该授权已结束", "This grant has already ended";
    /// The role needs another kind of area.
    AreaKindUnfit: "该角色不能授予在此级区域", "This role cannot be granted at this level of area";
    /// Somebody else holds the claim.
    AlreadyClaimed: "任务已被他人认领", "Somebody else has claimed this task";
    /// The task is not open.
    NotOpen: "任务当前不可认领", "The task is not open";
    /// You do not hold a live claim on this task.
    NotClaimedByYou: "您未认领此任务", "You have not claimed this task";
    /// The task has been started already.
    AlreadyStarted: "任务已开始", "The task has already been started";
    /// The task was reported already.
    AlreadyReported: "任务已提交反馈", "The task has already been reported";
    /// The task has no report that waits for verification.
    NotReported: "任务没有待核实的反馈", "There is no report waiting for verification";
    /// The task has reached its end.
    AlreadyFinished: "任务已结束", "The task has already ended";
    /// Nobody verifies their own report; it goes to the next level.
    OwnReport: "不能核实自己的反馈，请由上一级核实", "You cannot verify your own report; it goes to the next level";
    /// You hold as many live claims as are allowed.
    ClaimLimit: "您认领的任务已达上限，请先完成或放弃", "You hold as many claims as are allowed; finish or release one first";
    /// The task's planned window has passed.
    WindowPassed: "任务的计划时间已过", "The task's planned window has passed";
    /// The resident does not live in this household.
    ResidentElsewhere: "该居民不住在此户", "The resident does not live in this household";
    /// The resident has died or the household is closed.
    NoLongerHere: "该居民已故或该户已注销", "The resident has died or the household is closed";
    /// The person is enrolled already.
    AlreadyEnrolled: "该居民已纳入探访", "The resident is enrolled already";
    /// The enrolment has ended.
    EnrolmentEnded: "该探访登记已结束", "The enrolment has ended";
    /// The area is retired or of the wrong kind for this.
    AreaUnfit: "该区域不适用或已停用", "The area does not fit here or is retired";
    /// The building has a household at this unit and room.
    HouseholdExists: "该楼栋此单元房号已有住户", "The building has a household at this unit and room";
    /// People live in the household.
    HouseholdOccupied: "该户仍有居民居住", "People live in the household";
    /// The household does not fit here: it is the same one.
    HouseholdUnfit: "不能与自身合并", "A household cannot be merged into itself";
    /// Nobody would stay: the household moves as a whole.
    EverybodyLeaves: "全部成员都要迁出，请改用整户迁移", "Nobody would stay; move the household instead";
    /// It is not what the preview showed any more.
    PreviewOutdated: "数量与预览不符，请重新预览", "The numbers differ from the preview; look again";
    /// Not of the form of an ID number, or with an impossible birth date.
    IdInvalid: "身份证号格式不正确", "Not a valid ID number";
    /// A resident with this ID number is on record; nothing more is told.
    IdNumberTaken: "该身份证号已有登记", "A resident with this ID number is on record";
    /// The birth date differs from the one in the ID number.
    BornOnMismatch: "出生日期与身份证号不符", "The birth date differs from the one in the ID number";
    /// The gender differs from the one in the ID number.
    GenderMismatch: "性别与身份证号不符", "The gender differs from the one in the ID number";
    /// The dates overlap an earlier enrolment of the resident.
    EnrolmentOverlaps: "日期与以往的探访登记重叠", "The dates overlap an earlier enrolment";
    /// The enrolment is paused already.
    AlreadyPaused: "探访已暂停", "The enrolment is paused already";
    /// Not a month like 2026-03.
    MonthInvalid: "月份格式应为2026-03", "A month looks like 2026-03";
    /// The month is not over yet.
    MonthNotOver: "该月尚未结束", "The month is not over yet";
    /// Nothing has changed since the month was closed.
    NothingChanged: "结账后没有变化", "Nothing has changed since it was closed";
    /// The day lies in the past.
    DayPast: "日期已过", "The day is in the past";
    /// Not a rule of days: RFC 5545 with FREQ, INTERVAL, BYDAY, BYMONTHDAY, BYMONTH, BYSETPOS, WKST.
    RecurrenceInvalid: "周期规则不正确", "Not a rule of days (RFC 5545)";
    /// The enrolment is not paused.
    NotPaused: "探访未暂停", "The enrolment is not paused";
    /// The service record would fall below zero.
    ServiceBelowZero: "更正后服务时长不能为负", "The service record would fall below zero";
    /// Another volunteer has this volunteer number.
    VolunteerNumberTaken: "该志愿者编号已有登记", "Another volunteer has this volunteer number";
    /// The entry has been annulled already.
    AlreadyAnnulled: "该记录已作废", "The entry has been annulled already";
    /// You have recorded as many visits afterwards today as one person may.
    DailyLimit: "您今日补记的探访已达上限", "You have recorded as many visits afterwards today as one person may";
    /// The visit's last report proposes no tier.
    NothingProposed: "该反馈没有提出关爱等级建议", "The report proposes no tier";
    /// The visit's last report names nothing that is needed.
    NothingNeeded: "该反馈没有提出需求", "The report names nothing that is needed";
    /// Nobody there is to be visited.
    NobodyThere: "该范围内没有符合条件的探访对象", "Nobody there is to be visited";
    /// Somebody takes care of the alarm already.
    AlreadyAcknowledged: "已有人响应此紧急上报", "Somebody takes care of the alarm already";
    /// Nobody has taken the alarm on yet.
    NotAcknowledged: "请先响应，再办结", "Acknowledge the alarm before closing it";
    /// You have claimed as many visits today as one person may.
    DailyClaimLimit: "您今日认领的任务已达上限", "You have claimed as many visits today as one person may";
    /// The center household of the building is asked first.
    CenterFirst: "该楼栋任务优先由中心户认领，请稍后再试", "The building's center household is asked first; try again later";
    /// This kind of visit asks for an age that is not on record.
    AgeUnfit: "该类任务有年龄要求，您的档案不符合或未登记出生日期", "This kind of visit asks for an age that your profile does not show";
    /// This kind of visit asks for a training that is not on record.
    TrainingMissing: "该类任务需要培训，您的档案中没有有效的培训记录", "This kind of visit asks for a training that your profile does not show";
    /// The same person is expected elsewhere at that time.
    TimeConflict: "与已约定的另一项安排时间冲突", "Something else is appointed at that time";
    /// The appointment is so near that only a lead can give the visit to somebody else.
    ReleaseTooLate: "距约定时间太近，请联系网格长改派", "The appointment is too near; ask the grid lead to reassign it";
    /// The lease has been renewed as often as it may.
    RenewalLimit: "认领时限已不能再延长", "The lease cannot be renewed again";
    /// The account may not claim visits there.
    NotAssignable: "该账号不能承接此处的任务", "The account may not take on visits there";
    /// The person is away at that time already.
    AbsenceOverlaps: "该时段已登记请假", "The person is away at that time already";
    /// Who stands in must answer for the same areas.
    StandInUnfit: "代班人须负责同一区域", "Who stands in must answer for the same areas";
    /// Who is on duty must answer for the area.
    NotOnDutyThere: "该账号不负责此区域", "The account does not answer for that area";
    /// It has ended already.
    AlreadyEnded: "已结束", "It has ended already";
    /// Nobody waits for it any more: it is settled.
    AlreadySettled: "该事项已办结", "It is settled already";
    /// Somebody has decided on the finding already.
    AlreadyDecided: "该发现已由他人处理", "Somebody has decided on the finding already";
    /// The finding is not a confirmed one.
    NotConfirmed: "该发现未经确认，无需撤销", "The finding is not a confirmed one";
    /// A confirmation can be taken back for 90 days.
    UndoTooLate: "确认已超过90天，不能撤销", "It was confirmed more than 90 days ago";
    /// The door belongs to a batch of meals, which is claimed, released and given on as one.
    ClaimedAsBatch: "该户属于送餐批次，请整批认领、放弃或改派", "This door belongs to a batch of meals; claim, release or reassign the batch";
    /// The person is not enrolled in care visits.
    NotEnrolled: "该居民未纳入探访", "The resident is not enrolled in visits";
    /// The person is on another meal list.
    OnAnotherMealList: "该居民已在其他送餐名单中", "The resident is on another meal list";
    /// The person does not live in the area of the meal list.
    OutsideMealArea: "该居民不住在送餐名单的区域内", "The resident does not live in the area of the meal list";
    /// The door is not one of this batch.
    NotInBatch: "该任务不属于此送餐批次", "This visit is not a door of the batch";
    /// A beneficiary with this ID number is on record.
    BeneficiaryKnown: "该身份证号已有优抚对象登记", "A beneficiary with this ID number is on record";
    /// The resident is another beneficiary already.
    AlreadyMatched: "该居民已与另一优抚对象关联", "The resident is another beneficiary already";
    /// A round of this year covers some of the area and categories already.
    RoundOverlaps: "同一年度、区域和类别已有认证批次", "A round of this year covers some of this already";
    /// The round was closed or voided.
    RoundNotOpen: "该认证批次已结束或作废", "The round was closed or voided";
    /// The round is not closed: change its checks instead.
    RoundNotClosed: "该认证批次尚未结束，请直接修改核查", "The round is not closed; change its checks instead";
    /// Somebody on the roster is unresolved.
    RosterUnresolved: "名册中仍有人员未完成认证，不能结束批次", "Somebody on the roster is unresolved";
    /// A check of the round has been confirmed.
    RoundConfirmed: "批次中已有确认的核查，不能作废", "A check of the round has been confirmed";
    /// The round does not certify this beneficiary: another area, another category, or ended.
    RoundUnfit: "该对象不在本批次的区域或类别范围内", "The round does not certify this beneficiary";
    /// The check waits for somebody to confirm it.
    AlreadyChecked: "该对象已核查，等待复核", "The check waits for somebody to confirm it";
    /// Nothing has been checked that could be confirmed.
    NotChecked: "尚无核查结果可以复核", "Nothing has been checked yet";
    /// The session or slot has no place left.
    SessionFull: "名额已满", "No place is left";
    /// The slot has begun.
    SlotBegun: "该时段已开始", "The slot has begun";
    /// The slot was called off.
    SlotCancelled: "该时段已取消", "The slot was called off";
    /// The offer is not published, or not for that day.
    OfferUnavailable: "该服务未发布，或当日不提供", "The offer is not published, or not for that day";
    /// The offer is not open where the household lives.
    OutsideOfferArea: "该服务未在此户所在区域开放", "The offer is not open where the household lives";
    /// Nobody of the household is whom the offer is meant for; which of its conditions is not met is not told.
    NotEligible: "此户不符合该服务的条件", "The household does not meet the conditions of the offer";
    /// The offer asks for what you may not read of a household: a lead or the community books it.
    EligibilityByStaff: "该服务的条件须由网格长或社区核对，请由其代为预约", "A lead or the community checks the conditions of this offer and books it";
    /// The household has a booking of this offer that may still come about.
    AlreadyBooked: "此户已预约该服务", "The household has a live booking of this offer";
    /// The wish is taken on already, or has ended.
    WishUnfit: "该微心愿已被承接或已结束，不能预约", "The wish is taken on already or has ended";
    /// The booking does not wait for the partner to confirm it.
    BookingNotRequested: "该预约无需确认", "The booking does not wait to be confirmed";
    /// No place is held for the booking that could be accepted.
    BookingNotOffered: "该预约没有可接受的名额", "No place is held for this booking to accept";
    /// The time to accept the place has passed.
    BookingLapsed: "接受名额的时限已过", "The time to accept the place has passed";
    /// The booking is not confirmed.
    BookingNotConfirmed: "该预约尚未确认", "The booking is not confirmed";
    /// It is too late for the household to cancel: the partner or the community calls it off.
    CancelTooLate: "已过取消时限，请联系社区或合伙人取消", "It is too late for the household to cancel; ask the community or the partner";
    /// More bookings hold a place than that; they are named beside this refusal.
    CapacityBelowBooked: "名额不能少于已预约数", "More bookings hold a place than that";
    /// The session has not begun: cancel it instead.
    SessionNotBegun: "尚未开始，可取消或等开始后再结束", "It has not begun; cancel it, or close it later";
    /// Nobody confirms or settles what they checked themselves.
    OwnCheck: "不能复核或特别处理自己核查的对象", "You cannot confirm or settle what you checked yourself";
    /// The check is offered or handed over to another station.
    HandedOver: "该核查已提交移交或已移交其他站点", "The check is offered or handed over to another station";
    /// Nobody accepts a hand-over that they offered themselves.
    OwnOffer: "不能接收自己发起的移交", "You cannot accept a hand-over that you offered yourself";
    /// No visit at somebody's home is planned to which one could come along.
    NoHomeVisit: "尚未安排上门，不能安排陪同", "No visit at their home is planned to come along to";
    /// Somebody is asked to come along already.
    AlreadyAsked: "已有人被邀请陪同", "Somebody is asked to come along already";
    /// The person has no visit to be made on which this could be noted.
    NoTask: "该居民没有可登记的待办任务", "The person has no visit to be made on which to note this";
    /// Something else there has this name.
    NameTaken: "该名称已被使用", "The name is taken";
    /// The area is not opened to the partner.
    AreaNotOpened: "该区域未向此合伙人开放", "The area is not opened to the partner";
    /// No bytes were sent.
    FileEmpty: "文件是空的", "The file is empty";
    /// The file has more bytes than it may.
    FileTooLarge: "文件过大", "The file is too large";
    /// The content is of no kind that is taken, whatever its name says.
    FileUnsupported: "不支持此类文件", "Files of this kind are not taken";
    /// The file is damaged or incomplete.
    FileBroken: "文件已损坏或不完整", "The file is damaged or incomplete";
    /// The file opens with a password only, or is protected from changes.
    FileEncrypted: "文件已加密，请去掉密码后再上传", "The file is encrypted; take the password off first";
    /// The check has as many files as it may.
    AttachmentLimit: "附件数量已达上限", "It has as many files as it may";
    /// A check that has no file yet, although its channel demands one.
    EvidenceMissing: "缺少证明材料，请先上传照片或扫描件", "Evidence is missing: add a photo or a scan first";
    /// What everybody may read of a wish holds what looks like a phone or an ID number.
    PersonalNumber: "此处不能填写电话或证件号码，请写入备注", "No phone or ID number belongs here; put it into the notes";
    /// The household's code was shown to you or to another who lends a hand: it proves nothing.
    OwnCode: "验证码曾向您或其他参与人出示，不能作为凭证", "The code was shown to you or to another who lends a hand; it proves nothing";
    /// Nobody enters what a household says of their own work.
    OwnWord: "不能代录对自己所做服务的评价", "You cannot enter what a household says of your own work";
    /// The wish is not fulfilled yet.
    NotFulfilled: "该微心愿尚未完成", "The wish is not fulfilled yet";
    /// A slot is booked for the wish: its booking is cancelled instead.
    WishBooked: "该微心愿已有预约，请取消预约", "A slot is booked for the wish; cancel the booking instead";
    /// Nobody verifies their own minutes.
    OwnMinutes: "不能核实自己的服务时长", "You cannot verify your own minutes";
    /// A text in neither UTF-8 nor GB18030.
    FileEncoding: "文字编码不是UTF-8或GB18030", "The text is in neither UTF-8 nor GB18030";
}

impl Code {
    /// The code as phones see it.
    #[must_use]
    pub fn as_str(self) -> &'static str {
        let items = <Self as async_graphql::resolver_utils::EnumType>::items();
        let named = items.iter().find(|item| item.value == self);
        named.map_or("", |item| item.name)
    }
}

/// What stops a whole operation: GraphQL's top-level errors, a closed list.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Stop {
    /// The document, a scalar or a paging argument is wrong.
    BadUserInput,
    /// No valid access token came with the request.
    Unauthenticated,
    /// The access token's grants or session have changed: refresh it.
    TokenStale,
    /// A field that none of the actor's roles ever has.
    Forbidden,
    /// The document asks for more than one request may.
    QueryTooComplex,
    /// Too many requests in a short time.
    RateLimited,
    /// The server does not hold the document with this hash: send its text along.
    PersistedQueryNotFound,
    /// The operation took too long.
    Timeout,
    /// There is more to do than the server can: nothing was begun, come back in a moment.
    Overloaded,
    /// Our fault; the log knows more under the request id.
    Internal,
}

impl Stop {
    /// Every code there is.
    pub const ALL: [Self; 10] = [
        Self::BadUserInput,
        Self::Unauthenticated,
        Self::TokenStale,
        Self::Forbidden,
        Self::QueryTooComplex,
        Self::RateLimited,
        Self::PersistedQueryNotFound,
        Self::Timeout,
        Self::Overloaded,
        Self::Internal,
    ];

    /// The value of `extensions.code`.
    #[must_use]
    pub const fn code(self) -> &'static str {
        match self {
            Self::BadUserInput => "BAD_USER_INPUT",
            Self::Unauthenticated => "UNAUTHENTICATED",
            Self::TokenStale => "TOKEN_STALE",
            Self::Forbidden => "FORBIDDEN",
            Self::QueryTooComplex => "QUERY_TOO_COMPLEX",
            Self::RateLimited => "RATE_LIMITED",
            Self::PersistedQueryNotFound => "PERSISTED_QUERY_NOT_FOUND",
            Self::Timeout => "TIMEOUT",
            Self::Overloaded => "OVERLOADED",
            Self::Internal => "INTERNAL",
        }
    }

    /// The sentence for people.
    #[must_use]
    pub const fn message(self, language: Language) -> &'static str {
        match (self, language) {
            (Self::BadUserInput, Language::Chinese) => "请求参数不正确",
            (Self::BadUserInput, Language::English) => "The request's arguments are wrong",
            (Self::Unauthenticated, Language::Chinese) => "请先登录",
            (Self::Unauthenticated, Language::English) => "Sign in first",
            (Self::TokenStale, Language::Chinese) => "授权已变更，请刷新登录",
            (Self::TokenStale, Language::English) => {
                "Your grants have changed; refresh the session"
            }
            (Self::Forbidden, Language::Chinese) => "您的角色无权查看或进行此操作",
            (Self::Forbidden, Language::English) => "None of your roles may do this",
            (Self::QueryTooComplex, Language::Chinese) => "查询过于复杂，请减少字段或每页数量",
            (Self::QueryTooComplex, Language::English) => {
                "The query is too complex; ask for fewer fields or smaller pages"
            }
            (Self::RateLimited, Language::Chinese) => "请求过于频繁，请稍后再试",
            (Self::RateLimited, Language::English) => "Too many requests; try again later",
            // Clients of the persisted-documents protocol recognise this very text.
            (Self::PersistedQueryNotFound, _) => "PersistedQueryNotFound",
            (Self::Internal, Language::Chinese) => "服务器内部错误，请稍后重试",
            (Self::Internal, Language::English) => "Internal error; try again later",
            (Self::Timeout, Language::Chinese) => "处理超时，请稍后重试",
            (Self::Timeout, Language::English) => "It took too long; try again later",
            (Self::Overloaded, Language::Chinese) => "当前访问人数过多，请稍候再试",
            (Self::Overloaded, Language::English) => {
                "Too much is asked at once; try again in a moment"
            }
        }
    }
}

/// A refusal that leaves everything as it was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Refusal {
    /// Why.
    pub code: Code,
    /// The input field that is to blame, in GraphQL spelling.
    pub field: Option<&'static str>,
}

/// Anything that keeps a use case from its end.
#[derive(Debug)]
pub enum Error {
    /// A value or a state does not allow it: a `userErrors` entry.
    Refused(Refusal),
    /// `VERSION_CONFLICT` on the object with this primary key, which comes with the answer.
    Conflict(uuid::Uuid),
    /// The operation stops: a top-level error, with the argument that is to blame.
    Stopped(Stop, Option<&'static str>),
    /// Our fault: masked for clients, logged with its source.
    Internal(Box<dyn std::error::Error + Send + Sync>),
}

impl Error {
    /// A refusal without a field.
    #[must_use]
    pub const fn refused(code: Code) -> Self {
        Self::Refused(Refusal { code, field: None })
    }

    /// Names the input field that is to blame, unless one is named already.
    #[must_use]
    pub fn on(self, field: &'static str) -> Self {
        match self {
            Self::Refused(Refusal { code, field: None }) => Self::Refused(Refusal {
                code,
                field: Some(field),
            }),
            other => other,
        }
    }

    /// Where a unique key over `column` was violated, a refusal on `field`; else the error itself.
    #[must_use]
    pub fn where_unique(self, column: &str, code: Code, field: &'static str) -> Self {
        let Self::Internal(source) = &self else {
            return self;
        };
        match source.downcast_ref().and_then(DbErr::sql_err) {
            // Both databases name the key's columns in it, and no value.
            Some(SqlErr::UniqueConstraintViolation(key)) if key.contains(column) => {
                Self::refused(code).on(field)
            }
            _ => self,
        }
    }

    /// An internal error described by a sentence for the log.
    #[must_use]
    pub fn internal(message: impl Into<String>) -> Self {
        Self::Internal(message.into().into())
    }
}

impl fmt::Display for Error {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Refused(refusal) => f.write_str(refusal.code.message(Language::English)),
            Self::Conflict(_) => f.write_str(Code::VersionConflict.message(Language::English)),
            Self::Stopped(stop, _) => f.write_str(stop.message(Language::English)),
            Self::Internal(source) => write!(f, "internal error: {source}"),
        }
    }
}

impl std::error::Error for Error {}

impl From<DbErr> for Error {
    fn from(error: DbErr) -> Self {
        Self::Internal(error.into())
    }
}

impl From<Stop> for Error {
    fn from(stop: Stop) -> Self {
        Self::Stopped(stop, None)
    }
}

/// What use cases return.
pub type Result<T, E = Error> = std::result::Result<T, E>;
