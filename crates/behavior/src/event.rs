//! The six kinds of events and the columns that each may have.

/// What a row of an event table tells.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EventKind {
    /// Somebody became a customer; a later row of the same customer is a change.
    Customers,
    /// Goods were ordered.
    Orders,
    /// An amount fell due, and was perhaps paid.
    Payments,
    /// Goods came back.
    Returns,
    /// A credit agency reported on the customer.
    Reports,
    /// The customer's income, debts and assets at the end of a period.
    Financials,
}

/// What the values of a column are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ValueKind {
    /// [`crate::Amount`]s.
    Number,
    /// Texts, kept as codes of a dictionary.
    Text,
    /// [`crate::Moment`]s.
    Time,
}

/// A column that arrears knows by name; a company's own column is mapped onto it. Further columns can be declared and
/// used in filters.
#[derive(Clone, Copy, Debug)]
pub struct StandardColumn {
    /// The name, as features and filters use it.
    pub name: &'static str,
    /// What its values are.
    pub kind: ValueKind,
    /// Its numbers are amounts of money, in the declared currency.
    pub money: bool,
    /// A table without it is refused.
    pub required: bool,
    /// The time column that says from when on the value is known: before, the value is missing. `None`: known with the event.
    pub late: Option<&'static str>,
    /// What it means, with its unit.
    pub meaning: &'static str,
}

impl EventKind {
    /// All kinds, in the order in which tables are read and written.
    pub const ALL: [EventKind; 6] = [
        EventKind::Customers,
        EventKind::Orders,
        EventKind::Payments,
        EventKind::Returns,
        EventKind::Reports,
        EventKind::Financials,
    ];

    /// The name of the table: `orders`.
    pub fn name(self) -> &'static str {
        match self {
            EventKind::Customers => "customers",
            EventKind::Orders => "orders",
            EventKind::Payments => "payments",
            EventKind::Returns => "returns",
            EventKind::Reports => "reports",
            EventKind::Financials => "financials",
        }
    }

    /// The columns that arrears knows of this kind. Every kind has also `customer` (text, the id), `at` (time) and
    /// `known_at` (time; where it is not mapped, the same as `at`).
    pub fn columns(self) -> &'static [StandardColumn] {
        match self {
            EventKind::Customers => CUSTOMERS,
            EventKind::Orders => ORDERS,
            EventKind::Payments => PAYMENTS,
            EventKind::Returns => RETURNS,
            EventKind::Reports => REPORTS,
            EventKind::Financials => FINANCIALS,
        }
    }
}

const fn number(name: &'static str, meaning: &'static str) -> StandardColumn {
    StandardColumn { name, kind: ValueKind::Number, money: false, required: false, late: None, meaning }
}

const fn money(name: &'static str, meaning: &'static str) -> StandardColumn {
    StandardColumn { money: true, ..number(name, meaning) }
}

const fn text(name: &'static str, meaning: &'static str) -> StandardColumn {
    StandardColumn { name, kind: ValueKind::Text, money: false, required: false, late: None, meaning }
}

const fn time(name: &'static str, meaning: &'static str) -> StandardColumn {
    StandardColumn { name, kind: ValueKind::Time, money: false, required: false, late: None, meaning }
}

const fn required(column: StandardColumn) -> StandardColumn {
    StandardColumn { required: true, ..column }
}

const fn late(column: StandardColumn, known: &'static str) -> StandardColumn {
    StandardColumn { late: Some(known), ..column }
}

/// `at` is when the customer joined.
const CUSTOMERS: &[StandardColumn] = &[
    time("born_at", "date of birth"),
    text("region", "where the customer lives"),
    text("group", "peers: customers that are compared with each other"),
];

/// `at` is when the order was placed. Several rows of one `order` are its lines.
const ORDERS: &[StandardColumn] = &[
    required(text("order", "id of the order")),
    money("amount", "what the customer owes for it, in the declared currency"),
    number("quantity", "pieces"),
    money("discount", "amount taken off, in the declared currency"),
    text("category", "kind of goods"),
    text("product", "id of the product"),
    text("channel", "shop, web, app, telephone"),
    text("method", "way of paying chosen at the order"),
];

/// `at` is when the amount is due.
const PAYMENTS: &[StandardColumn] = &[
    text("payment", "id of the payment"),
    text("order", "id of the order paid for"),
    required(money("amount", "what is due, in the declared currency")),
    late(time("paid_at", "when it was paid in full; missing while it is open"), "paid_at"),
    late(money("paid_amount", "what was paid, in the declared currency"), "paid_at"),
    text("method", "cash on delivery, card, transfer, wallet, instalment"),
];

/// `at` is when the goods came back.
const RETURNS: &[StandardColumn] = &[
    text("return", "id of the return"),
    text("order", "id of the order that the goods came from"),
    money("amount", "what is paid back, above zero, in the declared currency"),
    number("quantity", "pieces, above zero"),
    text("reason", "why"),
    text("category", "kind of goods"),
    text("product", "id of the product"),
    // found by `order` while reading; missing where the order is not known
    time("ordered_at", "when the goods were ordered"),
];

/// `at` is the date of the report, `known_at` when it arrived.
const REPORTS: &[StandardColumn] = &[
    text("agency", "who reports"),
    number("score", "the agency's score"),
    number("inquiries", "inquiries in the last twelve months"),
    number("accounts", "open accounts"),
    number("delinquencies", "accounts past due"),
    money("balance", "what is owed in all, in the declared currency"),
    money("credit_limit", "limits of all revolving accounts, in the declared currency"),
    time("oldest_account_at", "when the oldest account was opened"),
];

/// `at` is the end of the period, `known_at` when the statement arrived. Flows are of a year.
const FINANCIALS: &[StandardColumn] = &[
    money("income", "of a year, in the declared currency"),
    money("expenses", "of a year, in the declared currency"),
    money("debt_service", "interest and repayments of a year"),
    money("debt", "all liabilities"),
    money("assets", "all assets"),
    money("current_assets", "assets that become cash within a year"),
    money("current_liabilities", "liabilities due within a year"),
    money("retained_earnings", "profits kept since the start"),
    money("ebit", "profit of a year before interest and tax"),
    money("equity", "book value of equity"),
    money("market_equity", "market value of equity"),
    money("sales", "of a year"),
];
