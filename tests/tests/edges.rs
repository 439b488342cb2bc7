//! The edges between crates, read from `cargo metadata`: data flows one way.

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand, Package};
use std::collections::BTreeSet;

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(arrears_tests::root().join("Cargo.toml"))
        .exec()
        .expect("cargo metadata")
}

fn package<'a>(metadata: &'a Metadata, name: &str) -> &'a Package {
    metadata.packages.iter().find(|p| p.name.as_str() == name).unwrap_or_else(|| panic!("no package {name}"))
}

/// Everything `name` links, directly or through others; dev- and build-dependencies left out.
fn links(metadata: &Metadata, name: &str) -> BTreeSet<String> {
    let resolve = metadata.resolve.as_ref().expect("a resolved graph");
    let mut open = vec![package(metadata, name).id.clone()];
    let mut seen = BTreeSet::new();
    while let Some(id) = open.pop() {
        let node = resolve.nodes.iter().find(|n| n.id == id).expect("every package is in the graph");
        for dep in &node.deps {
            let linked = dep.dep_kinds.iter().any(|k| k.kind == DependencyKind::Normal);
            let name = metadata[&dep.pkg].name.to_string();
            if linked && seen.insert(name) {
                open.push(dep.pkg.clone());
            }
        }
    }
    seen
}

fn ours(metadata: &Metadata, name: &str) -> Vec<String> {
    links(metadata, name).into_iter().filter(|n| n.starts_with("arrears")).collect()
}

#[test]
fn dependencies_point_one_way() {
    let metadata = metadata();
    assert_eq!(ours(&metadata, "arrears-expression"), [""; 0]);
    assert_eq!(ours(&metadata, "arrears-model"), ["arrears-expression"]);
    assert_eq!(ours(&metadata, "arrears-data"), ["arrears-expression", "arrears-model"]);
    assert_eq!(ours(&metadata, "arrears-validate"), ["arrears-data", "arrears-expression", "arrears-model"]);
    assert_eq!(
        ours(&metadata, "arrears-train"),
        ["arrears-data", "arrears-expression", "arrears-model", "arrears-validate"]
    );
    assert_eq!(ours(&metadata, "arrears-postgres"), ["arrears-data", "arrears-expression", "arrears-model"]);
    assert_eq!(ours(&metadata, "arrears-reports"), ["arrears-data", "arrears-expression", "arrears-model"]);
    assert_eq!(ours(&metadata, "arrears-behavior"), ["arrears-data", "arrears-expression", "arrears-model"]);
}

/// What asks agencies over HTTP is linked by the binary alone.
#[test]
fn only_the_binary_links_the_http_client() {
    let metadata = metadata();
    for package in
        ["arrears-behavior", "arrears-train", "arrears-serve", "arrears-assess", "arrears-postgres"]
    {
        assert!(!links(&metadata, package).contains("ureq"), "{package} links it");
    }
    assert!(links(&metadata, "arrears").contains("ureq"), "the graph was read");
}

/// The periodic run stands on features, scoring and the database, and never learns.
#[test]
fn assess_links_what_it_runs() {
    let expected = ["behavior", "data", "expression", "model", "postgres", "serve", "validate"];
    assert_eq!(ours(&metadata(), "arrears-assess"), expected.map(|name| format!("arrears-{name}")));
}

/// What speaks to a database is linked by the periodic run, which keeps its history there, and by the binary alone.
#[test]
fn only_the_run_and_the_binary_link_a_database() {
    let metadata = metadata();
    let pure = ["model", "expression", "data", "behavior", "validate", "train", "serve"];
    for package in pure.map(|name| format!("arrears-{name}")) {
        let links = links(&metadata, &package);
        for database in ["tokio-postgres", "arrears-postgres", "rusqlite"] {
            assert!(!links.contains(database), "{package} links {database}");
        }
    }
    assert!(links(&metadata, "arrears").contains("tokio-postgres"), "the graph was read");
}

#[test]
fn serve_never_links_train_or_a_learner() {
    let metadata = metadata();
    let links = links(&metadata, "arrears-serve");
    for learner in [
        "arrears-train",
        "linfa",
        "linfa-logistic",
        "linfa-trees",
        "linfa-clustering",
        "smartcore",
        "ndarray",
    ] {
        assert!(!links.contains(learner), "arrears-serve links {learner}");
    }
    assert!(links.contains("arrears-model"), "the graph was read");
}

#[test]
fn model_links_nothing_that_does_io() {
    let allowed = ["arrears-expression", "libm", "pulp", "serde", "serde_json", "sha2", "thiserror"];
    let metadata = metadata();
    let model = package(&metadata, "arrears-model");
    let direct: BTreeSet<&str> = model
        .dependencies
        .iter()
        .filter(|d| d.kind == DependencyKind::Normal)
        .map(|d| d.name.as_str())
        .collect();
    assert_eq!(direct, allowed.into_iter().collect(), "a pure crate: widen this list only for pure crates");
    for io in ["arrow", "parquet", "csv", "flate2", "tokio", "rayon", "rand", "chrono"] {
        assert!(!links(&metadata, "arrears-model").contains(io), "arrears-model links {io}");
    }
}
