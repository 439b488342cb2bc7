//! Conditions and formulas in the Common Expression Language (CEL), checked against named columns and compiled.
