//! What `train` says to people of rows kept together, segments, coefficients and rejected applicants.

use crate::show;
use arrears_train::Trained;

/// Where rows of a customer go, and what of theirs is on neither side; empty where nothing keeps them together.
pub(crate) fn kept_together(trained: &Trained) -> String {
    let preparation = &trained.recipe.preparation;
    let Some(group) = preparation.kept_together() else { return String::new() };
    let neither = trained.split.neither.len();
    let sides = match preparation.split.group {
        Some(_) => "are on one side",
        None => "may be on both sides",
    };
    let mut text = format!("{:>10}  rows of one `{group}` {sides}; in folds they are together\n", "");
    if neither > 0 {
        text += &format!("{neither:>10}  on neither: of the other side of the cut than their `{group}`\n");
    }
    text
}

/// The scorecards of segments and the single one beside each other; empty where no segments were found.
pub(crate) fn segments(trained: &Trained) -> String {
    let Some(comparison) = trained.segments.as_ref().and_then(|report| report.comparison.as_ref()) else {
        return String::new();
    };
    let rows = comparison.segments.iter().map(|s| {
        let auc = |model: usize| s.auc.map_or("-".to_owned(), |auc| format!("{:.4}", auc[model]));
        vec![
            s.name.clone(),
            show::count(s.rows),
            show::count(s.bads),
            show::share(s.bads, s.rows),
            s.characteristics.to_string(),
            auc(0),
            auc(1),
            format!("{:.4}", s.log_loss[0]),
            format!("{:.4}", s.log_loss[1]),
        ]
    });
    let header = [
        "segment",
        "rows",
        "bads",
        "bad rate",
        "variables",
        "AUC own",
        "AUC single",
        "log loss own",
        "log loss single",
    ];
    show::heading("Segments, on training rows that neither model has seen")
        + &show::table(&header, rows.collect(), &[1, 2, 3, 4, 5, 6, 7, 8])
}

/// Coefficients with their errors, and how well the fit describes its rows; empty where there are none.
pub(crate) fn coefficients(trained: &Trained) -> String {
    if trained.coefficients.is_empty() {
        return String::new();
    }
    let rows = trained.coefficients.iter().map(|c| {
        let mut row = vec![c.column.clone(), format!("{:.4}", c.estimate)];
        row.extend(c.inference.into_iter().flat_map(|i| {
            let (low, high) = i.interval;
            let p = if i.p_value < 0.0001 { "<0.0001".to_owned() } else { format!("{:.4}", i.p_value) };
            [format!("{:.4}", i.standard_error), format!("{:.2}", i.z), p, format!("{low:.3} to {high:.3}")]
        }));
        row
    });
    let errors = trained.coefficients.iter().any(|c| c.inference.is_some());
    let header = ["coefficient", "estimate", "error", "z", "p", "95% interval"];
    let header = if errors { &header[..] } else { &header[..2] };
    let mut text = show::heading("Coefficients");
    text += &show::table(header, rows.collect(), &[1, 2, 3, 4]);
    text += &trained.goodness.as_ref().map_or(String::new(), |g| {
        format!(
            "  deviance {:.1} (intercept alone {:.1}), {:.1} parameters, AIC {:.1}, BIC {:.1}\n",
            g.deviance, g.null_deviance, g.degrees, g.aic, g.bic
        )
    });
    text + &remarks(&trained.coefficient_remarks())
}

/// The way of stepwise selection; empty where there was none.
pub(crate) fn stepwise(trained: &Trained) -> String {
    let Some(first) = trained.stepwise.first() else { return String::new() };
    let rows = trained.stepwise.iter().enumerate().map(|(at, made)| {
        let way = if made.entered { "in" } else { "out" };
        let decimals = if made.before.is_some() { 2 } else { 4 };
        let before = made.before.map(|before| format!("{before:.2}")).unwrap_or_default();
        let after = format!("{:.decimals$}", made.after);
        vec![(at + 1).to_string(), way.to_owned(), made.variable.clone(), before, after]
    });
    let by_p = first.before.is_none();
    let after = if by_p { first.criterion.clone() } else { format!("{} after", first.criterion) };
    let before = if by_p { String::new() } else { format!("{} before", first.criterion) };
    let title = format!("Stepwise selection ({}, {})", trained.recipe.selection.stepwise, first.criterion);
    let header = ["step", "", "variable", before.as_str(), after.as_str()];
    show::heading(&title) + &show::table(&header, rows.collect(), &[0, 3, 4])
}

/// What became of the rejected applicants, and how much the model depends on what is assumed of them; empty where
/// there are none.
pub(crate) fn rejects(trained: &Trained) -> String {
    let Some(rejects) = &trained.rejects else { return String::new() };
    let mut text = show::heading(&format!("Rejected applicants ({})", rejects.data));
    text += &rejects.cleaning.to_string();
    text += &remarks(&rejects.notes);
    let s = &rejects.sensitivity;
    let percent = |share: f64| format!("{:.1}%", 100.0 * share);
    let auc = |auc: Option<f64>| auc.map_or("-".to_owned(), |auc| format!("{auc:.4}"));
    let alone = ["accepted alone".to_owned(), String::new(), String::new(), percent(s.accepted_bad_rate)];
    let alone = alone.into_iter().chain([auc(s.accepted_auc), String::new()]).collect();
    let cases = s.cases.iter().map(|case| {
        let used = case.method == rejects.method && case.prudence == rejects.prudence;
        vec![
            format!("{}{}", case.method, if used { " (used)" } else { "" }),
            case.prudence.to_string(),
            percent(case.inferred_bad_rate),
            percent(case.door_bad_rate),
            auc(case.auc),
            case.most_shifted(),
        ]
    });
    let header = ["method", "prudence", "bad rate of rejected", "of all", "AUC, accepted", "largest shift"];
    text + &show::table(&header, std::iter::once(alone).chain(cases).collect(), &[1, 2, 3, 4])
}

/// Lines of their own, each set in.
pub(crate) fn remarks(remarks: &[String]) -> String {
    remarks.iter().map(|remark| format!("  {remark}\n")).collect()
}
