//! Every door gives what a batch gives of the same rows, bit for bit.

use crate::running::{PLUS, Running, SCORECARD, SEGMENTS, TREE, frozen, model, root};
use arrears_data::Format;
use arrears_data::arrow::array::{Array, AsArray, RecordBatch, StringArray};
use arrears_data::arrow::datatypes::Float64Type;
use arrears_data::arrow::ipc::reader::StreamReader;
use arrears_data::arrow::ipc::writer::StreamWriter;
use arrears_data::{ReadOptions, read_all};
use arrears_serve::{Input, Output, ScoreOptions, score_file};
use serde_json::{Map, Value, json};
use std::collections::BTreeMap;
use std::fs;
use std::sync::Arc;

const CSV: &str = "content-type: text/csv";
const CSV_BACK: &str = "accept: text/csv";

/// The bundled customers, some of them with what a model flags or refuses.
pub(crate) fn customers() -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_path(root().join("datasets/credit/data.csv")).unwrap();
    let header: Vec<String> = reader.headers().unwrap().iter().map(str::to_owned).collect();
    let mut rows: Vec<Vec<String>> =
        reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect();
    let at = |name: &str| header.iter().position(|known| known == name).unwrap();
    for (n, row) in rows.iter_mut().enumerate() {
        match n % 17 {
            1 => row[at("home")] = "castle, \"big\"".to_owned(),
            2 => row[at("income")] = "NA".to_owned(),
            3 => row[at("term_months")] = "-5".to_owned(),
            4 => row[at("amount")] = "many".to_owned(),
            5 => row[at("assets")] = "99999999".to_owned(),
            6 => row[at("debt")] = String::new(),
            7 => row[at("expenses")] = "1e400".to_owned(),
            _ => {}
        }
    }
    (header, rows)
}

fn csv_text(header: &[String], rows: &[Vec<String>]) -> Vec<u8> {
    let mut writer = csv::Writer::from_writer(Vec::new());
    writer.write_record(header).unwrap();
    rows.iter().for_each(|row| writer.write_record(row).unwrap());
    writer.into_inner().unwrap()
}

/// The rows of a batch by id: each output column by name; and the ids of the rejects.
struct Batch {
    rows: BTreeMap<String, BTreeMap<String, String>>,
    rejected: Vec<String>,
}

fn batch(which: (&str, &str), input: &[u8]) -> Batch {
    let folder = tempfile::tempdir().unwrap();
    let path = |name: &str| folder.path().join(name);
    fs::write(path("in.csv"), input).unwrap();
    let (output, rejects) = (Output::file(path("out.csv")), Output::file(path("rejects.csv")));
    let options = ScoreOptions { output, rejects, reasons: 4, points: false, id: None, overrides: None };
    score_file(&model(which), Input::file(path("in.csv")), options, |_| {}).unwrap();
    let rejected = named(&fs::read(path("rejects.csv")).unwrap());
    Batch {
        rows: named(&fs::read(path("out.csv")).unwrap())
            .into_iter()
            .map(|row| (row["id"].clone(), row))
            .collect(),
        rejected: rejected.into_iter().map(|row| row["id"].clone()).collect(),
    }
}

fn named(csv_bytes: &[u8]) -> Vec<BTreeMap<String, String>> {
    csv::Reader::from_reader(csv_bytes).deserialize().map(Result::unwrap).collect()
}

impl Batch {
    /// Holds the rows of an answer against the batch's; all in the order of the input.
    fn check(&self, ids: &[String], answer: Vec<BTreeMap<String, String>>) {
        assert!(self.rejected.len() > 100 && self.rows.len() > 3_000, "the input has both");
        assert_eq!(answer.len(), ids.len());
        for (id, mut row) in ids.iter().zip(answer) {
            assert_eq!(&row["id"], id, "in order");
            let error = row.remove("error").unwrap();
            match self.rows.get(id) {
                Some(expected) => {
                    assert_eq!(&row, expected, "id {id}");
                    assert_eq!(error, "");
                }
                None => {
                    assert!(self.rejected.contains(id));
                    assert!(error.starts_with("field `"), "{error}");
                    row.remove("id");
                    assert!(row.values().all(String::is_empty), "{row:?}");
                }
            }
        }
    }
}

#[test]
fn csv_of_every_model() {
    let (header, rows) = customers();
    let input = csv_text(&header, &rows);
    let ids: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    let models = [SCORECARD, TREE, SEGMENTS, PLUS];
    let running = Running::of(&models);
    for which in models {
        let answer = running.post(&format!("/models/{}/score", which.0), &[CSV, CSV_BACK], &input);
        assert_eq!(answer.status, 200, "{}", answer.text());
        assert_eq!(answer.header("content-type"), Some("text/csv"));
        batch(which, &input).check(&ids, named(&answer.body));
    }
}

/// A JSON answer as the columns of a batch.
fn columns(row: &Value, model: &arrears_model::Model) -> BTreeMap<String, String> {
    let text = |value: &Value| match value {
        Value::Null => String::new(),
        Value::Bool(yes) => if *yes { "yes" } else { "no" }.to_owned(),
        Value::String(text) => text.clone(),
        other => other.to_string(),
    };
    let mut columns: BTreeMap<String, String> = BTreeMap::new();
    columns.insert("id".to_owned(), text(&row["id"]));
    columns.insert("error".to_owned(), String::new());
    if let Some(error) = row.get("error") {
        let sentence = format!("field `{}`: {}", text(&error["field"]), text(&error["expected"]));
        columns.insert("error".to_owned(), sentence);
        return columns;
    }
    columns.insert("model".to_owned(), model.checksum().to_owned());
    for (key, value) in row.as_object().unwrap() {
        match key.as_str() {
            "reasons" => {
                for n in 0..4 {
                    columns.insert(format!("reason_{}", n + 1), text(&value[n]["text"]));
                }
            }
            "flags" => {
                let flags = value.as_array().unwrap().iter();
                let flags: Vec<String> =
                    flags.map(|flag| format!("{}: {}", text(&flag["field"]), text(&flag["what"]))).collect();
                columns.insert("flags".to_owned(), flags.join("; "));
            }
            "id" => {}
            // The shortest text of a number, as CSV has it; it reads back to the same bits.
            _ => {
                let number = value.as_f64().map(|x| x.to_string());
                columns.insert(key.clone(), number.unwrap_or_else(|| text(value)));
            }
        }
    }
    columns
}

/// The customers as JSON: numbers as numbers where they are some, empty as null.
fn objects(header: &[String], rows: &[Vec<String>]) -> Vec<Value> {
    let value = |text: &String| match text.as_str() {
        "" => Value::Null,
        other => match other.parse::<f64>() {
            Ok(x) if x.is_finite() => serde_json::from_str(other).unwrap(),
            _ => Value::from(other),
        },
    };
    let object = |row: &Vec<String>| {
        let pairs = header.iter().zip(row);
        Value::Object(
            pairs
                .map(|(name, text)| {
                    let value = if name == "id" { Value::from(text.as_str()) } else { value(text) };
                    (name.clone(), value)
                })
                .collect::<Map<_, _>>(),
        )
    };
    rows.iter().map(object).collect()
}

#[test]
fn json_of_every_model_and_form() {
    let (header, rows) = customers();
    let ids: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    let objects = objects(&header, &rows);
    let list = Value::from(objects.clone()).to_string();
    let ndjson: String = objects.iter().map(|object| format!("{object}\n")).collect();
    let split: Vec<Value> =
        objects.iter().map(|o| header.iter().map(|name| o[name].clone()).collect()).collect();
    let column = |name: &String| (name.clone(), objects.iter().map(|o| o[name].clone()).collect());
    let by_column = Value::Object(header.iter().map(column).collect());
    let models = [SCORECARD, TREE, SEGMENTS, PLUS];
    let running = Running::of(&models);
    for which in models {
        let expected = batch(which, &csv_text(&header, &rows));
        let model = model(which);
        let path = format!("/models/{}/score", which.0);
        for (headers, body) in [
            (&[][..], &list),
            (&["content-type: application/json; charset=utf-8"], &format!("{{\"rows\": {list}}}")),
            (&["content-type: application/x-ndjson"], &ndjson),
        ] {
            let answer = running.post(&path, headers, body);
            assert_eq!(answer.status, 200, "{}", answer.text());
            let answer = answer.json();
            assert_eq!(answer["model"]["checksum"], model.checksum());
            assert_eq!(answer["rejected"], expected.rejected.len());
            let rows = answer["rows"].as_array().unwrap().iter();
            expected.check(&ids, rows.map(|row| whole(columns(row, &model), &expected)).collect());
        }
    }
    let one = Running::of(&[TREE]);
    let expected = batch(TREE, &csv_text(&header, &rows));
    for body in [
        json!({ "dataframe_split": { "columns": header, "data": split } }),
        json!({ "dataframe_records": objects }),
        json!({ "instances": objects, "params": { "x": 1 } }),
        json!({ "inputs": objects }),
        json!({ "inputs": by_column }),
    ] {
        let answer = one.post("/invocations", &[], body.to_string());
        assert_eq!(answer.status, 200, "{}", answer.text());
        let answer = answer.json();
        let rows = answer["predictions"].as_array().unwrap().iter();
        expected.check(&ids, rows.map(|row| whole(columns(row, &model(TREE)), &expected)).collect());
    }
}

/// Of a row that was not scored, JSON has no empty columns.
fn whole(mut row: BTreeMap<String, String>, expected: &Batch) -> BTreeMap<String, String> {
    let names = expected.rows.values().next().unwrap().keys();
    names.for_each(|name| {
        row.entry(name.clone()).or_default();
    });
    row
}

#[test]
fn one_customer_at_a_time() {
    let (header, rows) = customers();
    let expected = batch(PLUS, &csv_text(&header, &rows));
    let running = Running::of(&[PLUS]);
    let model = model(PLUS);
    let mut client = running.client();
    for (row, object) in rows.iter().zip(objects(&header, &rows)).take(500) {
        let answer = client.request("POST /score", &[], object.to_string().as_bytes());
        match expected.rows.get(&row[0]) {
            Some(expected) => {
                let mut found = columns(&answer.json(), &model);
                found.remove("error");
                found.insert(
                    "model".to_owned(),
                    answer.json()["model"]["checksum"].as_str().unwrap().to_owned(),
                );
                assert_eq!((answer.status, &found), (200, expected));
            }
            None => {
                let fault = answer.json();
                assert_eq!((answer.status, &fault["code"]), (422, &json!("refused")));
                assert!(fault["error"].as_str().unwrap().contains(fault["field"].as_str().unwrap()));
            }
        }
    }
}

#[test]
fn arrow_in_and_out() {
    let (header, mut rows) = customers();
    // What a typed column cannot hold stays out of this input.
    rows.retain(|row| !row.iter().any(|text| matches!(text.as_str(), "many" | "1e400")));
    let ids: Vec<String> = rows.iter().map(|row| row[0].clone()).collect();
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("in.csv");
    fs::write(&path, csv_text(&header, &rows)).unwrap();
    let table =
        read_all(&path, &ReadOptions { format: Some(Format::Csv), ..ReadOptions::default() }).unwrap();
    let text = table.table.batch().clone();
    let expected = batch(SCORECARD, &csv_text(&header, &rows));
    let running = Running::of(&[SCORECARD]);
    for input in [text.clone(), typed(&text)] {
        let headers = [
            "content-type: application/vnd.apache.arrow.stream",
            "accept: application/vnd.apache.arrow.stream",
        ];
        let answer = running.post("/score", &headers, stream(&input));
        assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
        let mut reader = StreamReader::try_new(&answer.body[..], None).unwrap();
        let batch = reader.next().unwrap().unwrap();
        assert!(reader.next().is_none());
        expected.check(&ids, as_rows(&batch));
    }
}

fn stream(batch: &RecordBatch) -> Vec<u8> {
    let mut writer = StreamWriter::try_new(Vec::new(), &batch.schema()).unwrap();
    // More than one batch, and an empty one.
    writer.write(&batch.slice(0, 1_000)).unwrap();
    writer.write(&batch.slice(0, 0)).unwrap();
    writer.write(&batch.slice(1_000, batch.num_rows() - 1_000)).unwrap();
    writer.into_inner().unwrap()
}

/// The same with numbers as doubles and integers, and texts as dictionaries.
fn typed(batch: &RecordBatch) -> RecordBatch {
    use arrears_data::arrow::compute::cast;
    use arrears_data::arrow::datatypes::{DataType, Field, Schema};
    let dictionary = DataType::Dictionary(Box::new(DataType::Int16), Box::new(DataType::Utf8));
    let kinds = |name: &str| match name {
        "income" | "assets" | "debt" => DataType::Float64,
        "seniority" | "term_months" | "expenses" => DataType::Int32,
        "amount" | "price" => DataType::Int64,
        "home" | "job" => dictionary.clone(),
        "records" => DataType::LargeUtf8,
        _ => DataType::Utf8,
    };
    let schema = batch.schema();
    let fields: Vec<Field> =
        schema.fields().iter().map(|field| Field::new(field.name(), kinds(field.name()), true)).collect();
    // `NA` and empty texts become null.
    let columns =
        batch.columns().iter().zip(&fields).map(|(array, field)| cast(array, field.data_type()).unwrap());
    RecordBatch::try_new(Arc::new(Schema::new(fields.clone())), columns.collect()).unwrap()
}

/// An Arrow answer as texts.
fn as_rows(batch: &RecordBatch) -> Vec<BTreeMap<String, String>> {
    let texts = batch.columns().iter().map(|array| {
        let text = |row: usize| match array.as_primitive_opt::<Float64Type>() {
            _ if array.is_null(row) => String::new(),
            Some(numbers) => numbers.value(row).to_string(),
            None => array.as_any().downcast_ref::<StringArray>().unwrap().value(row).to_owned(),
        };
        (0..batch.num_rows()).map(text).collect::<Vec<_>>()
    });
    let texts: Vec<Vec<String>> = texts.collect();
    let schema = batch.schema();
    let row = |row: usize| {
        let names = schema.fields().iter().map(|field| field.name().clone());
        names.zip(texts.iter().map(|column| column[row].clone())).collect()
    };
    (0..batch.num_rows()).map(row).collect()
}

#[test]
fn the_frozen_files_are_served_as_they_are() {
    let running = Running::of(&[SCORECARD]);
    let served = running.get("/models").json();
    let file = fs::read(frozen(SCORECARD)).unwrap();
    let model = arrears_model::Model::from_bytes(&file).unwrap();
    assert_eq!(served["models"][0]["checksum"], model.checksum());
}
