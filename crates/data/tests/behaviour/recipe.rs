//! The recipe's sections: defaults, choices, and messages that name the key.

use arrears_data::{Duplicates, Preparation, SplitMethod};
use arrears_model::Special;
use arrears_model::schema::{OutOfRange, Unseen};

#[test]
fn every_key_is_read_and_other_sections_are_left_alone() {
    let preparation = Preparation::from_toml(
        r#"
        kind = "scorecard"
        [data]
        path = "data.csv"
        target = "status"
        positive = 1
        id = "id"
        exclude = ["note"]
        [clean]
        missing = ["", " NA "]
        duplicates = "keep"
        [columns.income]
        type = "number"
        min = 0
        max = 100000
        out_of_range = "clip"
        special = [99999999, [-9, -1]]
        reason = "Income"
        [columns."城市"]
        unseen = "missing"
        [split]
        method = "time"
        column = "date"
        from = "2024-01-01"
        [binning]
        max_bins = 5
        "#,
    )
    .unwrap();
    assert_eq!(preparation.data.positive.as_deref(), Some("1"));
    assert_eq!(preparation.missing(), ["", "NA"]);
    assert_eq!(preparation.duplicates(), Duplicates::Keep);
    let income = &preparation.columns["income"];
    assert_eq!((income.min, income.out_of_range), (Some(0.0), Some(OutOfRange::Clip)));
    assert_eq!(income.special, [Special::Value(99999999.0), Special::Range([-9.0, -1.0])]);
    assert_eq!(preparation.columns["城市"].unseen, Some(Unseen::Missing));
    assert_eq!(preparation.split.method, SplitMethod::Time);
    let again: Preparation = toml::from_str(&toml::to_string(&preparation).unwrap()).unwrap();
    assert_eq!(again, preparation);
}

#[test]
fn an_empty_recipe_has_defaults() {
    let preparation = Preparation::from_toml("").unwrap();
    assert_eq!(preparation, Preparation::default());
    assert_eq!(preparation.duplicates(), Duplicates::Keep);
    assert!(preparation.missing().iter().any(|m| m == "NA"));
    assert_eq!(preparation.split.seed, 7);
    let with_id = Preparation::from_toml("[data]\nid = \"id\"").unwrap();
    assert_eq!(with_id.duplicates(), Duplicates::Drop);
}

#[test]
fn faults_name_the_key_and_what_is_allowed() {
    let cases = [
        ("[data]\ntargte = \"x\"", "targte"),
        ("[clean]\nduplicates = \"remove\"", "`drop` or `keep`"),
        ("[columns.x]\ntype = \"text\"", "`number`, `category`, `date`"),
        ("[split]\nmethod = \"stratified\"", "`random`, `time`, `column`"),
        ("[split]\ntest = 25", "split.test: expected a share between 0 and 1"),
        ("[split]\ntest = nan", "split.test"),
        ("[split]\nmethod = \"time\"", "split.column"),
        ("[split]\ncolumn = \"d\"", "split.column"),
        ("[split]\nmethod = \"time\"\ncolumn = \"d\"\nfrom = 2020\ntest = 0.1", "split.from"),
        ("[split]\nmethod = \"column\"\ncolumn = \"d\"", "split.test_value"),
        ("[split]\ntest_value = \"x\"", "split.test_value"),
        ("[split]\nfrom = \"2024-01-01\"", "split.from"),
        ("[columns.x]\nmin = 2\nmax = 1", "columns.x.min: 2 lies above max = 1"),
        ("[columns.x]\nmin = inf", "finite"),
        ("[columns.x]\nspecial = [5, [-1, -9]]", "columns.x.special: a special range must run from a lower"),
        (
            "[columns.x]\nspecial = [[-9, -1], -1]",
            "columns.x.special: special codes must ascend and not overlap",
        ),
        ("[columns.x]\nspecial = [[-9, -5, -1]]", "a number, or a list [from, to] of two numbers"),
        ("[columns.x]\nspecial = [nan]", "columns.x.special"),
        ("[columns.x]\nout_of_range = \"clip\"", "columns.x.out_of_range: needs min or max"),
        ("[columns.x]\ntype = \"category\"\nmin = 1", "belong to type = \"number\""),
        ("[columns.x]\ntype = \"number\"\nunseen = \"other\"", "columns.x.unseen"),
        ("[data]\npositive = \"bad\"", "data.positive: needs data.target"),
        ("[data", "expected"),
    ];
    for (text, expected) in cases {
        let error = Preparation::from_toml(text).unwrap_err().to_string();
        assert!(error.starts_with("recipe") && error.contains(expected), "{text:?} gave {error}");
    }
}
