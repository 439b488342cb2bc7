//! Whole variables: which are binned, by what, and how their plots read.

#![allow(clippy::unwrap_used, reason = "helper functions of tests")]

use arrears_data::{Cleaned, Format, Preparation, clean, clean_number_target, read_bytes};
use arrears_train::TrainError;
use arrears_train::binning::analysis::{AnalysisOptions, AnyTable, Cuts, VariableBins, analyse};
use arrears_train::binning::params::Trend;
use arrears_train::binning::plot::plot_svg;
use quick_xml::Reader;
use quick_xml::events::Event;

fn cleaned(csv: &str, recipe: &str) -> Cleaned {
    let loaded = read_bytes("t.csv", Format::Csv, csv.as_bytes()).unwrap();
    let recipe = Preparation::from_toml(recipe).unwrap();
    if recipe.data.target.as_deref() == Some("amount") {
        clean_number_target(loaded, &recipe).unwrap()
    } else {
        clean(loaded, &recipe).unwrap()
    }
}

fn options(variables: &[&str], splits: Option<&[f64]>) -> AnalysisOptions {
    let variables = variables.iter().map(|v| (*v).to_owned()).collect();
    AnalysisOptions { variables, splits: splits.map(<[f64]>::to_vec), ..AnalysisOptions::default() }
}

/// 200 rows: `age` tells the outcome well, `noise` does not; `w` weighs the older half double.
fn customers() -> String {
    let mut csv = String::from("age,noise,c,w,amount,y\n");
    for i in 0..200_u64 {
        let (age, noise) = (20 + i / 5, (i * 7919) % 13);
        let bad = u8::from((i * 37) % 100 < if i < 100 { 60 } else { 20 });
        let missing = if i % 40 == 0 { String::new() } else { age.to_string() };
        let name = ["u", "v"][usize::from(i % 3 == 0)];
        csv += &format!("{missing},{noise},{name},{},{},{bad}\n", 1 + i / 100, 10 * age + noise);
    }
    csv
}

const BINARY: &str = "[data]\ntarget = \"y\"\nexclude = [\"amount\", \"w\"]";

fn binary(variable: &VariableBins) -> &arrears_train::binning::table::BinningTable {
    match &variable.table {
        AnyTable::Binary(table) => table,
        AnyTable::Mean(_) => panic!("a table of means"),
    }
}

#[test]
fn all_features_come_by_information_value() {
    let variables = analyse(&cleaned(&customers(), BINARY), &AnalysisOptions::default()).unwrap().variables;
    let names: Vec<&str> = variables.iter().map(|v| v.variable.as_str()).collect();
    assert_eq!(names[0], "age");
    assert_eq!(names.len(), 3);
    assert!(variables.windows(2).all(|pair| pair[0].summary.iv >= pair[1].summary.iv));
    let category = variables.iter().find(|v| v.variable == "c").unwrap();
    assert!(matches!(&category.cuts, Cuts::Groups(groups) if groups.concat().len() == 2), "{category:?}");
    for variable in &variables {
        assert_eq!(binary(variable).total.count, 200);
    }
    assert_eq!(variables[0].summary.missing_share, 0.025);
}

#[test]
fn splits_of_the_user_are_taken_as_they_are() {
    let cleaned = cleaned(&customers(), BINARY);
    let variables = analyse(&cleaned, &options(&["age"], Some(&[25.0, 40.5]))).unwrap().variables;
    assert_eq!(variables[0].cuts, Cuts::Splits(vec![25.0, 40.5]));
    let counts: Vec<u64> = binary(&variables[0]).bins.iter().map(|b| b.count).collect();
    // Five rows an age; rows 0, 40, 80, 120 and 160 have none.
    assert_eq!(counts, [24, 78, 93, 5]);
}

#[test]
fn weights_count() {
    let recipe = "[data]\ntarget = \"y\"\nweight = \"w\"\nexclude = [\"amount\"]";
    let variables =
        analyse(&cleaned(&customers(), recipe), &options(&["age"], Some(&[40.0]))).unwrap().variables;
    let table = binary(&variables[0]);
    let weights: Vec<f64> = table.bins.iter().map(|b| b.weight).collect();
    assert_eq!(weights, [97.0, 196.0, 7.0]);
    assert_eq!((table.total.count, table.total.weight), (200, 300.0));
    assert_eq!(table.bins[1].share, 196.0 / 300.0);
}

#[test]
fn the_means_of_an_amount_follow_a_trend() {
    let recipe = "[data]\ntarget = \"amount\"\nexclude = [\"y\", \"w\"]";
    let variables = analyse(&cleaned(&customers(), recipe), &AnalysisOptions::default()).unwrap().variables;
    let age = variables.iter().find(|v| v.variable == "age").expect("it is a feature");
    let AnyTable::Mean(table) = &age.table else { panic!("a binary table") };
    let regular = &table.bins[..table.bins.len() - 1];
    assert!((2..=8).contains(&regular.len()), "{regular:?}");
    let means: Vec<f64> = regular.iter().map(|b| b.mean.expect("a regular bin has rows")).collect();
    let turns = means.windows(3).filter(|m| (m[1] > m[0]) != (m[2] > m[1])).count();
    let most = usize::from(matches!(age.trend, Trend::Peak | Trend::Valley));
    assert!(turns <= most, "{:?} {means:?}", age.trend);
    assert!(regular.iter().all(|b| b.count >= 10), "a twentieth of the rows: {regular:?}");
    assert_eq!(table.total.count, 200);
    let mean = table.total.sum / 200.0;
    assert!((table.total.mean.unwrap() - mean).abs() < 1e-9);
}

#[test]
fn what_cannot_be_binned_says_why() {
    let rows = cleaned(&customers().replace("age,noise", "age,same").replace(",c,", ",id,"), BINARY);
    let fails = |o: &AnalysisOptions| analyse(&rows, o).unwrap_err().to_string();
    assert!(fails(&options(&["w"], None)).contains("cannot bin `w`: its role is: excluded"));
    assert!(fails(&options(&["none"], None)).contains("the data have age, same, id"));
    assert!(fails(&options(&["age", "id"], Some(&[1.0]))).contains("2 are to be binned"));
    assert!(fails(&options(&["id"], Some(&[1.0]))).contains("`id` is a category"));
    for wrong in [&[][..], &[2.0, 1.0], &[1.0, 1.0], &[f64::NAN], &[f64::INFINITY]] {
        assert!(fails(&options(&["age"], Some(wrong))).contains("each above the one before"), "{wrong:?}");
    }
    let constant = cleaned("x,k,y\n1,5,0\n2,5,1\n2,5,0\n", "[data]\ntarget = \"y\"");
    let error = analyse(&constant, &options(&["k"], None)).unwrap_err();
    assert!(
        matches!(&error, TrainError::NotAFeature { why, .. } if why == "all rows have one value"),
        "{error}"
    );
    let free = cleaned("x\n1\n2\n2\n", "");
    let error = analyse(&free, &AnalysisOptions::default()).unwrap_err().to_string();
    assert!(error.contains("a binning table needs an outcome"), "{error}");
}

/// All text and attribute values of an SVG, and the names of its elements.
fn parts(svg: &str) -> (Vec<String>, Vec<String>) {
    let mut reader = Reader::from_str(svg);
    let (mut texts, mut names) = (Vec::new(), Vec::new());
    loop {
        match reader.read_event().unwrap() {
            Event::Eof => return (texts, names),
            Event::Text(text) => texts.push(String::from_utf8(text.to_vec()).unwrap()),
            Event::GeneralRef(entity) => {
                texts.push(format!("&{};", String::from_utf8(entity.to_vec()).unwrap()))
            }
            Event::Start(tag) | Event::Empty(tag) => {
                names.push(String::from_utf8(tag.name().as_ref().to_vec()).unwrap());
                for attribute in tag.attributes() {
                    let attribute = attribute.unwrap();
                    assert!(!attribute.key.as_ref().starts_with(b"on"), "{attribute:?}");
                    texts.push(String::from_utf8(attribute.value.to_vec()).unwrap());
                }
            }
            _ => {}
        }
    }
}

#[test]
fn a_plot_is_sound_xml_whatever_the_names() {
    let mut csv = String::from("\"<b>&\"\"'x\",y\n");
    let names = [
        "<script>alert(1)</script>",
        "]]>&amp;",
        "\u{1}\u{7}bell",
        "一个非常长的类别名称一个非常长的类别名称",
        "\"q\"",
    ];
    for i in 0..300 {
        csv += &format!("\"{}\",{}\n", names[i % 5].replace('"', "\"\""), u8::from(i % 7 < i % 5));
    }
    let variables =
        analyse(&cleaned(&csv, "[data]\ntarget = \"y\""), &AnalysisOptions::default()).unwrap().variables;
    let svg = plot_svg(&variables[0]);
    let (texts, elements) = parts(&svg);
    assert!(!elements.iter().any(|name| name == "script" || name == "b"), "{elements:?}");
    assert!(!svg.chars().any(|c| c.is_control() && c != '\n'));
    assert!(texts.iter().any(|text| text.contains("alert(1)")));
    assert!(svg.contains("prefers-color-scheme"));
    assert_eq!(svg, plot_svg(&variables[0]));
}

#[test]
fn a_plot_has_a_bar_for_each_part_and_a_dot_for_each_bin() {
    let cleaned = cleaned(&customers(), BINARY);
    let variables = analyse(&cleaned, &options(&["age"], Some(&[25.0, 40.5, 500.0]))).unwrap().variables;
    let svg = plot_svg(&variables[0]);
    parts(&svg);
    // Four intervals, one of them empty, and the missing.
    assert_eq!(svg.matches("<title>").count(), 5);
    assert_eq!(svg.matches("<circle class=\"dot\" ").count(), 4 + 1, "and one in the legend");
    assert_eq!(svg.matches("url(#hatch)").count(), 2);
    let line = svg.split_once("points=\"").unwrap().1.split_once('"').unwrap().0;
    assert_eq!(line.split(' ').count(), 3, "{line}");
    let recipe = "[data]\ntarget = \"amount\"\nexclude = [\"y\", \"w\"]";
    for variable in
        analyse(&crate::cleaned(&customers(), recipe), &AnalysisOptions::default()).unwrap().variables
    {
        let svg = plot_svg(&variable);
        parts(&svg);
        assert!(svg.contains("mean (right axis)") && !svg.contains("NaN"));
    }
}
