//! A variable that ends in a single bin although its values could be parted: what stood in the way is said.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Cleaned, Format, Loaded, clean, read_bytes};
use arrears_train::binning::BinningParams;
use arrears_train::binning::analysis::{Analysis, AnalysisOptions, analyse};
use arrears_train::binning::bins::Worth;
use arrears_train::binning::join::join;
use arrears_train::binning::params::{Objective, Trend};
use arrears_train::binning::single::why_single;
use arrears_train::binning::tally::Moments;
use arrears_train::{Recipe, TrainError, Trained, train};

const IV: Worth = Worth::Distance(Objective::Iv);

/// 2,000 rows, of which 630 bad. `income`: the higher the fewer bads. `half`: 0 in 3 rows of 5. `spike`: 0 but for
/// 3 rows of 100; `part`: the same, and missing for a tenth. `product`: 500 names of 4 rows each, `shop`: a frequent
/// one and 20 rare ones that make 2 % together. `coin` tells nothing, `one` has one value.
fn customers() -> String {
    let mut csv = String::from("income,half,spike,part,product,shop,coin,one,y\n");
    for i in 0..2000_u64 {
        let (income, draw) = (i / 20, (i * 37) % 100);
        let half = u8::from(i % 5 > 2);
        let spike = u8::from(i % 100 < 3);
        let part = if i % 10 == 9 { String::new() } else { spike.to_string() };
        let product = (i * 7919) % 500;
        let shop = if i % 50 == 7 { 1 + i % 20 } else { 0 };
        let bad = u8::from(draw < 60 - income * 3 / 5 + 2 * u64::from(half));
        csv += &format!("{income},{half},{spike},{part},p{product},s{shop},{},1,{bad}\n", (i / 2) % 2);
    }
    csv
}

fn loaded() -> Loaded {
    read_bytes("t.csv", Format::Csv, customers().as_bytes()).unwrap()
}

fn recipe(more: &str) -> Recipe {
    let text = format!("[data]\ntarget = \"y\"\npositive = \"1\"\n[clean]\nduplicates = \"keep\"\n{more}");
    Recipe::from_toml(&text, "recipe.toml", "t").unwrap()
}

fn run(more: &str) -> Result<Trained, TrainError> {
    train(&recipe(more), loaded(), "t.csv")
}

fn tables(more: &str, variables: &[&str]) -> Result<Analysis, TrainError> {
    let recipe = recipe(more);
    let cleaned: Cleaned = clean(loaded(), &recipe.preparation).unwrap();
    let variables = variables.iter().map(|name| (*name).to_owned()).collect();
    analyse(&cleaned, &AnalysisOptions { variables, binning: recipe.binning, ..AnalysisOptions::default() })
}

/// Why a variable is in the model or not.
fn reason(trained: &Trained, name: &str) -> String {
    trained.variables.iter().find(|v| v.variable == name).unwrap().reason.clone()
}

/// What is noted of a single bin below the table of a variable.
fn note(more: &str, name: &str) -> String {
    let analysis = tables(more, &[name]).unwrap();
    let [variable] = &analysis.variables[..] else { panic!("{:?}", analysis.variables) };
    assert_eq!(variable.summary.bins, 1);
    let said: Vec<_> = variable.notes.iter().filter(|note| note.starts_with("a single bin: ")).collect();
    assert_eq!(said.len(), 1, "{:?}", variable.notes);
    said[0].clone()
}

#[test]
fn the_limit_that_leaves_a_single_bin_is_named() {
    let rows = "100 pre-bins with 2,000 rows, 1,370 of them good and 630 bad";
    for (limits, variable, expected) in [
        ("min_bads = 20000", "income", format!("no two bins keep `min_bads = 20000`: {rows}")),
        (
            "trend = \"ascending\"\nmax_share = 0.3",
            "income",
            format!("no two bins keep `trend = ascending`: {rows}"),
        ),
        (
            "max_share = 0.3",
            "half",
            "no two bins keep `max_share = 0.3`: 2 pre-bins with 2,000 rows".to_owned(),
        ),
        ("", "spike", "no two bins keep `min_share = 0.05`: 2 pre-bins with 2,000 rows".to_owned()),
        ("", "part", "no two bins keep `min_share = 0.05`: 2 pre-bins with 1,800 rows".to_owned()),
        ("max_p_value = 1e-9", "coin", "no two bins keep `max_p_value = 0.000000001`: 2 pre-bins".to_owned()),
    ] {
        let said = note(&format!("[binning]\n{limits}"), variable);
        assert!(said.starts_with(&format!("a single bin: {expected}")), "{limits}: {said}");
    }
}

#[test]
fn the_report_of_a_training_run_names_it_too() {
    let trained = run("[binning]\nmax_share = 0.3\n[selection]\nforce_in = [\"income\"]").unwrap();
    let half = reason(&trained, "half");
    assert!(half.starts_with("a single bin: no two bins keep `max_share = 0.3`: 2 pre-bins with "), "{half}");
    // A second bin holds the missing: it is the information value that leaves it out.
    let trained = run("[selection]\nforce_in = [\"income\"]").unwrap();
    let part = reason(&trained, "part");
    assert!(part.starts_with("IV 0.0"), "{part}");
    assert!(part.contains("; its values make a single bin: no two bins keep `min_share = 0.05`: "), "{part}");
    // Nothing is in the way of a variable with several bins, and nothing can be done for one with one value.
    assert!(!reason(&trained, "income").contains("single"), "{}", reason(&trained, "income"));
    assert!(!reason(&trained, "half").contains("single"), "{}", reason(&trained, "half"));
    // What is out by name is not explained.
    let trained = run("[selection]\nforce_out = [\"spike\"]").unwrap();
    assert_eq!(reason(&trained, "spike"), "left out by `force_out`");
}

#[test]
fn where_no_variable_is_left_the_limit_is_in_the_error() {
    let error = run("[binning]\nmin_bads = 20000").unwrap_err().to_string();
    assert!(error.contains("such as income: a single bin: no two bins keep `min_bads = 20000`: "), "{error}");
}

#[test]
fn categories_that_are_all_rare_are_told_of() {
    let expected = "a single bin: every category is rarer than `min_share = 0.05` (the largest has 0.20 %): lower \
                    min_share or give `groups`";
    assert_eq!(note("", "product"), expected);
    let trained = run("[selection]\nforce_in = [\"income\"]").unwrap();
    let product = reason(&trained, "product");
    assert!(
        product.starts_with("a single bin: every category is rarer than `min_share = 0.05` (the "),
        "{product}"
    );
    // A frequent one and a pool of too few.
    let said = note("", "shop");
    assert!(
        said.starts_with("a single bin: no two bins keep `min_share = 0.05`: 2 pre-bins with 2,000 rows"),
        "{said}"
    );
}

fn bin(bads: u64, rows: u64) -> Moments {
    let bads = bads as f64;
    Moments { rows, weight: rows as f64, sum: bads, squares: bads }
}

#[test]
fn nothing_is_in_the_way_of_what_cannot_or_need_not_be_parted() {
    let why = |prebins: &[Moments], params: &BinningParams| {
        let whole = prebins.iter().fold(Moments::default(), |sum, bin| sum.merge(*bin));
        assert_eq!(join(prebins, whole, IV, params).unwrap().runs, [prebins.len()]);
        why_single(prebins, whole, IV, params).map(|single| (single.limits(), single.to_string()))
    };
    let none = BinningParams { trend: Trend::None, ..BinningParams::default() };
    assert_eq!(why(&[bin(5, 50)], &none), None);
    assert_eq!(why(&[bin(5, 50), bin(0, 0)], &none), None, "one pre-bin with rows");
    assert_eq!(why(&[bin(5, 50), bin(10, 100)], &none), None, "they are alike");
    // The default `min_bads` gives way to a second bin; what is left is the least share.
    let (limits, text) = why(&[bin(6, 97), bin(0, 3)], &none).unwrap();
    assert_eq!(limits, ["min_share = 0.05"]);
    assert_eq!(
        text,
        "no two bins keep `min_share = 0.05`: 2 pre-bins with 100 rows, 94 of them good and 6 bad"
    );
    // Two limits at once.
    let both = BinningParams { min_share: 0.3, min_bads: 5.0, ..none };
    let (limits, text) = why(&[bin(50, 90), bin(1, 10)], &both).unwrap();
    assert_eq!(limits, [""; 0]);
    assert!(
        text.starts_with("no two bins keep all limits, and leaving out any one of them is not enough: "),
        "{text}"
    );
    // With weights the sums are not numbers of rows.
    let half = |bads: f64| Moments { rows: 30, weight: 15.25, sum: bads, squares: bads };
    let (_, text) = why(&[half(5.0), half(7.5)], &BinningParams { min_bads: 8.0, ..both }).unwrap();
    assert!(
        text.ends_with("2 pre-bins with 60 rows of total weight 30.5, 18 of it good and 12.5 bad"),
        "{text}"
    );
}
