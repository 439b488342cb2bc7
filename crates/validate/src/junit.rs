//! Gates as a JUnit report, which every CI system can show.

use quick_junit::{NonSuccessKind, Report, TestCase, TestCaseStatus, TestSuite};

use crate::{Error, GateResult};

/// Writes one test case for each gate, in the order given, into one suite named `suite`.
///
/// A failed case says the value and the limit. No times are written, so the same results give the same bytes.
///
/// # Errors
/// The XML writer refuses, which it has no reason to do.
pub fn junit(suite: &str, gates: &[GateResult]) -> Result<String, Error> {
    let mut cases = TestSuite::new(suite);
    for gate in gates {
        let status = if gate.passed {
            TestCaseStatus::success()
        } else {
            let mut failure = TestCaseStatus::non_success(NonSuccessKind::Failure);
            failure.set_type("gate").set_message(gate.to_string());
            failure
        };
        let mut case = TestCase::new(gate.name, status);
        case.set_classname("gates");
        cases.add_test_case(case);
    }
    let mut report = Report::new("arrears validate");
    report.add_test_suite(cases);
    report.to_string().map_err(|error| Error::Junit { message: error.to_string() })
}
